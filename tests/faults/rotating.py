"""What the child processes of the key rotation tests do; started as `python -m tests.faults.rotating JOB …`."""

import json
import sys
from itertools import count
from random import Random

import django

django.setup()

from django.conf import settings  # noqa: E402

from weiduan.doors.console import keys  # noqa: E402
from weiduan.ground.base.rotation import keys_used, reseal_all  # noqa: E402
from weiduan.ground.base.sealed import seal  # noqa: E402
from weiduan.systems.organisation.members.models import Person  # noqa: E402
from weiduan.systems.organisation.members.queries import open_field  # noqa: E402


def sealed(person: Person, field: str, text: str) -> bytes:
    return seal(text, table="organisation_person", pk=str(person.pk), field=field)


def prepare(persons: str) -> None:
    """Keep so many persons."""
    made = [Person(number=f"P{n}") for n in range(int(persons))]
    for n, person in enumerate(made):
        person.name, person.contact = sealed(person, "name", f"张{n}"), sealed(person, "contact", "0")
    Person.objects.bulk_create(made, batch_size=500)


def write() -> None:
    """Change a contact, for ever; print whose, and to what, once it is kept."""
    chance = Random(1)
    persons = list(Person.objects.all())
    for n in count(1):
        person = chance.choice(persons)
        Person.objects.filter(pk=person.pk).update(contact=sealed(person, "contact", str(n)))
        print(person.number, n, flush=True)


def read() -> None:
    """Read everybody, for ever; print how many could be read each time."""
    while True:
        print(sum(bool(open_field(one.pk, "name", one.name)) for one in Person.objects.all()), flush=True)


def rotate(new_key: str = "") -> None:
    """Seal all anew, with a new key first if wished; print which keys there were, then each batch once it is done."""
    if new_key:
        keys._add_key()
    print(" ".join(sorted(keys_used())), flush=True)
    reseal_all(lambda label, done, _all: print(label, done, flush=True))


def finish() -> None:
    """Go on to the end, give the old key up, and print names and contacts, and how many values each key seals."""
    keys.rotate.callback(new_key=False, new_index_key=False)
    keys.retire.callback(key_id="k1")
    rows = {
        one.number: [open_field(one.pk, "name", one.name), open_field(one.pk, "contact", one.contact)]
        for one in Person.objects.all()
    }
    own = settings.HOME / "secrets.json"
    installed = list(json.loads(own.read_text())["seal"]) if own.exists() else list(settings.SEALED_KEYS)
    print(json.dumps({"rows": rows, "keys": keys_used(), "installed": installed}))


if __name__ == "__main__":
    {"prepare": prepare, "write": write, "read": read, "rotate": rotate, "finish": finish}[sys.argv[1]](*sys.argv[2:])
