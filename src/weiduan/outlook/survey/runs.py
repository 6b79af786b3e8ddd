"""A survey sent in by page: kept, checked and loaded by the worker, with progress to look at."""

import hashlib
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, Refused
from weiduan.ground.base.room import refuse_without_room
from weiduan.ground.territory.queries import area_by_code

from .actions import load_shapes, load_survey
from .faults import Fault
from .intake import counts_of, take_shapes, take_workbook
from .models import SurveyRun
from .workbook import write_marked

SHOWN_FAULTS = 200
TELL_EVERY = 0.5  # seconds between two notes of progress


class NotReady(Refused):
    """The run isn't in a state from which it can be loaded or given up."""


def send_in(upload: UploadedFile, *, area: str, kind: str, coordinates: str, by: User, at: datetime) -> SurveyRun:
    """Keep an uploaded file and queue its check.

    :raises NotFound: no such area, or not for `by`
    :raises BadInput: too large
    """
    area_by_code(area, on=local_day(at))
    require(by, Duty.SURVEY, in_area=area, at=at)
    if upload.size is not None and upload.size > settings.SURVEY_MAX_UPLOAD_BYTES:
        raise BadInput(_("The file is larger than %(most)s MB. Split it by town or village and hand in the parts.")
                       % {"most": settings.SURVEY_MAX_UPLOAD_BYTES // 1024 // 1024})  # fmt: skip
    with transaction.atomic():
        run = SurveyRun(
            by=by, area=area, kind=kind, coordinates=coordinates, file_name=(upload.name or "")[:120], started_at=at
        )
        run.sha256, run.file = _keep(upload, run)
        run.save()
        key = str(run.pk)
        transaction.on_commit(lambda: check_run.enqueue(key))
    return run


def _keep(upload: UploadedFile, run: SurveyRun) -> tuple[str, str]:
    """Write the file under a name of ours; return its checksum and that name."""
    refuse_without_room()
    folder = Path(settings.MEDIA_ROOT) / "surveys"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{run.pk}{Path(run.file_name).suffix[:10] if run.kind == 'shapes' else '.xlsx'}"
    digest = hashlib.sha256()
    with (folder / name).open("wb") as kept:
        for chunk in upload.chunks():
            digest.update(chunk)
            kept.write(chunk)
    return digest.hexdigest(), name


def path_of(run: SurveyRun) -> Path:
    """Return where the file of a run lies."""
    return Path(settings.MEDIA_ROOT) / "surveys" / run.file


def marked_path(run: SurveyRun) -> Path:
    """Return where the marked workbook of a faulty run lies."""
    return path_of(run).with_name(f"{run.pk}-marked.xlsx")


@task()
def check_run(key: str) -> None:
    """Check a run; the worker calls this."""
    run = _begin(key, "waiting", "checking")
    if run is None:
        return
    try:
        (_check_shapes if run.kind == "shapes" else _check_workbook)(run, _teller(run))
    except Refused as refusal:
        _end(run, "refused", refusal=refusal.message)


def _check_workbook(run: SurveyRun, tell: Callable[[int, int, str], None]) -> None:
    taken = take_workbook(path_of(run), area=run.area, on=None, today=local_day(timezone.now()), progress=tell)
    checked = taken.checked
    run.on = checked.on
    if checked.fault_count:
        write_marked(marked_path(run), taken.workbook, checked.faults)
        _end(run, "faulty", {"faults": _told(checked.faults), "fault_count": checked.fault_count})
    else:
        _end(run, "ready", {"counts": counts_of(checked), "changes": _changes(checked.diff)})


def _check_shapes(run: SurveyRun, tell: Callable[[int, int, str], None]) -> None:
    on = local_day(timezone.now())
    checked = take_shapes(path_of(run), area=run.area, coordinates=run.coordinates, on=on, progress=tell)
    run.on = on
    warnings = _told(checked.warnings)
    if checked.faults:
        _end(run, "faulty", {"faults": _told(checked.faults), "fault_count": len(checked.faults), "warnings": warnings})
    else:
        _end(run, "ready", {"shapes": len(checked.shapes), "warnings": warnings})


def _told(faults: list[Fault]) -> list[dict]:
    return [{"sheet": f.sheet, "row": f.row, "column": f.column, "message": f.message} for f in faults[:SHOWN_FAULTS]]


def _changes(diff) -> list[dict]:
    """Return the first changed rows in plain words; personal columns only say that they changed."""
    changed = [change for sheet in diff for change in sheet.changed]
    return [
        {
            "sheet": change.sheet.title,
            "row": " ".join(str(part) for part in change.identity if part),
            "lines": change.lines(),
        }
        for change in changed[:SHOWN_FAULTS]
    ]


def ask_to_load(run: SurveyRun, *, by: User, at: datetime) -> SurveyRun:
    """Queue the loading of a checked run; asked twice, it is loaded once.

    :raises NotReady: it isn't checked, has faults, or is being loaded already
    """
    require(by, Duty.SURVEY, in_area=run.area, at=at)
    with transaction.atomic():
        moved = SurveyRun.objects.filter(pk=run.pk, state="ready").update(state="loading", by=by)
        if not moved:
            raise NotReady(_("This survey can't be loaded now: look at its state."))
        key = str(run.pk)
        transaction.on_commit(lambda: load_run.enqueue(key))
    run.refresh_from_db()
    return run


@task()
def load_run(key: str) -> None:
    """Load a run; the worker calls this. The file is read and checked again: figures may have changed since."""
    run = SurveyRun.objects.select_related("by").get(pk=UUID(key))
    if run.state != "loading" or run.by is None:
        return
    at, tell = timezone.now(), _teller(run)
    try:
        (_load_shapes if run.kind == "shapes" else _load_workbook)(run, at, tell)
        path_of(run).unlink(missing_ok=True)
    except Refused as refusal:
        _end(run, "refused", refusal=refusal.message)


def _load_shapes(run: SurveyRun, at: datetime, tell: Callable[[int, int, str], None]) -> None:
    on = run.on or local_day(at)
    checked = take_shapes(path_of(run), area=run.area, coordinates=run.coordinates, on=on, progress=tell)
    if checked.faults:
        raise BadInput(_("Something it refers to has changed since the check. Hand it in again."))
    drawn = load_shapes(checked.shapes, area=run.area, on=on, by=run.by, at=at)
    _end(run, "loaded", run.result | {"drawn": drawn})


def _load_workbook(run: SurveyRun, at: datetime, tell: Callable[[int, int, str], None]) -> None:
    taken = take_workbook(path_of(run), area=run.area, on=None, today=local_day(at), progress=tell)
    if taken.checked.diff is None or taken.checked.on is None:
        raise BadInput(_("Something it refers to has changed since the check. Hand it in again."))
    share = lambda done, what: tell(int(done), 100, what)  # noqa: E731
    load_survey(
        taken.checked.rows, area=run.area, on=taken.checked.on, by=run.by, at=at, sha256=run.sha256, progress=share
    )
    _end(run, "loaded", run.result)


def give_up(run: SurveyRun, *, by: User, at: datetime) -> None:
    """Give a run up and delete its file.

    :raises NotReady: it is being loaded
    """
    require(by, Duty.SURVEY, in_area=run.area, at=at)
    states = ("waiting", "checking", "faulty", "ready", "refused")
    if not SurveyRun.objects.filter(pk=run.pk, state__in=states).update(state="given_up", ended_at=at):
        raise NotReady(_("This survey can't be given up any more."))
    path_of(run).unlink(missing_ok=True)
    marked_path(run).unlink(missing_ok=True)


def _begin(key: str, state: str, then: str) -> SurveyRun | None:
    """Take a run in hand, unless somebody gave it up meanwhile."""
    if not SurveyRun.objects.filter(pk=UUID(key), state=state).update(state=then):
        return None
    return SurveyRun.objects.get(pk=UUID(key))


def _end(run: SurveyRun, state: str, result: dict | None = None, refusal: str = "") -> None:
    SurveyRun.objects.filter(pk=run.pk).exclude(state="given_up").update(
        state=state, result=result or {}, refusal=refusal, on=run.on, ended_at=timezone.now()
    )


def _progress_key(run: SurveyRun) -> str:
    return f"survey-progress-{run.pk}"


def progress_of(run: SurveyRun) -> tuple[int, str]:
    """Return how far a run under way is, in per cent, and what it is doing."""
    return cache.get(_progress_key(run)) or (0, "")


def _teller(run: SurveyRun) -> Callable[[int, int, str], None]:
    """Note progress now and then, in the cache: the database would show it only when all is committed."""
    last = 0.0

    def tell(done: int, total: int, what: str) -> None:
        nonlocal last
        if time.monotonic() - last > TELL_EVERY:
            last = time.monotonic()
            share = min(99, int(done * 100 / total)) if total else 0
            cache.set(_progress_key(run), (share, what), 3600)

    return tell
