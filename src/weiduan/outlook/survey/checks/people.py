"""党员、任职: one organisation for each member, a post where the role belongs, and days in order."""

import re

from django.utils.translation import gettext as _

from weiduan.systems.organisation.appointments.rules import IN_AN_ORGANISATION, ROLE_AREAS, SOLE

from ..rows import Row
from ..sheets import MEMBERS, ORGANISATION_KINDS, ORGANISATIONS, POSTS, ROLES, UNITS, Sheet
from .ground import check_area
from .organisations import is_known, kind_of
from .survey import Survey

_IDENTITY_CARD = re.compile(r"[1-9]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dXx]")


def check_members(survey: Survey) -> None:
    """Check the sheet of members."""
    faces: dict[tuple, int] = {}
    for number, row in survey.each(MEMBERS):
        _check_member_number(survey, number, row, faces)
        if row["organisation"]:
            _check_member_organisation(survey, number, row)
        if row["home"]:
            _check_home(survey, number, str(row["home"]))
        _check_member_days(survey, number, row)


def _check_member_number(survey: Survey, number: int, row: Row, faces: dict[tuple, int]) -> None:
    """A person has one number and one organisation, here and elsewhere."""
    person = row["number"]
    _refuse_identity_card(survey, MEMBERS, number, "number", person)
    elsewhere = survey.known.persons_elsewhere.get(str(person))
    if elsewhere:
        text = _("“%(code)s” is a member of %(organisation)s elsewhere. A member has one organisation: transfer first.")
        survey.fault(MEMBERS, number, "number", text % {"code": person, "organisation": elsewhere})
    if row["name"] and row["contact"] and not survey.is_spoiled(MEMBERS, number, "number"):
        first = faces.setdefault((row["name"], row["contact"]), number)
        if first != number:
            text = _("Row %(row)d has the same name and telephone. One person has one number and one organisation.")
            survey.fault(MEMBERS, number, "number", text % {"row": first})


def _refuse_identity_card(survey: Survey, sheet: Sheet, number: int, key: str, person: object) -> None:
    if isinstance(person, str) and _IDENTITY_CARD.fullmatch(person):
        survey.fault(sheet, number, key, _("This looks like an identity card number. Use a number of your own making."))


def _check_member_organisation(survey: Survey, number: int, row: Row) -> None:
    organisation = row["organisation"]
    if organisation not in survey.index["organisations"]:
        if organisation in survey.known.organisations_elsewhere:
            text = _("The organisation “%(code)s” lies outside this survey. Its members belong in its own survey.")
            survey.fault(MEMBERS, number, "organisation", text % {"code": organisation})
        else:
            _miss_organisation(survey, MEMBERS, number, organisation)
        return
    kind = kind_of(survey, organisation)
    if kind in ("committee", "general_branch"):
        text = _("“%(code)s” is a %(kind)s; members belong to a branch or a group.")
        survey.fault(MEMBERS, number, "organisation", text % {"code": organisation, "kind": ORGANISATION_KINDS[kind]})


def _miss_organisation(survey: Survey, sheet: Sheet, number: int, organisation: object) -> None:
    text = _("There is no organisation “%(code)s”. Correct the number or add it in sheet “%(title)s”.")
    values = {"code": organisation, "title": ORGANISATIONS.title}
    survey.miss(ORGANISATIONS, str(organisation), sheet, number, "organisation", text % values)


def _check_home(survey: Survey, number: int, home: str) -> None:
    """A member may live outside the survey, in a unit that is known."""
    if home in survey.index["units"] or home in survey.known.areas_elsewhere:
        return
    text = _("There is no unit %(code)s. Correct the code or add it in sheet “%(title)s”.") % {
        "code": home,
        "title": UNITS.title,
    }
    if survey.in_scope(home):
        survey.miss(UNITS, home, MEMBERS, number, "home", text)
    else:
        survey.fault(MEMBERS, number, "home", text)


def _check_member_days(survey: Survey, number: int, row: Row) -> None:
    joined, full = row["joined_on"], row["full_on"]
    if joined and joined > survey.on:
        survey.fault(
            MEMBERS,
            number,
            "joined_on",
            _("The day of joining lies after the day of the survey (%(day)s).") % {"day": survey.on},
        )
    elif full and joined and full < joined:
        survey.fault(MEMBERS, number, "full_on", _("Became a full member before joining (%(day)s).") % {"day": joined})
    elif full and full > survey.on:
        text = _(
            "The day of becoming a full member lies after the day of the survey (%(day)s). Leave it empty until then."
        )
        survey.fault(MEMBERS, number, "full_on", text % {"day": survey.on})


def check_posts(survey: Survey) -> None:
    """Check the sheet of posts."""
    posts: dict[tuple, int] = {}
    sole: dict[tuple, int] = {}
    persons = _share_names(survey)
    for number, row in survey.each(POSTS):
        _refuse_identity_card(survey, POSTS, number, "person", row["person"])
        if not survey.is_spoiled(POSTS, number, "role"):
            _check_place(survey, number, row)
            _check_alone(survey, number, row, posts, sole)
        if row["person"]:
            _check_person(survey, number, row, persons)
        if row["since"] and row["since"] > survey.on:
            survey.fault(
                POSTS, number, "since", _("The post begins after the day of the survey (%(day)s).") % {"day": survey.on}
            )
        elif row["since"] and row["due"] and row["due"] < row["since"]:
            survey.fault(POSTS, number, "due", _("The post is due before it begins (%(day)s).") % {"day": row["since"]})


def _check_place(survey: Survey, number: int, row: Row) -> None:
    """A role is held in an organisation or in an area, never in both."""
    role, title = str(row["role"]), ROLES[str(row["role"])]
    wanted, other = ("organisation", "area") if role in IN_AN_ORGANISATION else ("area", "organisation")
    if survey.is_spoiled(POSTS, number, wanted):
        return
    if row[wanted] is None:
        text = _("“%(role)s” needs “%(title)s”.")
        survey.fault(POSTS, number, wanted, text % {"role": title, "title": POSTS.column(wanted).title})
    elif row[other] is not None:
        text = _("“%(role)s” goes with “%(wanted)s” alone; leave “%(title)s” empty.")
        values = {"role": title, "wanted": POSTS.column(wanted).title, "title": POSTS.column(other).title}
        survey.fault(POSTS, number, other, text % values)
    elif wanted == "organisation":
        _check_role_in_organisation(survey, number, row)
    else:
        _check_role_in_area(survey, number, row)


def _check_role_in_organisation(survey: Survey, number: int, row: Row) -> None:
    organisation, role = row["organisation"], str(row["role"])
    if not is_known(survey, organisation):
        _miss_organisation(survey, POSTS, number, organisation)
        return
    if organisation not in survey.index["organisations"]:
        text = _("The organisation “%(code)s” lies outside this survey. Its posts belong in its own survey.")
        survey.fault(POSTS, number, "organisation", text % {"code": organisation})
        return
    kind = kind_of(survey, organisation)
    if kind and (kind == "group") != (role == "group_leader"):
        text = _("“%(role)s” is no role in a %(kind)s (%(code)s).")
        survey.fault(
            POSTS, number, "role", text % {"role": ROLES[role], "kind": ORGANISATION_KINDS[kind], "code": organisation}
        )


def _check_role_in_area(survey: Survey, number: int, row: Row) -> None:
    role, area = str(row["role"]), str(row["area"])
    is_town = len(area) == 12 and area.endswith("000")
    if len(area) not in ROLE_AREAS[role] or is_town:
        places = {12: _("a village or community"), 15: _("a grid"), 18: _("a unit"), 21: _("a building")}
        allowed = _(" or ").join(places[digits] for digits in ROLE_AREAS[role])
        text = _("“%(role)s” is held in %(allowed)s; %(code)s is none.")
        survey.fault(POSTS, number, "area", text % {"role": ROLES[role], "allowed": allowed, "code": area})
        return
    check_area(survey, POSTS, number, "area", area)


def _check_alone(survey: Survey, number: int, row: Row, posts: dict[tuple, int], sole: dict[tuple, int]) -> None:
    """The same post twice, or two at the head of one organisation or grid."""
    if survey.is_spoiled(POSTS, number, *POSTS.identity):
        return
    first = posts.setdefault(tuple(row[key] for key in POSTS.identity), number)
    if first != number:
        survey.fault(
            POSTS,
            number,
            "person",
            _("This post stands in row %(row)d already. Delete one of the two rows.") % {"row": first},
        )
        return
    where = row["organisation"] or row["area"]
    if row["role"] in SOLE and where:
        first = sole.setdefault((row["role"], where), number)
        if first != number:
            text = _("%(organisation)s has a %(role)s in row %(row)d already; there is one at a time.")
            values = {"organisation": where, "role": ROLES[str(row["role"])], "row": first}
            survey.fault(POSTS, number, "role", text % values)


def _check_person(survey: Survey, number: int, row: Row, persons: dict[str, tuple[int, Row]]) -> None:
    """Who holds a post is a member, known elsewhere, or named; and is the same person on every row."""
    person = str(row["person"])
    member = survey.row_of(MEMBERS, person)
    if member:
        _refuse_other(survey, number, row, survey.number_of(MEMBERS, person), member, MEMBERS)
        return
    first, known = persons[person]
    _refuse_other(survey, number, row, first, known, POSTS)
    if (
        not row["name"]
        and not survey.is_spoiled(POSTS, number, "name")
        and person not in survey.known.persons_elsewhere
    ):
        text = _(
            "%(code)s is not in sheet “%(title)s”. Correct the number, or fill in the name of someone who is no member."
        )
        survey.miss(MEMBERS, person, POSTS, number, "name", text % {"code": person, "title": MEMBERS.title})


def _share_names(survey: Survey) -> dict[str, tuple[int, Row]]:
    """Give all posts of one person the name and telephone told on any of them; return who said it first."""
    told: dict[str, tuple[int, Row]] = {}
    for number, row in survey.each(POSTS):
        if row["person"]:
            _first, known = told.setdefault(row["person"], (number, dict(row)))
            for key in ("name", "contact"):
                known[key] = known[key] or row[key]
    for _number, row in survey.each(POSTS):
        if row["person"]:
            known = told[row["person"]][1]
            row["name"], row["contact"] = row["name"] or known["name"], row["contact"] or known["contact"]
    return told


def _refuse_other(survey: Survey, number: int, row: Row, first: int, known: Row, sheet: Sheet) -> None:
    """Complain where one number goes with two names or telephones; neither is repeated in the sentence."""
    for key in ("name", "contact"):
        if row[key] and known[key] and row[key] != known[key]:
            text = _("“%(title)s” differs from the one of the same number in sheet “%(sheet)s”, row %(row)d.")
            survey.fault(
                POSTS, number, key, text % {"title": POSTS.column(key).title, "sheet": sheet.title, "row": first}
            )
