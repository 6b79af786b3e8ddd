"""Writes hostile words into every free text of a world, sealed ones included."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from django.apps import apps
from django.db import IntegrityError, models, transaction

from weiduan.ground.base.casekeys import Key, seal_for
from weiduan.ground.base.sealed import seal

VECTORS: list[str] = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"))
# Texts that aren't words of people: codes, states, hashes, numbers, what the program itself writes.
CODES = {
    "kind", "state", "stage", "sort", "code", "level", "origin", "consent", "role", "use", "who", "procedure", "channel", "wish",
    "about", "way_", "every", "duty", "area", "edition", "basis", "management", "left", "office", "presence", "debit", "credit",
    "text_hash", "roll_hash", "root", "hash", "previous", "by", "key", "what_", "sha256", "coordinates", "file", "number", "username",
    "password", "email", "reason", "prefix", "token", "removed_for", "digest", "rule", "lot", "stands_as", "seat", "table", "inside",
    "sealed", "grams", "shape", "commitment", "outcome_", "standing",
}  # fmt: skip
# Where a word of that list is free text after all, or a free name is a code.
FREE = {("venues", "Facility", "way"), ("services", "Routine", "looked_at"), ("services", "ShiftPlace", "what")}
CODED = {
    ("organisation", "HandoverItem", "what"), ("governance", "Step", "what"), ("services", "Message", "what"),
    ("services", "Questionnaire", "way"), ("organisation", "Change", "answer_"),
}  # fmt: skip
# Sealed texts: model, field, by which key.
SEALED = [
    ("governance", "Report", "sealed_text", Key.WORDS), ("governance", "Report", "sealed_place", Key.WORDS),
    ("governance", "Mediation", "sealed_parties", Key.PERSON), ("governance", "Mediation", "sealed_matter", Key.WORDS),
    ("governance", "Mediation", "sealed_agreement", Key.WORDS), ("services", "SignUp", "sealed_name", Key.PERSON),
    ("services", "Volunteer", "sealed_name", Key.PERSON), ("services", "OrganisationMeeting", "sealed_minutes", Key.WORDS),
]  # fmt: skip


class Words:
    """Deals hostile words out in turn, so many as fit; `start` says with which to begin."""

    def __init__(self, start: int = 0):
        self.next, self.dealt = count(start), set()

    def fitting(self, room: int) -> str:
        """Return words for a text of at most so many characters, at least one vector where any fits."""
        said = ""
        for _try in range(len(VECTORS)):
            vector = VECTORS[next(self.next) % len(VECTORS)].replace("\0", "")
            if len(said) + len(vector) > room:
                if said:
                    break
                continue
            said += vector
            self.dealt.add(vector)
            if len(said) > 700:
                break
        return said


def free_texts() -> Iterator[tuple[type[models.Model], models.Field]]:
    """Return each field of our models that holds words of people in the clear."""
    for model in apps.get_models():
        if not model.__module__.startswith("weiduan.") or model._meta.app_label in (
            "ledger",
            "accounts",
            "insight",
            "reminders",
        ):
            continue
        for field in model._meta.local_fields:
            name = (model._meta.app_label, model.__name__, field.name)
            is_text = isinstance(field, models.CharField | models.TextField) and not field.choices
            if is_text and name not in CODED and (field.name not in CODES or name in FREE):
                yield model, field


def poison(words: Words) -> int:
    """Fill every free text of every row there is; return how many texts were filled."""
    filled = 0
    for model, field in free_texts():
        for row in model._default_manager.all():
            said = words.fitting(min(field.max_length or 2000, 2000))
            if field.unique or not said:
                continue
            try:
                with transaction.atomic():
                    model._default_manager.filter(pk=row.pk).update(**{field.name: said})
                filled += 1
            except IntegrityError:  # empty by a rule of the row's state
                continue
    return filled + _poison_sealed(words)


def _poison_sealed(words: Words) -> int:
    filled = 0
    for app, name, field, key in SEALED:
        model = apps.get_model(app, name)
        for row in model._default_manager.all():
            model._default_manager.filter(pk=row.pk).update(**{field: seal_for(row.pk, words.fitting(900), key)})
            filled += 1
    person = apps.get_model("organisation", "Person")
    for row in person._default_manager.all():
        name = seal(words.fitting(200), table="organisation_person", pk=str(row.pk), field="name")
        person._default_manager.filter(pk=row.pk).update(name=name)
        filled += 1
    return filled
