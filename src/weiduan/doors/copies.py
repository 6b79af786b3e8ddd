"""A copy of what is kept about somebody, as a file."""

from typing import Any

from django.http import HttpResponse, JsonResponse


def as_file(copy: dict[str, Any]) -> HttpResponse:
    """Hand a copy out as JSON to be saved; nobody keeps it on the way."""
    answer = JsonResponse(copy, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer.headers["Content-Disposition"] = f'attachment; filename="weiduan-{copy["of"]}.json"'
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
