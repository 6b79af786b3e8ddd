"""矛盾调解 at the desk: that there is one for whoever keeps governance, its words for the mediator alone."""

from datetime import datetime
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
from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.queries import area_of, names_by_area, top_areas
from weiduan.outlook.insight.mediation_words import STATE_TAGS, STATE_TITLES
from weiduan.systems.governance.mediation import actions
from weiduan.systems.governance.mediation.queries import (
    Seen,
    counts_in,
    listed,
    mediations_known_to,
    seen_by,
    sessions_of,
)
from weiduan.systems.governance.mediation.rules import State

from .deeds import Deed, do_deed, offered_deeds
from .mediation_prints import agreement_pdf
from .mediations_form import (
    AgreeForm,
    FollowUpForm,
    HandOnForm,
    NotAgreedForm,
    NoteForm,
    NothingForm,
    SessionForm,
)
from .members import private
from .prints import as_pdf
from .viewing import me, page_of, staff

PAGE = 30


@staff
@require_safe
def mediations(request: HttpRequest) -> HttpResponse:
    """List the mediations one may know of, without a word of them; whoever looks at an area sees its counts."""
    at = timezone.now()
    page = page_of(request, mediations_known_to(me(request), at=at), size=PAGE)
    names = names_by_area({one.area_id for one in page}, on=local_day(at))
    rows = [
        (one, names.get(one.area_id), STATE_TITLES[one.state], STATE_TAGS[one.state])
        for one in listed(page, me(request))
    ]
    seen = areas_of(me(request), Duty.LOOK, at=at)
    codes = top_areas(on=local_day(at)) if "" in seen else seen
    own = areas_of(me(request), Duty.KEEP_GOVERNANCE, at=at)
    context = {"page": page, "rows": rows, "keeps": bool(own), "counts": counts_in(codes, at=at)}
    return private(render(request, "desk/mediations/list.html", context))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def mediation(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show what one may see of a mediation; on POST do the next thing with it."""
    at = timezone.now()
    seen = seen_by(me(request), key, at=at)
    tried: dict[str, Any] = {}
    if request.method == "POST":
        tried = do_deed(request, _deeds(request, seen, at))
        if not tried:
            return redirect("desk:mediation", key=key)
        seen = seen_by(me(request), key, at=at)
    context = _page(request, seen, at, tried) | tried
    return private(render(request, "desk/mediations/mediation.html", context, status=tried.get("status", 200)))


def _deeds(request: HttpRequest, seen: Seen, at: datetime) -> dict[str, Deed]:
    key = seen.listed.key
    how: dict[str, Any] = {"by": me(request), "at": at}
    return {
        "take": Deed(
            _("Take this mediation"), NothingForm, lambda _form, _said: actions.take(key, **how),
            _("You lead it now: only you and the receipt see its words."),
        ),
        "session": Deed(
            _("Set a session"), SessionForm, lambda form, _said: actions.hold_session(key, form.sitting(), **how),
            _("Set: the receipt shows when and where."),
        ),
        "note": Deed(
            _("Write down what was said"), partial(NoteForm, sessions=_sessions(seen)),
            lambda _form, said: actions.note_session(key, said["session"], said["words"], **how), _("Saved."),
        ),
        "agree": Deed(
            _("They agreed"), AgreeForm,
            lambda _form, said: actions.agree(key, said["text"], follow_up_on=said["follow_up_on"], **how),
            _("Written down: print it for the parties to sign."),
        ),
        "not_agreed": Deed(
            _("They didn't agree"), NotAgreedForm, lambda _form, said: actions.not_agreed(key, said["words"], **how),
            _("Written down, with where they may turn."),
        ),
        "hand_on": Deed(
            _("Hand it on"), HandOnForm, lambda _form, said: actions.hand_on(key, said["account"], **how),
            _("Handed on: you see its words no more."),
        ),
        "follow_up": Deed(
            _("Write down whether it was kept"), partial(FollowUpForm, initial={"on": local_day(at)}),
            lambda _form, said: actions.follow_up(key, was_kept=said["was_kept"], on=said["on"], **how), _("Saved."),
        ),
    }  # fmt: skip


def _sessions(seen: Seen) -> list[tuple[int, str]]:
    if seen.mediation is None:
        return []
    rows = sessions_of(seen.mediation)
    return [(one.pk, f"{timezone.localtime(one.starts_at):%m-%d %H:%M} {one.place}") for one in rows]


def _offered(seen: Seen) -> list[str]:
    """Return the keys of what may be done now."""
    found = seen.mediation
    if found is None:
        return ["take"] if seen.may_take else []
    if found.state == State.TAKEN.value:
        return ["session", *(["note"] if _sessions(seen) else []), "agree", "not_agreed", "hand_on"]
    may_follow_up = found.state == State.AGREED.value and found.followed_up_on is None and found.erased_at is None
    return ["follow_up"] if may_follow_up else []


def _page(request: HttpRequest, seen: Seen, at: datetime, tried: dict[str, Any]) -> dict[str, Any]:
    state, found = seen.listed.state, seen.mediation
    return {
        "one": seen.listed, "matter": seen.matter, "mediation": found, "area": area_of(seen.listed.area_id, on=local_day(at)),
        "word": STATE_TITLES[state], "tag": STATE_TAGS[state], "sessions": sessions_of(found) if found else [],
        "deeds": offered_deeds(_deeds(request, seen, at), _offered(seen), tried), "refusal": "",
        "may_print": found is not None and state == State.AGREED.value and found.erased_at is None,
    }  # fmt: skip


@staff
@require_safe
def agreement(request: HttpRequest, key: UUID) -> HttpResponse:
    """Return the agreement as a sheet to sign, to its mediator alone."""
    at = timezone.now()
    found = seen_by(me(request), key, at=at).mediation
    if found is None or found.state != State.AGREED.value or found.erased_at is not None:
        raise NotFound(_("There is nothing here that you may see."))
    area = area_of(found.area_id, on=local_day(at)).name
    return as_pdf(agreement_pdf(found, area), f"mediation-{found.number}.pdf")
