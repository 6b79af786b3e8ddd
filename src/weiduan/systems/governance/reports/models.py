"""Reports, what happened to them, who else is concerned, and the sealed contact.

What anybody wrote about a matter lies here only sealed, with keys of its case outside the database (ground/base/casekeys.py).
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from weiduan.ground.base.casekeys import Key
from weiduan.ground.base.casewords import case_words
from weiduan.ground.base.constraints import OnlyInScope
from weiduan.ground.base.outbox import Outgoing, known_state
from weiduan.systems.governance.categories.models import Category

from .rules import CLOSED, TO_HANDLE, Channel, State, Wish


class Report(models.Model):
    """问题上报 Report: one matter, from being told to the word of whoever told it.

    Who told it is not here: a contact, if one was left, is in `Contact` alone, and of the receipt only the hash is kept. No address of
    a computer and no device is kept. `area` is the unit (or where none is drawn, the village) it lies in; `handler` the area whose staff
    have it in hand. Told in confidence, it is in no public figure, list or map. `told_by` is who wrote it down for somebody, or the
    account of the program it came through.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=14, unique=True)
    receipt_hash = models.BinaryField(max_length=32, unique=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="reports")
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="reports")
    handler = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="reports_in_hand")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    sealed_place = models.BinaryField(default=b"")
    sealed_text = models.BinaryField(default=b"")
    words_erased_at = models.DateTimeField(null=True)
    in_confidence = models.BooleanField(default=False)
    channel = models.CharField(max_length=10)
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=12, default=State.FILED.value)
    told_at = models.DateTimeField()
    due_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    answer = models.TextField(max_length=1000, blank=True)
    joined_to = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="joined")
    public_text = models.TextField(max_length=1000, blank=True)  # released by a handler; empty: not public

    text = case_words("sealed_text", lambda report: report.pk)
    place = case_words("sealed_place", lambda report: report.pk)

    class Meta:
        constraints = [
            OnlyInScope(name="reports_are_given_out_where_they_lie", areas=["area", "handler"]),
            models.CheckConstraint(
                name="a_report_has_a_known_state_and_channel",
                condition=Q(state__in=[s.value for s in State], channel__in=[c.value for c in Channel]),
            ),
            models.CheckConstraint(
                name="an_answered_report_says_what_and_when",
                condition=~Q(state__in=[State.ANSWERED.value, State.CONFIRMED.value, State.NO_WORD.value])
                | (~Q(answer="") & Q(answered_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="a_closed_report_says_when",
                condition=Q(state__in=CLOSED, closed_at__isnull=False)
                | (~Q(state__in=CLOSED) & Q(closed_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="a_joined_report_says_to_which",
                condition=Q(state=State.JOINED.value, joined_to__isnull=False)
                | (~Q(state=State.JOINED.value) & Q(joined_to__isnull=True)),
            ),
            models.CheckConstraint(name="a_report_is_not_joined_to_itself", condition=~Q(joined_to=F("pk"))),
            models.CheckConstraint(
                name="a_report_in_confidence_is_not_released", condition=Q(in_confidence=False) | Q(public_text="")
            ),
            models.CheckConstraint(
                name="erased_words_are_gone",
                condition=Q(words_erased_at__isnull=True)
                | Q(sealed_text=b"", sealed_place=b"", public_text="", lon__isnull=True),
            ),
            models.CheckConstraint(
                name="a_place_on_the_map_has_both_degrees",
                condition=Q(lon__isnull=True, lat__isnull=True) | Q(lon__isnull=False, lat__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="reports_in_hand", fields=["handler", "state", "due_at"]),
            # The few that are still to be handled: the list of a whole district is found among them, not among all that ever were.
            models.Index(name="reports_to_handle", fields=["handler", "due_at"], condition=Q(state__in=TO_HANDLE)),
            models.Index(name="reports_of_an_area", fields=["area", "state", "told_at"]),
            models.Index(name="reports_by_time", fields=["told_at"]),
            # What the clock looks for each minute; nearly all reports are past all of it.
            models.Index(
                name="reports_closed_with_words",
                fields=["closed_at"],
                condition=Q(words_erased_at__isnull=True, closed_at__isnull=False),
            ),
            models.Index(name="reports_erased", fields=["words_erased_at"], condition=Q(words_erased_at__isnull=False)),
            models.Index(name="reports_answered", fields=["answered_at"], condition=Q(state=State.ANSWERED.value)),
        ]

    def __str__(self) -> str:
        return self.number


class Step(models.Model):
    """经过 Step: one thing that happened to a report, in words; internal ones are for staff alone, and erased with the contact.

    `turn` counts what whoever told it added, from 1: sent again it is there once.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="steps")
    what = models.CharField(max_length=20)
    sealed_words = models.BinaryField(default=b"")
    is_internal = models.BooleanField(default=False)
    turn = models.PositiveSmallIntegerField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="report_steps")
    at = models.DateTimeField()

    words = case_words(
        "sealed_words", lambda step: step.report_id, lambda step: Key.PERSON if step.is_internal else Key.WORDS
    )

    class Meta:
        constraints = [
            OnlyInScope(name="steps_are_given_out_with_the_report", through=["report"]),
            models.UniqueConstraint(name="what_was_added_has_its_turn", fields=["report", "turn"]),
        ]
        indexes = [
            models.Index(name="steps_of_a_report", fields=["report", "at"]),
            models.Index(
                name="notes_of_colleagues", fields=["report"], condition=Q(is_internal=True) & ~Q(sealed_words=b"")
            ),
            models.Index(name="contacts_erased", fields=["at"], condition=Q(what="contact_erased")),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.report_id}"


class AlsoConcerned(models.Model):
    """我也遇到 AlsoConcerned: somebody else has the same matter; a receipt of its own, nothing about who."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="also")
    receipt_hash = models.BinaryField(max_length=32, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"also {self.report_id}"


class ReportPhoto(models.Model):
    """问题照片 ReportPhoto: a picture of the matter, drawn anew without anything the camera wrote into it, sealed as the words are."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="photos")
    file = models.FileField(upload_to="reports/")
    is_result = models.BooleanField(default=False)  # what it looks like now, by whoever handled it
    at = models.DateTimeField()

    class Meta:
        constraints = [OnlyInScope(name="report_photos_are_given_out_with_the_report", through=["report"])]

    def __str__(self) -> str:
        return f"photo of {self.report_id}"


class Contact(models.Model):
    """联系方式 Contact: how to reach whoever told a report, sealed with a key of this case alone, which lies outside the database.

    When the key is destroyed, nothing can be read any more, here or in a backup.
    """

    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="contact")
    sealed = models.BinaryField()
    wish = models.CharField(max_length=12)
    read_at = models.DateTimeField(null=True)  # by staff, the last time; whoever told it sees that

    class Meta:
        constraints = [
            OnlyInScope(name="contacts_are_given_out_with_the_report", through=["report"]),
            models.CheckConstraint(
                name="a_contact_has_a_wish", condition=Q(wish__in=[Wish.HANDLER_ONLY.value, Wish.ANSWERABLE.value])
            ),
        ]

    def __str__(self) -> str:
        return f"contact of {self.report_id}"


class SearchWords(models.Model):
    """检索词 SearchWords: by which words a report is found; made anew from what is sealed, so backups can leave it out."""

    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="search_words")
    grams = models.TextField()

    def __str__(self) -> str:
        return f"words of {self.report_id}"


class Notice(Outgoing):
    """告知 Notice: a message about one step, to whoever told the report and left a contact; each step is told once.

    It holds neither the contact nor the words: both are opened when it is sent.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="notices")
    step = models.OneToOneField(Step, on_delete=models.CASCADE, related_name="notice")

    class Meta:
        constraints = [known_state("a_notice_has_a_known_state")]
        indexes = [models.Index(name="notices_to_send", fields=["state", "not_before"])]

    def __str__(self) -> str:
        return f"notice of {self.report_id}"


class Task(models.Model):
    """交办 Task: what a department or a partner does about a report, until when, and what came of it."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="tasks")
    to = models.CharField(max_length=60)
    sealed_what = models.BinaryField()
    until = models.DateField()
    sealed_outcome = models.BinaryField(default=b"")
    done_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    what = case_words("sealed_what", lambda task: task.report_id)
    outcome = case_words("sealed_outcome", lambda task: task.report_id)

    class Meta:
        constraints = [OnlyInScope(name="tasks_are_given_out_with_the_report", through=["report"])]
        indexes = [models.Index(name="tasks_to_do", fields=["until"], condition=Q(done_at__isnull=True))]

    def __str__(self) -> str:
        return f"task of {self.report_id}"


class AnswerTemplate(models.Model):
    """答复模板 AnswerTemplate: words to begin an answer with, for an area and everything below it."""

    area = models.ForeignKey("territory.Area", on_delete=models.CASCADE, related_name="answer_templates")
    category = models.ForeignKey(Category, null=True, on_delete=models.CASCADE, related_name="+")  # none: for all
    title = models.CharField(max_length=40)
    words = models.TextField(max_length=1000)

    class Meta:
        constraints = [models.UniqueConstraint(name="a_template_is_known_by_its_title", fields=["area", "title"])]

    def __str__(self) -> str:
        return self.title


class SavedFilter(models.Model):
    """常用筛选 SavedFilter: a list one looks at often, under a name of one's own."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="report_filters")
    name = models.CharField(max_length=20)
    query = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(name="a_filter_is_known_by_its_name", fields=["user", "name"])]

    def __str__(self) -> str:
        return self.name
