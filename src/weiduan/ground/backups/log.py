"""PostgreSQL's log, streamed from the server and kept in chests: with a base backup it leads to any moment."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from django.utils.translation import gettext_lazy as _

from .archive import sync
from .chest import Filling, Opening
from .databases import CannotCopy, server_command

SEGMENT = re.compile(r"([0-9A-F]{24}|[0-9A-F]{8}\.history)(\.partial)?")
SLOT = "weiduan_backups"  # lets the server keep what wasn't fetched yet


def follow(spool: Path, folder: Path, recipient: X25519PublicKey, *, every_s: float, slot: str = SLOT) -> Iterator[int]:
    """Fetch the log as it is written, for ever, and keep it; yield how many pieces were kept each time.

    :raises CannotCopy: it can't be fetched (any more)
    """
    with _receiving(spool, slot) as receiver:
        while receiver.poll() is None:
            time.sleep(every_s)
            yield keep_all(spool, folder, recipient)
        said = receiver.stderr.read() if receiver.stderr else ""
        raise CannotCopy(_("%(program)s failed: %(said)s"), program="pg_receivewal", said=said.strip()[-500:])


@contextmanager
def _receiving(spool: Path, slot: str) -> Iterator[subprocess.Popen[str]]:
    spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    command, environment = server_command("pg_receivewal")
    subprocess.run([*command, "--slot", slot, "--create-slot", "--if-not-exists"], env=environment, check=True)
    options = ["--directory", str(spool), "--slot", slot, "--synchronous", "--no-loop", "--no-password"]
    process = subprocess.Popen([*command, *options], env=environment, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=20)


def keep_all(spool: Path, folder: Path, recipient: X25519PublicKey) -> int:
    """Keep what was fetched; what is complete is let go, the piece under way is kept as far as it goes. Return how many."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left_over in folder.glob(".*.draft"):
        left_over.unlink()
    found = [path for path in sorted(spool.iterdir()) if SEGMENT.fullmatch(path.name)]
    for path in found:
        try:
            _keep(path, folder, recipient)
        except FileNotFoundError:  # it was completed just now, and has another name
            continue
        if path.suffix != ".partial":
            (folder / f"{path.name}.partial.chest").unlink(missing_ok=True)
            path.unlink()
    return len(found)


def _keep(segment: Path, folder: Path, recipient: X25519PublicKey) -> None:
    content, draft = segment.read_bytes(), folder / f".{segment.name}.draft"
    with draft.open("wb") as file:
        with Filling(file, recipient) as chest:
            chest.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, folder / f"{segment.name}.chest")
    sync(folder)


def lay_out(folder: Path, into: Path, key: X25519PrivateKey) -> int:
    """Open all that was kept into a folder, as a server reads it; return how many pieces.

    :raises ChestBroken: one is damaged
    """
    into.mkdir(mode=0o700)
    pieces = [path for path in sorted(folder.glob("*.chest")) if SEGMENT.fullmatch(path.stem)]
    for path in pieces:
        target = into / path.stem.removesuffix(".partial")
        if path.stem.endswith(".partial") and target.exists():
            continue
        with path.open("rb") as file:
            target.write_bytes(Opening(file, key).readall())
    return len(pieces)
