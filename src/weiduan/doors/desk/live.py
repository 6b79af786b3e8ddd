"""Tell open pages that something changed in their area: by server-sent events, or asked every two seconds where those can't be had."""

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from weiduan.doors.live import PLACES, WATCH, Stream

from .viewing import look, staff


@staff
@require_safe
def version(request: HttpRequest, code: str) -> HttpResponse:
    """Return how far the ledger goes; with ?since= whether the area was touched after that; 503 where this is switched off."""
    look(request, code)
    if not settings.LIVE_STREAMS:
        return HttpResponse(status=503)
    now, since = WATCH.version(), request.GET.get("since", "")
    changed = WATCH.has_changed(code, int(since)) if since.isdigit() and len(since) < 19 else False
    return JsonResponse({"version": now, "changed": changed}, headers={"Cache-Control": "no-store"})


@staff
@require_safe
def stream(request: HttpRequest, code: str) -> HttpResponseBase:
    """Send an event each time the area is touched; 503 where too many are looking on: they ask instead."""
    look(request, code)
    if not PLACES.acquire(blocking=False):
        return HttpResponse(status=503, headers={"Retry-After": "60"})
    connection.close()  # a page that only waits holds no connection
    return StreamingHttpResponse(
        Stream(code, WATCH.version()),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
