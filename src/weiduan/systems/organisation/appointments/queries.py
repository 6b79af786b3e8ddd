"""Posts as lists."""

from datetime import date
from typing import Any

from weiduan.ground.territory.queries import alive
from weiduan.systems.organisation.members.queries import open_field
from weiduan.systems.organisation.organisations.models import Organisation

from .models import Post


def posts_of(organisation: Organisation, *, on: date, named: bool) -> list[dict[str, Any]]:
    """Return the posts of an organisation on a day; names only where the viewer's duty needs them (`named`)."""
    rows = Post.objects.filter(alive(on), organisation=organisation).select_related("person").order_by("role", "since")
    return [
        {
            "role": post.role, "since": post.since, "due_on": post.due_on, "number": post.person.number,
            "name": open_field(post.person_id, "name", post.person.name) if named else None,
            "overdue": post.due_on is not None and post.due_on < on,
        }
        for post in rows
    ]  # fmt: skip
