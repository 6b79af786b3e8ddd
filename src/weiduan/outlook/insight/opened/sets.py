"""What is in each set of open data, row by row: only what everybody may see anyway, never a person."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import Place, alive, below, names_by_area, within
from weiduan.ground.territory.rules import Level
from weiduan.outlook.insight.counted.folding import catch_up
from weiduan.outlook.insight.counted.models import UnitStanding
from weiduan.outlook.insight.counted.rules import ZEROS
from weiduan.outlook.insight.opened.fields import COMPUTED, LEAST_HOUSEHOLDS, ON_THE_DAY, SURVEYED, Field, Type
from weiduan.outlook.insight.opened.places import Told, units_told, venues_told
from weiduan.outlook.insight.published.quarters import TABLES, told_below
from weiduan.systems.services.activities.models import Activity
from weiduan.systems.services.activities.rules import Kind as ActivityKind
from weiduan.systems.services.activities.rules import State as ActivityState
from weiduan.systems.services.projects.models import MoneyMove
from weiduan.systems.services.projects.queries import projects_in
from weiduan.systems.services.projects.rules import MoveKind, ProposalState, yuan_of
from weiduan.systems.services.projects.rules import State as ProjectState
from weiduan.systems.services.satisfaction.models import Questionnaire
from weiduan.systems.services.satisfaction.queries import results_of
from weiduan.systems.services.satisfaction.rules import About
from weiduan.systems.services.satisfaction.rules import State as AskedState
from weiduan.systems.venues.facilities.queries import facilities_in

Rows = list[dict[str, Any]]
ACTIVITIES_BACK = timedelta(days=366)
YUAN, PEOPLE, ANSWERS, PERCENT = _("yuan"), _("people"), _("answers"), _("per cent")
CALLED, ASKED = _("record of the activities"), _("questionnaires that were evaluated")
PROJECTS = _("record of the projects and their account")
OF_GOVERNANCE = ("no_body", "body_over", "no_compact", "not_talked_over", "reports_overdue")
AREA = (
    Field("area", Type.TEXT, _("name of the area it belongs to"), ON_THE_DAY),
    Field("area_code", Type.TEXT, _("code of the area it belongs to"), ON_THE_DAY),
)
ZERO_FIELDS = (
    Field("code", Type.TEXT, _("code of the unit, 18 digits, as text"), SURVEYED),
    Field("name", Type.TEXT, _("name of the unit"), SURVEYED),
    Field("zero", Type.TEXT, _("which of the four zeros"), COMPUTED, values=ZEROS),
    Field("reached", Type.YES_NO, _("yes: nothing is lacking here"), COMPUTED),
    Field("reasons", Type.TEXT, _("codes of what is lacking, parted by semicolons; the gravest first"), COMPUTED),
)
PUBLISHED = _("quarters as they were published")
REPORT_FIELDS = (
    Field("quarter", Type.DAY, _("first day of the quarter in which it was told"), PUBLISHED),
    Field("table", Type.TEXT, _("by what it is split"), PUBLISHED, values=TABLES),
    Field("areas", Type.TEXT, _("code of the area; several, parted by semicolons: only their sum is told"), PUBLISHED),
    Field(
        "part",
        Type.TEXT,
        _("of all that lies there, or only of what lies in none of its parts"),
        PUBLISHED,
        values=("all", "rest"),
    ),
    Field(
        "columns",
        Type.TEXT,
        _("category, outcome, word or month; several, parted by semicolons: only their sum is told"),
        PUBLISHED,
    ),
    Field("count", Type.WHOLE, _("how many were told; 0 or at least five"), PUBLISHED, _("reports")),
    Field("total", Type.WHOLE, _("how many were told in the areas in all"), PUBLISHED, _("reports")),
)
ACTIVITY_FIELDS = (
    Field("key", Type.TEXT, _("key of the activity; its page is /activity/KEY/"), CALLED),
    Field("title", Type.TEXT, _("what it is called"), CALLED),
    Field("kind", Type.TEXT, _("sort of activity"), CALLED, values=tuple(kind.value for kind in ActivityKind)),
    Field("state", Type.TEXT, _("how it stands"), CALLED, values=tuple(state.value for state in ActivityState)),
    Field("host", Type.TEXT, _("post, body, team or organisation that holds it"), CALLED),
    Field("place", Type.TEXT, _("where it is held"), CALLED),
    Field("starts_at", Type.MOMENT, _("when it begins"), CALLED),
    Field("ends_at", Type.MOMENT, _("when it ends"), CALLED),
    Field("capacity", Type.WHOLE, _("places; left out where nobody signs up"), CALLED, PEOPLE),
    Field("attended", Type.WHOLE, _("who came, counted at the door; left out below five"), CALLED, PEOPLE),
    *AREA,
)
PROJECT_FIELDS = (
    Field("key", Type.TEXT, _("key of the project; its page is /project/KEY/"), PROJECTS),
    Field("title", Type.TEXT, _("what the project is called"), PROJECTS),
    Field("state", Type.TEXT, _("stage of the project"), PROJECTS, values=tuple(state.value for state in ProjectState)),
    Field("partner", Type.TEXT, _("organisation that residents chose"), PROJECTS),
    Field("budget", Type.MONEY, _("most that it may cost"), PROJECTS, YUAN),
    Field("funded", Type.MONEY, _("set aside so far"), PROJECTS, YUAN),
    Field("released", Type.MONEY, _("paid for accepted milestones"), PROJECTS, YUAN),
    Field("repaid", Type.MONEY, _("paid back by the partner so far"), PROJECTS, YUAN),
    Field("returned", Type.MONEY, _("given back to where it came from"), PROJECTS, YUAN),
    *AREA,
)
SATISFACTION_FIELDS = (
    Field("key", Type.TEXT, _("key of the questionnaire; its page is /answer/KEY/"), ASKED),
    Field("title", Type.TEXT, _("what the questionnaire is called"), ASKED),
    Field("about", Type.TEXT, _("what was asked about"), ASKED, values=tuple(about.value for about in About)),
    Field("opened_on", Type.DAY, _("first day of asking"), ASKED),
    Field("closed_on", Type.DAY, _("day on which asking was over"), ASKED),
    Field("question", Type.TEXT, _("one question"), ASKED),
    Field("answered", Type.WHOLE, _("who answered; questionnaires with fewer than five are left out"), ASKED, ANSWERS),
    Field("very_content", Type.WHOLE, _("said: very content"), ASKED, ANSWERS),
    Field("content", Type.WHOLE, _("said: content"), ASKED, ANSWERS),
    Field("so_so", Type.WHOLE, _("said: so-so"), ASKED, ANSWERS),
    Field("not_content", Type.WHOLE, _("said: not content"), ASKED, ANSWERS),
    Field("not_content_at_all", Type.WHOLE, _("said: not content at all"), ASKED, ANSWERS),
    Field("cant_say", Type.WHOLE, _("said: can't say"), ASKED, ANSWERS),
    Field("share_content", Type.NUMBER, _("content or very content, of those who could say"), ASKED, PERCENT),
    Field("share_low", Type.NUMBER, _("lower bound for all households, where a lot was drawn"), ASKED, PERCENT),
    Field("share_high", Type.NUMBER, _("upper bound for all households, where a lot was drawn"), ASKED, PERCENT),
    *AREA,
)
SAID_AS = {1: "very_content", 2: "content", 3: "so_so", 4: "not_content", 5: "not_content_at_all", 0: "cant_say"}
MOVED_AS = {
    MoveKind.FUND: "funded",
    MoveKind.RELEASE: "released",
    MoveKind.REPAY: "repaid",
    MoveKind.RETURN: "returned",
}


def unit_rows(code: str, *, at: datetime) -> Rows:
    """Return the units of an area as they are today, each with its outline."""
    catch_up(at=at)
    rows = AreaVersion.objects.filter(alive(local_day(at)), below(code), level=Level.UNIT.value).order_by("code")
    return _with_shapes(units_told(rows, at=at))


def venue_rows(code: str, *, at: datetime) -> Rows:
    """Return the places open in an area today."""
    return _with_shapes(venues_told(facilities_in(code, on=local_day(at)), at=at))


def _with_shapes(told: Iterable[Told]) -> Rows:
    return [one.fields | {"geometry": one.shape} for one in told]


def zero_rows(code: str, *, at: datetime) -> Rows:
    """Return each unit of an area with each of the four zeros: whether it is reached, and what is lacking."""
    catch_up(at=at)
    on = local_day(at)
    units = AreaVersion.objects.filter(alive(on), below(code), level=Level.UNIT.value).order_by("code")
    names = dict(units.values_list("area_id", "name"))
    standings = UnitStanding.objects.filter(area__in=units.values("area_id")).order_by("code")
    return [
        {
            "code": one.code, "name": names.get(one.area_id), "zero": zero, "reached": not getattr(one, zero),
            "reasons": ";".join(_reasons(one, zero)) or None,
        }
        for one in standings
        for zero in ZEROS
    ]  # fmt: skip


def _reasons(standing: UnitStanding, zero: str) -> list[str]:
    if zero in ("organisation", "venues"):
        return [getattr(standing, zero)] if getattr(standing, zero) else []
    return [reason for reason in standing.reasons if (reason in OF_GOVERNANCE) == (zero == "governance")]


def activity_rows(code: str, *, at: datetime) -> Rows:
    """Return the activities called in an area that are to come or took place within a year, the soonest first."""
    on = local_day(at)
    rows = Activity.objects.filter(within([code], on=on), ends_at__gt=at - ACTIVITIES_BACK).order_by("starts_at", "pk")
    found = list(rows)
    names = names_by_area({one.area_id for one in found}, on=on)
    return [
        {
            "key": str(one.pk), "title": one.title, "kind": one.kind, "state": one.state, "host": one.host, "place": one.place,
            "starts_at": one.starts_at.isoformat(), "ends_at": one.ends_at.isoformat(), "capacity": one.capacity,
            "attended": one.attended if (one.attended or 0) >= LEAST_HOUSEHOLDS else None,
        } | _area(names.get(one.area_id))
        for one in found
    ]  # fmt: skip


def project_rows(code: str, *, at: datetime) -> Rows:
    """Return the projects of an area that were called, each with what was moved for it."""
    found = list(projects_in([code], at=at).prefetch_related("proposals__partner"))
    names = names_by_area({one.area_id for one in found}, on=local_day(at))
    moved: dict[Any, dict[str, int]] = {}
    moves = MoneyMove.objects.filter(project__in=found).values_list("project", "kind").annotate(fen=Sum("amount_fen"))
    for project, kind, fen in moves.order_by():
        moved.setdefault(project, {})[kind] = fen
    return [
        {
            "key": str(one.pk), "title": one.title, "state": one.state, "budget": str(yuan_of(one.budget_fen)),
            "partner": next((p.partner.name for p in one.proposals.all() if p.state == ProposalState.CHOSEN.value), None),
            **{name: str(yuan_of(moved.get(one.pk, {}).get(kind.value, 0))) for kind, name in MOVED_AS.items()},
        } | _area(names.get(one.area_id))
        for one in found
    ]  # fmt: skip


def satisfaction_rows(code: str, *, at: datetime) -> Rows:
    """Return what was said in an area, question by question, of what is evaluated and was answered often enough."""
    on = local_day(at)
    rows = Questionnaire.objects.filter(within([code], on=on), state=AskedState.CLOSED.value)
    found = list(rows.order_by("-closes_on", "title", "pk"))
    names, results = names_by_area({one.area_id for one in found}, on=on), results_of(found)
    return [
        {
            "key": str(one.pk), "title": one.title, "about": one.about, "opened_on": one.opens_on.isoformat(),
            "closed_on": one.closes_on.isoformat(), "question": each.question, "answered": results[one.pk].answered,
            **{SAID_AS[answer]: count for answer, count in each.counts.items()}, **_share(each.share),
        } | _area(names.get(one.area_id))
        for one in found
        for each in results[one.pk].answers
    ]  # fmt: skip


def _share(share: Any) -> dict[str, float | None]:
    if share is None:
        return {}
    ends = {"share_content": share.percent, "share_low": share.low, "share_high": share.high}
    return {name: None if value is None else round(value, 1) for name, value in ends.items()}


def _area(place: Place | None) -> dict[str, str | None]:
    return {"area": place.name if place else None, "area_code": place.code if place else None}


def report_rows(code: str, *, at: datetime) -> Rows:
    """Return what was published of the reports of an area, cell by cell."""
    return [
        {
            "quarter": one.begins.isoformat(), "table": one.table, "areas": ";".join(one.codes), "part": "rest" if one.is_rest else "all",
            "columns": ";".join(columns), "count": n, "total": one.total,
        }
        for one in told_below(code, on=local_day(at))
        for columns, n in one.cells
    ]  # fmt: skip
