"""What people read of volunteers and shifts."""

from django.utils.translation import gettext_lazy as _

STATE_TITLES = {"asked": _("would like to join"), "active": _("in the team"), "left": _("has left")}
STATE_TAGS = {"asked": "soon", "active": "ok", "left": ""}
SHIFT_TITLES = {"planned": _("to come"), "cancelled": _("cancelled"), "done": _("over, hours written down")}
SHIFT_TAGS = {"planned": "go", "cancelled": "", "done": "ok"}
