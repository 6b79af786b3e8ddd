"""Words are found while they are kept, and nowhere once they are erased: not in a copy of the database either."""

import io
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.builders import MONDAY
from tests.systems.governance.matters import RECEIPT, a_handler, a_village, told
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.systems.governance.reports import handling, reporting
from weiduan.systems.governance.reports.grams import grams_of, runs
from weiduan.systems.governance.reports.handling import NotNow
from weiduan.systems.governance.reports.lists import ALL, Narrowing, narrowed
from weiduan.systems.governance.reports.models import Report, ReportPhoto, SearchWords, Step
from weiduan.systems.governance.reports.photos import picture_in
from weiduan.systems.governance.reports.queries import perhaps_the_same, reports_in_care_of, steps_of
from weiduan.systems.governance.reports.rules import Wish
from weiduan.systems.governance.reports.search import index_all, index_missing, with_words

pytestmark = pytest.mark.django_db
OTHER = "receipt-of-another-one-33"


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path


def found(words: str) -> list[str]:
    """Return the texts found at the desk."""
    everything = reports_in_care_of(a_handler(), at=MONDAY)
    rows = narrowed(everything, Narrowing(state=ALL, words=words), own=[], on=local_day(MONDAY), at=MONDAY)
    return sorted(report.text for report in rows)


def a_jpeg() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(target, "JPEG")
    return target.getvalue()


def test_words_are_found_wherever_they_stand_and_only_as_written():
    a_village()
    told(text="消防通道被车堵了，3栋2单元", place="东门ＡＢ区")
    told(OTHER, text="路灯不亮，通道消防设施正常")
    assert found("消防通道") == ["消防通道被车堵了，3栋2单元"]
    assert len(found("通道")) == 2 and len(found("灯")) == 1 and len(found("了")) == 1
    assert found("ab区") == found("3栋 东门") == found("3栋，2单元"[:2]) == ["消防通道被车堵了，3栋2单元"]
    assert found("堵了3栋") == found("消通") == found("不在里面") == found("，") == []
    reporting.add(RECEIPT, "救护车进不来", at=MONDAY)
    assert found("救护车") == ["消防通道被车堵了，3栋2单元"]
    number = Report.objects.get(pk=with_words("路灯").get().report_id).number
    assert found(number) == ["路灯不亮，通道消防设施正常"]


def test_the_index_is_made_anew_from_what_is_sealed():
    a_village()
    told(text="消防通道被车堵了")
    reporting.add(RECEIPT, "救护车进不来", at=MONDAY)
    before = SearchWords.objects.get().grams
    SearchWords.objects.all().delete()
    assert found("救护车") == []
    assert index_all() == 1 and SearchWords.objects.get().grams == before
    assert found("救护车") == ["消防通道被车堵了"]


@pytest.mark.django_db(transaction=True)
def test_entries_that_are_gone_come_back_by_the_clock_and_those_of_erased_words_do_not(on_postgresql):
    a_village()
    told(text="消防通道被车堵了")
    told(OTHER, text="路灯不亮")
    reporting.erase_words(OTHER, at=MONDAY)
    assert index_missing(at=MONDAY) == 0
    SearchWords.objects.all().delete()
    assert index_missing(at=MONDAY) == 1 and found("消防通道") == ["消防通道被车堵了"] and found("路灯") == []
    if on_postgresql:  # so it is in no base backup, and not in the log
        with connection.cursor() as cursor:
            cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'governance_searchwords'")
            assert cursor.fetchone() == ("u",)


CHARACTERS = st.text(alphabet="消防通道AbＣ1２，。 \n😀'\"&|:*()<>-", max_size=30)


@settings(max_examples=200, deadline=None)
@given(text=CHARACTERS, part=CHARACTERS)
def test_pairs_in_order_are_found_just_where_the_characters_stand(text, part):
    grams = grams_of(text).split()
    for run in runs(part):
        stands = any(run in other for other in runs(text))
        pairs = grams_of(run).split()[:-1] or None
        if pairs:
            assert stands == any(grams[i : i + len(pairs)] == pairs for i in range(len(grams)))


@pytest.mark.parametrize(
    "words", ["'", '"', "&|!", ":*", "a:*&b", "' OR 1=1 --", '" NEAR (', "<->", "w:", "\x00", "😀", "*"]
)
def test_no_words_break_the_search(words):
    a_village()
    told(text="a b 消防")
    assert isinstance(found(words.replace("\x00", "")), list)


def everything() -> bytes:
    """Return every row of every table, as whoever copies the database has it."""
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows += [bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for row in cursor for v in row]
    return b"\n".join(rows)


@pytest.mark.django_db(transaction=True)
def test_what_was_written_is_erased_on_wish_with_its_photos_and_the_matter_is_withdrawn(tmp_path):
    a_village()
    report, by = told(text="我是王某某", place="王家门口", photos=(a_jpeg(),), lon=104.4, lat=30.9), a_handler()
    handling.begin(report.pk, "去找王某某", by=by, at=MONDAY)
    handling.note(report.pk, "王某某的电话", by=by, at=MONDAY)
    reporting.add(RECEIPT, "王某某又说", at=MONDAY)
    assert "王".encode() not in everything()
    kept = Report.objects.get()
    words, photo = bytes(kept.sealed_text), ReportPhoto.objects.get()
    assert picture_in(photo)[:2] == b"\xff\xd8" and kept.text == "我是王某某"

    reporting.erase_words(RECEIPT, at=MONDAY)

    kept.refresh_from_db()
    assert (kept.state, kept.text, kept.place, kept.lon, kept.lat) == ("withdrawn", "", "", None, None)
    assert [s.words for s in steps_of(kept, internal=True)] == [""] * 6
    assert [s.what for s in steps_of(kept, internal=True)][-2:] == ["withdraw", "words_erased"]
    assert not SearchWords.objects.exists() and not ReportPhoto.objects.exists()
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["erasures.jsonl"]  # by key alone
    kept.sealed_text = words  # as it lies in a backup
    assert kept.text == ""
    assert Entry.objects.filter(what="report.words_erased").count() == 1
    assert reporting.erase_words(RECEIPT, at=MONDAY).pk == kept.pk
    assert Step.objects.filter(what="words_erased").count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_answered_one_keeps_that_it_was_answered_and_its_picture_is_gone():
    a_village()
    report = told()
    handling.begin(report.pk, by=a_handler(), at=MONDAY)
    handling.answer(report.pk, "王某某已挪车", photos=[a_jpeg()], by=a_handler(), at=MONDAY)
    photo = ReportPhoto.objects.get()
    reporting.confirm(RECEIPT, at=MONDAY)
    reporting.erase_words(RECEIPT, at=MONDAY)
    report.refresh_from_db()
    assert (report.state, report.answer) == ("confirmed", "—")
    with pytest.raises(NotFound):
        picture_in(photo)


@pytest.mark.django_db(transaction=True)
def test_a_contact_takes_the_notes_of_colleagues_with_it_and_leaves_the_words():
    a_village()
    report = told(contact="13812345678", wish=Wish.ANSWERABLE)
    handling.note(report.pk, "电话13812345678", by=a_handler(), at=MONDAY)
    note = bytes(Step.objects.get(is_internal=True).sealed_words)
    reporting.erase_contact(RECEIPT, at=MONDAY)
    step = Step.objects.get(is_internal=True)
    assert step.words == "" and Report.objects.get().text == "消防通道被车堵了"
    step.sealed_words = note
    assert step.words == ""


@pytest.mark.django_db(transaction=True)
def test_the_clock_erases_contacts_and_notes_after_ninety_days_and_words_after_three_years(settings):
    a_village()
    report = told()
    handling.note(report.pk, "记一笔", by=a_handler(), at=MONDAY)
    reporting.withdraw(RECEIPT, at=MONDAY)
    days = timedelta(days=1)
    assert reporting.erase_contacts(at=MONDAY + 89 * days) == 0
    assert reporting.erase_contacts(at=MONDAY + 90 * days) == 1 and reporting.erase_contacts(at=MONDAY + 91 * days) == 0
    assert reporting.erase_old_words(at=MONDAY + 1094 * days) == 0 and Report.objects.get().text
    assert reporting.erase_old_words(at=MONDAY + 1095 * days) == 1 and Report.objects.get().text == ""
    assert reporting.erase_old_words(at=MONDAY + 1096 * days) == 0


@pytest.mark.django_db(transaction=True)
def test_a_key_left_over_by_a_breakdown_is_destroyed_later_and_one_in_use_is_not(tmp_path, monkeypatch):
    a_village()
    told(contact="13812345678", wish=Wish.ANSWERABLE)
    told(OTHER, contact="13887654321", wish=Wish.ANSWERABLE)
    with monkeypatch.context() as broken:
        broken.setattr(reporting, "destroy_key", lambda *_about: False)
        reporting.erase_words(RECEIPT, at=MONDAY)

    def keys() -> int:
        return len([path for path in (tmp_path / "case-keys").rglob("*") if path.is_file()])

    assert keys() == 4
    assert reporting.destroy_keys_left_over(at=MONDAY) == 2 and keys() == 2
    assert next(r for r in Report.objects.all() if r.words_erased_at is None).text == "消防通道被车堵了"


def test_told_in_confidence_it_is_in_no_figure_and_no_question_and_is_never_released():
    a_village(drawn=True)
    place = {"lon": 104.2505, "lat": 30.8305}
    secret = told(in_confidence=True, **place)
    assert secret.in_confidence and perhaps_the_same("09012", 104.2505, 30.8305, at=MONDAY) == []
    assert not Report.objects.filter(in_confidence=False).exists()
    with pytest.raises(NotNow):
        handling.release(secret.pk, "给大家看", by=a_handler(), at=MONDAY)
    open_one = told(OTHER, **place)
    assert len(perhaps_the_same("09012", 104.2505, 30.8305, at=MONDAY)) == 1
    handling.release(open_one.pk, "给大家看", by=a_handler(), at=MONDAY)
    quarrel = handling.recategorise(open_one.pk, "F01", by=a_handler(), at=MONDAY)  # a sort that is always told so
    assert quarrel.in_confidence and quarrel.public_text == ""
    assert not Report.objects.filter(in_confidence=False).exists()
