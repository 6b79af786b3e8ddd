"""Runs the child that parses: bounded in memory and time, killed without asking, heard line by line."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from weiduan.ground.base.errors import BadInput

from . import child

_DAMAGED = {
    "workbook": _("The file is damaged and can't be read. Open it in Excel or WPS and save it as .xlsx again."),
    "geojson": _("The file is damaged and can't be read. Export it again from the GIS program."),
    "vector": _("The file is damaged and can't be read. Export it again from the GIS program."),
}
_REASONS = {
    "text": _("The file holds more text than a survey has. Split it by town or village and hand in the parts."),
    "sheets": _(
        "The workbook has %(first)s sheets; at most %(sheets)d are read. Delete those that don't belong to it."
    ),
    "columns": _("Sheet “%(first)s” has more than %(columns)d columns. Delete what lies to the right of the table."),
    "rows": _("The workbook has more than %(rows)d rows. Split it by town or village and hand in the parts."),
    "points": _("The shapes have more than %(points)d points together. Simplify them or split the file."),
    "layers": _("The file has %(first)s layers; exactly one is read. Save the layer on its own."),
    "no_crs": _("The file does not say its coordinate system. Set it in the GIS program and save again."),
    "no_gis": _(
        "GeoPackage and Shapefile need the extra “gis” (pip install 'weiduan[gis]'). GeoJSON works without it."
    ),
    "not_a_collection": _("This is not a GeoJSON FeatureCollection. Export the layer as GeoJSON from the GIS program."),
}
_BOUNDS = {
    "sheets": child.MOST_SHEETS,
    "columns": child.MOST_COLUMNS,
    "rows": child.MOST_ROWS,
    "points": child.MOST_POINTS,
}
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")  # nothing secret goes to the child


def lines_from_child(job: str, path: Path, *, memory_mb: int, seconds: int) -> Generator[Any, None, None]:
    """Yield what the child prints about `path`, as it comes.

    :raises BadInput: the file can't be read within the limits, or not at all
    """
    command = [sys.executable, "-I", child.__file__, job, str(path.resolve()), str(memory_mb), str(seconds)]
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    )
    late = threading.Event()
    timer = threading.Timer(seconds, _kill, (process, late))
    timer.start()
    ended = False
    try:
        assert process.stdout is not None
        for line in process.stdout:
            value = _value(line)
            if isinstance(value, dict) and "error" in value and "n" not in value:
                raise _refusal(job, value)
            ended = isinstance(value, dict) and "end" in value
            if not ended and value is not None:
                yield value
    finally:
        timer.cancel()
        process.kill()
        process.stdout.close() if process.stdout else None
        code = process.wait()
    if not ended:
        raise _failure(job, code, late.is_set(), memory_mb, seconds)


def _kill(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()


def _value(line: bytes) -> Any:
    """Return a line's value; a line cut short by the child's death is as good as none."""
    try:
        return json.loads(line)
    except ValueError:
        return None


def _refusal(job: str, value: dict) -> BadInput:
    reason = _REASONS.get(value["error"])
    if reason is None:
        return BadInput(_DAMAGED[job])
    first = value["where"][0] if value["where"] else ""
    return BadInput(reason, first=first, **_BOUNDS)


def _failure(job: str, code: int, late: bool, memory_mb: int, seconds: int) -> BadInput:
    """Return the refusal for a child that died; without memory Rust aborts, Python exits with 3, Linux kills."""
    if late or code == -signal.SIGXCPU:
        return BadInput(
            _("Reading the file took more than %(seconds)d seconds and was stopped. Split it by town or village."),
            seconds=seconds,
        )
    if code in (3, -signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS, -signal.SIGKILL):
        return BadInput(
            _("Reading the file took more than %(memory)d MB of memory and was stopped. Split it by town or village."),
            memory=memory_mb,
        )
    return BadInput(_DAMAGED[job])
