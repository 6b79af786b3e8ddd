from functools import partial

from django.core.files.base import ContentFile
from django.db import migrations, transaction

from weiduan.ground.base.casekeys import Key, seal_for


def seal(apps, schema_editor):
    """Seal what was written so far with keys of each case, photos too, and keep who wrote it down with the report itself."""
    Report, Step = apps.get_model("governance", "Report"), apps.get_model("governance", "Step")
    for step in Step.objects.filter(what="told"):
        Report.objects.filter(pk=step.report_id).update(told_by=step.by_id)
    Step.objects.filter(what="told").delete()
    for report in Report.objects.iterator():
        report.sealed_text = _sealed(report.pk, report.text)
        report.sealed_place = _sealed(report.pk, report.place)
        report.save(update_fields=["sealed_text", "sealed_place"])
    turns = {}
    for step in Step.objects.order_by("at", "pk").iterator():
        step.sealed_words = _sealed(step.report_id, step.words, Key.PERSON if step.is_internal else Key.WORDS)
        if step.what == "added":
            step.turn = turns[step.report_id] = turns.get(step.report_id, 0) + 1
        step.save(update_fields=["sealed_words", "turn"])
    for photo in apps.get_model("governance", "ReportPhoto").objects.iterator():
        with photo.file.open("rb") as file:
            content = ContentFile(seal_for(photo.report_id, file.read(), Key.WORDS))
        transaction.on_commit(partial(photo.file.storage.delete, photo.file.name))
        photo.file.save(f"{photo.pk.hex}.sealed", content)


def _sealed(case, text, key=Key.WORDS):
    return seal_for(case, text, key) if text else b""


class Migration(migrations.Migration):

    dependencies = [("governance", "0002_sealed_words")]

    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
