"""Checks a survey without touching the database: every fault at its cell, and what loading would change."""

from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from weiduan.ground.base.geo import gcj02_to_wgs84

from .checks.ground import check_ground
from .checks.organisations import check_organisations
from .checks.people import check_members, check_posts
from .checks.survey import Known, Survey
from .diff import DECIMALS, Diff, compare
from .faults import Fault, Faults
from .reader import Cover, Progress, Workbook
from .rows import Heading, Row, Rows, note_on_cover, read_heading, read_rows
from .sheets import GRIDS, MEMBERS, ORGANISATIONS, PREMISES, SHEETS, UNITS, Sheet

__all__ = ["Checked", "Heading", "Known", "check", "check_rows", "heading_of"]


@dataclass
class Checked:
    """The result of a check.

    faults       at most 5,000, in the workbook's order; fault_count is how many there are in all
    rows         sheet key -> rows of values, points in WGS 84; posts of one person share name and telephone
    diff         what loading would change; None as long as there are faults
    area, on     the survey's area (12 digits) and day
    coordinates  what the points in `rows` are in: those in GCJ-02 have been moved to WGS 84
    """

    area: str | None
    on: date | None
    coordinates: str | None
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    rows: dict[str, list[Row]] = field(default_factory=dict)
    diff: Diff | None = None


def heading_of(workbook: Workbook) -> Heading:
    """Return area, day and coordinate system as the cover says them, None where it can't be told.

    The caller fills Known for this area on this day; `check` reports what is wrong with the cover.
    """
    return read_heading(workbook.cover, Faults())


def check(
    workbook: Workbook,
    known: Known,
    *,
    area: str | None = None,
    on: date | None = None,
    today: date,
    progress: Progress | None = None,
) -> Checked:
    """Check a workbook as read.

    area, on  what the person chose beside the file, if anything: the cover must say the same
    today     a survey can't be of a later day
    """
    faults = Faults()
    heading = read_heading(workbook.cover, faults)
    _check_heading(workbook.cover, heading, known, area, on, today, faults)
    for fault in workbook.faults:
        faults.note(fault)
    rows = read_rows(workbook, faults, progress)
    complete = all(sheet.key in workbook.sheets for sheet in SHEETS)
    if complete and not workbook.strangers and not any(rows.rows.values()):
        faults.note(Fault("", 0, "", _("The workbook holds no rows. Fill in the sheets and hand it in again.")))
    area, on = area or heading.area, on or heading.on
    if area == heading.area and area in known.divisions and on is not None:
        absent = {sheet.key for sheet in SHEETS if not _has_codes(workbook, sheet)}
        _check_between_rows(Survey(rows, known, faults, str(area), on, absent=absent), progress)
    return _checked(Heading(area, on, heading.coordinates), rows, known, faults)


def check_rows(
    rows: dict[str, list[Row]],
    known: Known,
    *,
    area: str,
    on: date,
    coordinates: str = "wgs84",
    progress: Progress | None = None,
) -> Checked:
    """Check rows that come from a program and not from a workbook; row i counts as row i + 2."""
    faults, data = Faults(), Rows()
    data.rows |= rows
    _check_between_rows(Survey(data, known, faults, area, on), progress)
    return _checked(Heading(area, on, coordinates), data, known, faults)


def _check_heading(
    cover: Cover, heading: Heading, known: Known, area: str | None, on: date | None, today: date, faults: Faults
) -> None:
    """The cover names a known area and a day that has come, and agrees with what was chosen."""
    if heading.area and area and heading.area != area:
        text = _("The file is of %(file)s, but %(chosen)s was chosen. Choose the other area or hand in its file.")
        values = {"file": _named(heading.area, known), "chosen": _named(area, known)}
        note_on_cover(cover, "area", text % values, faults)
    elif heading.area and heading.area not in known.divisions:
        note_on_cover(
            cover,
            "area",
            _("There is no division %(code)s. Fill in the code of a district, town, village or community.")
            % {"code": heading.area},
            faults,
        )
    if heading.on and on and heading.on != on:
        text = _("The file says %(file)s, but %(chosen)s was chosen as the day of the survey.")
        note_on_cover(cover, "date", text % {"file": heading.on, "chosen": on}, faults)
    elif heading.on and heading.on > today:
        note_on_cover(
            cover, "date", _("The day of the survey, %(day)s, has not come yet.") % {"day": heading.on}, faults
        )


def _named(code: str, known: Known) -> str:
    name = known.divisions.get(code)
    return f"{name}（{code}）" if name else code


def _has_codes(workbook: Workbook, sheet: Sheet) -> bool:
    """Whether a sheet is there, with the column of its own codes."""
    data = workbook.sheets.get(sheet.key)
    return data is not None and sheet.identity[0] in data.letters()


def _check_between_rows(survey: Survey, progress: Progress | None) -> None:
    """Check what rows say of each other, sheet by sheet."""
    steps = (check_ground, check_organisations, check_members, check_posts)
    for sheet in (GRIDS, UNITS, ORGANISATIONS, MEMBERS, PREMISES):
        survey.index_rows(sheet)
    for done, step in enumerate(steps):
        if progress:
            progress(done, len(steps), _("comparing the sheets"))
        step(survey)
    survey.settle()
    survey.faults.found.sort(key=survey.order)
    if progress:
        progress(len(steps), len(steps), _("comparing the sheets"))


def _bring_to_wgs84(rows: Rows, coordinates: str | None) -> str | None:
    """Move GCJ-02 points to where they really are; return the system they are in then."""
    if coordinates != "gcj02":
        return coordinates
    for sheet in (UNITS, PREMISES):
        points = [row for row in rows.rows[sheet.key] if row["lon"] is not None and row["lat"] is not None]
        if not points:
            continue
        lon, lat = gcj02_to_wgs84([row["lon"] for row in points], [row["lat"] for row in points])
        for row, x, y in zip(points, lon.tolist(), lat.tolist(), strict=True):
            row["lon"], row["lat"] = round(x, DECIMALS), round(y, DECIMALS)
    return "wgs84"


def _checked(heading: Heading, rows: Rows, known: Known, faults: Faults) -> Checked:
    coordinates = _bring_to_wgs84(rows, heading.coordinates)
    result = Checked(heading.area, heading.on, coordinates, faults.found, faults.count, rows.rows)
    if not faults.count:
        elsewhere = {person for person, organisation in known.persons_elsewhere.items() if organisation}
        result.diff = compare(known.existing, rows.rows, elsewhere)
    return result
