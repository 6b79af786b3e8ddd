"""On PostgreSQL, what reports are found by goes neither into the server's log nor into a base backup: the clock makes it anew."""

from django.db import migrations


def out_of_the_log(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute("ALTER TABLE governance_searchwords SET UNLOGGED")


def into_the_log(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute("ALTER TABLE governance_searchwords SET LOGGED")


class Migration(migrations.Migration):
    dependencies = [("governance", "0007_a_draft_can_be_annulled")]

    operations = [migrations.RunPython(out_of_the_log, into_the_log)]
