"""Within a page keys are read once; beyond it a destroyed key is gone at once."""

import uuid
from pathlib import Path

import pytest

from weiduan.ground.base import casekeys
from weiduan.ground.base.casekeys import Key, destroy_key, keys_read_once, open_for, seal_for


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path


def test_a_destroyed_key_is_gone_at_once_and_with_the_block_that_held_it():
    case = uuid.uuid4()
    sealed = seal_for(case, "门牌", Key.WORDS)
    with keys_read_once():
        assert open_for(case, sealed, Key.WORDS) == "门牌" and open_for(case, sealed) is None
        assert destroy_key(case, Key.WORDS)
    assert open_for(case, sealed, Key.WORDS) is None
    with keys_read_once():
        assert open_for(case, sealed, Key.WORDS) is None


def test_within_the_block_each_key_is_read_once(monkeypatch):
    cases = [uuid.uuid4() for _case in range(3)]
    sealed = {case: [seal_for(case, text, Key.WORDS) for text in ("一", "二")] for case in cases}
    read: list[uuid.UUID] = []
    keep = casekeys._key
    monkeypatch.setattr(casekeys, "_key", lambda case, key: read.append(case) or keep(case, key))

    with keys_read_once():
        assert [[open_for(case, each, Key.WORDS) for each in sealed[case]] for case in cases] == [["一", "二"]] * 3
    assert read == cases


def test_a_changed_value_one_of_another_case_and_a_key_cut_short_open_nothing(settings):
    case, other = uuid.uuid4(), uuid.uuid4()
    sealed = seal_for(case, "门牌")
    seal_for(other, "x")
    assert open_for(other, sealed) is None and open_for(case, sealed[:-1]) is None and open_for(case, b"") is None
    assert open_for(case, memoryview(sealed)) == "门牌"
    [path] = [path for path in Path(settings.HOME).rglob("*") if path.is_file() and path.name == case.hex]
    path.write_bytes(b"")
    assert open_for(case, sealed) is None
