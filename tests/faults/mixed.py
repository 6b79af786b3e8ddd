"""Jobs of benchmarks/faults.py that belong to no single one of the killed; started as `python -m tests.faults.mixed JOB …`."""

import json
import sys
from uuid import UUID

import django

django.setup()

from tests.systems.governance.balloting import CLOSES, OPENS, a_ballot  # noqa: E402
from tests.systems.governance.matters import a_village  # noqa: E402
from tests.systems.services.active import an_activity  # noqa: E402
from weiduan.ground.ledger.queries import breaks  # noqa: E402
from weiduan.outlook.insight.counted.checking import differences  # noqa: E402
from weiduan.outlook.insight.counted.folding import catch_up  # noqa: E402
from weiduan.systems.governance.ballots.closing import close  # noqa: E402
from weiduan.systems.governance.ballots.merkle import leaf_hash  # noqa: E402
from weiduan.systems.governance.ballots.models import Count  # noqa: E402
from weiduan.systems.governance.ballots.preparing import open_ballot  # noqa: E402
from weiduan.systems.governance.ballots.rolls import Line  # noqa: E402


def prepare(voters: str, seats: str) -> None:
    """Make a village with an open secret ballot and an activity; print their keys and everybody's code."""
    a_village()
    lines = [Line(part=f"{n}户", names=f"户主{n}") for n in range(1, int(voters) + 1)]
    ballot = a_ballot(lines, procedure="households_unit", is_secret=True)
    codes = open_ballot(ballot.pk, by="test", at=OPENS)
    activity = an_activity(capacity=int(seats), waiting_capacity=min(int(seats), 1_000))
    print(json.dumps({"ballot": str(ballot.pk), "codes": list(codes.values()), "activity": str(activity.pk)}))


def settle(key: str) -> None:
    """Count the votes; print the receipts counted, what is counted otherwise than a recount, and what is wrong with the ledger."""
    close(UUID(key), by="test", at=CLOSES)
    receipts = [leaf_hash(leaf.encode()) for leaf in Count.objects.get(ballot=key).leaves]
    from django.utils import timezone

    wrong = differences(at=catch_up(at=timezone.now()))
    print(json.dumps({"receipts": receipts, "wrong": [str(one) for one in wrong], "breaks": len(list(breaks()))}))


if __name__ == "__main__":
    {"prepare": prepare, "settle": settle}[sys.argv[1]](*sys.argv[2:])
