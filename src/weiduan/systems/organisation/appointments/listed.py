"""Posts of an area as a list: whoever holds one, where, whether a member; names only where the duty needs them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.queries import Place, alive, names_by_area
from weiduan.ground.territory.rules import Level
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.members.queries import open_field
from weiduan.systems.organisation.members.rules import COUNTED
from weiduan.systems.organisation.organisations.models import Organisation

from .models import HandoverItem, Post, Where
from .queries import code_of, held_in
from .rules import Role


@dataclass(frozen=True)
class Held:
    """One post as it is shown; number and name of the person only where the viewer's duty needs them.

    place, place_number  of the organisation, or the area's name and code
    """

    key: int
    role: str
    place: str
    place_number: str
    in_organisation: bool
    since: date
    due: date | None
    overdue: bool
    member: bool
    number: str | None
    name: str | None


def posts_in(code: str, *, on: date) -> QuerySet[Post]:
    """Return the posts held on a day in an area or below, and in the organisations seated there."""
    rows = Post.objects.filter(held_in([code], on=on), alive(on)).select_related("person", "organisation")
    return rows.order_by("organisation__number", "area_id", "role", "since", "pk")


def told(posts: Iterable[Post], *, on: date, named: bool) -> list[Held]:
    """Lay posts out; `named`: the caller has checked the duty at their places."""
    posts = list(posts)
    areas = names_by_area({post.area_id for post in posts if post.area_id}, on=on)
    members = set(
        Membership.objects.filter(alive(on), state__in=COUNTED, person__in={p.person_id for p in posts}).values_list(
            "person_id", flat=True
        )
    )
    return [_told(post, areas.get(post.area_id or 0), post.person_id in members, on, named) for post in posts]


def _told(post: Post, area: Place | None, member: bool, on: date, named: bool) -> Held:
    place, number = (area.name, area.code) if area else ("", "")
    if post.organisation is not None:
        place, number = post.organisation.name, post.organisation.number
    return Held(
        key=post.pk, role=post.role, place=place, place_number=number, in_organisation=post.organisation is not None,
        since=post.since, due=post.due_on, overdue=post.due_on is not None and post.due_on < on, member=member,
        number=post.person.number if named else None,
        name=open_field(post.person_id, "name", post.person.name) if named else None,
    )  # fmt: skip


@dataclass(frozen=True)
class GridPosts:
    """A grid, who works and heads it, and who keeps the rooms in it or in its units."""

    code: str
    name: str
    workers: list[Held]
    heads: list[Held]
    keepers: list[Held]


def grid_posts(village: str, known: Iterable[Place], *, on: date, named: bool) -> list[GridPosts]:
    """Return the grids of a village, in order of code.

    known  its places as territory.places gives them
    """
    shown = [Role.GRID_WORKER.value, Role.GRID_HEAD.value, Role.VENUE_KEEPER.value]
    held: dict[tuple[str, str], list[Held]] = defaultdict(list)
    for one in told(posts_in(village, on=on).filter(role__in=shown), on=on, named=named):
        held[one.place_number[:15], one.role].append(one)
    return [
        GridPosts(grid.code, grid.name, *(held[grid.code, role] for role in shown))
        for grid in known
        if grid.level == Level.GRID and grid.code.startswith(village)
    ]


def holders_of(role: str, where: Where, *, on: date) -> list[Held]:
    """Return who holds a role somewhere on a day, by name; the caller has checked who asks."""
    posts = Post.objects.filter(alive(on), role=role, **where.held()).select_related("person", "organisation")
    return told(posts.order_by("since", "pk"), on=on, named=True)


@dataclass(frozen=True)
class PostRecord:
    """A post with what is handed over with it (open things first); `code` is that of its place or seat."""

    held: Held
    organisation: Organisation | None
    code: str
    until: date | None
    items: list[HandoverItem]


def post_record(key: int, *, viewer: User, at: datetime) -> PostRecord:
    """Return a post as whoever keeps the organisation may see it.

    :raises NotFound: there is none, or not for this viewer
    :raises NotAllowed: `viewer` may look there, but does not keep the organisations
    """
    on = local_day(at)
    post = Post.objects.select_related("person", "organisation").filter(pk=key).first()
    if post is None:
        raise NotFound(_("There is nothing here that you may see."))
    code = code_of(post, on=on)
    require(viewer, Duty.KEEP_ORGANISATION, in_area=code, at=at)
    [held] = told([post], on=on, named=True)
    items = list(post.handover.order_by("pk"))
    return PostRecord(
        held, post.organisation, code, post.until, sorted(items, key=lambda item: item.done_on is not None)
    )
