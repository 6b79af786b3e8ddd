"""Keys of the demo's projects, and what the story of one does beside the pages: let times be over."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIND = """
import json, django
django.setup()
from weiduan.systems.services.models import PartnerAccount, Project
def of(state): return str(Project.objects.filter(state=state).order_by("at").values_list("pk", flat=True)[0])
account = PartnerAccount.objects.order_by("pk")[0]
print(json.dumps({"project": of("running"), "project_called": of("called"), "project_partner": str(account.partner_id)}))
"""
LET_CALL_END = """
import sys, django
django.setup()
from uuid import UUID
from django.utils import timezone
from weiduan.systems.services.models import Project
Project.objects.filter(pk=UUID(sys.argv[1])).update(call_until=timezone.now())
"""
LET_BE_FINAL = """
import sys, django
django.setup()
from uuid import UUID
from django.utils import timezone
from weiduan.systems.governance.ballots.closing import make_final
from weiduan.systems.governance.models import Ballot
Ballot.objects.filter(pk=UUID(sys.argv[1])).update(objections_until=timezone.now())
make_final(at=timezone.now())
"""


def keys_of_projects(env: dict[str, str]) -> dict[str, str]:
    """Return name → key of two projects of the demo, and of the partner that has an account."""
    return json.loads(_run(env, FIND).splitlines()[-1])


def let_its_call_be_over(env: dict[str, str], key: str) -> None:
    """Let the call of a project be over now."""
    _run(env, LET_CALL_END, key)


def let_it_be_final(env: dict[str, str], key: str) -> None:
    """Let the time for objections to a counted ballot be over now."""
    _run(env, LET_BE_FINAL, key)


def _run(env: dict[str, str], program: str, *keys: str) -> str:
    command = [sys.executable, "-c", program, *keys]
    return subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True, text=True).stdout
