"""Brands gather what belongs to them; messages go to whoever left a contact, once, in the words of what happened."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from PIL import Image

from tests.builders import DISTRICT, MONDAY, OTHER_VILLAGE, TOWN, VILLAGE, a_user
from tests.parallel import at_once
from tests.systems.governance.matters import UNIT, a_village
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base import outbox
from weiduan.ground.base.casekeys import destroy_key, seal_for
from weiduan.ground.base.errors import BadInput, NotAllowed
from weiduan.systems.services.brands.actions import Facts, change_brand, end_brand, give_mark, make_brand
from weiduan.systems.services.brands.models import Brand
from weiduan.systems.services.brands.queries import brands_for, brands_in, gathered
from weiduan.systems.services.messages.actions import deliver, note
from weiduan.systems.services.messages.models import Message
from weiduan.systems.services.messages.rules import What
from weiduan.systems.services.messages.words import HAPPENED, words_of

from .active import BEGINS, DAY, HOUR, MAIL, a_keeper, an_activity

pytestmark = pytest.mark.django_db
TODAY = local_day(MONDAY)
FACTS = Facts("邻里一家", "几个单元一起办的活动。")


def a_brand(area: str = TOWN, facts: Facts = FACTS) -> Brand:
    return make_brand(area, facts, since=TODAY, by="test", at=MONDAY)


def a_picture(**exif: str) -> bytes:
    target = io.BytesIO()
    picture, said = Image.new("RGB", (40, 30), "red"), Image.Exif()
    said[0x010F] = "secret camera"
    picture.save(target, "JPEG", exif=said)
    return target.getvalue()


def test_a_brand_of_a_town_gathers_activities_of_its_units_and_is_met_above_and_below():
    a_village()
    brand = a_brand()
    own = an_activity(UNIT, brand=brand.pk)
    an_activity(UNIT, title="合唱")
    assert list(brands_for(UNIT, on=TODAY)) == [brand] and not brands_for(DISTRICT, on=TODAY).exists()
    assert list(brands_in(DISTRICT, on=TODAY)) == [brand] == list(brands_in(OTHER_VILLAGE, on=TODAY))
    assert gathered(brand, at=MONDAY).to_come == [own] and gathered(brand, at=BEGINS + 3 * HOUR).over == [own]
    with pytest.raises(BadInput):
        an_activity(TOWN, brand=a_brand(VILLAGE).pk)  # of an area below


def test_its_name_stands_once_in_an_area_and_it_ends_after_it_began():
    a_village()
    brand = a_brand()
    with pytest.raises(BadInput):
        a_brand()
    for wrong in (Facts("", "好"), Facts("名" * 31, "好"), Facts("新", " ")):
        with pytest.raises(BadInput):
            change_brand(brand.pk, wrong, by="test", at=MONDAY)
    with pytest.raises(BadInput):
        end_brand(brand.pk, TODAY, by="test", at=MONDAY)
    end_brand(brand.pk, TODAY + DAY, by="test", at=MONDAY)
    assert not brands_in(TOWN, on=TODAY + DAY).exists() and brands_in(TOWN, on=TODAY).exists()
    for wrong_fields in ({"until": TODAY}, {"mark": "brands/x.jpg"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Brand.objects.filter(pk=brand.pk).update(**wrong_fields)


def test_only_who_keeps_services_there_makes_one():
    a_village()
    with pytest.raises(NotAllowed):
        make_brand(TOWN, FACTS, since=TODAY, by=a_user(Duty.KEEP_VENUES), at=MONDAY)
    assert make_brand(TOWN, FACTS, since=TODAY, by=a_keeper(TOWN), at=MONDAY).area_id


def test_its_mark_is_drawn_anew_and_says_what_is_to_be_seen(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    a_village()
    brand = a_brand()
    with pytest.raises(BadInput):
        give_mark(brand.pk, a_picture(), " ", by="test", at=MONDAY)
    with pytest.raises(BadInput):
        give_mark(brand.pk, b"<svg/>", "红花", by="test", at=MONDAY)
    marked = give_mark(brand.pk, a_picture(), "红花", by="test", at=MONDAY)
    content = marked.mark.read()
    assert content[:2] == b"\xff\xd8" and b"secret camera" not in content and marked.mark_words == "红花"


def test_every_what_has_words_and_none_of_a_wish_says_more_than_that_it_is_one():
    assert set(HAPPENED) == set(What)
    for what in What:
        title, text = words_of(what, "剪纸课")
        assert "剪纸课" in title and "剪纸课" in text and "%(" not in text
    assert "“" not in words_of(What.WISH_OPEN, "")[1]


def test_a_message_goes_once_and_keeps_no_contact_afterwards():
    case = uuid4()
    assert note(case, b"", What.SEATED, "剪纸课", MONDAY) is None
    made = note(case, memoryview(seal_for(case, MAIL)), What.SEATED, "剪纸课", MONDAY)
    assert deliver(at=MONDAY) == {"sent": 1} and deliver(at=MONDAY) == {}
    [sent] = mail.outbox
    assert sent.to == [MAIL] and made is not None
    made.refresh_from_db()
    assert (made.state, bytes(made.sealed_contact)) == ("sent", b"")


def test_with_the_key_destroyed_or_no_address_left_it_goes_nowhere():
    for contact in (MAIL, "微信号小明"):
        case = uuid4()
        note(case, seal_for(case, contact), What.OFFERED, "剪纸课", MONDAY)
        if contact == MAIL:
            destroy_key(case)
    assert deliver(at=MONDAY) == {"void": 2} and not mail.outbox


@pytest.mark.django_db(transaction=True)
def test_eight_senders_at_once_send_each_once(monkeypatch):
    sent: list[str] = []
    for _n in range(12):
        case = uuid4()
        note(case, seal_for(case, MAIL), What.SEATED, "剪纸课", MONDAY - timedelta(minutes=1))
    monkeypatch.setattr(outbox, "send", lambda target, *, title, text, key: sent.append(key))
    assert sum(count["sent"] for count in at_once(lambda _n: deliver(at=MONDAY), 8)) == 12
    assert sorted(sent) == sorted(str(pk) for pk in Message.objects.values_list("pk", flat=True))
