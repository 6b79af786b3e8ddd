"""What people wrote comes out on the shell as words: it ends no line, colours nothing and turns nothing round."""

import pytest
from click.testing import CliRunner

from tests.builders import a_village, divisions, load
from weiduan.doors.console import main
from weiduan.doors.console.saying import as_words
from weiduan.systems.organisation.organisations.models import Organisation

main._register()
HOSTILE = "红旗\r\n✓ 已全部删除\x1b[31m\x1b]0;x\x07\u202egnp.exe\u2028\x00\x9b1m"


def listed() -> str:
    return CliRunner().invoke(main.weiduan, ["organisation", "list"], standalone_mode=False).output


@pytest.mark.django_db
def test_a_name_that_steers_terminals_stands_in_its_line_as_words():
    divisions()
    load(a_village())
    lines = listed().count("\n")
    Organisation.objects.filter(number="Z1").update(name=HOSTILE.replace("\0", ""))

    said = listed()

    assert said.count("\n") == lines
    assert not set(said) & set("\r\x1b\x07\u202e\u2028\x9b")
    assert "\\u001b[31m" in said and "\n✓" not in said


def test_words_stay_as_they_are_and_what_is_unseen_is_named():
    assert as_words("红旗 一支部（东）—“x”　😀") == "红旗 一支部（东）—“x”　😀"
    assert as_words("a\nb\u202ec\ufeff") == "a\\u000ab\\u202ec\\ufeff"
