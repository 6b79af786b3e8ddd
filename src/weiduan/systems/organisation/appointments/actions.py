"""Take in what a survey says of posts."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.batches import batches, rows_where
from weiduan.ground.base.changes import Changes, Row, difference
from weiduan.ground.base.inserts import insert_all, update_all
from weiduan.ground.ledger.actions import Deed, record_many
from weiduan.ground.territory.queries import alive
from weiduan.systems.organisation.members.actions import keep_persons, rename_persons, without_personal
from weiduan.systems.organisation.organisations.models import Organisation

from .models import Post
from .rules import Role


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
    update_all(Post, said, ["since", "due_on"])
    _end([held[_key(row, everyone, organisations, areas)] for row in changes.gone], on)
    for row in begun_anew:  # the same post again: the one before ends where this one begins
        _end([held[_key(row, everyone, organisations, areas)]], row["since"])
    rows = [*changes.new, *begun_anew]
    insert_all(Post, (_post(row, everyone, organisations, areas) for row in rows))
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


def _end(posts: list[Post], on: date) -> None:
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
    person: UUID, role: Role, *, organisation: Organisation, seat: str, since: date, due: date, by: Any, at: datetime
) -> Post:
    """Give a person a post in an organisation; whoever held this role there before steps down that day.

    :raises NotAllowed: `by` does not keep the organisations there
    """
    require(by, Duty.KEEP_ORGANISATION, in_area=seat, at=at)
    before = Post.objects.select_for_update().filter(alive(since), organisation=organisation, role=role.value)
    _end(list(before), since)
    post = Post.objects.create(person_id=person, role=role.value, organisation=organisation, since=since, due_on=due)
    deed = Deed(
        "post.given",
        "organisation.person",
        str(person),
        seat,
        None,
        {"role": role.value, "organisation": organisation.number},
    )
    record_many([deed], by=by, at=at)
    return post


@transaction.atomic
def appoint_in_area(
    person: UUID, role: Role, *, area: int, code: str, since: date, due: date | None, by: Any, at: datetime
) -> Post:
    """Give a person a post in an area (key and code); whoever held this role there before steps down that day.

    :raises NotAllowed: `by` does not keep the organisations there
    """
    require(by, Duty.KEEP_ORGANISATION, in_area=code, at=at)
    before = Post.objects.select_for_update().filter(alive(since), area=area, role=role.value)
    _end(list(before), since)
    post = Post.objects.create(person_id=person, role=role.value, area_id=area, since=since, due_on=due)
    told = {"role": role.value, "area": code}
    record_many([Deed("post.given", "organisation.person", str(person), code, None, told)], by=by, at=at)
    return post


@transaction.atomic
def end_posts(organisation: Organisation, *, seat: str, on: date, by: Any, at: datetime) -> int:
    """End every post in an organisation on a day; return how many ended.

    :raises NotAllowed: `by` does not keep the organisations there
    """
    require(by, Duty.KEEP_ORGANISATION, in_area=seat, at=at)
    posts = list(Post.objects.select_for_update().filter(alive(on), organisation=organisation))
    _end(posts, on)
    told = {"organisation": organisation.number}
    deeds = [Deed("post.ended", "organisation.person", str(p.person_id), seat, told | {"role": p.role}) for p in posts]
    record_many(deeds, by=by, at=at)
    return len(posts)
