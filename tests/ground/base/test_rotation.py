"""Another key for everything sealed: all of it readable afterwards, none of it missed."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, models

from tests.builders import MONDAY, a_village, divisions, load
from weiduan.ground.base import rotation
from weiduan.ground.base.rotation import KeyInUse, keys_used, may_retire, reseal_all
from weiduan.ground.base.sealed import SealBroken, blind_index, seal, unseal
from weiduan.ground.base.sealedfield import SealedField, sealed_fields
from weiduan.systems.organisation.members import actions as members
from weiduan.systems.organisation.members.actions import rename_persons, renew_indexes
from weiduan.systems.organisation.members.models import Person
from weiduan.systems.organisation.members.queries import open_field
from weiduan.systems.organisation.own.actions import ask_correction

pytestmark = pytest.mark.django_db
SOURCE = Path(rotation.__file__).parents[2]


@pytest.fixture
def world(settings):
    settings.SEALED_KEYS, settings.SEALED_KEY_IN_USE = {"k1": "11" * 32}, "k1"
    divisions()
    load(a_village())
    person = Person.objects.order_by("number").first()
    assert person is not None
    ask_correction(person.pk, "我的入党时间是 2004 年", at=MONDAY)
    return {person.number: name_of(person) for person in Person.objects.all()}


def name_of(person: Person) -> str:
    return open_field(person.pk, "name", person.name)


@pytest.mark.parametrize("cipher", ["AES-256-GCM", "SM4-GCM"])
def test_everything_is_sealed_anew_and_reads_as_before(world, settings, cipher):
    settings.SEALED_KEYS, settings.SEALED_KEY_IN_USE, settings.SEALED_CIPHER = (
        {"k1": "11" * 32, "k2": "22" * 32},
        "k2",
        cipher,
    )
    assert set(keys_used()) == {"k1"}
    with pytest.raises(KeyInUse):
        may_retire("k1")
    with pytest.raises(KeyInUse):
        may_retire("k2")

    assert reseal_all() == len(world) + 1 and reseal_all() == 0
    assert set(keys_used()) == {"k2"}
    may_retire("k1")
    settings.SEALED_KEYS = {"k2": "22" * 32}
    assert {person.number: name_of(person) for person in Person.objects.all()} == world


def test_one_row_that_was_missed_is_seen_and_its_key_is_not_given_up(world, settings):
    settings.SEALED_KEYS, settings.SEALED_KEY_IN_USE = {"k1": "11" * 32, "k2": "22" * 32}, "k2"
    old = Person.objects.order_by("pk").last()
    assert old is not None
    reseal_all()
    Person.objects.filter(pk=old.pk).update(name=old.name)
    assert keys_used()["k1"] == 1
    with pytest.raises(KeyInUse, match="1 "):
        may_retire("k1")


def test_whoever_changes_a_row_meanwhile_wins(world, settings, monkeypatch):
    settings.SEALED_KEYS, settings.SEALED_KEY_IN_USE = {"k1": "11" * 32, "k2": "22" * 32}, "k2"
    person = Person.objects.order_by("pk").first()
    assert person is not None
    place = {"table": "organisation_person", "pk": str(person.pk), "field": "name"}
    ours = rotation.unseal

    def changed_meanwhile(value, **at):
        if at == place:
            Person.objects.filter(pk=person.pk).update(name=seal("改过名", **place))
        return ours(value, **at)

    monkeypatch.setattr(rotation, "unseal", changed_meanwhile)
    reseal_all()
    person.refresh_from_db()
    assert name_of(person) == "改过名"


def found_by_telephone() -> set[str]:
    """Return the numbers of persons whose index is that of their telephone under the key in use."""
    kept = ((one, open_field(one.pk, "contact", one.contact)) for one in Person.objects.all())
    return {one.number for one, contact in kept if contact and bytes(one.contact_index) == index_of(contact)}


def index_of(contact: str) -> bytes:
    return blind_index(contact, purpose="phone")


def reachable(number_of_them: int) -> set[str]:
    """Let so many persons have a telephone; return their numbers."""
    numbers = list(Person.objects.order_by("number").values_list("number", flat=True)[:number_of_them])
    rename_persons({"number": each, "name": f"张{n}", "contact": f"1381234{n:04d}"} for n, each in enumerate(numbers))
    return set(numbers)


def test_under_another_index_key_nobody_is_found_by_telephone_until_all_are_renewed(world, settings):
    everybody = reachable(3)
    assert found_by_telephone() == everybody and renew_indexes() == 0
    settings.SEALED_INDEX_KEY = "33" * 32
    assert found_by_telephone() == set()
    assert renew_indexes() == 3 and found_by_telephone() == everybody
    assert Person.objects.filter(contact_index=b"").count() == len(world) - 3


def test_renewing_stopped_in_between_goes_on_with_the_rest(world, settings, monkeypatch):
    everybody = reachable(3)
    settings.SEALED_INDEX_KEY = "33" * 32
    monkeypatch.setattr(members, "batches", lambda keys: ([key] for key in keys))
    renewed, done = members._renewed, []

    def once(keys):
        if done:
            raise KeyboardInterrupt
        done.append(renewed(keys))
        return 1

    monkeypatch.setattr(members, "_renewed", once)
    with pytest.raises(KeyboardInterrupt):
        renew_indexes()
    assert len(found_by_telephone()) == 1
    monkeypatch.setattr(members, "_renewed", renewed)
    assert renew_indexes() == 2 and found_by_telephone() == everybody


def test_two_cells_that_are_swapped_do_not_open(world):
    one, other = Person.objects.order_by("pk")[:2]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE organisation_person SET name = %s WHERE number = %s", [bytes(other.name), one.number])
    one.refresh_from_db()
    with pytest.raises(SealBroken):
        name_of(one)


def test_every_field_that_anything_seals_is_known():
    known = {(model._meta.db_table, name) for model, names in sealed_fields() for name in names}
    assert known == {
        ("organisation_person", "name"), ("organisation_person", "contact"), ("organisation_correction", "wish"),
        ("organisation_publiccard", "shown_name"), ("organisation_publiccard", "pledge"), ("venues_booking", "contact"),
        ("reminders_channel", "address"),
    }  # fmt: skip
    calls = [
        node for path in SOURCE.rglob("*.py") if "ground/base" not in path.as_posix()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "seal"
    ]  # fmt: skip
    found = {word.value.value for call in calls for word in call.keywords if word.arg == "field"}  # type: ignore[attr-defined]
    assert found == {name for _table, name in known}


def test_every_other_binary_field_is_sealed_for_a_case_or_no_words_at_all():
    """A new one must say what it is: its name does."""
    plain = ("hash", "index", "shape", "marks", "group")
    odd = [
        str(field) for model in apps.get_models() if model.__module__.startswith("weiduan.")
        for field in model._meta.concrete_fields
        if isinstance(field, models.BinaryField) and not isinstance(field, SealedField)
        and not field.name.startswith("sealed") and not field.name.endswith(plain)
    ]  # fmt: skip
    assert odd == []


def test_the_migrations_know_nothing_of_it():
    assert SealedField().deconstruct()[1] == "django.db.models.BinaryField"
    assert unseal(b"", table="t", pk="1", field="f") == ""
