"""Read tables of divisions and of lineage from CSV files."""

import csv
import io
import re
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from weiduan.ground.base.errors import BadInput

from .rules import Level, level_of, parent_code, short_name

Row = dict[str, Any]
MOST_BYTES = 200 * 1024 * 1024


def read_divisions(path: Path) -> list[Row]:
    """Read divisions: columns code, name and, if there, kind, lon, lat. Return one row each, in order of code.

    :raises BadInput: no such file, not a CSV, a missing column, a wrong or doubled code
    """
    rows: dict[str, Row] = {}
    for number, raw in _lines(path, ("code", "name")):
        row = _division(raw, path, number)
        if row["code"] in rows:
            raise BadInput(_("%(file)s, line %(line)s: the code %(code)s stands there twice.")
                           % {"file": path.name, "line": number, "code": row["code"]})  # fmt: skip
        rows[row["code"]] = row
    _refuse_orphans(rows, path)
    return [rows[code] for code in sorted(rows)]


def _division(raw: dict[str, str], path: Path, number: int) -> Row:
    code, name = (raw["code"] or "").strip(), (raw["name"] or "").strip()
    try:
        level = level_of(code)
    except ValueError:
        level = None
    if level is None or level > Level.VILLAGE or not name:
        raise BadInput(_("%(file)s, line %(line)s: “%(code)s %(name)s” is no division; a code has 12 digits and a name.")
                       % {"file": path.name, "line": number, "code": code, "name": name})  # fmt: skip
    return {
        "code": code, "name": short_name(name), "kind": (raw.get("kind") or "").strip(), "lon": _float(raw.get("lon")),
        "lat": _float(raw.get("lat")),
    }  # fmt: skip


def _refuse_orphans(rows: dict[str, Row], path: Path) -> None:
    highest = min((level_of(code) for code in rows), default=Level.PROVINCE)
    for code, row in rows.items():
        above = parent_code(code)
        if level_of(code) != highest and above not in rows:
            raise BadInput(_("%(file)s: %(code)s %(name)s lies in %(above)s, which the table does not hold.")
                           % {"file": path.name, "code": code, "name": row["name"], "above": above})  # fmt: skip


def read_lineage(path: Path) -> list[Row]:
    """Read a table from old to new: columns old_code, new_code and, if there, kind and basis.

    :raises BadInput: as for divisions
    """
    rows = []
    seen: set[str] = set()
    for number, raw in _lines(path, ("old_code", "new_code")):
        if raw["old_code"] in seen:
            raise BadInput(_("%(file)s, line %(line)s: the code %(code)s stands there twice.")
                           % {"file": path.name, "line": number, "code": raw["old_code"]})  # fmt: skip
        seen.add(raw["old_code"])
        rows.append({key: (raw.get(key) or "").strip() for key in ("old_code", "new_code", "kind", "basis")})
    return rows


def edition_year(path: Path) -> int:
    """Return the year in the name of an edition's file.

    :raises BadInput: there is none
    """
    years = re.findall(r"(?:19|20)\d\d", path.name)
    if not years:
        raise BadInput(_("The file name %(file)s names no year; say the day with --on and put the year in the name.")
                       % {"file": path.name})  # fmt: skip
    return int(years[-1])


def _lines(path: Path, needed: tuple[str, ...]):
    reader = csv.DictReader(io.StringIO(_text(path)))
    missing = [name for name in needed if name not in (reader.fieldnames or ())]
    if missing:
        raise BadInput(_("%(file)s has no column “%(column)s”; its first line must name the columns.")
                       % {"file": path.name, "column": missing[0]})  # fmt: skip
    rows = list(enumerate(reader, start=2))
    if not rows:
        raise BadInput(_("%(file)s is empty.") % {"file": path.name})
    return rows


def _text(path: Path) -> str:
    """Decode as UTF-8, else as GB 18030, which spreadsheets on Chinese Windows write."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadInput(_("%(file)s is larger than 200 MB.") % {"file": path.name})
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(_("%(file)s can't be read: is the path right?") % {"file": path}) from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise BadInput(_("%(file)s is no text; save the table as CSV (UTF-8).") % {"file": path.name})


def _float(text: str | None) -> float | None:
    try:
        return float(text) if text and text.strip() else None
    except ValueError:
        return None
