"""Self-government of the demo: bodies in term, one compact in force that was voted on, one that is talked over."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tests.builders import DISTRICT, SURVEYED, VILLAGE
from tests.systems.governance.matters import UNIT, a_village
from weiduan.outlook.demo.self_government import govern_themselves
from weiduan.systems.governance.ballots.publishing import published
from weiduan.systems.governance.ballots.verifying import faults_of
from weiduan.systems.governance.bodies.queries import bodies_for, in_term
from weiduan.systems.governance.compacts.models import Version
from weiduan.systems.governance.compacts.queries import in_force, supports_of
from weiduan.systems.governance.opinions.models import Opinion

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def _govern(on: date) -> int:
    district = SimpleNamespace(code=DISTRICT, villages=[SimpleNamespace(code=VILLAGE)])
    return govern_themselves(district, seed=1, on=on, at=timezone.now())


def test_the_first_unit_governs_itself_by_a_text_that_anyone_can_count_again():
    today = timezone.localdate()
    assert _govern(SURVEYED) == 4
    assert len(in_term(UNIT, on=today)) == 1 and bodies_for(UNIT, on=today).count() == 2
    [version] = in_force(UNIT, on=today)
    assert version.ballot is not None and faults_of(published(version.ballot)) == []
    talked_over = Version.objects.get(stage="opinions")
    assert supports_of(talked_over) == 7 and Opinion.objects.filter(about=talked_over.pk).count() == 3
    assert not Version.objects.filter(at__gt=timezone.now()).exists()


def test_where_the_ground_is_too_young_nobody_governs_yet():
    assert _govern(timezone.localdate()) == 0
