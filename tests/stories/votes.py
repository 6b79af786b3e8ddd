"""What the story of a vote does beside the pages: open it and read the codes, which the pages only print; let its time be over."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OPEN = """
import json, sys, django
django.setup()
from uuid import UUID
from django.utils import timezone
from weiduan.systems.governance.ballots.preparing import open_ballot
print(json.dumps(open_ballot(UUID(sys.argv[1]), by="console", at=timezone.now())))
"""
LET_END = """
import sys, django
django.setup()
from uuid import UUID
from django.utils import timezone
from weiduan.systems.governance.ballots.models import Ballot
Ballot.objects.filter(pk=UUID(sys.argv[1])).update(closes_at=timezone.now())
"""


def open_it(env: dict[str, str], key: str) -> dict[int, str]:
    """Open a ballot that is ready; return number → code."""
    return {int(number): code for number, code in json.loads(_run(env, OPEN, key)).items()}


def let_its_time_be_over(env: dict[str, str], key: str) -> None:
    """Let a ballot's time be over now."""
    _run(env, LET_END, key)


def _run(env: dict[str, str], program: str, key: str) -> str:
    command = [sys.executable, "-c", program, key]
    return subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True, text=True).stdout
