"""Reports in the stories' installation, told and handled through the actions people use."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UNIT = "510113001001001001"
RECEIPT = "the-receipt-of-a-matter-told"
TELL = """
import json, sys, django
django.setup()
from django.utils import timezone
from weiduan.systems.governance.categories.actions import ensure_categories
from weiduan.systems.governance.reports import handling
from weiduan.systems.governance.reports.intake import Telling, tell
from weiduan.systems.governance.reports.rules import Channel, Wish
at = timezone.now()
ensure_categories(by="console", at=at)
telling = Telling("C01", "2号楼一单元楼道灯不亮", area=sys.argv[1], place="2号楼", contact="13900000000", wish=Wish.ANSWERABLE)
report = tell(telling, receipt=sys.argv[2], channel=Channel.PORTAL, by=None, at=at)
handling.accept(report.pk, by="console", at=at)
handling.answer(report.pk, "灯已换好。", by="console", at=at)
handling.release(report.pk, "楼道灯不亮，已更换", by="console", at=at)
print(json.dumps({"report": str(report.pk), "report_receipt": sys.argv[2]}))
"""
HANDLE = """
import json, sys, django
django.setup()
from django.utils import timezone
from weiduan.systems.governance.reports import handling
from weiduan.systems.governance.reports.queries import report_by_receipt
report = report_by_receipt(sys.argv[1])
for move, *words in json.loads(sys.argv[2]):
    report = getattr(handling, move)(report.pk, *words, by="console", at=timezone.now())
"""
TELL_AT = """
import json, secrets, sys, django
django.setup()
from django.utils import timezone
from weiduan.ground.territory.queries import centres_of
from weiduan.ground.territory.rules import Level
from weiduan.systems.governance.reports.intake import Telling, tell
from weiduan.systems.governance.reports.rules import Channel
at, unit = timezone.now(), sys.argv[1]
lon, lat = centres_of(unit, on=timezone.localdate(), level=Level.UNIT)[unit]
said = []
for n, (category, east, north) in enumerate(json.loads(sys.argv[2])):
    telling = Telling(category, "消防通道被占", area=unit, lon=lon + east, lat=lat + north)
    report = tell(telling, receipt=secrets.token_urlsafe(18), channel=Channel.PORTAL, by=None, at=timezone.now())
    said.append({"number": report.number, "lon": report.lon, "lat": report.lat})
print(json.dumps(said))
"""


def told_at(env: dict[str, str], *said: tuple[str, float, float]) -> list[dict]:
    """Tell matters: (category, degrees east, degrees north of the middle of the unit); return number, lon and lat of each."""
    return json.loads(_run(env, TELL_AT, UNIT, json.dumps(said)).splitlines()[-1])


def told_matter(env: dict[str, str]) -> dict[str, str]:
    """Tell a matter with a contact, and answer it; return its key and its receipt."""
    return json.loads(_run(env, TELL, UNIT, RECEIPT).splitlines()[-1])


def handled(env: dict[str, str], receipt: str, *moves: tuple[str, ...]) -> None:
    """Make the moves of staff one after the other: (name of the action, words)."""
    _run(env, HANDLE, receipt, json.dumps(moves))


def _run(env: dict[str, str], program: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *words], env=env, cwd=ROOT, check=True, capture_output=True, text=True
    )
    return done.stdout
