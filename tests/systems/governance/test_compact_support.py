"""Who stands behind a draft stands behind just its words: an edit leaves no support, and only an open draft takes any."""

import pytest

from tests.builders import MONDAY
from tests.parallel import at_once
from tests.systems.governance.compacting import (
    TEXT,
    a_keeper,
    at_vote,
    begun,
    voted,
)
from tests.systems.governance.matters import a_village
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.systems.governance.compacts.actions import (
    NotNow,
    edit,
    renew_support,
    say_about,
    support,
    withdraw_support,
)
from weiduan.systems.governance.compacts.models import Support, Version
from weiduan.systems.governance.compacts.queries import supports_of
from weiduan.systems.governance.compacts.rules import Stage
from weiduan.systems.governance.opinions.queries import heard_on
from weiduan.systems.governance.opinions.rules import About

pytestmark = pytest.mark.django_db(transaction=True)
RECEIPT = "receipt-of-a-supporter-22"


@pytest.fixture(autouse=True)
def village(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def test_an_edited_draft_has_no_support_left_and_who_reads_the_new_words_may_give_it_again():
    by = a_keeper()
    version = begun(by)
    answers = at_once(lambda _n: support(version.pk, RECEIPT, text_hash=version.text_hash, at=MONDAY), 10)
    assert len({one.pk for one in answers}) == 1 and supports_of(version) == 1
    read = version.text_hash
    version = edit(version.pk, TEXT + "\n第三条", by=by, at=MONDAY)
    assert supports_of(version) == 0
    with pytest.raises(NotNow):  # the words aren't those that were read
        support(version.pk, "receipt-of-somebody-else-22", text_hash=read, at=MONDAY)
    support(version.pk, RECEIPT, text_hash=version.text_hash, at=MONDAY)  # the form sent once more changes nothing
    assert supports_of(version) == 0
    with pytest.raises(NotNow):
        renew_support(RECEIPT, text_hash=read, at=MONDAY)
    renew_support(RECEIPT, text_hash=version.text_hash, at=MONDAY)
    assert supports_of(version) == 1
    edit(version.pk, f"  {TEXT}\r\n第三条\r\n", by=by, at=MONDAY)  # the same words
    version.refresh_from_db()
    assert supports_of(version) == 1
    edit(version.pk, TEXT, by=by, at=MONDAY)
    version.refresh_from_db()
    assert supports_of(version) == 0


def test_support_is_withdrawn_and_the_same_form_does_not_bring_it_back():
    by = a_keeper()
    version = begun(by)
    support(version.pk, RECEIPT, text_hash=version.text_hash, at=MONDAY)
    withdraw_support(RECEIPT, at=MONDAY)
    withdraw_support(RECEIPT, at=MONDAY)
    support(version.pk, RECEIPT, text_hash=version.text_hash, at=MONDAY)
    assert supports_of(version) == 0
    with pytest.raises(BadInput):
        support(version.pk, "short", text_hash=version.text_hash, at=MONDAY)
    with pytest.raises(NotFound):
        withdraw_support("receipt-of-somebody-else-22", at=MONDAY)
    assert Entry.objects.filter(what="compact.support_withdrawn").count() == 1


@pytest.mark.parametrize("stage", list(Stage))
def test_opinions_and_support_are_heard_only_while_the_words_can_still_change(stage):
    by = a_keeper()
    version = at_vote(by)
    final = voted(version, by)
    facts = {"filed_number": "1", "filed_on": local_day(final), "in_force_from": local_day(final)}
    Version.objects.filter(pk=version.pk).update(stage=stage.value, **facts)
    deeds = (
        lambda: say_about(version.pk, "第一条很好", "receipt-of-an-opinion-22", at=final),
        lambda: support(version.pk, RECEIPT, text_hash=version.text_hash, at=final),
        lambda: edit(version.pk, "改", by=by, at=final),
    )
    for deed in deeds:
        if stage in (Stage.OPINIONS, Stage.DRAFTING):
            deed()
        else:
            with pytest.raises(NotNow):
                deed()
    heard = [one.words for one in heard_on(About.VERSION, version.pk)]
    assert heard == (["第一条很好"] if stage in (Stage.OPINIONS, Stage.DRAFTING) else [])


def test_support_given_before_the_stage_stays_and_cannot_be_changed_after_it():
    by = a_keeper()
    version = begun(by)
    support(version.pk, RECEIPT, text_hash=version.text_hash, at=MONDAY)
    version = at_vote(by, version=version)
    for deed in (withdraw_support, lambda receipt, at: renew_support(receipt, text_hash=version.text_hash, at=at)):
        with pytest.raises(NotNow):
            deed(RECEIPT, at=MONDAY)
    assert supports_of(version) == 1 and Support.objects.count() == 1
