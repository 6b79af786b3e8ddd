"""weiduan organisation, member, change: thin over the actions; and the keys of programs."""

import re
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.utils import timezone

from tests.builders import GRID, VILLAGE, a_user
from tests.doors.test_console import main, weiduan
from tests.systems.organisation.moving import leader_of, members_of, the, two_villages
from weiduan.ground.accounts.keys import user_of_key
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.systems.organisation.changes.actions import Decided
from weiduan.systems.organisation.members.daily import NotNow
from weiduan.systems.organisation.members.models import Membership, Person
from weiduan.systems.organisation.transfers.models import Transfer

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    two_villages()


def number_of(person) -> str:
    return Person.objects.get(pk=person).number


def test_organisations_are_listed_shown_and_judged(world):
    said = weiduan("organisation", "list", "--area", VILLAGE, "--kind", "group")
    assert "X1" in said and "Y1" not in said and "共 1 个" in said
    assert "共 6 个" in weiduan("organisation", "list")

    shown = weiduan("organisation", "show", "X1", "--on", "2018-12-31")
    assert f"覆盖 {GRID}001" in shown and "正式党员 3 名" in shown
    assert number_of(leader_of("X1")) in shown and "张P" not in shown, "persons by number only"
    assert "党员" in weiduan("organisation", "rules", "X1")
    with pytest.raises(NotFound):
        weiduan("organisation", "show", "X9")


def test_somebody_joins_becomes_full_and_leaves(world):
    joined = str(timezone.localdate() - timedelta(days=800))
    said = weiduan(
        "member", "join", "X1", "--name", "李新", "--contact", "", "--joined-on", joined, "--home", f"{GRID}001"
    )
    [number] = re.findall(r"✓ (\S+)", said)
    listed = weiduan("member", "list", "--organisation", "X1")
    assert number in listed and "共 4 名" in listed and "李新" not in listed
    assert "共 1 名" in weiduan("member", "list", "--area", VILLAGE, "--state", "probationary")

    weiduan("member", "full", number)
    with pytest.raises(NotNow):
        weiduan("member", "full", number)
    assert "空缺职务 0 个" in weiduan("member", "leave", number, "resigned")
    assert "空缺职务 1 个" in weiduan("member", "leave", number_of(leader_of("X1")), "died")
    with pytest.raises(BadInput, match="P99999"):
        weiduan("member", "full", "P99999")
    assert set(Entry.objects.filter(what__startswith="member.").exclude(by="test").values_list("by", flat=True)) == {
        "console"
    }


def test_a_name_is_asked_for_so_that_it_stays_out_of_the_shells_history(world):
    done = CliRunner().invoke(main.weiduan, ["member", "join", "X1"], input="李新\n\n", standalone_mode=False)
    assert done.exception is None
    assert Membership.objects.filter(organisation=the("X1"), until=None).count() == 4


def test_a_transfer_is_asked_for(world):
    number = number_of(members_of("X1")[1])
    said = weiduan("member", "transfer", number, "--to", "Y1", "--reason", "residence")
    assert str(Transfer.objects.get().pk) in said
    with pytest.raises(BadInput):
        weiduan("member", "transfer", number_of(members_of("X1")[2]), "--reason", "work")


def test_a_change_is_asked_for_returned_asked_for_again_and_approved_with_a_reason(world):
    unit = f"{GRID}002"
    words = ("change", "ask", "set_up", "--fact", "name=新组", "--fact", "kind=group", "--fact", "parent=Z1",
             "--fact", f"seat={unit}", "--fact", f"covers={unit}", "--fact", f"covers={GRID}003")  # fmt: skip
    [first] = re.findall(r"✓ ([0-9a-f-]{36})", weiduan(*words))
    weiduan("change", "return", first, "先摸清党员")
    with pytest.raises(Decided):
        weiduan("change", "approve", first)

    [second] = re.findall(r"✓ ([0-9a-f-]{36})", weiduan(*words))
    with pytest.raises(BadInput):
        weiduan("change", "approve", second)
    assert f"X{unit}" in weiduan("change", "approve", second, "--reason", "先设组，再转入党员")
    listed = weiduan("change", "list", "--area", VILLAGE)
    assert f"{first}  set_up  新组  returned" in listed and f"{second}  set_up  新组  approved" in listed
    with pytest.raises(BadInput, match="KEY=VALUE"):
        weiduan("change", "ask", "dissolve", "--organisation", "X1", "--fact", "members_to")


def test_a_key_for_a_program_is_shown_once_and_all_keys_end_together():
    user = a_user(name="program")
    keys = [weiduan("user", "key", "program", "--days", days).strip() for days in ("1", "30")]
    assert [user_of_key(key, at=timezone.now()) for key in keys] == [user, user]
    assert user_of_key(keys[0], at=timezone.now() + timedelta(days=2)) is None

    assert weiduan("user", "end-keys", "program") == "✓ program 2\n"
    assert [user_of_key(key, at=timezone.now()) for key in keys] == [None, None]
    with pytest.raises(BadInput):
        weiduan("user", "key", "program", "--days", "400")
    with pytest.raises(NotFound, match="nobody"):
        weiduan("user", "key", "nobody")
