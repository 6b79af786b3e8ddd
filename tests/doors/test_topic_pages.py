"""A topic through its pages: raised without an account, carried stage by stage at the desk, followed and judged by receipts."""

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import OTHER_VILLAGE, VILLAGE, a_user
from tests.systems.governance.balloting import a_keeper
from tests.systems.governance.matters import RECEIPT, UNIT, a_village, told
from weiduan.ground.accounts.models import Mandate
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.governance.deliberation.models import Topic
from weiduan.systems.governance.deliberation.rules import procedures

pytestmark = pytest.mark.django_db(transaction=True)
RAISE = f"/a/{UNIT}/topics/raise/"


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


def draft_in(page: str, deed: str = "") -> str:
    """Return the draft of the form that does this; "" is the only one."""
    forms = re.findall(r"<form.*?</form>", page, re.S)
    form = next(one for one in forms if 'name="draft"' in one and (not deed or f'value="{deed}"' in one))
    return html.unescape(re.search(r'name="draft" value="([^"]+)"', form)[1])


def raised(**said) -> str:
    """Raise a topic as a resident would; return the address of its receipt."""
    draft = draft_in(text_of(Client().get(RAISE)))
    answer = Client().post(RAISE, {"draft": draft, "title": "架空层放长椅", "text": "老人没有地方坐。"} | said)
    assert answer.status_code == 302
    return answer["Location"]


def desk_page() -> str:
    return f"/desk/topics/{Topic.objects.get().pk}/"


def offered(page: str) -> set[str]:
    return set(re.findall(r'id="deed-(\w+)"', page))


def taken_up(desk, **said) -> str:
    raised()
    wish = {"do": "take_up", "title": "架空层长椅", "text": "放几张长椅", "procedure": "standard", "body": ""}
    assert desk.post(desk_page(), wish | said).status_code == 302
    return f"/topic/{Topic.objects.get().pk}/"


def carry_on(desk, page: str) -> None:
    """Give the stage what it lacks, and pass it."""
    now, today = timezone.localtime(timezone.now()), local_day(timezone.now())
    lacks = re.findall(r'data-missing="(\w+)"', text_of(desk.get(page)))
    if "no_meeting" in lacks:
        said = {"starts_at": f"{now - timedelta(hours=2):%Y-%m-%dT%H:%M}", "place": "议事厅", "agenda": "放几张"}
        assert desk.post(page, {"do": "meeting", "invited": "20", "booking": ""} | said).status_code == 302
        meeting = str(Topic.objects.get().meetings.latest("starts_at").pk)
        said = {"do": "minutes", "meeting": meeting, "attended": "12", "minutes": "放四张"}
        assert desk.post(page, said).status_code == 302
    if "no_decision" in lacks:
        assert desk.post(page, {"do": "decide", "text": "东侧放四张", "ballot": ""}).status_code == 302
    if "no_tasks" in lacks:
        assert desk.post(page, {"do": "task", "what": "采购", "owner": "物业", "until": str(today)}).status_code == 302
        assert re.findall(r'data-missing="(\w+)"', text_of(desk.get(page))) == ["open_tasks"]
        task = str(Topic.objects.get().tasks.get().pk)
        assert desk.post(page, {"do": "task_done", "task": task, "evidence": "已安放"}).status_code == 302
    if "no_result" in lacks:
        assert desk.post(page, {"do": "result", "text": "四张长椅已放好"}).status_code == 302
    shown = text_of(desk.get(page))
    assert "data-missing" not in shown and "pass" in offered(shown)
    expected = re.search(r'name="expected" value="(\w+)"', shown)[1]
    assert desk.post(page, {"do": "pass", "expected": expected, "words": "通过"}).status_code == 302


def test_from_a_resident_s_words_to_the_word_on_the_result():
    desk = signed_in(a_keeper())
    receipt = raised()
    assert 'data-state="proposed"' in text_of(Client().get(receipt))
    public = f"/topic/{Topic.objects.get().pk}/"
    assert Client().get(public).status_code == 404
    assert "架空层放长椅" not in text_of(Client().get(f"/a/{UNIT}/topics/"))
    page = desk_page()
    assert offered(text_of(desk.get(page))) == {"take_up", "decline", "join_reports"}
    wish = {"do": "take_up", "title": "架空层长椅", "text": "放几张长椅", "procedure": "standard", "body": ""}
    assert desk.post(page, wish).status_code == 302
    assert "架空层长椅" in text_of(Client().get(f"/a/{UNIT}/topics/"))

    following = Client().post(public, {"do": "follow", "draft": draft_in(text_of(Client().get(public)), "follow")})
    opinion = Client().post(
        public, {"do": "say", "draft": draft_in(text_of(Client().get(public)), "say"), "words": "放西侧更好"}
    )
    assert following["Location"].startswith("/t/") and opinion["Location"].startswith("/o/")
    assert "放西侧更好" in text_of(Client().get(public))
    for stage in procedures()["standard"].stages:
        assert f'data-stage="{stage.code}" data-standing="now"' in text_of(Client().get(receipt))
        carry_on(desk, page)
    assert 'data-state="done"' in text_of(Client().get(receipt))
    shown = text_of(Client().get(public))
    assert all(words in shown for words in ("东侧放四张", "四张长椅已放好", "已安放", "12"))
    assert 'value="say"' not in shown

    assert Client().post(receipt, {"content": "yes"}).status_code == 302
    assert Client().post(following["Location"], {"content": "no", "words": "只放了三张"}).status_code == 302
    assert 'id="own-word"' in text_of(Client().get(receipt))
    said = {"do": "content", "content": "yes", "draft": draft_in(shown, "content")}
    for _again in range(2):
        assert Client().post(public, said).status_code == 302
    shown = text_of(Client().get(public))
    assert re.findall(r'data-figure="(\w+)">(\d+)', shown) == [("content", "2"), ("not_content", "1")]
    assert "只放了三张" not in shown and "只放了三张" in text_of(desk.get(page))


def test_the_same_form_sent_twice_is_one_topic_and_a_wrong_one_none():
    draft = draft_in(text_of(Client().get(RAISE)))
    said = {"draft": draft, "title": "长椅", "text": "放几张"}
    assert len({Client().post(RAISE, said)["Location"] for _again in range(3)}) == 1
    assert Topic.objects.count() == 1
    for wrong in ({"title": ""}, {"text": " "}, {"title": "x" * 61}, {"draft": "forged"}):
        assert Client().post(RAISE, said | wrong).status_code == 400
    assert Topic.objects.count() == 1
    assert Client().get("/a/510113000000/topics/raise/").status_code == 404  # a district is no neighbourhood
    assert Client().get("/a/999999999999/topics/").status_code == 404
    assert Client().get(f"/a/{VILLAGE}/topics/raise/").status_code == 200
    assert Client().get("/t/nobody-has-such-a-receipt/").status_code == 404


def test_declined_whoever_raised_it_reads_why():
    desk, receipt = signed_in(a_keeper()), raised()
    assert desk.post(desk_page(), {"do": "decline", "words": ""}).status_code == 400
    assert desk.post(desk_page(), {"do": "decline", "words": "请向物业反映"}).status_code == 302
    assert "请向物业反映" in text_of(Client().get(receipt))
    assert desk.post(desk_page(), {"do": "decline", "words": "x"}).status_code == 409
    assert offered(text_of(desk.get(desk_page()))) == set()


def test_what_is_sent_wrong_keeps_what_was_typed_and_what_cannot_be_is_refused():
    desk = signed_in(a_keeper())
    public, page = taken_up(desk), desk_page()
    wrong = desk.post(page, {"do": "meeting", "starts_at": "", "place": "大榕树下", "agenda": "长椅"})
    assert wrong.status_code == 400 and "大榕树下" in text_of(wrong) and 'id="deed-meeting" open' in text_of(wrong)
    for said in ({"do": "nonsense"}, {"do": "minutes", "meeting": "x", "attended": "1", "minutes": "x"}):
        assert desk.post(page, said).status_code == 400
    for said in ({"do": "decide", "text": "x", "ballot": ""}, {"do": "pass", "expected": "publish"}):
        assert desk.post(page, said).status_code == 409
    assert desk.post(page, {"do": "option", "text": "东侧"}).status_code == 302
    assert "东侧" in text_of(Client().get(public))
    for said in ({"do": "x"}, {"do": "content", "content": "maybe"}, {"do": "say", "draft": "forged", "words": "x"}):
        assert Client().post(public, said).status_code == 400
    draft = draft_in(text_of(Client().get(public)), "follow")
    assert Client().post(public, {"do": "follow", "draft": draft}).status_code == 302


def test_out_of_a_report_and_its_teller_sees_the_topic_on_the_report_s_receipt():
    report = told(at=timezone.now())
    by = a_keeper()
    Mandate.objects.create(user=by, duty=Duty.HANDLE_REPORTS.value, area=UNIT[:15], since="2018-01-01")
    desk = signed_in(by)
    said = {"title": "消防通道", "text": "怎样不再被堵", "reports": report.number}
    made = desk.post(f"/desk/topics/new/?area={UNIT}", said)
    assert made.status_code == 302 and 'id="topics"' not in text_of(Client().get(f"/r/{RECEIPT}/"))
    assert desk.post(f"/desk/topics/new/?area={UNIT}", said | {"reports": "12345678901234"}).status_code == 400
    wish = {"do": "take_up", "title": "消防通道", "text": "怎样不再被堵", "procedure": "four_two", "body": ""}
    assert desk.post(made["Location"], wish).status_code == 302
    shown = text_of(Client().get(f"/r/{RECEIPT}/"))
    assert 'id="topics"' in shown and "消防通道" in shown
    assert report.number not in text_of(Client().get(f"/topic/{Topic.objects.get().pk}/"))


def test_an_opinion_is_taken_away_by_a_stated_rule_and_comes_back_after_an_appeal():
    desk = signed_in(a_keeper())
    public, page = taken_up(desk), desk_page()
    draft = draft_in(text_of(Client().get(public)), "say")
    receipt = Client().post(public, {"do": "say", "draft": draft, "words": "三楼那家真讨厌"})["Location"]
    key = re.search(r'data-opinion="([0-9a-f-]{36})"', text_of(desk.get(page)))[1]
    said = {"do": "remove_opinion", "opinion": key, "rule": "insult", "because": "有人身攻击"}
    assert desk.post(page, said | {"rule": "dislike"}).status_code == 400
    assert desk.post(page, said).status_code == 302
    shown = text_of(Client().get(public))
    assert "三楼那家真讨厌" not in shown and "有人身攻击" in shown
    assert Client().post(receipt, {"words": "没有点名"}).status_code == 302
    assert 'value="answer_appeal"' in text_of(desk.get(page))
    answer = {"do": "answer_appeal", "opinion": key, "words": "恢复显示", "restore": "yes"}
    assert desk.post(page, answer).status_code == 302
    assert "三楼那家真讨厌" in text_of(Client().get(public))


def test_who_does_not_keep_it_sees_nothing():
    raised()
    page = desk_page()
    for who in (a_keeper(OTHER_VILLAGE), a_user(Duty.LOOK, area=UNIT)):
        client = signed_in(who)
        assert client.get(page).status_code == 404 and page not in text_of(client.get("/desk/topics/"))
    assert signed_in(a_user(Duty.LOOK, area=UNIT)).get("/desk/topics/new/").status_code == 403
    assert page in text_of(signed_in(a_keeper()).get("/desk/topics/?state=proposed"))
    assert page not in text_of(signed_in(a_keeper()).get("/desk/topics/?state=done"))
    keeper = signed_in(a_keeper())
    assert "/desk/topics/" in text_of(keeper.get("/desk/governance/"))
    assert keeper.get("/desk/topics/new/?look=院").status_code == 200
    assert f"/a/{UNIT}/topics/" in text_of(Client().get(f"/u/{UNIT}/"))


def test_programs_read_what_everyone_sees_and_nothing_more():
    desk = signed_in(a_keeper())
    raised(title="还没受理的议题")
    key = Topic.objects.get().pk
    assert Client().get(f"/api/v1/topics/{key}").status_code == 404
    assert Client().get(f"/api/v1/areas/{UNIT}/topics").json() == {"count": 0, "items": []}
    wish = {"do": "take_up", "title": "架空层长椅", "text": "放几张长椅", "procedure": "standard", "body": ""}
    desk.post(desk_page(), wish)
    while Topic.objects.get().state == "under_way":
        carry_on(desk, desk_page())
    told = Client().get(f"/api/v1/topics/{key}").json()
    assert [stage["standing"] for stage in told["stages"]] == ["done"] * 6 and told["tasks"][0]["evidence"] == "已安放"
    assert (told["decision"], told["result"], told["content"]) == ("东侧放四张", "四张长椅已放好", 0)
    listed = Client().get(f"/api/v1/areas/{UNIT}/topics").json()
    assert listed["count"] == 1 and listed["items"][0]["key"] == str(key)
    assert Client().get("/api/v1/areas/999999999999/topics").status_code == 404
