"""More of matters at the desk: tasks, templates, saved lists, nearest first, where it lies, photos, what was told in confidence."""

import re
from datetime import timedelta
from io import BytesIO
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from tests.builders import DISTRICT, GRID, OTHER_VILLAGE, TOWN, VILLAGE, a_user
from tests.systems.governance.matters import FIRE_LANE, INSIDE, NEXT_UNIT, UNIT, a_handler, a_village, draw, told
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.territory.actions import found_divisions
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import area_ids
from weiduan.systems.governance.reports import handling
from weiduan.systems.governance.reports.lists import areas_around
from weiduan.systems.governance.reports.models import AnswerTemplate, Report, SavedFilter, Task
from weiduan.systems.governance.reports.rules import MOST_PHOTOS, Wish
from weiduan.systems.governance.reports.tasks import give
from weiduan.systems.governance.reports.templates import keep_template

pytestmark = pytest.mark.django_db
LIST, NEAR, TEMPLATES = "/desk/reports/", "/desk/reports/near/", "/desk/report-templates/"
RUBBISH = "B01"


@pytest.fixture(autouse=True)
def village():
    a_village(drawn=True)


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


def do(client: Client, report: Report, deed: str, **said):
    return client.post(f"{LIST}{report.pk}/", {"do": deed} | said)


def text(answer) -> str:
    return answer.content.decode()


def record(client: Client, report: Report, query: str = "") -> str:
    return text(client.get(f"{LIST}{report.pk}/{query}"))


def pictures(n: int, name: str = "IMG.jpg") -> list[SimpleUploadedFile]:
    target = BytesIO()
    Image.new("RGB", (40, 30), "green").save(target, "JPEG")
    return [SimpleUploadedFile(f"{k}{name}", target.getvalue(), "image/jpeg") for k in range(n)]


def draft_of(client: Client) -> str:
    return re.search(r'name="draft" value="([^"]+)"', text(client.get(f"{LIST}tell/")))[1]


def test_a_task_is_given_marked_late_when_its_day_is_over_and_done_on_the_record(worker):
    report = matter()
    today = local_day(timezone.now())
    assert do(worker, report, "give_task", to="物业公司", what="把车挪走", until=str(today)).status_code == 302
    task = Task.objects.get()
    page = record(worker, report)
    assert f'<li data-task="{task.pk}">' in page and "把车挪走" in page and 'data-tasks-open="1"' not in page
    assert not Client().get(f"/r/receipt-number-{1:020d}/").content.count("把车挪走".encode())
    do(worker, report, "accept")
    assert 'data-tasks-open="1"' in record(worker, report)  # beside the answer

    Task.objects.update(until=today - timedelta(days=1))
    assert f'<li data-task="{task.pk}" data-late>' in record(worker, report)
    assert report.number in text(worker.get(f"{LIST}?late=task"))
    assert do(worker, report, "task_done", task=task.pk, words=" ").status_code == 400
    assert do(worker, report, "task_done", task=task.pk, words="车已挪走").status_code == 302
    page = record(worker, report)
    assert "车已挪走" in page and "data-late" not in page and 'value="task_done"' not in page
    assert report.number not in text(worker.get(f"{LIST}?late=task"))


def test_a_task_with_something_missing_or_an_old_day_is_refused_and_what_was_typed_stays(worker):
    report, yesterday = matter(), local_day(timezone.now()) - timedelta(days=1)
    for said in ({"to": "", "until": yesterday}, {"to": "物业", "until": yesterday}, {"to": "物业", "until": "never"}):
        refused = do(worker, report, "give_task", what="请清走杂物", **said)
        assert refused.status_code == 400 and "请清走杂物" in text(refused)
    for task in (999, "x", "9" * 40):
        assert do(worker, report, "task_done", task=task, words="x").status_code in (400, 404)
    assert not Task.objects.exists()


def test_a_task_of_a_report_in_other_hands_is_not_done_from_here(worker):
    report, foreign = matter(1), matter(2)
    task = give(foreign.pk, "物业", "x", local_day(timezone.now()), by="test", at=timezone.now())
    handling.hand_over(foreign.pk, OTHER_VILLAGE, "在那边", by="test", at=timezone.now())
    assert do(worker, report, "task_done", task=task.pk, words="x").status_code == 404
    assert Task.objects.get().done_at is None


def test_an_answer_begins_with_a_template_of_ones_area_or_above_without_script(worker):
    report = matter()
    do(worker, report, "accept")
    above = keep_template(TOWN, "街道通用", "您好，已经处理。", by="test", at=timezone.now())
    lane = keep_template(GRID, "消防", "已请车主挪车。", FIRE_LANE, by="test", at=timezone.now())
    rubbish = keep_template(GRID, "垃圾", "已清运。", RUBBISH, by="test", at=timezone.now())
    elsewhere = keep_template(OTHER_VILLAGE, "别处", "别处的话。", by="test", at=timezone.now())

    assert re.findall(r'<option value="(\d+)">', record(worker, report)) == [str(lane.pk), str(above.pk)]
    page = record(worker, report, f"?do=answer&template={lane.pk}")
    assert re.search(r'<textarea name="words"[^>]*>\s*已请车主挪车。</textarea>', page)
    assert f'<option value="{lane.pk}" selected>' in page
    for not_offered in (rubbish.pk, elsewhere.pk, "x", ""):
        page = record(worker, report, f"?do=answer&template={not_offered}")
        assert "已清运" not in page and "别处的话" not in page
    assert do(worker, report, "answer", words="已请车主挪车。谢谢！").status_code == 302
    assert "template=" not in record(worker, report)


def test_templates_are_kept_and_taken_away_for_areas_one_handles(worker):
    inherited = keep_template(TOWN, "街道通用", "您好。", by="test", at=timezone.now())
    said = {"area": GRID, "category": FIRE_LANE, "title": "消防", "words": "已请车主挪车。"}
    assert worker.post(TEMPLATES, said).status_code == 302
    again = worker.post(TEMPLATES, said)
    assert again.status_code == 400 and "已请车主挪车。" in text(again)
    assert worker.post(TEMPLATES, said | {"area": VILLAGE, "title": "别的"}).status_code == 400
    own = AnswerTemplate.objects.get(title="消防")
    page = text(worker.get(TEMPLATES))
    assert f'name="drop" value="{own.pk}"' in page and f'name="drop" value="{inherited.pk}"' not in page
    assert f'data-template="{inherited.pk}"' in page
    assert [worker.post(TEMPLATES, {"drop": key}).status_code for key in (inherited.pk, "x", own.pk, own.pk)] == [
        404, 404, 302, 404,
    ]  # fmt: skip
    assert list(AnswerTemplate.objects.all()) == [inherited]


def test_without_the_duty_there_are_no_templates():
    looker = signed_in(a_user(Duty.LOOK))
    assert looker.get(TEMPLATES).status_code == 403
    assert looker.post(TEMPLATES, {"area": DISTRICT, "title": "x", "words": "x"}).status_code == 403
    assert Client().get(TEMPLATES).status_code == Client().get(NEAR).status_code == 302


def test_a_narrowed_list_is_saved_under_a_name_of_ones_own_and_taken_away(worker):
    assert 'id="save"' not in text(worker.get(LIST))  # nothing to save yet
    narrow = f"{LIST}?late=late&q=路灯&page=3&nonsense=1"
    assert 'id="save"' in text(worker.get(narrow))
    assert worker.post(narrow, {"do": "keep", "name": "超期路灯"}).status_code == 302
    saved = SavedFilter.objects.get()
    assert (saved.user, unquote(saved.query)) == (worker.user, "late=late&q=路灯")
    page = text(worker.get(LIST))
    assert 'href="?late=late&amp;q=路灯"' in page and "超期路灯" in page
    assert "超期路灯" not in text(signed_in(a_handler()).get(LIST))

    assert worker.post(LIST, {"do": "keep", "name": "空的"}).status_code == 400
    assert worker.post(narrow, {"do": "keep", "name": "字" * 21}).status_code == 400
    stranger = signed_in(a_handler())
    for key in (saved.pk, "x", ""):
        assert stranger.post(LIST, {"do": "drop", "filter": key}).status_code == 404
    assert worker.post(LIST, {"do": "drop", "filter": saved.pk}).status_code == 302
    assert not SavedFilter.objects.exists()


def test_what_lies_near_stands_by_when_it_is_due_with_its_place_and_nobody_is_asked_for_theirs(worker):
    AreaVersion.objects.filter(code=NEXT_UNIT).update(lon=104.26, lat=30.84)
    later = matter(1, category=RUBBISH, lon=INSIDE[0], lat=INSIDE[1])
    sooner = matter(2, area=NEXT_UNIT)
    done, nowhere = matter(3), matter(4, at=timezone.now() - timedelta(days=30))
    handling.begin(done.pk, by=worker.user, at=timezone.now())
    handling.answer(done.pk, "好了", by=worker.user, at=timezone.now())

    page = text(worker.get(NEAR))
    assert re.findall(r'data-number="(\d+)"', page) == [nowhere.number, sooner.number, later.number]
    assert re.findall(r'data-lon="([^"]+)" data-lat="([^"]+)"', page) == [
        ("104.260000", "30.840000"), (f"{INSIDE[0]:.6f}", f"{INSIDE[1]:.6f}"),
    ]  # fmt: skip
    assert NEAR in text(worker.get(LIST))
    assert worker.post(NEAR).status_code == 405
    assert re.findall(r'data-number="(\d+)"', text(signed_in(a_handler(OTHER_VILLAGE)).get(NEAR))) == []


def test_near_takes_no_more_queries_for_many(worker, django_assert_max_num_queries):
    for n in range(12):
        matter(n)
    with django_assert_max_num_queries(6):
        assert len(re.findall("data-number", text(worker.get(NEAR)))) == 12


def test_it_lies_elsewhere_and_whoever_sees_to_it_there_has_it_then(worker):
    report = matter(lon=INSIDE[0], lat=INSIDE[1])
    page = record(worker, report, "?do=move_pin")
    assert "data-pick" in page and "map.json?wide" in page and 'name="lon"' in page and 'name="lat"' in page
    assert worker.get(f"{LIST}{report.pk}/map.json?wide").json()["features"]
    number, due = report.number, report.due_at
    moved = do(worker, report, "move_pin", lon=f"{INSIDE[0] + 0.001:.6f}", lat=INSIDE[1])
    assert moved["Location"] == f"{LIST}{report.pk}/"  # the same grid: it stays in these hands
    report.refresh_from_db()
    assert report.area.versions.get().code == NEXT_UNIT and (report.number, report.due_at) == (number, due)
    for lon, lat in (("110", "30"), ("x", "30"), ("", ""), ("181", "30"), ("nan", "30")):
        assert do(worker, report, "move_pin", lon=lon, lat=lat).status_code == 400

    AreaVersion.objects.filter(code=NEXT_UNIT).update(code=OTHER_VILLAGE + "001001")  # a unit of another village
    draw(OTHER_VILLAGE + "001001", 104.251, 30.8301)  # drawn anew, as in life: so it is read anew
    handling.hand_up(report.pk, "x", by="test", at=timezone.now())
    AreaVersion.objects.filter(code=GRID).update(code=OTHER_VILLAGE + "001")
    secretary = signed_in(a_handler(VILLAGE))
    away = do(secretary, report, "move_pin", lon=f"{INSIDE[0] + 0.0011:.6f}", lat=INSIDE[1])
    assert away["Location"] == LIST and secretary.get(f"{LIST}{report.pk}/").status_code == 404


def test_an_answer_takes_up_to_five_photos(worker):
    report = matter()
    do(worker, report, "accept")
    refused = do(worker, report, "answer", words="已清", photos=pictures(MOST_PHOTOS + 1))
    assert refused.status_code == 400 and not report.photos.exists()
    broken = [*pictures(1), SimpleUploadedFile("x.jpg", b"no picture", "image/jpeg")]
    assert do(worker, report, "answer", words="已清", photos=broken).status_code == 400
    assert do(worker, report, "answer", words="已清", photos=pictures(MOST_PHOTOS)).status_code == 302
    assert report.photos.filter(is_result=True).count() == MOST_PHOTOS
    assert record(worker, report).count(f"/desk/reports/{report.pk}/photos/") == 2 * MOST_PHOTOS


def test_a_matter_written_down_brings_photos_and_may_be_told_in_confidence(worker):
    said = {"category": RUBBISH, "unit": UNIT, "text": "隔壁堆放杂物", "wish": Wish.ANONYMOUS.value, "contact": ""}
    answer = worker.post(
        f"{LIST}tell/", said | {"draft": draft_of(worker), "in_confidence": "on", "photos": pictures(2, "张三.jpg")}
    )
    assert answer.status_code == 200
    report = Report.objects.get()
    assert report.in_confidence and report.photos.count() == 2
    assert not any("张三" in photo.file.name for photo in report.photos.all())
    plain = worker.post(f"{LIST}tell/", said | {"draft": draft_of(worker), "text": "别的"})
    assert plain.status_code == 200 and Report.objects.filter(in_confidence=False).count() == 1
    many = said | {"draft": draft_of(worker), "photos": pictures(MOST_PHOTOS + 1)}
    assert worker.post(f"{LIST}tell/", many).status_code == 400


def test_what_was_told_in_confidence_says_so_and_is_not_to_be_shown_to_everyone(worker):
    secret, plain = matter(1, in_confidence=True), matter(2)

    def tags(report: Report) -> tuple[bool, bool]:
        page = record(worker, report)
        return "data-in-confidence" in page, 'value="release"' in page

    assert (tags(secret), tags(plain)) == ((True, False), (False, True))
    assert do(worker, secret, "release", words="公开的话").status_code == 409
    assert len(re.findall("data-in-confidence", text(worker.get(LIST)))) == 1
    for move in ("accept", "begin"):
        do(worker, secret, move)
    do(worker, secret, "recategorise", category=RUBBISH)
    do(worker, secret, "join", other=str(plain.pk))
    secret.refresh_from_db()
    assert (secret.state, secret.in_confidence, secret.joined_to) == ("joined", True, plain)


def test_a_long_list_has_parts_and_one_past_its_end_is_the_last(worker, django_assert_max_num_queries):
    at = timezone.now()
    told = [matter(n, at=at + timedelta(hours=7 * n)).number for n in range(53)]

    def shown(page: str) -> list[str]:
        return re.findall(r'data-number="(\d+)"', text(worker.get(f"{LIST}?page={page}")))

    with django_assert_max_num_queries(8):
        first = shown("1")
    assert (len(first), len(shown("2"))) == (50, 3) and set(first + shown("2")) == set(told)
    for page in ("99", "9" * 30, "0"):
        assert shown(page) == shown("2") and "53" in text(worker.get(f"{LIST}?page={page}"))
    assert shown("x") == shown("") == first


def test_around_a_town_of_a_city_without_districts_lie_the_other_towns_and_its_villages():
    on = timezone.localdate()
    codes = {
        "440000000000",
        "441900000000",
        "441900003000",
        "441900004000",
        "441900003001",
        "441900004001",
        "442000000000",
    }
    rows = [{"code": code, "name": code} for code in sorted(codes)]
    found_divisions(rows, edition="2018", on=on, by="test", at=timezone.now())
    named = area_ids(["442000000000"], on=on)

    around, names = areas_around(["441900003000"], named.values(), on=on)
    assert {place.code for place in around} == {"441900003000", "441900004000", "441900003001"}
    assert {place.code for place in names.values()} == {"442000000000"}
    assert {place.code for place in areas_around(["441900000000"], on=on)[0]} == {"441900003000", "441900004000"}
    assert areas_around(["9"], on=on) == areas_around([], on=on) == ([], {})
