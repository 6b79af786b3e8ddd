"""网格、基本单元、候选用房: every code under the right parent, every place inside the survey."""

from django.utils.translation import gettext as _

from weiduan.ground.territory.rules import Level, level_of

from ..rows import Row
from ..sheets import GRIDS, PREMISES, UNITS, Sheet
from .survey import Survey


def check_ground(survey: Survey) -> None:
    """Check the three sheets about places."""
    names: dict[tuple, int] = {}
    for number, row in survey.each(GRIDS):
        if not survey.is_spoiled(GRIDS, number, "code"):
            _check_grid(survey, number, row)
        _check_name(survey, GRIDS, number, row, 12, names)
    for number, row in survey.each(UNITS):
        if not survey.is_spoiled(UNITS, number, "code"):
            _check_unit(survey, number, row)
        _check_name(survey, UNITS, number, row, 15, names)
        check_point(survey, UNITS, number, row)
    for number, row in survey.each(PREMISES):
        if row["number"] in survey.known.premises_elsewhere:
            survey.fault(
                PREMISES,
                number,
                "number",
                _("“%(code)s” is used for premises elsewhere. Give it another number.") % {"code": row["number"]},
            )
        if row["area"]:
            check_area(survey, PREMISES, number, "area", row["area"])
        check_point(survey, PREMISES, number, row)


def _check_grid(survey: Survey, number: int, row: Row) -> None:
    code = str(row["code"])
    village = code[:12]
    if not _in_scope(survey, GRIDS, number, "code", code):
        return
    if village not in survey.known.divisions:
        survey.fault(
            GRIDS,
            number,
            "code",
            _("There is no village or community %(code)s. Correct the first 12 digits.") % {"code": village},
        )
    elif level_of(village) is not Level.VILLAGE:
        name = survey.known.divisions[village]
        survey.fault(
            GRIDS,
            number,
            "code",
            _("A grid lies in a village or community; %(code)s (%(name)s) is none.") % {"code": village, "name": name},
        )


def _check_unit(survey: Survey, number: int, row: Row) -> None:
    code = str(row["code"])
    if not _in_scope(survey, UNITS, number, "code", code):
        return
    if not _length_fits_kind(survey, number, row):
        return
    if len(code) == 18 and code[:15] not in survey.index["grids"]:
        text = _("The grid %(code)s is not in sheet “%(title)s”. Correct the first 15 digits or add the grid.")
        survey.miss(GRIDS, code[:15], UNITS, number, "code", text % {"code": code[:15], "title": GRIDS.title})
    if len(code) == 21 and code[:18] not in survey.index["units"]:
        text = _("The building's estate %(code)s is not in this sheet. Correct the first 18 digits or add the estate.")
        survey.miss(UNITS, code[:18], UNITS, number, "code", text % {"code": code[:18]})


def _length_fits_kind(survey: Survey, number: int, row: Row) -> bool:
    """A building has 21 digits and nothing else has; the fault stands where the slip most likely is."""
    if survey.is_spoiled(UNITS, number, "kind"):
        return False
    code, is_building = str(row["code"]), row["kind"] == "building"
    if is_building and len(code) != 21:
        survey.fault(
            UNITS,
            number,
            "code",
            _("A building has 21 digits: its estate's 18 and 3 more; here are %(here)d.") % {"here": len(code)},
        )
    elif not is_building and len(code) != 18:
        survey.fault(
            UNITS,
            number,
            "kind",
            _("A code of 21 digits stands for a building (楼栋). Choose it as the kind, or correct the code."),
        )
    return is_building == (len(code) == 21)


def _check_name(survey: Survey, sheet: Sheet, number: int, row: Row, digits: int, names: dict[tuple, int]) -> None:
    """Two of one kind and one name in the same place would be taken for each other."""
    if survey.is_spoiled(sheet, number, "code", "name", "kind"):
        return
    code = str(row["code"])
    above = code[:18] if len(code) == 21 else code[:digits]
    first = names.setdefault((sheet.key, above, row["kind"], row["name"]), number)
    if first != number:
        text = _("“%(name)s” stands in row %(row)d already, same place, same kind. Tell the two apart by name.")
        survey.fault(sheet, number, "name", text % {"name": row["name"], "row": first})


def check_point(survey: Survey, sheet: Sheet, number: int, row: Row) -> None:
    """Longitude and latitude come together."""
    for key, other in (("lon", "lat"), ("lat", "lon")):
        if row[key] is None and row[other] is not None and not survey.is_spoiled(sheet, number, key):
            text = _("“%(other)s” is filled in but “%(title)s” is not. Fill in both or neither.")
            survey.fault(
                sheet, number, key, text % {"other": sheet.column(other).title, "title": sheet.column(key).title}
            )


def _in_scope(survey: Survey, sheet: Sheet, number: int, key: str, code: str) -> bool:
    if survey.in_scope(code):
        return True
    text = _("%(code)s lies outside the survey's area %(area)s (%(name)s). Correct it or delete the row.")
    name = survey.known.divisions.get(survey.area, "")
    survey.fault(sheet, number, key, text % {"code": code, "area": survey.area, "name": name})
    return False


def check_area(survey: Survey, sheet: Sheet, number: int, key: str, code: object) -> None:
    """An area a row refers to lies in the survey's area and is there: a division, grid, unit or building."""
    code = str(code)
    if not _in_scope(survey, sheet, number, key, code):
        return
    if len(code) == 12:
        if code not in survey.known.divisions:
            survey.fault(sheet, number, key, _("There is no town, village or community %(code)s.") % {"code": code})
        return
    target = GRIDS if len(code) == 15 else UNITS
    if code not in survey.index[target.key]:
        text = _("%(code)s is not in sheet “%(title)s”. Correct the code or add it there.")
        survey.miss(target, code, sheet, number, key, text % {"code": code, "title": target.title})
