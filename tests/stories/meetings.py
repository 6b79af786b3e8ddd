"""Keys of the meetings of the demo, so that each of their pages can be looked at."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIND = """
import json, django
django.setup()
from weiduan.systems.services.models import OrganisationMeeting
rows = OrganisationMeeting.objects.order_by("starts_at", "pk")
def of(**which): return str(rows.filter(**which).values_list("pk", flat=True)[0])
# On the first days of a year nothing may be over yet: then the page of a planned one is looked at instead.
is_any = rows.filter(state="held", kind="members").exists()
print(json.dumps({
    "meeting_planned": of(state="planned"), "meeting_held": of(state="held", kind="members") if is_any else of(state="planned"),
    "meeting_of": rows.filter(organisation__kind="branch")[0].organisation.number,
}))
"""


def keys_of_meetings(env: dict[str, str]) -> dict[str, str]:
    """Return name → key of a planned and a held meeting, and the number of the branch that meets."""
    done = subprocess.run([sys.executable, "-c", FIND], env=env, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])
