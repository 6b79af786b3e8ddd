"""Posts, and what is handed over when one ends."""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import F, Q

from weiduan.ground.base.constraints import NoOverlap
from weiduan.systems.organisation.members.models import Person
from weiduan.systems.organisation.organisations.models import Organisation

from .rules import LEADS, Role


class Post(models.Model):
    """任职 Post: a person in a role, in an organisation or an area, for a time."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="posts")
    role = models.CharField(max_length=30)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="posts")
    area = models.ForeignKey("territory.Area", null=True, on_delete=models.PROTECT, related_name="posts")
    since = models.DateField()
    due_on = models.DateField(null=True)
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_post_is_in_an_organisation_or_an_area",
                condition=Q(organisation__isnull=False, area__isnull=True)
                | Q(organisation__isnull=True, area__isnull=False),
            ),
            models.CheckConstraint(
                name="a_post_ends_after_it_begins", condition=Q(until__isnull=True) | Q(until__gt=F("since"))
            ),
            NoOverlap(name="a_post_in_an_organisation_not_twice_at_once", equal=["person", "role", "organisation"]),
            NoOverlap(name="a_post_in_an_area_not_twice_at_once", equal=["person", "role", "area"]),
            NoOverlap(
                name="an_organisation_has_one_leader_at_a_time", equal=["role", "organisation"],
                among={"role": sorted(LEADS)},
            ),
            NoOverlap(
                name="a_grid_has_one_head_at_a_time", equal=["role", "area"], among={"role": [Role.GRID_HEAD.value]}
            ),
            models.UniqueConstraint(
                name="a_post_in_an_organisation_is_held_once",
                fields=["person", "role", "organisation", "since"],
                condition=Q(organisation__isnull=False),
            ),
            models.UniqueConstraint(
                name="a_post_in_an_area_is_held_once",
                fields=["person", "role", "area", "since"],
                condition=Q(area__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.role} {self.person_id}"


@dataclass(frozen=True)
class Where:
    """Where a post is held: in an organisation, or in the area with this key; `code` is the area's, or its seat's."""

    code: str
    organisation: Organisation | None = None
    area: int | None = None

    def held(self) -> dict[str, Any]:
        """Name the place as a post does."""
        return {"organisation": self.organisation, "area_id": self.area}

    def told(self) -> dict[str, str]:
        """Name the place as the ledger does."""
        return {"organisation": self.organisation.number} if self.organisation else {"area": self.code}


class HandoverItem(models.Model):
    """交接事项 HandoverItem: one thing whoever leaves a post hands over to the next; it names no person."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="handover")
    what = models.CharField(max_length=200)
    done_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="a_thing_is_handed_over_once", fields=["post", "what"])]

    def __str__(self) -> str:
        return self.what
