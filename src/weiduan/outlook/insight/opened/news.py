"""What is new in an area for everyone: activities called, votes opened, projects called and accepted, compacts in force. No person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.ledger.models import Entry
from weiduan.ground.territory.queries import within
from weiduan.outlook.insight.activity_words import STATE_TITLES as ACTIVITY_TITLES
from weiduan.outlook.insight.ballot_words import STATE_TITLES as BALLOT_TITLES
from weiduan.outlook.insight.compact_words import KIND_TITLES as COMPACT_TITLES
from weiduan.outlook.insight.units import day_begins
from weiduan.systems.governance.ballots.queries import public_ballots
from weiduan.systems.governance.compacts.models import Version
from weiduan.systems.governance.compacts.rules import Stage
from weiduan.systems.services.activities.models import Activity
from weiduan.systems.services.activities.rules import State as ActivityState
from weiduan.systems.services.projects.models import MilestoneAcceptance
from weiduan.systems.services.projects.queries import projects_in

MOST = 50
OURS = UUID("6f0b7e0e-7a55-5a0c-9d6e-3b1d1c0f2a11")  # makes keys that stay whatever the address of this installation is


@dataclass(frozen=True)
class News:
    """One thing that is new; `sort` and `about` lead to its page."""

    key: UUID
    sort: str  # activity, ballot, project, compact
    about: UUID
    title: str
    words: str
    published: datetime
    updated: datetime


def key_of(what: str) -> UUID:
    """Return the key of something, always the same."""
    return uuid5(OURS, what)


def news_of(code: str, *, at: datetime) -> list[News]:
    """Return what is new in an area and below, the newest first: six queries."""
    found = [
        *_activities(code, at),
        *_ballots(code, at),
        *_projects(code, at),
        *_accepted(code, at),
        *_compacts(code, at),
    ]
    return sorted(found, key=lambda one: (one.updated, one.key), reverse=True)[:MOST]


def _activities(code: str, at: datetime) -> Iterator[News]:
    rows = Activity.objects.filter(within([code], on=local_day(at)), at__lte=at).order_by("-changed_at", "pk")
    for one in rows[:MOST]:
        words = _("%(when)s, %(place)s") % {"when": f"{localtime(one.starts_at):%Y-%m-%d %H:%M}", "place": one.place}
        if one.state == ActivityState.CANCELLED.value:
            words = f"{ACTIVITY_TITLES[one.state]} · {words}"
        yield News(
            key_of(f"activity:{one.pk}"), "activity", one.pk, one.title, words, one.at, max(one.changed_at, one.at)
        )


def _ballots(code: str, at: datetime) -> Iterator[News]:
    for one in public_ballots(code, at=at)[:MOST]:
        opened = one.opens_at or one.at
        if opened <= at:
            words = str(BALLOT_TITLES[one.state])
            yield News(
                key_of(f"ballot:{one.pk}"),
                "ballot",
                one.pk,
                one.title,
                words,
                opened,
                max(one.closed_at or opened, opened),
            )


def _projects(code: str, at: datetime) -> Iterator[News]:
    found = list(projects_in([code], at=at)[:MOST])
    deeds = Entry.objects.filter(kind="services.project", key__in=[str(one.pk) for one in found], what="project.called")
    called = dict(deeds.values_list("key", "at"))
    for one in found:
        moment = called.get(str(one.pk), one.at)
        words = _("Partners are asked to propose.")
        yield News(key_of(f"project:{one.pk}"), "project", one.pk, one.title, words, moment, moment)


def _accepted(code: str, at: datetime) -> Iterator[News]:
    here = within([code], on=local_day(at), path="milestone__agreement__project__area")
    rows = MilestoneAcceptance.objects.filter(here, at__lte=at).select_related("milestone__agreement__project")
    for one in rows.order_by("-at", "pk")[:MOST]:
        project = one.milestone.agreement.project
        title = _("%(project)s: accepted, %(what)s") % {"project": project.title, "what": one.milestone.what}
        key = key_of(f"milestone:{project.pk}:{one.milestone.number}")
        yield News(
            key, "project", project.pk, title, _("What was shown for it is on the project's page."), one.at, one.at
        )


def _compacts(code: str, at: datetime) -> Iterator[News]:
    on = local_day(at)
    rows = Version.objects.filter(
        within([code], on=on, path="compact__area"), stage__in=[Stage.IN_FORCE.value, Stage.REPLACED.value], in_force_from__lte=on
    )  # fmt: skip
    for one in rows.defer("text").select_related("compact").order_by("-in_force_from", "pk")[:MOST]:
        assert one.in_force_from is not None
        words = _("%(kind)s, in force from %(day)s") % {
            "kind": COMPACT_TITLES[one.compact.kind],
            "day": one.in_force_from,
        }
        begun = day_begins(one.in_force_from)
        yield News(key_of(f"compact:{one.pk}"), "compact", one.compact_id, one.compact.title, words, begun, begun)
