"""What the child processes of killed sign-ups do; started as `python -m tests.faults.signing_up JOB …`."""

import json
import sys
from uuid import UUID

import django

django.setup()

from tests.builders import MONDAY  # noqa: E402
from tests.systems.governance.matters import a_village  # noqa: E402
from tests.systems.services.active import MAIL, a_receipt, an_activity  # noqa: E402
from weiduan.ground.base.casekeys import open_for  # noqa: E402
from weiduan.ground.base.receipts import receipt_hash  # noqa: E402
from weiduan.ground.ledger.queries import breaks  # noqa: E402
from weiduan.systems.services.activities.models import Activity, SignUp  # noqa: E402
from weiduan.systems.services.activities.queries import counts_of  # noqa: E402
from weiduan.systems.services.activities.signing_up import Coming, Full, sign_up  # noqa: E402


def prepare(seats: str, waiting: str) -> None:
    """Plan an activity; print its key."""
    a_village()
    print(an_activity(capacity=int(seats), waiting_capacity=int(waiting)).pk)


def come(key: str, first: str, step: str, until: str) -> None:
    """Wait for the word to begin, then sign up one after the other; acknowledge each as an answer would."""
    print("ready", flush=True)
    sys.stdin.readline()
    for n in range(int(first), int(until), int(step)):
        try:
            left = Coming(contact=MAIL) if n % 8 < 2 else Coming()  # a key each takes its time to reach the disk
            made = sign_up(UUID(key), left, a_receipt(n), at=MONDAY)
        except Full:
            print(f"{n} full -", flush=True)
        else:
            print(f"{n} {made.state} {made.number}", flush=True)


def state(key: str, people: str) -> None:
    """Print what is kept: who has which number, the counters, and what is wrong with the ledger."""
    activity = Activity.objects.get(pk=UUID(key))
    hashes = {receipt_hash(a_receipt(n)): n for n in range(int(people))}
    rows = list(SignUp.objects.filter(activity=activity).order_by("number"))
    seats, waiting = counts_of([activity.pk]).get(activity.pk, (0, 0))
    print(json.dumps({
        "rows": [[hashes[bytes(row.receipt_hash)], row.state, row.number] for row in rows],
        "counters": [activity.seats_taken, activity.waiting, activity.arrivals], "counted": [seats, waiting, len(rows)],
        "sealed": sum(bool(row.sealed_contact) for row in rows),
        "readable": sum(open_for(row.pk, row.sealed_contact) == MAIL for row in rows), "breaks": len(list(breaks())),
    }))  # fmt: skip


def lose(key: str) -> None:
    """Take one row away, as nothing should."""
    SignUp.objects.filter(activity=UUID(key), number=3).delete()


if __name__ == "__main__":
    {"prepare": prepare, "come": come, "state": state, "lose": lose}[sys.argv[1]](*sys.argv[2:])
