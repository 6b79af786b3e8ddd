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
