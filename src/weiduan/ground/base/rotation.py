"""Change the key that seals, beside everybody who works: row by row, each at once whole, wherever it stops.

A value says itself which key sealed it, so nothing needs to be remembered: whoever begins again goes on with what is left.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from .errors import Refused
from .sealed import head_in_use, key_id_of, seal, unseal
from .sealedfield import sealed_fields

BATCH = 200
Progress = Callable[[str, int, int], None]


class KeyInUse(Refused):
    """A key can't be given up: it seals what is kept, or what comes."""


def reseal_all(progress: Progress = lambda _label, _done, _all: None) -> int:
    """Seal anew, with key and cipher in use, all that isn't; return how many rows were.

    Whoever changes a row meanwhile wins: what was read is written only where it is still there.

    :raises SealBroken: a value can't be opened; what was done stays done
    """
    return sum(_reseal_model(model, names, progress) for model, names in sealed_fields())


def _reseal_model(model: type[models.Model], names: list[str], progress: Progress) -> int:
    rows, done, seen, last = model._default_manager.order_by("pk"), 0, 0, None
    total = rows.count()
    while batch := list((rows if last is None else rows.filter(pk__gt=last)).values_list("pk", *names)[:BATCH]):
        with transaction.atomic():
            done += sum(_reseal_row(model, names, key, values) for key, *values in batch)
        last, seen = batch[-1][0], seen + len(batch)
        progress(model._meta.label, seen, total)
    return done


def _reseal_row(model: type[models.Model], names: list[str], key: Any, values: list[Any]) -> bool:
    old = {name: bytes(value) for name, value in zip(names, values, strict=True) if value and _is_old(bytes(value))}
    if not old:
        return False
    new = {}
    for name, value in old.items():
        place = {"table": model._meta.db_table, "pk": str(key), "field": name}
        new[name] = seal(unseal(value, **place), **place)
    return bool(model._default_manager.filter(pk=key, **old).update(**new))


def _is_old(value: bytes) -> bool:
    return not value.startswith(head_in_use())


def keys_used() -> Counter[str]:
    """Count how many values each key seals."""
    used: Counter[str] = Counter()
    for model, names in sealed_fields():
        for values in model._default_manager.values_list(*names).iterator(chunk_size=2_000):
            used.update(key_id_of(bytes(value)) for value in values if value)
    return used


def may_retire(key_id: str) -> None:
    """Make sure that nothing is sealed with a key any more, nor will be.

    :raises KeyInUse: something is
    """
    if key_id == settings.SEALED_KEY_IN_USE:
        raise KeyInUse(
            _("The key “%(key)s” seals what comes. Make a new one first: weiduan keys rotate --new-key"), key=key_id
        )
    if count := keys_used()[key_id]:
        raise KeyInUse(
            _("%(n)s values are still sealed with the key “%(key)s”. Run “weiduan keys rotate” first."),
            n=count,
            key=key_id,
        )
