"""What waits to be done, in numbers: for monitors."""

from django_tasks_db.models import DBTaskResult

from .outbox import OPEN, Outgoing


def waiting_messages() -> dict[str, int]:
    """Return for each kind of message how many are not sent yet."""
    return {
        kind._meta.label_lower: kind._default_manager.filter(state__in=OPEN).count()
        for kind in Outgoing.__subclasses__()
    }


def waiting_tasks() -> int:
    """Return how many long tasks nobody has begun yet."""
    return int(DBTaskResult.objects.ready().count())
