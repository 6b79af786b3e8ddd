"""Foreign keys obey the floors too: a linter of imports can't see "app.Model" strings."""

from django.apps import apps

# From the ground up.
FLOORS = [
    "ledger",
    "accounts",
    "holds",
    "rulebook",
    "territory",
    "organisation",
    "venues",
    "governance",
    "services",
    "insight",
    "survey",
    "proposals",
    "reminders",
    "signs",
]


def test_foreign_keys_point_down():
    height = {name: floor for floor, name in enumerate(FLOORS)}
    ours = [m for m in apps.get_models() if m.__module__.startswith("weiduan.")]
    upward = [
        f"{field} -> {field.related_model._meta.label}"
        for model in ours
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model
        if height.get(field.related_model._meta.app_label, -1) > height[model._meta.app_label]
    ]
    assert upward == []
