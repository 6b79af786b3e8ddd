"""The posts of one person."""

from datetime import date
from typing import Any
from uuid import UUID

from weiduan.ground.territory.queries import alive, names_by_area

from .models import Post


def posts_held_by(person: UUID, *, on: date) -> list[dict[str, Any]]:
    """Return the posts somebody holds on a day, each with where; the caller has checked who asks."""
    posts = list(Post.objects.filter(alive(on), person=person).select_related("organisation").order_by("role", "since"))
    places = names_by_area([p.area_id for p in posts if p.area_id], on=on)
    return [
        {
            "role": p.role, "since": p.since, "due_on": p.due_on,
            "where": p.organisation.name if p.organisation else places[p.area_id].name if p.area_id in places else "",
        }
        for p in posts
    ]  # fmt: skip
