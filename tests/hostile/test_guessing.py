"""Plates, receipts and one-time links can't be guessed, are kept as hashes alone, say nothing of anybody, and end at once."""

import hashlib
import inspect
import re
import secrets

import pytest
from django.test import Client
from django.utils import timezone

from tests.doors.crawling import dump
from tests.rights.world import World, a_world
from weiduan.doors.api import open311
from weiduan.ground.accounts import rules as account_rules
from weiduan.ground.base import drafts, receipts
from weiduan.systems.organisation.own import rules as own_rules
from weiduan.systems.venues.facilities import rules as venue_rules
from weiduan.systems.venues.facilities.showing import make_plate, revoke_plates

GUESSES = 1_000_000


@pytest.fixture
def world(db) -> World:
    return a_world()


def test_every_key_that_is_drawn_has_at_least_128_bits():
    drawn = {
        "draft": drafts.DRAFT_BYTES, "receipt": drafts.RECEIPT_BYTES, "receipt of a program": open311.RECEIPT_BYTES,
        "plate": venue_rules.TOKEN_BYTES, "one-time link": own_rules.TOKEN_BYTES, "key of a program": account_rules.KEY_BYTES,
    }  # fmt: skip
    assert min(drawn.values()) * 8 >= 128
    assert receipts.LEAST_RECEIPT * 6 >= 128  # of base64, as phones draw them
    # They come from the system's own source of chance, which is why their number of bits is what it says.
    sources = "".join(inspect.getsource(module) for module in (drafts, open311))
    assert "secrets." in sources and not re.search(r"import random|random\.", sources)


@pytest.mark.django_db
def test_a_million_guesses_hit_nothing_that_is_kept(world):
    plate = make_plate(world.keys["own"]["facility"], by="test", at=timezone.now())
    kept = {
        bytes.fromhex(found)
        for content in dump().values()
        for found in re.findall(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", content.hex())
    }
    everything = b"\n".join(dump().values())
    assert hashlib.sha256(plate.encode()).digest() in everything  # the hash is there,
    assert plate.encode() not in everything  # and the key is not

    hits = 0
    for _each in range(GUESSES // 1000):
        guesses = [secrets.token_bytes(16) for _guess in range(1000)]
        hits += sum(hashlib.sha256(guess).digest() in kept for guess in guesses)
    assert hits == 0


@pytest.mark.django_db
def test_a_plate_names_nobody_and_leads_nowhere_the_moment_it_is_revoked(world):
    key, at = world.keys["own"]["facility"], timezone.now()
    old, new = make_plate(key, by="test", at=at), make_plate(key, by="test", at=at)
    client = Client()
    answer = client.get(f"/q/{new}/")
    assert (answer.status_code, answer["Location"]) in ((302, f"/v/{key}/"), (301, f"/v/{key}/"))
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", new) and new != old

    revoke_plates(key, by="test", at=at)

    assert [client.get(f"/q/{token}/").status_code for token in (old, new, "x" * 22)] == [404, 404, 404]
    never = client.get("/q/" + "x" * 22 + "/").content
    assert client.get(f"/q/{new}/").content.replace(new.encode(), b"x" * 22) == never  # as if it had never been


@pytest.mark.django_db
def test_what_is_nearly_a_receipt_is_none(world):
    receipt = world.keys["own"]["report_receipt"]
    client = Client()
    assert client.get(f"/r/{receipt}/").status_code == 200
    for near in (
        receipt[:-1],
        receipt + "x",
        receipt.upper(),
        receipt[1:],
        receipt[:-1] + "y",
        receipt.replace("-", "_"),
    ):
        assert client.get(f"/r/{near}/").status_code == 404
