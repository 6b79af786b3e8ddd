"""Take in a list of categories: the one shipped, or a district's own."""

import csv
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput
from weiduan.ground.ledger.actions import Deed, record_many

from .models import Category
from .rules import LONGEST_CODE, LONGEST_NAME, MOST_SYNONYMS, At

DEFAULT = Path(__file__).with_name("default.csv")
DEFAULT_LEVEL, DEFAULT_HOURS = At.GRID.value, 14
Row = Mapping[str, str]


@transaction.atomic
def load_categories(rows: Iterable[Row], *, close_others: bool, by: User | str, at: datetime) -> dict[str, int]:
    """Take in categories; return how many are new, changed and closed.

    rows          code, name; and where known: parent (a code), major (the name of a heading), synonyms parted by “;”, level, hours,
                  in_confidence (1: in no public figure, list or map)
    close_others  categories that don't stand in the list can't be chosen any more

    :raises NotAllowed: `by` may not set rules everywhere
    :raises BadInput: a row that can't be; it says which
    """
    require(by, Duty.SET_RULES, in_area="", at=at)
    wanted = _wanted(rows)
    there = {c.code: c for c in Category.objects.select_for_update()}
    deeds, counts = [], {"new": 0, "changed": 0, "closed": 0}
    for order, (code, said) in enumerate(wanted.items()):
        facts = {key: said[key] for key in ("name", "synonyms", "level", "hours", "in_confidence")} | {
            "is_open": True,
            "order": order,
        }
        before = there.get(code)
        if before is None:
            there[code] = Category.objects.create(code=code, **facts)
            counts["new"] += 1
        elif changed := {key: value for key, value in facts.items() if getattr(before, key) != value}:
            Category.objects.filter(pk=before.pk).update(**changed)
            counts["changed"] += 1
        else:
            continue
        deeds.append(
            Deed("category.set", "governance.category", str(there[code].pk), "", None, {"code": code, **facts})
        )
    _hang(wanted, there)
    if close_others:
        others = Category.objects.filter(is_open=True).exclude(code__in=wanted)
        deeds += [Deed("category.closed", "governance.category", str(c.pk)) for c in others]
        counts["closed"] = others.update(is_open=False)
    record_many(deeds, by=by, at=at)
    return counts


def ensure_categories(*, by: str, at: datetime) -> None:
    """Load the shipped list where there is none yet."""
    if not Category.objects.exists():
        load_categories(read_csv(DEFAULT.read_text(encoding="utf-8")), close_others=False, by=by, at=at)


def read_csv(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV with a header; a byte-order mark is fine.

    :raises BadInput: no columns `code` and `name`
    """
    lines = csv.DictReader(text.lstrip("\ufeff").splitlines())
    if not {"code", "name"} <= set(lines.fieldnames or ()):
        raise BadInput(_("The first line of the file names its columns; “code” and “name” must be among them."))
    return [{key: (value or "").strip() for key, value in row.items() if key} for row in lines]


def _wanted(rows: Iterable[Row]) -> dict[str, dict]:
    """Return code → what is said of it, headings before what hangs below them."""
    wanted: dict[str, dict] = {}
    for number, row in enumerate(rows, start=2):
        if major := row.get("major", ""):
            wanted.setdefault(major[:LONGEST_CODE], _said({"code": major[:LONGEST_CODE], "name": major}, number))
        code = row.get("code", "")
        if code in wanted:
            raise BadInput(_("Line %(n)s: the code %(code)s stands there twice.") % {"n": number, "code": code})
        wanted[code] = _said(row, number) | {"parent": row.get("parent", "") or major[:LONGEST_CODE]}
    if not wanted:
        raise BadInput(_("The file holds no categories."))
    for code, said in wanted.items():
        if said["parent"] and said["parent"] not in wanted:
            raise BadInput(
                _("%(code)s hangs below %(parent)s, which isn't in the file.")
                % {"code": code, "parent": said["parent"]}
            )
    return wanted


def _said(row: Row, number: int) -> dict:
    code, name = row.get("code", ""), row.get("name", "")
    if not 0 < len(code) <= LONGEST_CODE or not 0 < len(name) <= LONGEST_NAME:
        raise BadInput(_("Line %(n)s: code and name must be there, of at most %(code)s and %(name)s characters.")
                       % {"n": number, "code": LONGEST_CODE, "name": LONGEST_NAME})  # fmt: skip
    level, hours = row.get("level", "") or DEFAULT_LEVEL, row.get("hours", "") or str(DEFAULT_HOURS)
    if level not in {at.value for at in At}:
        raise BadInput(_("Line %(n)s: the level is grid, village, town or district.") % {"n": number})
    if not hours.isdecimal() or not 0 < int(hours) <= 2000:
        raise BadInput(_("Line %(n)s: the hours are a whole number from 1 to 2000.") % {"n": number})
    words = [word.strip() for word in row.get("synonyms", "").replace("；", ";").split(";") if word.strip()]
    return {
        "name": name,
        "synonyms": words[:MOST_SYNONYMS],
        "level": level,
        "hours": int(hours),
        "in_confidence": row.get("in_confidence", "") == "1",
        "parent": row.get("parent", ""),
    }


def _hang(wanted: Mapping[str, dict], there: Mapping[str, Category]) -> None:
    """Hang each below its heading; two levels are enough for a phone."""
    for code, said in wanted.items():
        parent = there[said["parent"]].pk if said["parent"] else None
        if said["parent"] and wanted[said["parent"]]["parent"]:
            raise BadInput(
                _("%(code)s hangs below something that hangs itself; two levels are enough.") % {"code": code}
            )
        if there[code].parent_id != parent:
            Category.objects.filter(pk=there[code].pk).update(parent=parent)
