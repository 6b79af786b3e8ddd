"""What people read of rounds."""

from django.utils.translation import gettext_lazy as _

EVERY_TITLES = {"week": _("every week"), "month": _("every month"), "quarter": _("every quarter")}
