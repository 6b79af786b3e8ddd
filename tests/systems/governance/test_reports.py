"""Reports from being told to the last word: routed, timed, once, and nobody can find out who spoke."""

import io
from datetime import timedelta

import pytest
from django.db import IntegrityError, OperationalError, connection
from PIL import Image

from tests.builders import DISTRICT, GRID, MONDAY, OTHER_VILLAGE, VILLAGE, a_user
from tests.systems.governance.matters import (
    ACCOUNTS,
    FIRE_LANE,
    INSIDE,
    LAMP,
    NEXT_UNIT,
    RECEIPT,
    UNIT,
    a_handler,
    a_village,
    told,
)
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.casekeys import open_for
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.base.worktime import due_after
from weiduan.ground.ledger.models import Entry
from weiduan.ground.ledger.queries import breaks
from weiduan.ground.territory.queries import area_of
from weiduan.systems.governance.categories.models import Category
from weiduan.systems.governance.categories.queries import NoSuchCategory
from weiduan.systems.governance.reports import handling, intake, reporting
from weiduan.systems.governance.reports.handling import NotNow
from weiduan.systems.governance.reports.intake import Telling, ToldOtherwise, tell
from weiduan.systems.governance.reports.models import Contact, Report
from weiduan.systems.governance.reports.queries import (
    overdue,
    perhaps_the_same,
    report_by_receipt,
    report_in_care_of,
    reports_in_care_of,
    steps_of,
)
from weiduan.systems.governance.reports.rules import Channel, Wish

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path


def _seat(report):
    report.refresh_from_db()
    return area_of(report.handler_id, on=MONDAY.date()).code


def _area(report):
    return area_of(report.area_id, on=MONDAY.date()).code


def _jpeg():
    target = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "MARKER-CAMERA"
    Image.new("RGB", (30, 20), "red").save(target, "JPEG", exif=exif)
    return target.getvalue()


@pytest.mark.parametrize(
    ("category", "handler", "hours"), [(FIRE_LANE, GRID, 3), (LAMP, VILLAGE, 14), (ACCOUNTS, VILLAGE, 70)]
)
def test_a_report_goes_to_who_sees_to_its_category_and_its_clock_runs_in_working_time(category, handler, hours):
    a_village()
    report = told(category=category)
    assert (_seat(report), _area(report)) == (handler, UNIT)
    assert report.due_at == due_after(MONDAY, hours * HOUR)
    assert report.number.startswith("181105") and len(report.number) == 14


def test_a_point_in_a_unit_finds_it_and_outside_of_all_the_chosen_place_counts():
    a_village(drawn=True)
    assert _area(told(lon=INSIDE[0], lat=INSIDE[1], area="")) == UNIT
    assert _area(told("r" * 24, lon=INSIDE[0] + 0.001, lat=INSIDE[1], area=UNIT)) == NEXT_UNIT
    in_village = told("s" * 24, lon=104.4, lat=30.9, area=VILLAGE)
    assert (_area(in_village), _seat(in_village)) == (VILLAGE, VILLAGE)
    with pytest.raises(BadInput):
        told("t" * 24, lon=104.4, lat=30.9, area="")


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": " "}, {"text": "字" * 4001}, {"category": "A"}, {"category": "nothing"}, {"area": ""}, {"area": "510113002999"},
        {"place": "x" * 101}, {"contact": "1" * 101, "wish": Wish.ANSWERABLE}, {"lon": 104.2}, {"photos": (b"no picture",)},
        {"photos": (_jpeg(),) * 6},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_kept(wrong):
    a_village()
    with pytest.raises(BadInput):
        told(**wrong)
    with pytest.raises(BadInput):
        told("too short")
    assert Report.objects.count() == 0


def test_the_same_form_twice_is_one_report_and_with_other_words_it_is_refused():
    a_village()
    first = told()
    assert told(at=MONDAY + 3 * 24 * HOUR).pk == first.pk
    with pytest.raises(ToldOtherwise):
        told(text="别的事")
    assert (Report.objects.count(), Entry.objects.filter(what="report.told").count()) == (1, 1)


def _files(home):
    return sorted(path for path in home.rglob("*") if path.is_file() and path.name != "erasures.jsonl")


def test_what_is_told_again_or_refused_leaves_nothing_beside_the_report_made_before(settings, monkeypatch):
    a_village()
    said = {"photos": (_jpeg(),), "contact": "13800000000", "wish": Wish.ANSWERABLE}
    first = told(**said)
    before = _files(settings.HOME)
    assert len(before) == 3  # two keys, one photo

    assert told(**said).pk == first.pk
    with pytest.raises(ToldOtherwise):
        told(text="别的事", **said)
    with monkeypatch.context() as breaking, pytest.raises(IntegrityError):
        breaking.setattr(intake, "record", _broken)
        told("n" * 24, **said)
    assert _files(settings.HOME) == before and Report.objects.get().text == first.text
    assert open_for(first.pk, Contact.objects.get().sealed) == "13800000000"


def _broken(**_entry):
    raise IntegrityError


def test_where_the_answer_of_the_database_is_lost_the_keys_stay_for_the_report_may_be_there(settings, monkeypatch):
    a_village()
    with monkeypatch.context() as breaking, pytest.raises(OperationalError):
        breaking.setattr(intake, "record", _lost)
        told()
    assert len(_files(settings.HOME)) == 1


def _lost(**_entry):
    raise OperationalError


def test_told_again_when_its_category_is_closed_and_its_unit_is_gone_it_is_the_report_made_before():
    a_village()
    first = told()
    Category.objects.filter(code=FIRE_LANE).update(is_open=False)
    assert told().pk == told(area="510113002002001999").pk == told(category="").pk == first.pk
    with pytest.raises(NoSuchCategory):
        told("n" * 24)


def test_telling_takes_eight_queries_at_most(django_assert_num_queries):
    a_village(drawn=True)
    said = {"contact": "13800000000", "wish": Wish.ANSWERABLE}
    told(lon=INSIDE[0], lat=INSIDE[1])
    # In a test, a transaction within another is a savepoint: two of each are BEGIN and COMMIT. On SQLite rows go one by one.
    with django_assert_num_queries(8 if connection.vendor == "postgresql" else 11):
        report = told("n" * 24, lon=INSIDE[0], lat=INSIDE[1], **said)
    report.refresh_from_db()
    report.save()  # it counts as kept
    assert Report.objects.count() == 2


def test_telling_takes_at_most_eight_queries(django_assert_max_num_queries):
    a_village()
    told()
    with django_assert_max_num_queries(
        8 + 2 * connection.in_atomic_block
    ):  # a savepoint and its release stand for the transaction
        told("q" * 24)


def test_staff_write_down_what_they_are_told_only_where_they_have_the_duty():
    a_village()
    wish = Telling(FIRE_LANE, "来电反映", area=UNIT)
    report = tell(wish, receipt="d" * 24, channel=Channel.DESK, by=a_handler(VILLAGE), at=MONDAY)
    assert report.channel == "desk"
    with pytest.raises(NotFound):
        tell(wish, receipt="e" * 24, channel=Channel.DESK, by=a_handler(OTHER_VILLAGE), at=MONDAY)


def test_over_a_boundary_number_and_clock_go_along_and_the_first_sees_it_no_more():
    a_village()
    report, here, there = told(), a_handler(VILLAGE), a_handler(OTHER_VILLAGE)
    number, due = report.number, report.due_at
    handling.hand_over(report.pk, OTHER_VILLAGE, "在路那边", by=here, at=MONDAY + HOUR)

    assert [r.pk for r in reports_in_care_of(there, at=MONDAY)] == [report.pk]
    with pytest.raises(NotFound):
        report_in_care_of(here, report.pk, at=MONDAY)
    found = report_in_care_of(there, report.pk, at=MONDAY)
    assert (found.number, found.due_at, found.state) == (number, due, "filed")
    for wrong in (GRID, UNIT):  # it is there no more; a unit handles nothing
        with pytest.raises((NotFound, BadInput)):
            handling.hand_over(report.pk, wrong, "x", by=here, at=MONDAY)


def test_a_moved_pin_finds_who_sees_to_it_anew():
    a_village(drawn=True)
    report = told(lon=INSIDE[0], lat=INSIDE[1])
    handling.move_pin(report.pk, INSIDE[0] + 0.001, INSIDE[1], by=a_handler(), at=MONDAY)
    report.refresh_from_db()
    assert (_area(report), _seat(report)) == (NEXT_UNIT, GRID)
    with pytest.raises(BadInput):
        handling.move_pin(report.pk, 110.0, 30.0, by=a_handler(), at=MONDAY)


def test_the_clock_stops_for_a_reason_and_goes_on_with_the_working_time_that_was_left():
    a_village()
    report, by = told(category=LAMP), a_handler(VILLAGE)  # 14 hours from Monday at ten
    handling.accept(report.pk, by=by, at=MONDAY)
    handling.pause(report.pk, "等配件到货", by=by, at=MONDAY + HOUR)
    with pytest.raises(NotNow):
        handling.pause(report.pk, "又等", by=by, at=MONDAY + HOUR)
    a_week_later = MONDAY + timedelta(days=7)
    assert not overdue(Report.objects.all(), at=a_week_later)
    handling.resume(report.pk, by=by, at=a_week_later)

    report.refresh_from_db()
    assert report.due_at == due_after(a_week_later, 13 * HOUR)
    assert [r.pk for r in overdue(Report.objects.all(), at=report.due_at + HOUR)] == [report.pk]


def test_a_disputed_answer_is_handled_again_with_the_same_number_and_clock_and_so_is_a_closed_one():
    a_village()
    report, by = told(), a_handler()
    due, number = report.due_at, report.number
    handling.begin(report.pk, "已联系车主", by=by, at=MONDAY)
    handling.answer(report.pk, "车已挪走", photos=[_jpeg()], by=by, at=MONDAY + HOUR)
    reporting.dispute(RECEIPT, "又停了一辆", at=MONDAY + 2 * HOUR)
    handling.answer(report.pk, "已装隔离桩", by=by, at=MONDAY + 3 * HOUR)
    reporting.confirm(RECEIPT, at=MONDAY + 4 * HOUR)
    reporting.dispute(RECEIPT, "桩被拔了", at=MONDAY + timedelta(days=29))

    report.refresh_from_db()
    assert (report.due_at, report.number, report.state, report.reopened) == (due, number, "disputed", 1)
    assert [s.what for s in steps_of(report, internal=False)] == [
        "told", "begin", "answer", "dispute", "answer", "confirm", "reopen",
    ]  # fmt: skip
    handling.answer(report.pk, "已重装", by=by, at=MONDAY + timedelta(days=30))
    reporting.confirm(RECEIPT, at=MONDAY + timedelta(days=30))
    with pytest.raises(NotNow):
        reporting.dispute(RECEIPT, "x", at=MONDAY + timedelta(days=61))


def test_a_week_of_silence_after_the_answer_closes_it_apart_from_what_was_confirmed():
    a_village()
    report, by = told(), a_handler()
    handling.begin(report.pk, by=by, at=MONDAY)
    handling.answer(report.pk, "已处理", by=by, at=MONDAY)
    assert reporting.lapse(at=MONDAY + timedelta(days=7) - HOUR) == 0
    assert reporting.lapse(at=MONDAY + timedelta(days=7)) == 1
    assert reporting.lapse(at=MONDAY + timedelta(days=8)) == 0
    report.refresh_from_db()
    assert report.state == "no_word" and report.closed_at == MONDAY + timedelta(days=7)


def test_a_joined_report_leads_to_the_other_and_so_do_those_joined_to_it():
    a_village()
    reports = [told(f"{n}" * 24) for n in range(3)]
    by = a_handler()
    handling.join(reports[0].pk, reports[1].pk, by=by, at=MONDAY)
    handling.join(reports[1].pk, reports[2].pk, by=by, at=MONDAY)
    assert report_by_receipt("0" * 24).joined_to_id == report_by_receipt("1" * 24).joined_to_id == reports[2].pk
    with pytest.raises(NotNow):
        handling.join(reports[2].pk, reports[2].pk, by=by, at=MONDAY)
    with pytest.raises(NotNow):
        handling.join(reports[2].pk, reports[0].pk, by=by, at=MONDAY)


def test_somebody_else_with_the_same_matter_counts_once_and_finds_it_nearby():
    a_village(drawn=True)
    report = told(lon=INSIDE[0], lat=INSIDE[1])
    for receipt in ("m" * 24, "m" * 24, "n" * 24):
        reporting.concern_me_too(report.pk, receipt, at=MONDAY)
    (near,) = perhaps_the_same(FIRE_LANE, INSIDE[0] + 0.0005, INSIDE[1], at=MONDAY)
    assert (near.key, near.also) == (report.pk, 2)
    assert near.metres == 40  # 47.7, to the nearest twenty
    assert perhaps_the_same(LAMP, *INSIDE, at=MONDAY) == []
    assert perhaps_the_same(FIRE_LANE, INSIDE[0] + 0.0015, INSIDE[1], at=MONDAY) == []


def test_notes_are_for_staff_and_what_is_public_only_what_a_handler_wrote():
    a_village()
    report, by = told(), a_handler()
    handling.note(report.pk, "车主姓王", by=by, at=MONDAY)
    assert [s.what for s in steps_of(report, internal=False)] == ["told"]
    assert [s.what for s in steps_of(report, internal=True)] == ["told", "noted"]
    assert handling.release(report.pk, "某小区消防通道被占，正在处理。", by=by, at=MONDAY).public_text
    assert not handling.release(report.pk, "", by=by, at=MONDAY).public_text


@pytest.mark.django_db(transaction=True)
def test_a_contact_lies_sealed_in_one_table_under_a_key_outside_the_database_and_goes_with_it(tmp_path):
    a_village()
    report = told(contact="王某 13812345678", wish=Wish.HANDLER_ONLY)
    sealed = bytes(Contact.objects.get().sealed)
    assert b"13812345678" not in sealed and open_for(report.pk, sealed) == "王某 13812345678"
    by, above = a_handler(), a_handler(DISTRICT)
    with pytest.raises(NotFound):
        handling.read_contact(report.pk, "想了解情况", by=above, at=MONDAY)
    with pytest.raises(BadInput):
        handling.read_contact(report.pk, " ", by=by, at=MONDAY)
    assert handling.read_contact(report.pk, "约时间上门", by=by, at=MONDAY) == "王某 13812345678"
    assert [s.what for s in steps_of(report, internal=False)] == ["told", "contact_read"]

    for _twice in range(2):
        reporting.erase_contact(RECEIPT, at=MONDAY)
    assert handling.read_contact(report.pk, "再问", by=by, at=MONDAY) is None
    assert open_for(report.pk, sealed) is None  # a copy of the table, as a backup holds it, says nothing any more
    assert [path.suffix for path in (tmp_path / "case-keys").rglob("*") if path.is_file()] == [".words"]


@pytest.mark.django_db(transaction=True)
def test_contacts_go_ninety_days_after_closing_and_not_before():
    a_village()
    report = told(contact="13812345678", wish=Wish.ANSWERABLE)
    reporting.withdraw(RECEIPT, at=MONDAY)
    assert reporting.erase_contacts(at=MONDAY + timedelta(days=89)) == 0
    assert reporting.erase_contacts(at=MONDAY + timedelta(days=90)) == 1
    assert not Contact.objects.exists() and Report.objects.get(pk=report.pk).state == "withdrawn"


def test_neither_words_nor_contact_nor_the_camera_come_into_the_ledger_or_the_files(tmp_path):
    a_village()
    marker = "MARKER-TEXT"
    report = told(text=marker, contact="MARKER-CONTACT", wish=Wish.ANSWERABLE, place="MARKER-PLACE", photos=(_jpeg(),))
    handling.begin(report.pk, "MARKER-WORDS", by=a_handler(), at=MONDAY)
    reporting.add(RECEIPT, "MARKER-ADDED", photos=(_jpeg(),), at=MONDAY)

    assert not any("MARKER" in f"{e.before}{e.after}{e.by}" for e in Entry.objects.all())
    assert all(b"MARKER" not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    with pytest.raises(BadInput):
        reporting.add(RECEIPT, "x", photos=(_jpeg(),) * 4, at=MONDAY)
    assert list(breaks()) == []


def test_who_may_look_but_has_no_duty_for_reports_sees_none():
    a_village()
    told()
    assert list(reports_in_care_of(a_user(Duty.LOOK, area=DISTRICT), at=MONDAY)) == []
    assert reports_in_care_of(a_handler(DISTRICT), at=MONDAY).count() == 1
