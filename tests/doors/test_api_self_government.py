"""Bodies and compacts through the interface: public offices, and a text with everyone who stands behind just it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.doors.test_api_bookings import Anybody
from tests.systems.governance.compacting import TEXT, a_keeper, begun
from tests.systems.governance.matters import UNIT, a_village
from weiduan.systems.governance.bodies.actions import Elected, Election, found_body, hold_election
from weiduan.systems.governance.compacts.actions import edit, support

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def keeper(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()
    return a_keeper()


def test_a_body_is_told_with_its_offices(keeper):
    at = timezone.now()
    body = found_body(UNIT, "council", "居民议事会", since=date(2015, 3, 1), by=keeper, at=at)
    since = timezone.localdate() - timedelta(days=30)
    hold_election(body.pk, Election(since, 5, (Elected("召集人", "张某"),), words="选举"), by=keeper, at=at)
    [told] = Anybody().get(f"/areas/{UNIT}/bodies").json()["items"]
    assert told["key"] == str(body.pk) and told["offices"] == [{"office": "召集人", "name": "张某"}]
    assert (told["vacancies"], told["is_overdue"], told["elected_on"]) == (4, False, str(since))
    assert Anybody().get("/areas/999999999999/bodies").status_code == 404


def test_a_compact_is_told_with_its_versions_and_support_goes_with_an_edit(keeper):
    at, version = timezone.now(), begun(keeper)
    support(version.pk, "receipt-of-one-who-supports", text_hash=version.text_hash, at=at)
    [listed] = Anybody().get(f"/areas/{UNIT}/compacts").json()["items"]
    assert (listed["title"], listed["in_force_from"], listed["stage"]) == ("楼道公约", None, "opinions")
    address = f"/compacts/{listed['key']}"
    assert [(one["text"], one["supports"]) for one in Anybody().get(address).json()["versions"]] == [(TEXT, 1)]
    edit(version.pk, TEXT + "\n第三条", by=keeper, at=at)
    assert Anybody().get(address).json()["versions"][0]["supports"] == 0
    assert Anybody().get("/compacts/00000000-0000-0000-0000-000000000000").status_code == 404
