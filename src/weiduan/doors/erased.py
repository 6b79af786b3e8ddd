"""What is said after somebody wished something erased: that it is done, or that a hold keeps it for now."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from weiduan.ground.holds.queries import hold_on


def say_erased(request: HttpRequest, case: Any, done: str, *, at: datetime) -> None:
    """Say that it is done, unless the case is held."""
    held = hold_on(case, at=at)
    if held is None:
        messages.success(request, done)
    else:
        messages.info(
            request, _("It is held until %(day)s, and is erased by itself as soon as that ends.") % {"day": held.until}
        )
