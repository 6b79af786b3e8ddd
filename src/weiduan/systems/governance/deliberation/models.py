"""Topics and everything that becomes of them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from .rules import Origin, State


class Topic(models.Model):
    """议题 Topic: something an area talks over, from being raised to the residents' word on what came of it.

    Of whoever raised it only the hash of a receipt is kept. `stage` is the code of the stage it is in.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="topics")
    body = models.ForeignKey("governance.Body", null=True, on_delete=models.PROTECT, related_name="topics")
    procedure = models.CharField(max_length=20)
    origin = models.CharField(max_length=10)
    title = models.CharField(max_length=60)
    text = models.TextField(max_length=4000)
    receipt_hash = models.BinaryField(max_length=32, null=True, unique=True)
    state = models.CharField(max_length=10, default=State.PROPOSED.value)
    stage = models.CharField(max_length=20, blank=True)
    declined_because = models.CharField(max_length=500, blank=True)
    decision = models.TextField(max_length=4000, blank=True)
    ballot = models.ForeignKey("governance.Ballot", null=True, on_delete=models.PROTECT, related_name="topics")
    decided_at = models.DateTimeField(null=True)
    result = models.TextField(max_length=4000, blank=True)
    result_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_topic_has_a_known_state_and_origin",
                condition=Q(state__in=[s.value for s in State], origin__in=[o.value for o in Origin]),
            ),
            models.CheckConstraint(
                name="a_declined_topic_says_why", condition=~Q(state=State.DECLINED.value) | ~Q(declined_because="")
            ),
            models.CheckConstraint(
                name="a_topic_that_is_done_has_a_decision_and_a_result",
                condition=~Q(state=State.DONE.value) | (~Q(decision="") & ~Q(result="")),
            ),
        ]
        indexes = [models.Index(name="topics_of_an_area", fields=["area", "state"])]

    def __str__(self) -> str:
        return self.title


class TopicReport(models.Model):
    """议题来源 TopicReport: a report a topic came from; whoever told it follows the topic too."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="reports")
    report = models.ForeignKey("governance.Report", on_delete=models.CASCADE, related_name="topics")

    class Meta:
        constraints = [models.UniqueConstraint(name="a_report_is_in_a_topic_once", fields=["topic", "report"])]

    def __str__(self) -> str:
        return f"{self.report_id} in {self.topic_id}"


class Follower(models.Model):
    """关注 Follower: somebody else wants to hear what becomes of a topic; a receipt, nothing about who."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="followers")
    receipt_hash = models.BinaryField(max_length=32, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"follower of {self.topic_id}"


class TopicOption(models.Model):
    """备选方案 TopicOption: one way to go about it."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="options")
    text = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(name="an_option_stands_there_once", fields=["topic", "text"])]

    def __str__(self) -> str:
        return self.text


class StagePassed(models.Model):
    """议事进程 StagePassed: a stage was passed, or the topic came into it; what everyone who follows is told."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="passed")
    stage = models.CharField(max_length=20)
    words = models.TextField(max_length=1000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.stage} of {self.topic_id}"


class Meeting(models.Model):
    """议事会议 Meeting: where a topic is talked over: in which booked room, about what, who came (a number), what was said."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="meetings")
    stage = models.CharField(max_length=20)
    starts_at = models.DateTimeField()
    place = models.CharField(max_length=100)
    booking = models.ForeignKey("venues.Booking", null=True, on_delete=models.SET_NULL, related_name="meetings")
    agenda = models.TextField(max_length=1000)
    invited = models.PositiveSmallIntegerField(null=True)
    attended = models.PositiveSmallIntegerField(null=True)  # counted by whoever keeps the minutes
    minutes = models.TextField(max_length=4000, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="minutes_say_how_many_came", condition=Q(minutes="") | Q(attended__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"meeting on {self.topic_id}"


class DecisionTask(models.Model):
    """决议任务 DecisionTask: what somebody does to carry a decision out, until when, and what shows that it is done."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="tasks")
    what = models.CharField(max_length=300)
    owner = models.CharField(max_length=60)  # a post, a body, a partner
    until = models.DateField()
    evidence = models.TextField(max_length=1000, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_task_done_shows_evidence", condition=Q(done_at=None) | ~Q(evidence=""))
        ]

    def __str__(self) -> str:
        return self.what


class Acceptance(models.Model):
    """评议 Acceptance: one resident's word on what came of it: content or not; a receipt, nothing about who."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="acceptances")
    receipt_hash = models.BinaryField(max_length=32, unique=True)
    is_content = models.BooleanField()
    words = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"word on {self.topic_id}"
