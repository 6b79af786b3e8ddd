"""A copy of everything that is kept about one's own account."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from weiduan.doors.copies import as_file
from weiduan.outlook.rights.copies import copy_of_account

from .viewing import me, staff


@staff
@require_safe
def copy(request: HttpRequest) -> HttpResponse:
    """Hand an account a copy of what is kept about it."""
    return as_file(copy_of_account(me(request), at=timezone.now()))
