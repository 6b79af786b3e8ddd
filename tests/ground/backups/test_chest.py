"""A chest opens to what was put in, or to nothing: no piece of it can be changed, left out, moved or cut off."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weiduan.ground.backups import archive, chest
from weiduan.ground.backups.chest import MAGIC, PIECE, TAG_BYTES, WRAPPED_BYTES, ChestBroken, Filling, Opening

HEAD = len(MAGIC) + WRAPPED_BYTES
SEALED = PIECE + TAG_BYTES


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    chest.new_key(folder / "private", folder / "public")
    return chest.read_private(folder / "private"), chest.read_public(folder / "public"), folder


def filled(content: bytes, public, step: int = 100_000) -> bytes:
    target = io.BytesIO()
    with Filling(target, public) as filling:
        for start in range(0, len(content), step):
            filling.write(content[start : start + step])
    return target.getvalue()


def opened(sealed: bytes, private) -> bytes:
    return Opening(io.BytesIO(sealed), private).readall()


@settings(max_examples=25, deadline=None)
@given(size=st.sampled_from([0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE]), step=st.integers(1_000, 200_000))
def test_what_was_put_in_comes_out(keys, size, step):
    content = bytes(n % 251 for n in range(size))
    assert opened(filled(content, keys[1], step), keys[0]) == content


def test_a_changed_left_out_doubled_moved_added_or_cut_piece_is_found(keys):
    private, public, _folder = keys
    whole = filled(bytes(3 * PIECE + 17), public)
    head, pieces = whole[:HEAD], [whole[HEAD:][start : start + SEALED] for start in range(0, len(whole) - HEAD, SEALED)]
    assert len(pieces) == 4
    one, two, three, last = pieces
    spoilt = [
        [one, three, last], [one, one, two, three, last], [two, one, three, last], [one, two, three],
        [one, two, three, last, last], [one, two, three, last[:-1]], [one, two, three, last + b"\0"], [one], [],
    ]  # fmt: skip
    for put in spoilt:
        with pytest.raises(ChestBroken):
            opened(head + b"".join(put), private)
    for at in (0, len(MAGIC) + 3, HEAD, HEAD + SEALED + 5, len(whole) - 1):
        with pytest.raises(ChestBroken):
            opened(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :], private)


def test_another_key_opens_nothing_and_the_half_that_stays_is_no_key_to_open_with(keys, tmp_path):
    chest.new_key(tmp_path / "other", tmp_path / "other.pub")
    with pytest.raises(ChestBroken):
        opened(filled(b"secret", keys[1]), chest.read_private(tmp_path / "other"))
    with pytest.raises(ChestBroken):
        chest.read_private(keys[2] / "public")
    assert (keys[2] / "private").stat().st_mode & 0o777 == 0o600


def an_archive(folder: Path, public, content: bytes = b"rows") -> Path:
    (folder / "source").write_bytes(content)
    archive.write(folder / "one.chest", [("database", folder / "source")], {"kind": "backup"}, public)
    return folder / "one.chest"


def test_an_archive_is_there_whole_and_holds_what_it_says(keys, tmp_path):
    (tmp_path / "into").mkdir()
    manifest = archive.unpack(an_archive(tmp_path, keys[1]), tmp_path / "into", keys[0])
    assert manifest["parts"] == {"database": [4, manifest["parts"]["database"][1]]}
    assert (tmp_path / "into/database").read_bytes() == b"rows"
    assert not list(tmp_path.glob(".*"))


def hostile(folder: Path, public, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    """Anybody may fill a chest, for the public half is no secret."""
    target = folder / "hostile.chest"
    inside = io.BytesIO()
    with tarfile.open(fileobj=inside, mode="w") as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    target.write_bytes(filled(gzip.compress(inside.getvalue()), public))
    return target


def a_member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member


MANIFEST = (a_member("manifest.json"), b'{"format": 1, "kind": "backup", "parts": {}}')


@pytest.mark.parametrize(
    "members",
    [
        [(a_member("../outside"), b"x"), MANIFEST],
        [(a_member("/tmp/weiduan-outside"), b"x"), MANIFEST],
        [(a_member("files/link", tarfile.SYMTYPE, "/etc/passwd"), b""), MANIFEST],
        [(a_member("files/hard", tarfile.LNKTYPE, "database"), b""), MANIFEST],
        [(a_member("database"), b"x"), (a_member("database"), b"y"), MANIFEST],
        [(a_member("database"), b"not in the manifest"), MANIFEST],
        [(a_member("database"), b"x")],
        [(a_member("manifest.json"), b"[]")],
        [(a_member("manifest.json"), b'{"format": 2, "parts": {}}')],
        [],
    ],
    ids=[
        "above",
        "absolute",
        "symlink",
        "hard link",
        "twice",
        "unlisted",
        "no manifest",
        "a list",
        "format",
        "nothing",
    ],
)
def test_an_archive_made_to_harm_is_refused_and_writes_nothing_outside(keys, tmp_path, members):
    (tmp_path / "into").mkdir()
    with pytest.raises(ChestBroken):
        archive.unpack(hostile(tmp_path, keys[1], *members), tmp_path / "into", keys[0])
    assert not (tmp_path / "outside").exists() and not Path("/tmp/weiduan-outside").exists()
    assert not any(path.is_symlink() for path in (tmp_path / "into").rglob("*"))


def test_what_is_no_backup_at_all_is_refused_with_a_sentence(keys, tmp_path):
    for content in (b"", b"PK\x03\x04 a zip", MAGIC, MAGIC + bytes(200)):
        (tmp_path / "file").write_bytes(content)
        with pytest.raises(ChestBroken) as refusal:
            archive.unpack(tmp_path / "file", tmp_path, keys[0])
        assert str(refusal.value).strip()
