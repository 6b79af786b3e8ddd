"""One project at the desk: how it stands, what was proposed and shown, its money, and what may be done now."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.queries import area_of, names_by_area
from weiduan.outlook.insight.project_account import partner_chosen
from weiduan.outlook.insight.project_words import (
    ACCOUNT_TITLES,
    MILESTONE_TAGS,
    MILESTONE_TITLES,
    MOVE_TITLES,
    PROPOSAL_TAGS,
    PROPOSAL_TITLES,
    STATE_TAGS,
    STATE_TITLES,
    stage_line,
)
from weiduan.systems.services.projects import carrying, choosing, money, packaging
from weiduan.systems.services.projects.queries import (
    balances_of,
    books_of,
    handed_in_count,
    is_call_over,
    kept_picture,
    kept_project,
    milestones_of,
    proposals_shown,
    topics_for,
    unpaid_acceptances,
)
from weiduan.systems.services.projects.rules import Account, State, may_do, yuan_of
from weiduan.systems.services.projects.rules import Deed as May

from .deeds import Deed, do_deed, offered_deeds
from .members import private
from .prints import as_pdf
from .project_prints import agreement_pdf
from .projects import package_choices
from .projects_form import (
    AskingForm,
    ChosenForm,
    MoneyForm,
    PackageForm,
    RefuseForm,
    ReleaseForm,
    RemarkForm,
    ShownForm,
    SignForm,
    SourceForm,
    TopicForm,
    UntilForm,
    WhyForm,
)
from .viewing import me, staff

MOST_TOPICS = 50


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def project(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a project one keeps; on POST do the next thing with it."""
    at = timezone.now()
    found = kept_project(me(request), key, at=at)
    tried: dict[str, Any] = {}
    if request.method == "POST":
        tried = do_deed(request, _deeds(request, found, at))
        if not tried:
            return redirect("desk:project", key=key)
        found = kept_project(me(request), key, at=at)
    context = _page(request, found, at, tried) | tried
    return private(render(request, "desk/projects/project.html", context, status=tried.get("status", 200)))


def _deeds(request: HttpRequest, found: Any, at: datetime) -> dict[str, Deed]:
    """Return all that can be done with a project in some state; the actions say what can't be done now."""
    return _before(request, found, at) | _after(request, found, at)


def _before(request: HttpRequest, found: Any, at: datetime) -> dict[str, Deed]:
    """Return what can be done until residents have chosen."""
    key = found.pk
    how: dict[str, Any] = {"by": me(request), "at": at}
    topics = [(str(one.pk), one.title) for one in topics_for(found, at=at)[:MOST_TOPICS]]
    named = [] if found.topic_id is None else proposals_shown(found, at=at)
    proposals = [(str(one.proposal.pk), one.proposal.partner.name) for one in named]
    return {
        "change": Deed(
            _("Change the package"), partial(_package_form, found, at),
            lambda form, _said: packaging.change_package(key, form.package(), **how), _("Saved."),
        ),
        "call": Deed(
            _("Call for proposals"), UntilForm,
            lambda _form, said: packaging.call_for_proposals(key, until=said["until"], **how),
            _("Called: everyone can see the package, and partners can propose."),
        ),
        "extend": Deed(
            _("Make the call longer"), UntilForm,
            lambda _form, said: packaging.extend_call(key, until=said["until"], **how), _("Partners have more time."),
        ),
        "vote": Deed(
            _("Let residents vote"), AskingForm,
            lambda form, _said: choosing.let_residents_vote(key, form.asking(), **how),
            _("The ballot is prepared: take the roll in and open it on its page."),
        ),
        "topic": Deed(
            _("Let residents decide in a topic"), partial(TopicForm, topics=topics),
            lambda _form, said: choosing.let_topic_decide(key, UUID(said["topic"]), **how),
            _("Residents decide in this topic. Come back once it is decided."),
        ),
        "choose": Deed(
            _("Write down what residents chose"), partial(ChosenForm, proposals=proposals),
            lambda _form, said: choosing.choose(key, proposal=UUID(said["proposal"]) if said.get("proposal") else None, **how),
            _("Written down: set the money aside, then sign."),
        ),
    }  # fmt: skip


def _after(request: HttpRequest, found: Any, at: datetime) -> dict[str, Deed]:
    """Return what can be done from the choice to the end."""
    key, on = found.pk, local_day(at)
    how: dict[str, Any] = {"by": me(request), "at": at}
    waiting = _waiting(found, at)
    seen = {"after": money.last_number(found)}
    unpaid = [
        (one.pk, _("%(number)s. %(what)s: %(amount)s yuan") % {
            "number": one.milestone.number, "what": one.milestone.what, "amount": yuan_of(one.milestone.amount_fen)})
        for one in unpaid_acceptances(found)
    ]  # fmt: skip
    return {
        "set_aside": Deed(
            _("Set money aside"), partial(SourceForm, initial=seen),
            lambda _form, said: money.set_aside(key, said["amount"], said["words"], after=said["after"], **how), _("Set aside."),
        ),
        "sign": Deed(
            _("The agreement is signed"), partial(SignForm, initial={"on": on}),
            lambda _form, said: carrying.sign(key, on=said["on"], **how), _("Signed: its milestones stand fast."),
        ),
        "accept": Deed(
            _("Accept the milestone"), partial(ShownForm, waiting=waiting),
            lambda _form, said: carrying.accept(key, UUID(said["evidence"]), **how),
            _("Accepted. Somebody else releases the money."),
        ),
        "refuse": Deed(
            _("Say what is missing in the evidence"), partial(RefuseForm, waiting=waiting),
            lambda _form, said: carrying.refuse(key, UUID(said["evidence"]), said["why"], **how), _("The partner reads what is missing."),
        ),
        "release": Deed(
            _("Release the money for a milestone"), partial(ReleaseForm, unpaid=unpaid),
            lambda _form, said: money.release(said["acceptance"], **how), _("Released, and written down for everyone."),
        ),
        "close": Deed(
            _("Close the project"), partial(RemarkForm, initial={"words": _("What is left goes back.")}),
            lambda _form, said: money.close_project(key, said["words"], **how), _("Closed: the account is complete."),
        ),
        "pay_back": Deed(
            _("The partner paid money back"), partial(MoneyForm, initial=seen),
            lambda _form, said: money.pay_back(key, said["amount"], said["words"], after=said["after"], **how), _("Written down."),
        ),
        "give_back": Deed(
            _("Give money back that isn't needed"), partial(MoneyForm, initial=seen),
            lambda _form, said: money.give_back(key, said["amount"], said["words"], after=said["after"], **how),
            _("Given back, and written down for everyone."),
        ),
        "stop": Deed(
            _("Stop the project"), WhyForm, lambda _form, said: packaging.stop_project(key, said["why"], **how),
            _("Stopped. What isn't owed went back."),
        ),
    }  # fmt: skip


def _package_form(found: Any, at: datetime, *arguments: Any, **options: Any) -> forms.Form:
    """Return the form of a package with what stands there."""
    on = local_day(at)
    choices = package_choices(area_of(found.area_id, on=on).code, at)
    first = {
        "title": found.title, "words": found.words, "budget": yuan_of(found.budget_fen),
        "units": [area_of(unit.area_id, on=on).code for unit in found.units.all()],
        "needs": [str(key) for key in found.needs.values_list("need", flat=True)], "brand": str(found.brand_id or ""),
    }  # fmt: skip
    return PackageForm(*arguments, initial=first, **choices, **options)


def _waiting(found: Any, at: datetime) -> list[tuple[str, str]]:
    rows = [(one.waiting, one.milestone) for one in milestones_of(found, at=at)]
    return [(str(shown.pk), f"{milestone.number}. {milestone.what}") for shown, milestone in rows if shown is not None]


def _offered(found: Any, at: datetime) -> list[str]:
    """Return the keys of what may be done now, the most useful first."""
    state, held = State(found.state), balances_of(found)
    is_over, has_proposals = is_call_over(found, at=at), handed_in_count(found) > 0
    has_unpaid = unpaid_acceptances(found).exists()
    may_choose = choosing.may_begin_choice(found, at=at)
    is_waiting = bool(_waiting(found, at))
    wanted = {
        "call": may_do(state, May.CALL), "choose": may_do(state, May.CHOOSE), "vote": may_choose, "topic": may_choose,
        "accept": is_waiting and may_do(state, May.JUDGE), "refuse": is_waiting and may_do(state, May.JUDGE),
        "release": has_unpaid and may_do(state, May.RELEASE), "close": may_do(state, May.CLOSE) and not has_unpaid,
        "sign": may_do(state, May.SIGN), "set_aside": may_do(state, May.SET_ASIDE) and -held[Account.SOURCE] < found.budget_fen,
        "extend": may_do(state, May.EXTEND) and not (is_over and has_proposals), "change": may_do(state, May.CHANGE),
        "pay_back": may_do(state, May.PAY_BACK) and held[Account.PARTNER] > 0,
        "give_back": may_do(state, May.GIVE_BACK) and money.free_in_pot(found) > 0, "stop": may_do(state, May.STOP),
    }  # fmt: skip
    return [key for key, is_so in wanted.items() if is_so]


def _page(request: HttpRequest, found: Any, at: datetime, tried: dict[str, Any]) -> dict[str, Any]:
    on = local_day(at)
    proposals = proposals_shown(found, at=at)
    return {
        "project": found, "area": area_of(found.area_id, on=on), "word": STATE_TITLES[found.state], "tag": STATE_TAGS[found.state],
        "line": stage_line(found, at=at), "units": list(names_by_area([unit.area_id for unit in found.units.all()], on=on).values()),
        "needs": [one.need for one in found.needs.select_related("need")], "is_shown": found.call_until is not None,
        "proposals": [(one, PROPOSAL_TITLES[one.proposal.state], PROPOSAL_TAGS[one.proposal.state]) for one in proposals],
        "handed_in": handed_in_count(found), "is_call_over": is_call_over(found, at=at), "partner": partner_chosen(found),
        "milestones": [
            (one, MILESTONE_TITLES[one.milestone.state], MILESTONE_TAGS[one.milestone.state]) for one in milestones_of(found, at=at)
        ],
        "picture": "desk:project_picture", "may_print": found.state in (State.CHOSEN, State.RUNNING, State.DONE, State.CLOSED),
        "agreement": getattr(found, "agreement", None), "moves": move_rows(found), "held": held_rows(found),
        "deeds": offered_deeds(_deeds(request, found, at), _offered(found, at), tried), "refusal": "",
    }  # fmt: skip


def move_rows(found: Any) -> list[tuple[Any, Any]]:
    """Return each move of money with its title."""
    return [(line, MOVE_TITLES[line.kind]) for line in books_of(found).lines]


def held_rows(found: Any) -> list[tuple[str, Any, int]]:
    """Return what each account holds, in fen."""
    return [(account.value, ACCOUNT_TITLES[account], fen) for account, fen in balances_of(found).items()]


@staff
@require_safe
def picture(request: HttpRequest, key: UUID, picture: UUID) -> HttpResponse:
    """Return a picture shown for a project one keeps."""
    return as_picture(kept_picture(me(request), key, picture, at=timezone.now()))


def as_picture(found: Any) -> HttpResponse:
    """Give a picture out as the JPEG it is, for this reader alone."""
    headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    with found.file.open("rb") as file:
        return HttpResponse(file.read(), content_type="image/jpeg", headers=headers)


@staff
@require_safe
def agreement(request: HttpRequest, key: UUID) -> HttpResponse:
    """Return the agreement as a sheet to sign, from the choice on."""
    at = timezone.now()
    found = kept_project(me(request), key, at=at)
    chosen = next((one for one in proposals_shown(found, at=at) if one.proposal.state == "chosen"), None)
    if chosen is None:
        raise NotFound(_("There is no agreement before residents have chosen."))
    return as_pdf(
        agreement_pdf(found, chosen, area_of(found.area_id, on=local_day(at)).name), f"project-{found.pk}.pdf"
    )
