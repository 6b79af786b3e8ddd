"""What the child processes of the backup tests do; started as `python -m tests.faults.backing JOB …`."""

import json
import sys
from datetime import timedelta
from itertools import count

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.files.storage import FileSystemStorage  # noqa: E402
from django.db import Error, connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from tests.builders import a_user  # noqa: E402
from tests.doors.telling import a_picture  # noqa: E402
from tests.systems.governance.matters import RECEIPT, UNIT, a_village, told  # noqa: E402
from tests.systems.services import active  # noqa: E402
from tests.systems.venues.places import a_room, a_wish  # noqa: E402
from weiduan.doors.outages import meant_by  # noqa: E402
from weiduan.ground.base import erasures  # noqa: E402
from weiduan.ground.base.casekeys import Key, open_for  # noqa: E402
from weiduan.ground.base.errors import NotFound  # noqa: E402
from weiduan.ground.ledger.models import Entry  # noqa: E402
from weiduan.ground.ledger.queries import breaks  # noqa: E402
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


def village() -> None:
    """Make a village and nothing in it."""
    a_village()


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


def tell_with_photos(synchronous: str, files: str = "synced") -> None:
    """Tell reports with a photo and a contact for ever; print each number once it is kept."""
    options = settings.DATABASES["default"]["OPTIONS"]
    options["init_command"] = options["init_command"].replace("synchronous=FULL", f"synchronous={synchronous}")
    connection.close()
    if files != "synced":
        ReportPhoto._meta.get_field("file").storage = FileSystemStorage()  # type: ignore[union-attr]
    picture = a_picture().read()
    for n in count():
        told(f"{n:032x}", contact=TELEPHONE, wish=Wish.ANSWERABLE, photos=(picture,), at=timezone.now())
        print(n, flush=True)


def whole() -> None:
    """Print which reports are there, read, reached and seen: hash of the receipt → text, contact, pictures; and what the ledger says."""
    found = {}
    for report in Report.objects.prefetch_related("photos").select_related("contact"):
        contact = getattr(report, "contact", None)
        found[bytes(report.receipt_hash).hex()] = [
            report.text, open_for(report.pk, contact.sealed) if contact else "", [seen_in(one) for one in report.photos.all()],
        ]  # fmt: skip
    print(json.dumps({"reports": found, "breaks": len(list(breaks()))}))


def seen_in(photo: ReportPhoto) -> bool:
    try:
        return picture_in(photo).startswith(b"\xff\xd8")
    except (NotFound, OSError):
        return False


def fill() -> None:
    """Tell until the disk is full, read, make room, and tell again; print what was kept and what was said."""
    kept, said = 0, None
    while said is None:
        try:
            told(f"{kept:032x}", text="字" * 900, at=timezone.now())
            kept += 1
        except Error as error:
            said = meant_by(error)
    rows = [Report.objects.count(), Entry.objects.filter(what="report.told").count(), SearchWords.objects.count()]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE filler")
    told("f" * 32, text="又能写了", at=timezone.now())
    print(json.dumps({"kept": kept, "rows": rows, "said": type(said).__name__, "now": Report.objects.count(),
                      "breaks": len(list(breaks()))}))  # fmt: skip


def kept() -> None:
    """Print the hashes of the receipts of all reports."""
    print(json.dumps([bytes(one).hex() for one in Report.objects.values_list("receipt_hash", flat=True)]))


if __name__ == "__main__":
    jobs = {"village": village, "prepare": prepare, "erase": erase, "seen": seen, "tell": tell, "kept": kept,
            "tell_with_photos": tell_with_photos, "whole": whole, "fill": fill}  # fmt: skip
    jobs[sys.argv[1]](*sys.argv[2:])
