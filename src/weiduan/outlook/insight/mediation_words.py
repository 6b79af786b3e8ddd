"""What people read of mediations."""

from django.utils.translation import gettext_lazy

STATE_TITLES = {
    "asked": gettext_lazy("waiting for a mediator"), "taken": gettext_lazy("in a mediator's hands"), "agreed": gettext_lazy("agreed"),
    "not_agreed": gettext_lazy("not agreed"), "withdrawn": gettext_lazy("withdrawn"),
}  # fmt: skip
STATE_TAGS = {"asked": "soon", "taken": "go", "agreed": "ok", "not_agreed": "late", "withdrawn": ""}
