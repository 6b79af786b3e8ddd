"""weiduan keys: new keys for an installation whose keys lie in its folder."""

import json

import pytest
from click.testing import CliRunner

from tests.builders import a_village, divisions, load
from weiduan.doors.console.keys import rotate
from weiduan.ground.base.sealed import blind_index
from weiduan.systems.organisation.members.actions import rename_persons
from weiduan.systems.organisation.members.models import Person

pytestmark = pytest.mark.django_db
CONTACT = "13812340000"


@pytest.fixture
def own_keys(settings, tmp_path):
    """Let the keys of the tests lie in a file, as those of an embedded installation do."""
    file = tmp_path / "secrets.json"
    file.write_text(json.dumps({"seal": settings.SEALED_KEYS, "index": settings.SEALED_INDEX_KEY, "secret_key": "x"}))
    settings.SEALED_KEYS_FILE, settings.SEALED_KEYS_STAMP = file, file.stat().st_mtime_ns
    settings.SEALED_KEYS, settings.SEALED_INDEX_KEY = dict(settings.SEALED_KEYS), settings.SEALED_INDEX_KEY
    divisions()
    load(a_village())
    return file


def test_a_new_index_key_is_drawn_and_members_are_found_under_it_at_once(own_keys):
    person = Person.objects.order_by("number").first()
    rename_persons([{"number": person.number, "name": "张三", "contact": CONTACT}])
    before, said_before = blind_index(CONTACT, purpose="phone"), json.loads(own_keys.read_text())
    done = CliRunner().invoke(rotate, ["--new-index-key"])
    assert done.exit_code == 0, done.output
    person.refresh_from_db()
    assert bytes(person.contact_index) == blind_index(CONTACT, purpose="phone") != before
    said = json.loads(own_keys.read_text())
    assert said == said_before | {"index": said["index"]} and said["index"] != said_before["index"]


def test_where_keys_come_from_the_environment_it_says_where_to_change_them(settings):
    settings.SEALED_KEYS_FILE = None
    done = CliRunner().invoke(rotate, ["--new-index-key"])
    assert done.exit_code == 1 and "docs/deploy.md" in done.output
