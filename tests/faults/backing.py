"""What the child processes of the backup tests do; started as `python -m tests.faults.backing JOB …`."""

import json
import sys
from datetime import timedelta
from itertools import count

import django

django.setup()

from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.utils import timezone  # noqa: E402

from tests.builders import a_user  # noqa: E402
from tests.doors.telling import a_picture  # noqa: E402
from tests.systems.governance.matters import RECEIPT, UNIT, a_village, told  # noqa: E402
from tests.systems.services import active  # noqa: E402
from tests.systems.venues.places import a_room, a_wish  # noqa: E402
from weiduan.ground.base import erasures  # noqa: E402
from weiduan.ground.base.casekeys import Key, open_for  # noqa: E402
from weiduan.systems.governance.reports import reporting  # noqa: E402
from weiduan.systems.governance.reports.models import Contact, Report, ReportPhoto, SearchWords  # noqa: E402
from weiduan.systems.governance.reports.photos import picture_in  # noqa: E402
from weiduan.systems.governance.reports.rules import Wish  # noqa: E402
from weiduan.systems.services.activities import signing_up  # noqa: E402
from weiduan.systems.services.activities.models import SignUp  # noqa: E402
from weiduan.systems.services.volunteers import teams  # noqa: E402
from weiduan.systems.services.volunteers.models import Volunteer  # noqa: E402
from weiduan.systems.services.wishes import actions as wishes  # noqa: E402
from weiduan.systems.services.wishes.models import Wish as WishRow  # noqa: E402
from weiduan.systems.venues.bookings import contact as bookings  # noqa: E402
from weiduan.systems.venues.bookings.actions import book  # noqa: E402
from weiduan.systems.venues.bookings.models import Booking  # noqa: E402

TELEPHONE, WORDS = "13812345678", "王某某在楼道堆放纸箱"
FACTS = teams.Facts("红马甲志愿服务队", "看望老人，维护秩序。", "社区志愿服务专干", "028-83600000")


def prepare() -> None:
    """Make a village in which somebody left a contact wherever one can."""
    a_village()
    a_user()
    at = timezone.now()
    for n in range(3):
        told(f"{n}{RECEIPT}", text=WORDS, contact=TELEPHONE, wish=Wish.ANSWERABLE, photos=(a_picture().read(),),
             at=at + timedelta(seconds=n))  # fmt: skip
    active.signed_up(active.an_activity(), 1, name="王某某", contact=TELEPHONE)
    teams.ask_to_join(teams.found_team(UNIT[:12], FACTS, by="test", at=at).pk, "王某某", TELEPHONE, RECEIPT, at=at)
    wishes.tell_wish(UNIT, "想借一套课外书", TELEPHONE, RECEIPT, at=at)
    book(a_room(), a_wish(contact=TELEPHONE), receipt=RECEIPT, by=None, at=active.MONDAY)
    SessionStore("session-key-of-somebody-signed-in").save(must_create=True)


def erase() -> None:
    """Erase, as residents wish it, all that can be erased."""
    at = timezone.now()
    reporting.erase_words(f"0{RECEIPT}", at=at)
    reporting.erase_contact(f"1{RECEIPT}", at=at)
    signing_up.erase(active.a_receipt(1), at=at)
    teams.erase(RECEIPT, at=at)
    wishes.erase_contact(RECEIPT, at=at)
    bookings.erase_contact(Booking.objects.get().pk, receipt=RECEIPT, at=at)
    print(len(list(erasures.noted())))


def seen() -> None:
    """Print what can be read of persons, and what else there is."""
    contacts = {row.report_id: open_for(row.report_id, row.sealed) for row in Contact.objects.all()}
    reports = sorted(Report.objects.all(), key=lambda report: report.told_at)
    print(json.dumps({
        "words": [report.text for report in reports], "contacts": [contacts.get(report.pk) or "" for report in reports],
        "pictures": sum(picture_in(photo).startswith(b"\xff\xd8") for photo in ReportPhoto.objects.all()),
        "found": SearchWords.objects.count(), "volunteers": Volunteer.objects.count(),
        "sign_up": [open_for(one.pk, one.sealed_contact) or "" for one in SignUp.objects.all() if one.sealed_contact],
        "wish": [open_for(one.pk, one.sealed_contact, Key.PERSON) or "" for one in WishRow.objects.all() if one.sealed_contact],
        "bookings": Booking.objects.exclude(contact=b"").count(), "reports": len(reports),
    }))  # fmt: skip


def tell(first: str) -> None:
    """Tell reports for ever; print each number once it is kept, and when that was."""
    for n in count(int(first)):
        receipt = f"{n:032x}"
        told(receipt, at=timezone.now())
        print(n, timezone.now().isoformat(), flush=True)


def kept() -> None:
    """Print the hashes of the receipts of all reports."""
    print(json.dumps([bytes(one).hex() for one in Report.objects.values_list("receipt_hash", flat=True)]))


if __name__ == "__main__":
    jobs = {"prepare": prepare, "erase": erase, "seen": seen, "tell": tell, "kept": kept}
    jobs[sys.argv[1]](*sys.argv[2:])
