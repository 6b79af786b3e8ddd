"""议事 at the desk: topics one keeps, the stage each is in with what it still lacks, and what may be done now."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import Refused
from weiduan.ground.territory.queries import area_of, names_by_area
from weiduan.outlook.insight.ballot_words import STATE_TITLES as BALLOT_TITLES
from weiduan.outlook.insight.topic_words import (
    EVENT_TITLES,
    ORIGIN_TITLES,
    STATE_TAGS,
    STATE_TITLES,
    stage_line,
)
from weiduan.systems.governance.bodies.queries import bodies_for
from weiduan.systems.governance.deliberation import carrying, raising
from weiduan.systems.governance.deliberation.queries import (
    contentment_of,
    followers_of,
    kept_topic,
    missing_for,
    stage_of,
    timeline,
    topics_kept_by,
    words_on_result,
)
from weiduan.systems.governance.deliberation.rules import Need, State
from weiduan.systems.governance.opinions.rules import About
from weiduan.systems.venues.bookings.queries import timetable
from weiduan.systems.venues.facilities.queries import facilities_in

from .deeds import Deed, do_deed, offered_deeds
from .members import private
from .opinions import DEEDS as MODERATING
from .opinions import moderate, opinions_shown
from .topics_form import (
    DecisionForm,
    DoneForm,
    MeetingForm,
    MinutesForm,
    OptionForm,
    PassForm,
    RaiseForm,
    ReportsForm,
    ResultForm,
    TakeUpForm,
    TaskForm,
    WhyNotForm,
    numbers_in,
)
from .viewing import me, page_of, staff
from .where import where_asked

PAGE = 30
VILLAGE_DIGITS = 12
BOOKED_AHEAD = timedelta(days=60)


@staff
@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    """List the topics one keeps; ?state= narrows."""
    at = timezone.now()
    state = request.GET.get("state", "")
    rows = topics_kept_by(me(request), at=at)
    page = page_of(request, rows.filter(state=state) if state in STATE_TITLES else rows, size=PAGE)
    names = names_by_area({one.area_id for one in page}, on=local_day(at))
    lines = [
        (one, names.get(one.area_id), STATE_TITLES[one.state], STATE_TAGS[one.state], _stage_title(one)) for one in page
    ]
    own = areas_of(me(request), Duty.KEEP_GOVERNANCE, at=at)
    context = {"page": page, "rows": lines, "keeps": bool(own), "state": state, "states": STATE_TITLES.items()}
    return private(render(request, "desk/topics/list.html", context))


def _stage_title(topic: Any) -> str:
    stage = stage_of(topic)
    return stage.title if stage else ""


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def new_topic(request: HttpRequest) -> HttpResponse:
    """Raise a topic: choose where, then what is talked over."""
    at = timezone.now()
    where = where_asked(request, at)
    form = RaiseForm(
        request.POST if request.method == "POST" else None, initial={"reports": request.GET.get("reports", "")[:200]}
    )
    refusal, status = "", 400 if form.errors else 200
    if form.is_bound and form.is_valid():
        try:
            reports = numbers_in(form.cleaned_data["reports"])
            made = raising.propose_topic(where["area"], form.raising(), reports=reports, by=me(request), at=at)
            return redirect("desk:topic", key=made.pk)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    context = {"form": form, "refusal": refusal} | where
    return private(render(request, "desk/topics/new.html", context, status=status))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def topic(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a topic one keeps; on POST do the next thing with it."""
    at = timezone.now()
    found = kept_topic(me(request), key, at=at)
    tried: dict[str, Any] = {}
    if request.method == "POST":
        tried = _done(request, found, at)
        if not tried:
            return redirect("desk:topic", key=key)
        found = kept_topic(me(request), key, at=at)
    context = _page(request, found, at, tried)
    return private(render(request, "desk/topics/topic.html", context | tried, status=tried.get("status", 200)))


def _done(request: HttpRequest, found: Any, at: datetime) -> dict[str, Any]:
    """Do what was asked for; return what the page shows where it can't be done."""
    if request.POST.get("do") not in MODERATING:
        return do_deed(request, _deeds(request, found, at))
    try:
        moderate(request, found.pk, area_of(found.area_id, on=local_day(at)).code, at)
    except Refused as refusal:
        return {"refusal": refusal.message, "status": refusal.status}
    return {}


def _deeds(request: HttpRequest, found: Any, at: datetime) -> dict[str, Deed]:
    """Return all that can be done with a topic in some state; the actions say what can't be done now."""
    key = found.pk
    how: dict[str, Any] = {"by": me(request), "at": at}
    wording = {"title": found.title, "text": found.text}
    open_tasks = [(str(task.pk), task.what) for task in found.tasks.filter(done_at=None).order_by("until")]
    return {
        "take_up": Deed(
            _("Take it up"), partial(TakeUpForm, bodies=_bodies(found, at), initial=wording),
            lambda form, _said: raising.take_up(key, form.taking_up(), **how), _("Taken up: everyone can see it now."),
        ),
        "decline": Deed(
            _("Don't take it up"), WhyNotForm, lambda _form, said: raising.decline(key, said["words"], **how),
            _("Declined, with the reason."),
        ),
        "join_reports": Deed(
            _("Join reports to it"), ReportsForm,
            lambda _form, said: raising.join_reports(key, numbers_in(said["reports"]), **how),
            _("Joined. Whoever told them sees the topic."),
        ),
        "option": Deed(
            _("Add an option"), OptionForm, lambda _form, said: carrying.add_option(key, said["text"], **how), _("Added.")
        ),
        "meeting": Deed(
            _("Call a meeting"), partial(MeetingForm, bookings=_bookings(found, at)),
            lambda form, _said: carrying.call_meeting(key, form.call(), **how), _("Called: everyone sees when and where."),
        ),
        "minutes": Deed(
            _("Write the minutes"), partial(MinutesForm, meetings=_meetings(found, at)),
            lambda _form, said: carrying.write_minutes(key, UUID(said["meeting"]), said["minutes"], said["attended"], **how),
            _("Saved."),
        ),
        "decide": Deed(
            _("Write the decision down"),
            partial(DecisionForm, ballots=_ballots(found), initial={"text": found.decision, "ballot": found.ballot_id}),
            lambda _form, said: carrying.decide(key, said["text"], ballot=UUID(said["ballot"]) if said["ballot"] else None, **how),
            _("Saved."),
        ),
        "task": Deed(
            _("Give a task"), TaskForm,
            lambda _form, said: carrying.give_task(key, said["what"], said["owner"], said["until"], **how),
            _("The task is given."),
        ),
        "task_done": Deed(
            _("A task is done"), partial(DoneForm, tasks=open_tasks),
            lambda _form, said: carrying.task_done(key, int(said["task"]), said["evidence"], **how),
            _("Done, with what shows it."),
        ),
        "result": Deed(
            _("Publish the result"), partial(ResultForm, initial={"text": found.result}),
            lambda _form, said: carrying.publish_result(key, said["text"], **how),
            _("Published. Residents can say whether they are content."),
        ),
        "pass": Deed(
            _("Pass this stage"), partial(PassForm, initial={"expected": found.stage}),
            lambda _form, said: carrying.pass_stage(key, said["words"], expected=said["expected"], **how), _("Passed."),
        ),
    }  # fmt: skip


def _bodies(found: Any, at: datetime) -> list[tuple[str, str]]:
    rows = bodies_for(area_of(found.area_id, on=local_day(at)).code, on=local_day(at))
    return [(str(one.pk), one.name) for one in rows]


def _bookings(found: Any, at: datetime) -> list[tuple[str, str]]:
    """Return what is booked in the rooms of the village around."""
    on = local_day(at)
    places = facilities_in(area_of(found.area_id, on=on).code[:VILLAGE_DIGITS], on=on).values_list("pk", flat=True)
    rows = timetable(places, since=at, until=at + BOOKED_AHEAD)
    return [(str(r.booking), f"{timezone.localtime(r.since):%m-%d %H:%M} {r.place} {r.room} · {r.what}") for r in rows]


def _meetings(found: Any, at: datetime) -> list[tuple[str, str]]:
    """Return the meetings of the stage that have begun."""
    rows = found.meetings.filter(stage=found.stage, starts_at__lte=at).order_by("-starts_at")
    return [(str(m.pk), f"{timezone.localtime(m.starts_at):%m-%d %H:%M} {m.place}") for m in rows]


def _ballots(found: Any) -> list[tuple[str, str]]:
    return [(str(one.pk), f"{one.title} · {BALLOT_TITLES[one.state]}") for one in carrying.ballots_for(found)[:50]]


def _offered(found: Any, at: datetime) -> list[str]:
    """Return the keys of what may be done now, the most useful first."""
    if found.state == State.PROPOSED.value:
        return ["take_up", "decline", "join_reports"]
    stage = stage_of(found)
    if stage is None:
        return []
    is_decided = found.decided_at is not None
    wanted = {
        "pass": not missing_for(found), "minutes": bool(_meetings(found, at)), "decide": stage.need is Need.DECISION,
        "task_done": found.tasks.filter(done_at=None).exists(), "task": is_decided, "result": stage.need is Need.RESULT,
        "meeting": True, "option": not is_decided, "join_reports": True,
    }  # fmt: skip
    return [key for key, is_so in wanted.items() if is_so]


def _page(request: HttpRequest, found: Any, at: datetime, tried: dict[str, Any]) -> dict[str, Any]:
    on = local_day(at)
    deeds = offered_deeds(_deeds(request, found, at), _offered(found, at), tried)
    return {
        "topic": found, "area": area_of(found.area_id, on=on), "word": STATE_TITLES[found.state], "tag": STATE_TAGS[found.state],
        "origin": ORIGIN_TITLES[found.origin], "line": stage_line(found), "missing": missing_for(found), "deeds": deeds,
        "is_shown": found.state in (State.UNDER_WAY.value, State.DONE.value), "options": list(found.options.order_by("pk")),
        "meetings": list(found.meetings.order_by("starts_at")), "reports": [one.report for one in found.reports.select_related("report")],
        "tasks": [(task, task.done_at is None and task.until < on) for task in found.tasks.order_by("until", "pk")],
        "events": [(event, EVENT_TITLES[event.what]) for event in timeline(found)], "followers": followers_of(found),
        "contentment": contentment_of(found), "words": words_on_result(found),
        "refusal": "",
    } | opinions_shown(request, About.TOPIC, found.pk)  # fmt: skip
