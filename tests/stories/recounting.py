"""Count everything of an installation once more and print it as JSON; started as `python -m tests.stories.recounting DAY AREA …`."""

import json
import sys
from collections import Counter
from datetime import date, timedelta

import django

django.setup()

from django.utils import timezone  # noqa: E402

from tests import recount  # noqa: E402


def main(on: date, areas: list[str]) -> None:
    at = min(timezone.now(), recount.midnight(on + timedelta(days=1)) - timedelta(microseconds=1))
    lacking = {"governance": recount.governance(on, at), "services": recount.services(on, at)}
    found = {}
    for code in areas:
        here = {
            name: Counter(why[0] for unit, why in units.items() if why and recount.lies_in(unit, code))
            for name, units in lacking.items()
        }
        months = recount.months(code, on)
        this = on.replace(day=1)
        told = {m: sum(n for (month, _c, name), n in months.items() if name == m and month == this)
                for m in ("told", "answered", "in_time", "confirmed")}  # fmt: skip
        found[code] = {
            "lacking": here, "units": sum(recount.lies_in(unit, code) for unit in lacking["governance"]), "months": told,
            "open": sum(n for (_m, _c, name), n in months.items() if name == "open"),
            "told": sum(n for (_m, _c, name), n in months.items() if name == "told"),
        }  # fmt: skip
    print(json.dumps(found))


if __name__ == "__main__":
    main(date.fromisoformat(sys.argv[1]), sys.argv[2:])
