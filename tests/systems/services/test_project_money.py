"""A project's money: any sequence of moves adds up to nothing, a pot never gives what it doesn't hold, each is paid once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, models, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import MONDAY, VILLAGE, a_user
from tests.parallel import at_once
from tests.systems.governance.matters import a_village
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, Refused
from weiduan.systems.services.projects import money, queries
from weiduan.systems.services.projects.carrying import show_evidence
from weiduan.systems.services.projects.keeping import NotNow
from weiduan.systems.services.projects.models import Milestone, MilestoneAcceptance, MoneyMove
from weiduan.systems.services.projects.rules import Account

from . import projecting as p

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path


@pytest.mark.django_db
def test_another_person_than_who_accepted_releases_the_money():
    a_village()
    world = p.running()
    acceptance = p.accepted(world)
    with pytest.raises(money.SamePerson):
        money.release(acceptance.pk, by=world.keeper, at=p.SIGNED)
    move = money.release(acceptance.pk, by=world.payer, at=p.SIGNED)
    assert (move.amount_fen, move.credit, move.debit) == (12_000_00, "pot", "partner")
    for who in (world.payer, "console"):
        with pytest.raises(Refused):
            money.release(acceptance.pk, by=who, at=p.SIGNED)


@pytest.mark.django_db
def test_no_more_is_set_aside_than_the_budget_and_none_is_given_that_is_promised():
    a_village()
    world = p.running()
    how = {"by": world.keeper, "at": p.SIGNED}
    with pytest.raises(BadInput):
        money.set_aside(world.key, 1, "专项资金", **how)
    with pytest.raises(money.NotInThePot):
        money.give_back(world.key, 19_999_51, "退回", **how)
    money.give_back(world.key, 19_999_50, "退回", **how)
    with pytest.raises(money.NotInThePot):
        money.pay_back(world.key, 1, "多付", **how)
    for fen, words in ((0, "退回"), (-5, "退回"), (1, " "), (1, "长" * 201)):
        with pytest.raises(BadInput):
            money.set_aside(world.key, fen, words, **how)
    money.release(p.accepted(world, 1).pk, by=world.payer, at=p.SIGNED)
    money.pay_back(world.key, 100, "少用一箱材料", **how)
    held = queries.balances_of(world.project)
    assert held == {Account.SOURCE: -30_000_50, Account.POT: 18_001_50, Account.PARTNER: 11_999_00}
    money.give_back(world.key, 100, "退回", **how)
    assert queries.balances_of(world.project)[Account.POT] == 18_000_50


@pytest.mark.django_db
def test_a_form_sent_twice_moves_money_once():
    a_village()
    world = p.running(fund=30_000_50)
    how = {"by": world.keeper, "at": p.SIGNED, "after": 1}
    money.set_aside(world.key, 100, "专项资金", **how)
    for deed in (money.set_aside, money.give_back, money.pay_back):
        with pytest.raises(NotNow):
            deed(world.key, 100, "专项资金", **how)
    assert queries.balances_of(world.project)[Account.POT] == 30_001_50


MOVES = st.lists(
    st.tuples(
        st.sampled_from(
            ["set_aside", "release_1", "release_2", "pay_back", "give_back", "accept_1", "accept_2", "same"]
        ),
        st.integers(-10, 2_500_000),
    ),
    max_size=14,
)


@pytest.mark.django_db
def test_whatever_is_tried_in_whatever_order_the_accounts_add_up():
    a_village()
    world = p.running(fund=30_000_50)

    @given(MOVES)
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def hold(tries):
        with transaction.atomic():
            for what, fen in tries:
                before = list(MoneyMove.objects.order_by("number").values_list())
                try:
                    with transaction.atomic():
                        _try(world, what, fen)
                except Refused:
                    assert list(MoneyMove.objects.order_by("number").values_list()) == before
                _adds_up(world)
            transaction.set_rollback(True)

    hold()


def _try(world: p.World, what: str, fen: int) -> None:
    how = {"by": world.keeper, "at": p.SIGNED}
    if what.startswith("accept"):
        number = int(what[-1])
        if not MilestoneAcceptance.objects.filter(milestone__number=number).exists():
            milestone = Milestone.objects.get(number=number)
            if milestone.state != "reported":
                show_evidence(world.key, number, "做完了", by="test", at=p.SIGNED)
            p.accepted(world, number)
    elif what.startswith("release") or what == "same":
        number = int(what[-1]) if what != "same" else 1
        found = MilestoneAcceptance.objects.filter(milestone__number=number).first()
        money.release(found.pk if found else 0, by=world.keeper if what == "same" else world.payer, at=p.SIGNED)
    else:
        getattr(money, what)(world.key, fen, "属性测试", **how)


def _adds_up(world: p.World) -> None:
    held = queries.balances_of(world.project)
    accepted = MilestoneAcceptance.objects.values_list("milestone__amount_fen", flat=True)
    released = MoneyMove.objects.filter(kind="release")
    assert sum(held.values()) == 0
    assert held[Account.POT] >= 0 and 0 <= held[Account.PARTNER] <= sum(accepted)
    assert sorted(released.values_list("amount_fen", flat=True)) == sorted(
        MilestoneAcceptance.objects.filter(release__isnull=False).values_list("milestone__amount_fen", flat=True)
    )
    assert list(MoneyMove.objects.order_by("number").values_list("number", flat=True)) == list(
        range(1, MoneyMove.objects.count() + 1)
    )
    assert held[Account.POT] >= queries.owed_to_partner(world.project)


@pytest.mark.django_db
def test_the_database_itself_refuses_to_change_a_move_to_pay_without_acceptance_or_twice():
    a_village()
    world = p.running()
    acceptance = p.accepted(world)
    money.release(acceptance.pk, by=world.payer, at=p.SIGNED)
    [first, _second] = MoneyMove.objects.order_by("number")
    for deed in (
        lambda: MoneyMove.objects.filter(pk=first.pk).update(amount_fen=1),
        lambda: MoneyMove.objects.filter(pk=first.pk).delete(),
        lambda: _sql("UPDATE services_moneymove SET amount_fen = 1"),
        lambda: _sql("DELETE FROM services_moneymove"),
    ):
        with pytest.raises(Exception, match=r"added|only"), transaction.atomic():
            deed()
    told = {"project": world.project, "number": 9, "amount_fen": 1, "words": "x", "on": first.on, "at": MONDAY}
    ways: list[dict] = [
        {"kind": "release", "debit": "partner", "credit": "pot"},  # nothing accepted
        {"kind": "release", "debit": "partner", "credit": "pot", "acceptance": acceptance},  # paid already
        {"kind": "fund", "debit": "pot", "credit": "source", "acceptance": acceptance},
        {"kind": "fund", "debit": "partner", "credit": "source"},  # past the pot
        {"kind": "fund", "debit": "pot", "credit": "source", "amount_fen": 0},
        {"kind": "fund", "debit": "pot", "credit": "source", "number": 1},
    ]
    for way in ways:
        with pytest.raises(IntegrityError), transaction.atomic():
            MoneyMove.objects.create(**(told | way))
    with pytest.raises(models.ProtectedError), transaction.atomic():
        acceptance.delete()
    assert MoneyMove.objects.count() == 2


def _sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_twenty_who_release_the_same_money_at_once_release_it_once():
    a_village()
    world = p.running()
    acceptance = p.accepted(world)
    payers = [a_user(Duty.KEEP_SERVICES, area=VILLAGE) for _each in range(20)]
    told = at_once(lambda n: money.release(acceptance.pk, by=payers[n], at=p.SIGNED), 20)
    assert sum(isinstance(one, MoneyMove) for one in told) == 1
    assert sum(isinstance(one, Refused) for one in told) == 19
    assert queries.balances_of(world.project)[Account.PARTNER] == 12_000_00


@pytest.mark.django_db(transaction=True)
def test_many_who_give_back_at_once_never_give_what_is_promised():
    a_village()
    world = p.running()
    told = at_once(lambda _n: money.give_back(world.key, 9_000_00, "退回", by=world.keeper, at=p.SIGNED), 8)
    assert sum(isinstance(one, MoneyMove) for one in told) == 2  # 19 999.50 aren't promised
    assert queries.balances_of(world.project)[Account.POT] == 32_000_00
