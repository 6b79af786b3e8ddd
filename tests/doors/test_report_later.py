"""What waited on a phone arrives as it was written: in whatever order it comes, however often, and however late."""

import json
import re
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.builders import DISTRICT, GRID, VILLAGE, a_user
from tests.doors.telling import TELEPHONE, TEXT, a_picture, text_of
from tests.systems.governance.matters import FIRE_LANE, INSIDE, LAMP, NEXT_UNIT, UNIT, a_village
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.territory.queries import area_of
from weiduan.systems.governance.reports import handling, reporting
from weiduan.systems.governance.reports.models import Contact, Report, ReportPhoto, Step
from weiduan.systems.governance.reports.queries import receipt_hash

LATER = "/report/later/"
NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
R = "a-receipt-from-a-phone-1"
PICTURE = a_picture().read()


def post(receipt=R, *, headers=None, photos=0, **said):
    files = [SimpleUploadedFile("1.jpg", PICTURE, "image/jpeg") for _ in range(photos)]
    sent = {"receipt": receipt, **said} | ({"photos": files} if files else {})
    return Client(enforce_csrf_checks=True).post(LATER, sent, headers=headers or {})


def tells(receipt=R, **said):
    return post(receipt, **{"text": TEXT, "category": FIRE_LANE, "area": UNIT, "wish": "anonymous"} | said)


def adds(receipt=R, turn=1, words="还在", **said):
    return post(receipt, turn=str(turn), words=words, **said)


# ---- a phone, a bad network, and what arrives


@dataclass
class Item:
    """Something that waits on the phone: its form, how many photos, and which addition it is."""

    receipt: str
    form: dict
    photos: int
    turn: int = 0  # 0: the report itself


@dataclass
class Phone:
    """Does as static/js/later.js, but picks what to send next as the network likes."""

    queue: list[Item]
    at: datetime = NOW
    arrived_at: dict[str, datetime] = field(default_factory=dict)
    copies: list[Item] = field(default_factory=list)

    def deliver(self, item: Item) -> dict:
        """Let an item reach the server, with a clock that is wrong in every way a phone can tell it."""
        turn = {"turn": str(item.turn)} if item.turn else {}
        wrong = {"Date": "Thu, 01 Jan 1970 00:00:00 GMT", "Last-Modified": "Fri, 01 Jan 2100 00:00:00 GMT"}
        clocks = {"at": "1970-01-01", "told_at": "2100-01-01T00:00:00Z", "due_at": "2100-01-01", "sent_at": "x"}
        with mock.patch.object(timezone, "now", lambda: self.at):
            answer = post(item.receipt, headers=wrong, photos=item.photos, **item.form, **turn, **clocks)
        said = answer.json()
        if said["state"] == "kept" and not item.turn:
            self.arrived_at[item.receipt] = self.at
        return said

    def send(self, item: Item, how: str) -> None:
        self.at += timedelta(hours=3)
        if how == "lost":
            return
        if how == "late copy":  # reaches the server after everything else
            self.copies.append(Item(item.receipt, item.form, item.photos, item.turn))
            return
        said = self.deliver(item)
        if how == "twice":
            said = self.deliver(item)
        if how != "answer lost":
            self.hear(item, said)

    def hear(self, item: Item, said: dict) -> None:
        if said["state"] in ("kept", "again"):
            self.queue.remove(item)
            return
        assert said["state"] == "not_yet", said
        is_first = next(one for one in self.queue if one.receipt == item.receipt) is item
        if said["turn"] and is_first:
            item.turn = said["turn"]

    def empty(self) -> None:
        """Send what is left, in order, over a good network; then let the late copies arrive."""
        for _ in range(3):
            for item in list(self.queue):
                self.send(item, "fine")
        assert not self.queue
        for item in self.copies:
            assert self.deliver(item)["state"] == "again"


def written(matters, names) -> list[Item]:
    """Return what a phone holds once some matters are written down on it."""
    queue = []
    for (text, place, category, photos, added), receipt in zip(matters, names, strict=True):
        form = {"text": text, "place": place, "category": category, "area": UNIT, "wish": "anonymous"}
        queue.append(Item(receipt, form, photos))
        for turn, (words, more) in enumerate(added, 1):
            queue.append(Item(receipt, {"words": words}, more, turn))
    return queue


def state_of(receipt):
    report = Report.objects.select_related("category").get(receipt_hash=receipt_hash(receipt))
    added = [step.words for step in Step.objects.filter(report=report, what="added").order_by("turn")]
    photos = ReportPhoto.objects.filter(report=report).count()
    return report.text, report.place, report.category.code, added, photos


WORDS = st.sampled_from(["还在", "第二天还在", "车牌看不清\n请快一点"])  # few, so that some are written twice
ADDED = st.lists(st.tuples(WORDS, st.integers(0, 1)), max_size=3)
MATTER = st.tuples(
    st.sampled_from(["通道被堵", "灯不亮\n两盏"]), st.sampled_from(["", "负二层"]), st.sampled_from([FIRE_LANE, LAMP]),
    st.integers(0, 2), ADDED,
)  # fmt: skip
NETWORK = st.lists(
    st.tuples(st.integers(0, 11), st.sampled_from(["fine", "lost", "answer lost", "twice", "late copy"])), max_size=24
)


@pytest.mark.django_db
class WhatArrives(TestCase):
    @classmethod
    def setUpTestData(cls):
        a_village(drawn=True)

    def run(self, result=None):
        with tempfile.TemporaryDirectory() as home, override_settings(HOME=Path(home), MEDIA_ROOT=home):
            return super().run(result)

    @settings(max_examples=25, deadline=None)
    @given(matters=st.lists(MATTER, min_size=1, max_size=3), network=NETWORK)
    def test_it_is_what_sending_in_order_once_would_have_made(self, matters, network):
        names = [f"by-a-bad-network-{n:07d}" for n in range(len(matters))]
        in_order = [f"one-after-the-other-{n:04d}" for n in range(len(matters))]
        Phone(written(matters, in_order)).empty()

        phone = Phone(written(matters, names))
        for pick, how in network:
            if phone.queue:
                phone.send(phone.queue[pick % len(phone.queue)], how)
        phone.empty()

        assert [state_of(name) for name in names] == [state_of(name) for name in in_order]
        assert Report.objects.count() == 2 * len(matters)
        for name in names:
            assert Report.objects.get(receipt_hash=receipt_hash(name)).told_at == phone.arrived_at[name]


# ---- one thing at a time


@pytest.fixture
def village(db, settings, tmp_path):
    """A drawn village whose photos and keys lie in a directory of this test."""
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village(drawn=True)


def test_what_is_answered_says_what_became_of_it_and_where_to_follow_it(village):
    first, again = tells(photos=2), tells(photos=2)
    report = Report.objects.get()
    address = f"http://testserver/r/{R}/"
    assert first.json() == {"state": "kept", "number": report.number, "address": address, "message": "", "turn": 0}
    assert again.json() == first.json() | {"state": "again"} and Client().get(address).status_code == 200
    assert (report.channel, ReportPhoto.objects.count()) == ("portal", 2)
    assert [adds(turn=n).json()["state"] for n in (1, 1, 2)] == ["kept", "again", "kept"]
    assert first["Cache-Control"] == "no-store" and not first.cookies


def test_an_addition_waits_for_its_report_and_for_the_one_before_it(village):
    early = adds()
    assert (early.status_code, early.json()["state"], early.json()["turn"]) == (404, "not_yet", 0)
    tells()
    second = adds(turn=2)
    assert (second.status_code, second.json()["state"], second.json()["turn"]) == (409, "not_yet", 1)


def test_what_was_added_on_the_receipts_page_meanwhile_takes_nothing_from_the_phone(village):
    tells()
    Client().post(f"/r/{R}/", {"do": "add", "words": "在网页上补充"})
    taken = adds(turn=1, words="在手机上补充")
    assert (taken.status_code, taken.json()["state"], taken.json()["turn"]) == (409, "not_yet", 2)
    assert adds(turn=2, words="在手机上补充").json()["state"] == "kept"
    assert adds(turn=2, words="在手机上补充").json()["state"] == "again"
    assert state_of(R)[3] == ["在网页上补充", "在手机上补充"]


@pytest.mark.parametrize(
    "said",
    [
        {"text": " "}, {"text": "字" * 4001}, {"category": ""}, {"category": "nothing"}, {"area": "9" * 18}, {"area": GRID},
        {"area": DISTRICT}, {"area": "", "place": ""}, {"lon": "nan", "lat": "30"}, {"lon": "104"}, {"lon": "x", "lat": "x"},
        {"lon": "104", "lat": "91"}, {"wish": "everyone"}, {"wish": "handler_only"}, {"contact": TELEPHONE}, {"place": "字" * 101},
        {"photos": 6}, {"receipt": "short"}, {"receipt": "a/receipt/with/slashes/24"}, {"receipt": ""},
    ],
)  # fmt: skip
def test_what_is_refused_says_why_and_leaves_nothing(village, said):
    answer = tells(**said)
    assert (answer.status_code, answer.json()["state"]) == (400, "refused") and answer.json()["message"]
    assert not Report.objects.exists()
    assert tells().json()["state"] == "kept"  # put right, it is taken in with the same receipt


@pytest.mark.parametrize(
    "said", [{"words": " "}, {"words": "字" * 1001}, {"turn": "0"}, {"turn": "-1"}, {"turn": "99999"}, {"photos": 6}]
)
def test_an_addition_that_is_refused_says_why(village, said):
    tells()
    answer = adds(**said)
    assert (answer.status_code, answer.json()["state"]) == (400, "refused") and answer.json()["message"]
    assert state_of(R)[3] == []


def test_what_is_no_picture_is_refused_and_other_words_under_the_same_receipt_too(village):
    bad = Client().post(LATER, {"receipt": R, "text": TEXT, "category": FIRE_LANE, "area": UNIT,
                                "photos": SimpleUploadedFile("a.jpg", b"<svg>", "image/jpeg")})  # fmt: skip
    assert (bad.status_code, bad.json()["state"]) == (400, "refused")
    tells()
    other = tells(text="别的事")
    assert (other.status_code, other.json()["state"]) == (409, "refused") and state_of(R)[0] == TEXT


def test_an_addition_to_what_is_closed_is_refused_unless_it_had_arrived(village):
    tells()
    adds()
    reporting.withdraw(R, at=timezone.now())
    assert adds().json()["state"] == "again"
    late = adds(turn=2)
    assert (late.status_code, late.json()["state"]) == (409, "refused") and late.json()["message"]


def test_sent_again_it_has_arrived_even_if_its_category_ended_since(village):
    tells()
    Report.objects.get().category.__class__.objects.filter(code=FIRE_LANE).update(is_open=False)
    assert tells().json()["state"] == "again"


def area(receipt=R) -> str:
    report = Report.objects.get(receipt_hash=receipt_hash(receipt))
    return area_of(report.area_id, on=timezone.localdate()).code


def test_it_lies_in_the_unit_chosen_else_where_the_phone_is_else_in_the_district(village):
    here = {"lon": str(INSIDE[0]), "lat": str(INSIDE[1])}
    for n, (said, code, has_point) in enumerate([
        ({"area": NEXT_UNIT}, NEXT_UNIT, False), ({"area": VILLAGE}, VILLAGE, False), ({"area": NEXT_UNIT} | here, NEXT_UNIT, False),
        ({"area": ""} | here, UNIT, True), ({"area": UNIT} | here, UNIT, True), ({"area": "", "place": "河边"}, DISTRICT, False),
        ({"area": "", "lon": "100", "lat": "20"}, DISTRICT, True),
    ]):  # fmt: skip
        receipt = f"a-receipt-from-a-phone-{n}"
        assert tells(receipt, **said).json()["state"] == "kept"
        report = Report.objects.get(receipt_hash=receipt_hash(receipt))
        assert (area(receipt), report.lon is not None) == (code, has_point)


def test_a_contact_is_kept_only_with_a_wish_and_a_matter_in_confidence_stays_so(village):
    assert tells(contact=TELEPHONE, wish="anonymous").status_code == 400
    assert tells(contact="１３８００００００００", wish="handler_only", in_confidence="on").json()["state"] == "kept"
    report = Report.objects.get()
    staff = a_user(Duty.HANDLE_REPORTS, area=GRID)
    assert report.in_confidence and Contact.objects.get().wish == "handler_only"
    assert handling.read_contact(report.pk, "回电", by=staff, at=timezone.now()) == TELEPHONE
    assert TELEPHONE not in text_of(Client().get(f"/r/{R}/"))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Origin": "http://testserver:8080"},
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
        {"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"},
    ],
)  # fmt: skip
def test_pages_of_other_sites_are_turned_away(village, headers):
    answer = tells(headers=headers)
    assert (answer.status_code, answer.json()["state"]) == (403, "refused") and not Report.objects.exists()


def test_our_own_page_is_heard_and_whoever_is_signed_in_makes_no_difference(village):
    own = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    signed_in = Client(enforce_csrf_checks=True, headers=own)
    signed_in.force_login(a_user(Duty.HANDLE_REPORTS, area=GRID))
    answer = signed_in.post(LATER, {"receipt": R, "text": TEXT, "category": FIRE_LANE, "area": UNIT})
    assert answer.json()["state"] == "kept" and Report.objects.get().told_by is None


def test_the_page_a_phone_keeps_says_nothing_of_whoever_opened_it(village):
    signed_in = Client()
    staff = a_user(Duty.HANDLE_REPORTS, area=GRID, name="zhang-the-handler")
    signed_in.force_login(staff)
    tells()
    signed_in.post(f"/r/{R}/", {"do": "withdraw"})  # leaves a message that no page has shown yet
    page = signed_in.get(LATER)
    assert text_of(page) == text_of(Client().get(LATER)) and staff.username not in text_of(page)
    assert "csrf" not in text_of(page) and not page.cookies and page["Cache-Control"] == "no-store"
    assert f'value="{UNIT}" selected' in text_of(Client().get(f"{LATER}?unit={UNIT}"))
    assert [f'value="{code}"' in text_of(Client().get(f"{LATER}?unit={code}")) for code in (VILLAGE, GRID, "x")] == [
        True,
        False,
        False,
    ]
    assert "wd-messages" in text_of(signed_in.get(f"/r/{R}/"))


def test_the_worker_may_look_after_the_site_and_names_only_files_there_are_and_one_page(village):
    worker = Client().get("/sw.js")
    assert (worker["Service-Worker-Allowed"], worker["Content-Type"]) == ("/", "text/javascript; charset=utf-8")
    files = re.findall(r'"(/static/[^"]+)"', text_of(worker).replace("\\u002D", "-"))
    assert len(files) == 10 and all(Client().get(path).status_code == 200 for path in files)
    assert 'const PAGE = "/report/later/"' in text_of(worker).replace("\\u002D", "-")
    manifest = json.loads(text_of(Client().get("/manifest.webmanifest")))
    assert manifest["start_url"] == LATER
