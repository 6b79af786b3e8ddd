"""A copy of what is kept, for whoever holds a receipt."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from weiduan.doors.copies import as_file
from weiduan.outlook.rights.copies import copy_by_receipt


@require_safe
def copy(request: HttpRequest, receipt: str) -> HttpResponse:
    """Hand out everything that is kept of what a receipt stands for."""
    return as_file(copy_by_receipt(receipt, at=timezone.now()))
