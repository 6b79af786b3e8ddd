"""What is asked, with which codes, and how many gave which answer."""

import uuid

from django.db import models
from django.db.models import F, Q

from .rules import About, State, Way


class Questionnaire(models.Model):
    """满意度调查 Questionnaire: few questions about one thing, or about a unit for a year.

    `households` is how many there are to draw from, `drawn` the numbers of those drawn, by the lot written in `lot`, so that
    anybody can draw again. `asked` is how many could answer.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="questionnaires")
    about = models.CharField(max_length=10)
    activity = models.ForeignKey(
        "services.Activity", null=True, on_delete=models.CASCADE, related_name="questionnaires"
    )
    project = models.ForeignKey("services.Project", null=True, on_delete=models.CASCADE, related_name="questionnaires")
    way = models.CharField(max_length=8)
    title = models.CharField(max_length=60)
    questions = models.JSONField()  # sentences, each answered from content to not at all
    households = models.PositiveIntegerField(null=True)
    drawn = models.JSONField(default=list)
    lot = models.CharField(max_length=64, blank=True)
    asked = models.PositiveIntegerField(default=0)
    opens_on = models.DateField()
    closes_on = models.DateField()
    state = models.CharField(max_length=8, default=State.DRAFT.value)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_questionnaire_has_known_words",
                condition=Q(about__in=[a.value for a in About], way__in=[w.value for w in Way], state__in=[s.value for s in State]),
            ),
            models.CheckConstraint(
                name="a_questionnaire_closes_after_it_opens", condition=Q(closes_on__gt=F("opens_on"))
            ),
            models.CheckConstraint(
                name="a_sample_is_drawn_from_households",
                condition=~Q(way=Way.SAMPLE.value) | Q(households__gt=0, asked__lte=F("households")),
            ),
        ]  # fmt: skip
        indexes = [models.Index(name="questionnaires_of_an_area", fields=["area", "about", "opens_on"])]

    def __str__(self) -> str:
        return self.title


class AnswerCode(models.Model):
    """答卷码 AnswerCode: lets somebody answer once. What was answered is not here, nor to whom the code was handed."""

    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.CASCADE, related_name="codes")
    code_hash = models.BinaryField(max_length=32)
    is_used = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(name="a_code_answers_once", fields=["questionnaire", "code_hash"])]

    def __str__(self) -> str:
        return f"code of {self.questionnaire_id}"


class AnswerCount(models.Model):
    """答卷计数 AnswerCount: how many gave which answer to which question; an answer is added here and kept nowhere else."""

    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.CASCADE, related_name="counts")
    question = models.PositiveSmallIntegerField()
    answer = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="an_answer_is_counted_in_one_place", fields=["questionnaire", "question", "answer"]
            ),
            models.CheckConstraint(name="an_answer_is_one_of_those_offered", condition=Q(answer__lte=5)),
        ]

    def __str__(self) -> str:
        return f"{self.question}: {self.answer} of {self.questionnaire_id}"
