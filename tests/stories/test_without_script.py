"""Script makes the pages nicer, never possible."""

import pytest

from .looking import follow
from .pages import PAGES
from .surveys import change, export, send_in, wait


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_a_page_says_the_same_without_script(seen, shown):
    assert seen(shown).facts_without_script == seen(shown).facts
    assert seen(shown).facts


def test_a_survey_comes_in_without_script(readers, tmp_path):
    page = readers.page("village", script=False)
    path = export(page, tmp_path / "survey.xlsx")
    change(path, "基本单元", "户数", 4321)

    send_in(page, path)
    assert page.inner_text("h2 >> nth=0") == "没有问题，会有这些变化"
    assert "→ 4321" in page.inner_text("#run")

    follow(page, "button[value=load]")
    wait(page)
    assert page.inner_text("h2 >> nth=0") == "已载入"
    follow(page, "text=看这个片区")
    assert page.inner_text("h1") == "青江路社区"
