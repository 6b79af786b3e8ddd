from django.db import migrations

from weiduan.ground.base.casekeys import Key, open_for
from weiduan.systems.governance.reports.grams import grams_of

ON_POSTGRESQL = [
    "CREATE INDEX governance_search ON governance_searchwords USING gin (to_tsvector('simple', grams))",
]
# The index keeps no copy of its own of what it was made from; it is told of every change.
ON_SQLITE = [
    "CREATE VIRTUAL TABLE governance_search USING fts5(grams, content='governance_searchwords', content_rowid='id')",
    "CREATE TRIGGER governance_search_new AFTER INSERT ON governance_searchwords BEGIN "
    "INSERT INTO governance_search(rowid, grams) VALUES (NEW.id, NEW.grams); END",
    "CREATE TRIGGER governance_search_gone AFTER DELETE ON governance_searchwords BEGIN "
    "INSERT INTO governance_search(governance_search, rowid, grams) VALUES ('delete', OLD.id, OLD.grams); END",
    "CREATE TRIGGER governance_search_other AFTER UPDATE ON governance_searchwords BEGIN "
    "INSERT INTO governance_search(governance_search, rowid, grams) VALUES ('delete', OLD.id, OLD.grams); "
    "INSERT INTO governance_search(rowid, grams) VALUES (NEW.id, NEW.grams); END",
]


def make_the_index(apps, schema_editor):
    for statement in ON_POSTGRESQL if schema_editor.connection.vendor == "postgresql" else ON_SQLITE:
        schema_editor.execute(statement)


def fill_it(apps, schema_editor):
    Report, SearchWords = apps.get_model("governance", "Report"), apps.get_model("governance", "SearchWords")
    for report in Report.objects.iterator():
        words = [open_for(report.pk, sealed, Key.WORDS) or "" for sealed in (report.sealed_text, report.sealed_place)]
        SearchWords.objects.create(report=report, grams=grams_of("\n".join(words)))


class Migration(migrations.Migration):

    dependencies = [("governance", "0003_seal_what_was_written")]

    operations = [
        migrations.RemoveField(model_name="report", name="place"),
        migrations.RemoveField(model_name="report", name="text"),
        migrations.RemoveField(model_name="step", name="words"),
        migrations.RunPython(make_the_index, migrations.RunPython.noop),
        migrations.RunPython(fill_it, migrations.RunPython.noop),
    ]
