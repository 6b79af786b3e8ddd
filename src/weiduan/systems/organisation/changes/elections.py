"""Write down an election that was held: who attended, who was elected with how many votes; a new term begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, Refused
from weiduan.ground.ledger.actions import Deed, record, record_many
from weiduan.ground.rulebook.queries import rules_of
from weiduan.ground.rulebook.rules import Force, Judgement, Rule, Verdict
from weiduan.ground.territory.queries import area_of
from weiduan.systems.organisation.appointments.actions import end_posts
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.appointments.rules import LEADS, Role
from weiduan.systems.organisation.coverage.queries import judgements_of
from weiduan.systems.organisation.organisations.models import Organisation, Term
from weiduan.systems.organisation.organisations.queries import existing

from .carrying import term_years
from .figures import Figures, judged
from .queries import electors_of

# Whom the rules of an organisation see differently after an election; what else they say it doesn't change.
SETTLED = {"leaders", "committee_posts", "officers"}
JUDGED = {"attended_percent", "voters_beyond_full", "votes_beyond_half"}  # what election_figures gives


class NotElected(Refused):
    """By the rules this election elected nobody; `broken` says by which."""

    def __init__(self, message: Any, broken: Sequence[Judgement], **values: Any) -> None:
        super().__init__(message, **values)
        self.broken = tuple(broken)


@dataclass(frozen=True)
class Elected:
    person: UUID
    role: Role
    votes: int


@transaction.atomic
def hold_election(
    organisation: Organisation, posts: Sequence[Elected], *, voters: int, attended: int, on: date, by: User | str, at: datetime
) -> Term:  # fmt: skip
    """Write an election down: the posts held until now end, the elected take office, a term begins by the pack's length.

    voters    how many were due to vote; attended  how many came

    :raises NotAllowed: `by` does not keep the organisations there
    :raises NotElected: too few came, somebody has too few votes, or the committee wouldn't be as it must
    :raises BadInput: a day still to come or before the last election, figures that can't be, nobody to lead, no full member
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    seat = area_of(organisation.area_id, on=on).code
    require(by, Duty.KEEP_ORGANISATION, in_area=seat, at=at)
    if on > local_day(at):
        raise BadInput(_("%(day)s is still to come; write it down on that day."), day=on)
    if not Organisation.objects.filter(existing(on), pk=organisation.pk).exists():
        raise BadInput(_("%(name)s does not exist on %(day)s."), name=organisation.name, day=on)
    last = Term.objects.filter(organisation=organisation).order_by("-since").first()
    if last is not None and last.since >= on and last.since != organisation.founded_on:
        raise BadInput(_("An election of %(day)s is written down already; give a later day."), day=last.since)
    electors = set(electors_of(organisation, on=on).values_list("person", flat=True))
    _check_figures(posts, electors, voters, attended)
    figures = election_figures(posts, voters=voters, attended=attended, full=len(electors))
    said = judged("election", figures, area=seat, on=on)
    term = _begin(organisation, posts, seat, on, by, at)
    _refuse_broken(said + [j for j in judgements_of(organisation, on=on) if _settles(j.rule)])
    return term


def election_rules(organisation: Organisation, *, on: date) -> list[Rule]:
    """Return the rules an election of this organisation must hold to."""
    rules = rules_of(area_of(organisation.area_id, on=on).code, on=on)
    here = [rule for rule in rules if rule.applies_to == organisation.kind and _settles(rule)]
    return [rule for rule in rules if rule.applies_to == "election" and rule.measure in JUDGED] + here


def _settles(rule: Rule) -> bool:
    return rule.measure in SETTLED and rule.force is Force.MUST


def election_figures(posts: Sequence[Elected], *, voters: int, attended: int, full: int) -> Figures:
    """Return what the rules of elections look at; of the elected whoever has the fewest votes."""
    return {
        "attended_percent": 100 * attended // voters, "voters_beyond_full": max(voters - full, 0),
        "votes_beyond_half": 2 * min(one.votes for one in posts) - attended,
    }  # fmt: skip


def _check_figures(posts: Sequence[Elected], electors: set[UUID], voters: int, attended: int) -> None:
    leader = [one for one in posts if one.role.value in LEADS]
    if len(leader) != 1:
        raise BadInput(_("Exactly one person is elected to lead; name who."))
    if len({one.person for one in posts}) < len(posts):
        raise BadInput(_("Somebody is named twice; each takes one post."))
    if not 0 < attended <= voters or any(not 0 <= one.votes <= attended for one in posts):
        raise BadInput(_("No more can attend than may vote, and nobody has more votes than came."))
    if any(one.person not in electors for one in posts):
        raise BadInput(_("Only full members of the organisation can be elected."))


def _begin(
    organisation: Organisation, posts: Sequence[Elected], seat: str, on: date, by: User | str, at: datetime
) -> Term:  # fmt: skip
    due = on + relativedelta(years=term_years(seat, on=on))
    end_posts(organisation, seat=seat, on=on, by=by, at=at)
    Post.objects.bulk_create(
        [Post(person_id=p.person, role=p.role.value, organisation=organisation, since=on, due_on=due) for p in posts]
    )
    told = {"organisation": organisation.number}
    record_many(
        [Deed("post.given", "organisation.person", str(p.person), seat, None, told | {"role": p.role.value}) for p in posts],
        by=by, at=at,
    )  # fmt: skip
    term, _made = Term.objects.update_or_create(organisation=organisation, since=on, defaults={"due_on": due})
    after = {"since": str(on), "due_on": str(due)}
    record(what="term.begun", about=organisation, by=by, at=at, area=seat, after=after)
    return term


def _refuse_broken(judgements: Sequence[Judgement]) -> None:
    broken = [one for one in judgements if one.verdict is Verdict.BROKEN]
    if broken:
        one = broken[0]
        raise NotElected(
            _("This election can't be written down: found %(found)s%(unit)s, while %(act)s %(article)s asks for at least "
            "%(asked)s.")
            if one.rule.test == "min"
            else _("This election can't be written down: found %(found)s%(unit)s, while %(act)s %(article)s allows at most "
            "%(asked)s."),
            broken, found=one.found, unit=one.rule.unit, act=one.rule.act, article=one.rule.article, asked=one.rule.value,
        )  # fmt: skip
