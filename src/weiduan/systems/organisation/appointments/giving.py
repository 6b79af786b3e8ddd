"""Give one post, and end one: what may be done between elections, and for posts nobody elects here.

An election writes its own posts (changes.elections); what one alone can hold passes on by itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.actions import Deed, record_many
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import alive, area_by_code, area_of
from weiduan.systems.organisation.members.daily import Newcomer, NotNow, lock_person, not_in_the_future, person_for
from weiduan.systems.organisation.members.lists import seated_in
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.members.queries import persons_numbered
from weiduan.systems.organisation.organisations.models import Organisation, Term

from .actions import By, appoint, end
from .handover import write_handover
from .models import Post, Where
from .queries import able_to_hold, code_of, held_in
from .rules import FULL_MEMBERS_ONLY, MEMBERS_ONLY, MOST_POSTS, Role, roles_in_area, roles_in_organisation


@dataclass(frozen=True)
class Given:
    """A post given: which one, how many the person holds now, which ended for it."""

    post: Post
    held: int
    ended: Sequence[Post]

    @property
    def more_than_usual(self) -> bool:
        return self.held > MOST_POSTS


def in_organisation(organisation: Organisation, *, on: date) -> Where:
    """Return an organisation as a place of posts."""
    return Where(area_of(organisation.area_id, on=on).code, organisation=organisation)


def in_area(code: str, *, on: date) -> Where:
    """Return an area as a place of posts.

    :raises NotFound: none has this code on that day
    """
    return Where(code, area=area_by_code(code, on=on).area_id)


@transaction.atomic
def give_post(
    person: UUID, role: Role, where: Where, *, since: date, due: date | None = None, handover: Iterable[str] = (),
    by: By, at: datetime,
) -> Given:  # fmt: skip
    """Give somebody a post; where one alone holds it, whoever did until then steps down that day.

    due       where the organisation is in a term, the post ends with it and this is not looked at
    handover  what whoever steps down hands over

    :raises NotAllowed: `by` does not keep the organisations there
    :raises BadInput: a role that isn't held there, a place that isn't there on that day, days that can't be,
        somebody who must be a member (a full one, to lead) and isn't
    :raises NotNow: he or she holds it already, somebody took it up later, or the term is over
    """
    require(by, Duty.KEEP_ORGANISATION, in_area=where.code, at=at)
    lock_person(person)
    not_in_the_future(since, at)
    _check_place(role, where, since)
    due = _due(where, since) or due
    if due is not None and due <= since:
        raise BadInput(_("A post is due after it begins, on %(day)s."), day=since)
    for day in {since, local_day(at)}:
        _check_person(person, role, where, day)
    if Post.objects.filter(alive(since), person=person, role=role.value, **where.held()).exists():
        raise NotNow(_("He or she holds this post already."))
    post, before = appoint(person, role, where, since=since, due=due, by=by, at=at)
    for one in before:
        if one.since < since:
            write_handover(one, handover)
    held = Post.objects.filter(alive(local_day(at)), person=person).count()
    return Given(post, held, before)


def _check_place(role: Role, where: Where, since: date) -> None:
    organisation = where.organisation
    roles = roles_in_organisation(organisation.kind) if organisation else roles_in_area(where.code)
    if role not in roles:
        raise BadInput(_("This post is not held there; choose another post or another place."))
    if organisation is None:
        if not AreaVersion.objects.filter(alive(since), area=where.area).exists():
            raise BadInput(_("That place was not there on %(day)s; give a later day."), day=since)
    elif organisation.founded_on > since:
        raise BadInput(_("%(name)s was founded later than that day.") % {"name": organisation.name})
    elif organisation.dissolved_on is not None:
        raise BadInput(_("%(name)s is dissolved; choose another organisation.") % {"name": organisation.name})


def _due(where: Where, since: date) -> date | None:
    """Return when the term ends that an organisation is in, if one is kept.

    :raises NotNow: it is over
    """
    if where.organisation is None:
        return None
    term = Term.objects.filter(organisation=where.organisation, since__lte=since).order_by("-since").first()
    if term is not None and term.due_on <= since:
        raise NotNow(_("The term ended on %(day)s. Hold the election, and the post is filled by it."), day=term.due_on)
    return term.due_on if term else None


def _check_person(person: UUID, role: Role, where: Where, on: date) -> None:
    if role.value in MEMBERS_ONLY and not able_to_hold(role, where, on=on).filter(person=person).exists():
        if role is Role.GRID_HEAD:
            raise BadInput(
                _("The head of a grid is a full member living in it. Write the home down on the member's record first.")
            )
        if role.value in FULL_MEMBERS_ONLY:
            raise BadInput(_("Only a full member of the organisation, or of one below it, can lead it."))
        raise BadInput(_("Only a member of the organisation, or of one below it, can hold this post."))


@transaction.atomic
def end_post(key: int, *, on: date, handover: Iterable[str] = (), by: By, at: datetime) -> Post:
    """End a post on a day; what whoever held it hands over is written down. One that began that very day never was.

    :raises NotFound: there is no such post
    :raises NotAllowed: `by` does not keep the organisations there
    :raises NotNow: it ended already, or began later than that day
    """
    post, code = post_kept_by(key, by=by, at=at)
    not_in_the_future(on, at)
    if post.until is not None:
        raise NotNow(_("The post ended on %(day)s already."), day=post.until)
    if on < post.since:
        raise NotNow(_("The post began on %(day)s; it can't end before."), day=post.since)
    end([post], on)
    if post.since < on:
        post.until = on
        write_handover(post, handover)
    told = {"role": post.role} | Where(code, post.organisation, post.area_id).told()
    record_many([Deed("post.ended", "organisation.person", str(post.person_id), code, told)], by=by, at=at)
    return post


def post_kept_by(key: int, *, by: By, at: datetime) -> tuple[Post, str]:
    """Lock a post and let only whoever keeps the organisation act; return it and the code of its place.

    :raises NotFound: there is none, or not for `by`
    :raises NotAllowed: `by` does not keep the organisations there
    """
    rows = Post.objects.select_for_update(of=("self",)).select_related("organisation")
    post = rows.filter(pk=key).first()
    if post is None:
        raise NotFound(_("There is nothing here that you may see."))
    code = code_of(post, on=local_day(at))
    require(by, Duty.KEEP_ORGANISATION, in_area=code, at=at)
    return post, code


@transaction.atomic
def person_meant(number: str, *, name: str = "", contact: str = "", where: Where, by: By, at: datetime) -> UUID:
    """Return whom a number means, or a name: somebody kept already, or kept now.

    A number alone is enough for members and holders of posts whom `by` keeps; the name of others is not told,
    so it must be known.

    :raises BadInput: neither is given
    :raises NotFound: nobody `by` keeps has this number
    :raises NotNow: the number is given to somebody of another name
    """
    require(by, Duty.KEEP_ORGANISATION, in_area=where.code, at=at)
    number, name = number.strip(), name.strip()
    if name:
        prefix = where.organisation.number if where.organisation else where.code
        return person_for(Newcomer(name, contact, number), prefix=prefix).pk
    if not number:
        raise BadInput(_("Choose a person, or write a number or a name."))
    found = persons_numbered([number]).get(number)
    if found is None or not (isinstance(by, str) or _is_kept(found, by, at)):
        raise NotFound(_("Nobody you keep has the number %(number)s. Write the name too.") % {"number": number})
    return found


def _is_kept(person: UUID, by: User, at: datetime) -> bool:
    on, codes = local_day(at), areas_of(by, Duty.KEEP_ORGANISATION, at=at)
    members = Membership.objects.filter(alive(on), seated_in(codes, on=on, path="organisation__"), person=person)
    return members.exists() or Post.objects.filter(held_in(codes, on=on), person=person).exists()
