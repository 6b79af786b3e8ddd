"""Keys of what is on in the demo, so that each of its pages can be looked at."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIND = """
import json, secrets, django
django.setup()
from django.utils import timezone
from weiduan.systems.services.models import Activity, Brand, Function, Series
from weiduan.systems.services.activities.signing_up import Coming, sign_up
def of(rows): return str(rows.order_by("pk").values_list("pk", flat=True)[0])
def titled(title): return Activity.objects.filter(title=title)
course, check = titled("剪纸体验课"), titled("免费量血压、测血糖")
receipts = [secrets.token_urlsafe(18) for _each in range(2)]
for rows, receipt in zip((course, check), receipts):
    sign_up(rows.get().pk, Coming("小明", "xm@example.org"), receipt, at=timezone.now())
function = Function.objects.order_by("name").first()
print(json.dumps({
    "activity": of(course), "activity_full": of(check), "activity_off": of(titled("亲子徒步")), "activity_said": of(titled("我有话说")),
    "activity_held": of(titled("缝补小铺")), "series": of(Series.objects.filter(kind="birthday")), "brand": of(Brand.objects.all()),
    "function": str(function.pk), "function_place": str(function.room.facility_id), "seated": receipts[0], "waits": receipts[1],
}))
"""


def keys_of_activities(env: dict[str, str]) -> dict[str, str]:
    """Return name → key or receipt of activities, a series, a brand and a function of the demo; two sign up."""
    done = subprocess.run([sys.executable, "-c", FIND], env=env, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])
