"""The pages of the three administrators: each has its own, the others' are not there, and they do what they say."""

import json
import re
from datetime import date

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from click.testing import CliRunner
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.append_only import lifted
from tests.builders import DISTRICT, MONDAY, VILLAGE, a_user, divisions
from weiduan.doors.console.people import end_user, first_admins, new_factor, new_password, unlock_user
from weiduan.ground.accounts.actions import give_mandate
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.rules import ADMINISTRATION, Duty
from weiduan.ground.base.errors import BadInput
from weiduan.ground.ledger.actions import record
from weiduan.ground.ledger.models import Entry

pytestmark = pytest.mark.django_db
PAGES = {
    Duty.KEEP_ACCOUNTS: ["/desk/accounts/", "/desk/accounts/{}/"],
    Duty.GIVE_MANDATES: ["/desk/mandates/", "/desk/mandates/{}/"],
    Duty.READ_LEDGER: ["/desk/ledger/", "/desk/ledger/anchor.json"],
}


def _as(user):
    client = Client()
    client.force_login(user)
    return client


def _admin(duty, area=""):
    user = a_user(duty, area=area)
    return user, _as(user)


@pytest.mark.parametrize("who", [*ADMINISTRATION, Duty.LOOK, Duty.KEEP_ORGANISATION])
@pytest.mark.parametrize("duty", ADMINISTRATION)
def test_each_has_its_own_pages_and_the_others_are_not_there(who, duty):
    other = a_user()
    _user, client = _admin(who)
    for page in PAGES[duty]:
        assert client.get(page.format(other.pk)).status_code == (200 if who is duty else 404)
        assert client.post(page.format(other.pk)).status_code in ((200, 400, 405) if who is duty else (404, 405))


@pytest.mark.parametrize("duty", ADMINISTRATION)
def test_an_administrator_finds_them_under_my_account_and_sees_nothing_of_the_areas(duty):
    divisions()
    _user, client = _admin(duty)
    mine = client.get("/accounts/").content.decode()
    assert [page in mine for page in (PAGES[d][0] for d in ADMINISTRATION)] == [d is duty for d in ADMINISTRATION]
    assert client.get(f"/desk/area/{DISTRICT}/").status_code == 404
    assert client.get("/desk/").status_code == 200


@pytest.mark.parametrize("duty", ADMINISTRATION)
def test_the_first_page_and_the_navigation_lead_there_and_to_nothing_that_is_empty_for_them(duty):
    divisions()
    user, client = _admin(duty)
    links = re.findall(r'href="(/desk/\w+/)"', client.get("/desk/").content.decode())
    assert set(links) == {PAGES[duty][0]} and links.count(PAGES[duty][0]) == 3  # bar, phone's bar, page
    give_mandate(user, Duty.LOOK, area=DISTRICT, since=date(2018, 1, 1), by="console", at=MONDAY)
    assert {"/desk/area/", "/desk/survey/", PAGES[duty][0]} <= set(
        re.findall(r'href="(/desk/\w+/)"', client.get("/desk/").content.decode())
    )


@pytest.mark.parametrize("path", ["/accounts/", "/desk/"])
def test_what_somebody_administrates_is_asked_once_a_page(path):
    _user, client = _admin(Duty.KEEP_ACCOUNTS)
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    assert sum('FROM "accounts_mandate"' in query["sql"] for query in asked) == 1


def test_whoever_administrates_nothing_finds_nothing_of_it():
    divisions()
    page = _as(a_user(Duty.LOOK, area=DISTRICT)).get("/desk/").content.decode()
    assert not [pages[0] for pages in PAGES.values() if pages[0] in page]


def test_an_account_is_opened_with_a_password_that_is_shown_once_and_must_be_changed():
    _user, client = _admin(Duty.KEEP_ACCOUNTS)
    page = client.post("/desk/accounts/", {"username": "li", "title": "石家碾社区 · 网格员"}).content.decode()
    password = re.search(r'id="password">(\S+)</dd>', page)[1]
    assert password not in client.get("/desk/accounts/").content.decode()
    new = Client()
    new.post("/accounts/login/", {"login": "li", "password": password})
    assert new.get("/desk/").url == "/accounts/password/change/"
    assert not User.objects.get(username="li").mandates.exists()


def test_a_password_is_reset_and_an_account_ended():
    _user, client = _admin(Duty.KEEP_ACCOUNTS)
    user = a_user()
    page = client.post(f"/desk/accounts/{user.pk}/", {"do": "password"}).content.decode()
    assert User.objects.get(pk=user.pk).check_password(re.search(r'id="password">(\S+)</dd>', page)[1])
    client.post(f"/desk/accounts/{user.pk}/", {"do": "end"})
    assert not User.objects.get(pk=user.pk).is_active
    assert client.post(f"/desk/accounts/{user.pk}/", {"do": "password"}).status_code == 400


def test_the_system_administrator_sees_no_mandates_and_the_security_administrator_no_buttons_of_accounts():
    user = a_user(Duty.SURVEY)
    _keeper, accounts = _admin(Duty.KEEP_ACCOUNTS)
    _giver, mandates = _admin(Duty.GIVE_MANDATES)
    assert (
        "摸底" not in accounts.get(f"/desk/accounts/{user.pk}/").content.decode().split("<main")[1].split("</main>")[0]
    )
    seen = mandates.get(f"/desk/mandates/{user.pk}/").content.decode()
    assert 'value="end"' in seen
    assert 'value="password"' not in seen


def test_a_lost_factor_needs_both():
    user = a_user(name="wang")
    TOTP.activate(user, generate_totp_secret())
    _keeper, accounts = _admin(Duty.KEEP_ACCOUNTS)
    _giver, mandates = _admin(Duty.GIVE_MANDATES)
    accounts.post(f"/desk/accounts/{user.pk}/", {"do": "factor"})
    assert user.authenticator_set.exists()
    page = mandates.get("/desk/mandates/").content.decode()
    mandates.post("/desk/mandates/", {"do": "confirm", "reset": re.search(r'name="reset" value="(\d+)"', page)[1]})
    assert not user.authenticator_set.exists()


def test_a_duty_is_given_and_ended_and_holds_at_the_next_request():
    divisions()
    user, (_giver, client) = a_user(area="510114000000"), _admin(Duty.GIVE_MANDATES)
    other = _as(user)
    assert other.get(f"/desk/area/{VILLAGE}/").status_code == 404
    client.post(f"/desk/mandates/{user.pk}/", {"do": "give", "duty": "look", "area": VILLAGE, "since": "2020-01-01"})
    assert other.get(f"/desk/area/{VILLAGE}/").status_code == 200
    mandate = user.mandates.get(area=VILLAGE)
    client.post(f"/desk/mandates/{user.pk}/", {"do": "end", "mandate": mandate.pk})
    assert other.get(f"/desk/area/{VILLAGE}/").status_code == 404


def test_who_gives_mandates_in_a_village_sees_and_ends_those_there_alone():
    user, (_giver, client) = a_user(area=DISTRICT), _admin(Duty.GIVE_MANDATES, VILLAGE)
    page = client.get(f"/desk/mandates/{user.pk}/").content.decode()
    assert 'name="mandate"' not in page
    assert 'value="unlock"' not in page
    assert (
        client.post(f"/desk/mandates/{user.pk}/", {"do": "end", "mandate": user.mandates.get().pk}).status_code == 400
    )
    assert client.post(f"/desk/mandates/{user.pk}/", {"do": "unlock"}).status_code in (403, 404)


def test_an_account_is_unlocked(settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "5/15m/key"}
    cache.clear()
    user, (_giver, client) = a_user(name="wang"), _admin(Duty.GIVE_MANDATES)
    for _ in range(5):
        Client().post("/accounts/login/", {"login": "wang", "password": "wrong"})
    client.post(f"/desk/mandates/{user.pk}/", {"do": "unlock"})
    back = Client()
    back.post("/accounts/login/", {"login": "wang", "password": "a password for tests"})
    assert "_auth_user_id" in back.session


def test_the_ledger_is_searched_by_area_deed_account_and_day():
    user, (_auditor, client) = a_user(Duty.SURVEY, name="wang"), _admin(Duty.READ_LEDGER)
    give_mandate(user, Duty.LOOK, area=VILLAGE, since=date(2018, 1, 1), by=_admin(Duty.GIVE_MANDATES)[0], at=MONDAY)

    def found(**asked):
        return [(row.what, row.area) for row, _ in client.get("/desk/ledger/", asked).context["rows"]]

    assert found(area=VILLAGE) == [("mandate.given", VILLAGE)]
    assert ("mandate.given", DISTRICT) in found(area=DISTRICT)
    assert found(what="account") == []
    assert found(account="wang") == []
    assert len(found(account="test")) >= 3
    assert found(since="2018-11-06") == []
    assert found(since="2018-11-05", until="2018-11-05") != []
    assert client.get("/desk/ledger/?area=x").status_code == 400


def test_an_entry_names_its_account_and_what_changed_field_by_field():
    user, (_auditor, client) = a_user(name="wang"), _admin(Duty.READ_LEDGER)
    record(
        what="unit.changed", about=user, by=user, at=MONDAY,
        before={"name": "东院", "households": 3, "closed": None}, after={"name": "西院", "households": 4, "tags": ["新"]},
    )  # fmt: skip
    entry, name = client.get("/desk/ledger/?what=unit").context["rows"][0]
    assert (entry.by, name) == (f"user:{user.pk}", "wang")
    assert entry.changes() == ["closed: — → —", "households: 3 → 4", "name: 东院 → 西院", 'tags: ["新"]']


def test_an_auditor_of_a_village_reads_what_was_done_there():
    a_user(area=DISTRICT), a_user(area=VILLAGE)
    _auditor, client = _admin(Duty.READ_LEDGER, VILLAGE)
    assert {row.area for row, _ in client.get("/desk/ledger/").context["rows"]} == {VILLAGE}
    assert client.get("/desk/ledger/anchor.json").status_code == 404
    assert client.post("/desk/ledger/", {"do": "all"}).status_code == 404


def test_entries_come_page_by_page_each_once():
    for _ in range(60):
        a_user()
    _auditor, client = _admin(Duty.READ_LEDGER)
    first = client.get("/desk/ledger/").context
    second = client.get(f"/desk/ledger/?before={first['more']}").context
    keys = [row.pk for row, _ in [*first["rows"], *second["rows"]]]
    assert keys == sorted(keys, reverse=True)
    assert len(set(keys)) == len(keys) == Entry.objects.count()


@pytest.mark.parametrize("do", ["heads", "all"])
def test_a_cut_tail_is_found(do):
    a_user()
    _auditor, client = _admin(Duty.READ_LEDGER)
    assert client.post("/desk/ledger/", {"do": do}).context["checked"]["found"] == []
    with lifted(connection):
        Entry.objects.order_by("-pk").first().delete()
    assert len(client.post("/desk/ledger/", {"do": do}).context["checked"]["found"]) == 1


def test_the_anchor_holds_all_chains():
    _auditor, client = _admin(Duty.READ_LEDGER)
    assert len(json.loads(client.get("/desk/ledger/anchor.json").content)["chains"]) == 64


def test_the_first_three_are_set_up_on_the_machine_and_only_once():
    runner = CliRunner()
    said = runner.invoke(first_admins, ["--system", "sys", "--security", "sec", "--audit", "aud"]).output
    assert [User.objects.get(username=name).mandates.get().duty for name in ("sys", "sec", "aud")] == list(
        ADMINISTRATION
    )
    password = re.search(r"sec\t(\S+)", said)[1]
    client = Client()
    client.post("/accounts/login/", {"login": "sec", "password": password})
    assert client.get("/desk/").url == "/accounts/password/change/"
    assert isinstance(runner.invoke(first_admins).exception, BadInput)


def test_the_machine_resets_and_unlocks():
    user = a_user(name="wang")
    TOTP.activate(user, generate_totp_secret())
    runner = CliRunner()
    password = runner.invoke(new_password, ["wang"]).output.strip()
    assert User.objects.get(pk=user.pk).check_password(password)
    assert user.authenticator_set.exists()
    assert runner.invoke(new_factor, ["wang", "--yes"]).exit_code == 0
    assert not user.authenticator_set.exists()
    assert runner.invoke(unlock_user, ["wang"]).exit_code == 0
    assert runner.invoke(end_user, ["wang"]).exit_code == 0
    assert not User.objects.get(pk=user.pk).is_active
