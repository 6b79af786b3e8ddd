"""A mediation through its pages: what the parties say stands on the mediator's pages and on the receipt, and on no other."""

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import OTHER_VILLAGE, a_user
from tests.systems.governance.balloting import a_keeper
from tests.systems.governance.matters import UNIT, a_village
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.ledger.models import Entry
from weiduan.systems.governance.mediation.actions import forget_mediations
from weiduan.systems.governance.mediation.models import Mediation
from weiduan.systems.governance.mediation.rules import KEPT

pytestmark = pytest.mark.django_db(transaction=True)
ASK = f"/a/{UNIT}/mediation/"
PARTIES, MATTER, SAID, AGREED = "MARKER-PARTIES", "MARKER-MATTER", "MARKER-SESSION", "MARKER-AGREEMENT"


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text_of(answer) -> str:
    return answer.content.decode()


def asked() -> str:
    """Ask for a mediation as a resident would; return the address of its receipt."""
    draft = html.unescape(re.search(r'name="draft" value="([^"]+)"', text_of(Client().get(ASK)))[1])
    said = {"draft": draft, "parties": PARTIES, "matter": MATTER}
    addresses = {Client().post(ASK, said)["Location"] for _again in range(2)}
    assert len(addresses) == 1 and Mediation.objects.count() == 1
    return addresses.pop()


def page() -> str:
    return f"/desk/mediations/{Mediation.objects.get().pk}/"


def offered(answer) -> set[str]:
    return set(re.findall(r'id="deed-(\w+)"', text_of(answer)))


def led_to_agreement(desk) -> None:
    now, today = timezone.localtime(timezone.now()), local_day(timezone.now())
    for said in (
        {"do": "take"}, {"do": "session", "starts_at": f"{now:%Y-%m-%dT%H:%M}", "place": "社区调解室"},
    ):  # fmt: skip
        assert desk.post(page(), said).status_code == 302
    session = str(Mediation.objects.get().sessions.get().pk)
    for said in (
        {"do": "note", "session": session, "words": SAID},
        {"do": "agree", "text": AGREED, "follow_up_on": str(today + timedelta(days=30))},
    ):
        assert desk.post(page(), said).status_code == 302


def test_from_asking_to_the_agreement_and_the_sheet_to_sign():
    receipt = asked()
    assert 'data-state="asked"' in text_of(Client().get(receipt))
    desk = signed_in(a_keeper())
    before = desk.get(page())
    assert offered(before) == {"take"} and MATTER in text_of(before) and PARTIES not in text_of(before)
    led_to_agreement(desk)
    shown = text_of(desk.get(page()))
    assert all(words in shown for words in (PARTIES, MATTER, SAID, AGREED))
    own = text_of(Client().get(receipt))
    assert AGREED in own and "社区调解室" in own and SAID not in own and 'name="do"' not in own
    sheet = desk.get(f"{page()}agreement.pdf")
    assert sheet.content[:5] == b"%PDF-" and sheet["Cache-Control"] == "no-store"
    today = str(local_day(timezone.now()))
    assert offered(desk.get(page())) == {"follow_up"}
    assert desk.post(page(), {"do": "follow_up", "was_kept": "yes", "on": today}).status_code == 302
    assert re.search(r'data-figure="kept">1<', text_of(desk.get("/desk/mediations/")))
    assert forget_mediations(at=timezone.now() + KEPT + timedelta(days=1)) == 1
    for client, address in ((desk, page()), (Client(), receipt)):
        assert "MARKER" not in text_of(client.get(address))
    assert desk.get(f"{page()}agreement.pdf").status_code == 404


def test_no_page_of_any_other_account_and_no_entry_of_the_ledger_holds_a_word_of_it():
    receipt, mediator = asked(), a_keeper()
    led_to_agreement(signed_in(mediator))
    chief = User.objects.create(username="chief", is_superuser=True, is_staff=True)
    others = [a_keeper(), a_keeper("510113000000"), a_user(Duty.LOOK, area=UNIT), a_keeper(OTHER_VILLAGE), chief]
    addresses = [
        page(), f"{page()}agreement.pdf", "/desk/mediations/", "/desk/governance/", "/desk/", "/desk/topics/", f"/desk/area/{UNIT}/",
    ]  # fmt: skip
    for who in others:
        client = signed_in(who)
        for address in addresses:
            assert "MARKER" not in text_of(client.get(address)), address
        for said in ({"do": "take"}, {"do": "agree", "text": "x", "follow_up_on": "2030-01-01"}, {"do": "note"}):
            answer = client.post(page(), said)
            assert answer.status_code in (400, 404, 409) and "MARKER" not in text_of(answer)
        assert client.get(f"{page()}agreement.pdf").status_code == 404
    for address in (f"/u/{UNIT}/", f"/a/{UNIT}/topics/", ASK):
        assert "MARKER" not in text_of(Client().get(address))
    assert "MARKER" not in str(list(Entry.objects.values_list("what", "by", "before", "after")))
    assert "MARKER" in text_of(Client().get(receipt))


def test_handed_on_the_first_sees_it_no_more():
    asked()
    first, second = a_keeper(), a_keeper()
    desk = signed_in(first)
    desk.post(page(), {"do": "take"})
    for wrong in ("nobody-of-this-name", a_user(Duty.LOOK, area=UNIT).username):
        assert desk.post(page(), {"do": "hand_on", "account": wrong}).status_code == 400
    assert desk.post(page(), {"do": "hand_on", "account": second.username}).status_code == 302
    assert "MARKER" not in text_of(desk.get(page())) and PARTIES in text_of(signed_in(second).get(page()))


def test_not_agreed_the_receipt_says_where_to_turn_and_withdrawn_it_is_over():
    receipt, desk = asked(), signed_in(a_keeper())
    desk.post(page(), {"do": "take"})
    assert desk.post(page(), {"do": "not_agreed", "words": "可向人民法院起诉"}).status_code == 302
    assert "可向人民法院起诉" in text_of(Client().get(receipt))
    assert Client().post(receipt, {"do": "withdraw"}).status_code == 409
    assert Client().post(receipt, {"do": "x"}).status_code == 400
    Mediation.objects.all().delete()
    receipt = asked()
    assert Client().post(receipt, {"do": "withdraw"}).status_code == 302
    assert 'data-state="withdrawn"' in text_of(Client().get(receipt))
    assert desk.post(page(), {"do": "take"}).status_code == 409


def test_what_cannot_be_asked_is_refused():
    for wrong in (
        {"parties": "", "matter": "x"},
        {"parties": "x", "matter": " "},
        {"parties": "x" * 201, "matter": "x"},
    ):
        assert Client().post(ASK, {"draft": "x"} | wrong).status_code == 400
    assert Client().post(ASK, {"draft": "forged", "parties": "x", "matter": "x"}).status_code == 400
    assert Client().get("/a/510113000000/mediation/").status_code == 404
    assert Client().get("/m/nobody-has-such-a-receipt/").status_code == 404
    assert not Mediation.objects.exists()
