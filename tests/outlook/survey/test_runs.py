"""A survey sent in by page: what becomes of its file, and of one that no longer fits."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.builders import GRID, VILLAGE, a_user, a_village, divisions, load
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.territory.models import AreaVersion
from weiduan.outlook.survey.models import SurveyRun
from weiduan.outlook.survey.runs import ask_to_load, check_run, load_run, path_of, send_in

pytestmark = pytest.mark.django_db


def _sent(settings, tmp_path, west):
    settings.MEDIA_ROOT = tmp_path
    ring = [[west, 30.8], [west + 0.001, 30.8], [west + 0.001, 30.801], [west, 30.801], [west, 30.8]]
    feature = {
        "type": "Feature",
        "properties": {"code": f"{GRID}001"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    upload = SimpleUploadedFile("units.geojson", text.encode())
    user = a_user(Duty.SURVEY)
    run = send_in(upload, area=VILLAGE, kind="shapes", coordinates="wgs84", by=user, at=timezone.now())
    check_run.func(str(run.pk))
    run.refresh_from_db()
    assert run.state == "ready", run.refusal
    ask_to_load(run, by=user, at=timezone.now())
    return run


def test_loaded_shapes_are_drawn_and_the_file_is_deleted(settings, tmp_path):
    divisions()
    load(a_village())
    run = _sent(settings, tmp_path, 104.25)
    load_run.func(str(run.pk))
    assert SurveyRun.objects.get(pk=run.pk).state == "loaded"
    assert AreaVersion.objects.get(code=f"{GRID}001", until=None).shape is not None
    assert not path_of(run).exists()


def test_shapes_of_a_unit_that_is_gone_meanwhile_are_refused_not_called_loaded(settings, tmp_path):
    divisions()
    load(a_village())
    run = _sent(settings, tmp_path, 104.25)
    AreaVersion.objects.filter(code=f"{GRID}001").update(until=timezone.localdate())
    load_run.func(str(run.pk))
    assert SurveyRun.objects.get(pk=run.pk).state == "refused"
