"""Reminders: each stage once over each channel, retried when it failed, no person named, no host of one's own choosing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from django.db import connection

from tests.builders import VILLAGE, a_user
from tests.systems.organisation.moving import members_of, secretaries, the, two_villages
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.outlook.reminders import actions
from weiduan.outlook.reminders.actions import NotDelivered, NotHere, TooMany, add_channel, code_of, confirm, end_channel
from weiduan.outlook.reminders.models import Channel, Sent
from weiduan.outlook.reminders.queries import channels_of, due_for
from weiduan.outlook.reminders.rules import read_address
from weiduan.outlook.reminders.sending import send
from weiduan.systems.organisation.members.models import Person
from weiduan.systems.organisation.transfers.actions import ask
from weiduan.systems.organisation.transfers.rules import Reason

pytestmark = pytest.mark.django_db
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
# The terms of this world are due on 1 June 2022.
SIX, THREE, LATE = (datetime(2022, *day, 2, 0, tzinfo=UTC) for day in ((1, 15), (4, 1), (6, 15)))


@pytest.fixture
def messages(settings):
    """Messages are switched on; what would leave this machine is kept here instead, and goes well."""
    settings.REMINDERS_ON, settings.REMINDERS_MAIL = True, "mailtos://u:p@smtp.example.cn"
    settings.REMINDERS_URL = "https://weiduan.example.cn"
    with mock.patch.object(actions, "send", return_value=True) as sent:
        yield sent


def a_channel(user: User, address: str = WECOM, at: datetime = SIX) -> Channel:
    channel = add_channel(user, address, at=at)
    return confirm(channel.pk, code_of(channel), user=user, at=at)


def remind(at: datetime = SIX, **how) -> list[tuple[str, bool | None, int]]:
    """(account, went, how many things) of each message."""
    return [(one.user.username, one.went, len(one.due)) for one in actions.remind(at=at, **how)]


@pytest.fixture
def keeper(messages):
    two_villages()
    return a_user(Duty.KEEP_ORGANISATION, area=VILLAGE, name="keeper")


def test_each_stage_of_an_election_is_told_once_in_one_message(keeper, messages):
    a_channel(keeper)

    assert remind() == [("keeper", True, 3)]
    assert remind() == []
    assert remind(SIX + timedelta(days=20)) == []
    assert remind(THREE) == [("keeper", True, 3)]
    assert remind(LATE) == [("keeper", True, 3)]
    assert messages.call_count == 3
    assert set(Sent.objects.values_list("stage", "state").distinct()) == {
        (f"{near} 2022-06-01", "sent") for near in ("6", "3", "late")
    }


def test_a_message_names_organisations_and_pages_and_no_person(keeper, messages):
    here, _there = secretaries()
    ask(members_of("Y1")[1], receiver=the("X1"), reason=Reason.RESIDENCE, on=SIX.date(), by="test", at=SIX)
    a_channel(here)

    remind()

    [call] = messages.call_args_list
    text = call.kwargs["text"]
    assert call.args == ("wecombot://693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa/",)
    assert "X1" in text and "https://weiduan.example.cn/desk/transfers/" in text
    numbers = list(Person.objects.values_list("number", flat=True))
    assert numbers and [number for number in numbers if number in text] == []


def test_what_failed_goes_again_and_what_was_cut_off_too_but_not_what_is_under_way(keeper, messages):
    channel = a_channel(keeper)
    messages.return_value = False
    assert remind() == [("keeper", False, 3)]
    assert remind(only_look=True) == [("keeper", None, 3)]

    messages.return_value = True
    assert remind(SIX + timedelta(hours=1)) == [("keeper", True, 3)]
    Sent.objects.filter(channel=channel).update(state="sending")  # cut off before it was marked
    assert remind(SIX + timedelta(hours=1, minutes=5)) == []
    assert remind(SIX + timedelta(hours=2)) == [("keeper", True, 3)]
    assert Entry.objects.filter(what="reminders.sent").count() == 2


def test_looking_sends_and_writes_nothing(keeper, messages):
    a_channel(keeper)

    assert remind(only_look=True) == [("keeper", None, 3)]
    assert (messages.call_count, Sent.objects.count()) == (0, 0)


def test_nothing_goes_to_a_channel_unconfirmed_or_removed_or_of_an_account_that_is_closed(keeper, messages):
    unconfirmed = add_channel(keeper, "zhang@example.cn", at=SIX)
    with pytest.raises(BadInput):
        confirm(unconfirmed.pk, "00000000", user=keeper, at=SIX)
    removed = a_channel(keeper)
    end_channel(removed.pk, user=keeper, at=SIX)
    assert remind() == []
    assert bytes(Channel.objects.get(pk=removed.pk).address) == b""

    confirm(unconfirmed.pk, code_of(unconfirmed), user=keeper, at=SIX)
    User.objects.filter(pk=keeper.pk).update(is_active=False)
    assert remind() == []


def test_a_channel_is_ones_own_sealed_and_one_of_few(keeper):
    channel = add_channel(keeper, WECOM, at=SIX)
    other = a_user(Duty.KEEP_ORGANISATION)

    assert b"693a91f6" not in bytes(channel.address)
    assert [row.hint for row in channels_of(keeper)] == ["…5aaa"]
    for deed in (
        lambda: confirm(channel.pk, code_of(channel), user=other, at=SIX),
        lambda: end_channel(channel.pk, user=other, at=SIX),
    ):
        with pytest.raises(NotFound):
            deed()
    with pytest.raises(BadInput):
        add_channel(keeper, WECOM, at=SIX)
    for number in range(4):
        add_channel(keeper, f"a{number}@example.cn", at=SIX)
    with pytest.raises(TooMany):
        add_channel(keeper, "one.more@example.cn", at=SIX)


@pytest.mark.parametrize("address", [
    "http://169.254.169.254/", "https://example.cn/hook", "json://10.0.0.1/", "mailtos://u:p@10.0.0.1?to=a@b.cn", "file:///etc/passwd",
    "wecombot://10.0.0.1:80/x", "https://qyapi.weixin.qq.com.evil.cn/cgi-bin/webhook/send?key=abcdefgh12", "a@b.cn\nBcc: c@d.cn",
    "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abcdefgh12&x=1", "dingtalk://abcdefgh12/../x", "a@b.cn?to=c@d.cn", "@", "",
])  # fmt: skip
def test_nobody_names_a_host(address):
    assert read_address(address) is None


@pytest.mark.parametrize("address, kept", [
    (" zhang.san@chengdu.gov.cn ", "mailto:zhang.san@chengdu.gov.cn"),
    ("mailto:a@b.cn", "mailto:a@b.cn"),
    ("wecombot://abcdefgh12/", "wecombot://abcdefgh12/"),
    ("https://oapi.dingtalk.com/robot/send?access_token=abcdefgh12", "dingtalk://abcdefgh12/"),
    ("dingtalk://SECabcdef12@abcdefgh12", "dingtalk://SECabcdef12@abcdefgh12/"),
])  # fmt: skip
def test_the_three_kinds_are_understood_as_they_are_copied(address, kept):
    assert read_address(address)[1] == kept


def test_off_by_default_and_without_a_mail_server_only_robots(db, settings):
    user = a_user()
    with pytest.raises(NotHere):
        add_channel(user, WECOM, at=SIX)
    with pytest.raises(NotHere):
        list(actions.remind(at=SIX))
    settings.REMINDERS_ON = True
    with pytest.raises(NotHere):
        add_channel(user, "a@b.cn", at=SIX)
    assert add_channel(user, WECOM, at=SIX).kind == "wecom"


def test_a_robot_is_asked_at_its_own_host_without_following_elsewhere():
    with mock.patch("requests.post") as post:
        post.return_value.status_code = 200
        assert send("wecombot://abcdefgh12/", title="微端", text="换届 3") is True
        assert send("dingtalk://abcdefgh12/", title="微端", text="换届 3") is True
        post.return_value.status_code = 302
        assert send("wecombot://abcdefgh12/", title="微端", text="换届 3") is False

    hosts = [call.args[0].split("?")[0] for call in post.call_args_list]
    assert hosts[:2] == ["https://qyapi.weixin.qq.com/cgi-bin/webhook/send", "https://oapi.dingtalk.com/robot/send"]
    assert {call.kwargs["allow_redirects"] for call in post.call_args_list} == {False}


def test_a_test_that_does_not_arrive_is_said(keeper, messages):
    channel = add_channel(keeper, WECOM, at=SIX)
    messages.return_value = False
    with pytest.raises(NotDelivered):
        actions.try_channel(channel.pk, user=keeper)
    messages.return_value = True
    actions.try_channel(channel.pk, user=keeper)
    assert code_of(channel) in messages.call_args.kwargs["text"]


def test_what_is_due_is_asked_with_the_same_number_of_questions_however_much_it_is(
    keeper, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12):
        assert len(due_for(keeper, at=SIX)) == 3
    for person in members_of("Y1")[1:]:
        ask(person, receiver=the("X1"), reason=Reason.RESIDENCE, on=SIX.date(), by="test", at=SIX)
    with django_assert_max_num_queries(12):
        assert len(due_for(keeper, at=SIX)) == 5


@pytest.mark.django_db(transaction=True)
def test_of_runs_at_once_one_tells(keeper, messages):
    a_channel(keeper)

    def run(_number: int) -> int:
        try:
            return len(remind())
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(4))) == 1
    assert messages.call_count == 1
