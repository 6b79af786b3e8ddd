"""The table in which wrong tries to sign in are counted, beside the accounts they are counted for."""

from django.core.management import call_command
from django.db import migrations


def make_table(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_keep_services")]

    operations = [migrations.RunPython(make_table, migrations.RunPython.noop)]
