"""Take in what a survey says of posts; give one, and end them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.batches import among, batches, rows_where
from weiduan.ground.base.changes import Changes, Row, difference
from weiduan.ground.base.inserts import insert_all, update_all
from weiduan.ground.ledger.actions import Deed, record_many
from weiduan.ground.territory.models import Area
from weiduan.ground.territory.queries import alive
from weiduan.systems.organisation.members.actions import keep_persons, rename_persons, without_personal
from weiduan.systems.organisation.members.daily import NotNow
from weiduan.systems.organisation.organisations.models import Organisation

from .models import Post, Where
from .rules import SOLE, Role

By = User | str


@transaction.atomic
def revise_posts(
    changes: Changes, *, persons: Mapping[str, UUID], others: Mapping[str, UUID], organisations: Mapping[str, int],
    areas: Mapping[str, int], on: date, by: Any, at: datetime,
) -> None:  # fmt: skip
    """Take in surveyed posts; whoever holds one without being a member is kept by name.

    persons  number → key of members of the survey; others  of persons kept already who are none
    organisations, areas  number or code → key, for all that is named
    """
    fresh = [r for r in changes.new if r["person"] not in persons and r["person"] not in others]
    everyone = {**persons, **others} | keep_persons(
        {"number": r["person"], "name": r["name"] or "", "contact": r["contact"]} for r in fresh
    )
    renamed = [after for before, after in changes.changed if any(before[k] != after[k] for k in ("name", "contact"))]
    renamed += [row for row in changes.new if row["person"] in others and row["name"]]
    rename_persons(
        {"number": row["person"], "name": row["name"], "contact": row["contact"]}
        for row in renamed
        if row["person"] not in persons
    )
    begun_anew = [after for before, after in changes.changed if after["since"] > before["since"]]
    corrected = [after for before, after in changes.changed if after["since"] <= before["since"]]
    held = _held(everyone, organisations, areas, on)
    said = [_said(held[_key(row, everyone, organisations, areas)], row) for row in corrected]
    begun = [_post(row, everyone, organisations, areas) for row in [*changes.new, *begun_anew]]
    for post, row in zip(begun[len(changes.new) :], begun_anew, strict=True):
        post.until = held[_key(row, everyone, organisations, areas)].until
    end([held[_key(row, everyone, organisations, areas)] for row in changes.gone], on)
    _make_way(begun, said, on)
    update_all(Post, said, ["since", "due_on"])
    insert_all(Post, begun)
    record_many(_deeds(changes, everyone), by=by, at=at)


Key = tuple[UUID, str, int | None, int | None]


def _key(row: Row, persons: Mapping[str, UUID], organisations: Mapping[str, int], areas: Mapping[str, int]) -> Key:
    return (
        persons[row["person"]], row["role"], organisations.get(row["organisation"] or ""), areas.get(row["area"] or ""),
    )  # fmt: skip


def _held(
    persons: Mapping[str, UUID], organisations: Mapping[str, int], areas: Mapping[str, int], on: date
) -> dict[Key, Post]:
    """Read the posts held on a day in these organisations and areas."""
    here = set(organisations.values()), set(areas.values())
    posts = rows_where(Post.objects.select_for_update().filter(alive(on)), "person", persons.values())
    return {
        (p.person_id, p.role, p.organisation_id, p.area_id): p
        for p in posts
        if p.organisation_id in here[0] or p.area_id in here[1]
    }


def _said(post: Post, row: Row) -> Post:
    post.since, post.due_on = row["since"], row["due"]
    return post


def _post(row: Row, persons: Mapping[str, UUID], organisations: Mapping[str, int], areas: Mapping[str, int]) -> Post:
    person, role, organisation, area = _key(row, persons, organisations, areas)
    return Post(
        person_id=person, role=role, organisation_id=organisation, area_id=area, since=row["since"], due_on=row["due"]
    )


def _make_way(begun: list[Post], corrected: list[Post], on: date) -> None:
    """End what was held before where these begin, and what begins where somebody took it up after the survey."""
    begins = {_alone(post): post for post in [*begun, *corrected]}
    organisations = {post.organisation_id for post in begins.values() if post.organisation_id}
    areas = {post.area_id for post in begins.values() if post.area_id}
    there = Post.objects.select_for_update().filter(Q(organisation__in=among(organisations)) | Q(area__in=among(areas)))
    for post in there.filter(since__lte=on).exclude(pk__in=[post.pk for post in corrected]):
        follows = begins.get(_alone(post))
        if follows is not None and (post.until is None or post.until > follows.since):
            end([post], follows.since)
    later = {_alone(post): post.since for post in there.filter(since__gt=on).order_by("-since")}
    for post in begun:
        post.until = later.get(_alone(post), post.until)


def _alone(post: Post) -> tuple:
    """Return what only one post at a time can have."""
    place = post.role, post.organisation_id, post.area_id
    return place if post.role in SOLE else (*place, post.person_id)


def end(posts: Iterable[Post], on: date) -> None:
    """End posts on a day; what began that day or later never was."""
    for batch in batches(posts):
        Post.objects.filter(pk__in=[p.pk for p in batch if p.since >= on]).delete()
        Post.objects.filter(pk__in=[p.pk for p in batch if p.since < on]).update(until=on)


def _deeds(changes: Changes, persons: Mapping[str, UUID]) -> list[Deed]:
    def told(row: Row) -> dict[str, Any]:
        return {key: row[key] for key in ("role", "organisation", "area") if row[key]}

    kind = "organisation.person"
    deeds = [Deed("post.ended", kind, str(persons[r["person"]]), r["area"] or "", told(r)) for r in changes.gone]
    deeds += [Deed("post.given", kind, str(persons[r["person"]]), r["area"] or "", None, told(r)) for r in changes.new]
    for before, after in changes.changed:
        said, says = difference(before, after)
        said, says = without_personal(said, says)
        deeds.append(Deed("post.changed", kind, str(persons[after["person"]]), after["area"] or "", said, says))
    return deeds


@transaction.atomic
def renew_posts(dues: Mapping[int, date], *, by: Any, at: datetime) -> int:
    """Let whoever holds a post in an organisation keep it until its new term is due: elected again.

    dues  organisation key → day the new term is due
    """
    held = Post.objects.select_for_update().filter(until__isnull=True, due_on__isnull=False)
    posts = [post for post in rows_where(held, "organisation", dues) if post.organisation_id]
    deeds = []
    for post in posts:
        due = dues[post.organisation_id or 0]
        told = {"due": str(post.due_on)}, {"due": str(due)}
        deeds.append(Deed("post.renewed", "organisation.person", str(post.person_id), "", *told))
        post.due_on = due
    Post.objects.bulk_update(posts, ["due_on"], batch_size=300)
    record_many(deeds, by=by, at=at)
    return len(posts)


@transaction.atomic
def appoint(
    person: UUID, role: Role, where: Where, *, since: date, due: date | None, by: Any, at: datetime
) -> tuple[Post, list[Post]]:
    """Give a person a post; return it, and the posts that end that day: of whoever held it where one alone can.

    :raises NotAllowed: `by` does not keep the organisations there
    :raises NotNow: somebody took it up later than that day
    """
    _lock(where)
    require(by, Duty.KEEP_ORGANISATION, in_area=where.code, at=at)
    there = Post.objects.select_for_update().filter(still_held(since), role=role.value, **where.held())
    before = list(there if role.value in SOLE else there.filter(person=person))
    _refuse_later(before, since)
    end(before, since)
    post = Post.objects.create(person_id=person, role=role.value, since=since, due_on=due, **where.held())
    told = {"role": role.value} | where.told()
    kind = "organisation.person"
    deeds = [Deed("post.ended", kind, str(p.person_id), where.code, told) for p in before]
    record_many([*deeds, Deed("post.given", kind, str(person), where.code, None, told)], by=by, at=at)
    return post, before


def _lock(where: Where) -> None:
    """Let one after another change who holds what in a place."""
    if where.organisation is not None:
        Organisation.objects.select_for_update().get(pk=where.organisation.pk)
    else:
        Area.objects.select_for_update().get(pk=where.area or 0)


def still_held(since: date) -> Q:
    """Posts that are held at some time from a day on."""
    return Q(until=None) | Q(until__gt=since)


def _refuse_later(posts: Iterable[Post], on: date) -> None:
    later = max((post.since for post in posts), default=on)
    if later > on:
        raise NotNow(_("Somebody took this up on %(day)s already; give that day or a later one."), day=later)


@transaction.atomic
def end_posts(organisation: Organisation, *, seat: str, on: date, by: Any, at: datetime) -> int:
    """End every post in an organisation on a day; return how many ended.

    :raises NotAllowed: `by` does not keep the organisations there
    :raises NotNow: somebody took one up later than that day
    """
    require(by, Duty.KEEP_ORGANISATION, in_area=seat, at=at)
    posts = list(Post.objects.select_for_update().filter(still_held(on), organisation=organisation))
    _refuse_later(posts, on)
    end(posts, on)
    told = {"organisation": organisation.number}
    deeds = [Deed("post.ended", "organisation.person", str(p.person_id), seat, told | {"role": p.role}) for p in posts]
    record_many(deeds, by=by, at=at)
    return len(posts)
