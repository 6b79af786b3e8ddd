"""Everything the system says is said in Chinese, and as its own catalogue says it."""

import pytest
from django.utils.translation import gettext, ngettext, override
from tools import messages

FOLDERS = messages.folders()


def names(folder):
    return str(folder.relative_to(messages.HOUSE))


def texts(catalogue):
    return {message.id for message in catalogue if message.id}


@pytest.mark.parametrize("folder", FOLDERS, ids=names)
def test_every_text_has_a_chinese_translation_and_none_is_left_over(folder):
    said, catalogue = messages.said_in(folder), messages.catalogue_of(folder)

    assert texts(said) - texts(catalogue) == set(), "not in the catalogue: run “make messages”"
    assert texts(catalogue) - texts(said) == set(), "said nowhere any more: run “make messages”"
    assert [message.id for message in messages.untranslated(catalogue)] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=names)
def test_a_translation_keeps_every_place_to_fill_in(folder):
    for message in messages.catalogue_of(folder):
        assert list(message.check()) == []


@pytest.mark.parametrize("folder", FOLDERS, ids=names)
def test_no_other_catalogue_says_something_else_for_the_same_words(folder):
    """Django puts all catalogues together; of two for the same words only one would ever be read."""
    with override("zh-hans"):
        for message in messages.catalogue_of(folder):
            if message.id:
                spoken = ngettext(*message.id, 1) if message.pluralizable else gettext(message.id)
                written = message.string[0] if message.pluralizable else message.string
                assert spoken == written, message.id
