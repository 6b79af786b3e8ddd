"""Every page, in every state, at a phone's and a desk's width."""

import pytest

from .pages import PAGES

every_page = pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)


@every_page
def test_axe_finds_nothing_on_a_wide_screen_or_a_phone(seen, shown):
    assert (seen(shown).axe_wide, seen(shown).axe_narrow) == ([], [])


@every_page
def test_nothing_scrolls_sideways_on_a_phone_with_letters_half_as_large_again(seen, shown):
    assert seen(shown).sideways <= 0


@every_page
def test_a_page_has_one_heading_and_says_that_this_is_a_demo(seen, shown):
    assert seen(shown).headings == 1
    assert "演示数据" in seen(shown).text
    assert "本页为演示数据" in seen(shown).text


@every_page
def test_a_page_asks_for_nothing_the_policy_refuses(seen, shown):
    assert (seen(shown).refused_by_policy, seen(shown).errors) == ([], [])


@every_page
def test_a_page_keeps_the_grammar_of_html(seen, shown):
    assert seen(shown).faults_of_html == []
    assert (seen(shown).measures["twice"], seen(shown).measures["nowhere"]) == ([], [])


@every_page
def test_what_is_tapped_is_large_enough(seen, shown):
    lowest = 60 if shown.elder else 44
    assert [control for control in seen(shown).measures["controls"] if control[0] < lowest] == []


@pytest.mark.parametrize("shown", [page for page in PAGES if page.elder], ids=lambda shown: shown.name)
def test_the_elder_view_has_large_letters_on_wide_lines(seen, shown):
    letters, lines = seen(shown).measures["letters"], seen(shown).measures["lines"]
    assert [letter for letter in letters if letter[0] < 18] == []
    assert max(letter[0] for letter in letters) >= 30
    running = [line for line in lines if line[1] < 30]  # a single large figure has no line below it
    assert [line for line in running if line[0] < 1.299] == []  # 1.3 as a browser divides it
