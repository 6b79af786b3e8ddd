"""Keys of what the demo governs itself by, so that each of its pages can be looked at."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIND = """
import json, django
django.setup()
from weiduan.systems.governance.models import Ballot, Body, Partner, Topic, Version
def of(rows): return str(rows.order_by("pk").values_list("pk", flat=True)[0])
def compact(stage): return str(Version.objects.filter(stage=stage).values_list("compact_id", flat=True)[0])
print(json.dumps({
    "ballot": of(Ballot.objects.filter(state="final")), "body": of(Body.objects.all()), "partner": of(Partner.objects.all()),
    "in_force": compact("in_force"), "under_way": compact("opinions"), "topic": of(Topic.objects.filter(state="under_way")),
    "topic_done": of(Topic.objects.filter(state="done")),
}))
"""


def keys_of_self_government(env: dict[str, str]) -> dict[str, str]:
    """Return name → key of a ballot, a body, compacts, topics and a partner of the demo."""
    done = subprocess.run([sys.executable, "-c", FIND], env=env, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])
