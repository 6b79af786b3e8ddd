"""Reminders on the desk and by command, and how much today's page asks."""

from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from click.testing import CliRunner
from django.test import Client
from django.utils import timezone

from tests.builders import GRID, VILLAGE, a_village, load, post, unit
from tests.systems.organisation.moving import members_of, secretaries, the, two_villages
from weiduan.doors.console import remind as command
from weiduan.ground.accounts.models import User
from weiduan.outlook.insight import organisation as insight
from weiduan.outlook.reminders import actions
from weiduan.outlook.reminders.actions import add_channel, code_of, confirm
from weiduan.outlook.reminders.models import Channel, Sent
from weiduan.systems.organisation.transfers.actions import ask
from weiduan.systems.organisation.transfers.rules import Reason

pytestmark = pytest.mark.django_db
PAGE = "/desk/reminders/"
ROBOT = "wecombot://abcdefgh12/"


@pytest.fixture(autouse=True)
def nothing_held():
    insight._held.clear()


@pytest.fixture
def keeper(settings):
    settings.REMINDERS_ON = True
    two_villages()
    with mock.patch.object(actions, "send", return_value=True):
        yield secretaries()[0]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_what_is_due_is_listed_by_kind_and_leads_to_where_it_is_done(keeper):
    today = timezone.localdate()
    ask(members_of("Y1")[1], receiver=the("X1"), reason=Reason.WORK, on=today, by="test", at=timezone.now())
    answer = signed_in(keeper).get(PAGE)

    groups = {kind: rows for kind, _title, _late, rows, _more in answer.context["groups"]}
    assert {kind: len(rows) for kind, rows in groups.items()} == {"transfer": 1, "election": 3}
    assert groups["transfer"][0][3:] == ("/desk/transfers/", False)
    assert all(late for *_rest, late in groups["election"])
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_channel_is_added_confirmed_tried_and_removed(keeper):
    client = signed_in(keeper)

    assert client.post(PAGE, {"do": "add", "address": ROBOT}).status_code == 302
    channel = Channel.objects.get()
    assert "abcdefgh12" not in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"do": "confirm", "channel": channel.pk, "code": "nonsense"}).status_code == 400
    assert client.post(PAGE, {"do": "confirm", "channel": channel.pk, "code": code_of(channel)}).status_code == 302
    assert client.post(PAGE, {"do": "try", "channel": channel.pk}).status_code == 302
    actions.send.return_value = False
    assert client.post(PAGE, {"do": "try", "channel": channel.pk}).status_code == 409
    assert client.post(PAGE, {"do": "remove", "channel": channel.pk}).status_code == 302
    assert client.get(PAGE).context["channels"] == []


def test_what_is_no_channel_and_what_is_not_ones_own_is_refused(keeper):
    client, other = signed_in(keeper), signed_in(secretaries()[1])
    client.post(PAGE, {"do": "add", "address": ROBOT})
    key = Channel.objects.get().pk

    for address in ("", "http://127.0.0.1/", "json://127.0.0.1/"):
        assert client.post(PAGE, {"do": "add", "address": address}).status_code == 400
    for said in ({"do": "remove", "channel": key}, {"do": "try", "channel": key}, {"do": "remove", "channel": "x"}):
        assert other.post(PAGE, said).status_code == 404
    assert client.post(PAGE, {"do": "nothing"}).status_code == 400


def test_where_messages_are_switched_off_the_page_only_lists(keeper, settings):
    settings.REMINDERS_ON = False
    client = signed_in(keeper)

    assert 'name="address"' not in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"do": "add", "address": ROBOT}).status_code == 409


def weiduan(*words: str):
    return CliRunner().invoke(command.remind, words, standalone_mode=False)


def test_the_command_tells_each_account_and_says_what_failed(keeper):
    at = datetime(2022, 6, 15, tzinfo=UTC)
    channel = add_channel(keeper, ROBOT, at=at)
    confirm(channel.pk, code_of(channel), user=keeper, at=at)

    assert keeper.username in weiduan("--dry-run").output and not Sent.objects.exists()
    actions.send.return_value = False
    assert weiduan().exception is not None
    actions.send.return_value = True
    assert weiduan().exception is None
    assert set(Sent.objects.values_list("state", flat=True)) == {"sent"}
    assert keeper.username not in weiduan().output


def test_today_asks_the_same_however_much_is_due(keeper, django_assert_max_num_queries):
    client, today = signed_in(keeper), timezone.localdate()
    for fresh, most in ((True, 32), (False, 26)):
        if fresh:
            insight._held.clear()
        with django_assert_max_num_queries(most):
            assert client.get("/desk/").status_code == 200
    for person in members_of("Y1")[1:]:
        ask(person, receiver=the("X1"), reason=Reason.WORK, on=today - timedelta(days=40), by="test", at=timezone.now())
    client.get("/desk/")
    with django_assert_max_num_queries(26):
        answer = client.get("/desk/")
    assert [one.url for one in answer.context["waiting"]].count("/desk/transfers/") == 2


def test_today_names_in_one_line_where_ground_and_organisations_came_apart(keeper):
    client = signed_in(keeper)
    page = f"/desk/area/{VILLAGE}/in-step/"
    assert page not in client.get("/desk/").content.decode()

    rows = a_village()
    rows["units"].append(unit(f"{GRID}004"))
    load(
        {key: rows[key] if key in ("grids", "units") else [] for key in rows},
        on=timezone.localdate() - timedelta(days=5),
    )
    assert page in client.get("/desk/").content.decode()


def test_a_post_that_ends_leads_to_the_posts_of_its_village_and_one_in_an_organisation_comes_with_its_election(keeper):
    rows = a_village()
    number = rows["members"][0]["number"]
    due = timezone.localdate() + timedelta(days=10)
    rows["posts"] += [
        post(number, "grid_worker", area=GRID, due=due),
        post(number, "committee_member", organisation="Z1", due=due),
    ]
    load(rows, on=timezone.localdate())

    groups = {kind: rows for kind, _title, _late, rows, _more in signed_in(keeper).get(PAGE).context["groups"]}

    [(whom, _what, by, url, late)] = groups["post"]
    assert (GRID in whom, str(due) in by, url, late) == (True, True, f"/desk/area/{VILLAGE}/posts/", False)
