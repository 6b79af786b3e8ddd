"""任职: what is vacant, who holds what, cross-appointment; giving a post, ending one, handing over."""

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from weiduan.ground.accounts.queries import areas_of, local_day, may, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound, Refused
from weiduan.ground.territory.queries import area_by_code, places
from weiduan.ground.territory.rules import Level
from weiduan.outlook.insight.handover import proposed_handover
from weiduan.outlook.insight.words import LACK_TITLES, ROLE_TITLES
from weiduan.systems.organisation.appointments.cross import cross_in
from weiduan.systems.organisation.appointments.giving import end_post, give_post, in_area, in_organisation, person_meant
from weiduan.systems.organisation.appointments.handover import tick_handover
from weiduan.systems.organisation.appointments.listed import (
    PostRecord,
    grid_posts,
    holders_of,
    post_record,
    posts_in,
    told,
)
from weiduan.systems.organisation.appointments.queries import able_named, open_handover_in
from weiduan.systems.organisation.appointments.rules import (
    MEMBERS_ONLY,
    MOST_POSTS,
    SOLE,
    Role,
    roles_in_area,
    roles_in_organisation,
)
from weiduan.systems.organisation.changes.queries import term_of
from weiduan.systems.organisation.coverage.vacancies import Lack, Vacancy, vacancies_in
from weiduan.systems.organisation.organisations.queries import organisation_by_number

from .members import private
from .posts_form import EndForm, GiveForm
from .viewing import area_url, crumb_links, day_of, look, me, page_of, staff


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def posts(request: HttpRequest, code: str) -> HttpResponse:
    """Show the posts of an area: vacancies first; on POST tick a thing that was handed over."""
    seen = look(request, code)
    at, on = timezone.now(), day_of(request)
    if request.method == "POST":
        return _tick(request, "desk:posts", code)
    here = area_by_code(code, on=on)
    known = places(code, on=on, levels=[Level.VILLAGE, Level.GRID])
    keeps, today = may(me(request), Duty.KEEP_ORGANISATION, in_area=code, at=at), local_day(at)
    acts = keeps and on == today
    vacant = vacancies_in(code, on=on)
    cross = [row for row in cross_in(code, on=on) if row.cadres or row.open]
    page, held = page_of(request, vacant), page_of(request, posts_in(code, on=on), name="held")
    context = {
        "here": here, "on": on, "today": today, "keeps": keeps, "acts": acts,
        "crumbs": [*crumb_links(code, known, on, seen), (_("Posts"), None)], "page": page, "held": held,
        "vacancies": [_vacancy(one, acts) for one in page],
        "lacks": [(LACK_TITLES[lack], n) for lack in Lack if (n := sum(one.lack is lack for one in vacant))],
        "crossed": page_of(request, cross, name="cross"), "is_village": here.level == Level.VILLAGE,
        "cadres": sum(row.cadres for row in cross), "cross_held": sum(row.crossed for row in cross),
        "grids": grid_posts(code, known, on=on, named=keeps) if here.level == Level.VILLAGE else None,
        "posts": [(one, ROLE_TITLES[one.role]) for one in told(held, on=on, named=keeps)],
        "gives": acts and bool(roles_in_area(code)),
        "handover": [(one, ROLE_TITLES[one.role]) for one in open_handover_in([code], on=on)] if keeps else [],
    }  # fmt: skip
    return private(render(request, "desk/posts/area.html", context))


def _vacancy(one: Vacancy, acts: bool) -> dict[str, Any]:
    place = reverse("desk:organisation", args=[one.number]) if one.in_organisation else area_url(one.code)
    return {
        "one": one, "role": ROLE_TITLES[one.role], "lack": LACK_TITLES[one.lack], "url": place,
        "over": one.lack is Lack.TERM_OVER, "fill": _fill_url(one) if acts else "",
    }  # fmt: skip


def _fill_url(one: Vacancy) -> str:
    """Return where it is put right: an organisation elects when its term is over, all else is given."""
    if one.in_organisation and one.lack is Lack.TERM_OVER:
        return reverse("desk:election", args=[one.number])
    name = "desk:give_post_in" if one.in_organisation else "desk:give_post"
    return f"{reverse(name, args=[one.number])}?role={one.role}"


def _tick(request: HttpRequest, name: str, *args: Any) -> HttpResponse:
    at, item = timezone.now(), request.POST.get("item", "")
    if not (item.isascii() and item.isdigit() and len(item) < 19):
        raise BadInput(_("Choose what to do."))
    tick_handover(int(item), on=local_day(at), by=me(request), at=at)
    messages.success(request, _("Ticked: it is handed over."))
    return redirect(name, *args)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def give_in_area(request: HttpRequest, code: str) -> HttpResponse:
    """Give a post held in a village, a grid or a unit."""
    at = timezone.now()
    on, seen = local_day(at), look(request, code)
    require(me(request), Duty.KEEP_ORGANISATION, in_area=code, at=at)
    crumbs = crumb_links(code, places(code, on=on, levels=[]), on, seen)
    roles = roles_in_area(code)
    title, back = area_by_code(code, on=on).name, reverse("desk:posts", args=[code[:12]])
    return _give(request, in_area(code, on=on), roles, {"title": title, "back": back, "crumbs": crumbs}, False)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def give_in_organisation(request: HttpRequest, number: str) -> HttpResponse:
    """Give a post of an organisation between two elections."""
    at = timezone.now()
    on = local_day(at)
    organisation = organisation_by_number(number, viewer=me(request), on=on, at=at)
    where, back = in_organisation(organisation, on=on), reverse("desk:organisation", args=[number])
    require(me(request), Duty.KEEP_ORGANISATION, in_area=where.code, at=at)
    seen = areas_of(me(request), Duty.LOOK, at=at)
    around = crumb_links(where.code, places(where.code, on=on, levels=[]), on, seen)
    context = {"title": organisation.name, "back": back, "crumbs": [*around, (organisation.name, back)]}
    has_term = term_of(organisation, on=on) is not None
    return _give(request, where, roles_in_organisation(organisation.kind), context, has_term)


def _give(
    request: HttpRequest, where: Any, roles: list[Role], context: dict[str, Any], has_term: bool
) -> HttpResponse:  # fmt: skip
    """First choose the role, then say who; on POST give the post."""
    at, asked = timezone.now(), request.GET.get("role", "")
    on = local_day(at)
    role = next((role for role in roles if role.value == asked), roles[0] if len(roles) == 1 else None)
    context |= {
        "roles": [(role.value, ROLE_TITLES[role.value]) for role in roles], "role": ROLE_TITLES[role.value] if role else "",
        "crumbs": [*context["crumbs"], (_("Give a post"), None)],
    }  # fmt: skip
    if role is None:
        return render(request, "desk/posts/give.html", context)
    now = holders_of(role.value, where, on=on)
    leaving = now if role.value in SOLE else []
    form = GiveForm(
        request.POST if request.method == "POST" else None, today=on, has_term=has_term,
        members=[(number, name) for _key, number, name in able_named(role, where, on=on)],
        open_to_others=role.value not in MEMBERS_ONLY,
        proposed=proposed_handover(role.value, where.organisation, on=on) if leaving else [],
    )  # fmt: skip
    if request.method == "POST" and form.is_valid() and _gave(request, form, role, where, at):
        return redirect(context["back"])
    context |= {"form": form, "now": now, "steps_down": bool(leaving), "members_only": role.value in MEMBERS_ONLY}
    return private(render(request, "desk/posts/give.html", context, status=400 if form.errors else 200))


def _gave(request: HttpRequest, form: GiveForm, role: Role, where: Any, at: datetime) -> bool:
    """Give the post; where it is refused, say so in the form."""
    how: dict[str, Any] = {"by": me(request), "at": at}
    said = form.cleaned_data
    try:
        person = person_meant(where=where, **form.who(), **how)
        days = {"since": said["since"], "due": said.get("due")}
        given = give_post(person, role, where, **days, handover=said.get("handover", ()), **how)
    except NotAllowed:
        raise
    except Refused as refusal:
        form.add_error(None, refusal.message)
        return False
    messages.success(request, _("The post is given."))
    if given.more_than_usual:
        messages.warning(request, _("He or she holds %(n)s posts now; usually it is %(most)s at most.") % {
            "n": given.held, "most": MOST_POSTS})  # fmt: skip
    return True


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def post(request: HttpRequest, key: int) -> HttpResponse:
    """Show one post and what is handed over with it; on POST end it, or tick a thing."""
    at = timezone.now()
    on = local_day(at)
    found = post_record(key, viewer=me(request), at=at)
    ends = found.until is None
    if request.method == "POST" and request.POST.get("do") == "tick":
        return _tick(request, "desk:post", key)
    form = EndForm(request.POST if request.method == "POST" else None, today=on, initial=_proposed(found, on))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            end_post(key, on=said["on"], handover=said["handover"], by=me(request), at=at)
        except (NotFound, NotAllowed):
            raise
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("The post has ended."))
            return redirect(_place_url(found) if said["on"] == found.held.since else reverse("desk:post", args=[key]))
    seen = areas_of(me(request), Duty.LOOK, at=at)
    context = {
        "found": found, "held": found.held, "role": ROLE_TITLES[found.held.role], "form": form if ends else None,
        "place_url": _place_url(found), "left": sum(item.done_on is None for item in found.items),
        "crumbs": [*crumb_links(found.code, places(found.code, on=on, levels=[]), on, seen),
                   (_("Posts"), reverse("desk:posts", args=[found.code[:12]])), (ROLE_TITLES[found.held.role], None)],
    }  # fmt: skip
    return private(render(request, "desk/posts/post.html", context, status=400 if form.errors else 200))


def _proposed(found: PostRecord, on: date) -> dict[str, Any]:
    return {"handover": "\n".join(proposed_handover(found.held.role, found.organisation, on=on))}


def _place_url(found: PostRecord) -> str:
    if found.organisation is not None:
        return reverse("desk:organisation", args=[found.organisation.number])
    return area_url(found.code)
