"""Who told a matter, and what was written, stands nowhere but where it should: looked for everywhere, with words made up for it."""

import logging
import re
from datetime import timedelta
from io import BytesIO
from unittest import mock

import pytest
from click.testing import CliRunner
from django.conf import settings as configured
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from tests.builders import DISTRICT, GRID, OTHER_VILLAGE, TOWN, VILLAGE, a_user
from tests.doors.crawling import addresses, body_of, dump, files_below, found_in, log_of_the_database, said_in
from tests.doors.telling import OTHER_RECEIPT, a_report, answered, hidden, text_of
from tests.systems.governance.matters import FIRE_LANE, INSIDE, UNIT, a_village
from weiduan.doors.console import main
from weiduan.ground.accounts.actions import give_mandate
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.rules import ADMINISTRATION, Duty
from weiduan.ground.base.casekeys import Key, open_file_for
from weiduan.systems.governance.reports import handling, reporting
from weiduan.systems.governance.reports.grams import grams_of
from weiduan.systems.governance.reports.models import Contact, Report, ReportPhoto, Step
from weiduan.systems.governance.reports.rules import Wish

NAME, TELEPHONE = "记号姓名甲", "13977700001"
AGENT, ADDRESS, FORWARDED = "AgentMarker7391", "203.0.113.77", "198.51.100.23"
CAMERA, COMMENT, PLACE_OF_CAMERA, FILE = "CameraMarker5521", "XmpMarker8842", "GpsMarker6613", "FileMarker9954"
WHO = [NAME, TELEPHONE, AGENT, ADDRESS, FORWARDED, CAMERA, COMMENT, PLACE_OF_CAMERA, FILE]
TEXT, PLACE, ADDED, STILL, NOTE = (
    "记号文字乙丙丁",
    "记号地点戊己庚",
    "记号补充辛壬癸",
    "记号不服子丑寅",
    "记号内部卯辰巳",
)
WRITTEN = [TEXT, PLACE, ADDED, STILL, NOTE]
INDEX = {"governance_searchwords", "governance_search"}
RECORD = re.compile(r"/desk/reports")
main._register()


@pytest.fixture
def home(settings, tmp_path):
    """An installation of its own."""
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    settings.CACHES = configured.CACHES | {"default": configured.CACHES["default"] | {"LOCATION": tmp_path / "cache"}}
    return tmp_path


# ---- the matter, told through the pages


def a_photo() -> SimpleUploadedFile:
    """A picture whose file says in every way who took it, and where."""
    target, exif = BytesIO(), Image.Exif()
    exif[0x010F] = exif[0x013B] = exif[0x9286] = CAMERA  # maker, artist, comment
    exif.get_ifd(0x8825).update(
        {1: "N", 2: (30.0, 49.0, 50.0), 3: "E", 4: (104.0, 15.0, 1.0), 0x1B: PLACE_OF_CAMERA, 0x1C: PLACE_OF_CAMERA}
    )
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:creator>{COMMENT}</dc:creator></x:xmpmeta>'.encode()
    Image.new("RGB", (60, 40), "red").save(target, "JPEG", exif=exif, xmp=xmp, comment=COMMENT.encode())
    content = target.getvalue()
    assert found_in(content, WHO) == {CAMERA, COMMENT, PLACE_OF_CAMERA}
    return SimpleUploadedFile(f"{FILE}.jpg", content, "image/jpeg")


def a_resident() -> Client:
    where = {
        "REMOTE_ADDR": ADDRESS,
        "HTTP_X_FORWARDED_FOR": FORWARDED,
        "HTTP_USER_AGENT": AGENT,
        "HTTP_X_REAL_IP": FORWARDED,
    }
    return Client(raise_request_exception=False, **where)


def told_through_the_pages(client: Client, *, lon_lat=INSIDE) -> str:
    """Tell the matter in three steps, with a mistake on the way; return its receipt."""
    first = client.get(f"/report/?unit={UNIT}")
    where = client.post("/report/", hidden(first) | {"do": "next", "text": TEXT})
    here = {"lon": str(lon_lat[0]), "lat": str(lon_lat[1])}
    said = {"do": "next", "category": FIRE_LANE, "unit": UNIT, "place": PLACE, "guess": "other"} | here
    last = client.post("/report/", hidden(where) | said)
    contact = {"do": "send", "wish": "answerable", "contact": f"{NAME} {TELEPHONE}"}
    assert client.post("/report/", hidden(last) | contact | {"wish": "anonymous"}).status_code == 400
    sent = client.post("/report/", hidden(last) | contact | {"photos": [a_photo(), a_photo()]})
    return sent["Location"].split("/")[2]


def everything_done(resident: Client, receipt: str, staff: Client) -> None:
    """Let staff and whoever told it do all they can, and what is refused too."""
    key = Report.objects.get(state="filed").pk
    record, page = f"/desk/reports/{key}/", f"/r/{receipt}/"

    def does(**said):
        return staff.post(record, said)

    def says(**said):
        return resident.post(page, said)

    says(do="add", words=ADDED, photos=[a_photo()])
    says(do="add", words=" ")
    assert does(do="accept").status_code == 302
    shown = does(do="read", words="核实位置")
    assert {NAME, TELEPHONE} <= found_in(said_in(shown), WHO)  # to whoever gave a reason, on this one answer
    assert does(do="note", words=f"{NOTE} 电话{TELEPHONE}").status_code == 302
    assert does(do="pause", words="等物业").status_code == 302
    assert does(do="resume").status_code == 302
    assert does(do="answer", words="已清理", photos=a_photo()).status_code == 302
    assert says(do="dispute", words=STILL).status_code == 302
    assert does(do="release", words="消防通道被占用，正在处理").status_code == 302
    assert does(do="answer", words="再次清理", photos=a_photo()).status_code == 302
    assert does(do="answer", words="又一次").status_code == 409
    resident.post("/report/later/", {"receipt": receipt, "turn": "2", "words": f"{ADDED}又"})
    resident.post("/report/later/", {"receipt": receipt, "text": "别的", "contact": f"{NAME} {TELEPHONE}"})
    resident.get("/r/no-such-receipt-at-all-00/")
    for code in (UNIT, VILLAGE):
        resident.get(f"/u/{code}/")


# ---- who looks


def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def an_account(area: str) -> User:
    """Return somebody with every duty in an area that one account can have, and not a superuser."""
    user = a_user(Duty.HANDLE_REPORTS, area=area, name=f"staff-of-{area}")
    for duty in Duty:
        if duty is not Duty.HANDLE_REPORTS and duty not in ADMINISTRATION[:2]:
            give_mandate(
                user, duty, area=area, since=timezone.localdate() - timedelta(days=9), by="test", at=timezone.now()
            )
    return user


def known(report: Report | None = None, receipt: str = "x" * 24, photos=()) -> dict[str, list[str]]:
    """Return what fills in addresses."""
    keys = [str(report.pk)] if report else ["00000000-0000-0000-0000-000000000000"]
    return {
        "digits": [VILLAGE, UNIT], "code": [VILLAGE, UNIT, FIRE_LANE], "receipt": [receipt], "key": keys, "uuid": keys,
        "photo": [str(photo) for photo in photos] or keys, "number": [report.number] if report else ["1"], "how": ["json", "xml"],
        "int": ["1"], "object_id": keys, "view": ["elder"], "path": ["x"],
    }  # fmt: skip


LISTS = [
    "/?q=单元", f"/a/{DISTRICT}/", f"/a/{GRID}/", "/desk/reports/?state=all", "/desk/reports/?state=closed", "/desk/reports/?q=消防",
    "/desk/reports.xlsx?state=all", "/open311/v2/requests.json?status=open,closed", "/open311/v2/requests.xml", f"/report/?unit={UNIT}",
    f"/report/later/?unit={UNIT}", f"/a/{DISTRICT}/reports/", "/desk/area/?area=x",
]  # fmt: skip


def crawled(client: Client, paths: list[str]) -> dict[str, bytes]:
    """Return what each address says to somebody; nothing may break on the way."""
    said = {}
    for path in paths:
        answer = client.get(path)
        assert answer.status_code != 500, path
        said[path] = said_in(answer)
    return said


def is_signed_in(client: Client) -> bool:
    """Tell whether somebody is still known after all that."""
    return client.get("/desk/").status_code == 200


def on_the_shell() -> str:
    """Return what the commands say that tell of matters, and of everything done."""
    words = (
        ["reports", "tidy"],
        ["tick"],
        ["categories", "list"],
        ["coverage"],
        ["ledger", "verify"],
        ["reports", "reindex"],
    )
    done = [CliRunner().invoke(main.weiduan, list(one), standalone_mode=False) for one in words]
    return "".join(f"{one.output}{one.exception or ''}" for one in done)


@pytest.mark.django_db(transaction=True)
def test_who_told_a_matter_and_what_was_written_stands_nowhere_else(home, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    log_before = len(log_of_the_database())
    a_village(drawn=True)
    in_hand = {
        name: an_account(area)
        for name, area in {"grid": GRID, "village": VILLAGE, "town": TOWN, "district": DISTRICT}.items()
    }
    others = {"nobody": Client(raise_request_exception=False), "elsewhere": signed_in(an_account(OTHER_VILLAGE))}
    in_hand["superuser"] = User.objects.create_superuser("root", password="a password for tests")
    resident, clients = a_resident(), {name: signed_in(user) for name, user in in_hand.items()}
    receipt = told_through_the_pages(resident)
    everything_done(resident, receipt, clients["grid"])
    told_on_the_shell = on_the_shell()

    report = Report.objects.get()
    record = f"/desk/reports/{report.pk}/"
    photos = list(ReportPhoto.objects.values_list("pk", flat=True))
    paths = [*addresses(known(report, "x" * 24, photos)), *LISTS, f"/open311/v2/requests/{report.number}.json"]
    for name, client in (others | clients).items():
        for path, said in crawled(client, paths).items():
            may_read = name in in_hand and RECORD.match(path)
            who = found_in(said, [*WHO, receipt])
            assert who == ({TELEPHONE} if may_read and path == record else set()), (name, path, who)
            assert may_read or not found_in(said, WRITTEN), (name, path)
    assert all(is_signed_in(client) for client in clients.values())
    own = crawled(resident, [f"/r/{receipt}/", *(f"/r/{receipt}/{photo}.jpg" for photo in photos)])
    assert not any(found_in(said, [*WHO, NOTE]) for said in own.values())
    assert found_in(own[f"/r/{receipt}/"], WRITTEN) == {TEXT, PLACE, ADDED, STILL}

    everywhere = dump() | files_below(home)
    assert report.number.encode() in everywhere["governance_report"]
    for where, content in everywhere.items():
        assert not found_in(content, [*WHO, *WRITTEN, receipt]), where
    logs = "".join([*logged(caplog), told_on_the_shell, str(capfd.readouterr())]).encode()
    logs += b"".join(message.message().as_bytes() for message in mail.outbox) + log_of_the_database()[log_before:]
    assert b"portal:report" in logs and b"/r/no-such-receipt" not in logs  # listened to, and no address in it
    assert not found_in(logs, [*WHO, *WRITTEN])

    nothing_is_left_once_it_is_erased(home, resident, receipt, clients["grid"])


def logged(caplog) -> list[str]:
    return [f"{row.name} {row.getMessage()} {row.exc_text}\n" for row in caplog.records]


def nothing_is_left_once_it_is_erased(home, resident: Client, receipt: str, staff: Client) -> None:
    report = Report.objects.get()
    record, key = f"/desk/reports/{report.pk}/", report.pk
    person = [bytes(Contact.objects.get().sealed), bytes(Step.objects.get(what="noted").sealed_words)]
    files = list(home.rglob("*.sealed"))
    steps = Step.objects.filter(is_internal=False).exclude(sealed_words=b"").values_list("sealed_words", flat=True)
    words = [*map(bytes, (report.sealed_text, report.sealed_place, *steps)), *(path.read_bytes() for path in files)]
    assert len(files) == 5 and len(words) >= 9
    assert all(open_file_for(key, sealed, Key.PERSON) for sealed in person)
    assert all(open_file_for(key, sealed, Key.WORDS) for sealed in words)
    # Words can be found only by an index that tells them; it is made anew from what is sealed, so no backup needs it.
    assert set(indexed()) <= INDEX and indexed()["governance_searchwords"] == {TEXT, PLACE, ADDED}

    assert resident.post(f"/r/{receipt}/", {"do": "erase"}).status_code == 302
    shown = found_in(said_in(staff.get(record)), [*WHO, *WRITTEN])
    assert shown == {TEXT, PLACE, ADDED, STILL}
    assert not any(open_file_for(key, sealed, Key.PERSON) for sealed in person)  # nor can any copy of it be opened

    assert resident.post(f"/r/{receipt}/", {"do": "forget"}).status_code == 302
    for client, path in ((staff, record), (staff, "/desk/reports/?state=all"), (resident, f"/r/{receipt}/")):
        assert not found_in(said_in(client.get(path)), [*WHO, *WRITTEN])
    assert not any(open_file_for(key, sealed, which) for sealed in person + words for which in Key)
    assert not list(home.rglob("*.sealed")) and not [path for path in home.rglob("case-keys/*/*") if path.is_file()]
    assert not indexed()


def indexed() -> dict[str, set[str]]:
    """Return the words that the index of the database would give back, by the tables they lie in."""
    found = {
        table: {word for word in WRITTEN if grams_of(word).encode() in content} for table, content in dump().items()
    }
    return {table: words for table, words in found.items() if words}


# ---- two worlds, one with a matter told in confidence


PATHS_OF_ME_TOO = (INSIDE, (INSIDE[0] + 0.0001, INSIDE[1]))


def seen_from_outside(paths: list[str], noon) -> dict[tuple[str, str], tuple[int, bytes]]:
    """Return every answer to somebody without an account and to staff of another village, as to be compared."""
    with mock.patch.object(timezone, "now", lambda: noon):
        clients = {"nobody": Client(), "elsewhere": signed_in(User.objects.get(username=f"staff-of-{OTHER_VILLAGE}"))}
        seen = {}
        for name, client in clients.items():
            answers = {path: client.get(path) for path in paths}
            answers |= {f"me too {lon_lat}": at_the_last_step(client, lon_lat) for lon_lat in PATHS_OF_ME_TOO}
            seen |= {(name, path): (answer.status_code, body_of(answer)) for path, answer in answers.items()}
        return seen


def at_the_last_step(client: Client, lon_lat):
    """Go to where “me too” is offered."""
    where = client.post("/report/", hidden(client.get(f"/report/?unit={UNIT}")) | {"do": "next", "text": "通道被占"})
    here = {"lon": str(lon_lat[0]), "lat": str(lon_lat[1]), "unit": UNIT, "category": FIRE_LANE, "guess": "other"}
    return client.post("/report/", hidden(where) | {"do": "next"} | here)


@pytest.mark.django_db
def test_for_everybody_else_a_matter_told_in_confidence_is_as_if_it_were_not_there(home):
    a_village(drawn=True)
    staff, noon = an_account(GRID), timezone.now()
    an_account(OTHER_VILLAGE)
    public = a_report(lon=INSIDE[0], lat=INSIDE[1])
    answered(public, staff)
    handling.release(public.pk, "消防通道已清", by=staff, at=noon)
    paths = [*addresses(known() | {"number": [public.number]}), *LISTS]
    before = seen_from_outside(paths, noon + timedelta(minutes=1))
    assert str(public.pk).encode() in before["nobody", f"me too {INSIDE}"][1]

    sent = {
        "text": TEXT,
        "place": PLACE,
        "lon": INSIDE[0],
        "lat": INSIDE[1],
        "contact": f"{NAME} {TELEPHONE}",
        "wish": Wish.ANSWERABLE,
    }
    secret = a_report(OTHER_RECEIPT, in_confidence=True, photos=(a_photo().read(),), **sent)
    reporting.concern_me_too(secret.pk, "receipt-of-a-passer-by-2", at=noon)
    answered(secret, staff, photos=(a_photo().read(),))
    reporting.dispute(OTHER_RECEIPT, STILL, at=noon)
    Report.objects.filter(pk=secret.pk).update(due_at=noon - timedelta(days=3))  # late, so one level up sees it
    more = [path for path in addresses(known(secret)) if str(secret.pk) in path]
    more += [f"/open311/v2/requests/{secret.number}.{how}" for how in ("json", "xml")]

    assert seen_from_outside(paths, noon + timedelta(minutes=1)) == before
    other_key = "11111111-1111-1111-1111-111111111111"
    nothing = [path.replace(str(secret.pk), other_key).replace(secret.number, "1") for path in more]
    there, nowhere = seen_from_outside(more, noon), seen_from_outside(nothing, noon)
    assert [status for status, _body in there.values()] == [status for status, _body in nowhere.values()]
    assert not any(found_in(body, [secret.number, TEXT, PLACE]) for _status, body in there.values())
    assert 'id="number"' in text_of(Client().get(f"/r/{OTHER_RECEIPT}/"))
