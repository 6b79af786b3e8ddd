"""A survey on its way in."""

import uuid

from django.conf import settings
from django.db import models


class SurveyRun(models.Model):
    """摸底批次 SurveyRun: one uploaded file, from its check to its loading.

    The file itself is deleted once it is loaded or given up; what stays is who,
    when, which area and the counts.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="survey_runs")
    area = models.CharField(max_length=21)
    kind = models.CharField(max_length=10)  # "workbook" or "shapes"
    coordinates = models.CharField(max_length=10, blank=True)
    file_name = models.CharField(max_length=120)
    file = models.CharField(max_length=200, blank=True)  # under MEDIA_ROOT
    sha256 = models.CharField(max_length=64)
    on = models.DateField(null=True)
    state = models.CharField(max_length=12, default="waiting")
    refusal = models.TextField(blank=True)  # why the whole file was refused
    result = models.JSONField(default=dict)  # counts, and where the marked workbook lies
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_survey_run_has_a_known_state",
                condition=models.Q(
                    state__in=["waiting", "checking", "faulty", "ready", "loading", "loaded", "refused", "given_up"]
                ),
            )
        ]

    def __str__(self) -> str:
        return self.file_name
