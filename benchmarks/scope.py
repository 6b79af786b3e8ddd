"""What the second lock costs: pages of a village's and a district's staff on PostgreSQL, with row-level security and without.

The same requests in one process, in turn with the limit set and not set, over so many reports told in a district; the median of each.
Usage: benchmarks/scope.py [REPORTS] [--requests N]
"""

import json
import subprocess
import sys

from measuring import ROOT, installation, table

PAGES = ("/desk/reports/", "/desk/reports/?state=all", "/desk/members/", "/desk/", "/api/v1/members")
PROGRAM = """
import json, sys
sys.path[:0] = ["benchmarks"]
import django; django.setup()
from scope_within import compared
print(json.dumps(compared(*map(json.loads, sys.argv[1:]))))
"""


def main(reports: int, requests: int) -> None:
    with installation("postgresql") as environment:
        words = [sys.executable, "-c", PROGRAM, json.dumps(reports), json.dumps(requests), json.dumps(PAGES)]
        done = subprocess.run(words, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    rows = json.loads(done.stdout.splitlines()[-1])
    table(("who", "page", "without ms", "with ms", "times"), [
        (who, page, f"{bare:.1f}", f"{locked:.1f}", f"{locked / bare:.2f}") for who, page, bare, locked in rows
    ])  # fmt: skip


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    main(
        numbers[0] if numbers else 20_000,
        int(sys.argv[sys.argv.index("--requests") + 1]) if "--requests" in sys.argv else 40,
    )
