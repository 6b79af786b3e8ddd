"""Everything about a person can be asked for: no column is left out of a copy without a reason."""

from django.apps import apps

from tests.house.test_documents import KEEPS_PERSONS, OURS, PRIVACY
from weiduan.outlook.rights.copies import columns_of
from weiduan.outlook.rights.kept import ACCOUNT, CASES, IN_NO_COPY, LEFT_OUT, PERSON

COPIED = {label for rows in (PERSON, ACCOUNT, *CASES.values()) for label in rows}


def label_of(model) -> str:
    return f"{model._meta.app_label}.{model.__name__}"


def test_each_kind_of_thing_about_persons_is_in_a_copy_or_says_why_not():
    persons = {label_of(model) for model in OURS if model.__name__ in KEEPS_PERSONS}
    assert persons - COPIED - set(IN_NO_COPY) == set()
    assert COPIED & set(IN_NO_COPY) == set()
    assert {label for label in [*COPIED, *IN_NO_COPY] if apps.get_model(label) is None} == set()


def test_each_column_that_the_privacy_page_names_is_in_the_copy_or_has_a_stated_reason():
    missing = [
        f"{model.__name__}.{field.name}"
        for model in OURS
        if label_of(model) in COPIED
        for field in model._meta.concrete_fields
        if f"`{model.__name__}.{field.name}`" in PRIVACY
        and field.name not in columns_of(model)
        and field.name not in LEFT_OUT
    ]
    assert missing == []


def test_what_is_left_out_is_there():
    columns = {field.name for label in COPIED for field in apps.get_model(label)._meta.concrete_fields}
    assert set(LEFT_OUT) - columns == set()
