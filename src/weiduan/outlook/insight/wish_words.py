"""What people read of wishes."""

from django.utils.translation import gettext_lazy as _

STATE_TITLES = {
    "told": _("being looked at"), "open": _("open to be taken up"), "claimed": _("somebody took it up"), "fulfilled": _("fulfilled"),
    "thanked": _("fulfilled and thanked for"), "declined": _("can't be shown"), "withdrawn": _("taken back"),
}  # fmt: skip
STATE_TAGS = {
    "told": "soon", "open": "go", "claimed": "soon", "fulfilled": "ok", "thanked": "ok", "declined": "", "withdrawn": "",
}  # fmt: skip
