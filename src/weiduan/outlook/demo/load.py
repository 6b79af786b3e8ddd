"""Load the demo: a modelled district comes in as a survey would, then its elections up to today."""

import json
import random
import secrets
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.actions import give_mandate, open_account
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import ADMINISTRATION, Duty
from weiduan.ground.base.errors import Refused
from weiduan.ground.territory.actions import found_divisions
from weiduan.ground.territory.queries import area_by_code, top_areas
from weiduan.ground.territory.rules import short_name
from weiduan.outlook.survey.actions import load_shapes, load_survey
from weiduan.systems.organisation.appointments.actions import renew_posts
from weiduan.systems.organisation.organisations.actions import begin_terms
from weiduan.systems.organisation.organisations.queries import last_terms

from .activities import activities
from .divisions import District, qingbaijiang, read
from .generate import Demo, generate
from .matters import tell_matters
from .meetings import hold_meetings
from .neighbours import help_each_other
from .projects import carry_projects, open_partners_account
from .self_government import govern_themselves
from .self_government_topics import talk_things_over
from .venues import open_venues

Progress = Callable[[float, str], None]
TERM = relativedelta(years=5)
# The share of organisations whose election is late as seen from today, and by how much at most.
LATE_SHARE, LATE_DAYS = 0.03, 80
LATE_ELECTION = timedelta(days=120)


class AlreadyThere(Refused):
    """The demo is for an empty installation."""


def load_demo(
    divisions: Path | None, *, scale: float, seed: int, on: date, by: str, at: datetime, progress: Progress
) -> list[str]:
    """Load the demo district, or those of a table of divisions; return lines that tell what is there.

    :raises AlreadyThere: something is kept here already
    :raises BadInput: the table is no table of divisions
    """
    if is_anything_kept(at):
        raise AlreadyThere(
            _("There is data here already. The demo goes into an empty folder: set WEIDUAN_HOME to another one.")
        )
    districts = read(divisions) if divisions else [qingbaijiang()]
    told = []
    for number, district in enumerate(districts):
        share = 100 / len(districts)
        told.append(_load(district, seed, scale, on, by, at, _part(progress, number * share, share)))
    _leave_note(districts, on)
    _open_demo_accounts(districts[0], on, by, at)
    return told


def is_anything_kept(at: datetime) -> bool:
    """Tell whether this installation knows any area."""
    return bool(top_areas(on=local_day(at)))


def _part(progress: Progress, start: float, share: float) -> Progress:
    return lambda done, what: progress(start + done * share / 100, what)


@transaction.atomic
def _load(district: District, seed: int, scale: float, on: date, by: str, at: datetime, progress: Progress) -> str:
    progress(1, _("modelling %(name)s") % {"name": district.division.name})
    demo = generate(district, seed=seed, scale=scale, on=on)
    progress(25, _("divisions"))
    rows = [row | {"name": short_name(row["name"])} for row in demo.divisions]
    found_divisions(rows, edition=str(on.year), on=on, by=by, at=at)
    load_survey(
        demo.rows, area=district.code, on=on, by=by, at=at, progress=lambda done, what: progress(30 + done * 0.6, what)
    )
    progress(92, _("shapes"))
    load_shapes(demo.shapes, area=district.code, on=on, by=by, at=at)
    progress(97, _("elections up to today"))
    _hold_elections(district, seed, on, local_day(at), by, at)
    progress(98, _("centres and micro-venues"))
    open_venues(district, seed=seed, on=on, by=by, at=at)
    progress(99, _("matters told by residents"))
    tell_matters(district, seed=seed, on=on, at=at)
    govern_themselves(district, seed=seed, on=on, at=at)
    talk_things_over(district, on=on, at=at)
    activities(district, on=on, at=at)
    carry_projects(district, on=on, at=at)
    hold_meetings(district, seed=seed, on=on, at=at)
    help_each_other(district, seed=seed, on=on, at=at)
    return _tell(demo)


def _hold_elections(district: District, seed: int, on: date, today: date, by: str, at: datetime) -> None:
    """Let terms follow each other up to today, so that the demo lives on; a few elections are late again."""
    chance = random.Random(f"{seed}-{district.code}")
    terms: list[tuple[int, date, date]] = []
    for organisation, due in last_terms(district.code, on=today):
        ends = today - timedelta(days=chance.randint(3, LATE_DAYS)) if chance.random() < LATE_SHARE else date.max
        held = max(due, on + LATE_ELECTION)  # elections that are late on the survey's day are held after it
        terms += _terms_from(organisation, held if due < on else due, min(ends, today), late=ends < today)
    begin_terms(terms, by=by, at=at)
    renew_posts({organisation: due for organisation, _since, due in terms}, by=by, at=at)


def _terms_from(organisation: int, due: date, until: date, *, late: bool) -> list[tuple[int, date, date]]:
    """Let one term follow another until one reaches `until`; the last of a late one ends there."""
    terms = []
    while due < until:
        since, due = due, due + TERM
        terms.append((organisation, since, min(due, until) if late else due))
    return terms


def _tell(demo: Demo) -> str:
    counts = {key: len(rows) for key, rows in demo.rows.items()}
    return (
        _("%(grids)s grids, %(units)s units, %(organisations)s organisations, %(members)s members, all modelled")
        % counts
    )


def _leave_note(districts: list[District], on: date) -> None:
    """Every page says that this is a demo as long as this note is there."""
    place = short_name(districts[0].division.name) if len(districts) == 1 else ""
    note = {"place": place, "on": str(on)}
    (settings.HOME / "demo.json").write_text(json.dumps(note, ensure_ascii=False), encoding="utf-8")


def _open_demo_accounts(district: District, on: date, by: str, at: datetime) -> None:
    """One account a level, each with a password of its own; they are printed when the server starts."""
    village = district.villages[0].code
    everything = [duty for duty in Duty if duty not in ADMINISTRATION]
    wanted: list[tuple[str, str, str, list[Duty]]] = [
        ("district", _("district organisation department"), district.code, everything),
        (
            "town",
            _("town party office"),
            village[:9] + "000",
            [
                Duty.LOOK,
                Duty.KEEP_GROUND,
                Duty.KEEP_ORGANISATION,
                Duty.KEEP_VENUES,
                Duty.HANDLE_REPORTS,
                Duty.KEEP_GOVERNANCE,
                Duty.KEEP_SERVICES,
                Duty.SURVEY,
            ],
        ),
        (
            "village",
            _("village or community secretary"),
            village,
            [
                Duty.LOOK,
                Duty.KEEP_ORGANISATION,
                Duty.KEEP_VENUES,
                Duty.HANDLE_REPORTS,
                Duty.KEEP_GOVERNANCE,
                Duty.KEEP_SERVICES,
                Duty.SURVEY,
            ],
        ),
        ("grid", _("grid worker"), f"{village}001", [Duty.LOOK, Duty.HANDLE_REPORTS]),
    ]
    opened = []
    for username, title, area, duties in wanted:
        name = area_by_code(area, on=on).name
        password = secrets.token_urlsafe(9)
        user = open_account(
            username=username, password=password, title=f"{name} · {title}", by=by, at=at, must_change=False
        )
        for duty in duties:
            give_mandate(user, duty, area=area, since=on, by=by, at=at)
        opened.append({"username": username, "password": password, "title": user.title})
    _keep_accounts([*opened, *open_partners_account(at), *_open_administrators(on, by, at)])


def _open_administrators(on: date, by: str, at: datetime) -> list[dict[str, Any]]:
    """The three who open accounts, say what they may, and read what was done."""
    titles = (_("system administrator"), _("security administrator"), _("audit administrator"))
    opened = []
    for username, title, duty in zip(("system", "security", "audit"), titles, ADMINISTRATION, strict=True):
        password = secrets.token_urlsafe(9)
        user = open_account(username=username, password=password, title=title, by=by, at=at, must_change=False)
        give_mandate(user, duty, area="", since=on, by=by, at=at)
        opened.append({"username": username, "password": password, "title": title})
    return opened


def _keep_accounts(opened: list[dict[str, Any]]) -> None:
    path = settings.HOME / "demo-accounts.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(opened, ensure_ascii=False), encoding="utf-8")
