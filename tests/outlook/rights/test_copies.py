"""A copy holds all that is kept, opened, and nothing of anybody else; read in again it is the same."""

import json
from datetime import date

import pytest

from tests.builders import MONDAY, VILLAGE, a_user, a_village, divisions, load
from tests.doors.telling import a_picture
from tests.systems.governance import matters
from tests.systems.governance.matters import RECEIPT, told
from tests.systems.services import active
from tests.systems.venues.places import a_room, a_wish
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotFound
from weiduan.outlook.reminders.actions import add_channel
from weiduan.outlook.rights.copies import Copy, copy_by_receipt, copy_of_account, copy_of_person
from weiduan.systems.governance.reports import handling
from weiduan.systems.governance.reports.rules import Wish
from weiduan.systems.organisation.members.models import Person
from weiduan.systems.organisation.organisations.models import Organisation
from weiduan.systems.organisation.own.actions import ask_correction, give_card
from weiduan.systems.services.volunteers import teams
from weiduan.systems.services.wishes import actions as wishes
from weiduan.systems.venues.bookings.actions import book

pytestmark = pytest.mark.django_db
TELEPHONE = "13812345678"


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path


def written(copy: Copy) -> str:
    """Return a copy as the file holds it: it must be plain JSON."""
    return json.dumps(copy, ensure_ascii=False)


def test_a_members_copy_holds_everything_opened_and_nothing_of_others():
    divisions()
    rows = a_village()
    load(rows)
    one, other = Person.objects.filter(memberships__organisation__number="X1").order_by("number")[:2]
    ask_correction(one.pk, "我的入党时间是 2004 年", at=MONDAY)
    give_card(one.pk, unit=f"{VILLAGE}001001", shown_name="老张", pledge="随叫随到", at=MONDAY)
    ask_correction(other.pk, "别人的更正", at=MONDAY)

    copy = copy_of_person(one.pk, at=MONDAY)
    [person] = copy["kept"]["organisation.Person"]
    assert (person["number"], person["name"]) == (one.number, f"张{one.number}")
    assert [row["wish"] for row in copy["kept"]["organisation.Correction"]] == ["我的入党时间是 2004 年"]
    assert [row["pledge"] for row in copy["kept"]["organisation.PublicCard"]] == ["随叫随到"]
    assert len(copy["kept"]["organisation.Membership"]) == 1
    assert other.number not in written(copy) and "别人" not in written(copy) and str(other.pk) not in written(copy)


def test_read_in_as_a_survey_a_members_copy_changes_nothing():
    divisions()
    rows = a_village()
    load(rows)
    read_in = []
    for person in Person.objects.all():
        kept = json.loads(written(copy_of_person(person.pk, at=MONDAY)))["kept"]
        [own], [last] = kept["organisation.Person"], kept["organisation.Membership"]
        home = next((row["home"] for row in rows["members"] if row["number"] == own["number"]), None)
        read_in.append({
            "number": own["number"], "name": own["name"], "contact": own["contact"] or None,
            "organisation": Organisation.objects.get(pk=last["organisation"]).number, "home": home,
            "joined_on": date.fromisoformat(last["joined_on"]), "full_on": date.fromisoformat(last["full_on"]), "state": last["state"],
        })  # fmt: skip
    assert len(read_in) == len(rows["members"])
    assert load(rows | {"members": read_in}).is_empty
    changed = [read_in[0] | {"name": "别的名字"}, *read_in[1:]]
    assert not load(rows | {"members": changed}).is_empty  # the control


def test_by_its_receipt_each_case_gives_its_own_copy_and_nothing_that_isnt_its_holders():
    matters.a_village()
    report = told(contact=TELEPHONE, wish=Wish.ANSWERABLE, text="通道堵了", photos=(a_picture().read(),))
    handling.note(report.pk, "内部记录", by="test", at=MONDAY)
    active.signed_up(active.an_activity(), 1, name="王某某", contact=TELEPHONE)
    team = teams.found_team(VILLAGE, teams.Facts("红马甲", "看望老人", "专干", "028-83600000"), by="test", at=MONDAY)
    receipts = [f"receipt-of-somebody-{n:08d}" for n in range(4)]
    teams.ask_to_join(team.pk, "王某某", TELEPHONE, receipts[0], at=MONDAY)
    wishes.tell_wish(matters.UNIT, "想借一套课外书", TELEPHONE, receipts[1], at=MONDAY)
    book(a_room(), a_wish(contact=TELEPHONE), receipt=receipts[2], by=None, at=MONDAY)

    kinds = {
        RECEIPT: "report",
        active.a_receipt(1): "sign_up",
        receipts[0]: "volunteer",
        receipts[1]: "wish",
        receipts[2]: "booking",
    }
    for receipt, kind in kinds.items():
        copy = copy_by_receipt(receipt, at=MONDAY)
        assert copy["of"] == kind and TELEPHONE in written(copy) and "内部" not in written(copy)
        assert "hash" not in "".join(name for rows in copy["kept"].values() for row in rows for name in row)
    assert "通道堵了" in written(copy_by_receipt(RECEIPT, at=MONDAY))
    with pytest.raises(NotFound):
        copy_by_receipt("nobody-has-such-a-receipt", at=MONDAY)


def test_over_http_it_is_a_file_that_nobody_keeps_on_the_way(client):
    matters.a_village()
    told(text="通道堵了")
    answer = client.get(f"/copy/{RECEIPT}.json")
    assert answer.status_code == 200 and answer.json()["kept"]["governance.Report"][0]["sealed_text"] == "通道堵了"
    assert answer["Cache-Control"] == "no-store" and answer["Content-Disposition"].startswith("attachment")
    assert client.get("/copy/nobody-has-such-a-receipt.json").status_code == 404
    assert client.get("/me/copy.json").status_code == 403
    assert client.get("/desk/my/copy.json").status_code == 302


def test_an_account_gets_a_copy_of_its_own_alone(client, settings):
    settings.REMINDERS_ON, settings.REMINDERS_MAIL = True, "mailtos://x"
    divisions()
    mine, other = a_user(Duty.LOOK, name="mine"), a_user(Duty.KEEP_VENUES, name="somebody-else")
    add_channel(mine, "own@example.org", at=MONDAY)
    client.force_login(mine)
    copy = client.get("/desk/my/copy.json").json()
    assert copy == copy_of_account(mine, at=MONDAY) | {"at": copy["at"]}
    assert [row["duty"] for row in copy["kept"]["accounts.Mandate"]] == ["look"]
    assert "own@example.org" in copy["kept"]["reminders.Channel"][0]["address"]
    assert (
        "somebody-else" not in written(copy)
        and "keep_venues" not in written(copy)
        and mine.password not in written(copy)
    )
    assert other.pk != mine.pk
