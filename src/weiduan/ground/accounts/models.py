"""Who signs in, and what they may do where and until when."""

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from weiduan.ground.base.constraints import NoOverlap

from .rules import ADMINISTRATION, Duty

DUTY_TITLES = {
    Duty.LOOK: _("look at an area"),
    Duty.KEEP_GROUND: _("keep grids and units"),
    Duty.KEEP_ORGANISATION: _("keep organisations and members"),
    Duty.KEEP_VENUES: _("keep micro-venues"),
    Duty.HANDLE_REPORTS: _("handle what residents report"),
    Duty.KEEP_GOVERNANCE: _("keep what governs itself: bodies, compacts, deliberation, votes"),
    Duty.KEEP_SERVICES: _("keep services: activities, projects, volunteers, wishes, rounds"),
    Duty.SURVEY: _("load surveys"),
    Duty.SET_RULES: _("set local rules"),
    Duty.READ_LEDGER: _("read the ledger"),
    Duty.GIVE_MANDATES: _("give mandates"),
    Duty.KEEP_ACCOUNTS: _("open and end accounts"),
}


class User(AbstractUser):
    """工作账号 A staff account; residents need none."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    title = models.CharField(max_length=60, blank=True)  # the post as colleagues know it, no person's name
    must_change_password = models.BooleanField(default=False)  # somebody else knows it
    password_set_at = models.DateTimeField(null=True)  # by its owner

    def __str__(self) -> str:
        return self.title or self.username


class Mandate(models.Model):
    """授权 Mandate: one duty, in one area and everything below it, for a time."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mandates")
    duty = models.CharField(max_length=24, choices=[(duty.value, title) for duty, title in DUTY_TITLES.items()])
    area = models.CharField(max_length=21, blank=True)  # a code; blank is everywhere
    since = models.DateField()
    until = models.DateField(null=True, blank=True)  # the first day it no longer holds

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_mandate_is_given_once", fields=["user", "duty", "area", "since"]),
            models.CheckConstraint(
                name="a_mandate_ends_after_it_begins", condition=Q(until__isnull=True) | Q(until__gt=F("since"))
            ),
            NoOverlap(
                name="nobody_is_two_administrators",
                equal=["user"],
                unlike=["duty"],
                among={"duty": [duty.value for duty in ADMINISTRATION]},
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.duty} {self.area}"


class FactorReset(models.Model):
    """重置第二步验证 FactorReset: who lost the second factor sets one up anew, once two administrators have agreed."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="factor_resets")
    asked_by = models.CharField(max_length=40)  # "user:12" or "console", as the ledger has it
    asked_at = models.DateTimeField()
    decided_by = models.CharField(max_length=40, blank=True)
    decided_at = models.DateTimeField(null=True)
    is_confirmed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_reset_of_an_account_is_open", fields=["user"], condition=Q(decided_at__isnull=True)
            ),
            models.CheckConstraint(
                name="two_pairs_of_eyes", condition=Q(is_confirmed=False) | ~Q(decided_by=F("asked_by"))
            ),
            models.CheckConstraint(
                name="what_is_confirmed_is_decided", condition=Q(is_confirmed=False) | Q(decided_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.asked_at:%F}"


class ApiKey(models.Model):
    """接口密钥 ApiKey: lets a program act as an account until a day; only its hash is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys")
    prefix = models.CharField(max_length=8)  # its first signs, by which its owner knows it
    key_hash = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_key_expires_after_it_is_made", condition=Q(expires_at__gte=F("made_at")))
        ]

    def __str__(self) -> str:
        return f"{self.prefix}…"


class Idempotent(models.Model):
    """幂等记录 Idempotent: what a program was answered, so that asking the same again does nothing twice.

    The answer holds keys and states, no person.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="idempotent")
    key = models.CharField(max_length=64)  # as the program chose it
    asked_hash = models.BinaryField(max_length=32)  # of address and body
    answer = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="a_key_is_answered_once", fields=["user", "key"])]

    def __str__(self) -> str:
        return self.key
