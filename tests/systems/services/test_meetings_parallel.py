"""Several write the same meeting down, or excuse the same duty, in one moment: one does."""

import pytest

from tests.parallel import at_once
from tests.systems.services.meeting import DAY, MAY_5, a_branch, a_keeper, planned, the, written
from weiduan.ground.ledger.queries import breaks
from weiduan.systems.services.meetings import actions, holding
from weiduan.systems.services.meetings.holding import Vote
from weiduan.systems.services.meetings.models import Attendance, MeetingVote, OrganisationMeeting
from weiduan.systems.services.meetings.rules import Kind

AT = MAY_5 + DAY


@pytest.mark.django_db(transaction=True)
def test_of_two_keepers_who_write_one_meeting_down_at_once_one_does():
    a_branch()
    meeting, keepers = planned(), [a_keeper() for _ in range(6)]
    said = [written(meeting, came=5 + n % 3, votes=[Vote("接收", 4, 0, 0)], minutes=f"第{n}份") for n in range(6)]

    answers = at_once(lambda n: holding.hold(meeting.pk, said[n], by=keepers[n], at=AT), 6)

    won = [n for n, answer in enumerate(answers) if isinstance(answer, OrganisationMeeting)]
    assert len(won) == 1
    assert all(isinstance(answer, holding.NotNow) for n, answer in enumerate(answers) if n not in won)
    row = OrganisationMeeting.objects.get()
    assert (row.minutes, row.members_came, row.by_id) == (f"第{won[0]}份", 5 + won[0] % 3, keepers[won[0]].pk)
    assert Attendance.objects.filter(presence="came").count() == row.members_came
    assert MeetingVote.objects.count() == 1
    assert list(breaks()) == []


@pytest.mark.django_db(transaction=True)
def test_a_duty_is_excused_once_and_a_year_laid_once_however_many_do_it_at_once():
    branch = a_branch()
    keeper = a_keeper()

    def excuse(n: int) -> OrganisationMeeting:
        return actions.excuse_due(
            the("Z1"),
            Kind.MEMBERS,
            AT.date().replace(month=1, day=1),
            f"第{n}个说的",
            title="党员大会",
            by=keeper,
            at=AT,
        )

    answers = at_once(excuse, 6)
    assert sum(isinstance(answer, OrganisationMeeting) for answer in answers) == 1

    fixed = actions.FixedDay(10, AT.time(), "", {kind: kind.value for kind in Kind})
    made = at_once(lambda _n: actions.lay_year(branch, 2026, fixed, by=keeper, at=AT), 4)
    assert sorted(made)[:3] == [0, 0, 0]
    assert OrganisationMeeting.objects.filter(state="planned").count() == max(made)
