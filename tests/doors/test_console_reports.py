"""`weiduan reports tidy` and `weiduan categories`, run as a shell would."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.utils import timezone

from tests.systems.governance.matters import RECEIPT, a_village, told
from weiduan.doors.console import main
from weiduan.ground.base.errors import BadInput
from weiduan.systems.governance.categories.models import Category
from weiduan.systems.governance.reports import handling, reporting
from weiduan.systems.governance.reports.models import Contact, Report
from weiduan.systems.governance.reports.rules import Wish

pytestmark = pytest.mark.django_db
main._register()


def run(*words: str):
    return CliRunner().invoke(main.weiduan, list(words), standalone_mode=False)


def test_tidying_closes_what_got_no_word_for_a_week_and_erases_contacts_of_what_was_closed_long_ago():
    a_village()
    at = timezone.now()
    reports = [told(f"{n}{RECEIPT}", contact="13800000000", wish=Wish.ANSWERABLE) for n in range(4)]
    for n, ago in enumerate((6, 8)):
        handling.accept(reports[n].pk, by="test", at=at)
        handling.answer(reports[n].pk, "已清理", by="test", at=at - timedelta(days=ago))
    for n, ago in ((2, 89), (3, 91)):
        reporting.withdraw(f"{n}{RECEIPT}", at=at - timedelta(days=ago))

    told_ = run("reports", "tidy")
    assert told_.exception is None
    assert [Report.objects.get(pk=r.pk).state for r in reports] == ["answered", "no_word", "withdrawn", "withdrawn"]
    assert set(Contact.objects.values_list("report", flat=True)) == {r.pk for r in reports[:3]}


def test_categories_are_listed_and_loaded_from_a_file(tmp_path):
    a_village()
    assert "09012" in run("categories", "list").output
    file = tmp_path / "own.csv"
    file.write_text("\ufeffcode,name,level,hours\n09012,占用消防通道,town,2\nX1,新类别,,\n", encoding="utf-8")
    assert run("categories", "load", str(file)).exception is None
    assert Category.objects.get(code="09012").level == "town" and Category.objects.get(code="X1").is_open
    assert Category.objects.get(code="C01").is_open
    run("categories", "load", str(file), "--close-others")
    assert set(Category.objects.filter(is_open=True).values_list("code", flat=True)) == {"09012", "X1"}


def test_a_file_that_is_no_list_is_refused_whole(tmp_path):
    a_village()
    file = tmp_path / "own.csv"
    file.write_text("name\nx\n", encoding="utf-8")
    assert isinstance(run("categories", "load", str(file)).exception, BadInput)
    file.write_bytes("code,name\nX,类别\n".encode("gbk"))
    assert "UTF-8" in str(run("categories", "load", str(file)).exception)
    assert not Category.objects.filter(code="X").exists()
