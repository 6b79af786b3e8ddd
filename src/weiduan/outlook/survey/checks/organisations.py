"""党组织: a tree of the right kinds, covering grids and units of this survey, in terms that make sense."""

from django.utils.translation import gettext as _

from weiduan.systems.organisation.organisations.rules import MAY_STAND_UNDER

from ..cells import codes_in
from ..rows import Row
from ..sheets import ORGANISATION_KINDS, ORGANISATIONS
from .ground import check_area
from .survey import Survey


def check_organisations(survey: Survey) -> None:
    """Check the sheet of organisations."""
    covered: dict[tuple, int] = {}
    for number, row in survey.each(ORGANISATIONS):
        if row["number"] in survey.known.organisations_elsewhere:
            text = _("“%(code)s” is used for an organisation elsewhere. Give it another number.")
            survey.fault(ORGANISATIONS, number, "number", text % {"code": row["number"]})
        if row["area"]:
            check_area(survey, ORGANISATIONS, number, "area", row["area"])
        _check_parent(survey, number, row)
        _check_covers(survey, number, row, covered)
        _check_dates(survey, number, row)
    _check_rings(survey)


def kind_of(survey: Survey, organisation: object) -> str | None:
    """Return the kind of an organisation in the survey or elsewhere, None if there is none or it is unreadable."""
    row = survey.row_of(ORGANISATIONS, str(organisation))
    kind = row["kind"] if row else survey.known.organisations_elsewhere.get(str(organisation))
    return None if kind is None else str(kind)


def is_known(survey: Survey, organisation: object) -> bool:
    """Whether an organisation is in the survey or elsewhere."""
    return organisation in survey.index["organisations"] or organisation in survey.known.organisations_elsewhere


def _check_parent(survey: Survey, number: int, row: Row) -> None:
    if survey.is_spoiled(ORGANISATIONS, number, "parent", "kind"):
        return
    kind, parent = str(row["kind"]), row["parent"]
    if parent is None:
        if kind == "group":
            survey.fault(
                ORGANISATIONS, number, "parent", _("A group stands under a branch. Fill in the branch's number.")
            )
        return
    if parent == row["number"]:
        survey.fault(
            ORGANISATIONS,
            number,
            "parent",
            _("An organisation can't be above itself. Fill in the number of the one above."),
        )
    elif not is_known(survey, parent):
        text = _("There is no organisation “%(code)s”. Correct the number or add it in sheet “%(title)s”.")
        survey.miss(
            ORGANISATIONS,
            str(parent),
            ORGANISATIONS,
            number,
            "parent",
            text % {"code": parent, "title": ORGANISATIONS.title},
        )
    else:
        above = kind_of(survey, parent)
        if above and above not in MAY_STAND_UNDER[kind]:
            text = _("“%(parent)s” is a %(above)s; above a %(kind)s there can only be a %(allowed)s.")
            allowed = _(" or ").join(ORGANISATION_KINDS[each] for each in MAY_STAND_UNDER[kind])
            values = {
                "parent": parent,
                "above": ORGANISATION_KINDS[above],
                "kind": ORGANISATION_KINDS[kind],
                "allowed": allowed,
            }
            survey.fault(ORGANISATIONS, number, "parent", text % values)


def _check_rings(survey: Survey) -> None:
    """Walk up from each organisation; who comes back to where the walk has been stands in a ring."""
    done: set[object] = set()
    for start in survey.index["organisations"]:
        path: list[object] = []
        here: object = start
        while here in survey.index["organisations"] and here not in done and here not in path:
            path.append(here)
            row = survey.row_of(ORGANISATIONS, str(here))
            here = row["parent"] if row else None
        if here in path:
            _ring(survey, path[path.index(here) :])
        done.update(path)


def _ring(survey: Survey, ring: list[object]) -> None:
    """Note a ring once, at its first row, unless a link of it is known to be wrong."""
    numbers = {survey.number_of(ORGANISATIONS, str(each)): each for each in ring}
    if any(survey.is_spoiled(ORGANISATIONS, number, "parent") for number in numbers):
        return
    first = min(numbers)
    start = ring.index(numbers[first])
    chain = " → ".join(str(each) for each in (*ring[start:], *ring[:start], ring[start]))
    survey.fault(
        ORGANISATIONS,
        first,
        "parent",
        _("The organisations stand above each other in a ring: %(chain)s. Correct one of them.")
        % {"chain": chain[:200]},
    )


def _check_covers(survey: Survey, number: int, row: Row, covered: dict[tuple, int]) -> None:
    kind = row["kind"]
    for code in codes_in(row["covers"]):
        if kind == "group" and len(code) == 15:
            text = _("A group covers units; %(code)s is a grid. Fill in the units' codes.")
            survey.fault(ORGANISATIONS, number, "covers", text % {"code": code})
            continue
        check_area(survey, ORGANISATIONS, number, "covers", code)
        if kind in (None, "group"):
            continue
        first = covered.setdefault((kind, code), number)
        if first != number:
            text = _("%(code)s is covered by another %(kind)s already, in row %(row)d.")
            survey.fault(
                ORGANISATIONS,
                number,
                "covers",
                text % {"code": code, "kind": ORGANISATION_KINDS[str(kind)], "row": first},
            )


def _check_dates(survey: Survey, number: int, row: Row) -> None:
    founded, since, due = row["founded_on"], row["term_since"], row["term_due"]
    if founded and founded > survey.on:
        survey.fault(
            ORGANISATIONS,
            number,
            "founded_on",
            _("The founding lies after the day of the survey (%(day)s).") % {"day": survey.on},
        )
        return
    if since and founded and since < founded:
        survey.fault(
            ORGANISATIONS, number, "term_since", _("The term begins before the founding (%(day)s).") % {"day": founded}
        )
    if since and since > survey.on:
        survey.fault(
            ORGANISATIONS,
            number,
            "term_since",
            _("The term begins after the day of the survey (%(day)s).") % {"day": survey.on},
        )
    if since and not due and not survey.is_spoiled(ORGANISATIONS, number, "term_due"):
        survey.fault(ORGANISATIONS, number, "term_due", _("The term has a beginning; fill in when it is due as well."))
    if due and not since and not survey.is_spoiled(ORGANISATIONS, number, "term_since"):
        survey.fault(ORGANISATIONS, number, "term_since", _("The term has a due date; fill in when it began as well."))
    if since and due and due <= since:
        survey.fault(
            ORGANISATIONS, number, "term_due", _("The term is due before it begins (%(day)s).") % {"day": since}
        )
