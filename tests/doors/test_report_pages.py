"""Matters at the desk by a test client: the list, a matter's record with every move, writing one down for somebody."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook
from PIL import Image

from tests.builders import GRID, OTHER_VILLAGE, TOWN, VILLAGE
from tests.systems.governance.matters import NEXT_UNIT, UNIT, a_handler, a_village, told
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.ledger.models import Entry
from weiduan.systems.governance.reports import handling, reporting
from weiduan.systems.governance.reports.filters import keep_filter
from weiduan.systems.governance.reports.lists import Narrowing
from weiduan.systems.governance.reports.models import Contact, Report, Step
from weiduan.systems.governance.reports.rules import Wish
from weiduan.systems.governance.reports.tasks import give
from weiduan.systems.governance.reports.templates import keep_template

pytestmark = pytest.mark.django_db
LIST = "/desk/reports/"
RUBBISH = "B01"  # seen to at the grid, within a working day


@pytest.fixture(autouse=True)
def village():
    a_village()


@pytest.fixture
def worker():
    return signed_in(a_handler())


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    client.user = user
    return client


def matter(number: int = 1, **said) -> Report:
    return told(f"receipt-number-{number:020d}", at=said.pop("at", timezone.now()), **said)


def numbers(answer) -> list[str]:
    return re.findall(r'data-number="(\d+)"', answer.content.decode())


def do(client: Client, report: Report, deed: str, **said):
    return client.post(f"{LIST}{report.pk}/", {"do": deed} | said)


def a_picture() -> SimpleUploadedFile:
    target = BytesIO()
    Image.new("RGB", (40, 30), "green").save(target, "JPEG")
    return SimpleUploadedFile("IMG_1.jpg", target.getvalue(), "image/jpeg")


def test_the_late_ones_stand_first_then_by_when_they_are_due(worker):
    later, sooner = matter(1, category=RUBBISH), matter(2)
    late = matter(3, category=RUBBISH, at=timezone.now() - timedelta(days=40))
    paused = matter(4, at=timezone.now() - timedelta(days=41))
    Report.objects.filter(pk=paused.pk).update(state="accepted", paused_at=timezone.now() - timedelta(days=39))

    assert numbers(worker.get(LIST)) == [late.number, paused.number, sooner.number, later.number]
    assert numbers(worker.get(f"{LIST}?late=late")) == [late.number]
    assert numbers(worker.get(f"{LIST}?state=paused")) == [paused.number]


def test_the_list_is_narrowed_by_state_category_area_and_words(worker):
    lane, lamp = matter(1, place="3栋东侧"), matter(2, category=RUBBISH, area=NEXT_UNIT, text="路灯不亮")
    handling.accept(lamp.pk, by=worker.user, at=timezone.now())

    def found(query: str) -> list[str]:
        return numbers(worker.get(f"{LIST}?{query}"))

    assert found("state=filed") == [lane.number] and found("state=accepted") == [lamp.number]
    assert found(f"category={RUBBISH}") == [lamp.number]
    assert found(f"area={NEXT_UNIT}") == [lamp.number] and len(found(f"area={GRID}")) == 2
    assert (
        found("q=路灯") == [lamp.number]
        and found("q=3栋") == [lane.number]
        and found(f"q={lane.number}") == [lane.number]
    )
    assert found("q=路灯 3栋") == [] and found("state=closed") == [] and len(found("state=all&area=x")) == 2
    handling.answer(lamp.pk, "已修好", by=worker.user, at=timezone.now())
    assert found("") == [lane.number] and found("state=answered") == [lamp.number]


def test_late_ones_in_lower_hands_are_shown_one_level_up_by_themselves():
    below = matter(1, at=timezone.now() - timedelta(days=40))
    own = matter(2, at=timezone.now() - timedelta(days=40))
    Report.objects.filter(pk=own.pk).update(
        handler=Report.objects.get(pk=own.pk).area.versions.get().parent.versions.get().parent
    )
    secretary = signed_in(a_handler(VILLAGE))
    assert set(numbers(secretary.get(f"{LIST}?late=late"))) == {below.number, own.number}
    assert numbers(secretary.get(f"{LIST}?late=below")) == [below.number]
    today = secretary.get("/desk/").content.decode()
    assert "/desk/reports/?late=late" in today and 'href="/desk/reports/"' in today


def test_what_is_in_other_hands_is_not_there_and_without_the_duty_nothing_is():
    report = matter()
    stranger = signed_in(a_handler(OTHER_VILLAGE))
    assert numbers(stranger.get(LIST)) == []
    for path in ("", "map.json", f"photos/{report.pk}.jpg"):
        assert stranger.get(f"{LIST}{report.pk}/{path}").status_code == 404
    assert do(stranger, report, "accept").status_code == 404
    report.refresh_from_db()
    assert report.state == "filed"
    assert Client().get(LIST).status_code == 302


def test_every_move_is_offered_just_when_the_law_allows_it_and_is_made(worker):
    report = matter()

    def offered() -> set[str]:
        page = worker.get(f"{LIST}{report.pk}/").content.decode()
        return set(re.findall(r'name="do" value="(\w+)"', page)) | set(re.findall(r'href="\?do=(\w+)#', page))

    always = {"note", "release"}
    open_ = {"hand_up", "hand_over", "join", "recategorise", "move_pin", "give_task"} | always
    assert offered() == {"accept", "begin", "not_ours"} | open_
    assert do(worker, report, "accept").status_code == 302
    assert offered() == {"begin", "answer", "not_ours", "pause"} | open_
    do(worker, report, "begin", words="师傅在路上")
    do(worker, report, "pause", words="等配件")
    assert offered() == {"answer", "resume"} | open_
    do(worker, report, "resume")
    do(worker, report, "recategorise", category=RUBBISH)
    do(worker, report, "note", words="电话打过了")
    assert do(worker, report, "answer", words="已修好", photos=a_picture()).status_code == 302
    assert offered() == always
    report.refresh_from_db()
    assert (report.state, report.answer, report.category.code, report.paused_at) == (
        "answered",
        "已修好",
        RUBBISH,
        None,
    )
    assert [(s.what, s.is_internal) for s in Step.objects.order_by("pk")] == [
        ("accept", False), ("begin", False), ("pause", False), ("resume", False), ("recategorised", False),
        ("noted", True), ("answer", False),
    ]  # fmt: skip
    picture = report.photos.get(is_result=True)
    shown = worker.get(f"{LIST}{report.pk}/photos/{picture.pk}.jpg")
    assert (shown["Content-Type"], shown["X-Content-Type-Options"], shown["Cache-Control"]) == (
        "image/jpeg",
        "nosniff",
        "no-store",
    )
    page = worker.get(f"{LIST}{report.pk}/")
    assert "电话打过了" in page.content.decode() and page["Cache-Control"] == "no-store"


def test_a_move_refused_changes_nothing_and_keeps_what_was_typed(worker):
    report = matter()
    late = do(worker, report, "answer", words="已修好，请看")
    assert late.status_code == 409 and "已修好，请看" in late.content.decode()
    assert do(worker, report, "hand_up", words=" ").status_code == 400
    assert do(worker, report, "begin", words="x" * 1001).status_code == 400
    assert do(worker, report, "nonsense").status_code == 400 and do(worker, report, "").status_code == 400
    assert do(worker, report, "join", other=str(report.pk)).status_code == 400
    assert not Step.objects.exists()


def test_handed_up_and_over_it_leaves_the_hands_and_comes_into_others(worker):
    report, other = matter(1), matter(2, area=NEXT_UNIT)
    up = do(worker, report, "hand_up", words="需要社区协调")
    assert up.status_code == 302 and up["Location"] == LIST
    assert worker.get(f"{LIST}{report.pk}/").status_code == 404
    page = worker.get(f"{LIST}{other.pk}/?do=hand_over").content.decode()
    assert {f'value="{code}"' in page for code in (VILLAGE, OTHER_VILLAGE, TOWN)} == {
        True
    } and f'value="{GRID}"' not in page
    do(worker, other, "hand_over", to=OTHER_VILLAGE, words="在那边")
    assert numbers(signed_in(a_handler(VILLAGE)).get(LIST)) == [report.number]
    assert numbers(signed_in(a_handler(OTHER_VILLAGE)).get(LIST)) == [other.number]


def test_a_report_is_joined_to_an_open_one_of_the_same_place(worker):
    report, same, elsewhere = matter(1), matter(2), matter(3, area=NEXT_UNIT)
    page = worker.get(f"{LIST}{report.pk}/?do=join").content.decode()
    assert str(same.pk) in page and str(elsewhere.pk) not in page
    do(worker, report, "join", other=str(same.pk))
    report.refresh_from_db()
    assert (report.state, report.joined_to) == ("joined", same)


def test_released_words_are_public_and_empty_ones_take_them_back(worker):
    report = matter()
    do(worker, report, "release", words="消防通道已清")
    report.refresh_from_db()
    assert report.public_text == "消防通道已清"
    do(worker, report, "release", words="")
    report.refresh_from_db()
    assert report.public_text == ""


def test_a_contact_is_shown_once_for_a_reason_that_is_written_down(worker):
    report = matter(contact="13800000000", wish=Wish.HANDLER_ONLY)
    assert "13800000000" not in worker.get(f"{LIST}{report.pk}/").content.decode()
    assert do(worker, report, "read", words="").status_code == 400
    assert Contact.objects.get().read_at is None
    read = do(worker, report, "read", words="问清位置")
    assert read.status_code == 200 and "13800000000" in read.content.decode() and read["Cache-Control"] == "no-store"
    assert Contact.objects.get().read_at is not None
    assert Step.objects.get(what="contact_read").words == "问清位置"
    assert "13800000000" not in worker.get(f"{LIST}{report.pk}/").content.decode()
    above = do(signed_in(a_handler(VILLAGE)), report, "read", words="想看看")
    assert above.status_code == 404 and "13800000000" not in above.content.decode()
    assert not Entry.objects.filter(after__icontains="13800000000").exists()


def test_several_are_handed_over_at_once_and_what_could_not_be_is_told(worker):
    first, second, done = matter(1), matter(2), matter(3)
    reporting.withdraw(f"receipt-number-{3:020d}", at=timezone.now())
    foreign = matter(4)
    handling.hand_over(foreign.pk, OTHER_VILLAGE, "在那边", by="test", at=timezone.now())
    ticked = [str(r.pk) for r in (first, second, done, foreign)]
    assert worker.post(LIST, {"report": ticked, "to": VILLAGE}).status_code == 400
    assert worker.post(LIST, {"to": VILLAGE, "words": "请接手"}).status_code == 400
    answer = worker.post(LIST, {"report": ticked, "to": VILLAGE, "words": "请接手"}, follow=True).content.decode()
    assert done.number in answer and foreign.number not in answer
    assert set(numbers(signed_in(a_handler(VILLAGE)).get(LIST))) == {first.number, second.number}


def test_the_workbook_holds_the_list_as_text_without_what_was_written(worker):
    matter(1, place='=HYPERLINK("x")', text="楼下张三的车")
    answer = worker.get("/desk/reports.xlsx")
    sheet = load_workbook(BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(min_row=3))
    place = rows[0][4]
    assert len(rows) == 1 and (place.value, place.data_type) == ('=HYPERLINK("x")', "s")
    assert not any("张三" in str(cell.value) for cell in rows[0])


def test_a_matter_is_written_down_for_somebody_once_and_the_address_shown_once(worker):
    form = worker.get(f"{LIST}tell/").content.decode()
    draft = re.search(r'name="draft" value="([^"]+)"', form)[1]
    said = {
        "draft": draft,
        "category": RUBBISH,
        "unit": UNIT,
        "text": "路灯坏了",
        "wish": "answerable",
        "contact": "13800000000",
    }
    first, again = (worker.post(f"{LIST}tell/", said).content.decode() for _ in range(2))
    address = re.search(r'id="receipt">([^<]+)<', first)[1]
    assert address == re.search(r'id="receipt">([^<]+)<', again)[1]
    report = Report.objects.get()
    assert (report.channel, report.told_by) == ("desk", worker.user)
    assert Client().get(address.replace("http://testserver", "")).status_code == 200
    assert address.rsplit("/", 2)[1] not in worker.get(f"{LIST}{report.pk}/").content.decode()


def test_what_is_missing_is_said_and_places_of_others_are_not_offered(worker):
    draft = re.search(r'name="draft" value="([^"]+)"', worker.get(f"{LIST}tell/").content.decode())[1]
    wrong = {
        "draft": draft,
        "category": RUBBISH,
        "unit": UNIT,
        "text": "x",
        "wish": "anonymous",
        "contact": "13800000000",
    }
    assert worker.post(f"{LIST}tell/", wrong).status_code == 400
    assert worker.post(f"{LIST}tell/", wrong | {"contact": "", "unit": OTHER_VILLAGE}).status_code == 400
    assert worker.post(f"{LIST}tell/", wrong | {"contact": "", "draft": "forged"}).status_code == 400
    stranger = signed_in(a_handler(OTHER_VILLAGE))
    assert UNIT not in stranger.get(f"{LIST}tell/?look=单元").content.decode()
    assert UNIT in signed_in(a_handler(TOWN)).get(f"{LIST}tell/?look=单元").content.decode()
    assert Report.objects.count() == 0


def test_fifty_rows_take_eight_queries_and_a_record_ten(worker):
    reports, at = [matter(n) for n in range(52)], timezone.now()
    keep_filter("路灯", Narrowing(words="路灯"), by=worker.user, at=at)
    for report in reports[:3]:
        give(report.pk, "物业", "清走", local_day(at), by=worker.user, at=at)
    with CaptureQueriesContext(connection) as taken:
        assert len(numbers(worker.get(LIST))) == 50
    assert len(taken) <= 8, [q["sql"][:90] for q in taken]

    handling.accept(reports[0].pk, by=worker.user, at=at)
    for area in (GRID, TOWN):
        template = keep_template(area, "已办", "已经办好。", by="test", at=at)
    asked = (
        "",
        "?do=answer",
        f"?do=answer&template={template.pk}",
        "?do=hand_over",
        "?do=join",
        "?do=recategorise",
        "?do=move_pin",
    )
    for query in asked:
        with CaptureQueriesContext(connection) as taken:
            assert worker.get(f"{LIST}{reports[0].pk}/{query}").status_code == 200
        assert len(taken) <= 10, (query, [q["sql"][:90] for q in taken])


def test_the_map_shows_where_it_is(worker):
    report = matter()
    assert worker.get(f"{LIST}{report.pk}/map.json").json()["type"] == "FeatureCollection"
