"""Copies of what is kept: everything, opened, in one structure that any program can read."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.base.casekeys import Key, open_for
from weiduan.ground.base.casewords import words_of
from weiduan.ground.base.errors import NotFound
from weiduan.ground.base.receipts import receipt_hash
from weiduan.ground.base.sealed import unseal
from weiduan.ground.base.sealedfield import SealedField
from weiduan.ground.holds.queries import hold_on

from .kept import ACCOUNT, CASES, LEFT_OUT, PERSON

FORMAT = "weiduan-copy-1"
Copy = dict[str, Any]


def copy_of_person(person: UUID, *, at: datetime) -> Copy:
    """Return everything that is kept about a member, or somebody with a post."""
    return _copy("person", PERSON, person, at)


def copy_of_account(user: User, *, at: datetime) -> Copy:
    """Return everything that is kept about an account."""
    return _copy("account", ACCOUNT, user.pk, at)


def copy_by_receipt(receipt: str, *, at: datetime) -> Copy:
    """Return everything that is kept of what a receipt stands for.

    :raises NotFound: it stands for nothing
    """
    kind, key = _meant_by(receipt)
    return _copy(kind, CASES[kind], key, at) | {"held_until": _held(key, at)}


def _meant_by(receipt: str) -> tuple[str, Any]:
    for kind, rows in CASES.items():
        model = apps.get_model(next(iter(rows)))
        found = model._default_manager.filter(receipt_hash=receipt_hash(receipt)).values_list("pk", flat=True).first()
        if found is not None:
            return kind, found
    raise NotFound(_("There is nothing here that you may see."))


def _held(key: Any, at: datetime) -> str | None:
    held = hold_on(key, at=at) if isinstance(key, UUID) else None
    return held.until.isoformat() if held else None


def _copy(kind: str, rows: Mapping[str, str], key: Any, at: datetime) -> Copy:
    return {
        "format": FORMAT, "of": kind, "at": at.isoformat(),
        "kept": {label: list(_rows(apps.get_model(label), path, key)) for label, path in rows.items()},
        "left_out": {name: str(why) for name, why in LEFT_OUT.items()},
    }  # fmt: skip


def _rows(model: type[models.Model], path: str, key: Any) -> Iterator[dict[str, Any]]:
    for row in model._default_manager.filter(**{path: key}).order_by("pk"):
        if not getattr(row, "is_internal", False):  # notes among staff
            yield {name: _told(row, name) for name in columns_of(model)}


def columns_of(model: type[models.Model]) -> list[str]:
    """Return the names of the columns of a model that a copy holds."""
    return [field.name for field in model._meta.concrete_fields if field.name not in LEFT_OUT]


def _told(row: models.Model, name: str) -> Any:
    """Return the value of a column as JSON has it, opened where it is sealed; of another row its key."""
    field = row._meta.get_field(name)
    value = getattr(row, field.attname)  # type: ignore[union-attr]
    if isinstance(field, SealedField):
        return unseal(value, table=row._meta.db_table, pk=str(row.pk), field=name)
    if isinstance(field, models.BinaryField):
        return _opened(row, name, bytes(value)) if value else ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float | str | dict | list) else str(value)


def _opened(row: Any, name: str, sealed: bytes) -> str:
    """Open what is sealed with a key of its case; where that is destroyed, it is gone."""
    if name in (words := words_of(type(row))):
        return getattr(row, words[name])
    case = next(getattr(row, each) for each in ("case", "report_id", "ballot_id", "id") if hasattr(row, each))
    return open_for(case, sealed, Key.WORDS if name == "sealed_claim_contact" else Key.PERSON) or ""
