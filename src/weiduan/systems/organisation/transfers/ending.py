"""What ends when a member leaves an organisation: the posts held there, and what is kept about being away."""

from datetime import date
from uuid import UUID

from weiduan.ground.territory.queries import alive
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.members.models import Membership

from .models import Away


def end_posts_of(held: Membership, on: date) -> list[Post]:
    """End the posts somebody holds in the organisation of a membership; return them: they are vacant now."""
    posts = list(
        Post.objects.select_for_update()
        .filter(alive(on), person=held.person_id, organisation=held.organisation_id)
        .select_related("organisation")
    )
    Post.objects.filter(pk__in=[p.pk for p in posts if p.since >= on]).delete()
    Post.objects.filter(pk__in=[p.pk for p in posts if p.since < on]).update(until=on)
    return posts


def end_contact(person: UUID, on: date) -> None:
    """End that somebody keeps in touch with a member who is away."""
    open_ = Away.objects.filter(person=person, until=None)
    for away in open_:
        if away.since >= on:
            away.contacts.all().delete()
            away.delete()
        else:
            away.until = on
            away.save(update_fields=["until"])
