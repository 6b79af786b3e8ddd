"""What the child processes of the killed vote do; started as `python -m tests.faults.voting JOB …`."""

import json
import sys
from uuid import UUID

import django

django.setup()

from tests.systems.governance.balloting import CLOSES, OPENS, a_ballot  # noqa: E402
from tests.systems.governance.matters import a_village  # noqa: E402
from weiduan.ground.ledger.queries import breaks  # noqa: E402
from weiduan.systems.governance.ballots.casting import cast  # noqa: E402
from weiduan.systems.governance.ballots.closing import close  # noqa: E402
from weiduan.systems.governance.ballots.merkle import leaf_hash  # noqa: E402
from weiduan.systems.governance.ballots.models import Count  # noqa: E402
from weiduan.systems.governance.ballots.preparing import open_ballot  # noqa: E402
from weiduan.systems.governance.ballots.rolls import Line  # noqa: E402


def prepare(voters: str) -> None:
    """Open a secret ballot; print its key and everybody's code."""
    a_village()
    lines = [Line(part=f"{n}户", names=f"户主{n}") for n in range(1, int(voters) + 1)]
    ballot = a_ballot(lines, procedure="households_unit", is_secret=True)
    codes = open_ballot(ballot.pk, by="test", at=OPENS)
    print(json.dumps({"key": str(ballot.pk), "codes": list(codes.values())}))


def vote(key: str, *codes: str) -> None:
    """Wait for the word to begin, then cast a vote with each code; acknowledge each with its receipt, as an answer would."""
    print("ready", flush=True)
    sys.stdin.readline()
    for code in codes:
        print(f"{code} {cast(UUID(key), code, 'yes', at=OPENS).receipt}", flush=True)


def count(key: str) -> None:
    """Close and print the receipts counted, and what is wrong with the ledger."""
    print("begun", flush=True)
    close(UUID(key), by="test", at=CLOSES)
    receipts = [leaf_hash(leaf.encode()) for leaf in Count.objects.get(ballot=key).leaves]
    print(json.dumps({"receipts": receipts, "breaks": len(list(breaks()))}))


if __name__ == "__main__":
    {"prepare": prepare, "vote": vote, "count": count}[sys.argv[1]](*sys.argv[2:])
