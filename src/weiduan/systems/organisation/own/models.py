"""One-time links, wishes for correction, public cards by consent."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from weiduan.ground.base.constraints import OnlyInScope
from weiduan.ground.base.sealedfield import SealedField
from weiduan.systems.organisation.members.models import Person


class OneTimeLink(models.Model):
    """一次性链接 OneTimeLink: lets a member see the own page once; only its hash is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="links")
    token_hash = models.BinaryField(max_length=32, unique=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="links_made"
    )
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_link_expires_after_it_is_made", condition=Q(expires_at__gt=F("made_at")))
        ]

    def __str__(self) -> str:
        return f"{self.person_id} until {self.expires_at}"


class Correction(models.Model):
    """更正申请 Correction: a member says what is wrong about him or her; whoever keeps the organisation answers."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="corrections")
    wish = SealedField()
    asked_at = models.DateTimeField()
    done = models.BooleanField(null=True)  # None: not answered yet
    answer = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            OnlyInScope(name="corrections_are_given_out_with_the_person", through=["person"]),
            models.CheckConstraint(
                name="an_answered_correction_says_when",
                condition=Q(done__isnull=True, answered_at__isnull=True)
                | Q(done__isnull=False, answered_at__isnull=False),
            ),
            models.CheckConstraint(name="a_refused_correction_says_why", condition=~Q(done=False) | ~Q(answer="")),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.asked_at}"


class PublicCard(models.Model):
    """公开名片 PublicCard: what a member wants shown on a unit's page, from the consent until it is withdrawn.

    Name and pledge are gone the moment the consent is.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="cards")
    unit = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="public_cards")
    shown_name = SealedField()  # as he or she wishes to be called
    pledge = SealedField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_public_card_a_member", fields=["person"], condition=Q(until__isnull=True)
            ),
            models.CheckConstraint(
                name="a_withdrawn_card_is_empty",
                condition=Q(until__isnull=True) | Q(shown_name=b"", pledge=b""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.unit_id}"
