"""The member's own page: in by a link that works once, what is wrong gets answered, the card stands by consent alone."""

from datetime import timedelta

import pytest

from tests.parallel import at_once
from tests.systems.organisation.moving import HERE, THERE, day, members_of, moment, secretaries, two_villages
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.systems.organisation.members.daily import NotNow, reveal_contact
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.members.rules import LookedAtFor
from weiduan.systems.organisation.own.actions import (
    answer_correction,
    ask_correction,
    give_card,
    make_link,
    use_link,
    withdraw_card,
)
from weiduan.systems.organisation.own.models import Correction, OneTimeLink, PublicCard
from weiduan.systems.organisation.own.queries import card_of, cards_in, corrections_in, corrections_of, looks_at
from weiduan.systems.organisation.transfers.leaving import leave
from weiduan.systems.organisation.transfers.rules import Leaving

pytestmark = pytest.mark.django_db


@pytest.fixture
def both():
    two_villages()
    return secretaries()


def test_a_link_works_once_within_a_day_and_only_its_hash_is_kept(both):
    here, _there = both
    person = members_of("X1")[0]
    token, late = (make_link(person, by=here, at=moment(5)) for _time in range(2))

    assert use_link(token, at=moment(5)) == person
    for again in (token, "never made"):
        with pytest.raises(NotFound):
            use_link(again, at=moment(5))
    with pytest.raises(NotFound):
        use_link(late, at=moment(6))
    assert len(token) >= 22 and not OneTimeLink.objects.filter(token_hash=token.encode()).exists()


@pytest.mark.django_db(transaction=True)
def test_of_ten_who_open_the_same_link_at_once_one_comes_in(both):
    here, _there = both
    person = members_of("X1")[0]
    token = make_link(person, by=here, at=moment(5))
    answers = at_once(lambda number: use_link(token, at=moment(5)), 10)
    assert [answer for answer in answers if not isinstance(answer, NotFound)] == [person]
    assert Entry.objects.filter(what="link.used").count() == 1


def test_only_whoever_keeps_the_organisation_makes_a_link(both):
    _here, there = both
    with pytest.raises(NotFound):
        make_link(members_of("X1")[0], by=there, at=moment(5))


def test_a_correction_waits_for_whoever_keeps_the_organisation_and_is_answered_once(both):
    here, there = both
    person = members_of("X1")[0]
    wish = ask_correction(person, "我的入党时间是 2004 年", at=moment(5))
    assert [len(corrections_in([code], on=day(5))) for code in ("510113002002", "510113002003")] == [1, 0]
    assert b"2004" not in bytes(Correction.objects.get().wish)

    with pytest.raises(NotFound):
        answer_correction(wish.pk, done=True, answer="", by=there, at=moment(6))
    with pytest.raises(BadInput):
        answer_correction(wish.pk, done=False, answer="", by=here, at=moment(6))
    answer_correction(wish.pk, done=True, answer="已更正", by=here, at=moment(6))
    with pytest.raises(NotNow):
        answer_correction(wish.pk, done=True, answer="", by=here, at=moment(6))
    assert corrections_in(["510113002002"], on=day(6)) == []
    assert [(c["wish"], c["answer"]) for c in corrections_of(person)] == [("我的入党时间是 2004 年", "已更正")]


def test_a_card_is_shown_by_consent_and_gone_at_once_when_it_is_withdrawn(both):
    person = members_of("X1")[0]
    give_card(person, unit=HERE, shown_name="张书记", pledge="有事找我", at=moment(5))
    assert [(c["shown_name"], c["pledge"]) for c in cards_in(HERE, on=day(5))] == [("张书记", "有事找我")]

    give_card(person, unit=HERE, shown_name="老张", at=moment(6))
    withdraw_card(person, at=moment(7))
    assert (cards_in(HERE, on=day(7)), card_of(person)) == ([], None)
    assert [(bytes(c.shown_name), bytes(c.pledge)) for c in PublicCard.objects.all()] == [(b"", b""), (b"", b"")]


def test_a_card_stands_where_the_member_lives_or_the_organisation_stands_only(both):
    with pytest.raises(BadInput):
        give_card(members_of("X1")[0], unit=THERE, shown_name="张", at=moment(5))


def test_the_card_of_a_member_who_leaves_is_emptied(both):
    here, _there = both
    person = members_of("X1")[0]
    give_card(person, unit=HERE, shown_name="老张", at=moment(5))
    leave(person, Leaving.RESIGNED, on=day(6), by=here, at=moment(6))
    assert (cards_in(HERE, on=day(6)), bytes(PublicCard.objects.get().shown_name)) == ([], b"")


def test_a_member_sees_who_has_looked(both):
    here, _there = both
    person = members_of("X1")[0]
    reveal_contact(person, LookedAtFor.URGENT, by=here, at=moment(5))
    make_link(person, by=here, at=moment(5) + timedelta(hours=1))
    held = Membership.objects.get(person=person, until=None)

    looks = looks_at(person, held.organisation.area_id, held.organisation_id, on=day(5))
    assert [entry.what for entry in looks] == ["link.made", "contact.revealed"]
    assert not any("张" in str(e.after) for e in Entry.objects.filter(key=str(person)))
