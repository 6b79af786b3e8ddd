"""Keys and receipts of what neighbours of the demo do for each other, so that each of its pages can be looked at."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIND = """
import json, django
django.setup()
from django.utils import timezone
from weiduan.systems.services.models import Questionnaire, Routine, RoutineUnit, Shift, Team, Volunteer, Wish
from weiduan.systems.services.volunteers import teams
from weiduan.systems.services.wishes import actions
from weiduan.ground.territory.queries import area_of
def of(rows): return str(rows.order_by("pk").values_list("pk", flat=True)[0])
at = timezone.now()
team = Team.objects.get()
mine = Volunteer.objects.filter(places__state="served").first()
receipt = "receipt-of-a-demo-volunteer"
from weiduan.ground.base.receipts import receipt_hash
Volunteer.objects.filter(pk=mine.pk).update(receipt_hash=receipt_hash(receipt))
wish = Wish.objects.get(state="told")
Wish.objects.filter(pk=wish.pk).update(receipt_hash=receipt_hash("receipt-of-a-demo-wish-00"))
routine = Routine.objects.filter(every="week").get()
print(json.dumps({
    "team": str(team.pk), "shift_done": of(Shift.objects.filter(state="done")), "shift": of(Shift.objects.filter(state="planned")),
    "volunteer": receipt, "wish_told": str(wish.pk), "wish_open": of(Wish.objects.filter(state="open")),
    "wish_thanked": of(Wish.objects.filter(state="thanked")), "wish_receipt": "receipt-of-a-demo-wish-00",
    "routine": str(routine.pk), "round_unit": area_of(routine.units.order_by("pk")[0].area_id, on=timezone.localdate()).code,
    "asked": of(Questionnaire.objects.filter(state="closed")), "asks": of(Questionnaire.objects.filter(state="open")),
}))
"""


def keys_of_neighbours(env: dict[str, str]) -> dict[str, str]:
    """Return name → key or receipt of a team, shifts, wishes, a round and questionnaires of the demo."""
    done = subprocess.run([sys.executable, "-c", FIND], env=env, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])
