"""Projects through their pages: at the desk, for a partner who signs in, for everyone; who sees what; the published account."""

import csv
import io
import json
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from tests.builders import OTHER_VILLAGE, VILLAGE, a_user
from tests.systems.governance.matters import NEXT_UNIT, UNIT, a_village
from tests.systems.services import projecting as p
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.governance.ballots.models import Ballot
from weiduan.systems.services.projects import money
from weiduan.systems.services.projects.models import (
    Evidence,
    EvidencePicture,
    MilestoneAcceptance,
    PartnerAccount,
    Project,
    ProjectProposal,
)

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


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


def offered(answer) -> set[str]:
    return set(re.findall(r'id="deed-(\w+)"', text_of(answer)))


def minute(at) -> str:
    return f"{timezone.localtime(at):%Y-%m-%dT%H:%M}"


def test_a_package_is_made_of_a_need_and_called():
    world = p.drafted()
    desk = signed_in(world.keeper)
    need = text_of(desk.get(f"/desk/needs/{world.need.pk}/"))
    assert f"/desk/projects/new/?area={UNIT}&amp;need={world.need.pk}" in need
    form = text_of(desk.get(f"/desk/projects/new/?area={VILLAGE}&need={world.need.pk}"))
    assert re.search(rf'value="{world.need.pk}"[^>]*checked', form)
    said = {
        "title": "楼道照明",
        "words": "换感应灯。",
        "budget": "1234.5",
        "units": [UNIT, NEXT_UNIT],
        "needs": [str(world.need.pk)],
    }
    for wrong in ({"budget": "0"}, {"budget": "1.234"}, {"units": []}, {"title": ""}):
        assert desk.post(f"/desk/projects/new/?area={VILLAGE}", said | wrong).status_code == 400
    page = desk.post(f"/desk/projects/new/?area={VILLAGE}", said)["Location"]
    project = Project.objects.get(title="楼道照明")
    assert project.budget_fen == 123450 and page == f"/desk/projects/{project.pk}/"
    assert offered(desk.get(page)) == {"call", "change", "stop"}
    assert Client().get(f"/project/{project.pk}/").status_code == 404
    assert desk.post(page, said | {"do": "change", "budget": "2000"}).status_code == 302
    assert desk.post(page, {"do": "call", "until": minute(timezone.now())}).status_code == 400
    assert desk.post(page, {"do": "call", "until": minute(timezone.now() + 3 * DAY)}).status_code == 302
    assert offered(desk.get(page)) == {"extend", "set_aside", "stop"}
    shown = text_of(Client().get(f"/project/{project.pk}/"))
    assert "换感应灯。" in shown and "2,000.00" in shown and world.need.what in shown
    for code in (UNIT, VILLAGE):
        assert "楼道照明" in text_of(Client().get(f"/a/{code}/projects/"))
    assert "楼道照明" not in text_of(Client().get(f"/a/{OTHER_VILLAGE}/projects/"))
    assert f"/a/{UNIT}/projects/" in text_of(Client().get(f"/u/{UNIT}/"))


def test_a_partner_gets_an_account_signs_in_proposes_and_withdraws():
    world = p.drafted()
    desk = signed_in(world.keeper)
    now = timezone.now()
    desk.post(f"/desk/projects/{world.key}/", {"do": "call", "until": minute(now + 3 * DAY)})
    accounts = f"/desk/partners/{world.partners[0].pk}/accounts/"
    opened = text_of(desk.post(accounts, {"do": "open", "username": "leling"}))
    [password] = re.findall(r'id="password">([^<]+)<', opened)
    assert password not in text_of(desk.get(accounts)) and "leling" in text_of(desk.get(accounts))
    assert desk.post(accounts, {"do": "open", "username": "leling"}).status_code == 400

    partner = Client()
    entered = partner.post("/accounts/login/", {"login": "leling", "password": password})
    assert entered.status_code == 302 and partner.get("/desk/partner/")["Location"] == "/accounts/password/change/"
    own = {"oldpassword": password, "password1": "one of our own", "password2": "one of our own"}
    partner.post("/accounts/password/change/", own)
    assert partner.get("/desk/")["Location"] == "/desk/partner/"
    page = f"/desk/partner/projects/{world.key}/"
    assert page in text_of(partner.get("/desk/partner/"))
    said = {
        "rows": "3", "words": "每周两次上门。", "what_1": "助浴二十次", "evidence_1": "服务记录", "amount_1": "12000", "days_1": "30",
        "what_2": "助浴四十次", "evidence_2": "回访表", "amount_2": "18000.50", "days_2": "60",
    }  # fmt: skip
    assert partner.post(page, said | {"do": "save", "days_2": ""}).status_code == 400
    too_much = partner.post(page, said | {"do": "save", "amount_1": "50000"})
    assert too_much.status_code == 400 and "每周两次上门。" in text_of(too_much)  # what was typed is kept
    assert partner.post(page, said | {"do": "save"}).status_code == 302
    assert 'id="step-3"' in text_of(partner.get(page)) and 'value="18000.50"' in text_of(partner.get(page))
    assert partner.post(page, said | {"do": "hand_in"}).status_code == 302
    assert ProjectProposal.objects.get().state == "handed_in"
    for reader in (desk.get(f"/desk/projects/{world.key}/"), Client().get(f"/project/{world.key}/")):
        assert "每周两次上门。" not in text_of(reader)
    told = Client().get(f"/api/v1/projects/{world.key}").json()
    assert told["proposals"] == [] and told["partner"] == ""
    assert partner.post(page, {"do": "withdraw"}).status_code == 302
    assert partner.post(page, {"do": "withdraw"}).status_code == 409
    assert partner.post(page, {"do": "nothing"}).status_code == 400

    account = PartnerAccount.objects.get(user__username="leling")
    assert desk.post(accounts, {"end": str(account.pk)}).status_code == 302
    assert partner.get("/desk/partner/")["Location"].startswith("/accounts/login/")  # out with the next page


def test_a_partner_sees_nothing_of_the_desk_and_nothing_of_others():
    world = p.running()
    p.reported(world)
    picture = EvidencePicture.objects.get()
    first, second = signed_in(world.users[0]), signed_in(world.users[1])
    mine = f"/desk/partner/projects/{world.key}/"
    assert first.get(mine).status_code == first.get(f"{mine}{picture.pk}.jpg").status_code == 200
    shown = text_of(second.get(mine))  # it proposed too, and sees its own proposal, not what the other shows
    assert "做法" in shown and "已完成" not in shown and 'id="show"' not in shown
    assert second.get(f"{mine}{picture.pk}.jpg").status_code == 404
    assert second.post(mine, {"do": "show", "milestone": "1", "words": "我来"}).status_code == 400
    desk = dict(_desk_addresses(world))
    assert len(desk) > 60
    for name, address in desk.items():
        answer = first.get(address)
        assert answer.status_code in (404, 405), (name, answer.status_code)
    for outsider in (a_user(Duty.LOOK, area=VILLAGE), world.keeper):
        for address in ("/desk/partner/", mine, f"{mine}{picture.pk}.jpg"):
            assert signed_in(outsider).get(address).status_code == 404
    assert Client().get("/desk/partner/")["Location"].startswith("/accounts/login/")


def _desk_addresses(world):
    """Yield every page of the desk but its door and a partner's own, with keys of things that may be there."""
    keys = {"int": "1", "uuid": str(world.key), "digits": VILLAGE, "slug": "owners", "str": "X1"}
    [desk] = [one for one in get_resolver().url_patterns if getattr(one, "app_name", None) == "desk"]
    for pattern in desk.url_patterns:
        if pattern.name not in ("today", "partner_home", "partner_project", "partner_picture"):
            yield pattern.name, "/desk/" + re.sub(r"<(\w+):\w+>", lambda found: keys[found[1]], str(pattern.pattern))


def test_another_partners_draft_and_calls_of_elsewhere_are_not_there():
    world = p.called()
    Project.objects.update(call_until=timezone.now() + DAY)
    first, second = signed_in(world.users[0]), signed_in(world.users[1])
    page = f"/desk/partner/projects/{world.key}/"
    said = {"rows": "3", "words": "只有我们知道的做法", "do": "save"}
    assert first.post(page, said).status_code == 302
    assert "只有我们知道的做法" in text_of(first.get(page)) and "只有我们知道的做法" not in text_of(second.get(page))
    far = p.an_account(p.a_partner("大弯社工站", area=OTHER_VILLAGE), "dawan")
    assert signed_in(far).get(page).status_code == 404
    assert signed_in(far).get("/desk/partner/").status_code == 200


def test_evidence_is_shown_refused_mended_accepted_and_paid_through_the_pages():
    world = p.running()
    desk, payer, partner = signed_in(world.keeper), signed_in(world.payer), signed_in(world.users[0])
    page, mine = f"/desk/projects/{world.key}/", f"/desk/partner/projects/{world.key}/"
    assert offered(desk.get(page)) == {"give_back", "stop"}
    file = SimpleUploadedFile("a.jpg", p.a_picture(), content_type="image/jpeg")
    said = {"do": "show", "milestone": "1", "words": "二十次都做完了。", "picture_1": file, "seen_1": ""}
    assert partner.post(mine, said).status_code == 400  # it isn't said what is seen
    file.seek(0)
    assert partner.post(mine, said | {"seen_1": "护理员推着助浴车"}).status_code == 302
    evidence = Evidence.objects.get()
    assert offered(desk.get(page)) == {"accept", "refuse", "give_back", "stop"}
    assert desk.post(page, {"do": "refuse", "evidence": str(evidence.pk), "why": ""}).status_code == 400
    assert desk.post(page, {"do": "refuse", "evidence": str(evidence.pk), "why": "少服务记录"}).status_code == 302
    assert "少服务记录" in text_of(partner.get(mine)) and "少服务记录" not in text_of(
        Client().get(f"/project/{world.key}/")
    )
    assert partner.post(mine, {"do": "show", "milestone": "1", "words": "补上服务记录。"}).status_code == 302
    again = Evidence.objects.get(refused_at=None)
    assert desk.post(page, {"do": "accept", "evidence": str(again.pk)}).status_code == 302
    acceptance = MilestoneAcceptance.objects.get()
    release = {"do": "release", "acceptance": str(acceptance.pk)}
    refused = desk.post(page, release)
    assert refused.status_code == 403 and 'id="refusal"' in text_of(refused)  # who accepted doesn't pay
    assert payer.post(page, release).status_code == 302
    assert payer.post(page, release).status_code == 400  # it isn't offered any more
    shown = text_of(Client().get(f"/project/{world.key}/"))
    assert (
        "补上服务记录。" in shown
        and "二十次都做完了。" not in shown
        and 'data-milestone="1" data-state="accepted"' in shown
    )
    picture = EvidencePicture.objects.get()
    assert Client().get(f"/project/{world.key}/{picture.pk}.jpg").status_code == 404  # of what was refused
    assert desk.get(f"{page}{picture.pk}.jpg").status_code == 200


def test_the_published_account_equals_the_ledger_of_money_everywhere():
    world = p.running()
    acceptance = p.accepted(world)
    money.release(acceptance.pk, by=world.payer, at=p.SIGNED)
    money.pay_back(world.key, 1, '=HYPERLINK("http://x")', by=world.keeper, at=p.SIGNED)
    money.give_back(world.key, 99, "-退回", by=world.keeper, at=p.SIGNED)
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, kind, amount_fen, debit, credit FROM services_moneymove ORDER BY number")
        ledger = cursor.fetchall()
    held = {"source": 0, "pot": 0, "partner": 0}
    for _number, _kind, fen, debit, credit in ledger:
        held[debit] += fen
        held[credit] -= fen
    assert sum(held.values()) == 0
    yuan = {name: f"{Decimal(fen) / 100:.2f}" for name, fen in held.items()}

    page = text_of(Client().get(f"/project/{world.key}/account/"))
    assert re.findall(r'data-kind="(\w+)" data-fen="(\d+)"', page) == [(row[1], str(row[2])) for row in ledger]
    assert dict(re.findall(r'data-account="(\w+)">([^<]+)<', page)) == {
        n: f"{Decimal(v):,.2f}" for n, v in yuan.items()
    }
    for address in (f"/project/{world.key}/account.json", f"/api/v1/projects/{world.key}/account"):
        told = json.loads(Client().get(address).content)
        assert told["balances"] == yuan
        assert [
            (m["number"], m["kind"], Decimal(m["amount"]) * 100, m["to"], m["from"]) for m in told["moves"]
        ] == ledger
    table = Client().get(f"/project/{world.key}/account.csv")
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))[1:]
    assert [(int(row[0]), Decimal(row[5]) * 100) for row in rows] == [(row[0], row[2]) for row in ledger]
    assert [row[7] for row in rows[-2:]] == ['\'=HYPERLINK("http://x")', "'-退回"]
    assert rows[-1][8] == yuan["pot"] and table["Content-Type"].startswith("text/csv")


def test_from_the_choice_to_the_end_at_the_desk():
    world = p.proposed()
    Project.objects.update(call_until=timezone.now() - DAY)
    desk, page = signed_in(world.keeper), f"/desk/projects/{world.key}/"
    assert offered(desk.get(page)) == {"vote", "topic", "set_aside", "stop"}
    shown = text_of(Client().get(f"/project/{world.key}/"))
    assert [shown.index(name) for name in sorted(p.NAMES)] == sorted(shown.index(name) for name in p.NAMES)
    asked = {
        "do": "vote",
        "procedure": "households_unit",
        "is_secret": "on",
        "opens_at": minute(timezone.now()),
        "closes_at": minute(timezone.now() + DAY),
    }
    assert desk.post(page, asked).status_code == 302
    world.again()
    ballot = world.project.ballot
    assert f"/desk/ballots/{ballot.pk}/" in text_of(desk.get(page)) and offered(desk.get(page)) == {
        "choose",
        "set_aside",
        "stop",
    }
    assert desk.post(page, {"do": "choose"}).status_code == 409
    first = p.position(ballot, world.partners[0])
    Ballot.objects.update(opens_at=p.AFTER_CALL, closes_at=p.VOTE_CLOSES)
    ballot.refresh_from_db()
    p.vote(ballot, [first] * 3)
    assert desk.post(page, {"do": "choose"}).status_code == 302
    assert offered(desk.get(page)) == {"sign", "set_aside", "stop"}
    pdf = desk.get(f"{page}agreement.pdf")
    assert pdf["Content-Type"] == "application/pdf" and pdf.content[:4] == b"%PDF"
    today = str(local_day(timezone.now()))
    assert desk.post(page, {"do": "sign", "on": today}).status_code == 409  # no money yet
    aside = {"do": "set_aside", "amount": "40000", "words": "专项资金", "after": "0"}
    assert [desk.post(page, aside).status_code for _twice in range(2)] == [
        302,
        409,
    ]  # a form sent twice moves money once
    assert desk.post(page, {"do": "sign", "on": today}).status_code == 302
    assert desk.get(f"{page}agreement.pdf").status_code == 200
    for number in (1, 2):
        p.accepted(world, number, at=timezone.now())
    for acceptance in MilestoneAcceptance.objects.order_by("pk"):
        assert signed_in(world.payer).post(page, {"do": "release", "acceptance": str(acceptance.pk)}).status_code == 302
    assert "close" in offered(desk.get(page))
    assert desk.post(page, {"do": "close", "words": "结余退回"}).status_code == 302
    assert offered(desk.get(page)) == set()
    assert 'data-account="pot">0.00<' in text_of(Client().get(f"/project/{world.key}/account/"))


def test_a_late_milestone_stands_on_the_list_and_who_keeps_no_services_sees_nothing():
    world = p.running()
    desk = signed_in(world.keeper)
    listed = text_of(desk.get("/desk/projects/"))
    assert 'id="late"' in listed and f"/desk/projects/{world.key}/" in listed
    assert 'id="projects"' in listed and 'id="projects"' not in text_of(desk.get("/desk/projects/?state=draft"))
    for who in (a_user(Duty.LOOK, area=VILLAGE), a_user(Duty.KEEP_SERVICES, area=OTHER_VILLAGE)):
        client = signed_in(who)
        assert "高龄老人助浴" not in text_of(client.get("/desk/projects/"))
        for address in ("", "agreement.pdf"):
            assert client.get(f"/desk/projects/{world.key}/{address}").status_code == 404
        assert client.get(f"/desk/partners/{world.partners[0].pk}/accounts/").status_code == 404
    assert signed_in(a_user(Duty.LOOK, area=VILLAGE)).get("/desk/projects/new/").status_code == 403


def test_the_interface_tells_projects_proposals_and_milestones():
    world = p.stopped()
    rows = Client().get(f"/api/v1/areas/{UNIT}/projects").json()
    assert rows["count"] == 1 and rows["items"][0]["budget"] == "50000.00"
    told = Client().get(f"/api/v1/projects/{world.key}").json()
    assert told["partner"] == p.NAMES[0] and told["stopped_because"] == "资金渠道调整"
    assert [(one["partner"], one["total"]) for one in told["proposals"]] == [
        (name, "30000.50") for name in sorted(p.NAMES)
    ]
    assert [(one["state"], one["is_paid"], one["shown"]) for one in told["milestones"]] == [
        ("accepted", False, "已完成，附照片。"), ("open", False, "")
    ]  # fmt: skip
    draft = Project.objects.create(area=world.project.area, title="草稿", words="x", budget_fen=1, at=timezone.now())
    for address in ("", "/account"):
        assert Client().get(f"/api/v1/projects/{draft.pk}{address}").status_code == 404
