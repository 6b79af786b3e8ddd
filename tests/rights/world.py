"""Two districts, and in five places of them one of everything that has an address of its own."""

import io
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from tests.builders import DISTRICT, GRID, MONDAY, OTHER_VILLAGE, SURVEYED, TOWN, VILLAGE, grid, load, survey, unit
from weiduan.ground.accounts.actions import give_mandate
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.rules import ADMINISTRATION, Duty
from weiduan.ground.base.casekeys import Key, seal_for
from weiduan.ground.base.receipts import receipt_hash
from weiduan.ground.base.sealed import seal
from weiduan.ground.territory.actions import found_divisions
from weiduan.ground.territory.models import AreaVersion
from weiduan.outlook.proposals.models import Proposal, VillagePlan
from weiduan.outlook.survey.models import SurveyRun
from weiduan.systems.governance import models as governance
from weiduan.systems.governance.categories.actions import ensure_categories
from weiduan.systems.organisation import models as organisation
from weiduan.systems.services import models as services
from weiduan.systems.venues import models as venues

OTHER_DISTRICT, OTHER_TOWN, FAR_VILLAGE = "510112000000", "510112001000", "510112001001"
# Where a thing lies, as seen from the village whose staff the roles are.
PLACES = {"own": VILLAGE, "sibling": OTHER_VILLAGE, "parent": TOWN, "child": GRID, "elsewhere": FAR_VILLAGE}
# A unit in each of them; above the village lies the next village's.
UNITS = {
    "own": VILLAGE + "002001", "sibling": OTHER_VILLAGE + "001001", "parent": OTHER_VILLAGE + "002001", "child": GRID + "001",
    "elsewhere": FAR_VILLAGE + "001001",
}  # fmt: skip
VILLAGE_DUTIES = (
    Duty.LOOK, Duty.KEEP_ORGANISATION, Duty.KEEP_VENUES, Duty.HANDLE_REPORTS, Duty.KEEP_GOVERNANCE, Duty.KEEP_SERVICES, Duty.SURVEY,
)  # fmt: skip
STAFF = {
    "grid": (GRID, (Duty.LOOK, Duty.HANDLE_REPORTS)),
    "keeper": (VILLAGE, (Duty.LOOK, Duty.KEEP_ORGANISATION)),
    "village": (VILLAGE, VILLAGE_DUTIES),
    "town": (TOWN, (*VILLAGE_DUTIES, Duty.KEEP_GROUND)),
    "district": (DISTRICT, tuple(duty for duty in Duty if duty not in ADMINISTRATION)),
    "looker": (VILLAGE, (Duty.LOOK,)),
    "system": ("", (Duty.KEEP_ACCOUNTS,)),
    "security": ("", (Duty.GIVE_MANDATES,)),
    "audit": ("", (Duty.READ_LEDGER,)),
}
ROLES = (
    "nobody", "resident", "grid", "keeper", "village", "town", "district", "partner", "looker", "system", "security", "audit", "superuser",
)  # fmt: skip
RECEIPTS = ("report", "booking", "topic", "mediation", "sign_up", "held", "wish", "volunteer", "support", "opinion")
DAY, PASSWORD = timedelta(days=1), "a password for tests"


PLAN = {"units": [], "today": [], "points": [], "branches": {}}
SUMS = {"whole": [5, 0], "voted": [3, 0], "silent": [0, 0], "choices": {"yes": [3, 0]}, "papers": 0}


@dataclass
class World:
    """What is there: keys[place][kind], and who signs in."""

    keys: dict[str, dict[str, str]] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)


def a_world() -> World:
    """Lay two districts and put one of everything into each place."""
    lay_ground()
    ensure_categories(by="test", at=MONDAY)
    world = World(users=accounts())
    for place, code in PLACES.items():
        world.keys[place] = everything(place, code, world.users["superuser"])
        world.keys[place]["account"] = str(world.users["looker"].pk)
    partner = governance.Partner.objects.get(pk=world.keys["own"]["partner"])
    services.PartnerAccount.objects.create(user=world.users["partner"], partner=partner, since=SURVEYED)
    return world


def lay_ground() -> None:
    rows = [
        (DISTRICT, "青白江区"), (TOWN, "大弯街道"), (VILLAGE, "石家碾社区"), (OTHER_VILLAGE, "大弯社区"),
        (OTHER_DISTRICT, "龙泉驿区"), (OTHER_TOWN, "龙泉街道"), (FAR_VILLAGE, "龙华社区"),
    ]  # fmt: skip
    found_divisions(
        [{"code": code, "name": name} for code, name in rows], edition="2018", on=SURVEYED, by="t", at=MONDAY
    )
    for village in (VILLAGE, OTHER_VILLAGE, FAR_VILLAGE):
        grids = [village + "001", village + "002"]
        load(survey(grids=[grid(code) for code in grids], units=[unit(code + "001") for code in grids]), area=village)


def accounts() -> dict[str, User]:
    """Return role → account; a resident and nobody have none."""
    users = {
        "superuser": User.objects.create_superuser("superuser", password=PASSWORD),
        "partner": User.objects.create_user("partner", password=PASSWORD),
    }
    for role, (area, duties) in STAFF.items():
        users[role] = User.objects.create_user(role, password=PASSWORD)
        for duty in duties:
            give_mandate(users[role], duty, area=area, since=SURVEYED, by="test", at=MONDAY)
    return users


def receipt_of(kind: str, place: str) -> str:
    return f"receipt-{kind}-{place}".ljust(30, "x")


def a_picture() -> ContentFile:
    target = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(target, "JPEG")
    return ContentFile(target.getvalue(), "picture.jpg")


def sealed_picture(case: Any) -> ContentFile:
    return ContentFile(seal_for(case, a_picture().read(), Key.WORDS), "picture.sealed")


def everything(place: str, code: str, by: User) -> dict[str, str]:
    """Put one of everything into an area; return kind → key."""
    now, today = timezone.now(), timezone.localdate()
    area = AreaVersion.objects.get(code=code, until=None).area
    made: dict[str, Any] = {}
    made |= _organisations(place, area, now, today, by)
    made |= _venues(place, area, now, today)
    made |= _governance(place, area, now, today, by)
    made |= _services(place, area, made, now, today, by)
    made |= _outlook(code, now, today)
    receipts = {f"{kind}_receipt": receipt_of(kind, place) for kind in RECEIPTS}
    codes = {"code": code, "unit": UNITS[place]}
    return {kind: str(getattr(row, "pk", row)) for kind, row in made.items()} | receipts | codes


def _organisations(place: str, area: Any, now: datetime, today: date, by: User) -> dict[str, Any]:
    o = organisation
    committee = o.Organisation.objects.create(
        number=f"W-{place}", name="党委", kind="committee", area=area, founded_on=SURVEYED
    )
    branch = o.Organisation.objects.create(
        number=f"Z-{place}", name="支部", kind="branch", area=area, founded_on=SURVEYED, parent=committee
    )
    o.Term.objects.create(organisation=branch, since=SURVEYED, due_on=today + 900 * DAY)
    person = o.Person.objects.create(number=f"P-{place}", name=b"")
    person.name = seal(f"记号人{place}", table="organisation_person", pk=str(person.pk), field="name")
    person.save()
    friend = o.Person.objects.create(number=f"F-{place}", name=b"")
    for one in (person, friend):
        o.Membership.objects.create(
            person=one, organisation=branch, state="active", joined_on=SURVEYED, full_on=SURVEYED, since=SURVEYED
        )
    post = o.Post.objects.create(person=person, role="secretary", organisation=branch, since=SURVEYED)
    handover = o.HandoverItem.objects.create(post=post, what="seal")
    transfer = o.Transfer.objects.create(person=friend, sender=branch, outside="外地", reason="work", asked_on=today)
    change = o.Change.objects.create(
        kind="elect_late",
        organisation=branch,
        superior=committee,
        seat="x",
        facts={"was_due": str(today), "due": str(today + 90 * DAY)},
        judged=[],
        on=today,
        asked_at=now,
    )
    correction = o.Correction.objects.create(person=person, wish=b"", asked_at=now)
    guest = o.Guest.objects.create(person=person, unit=area, since=SURVEYED)
    meeting = services.OrganisationMeeting.objects.create(
        organisation=branch, kind="members", since=today - 30 * DAY, until=today + 30 * DAY, title="党员大会",
        starts_at=now, place="活动室", at=now, by=by, state="held", members_due=2, voters_due=2, members_came=1, voters_came=1,
    )  # fmt: skip
    meeting.minutes = "记录"
    meeting.save()
    planned = services.OrganisationMeeting.objects.create(
        organisation=branch, kind="lecture", since=today, until=today + 30 * DAY, title="党课", starts_at=now + DAY, place="室", at=now,
    )  # fmt: skip
    services.Attendance.objects.create(meeting=meeting, person=person, has_vote=True, presence="came")
    scan = services.MeetingScan.objects.create(meeting=meeting, number=1, file=sealed_picture(meeting.pk))
    return {
        "organisation": branch.number, "member": person.number, "post": post, "handover": handover, "transfer": transfer,
        "change": change, "correction": correction, "guest": guest, "meeting": meeting, "scan": scan, "planned": planned,
    }  # fmt: skip


def _venues(place: str, area: Any, now: datetime, today: date) -> dict[str, Any]:
    v = venues
    facility = v.Facility.objects.create(kind="centre", name="中心", area=area, address="1号", open_since=SURVEYED)
    room = v.Room.objects.create(
        facility=facility, name="厅", use="meeting", area_m2=Decimal(20), bookable=True, since=SURVEYED
    )
    for day in range(8):
        v.WeeklyHours.objects.create(facility=facility, day=day, opens=480, closes=1200, since=SURVEYED)
    photo = v.Photo.objects.create(facility=facility, file=a_picture(), words="门口", width=30, height=20, at=now)
    v.Plate.objects.create(facility=facility, token_hash=receipt_hash(receipt_of("plate", place)), made_at=now)
    booking = v.Booking.objects.create(
        room=room, who="group", what=f"记号订{place}", use="meeting", state="asked", group=b"x" * 16, made_at=now, changed_at=now,
        receipt_hash=receipt_hash(receipt_of("booking", place)),
    )  # fmt: skip
    since = (now + 2 * DAY).replace(hour=2, minute=0, second=0, microsecond=0)
    until = since + timedelta(hours=1)
    v.Slot.objects.create(booking=booking, room=room, since=since, until=until, blocked_until=until, state="held")
    premises = v.Premises.objects.create(
        number=f"R-{place}",
        name="空房",
        origin="other",
        area=area,
        address="2号",
        area_m2=30,
        consent="yes",
        found_on=SURVEYED,
    )
    micro = v.Facility.objects.create(kind="micro_venue", name="微阵地", area=area, address="2号", open_since=SURVEYED)
    v.MicroVenue.objects.create(premises=premises, facility=micro, planned_on=SURVEYED)
    found = {
        "micro": micro,
        "facility": facility,
        "room": room,
        "photo": photo,
        "booking": booking,
        "premises": premises.number,
    }
    return found | {"plate_token": receipt_of("plate", place)}


def _governance(place: str, area: Any, now: datetime, today: date, by: User) -> dict[str, Any]:
    g, hashed = governance, lambda kind: receipt_hash(receipt_of(kind, place))
    report = g.Report.objects.create(
        number=f"N{place}", receipt_hash=hashed("report"), category=g.Category.objects.get(code="C01"), area=area, handler=area,
        channel="portal", told_at=now, due_at=now + DAY, public_text="灯不亮",
    )  # fmt: skip
    report.sealed_text = seal_for(report.pk, f"记号事{place}", Key.WORDS)
    report.save()
    g.Step.objects.create(report=report, what="told", at=now)
    g.Contact.objects.create(report=report, sealed=seal_for(report.pk, "13900000000"), wish="answerable")
    g.Task.objects.create(
        report=report, to="城管", sealed_what=seal_for(report.pk, "清理", Key.WORDS), until=today, at=now
    )
    report_photo = g.ReportPhoto.objects.create(report=report, file=sealed_picture(report.pk), at=now)
    ballot = g.Ballot.objects.create(
        area=area, title="表决", text="问", text_hash="x", procedure="households_unit", at=now, state="final", roll_hash="x",
        announced_on=today, opens_at=now - 2 * DAY, closes_at=now - DAY, closed_at=now - DAY, objections_until=now,
    )  # fmt: skip
    g.Turnout.objects.create(ballot=ballot)
    g.Count.objects.create(ballot=ballot, root="x", sums=SUMS)
    g.RightHolder.objects.create(ballot=ballot, number=1, sealed=seal_for(ballot.pk, "{}"), commitment="x")
    g.PaperSheet.objects.create(ballot=ballot, sheet=1, choice="yes", entered_by=by)
    g.Objection.objects.create(
        ballot=ballot,
        receipt_hash=hashed("objection"),
        sealed=seal_for(ballot.pk, "不对"),
        at=now,
        answer="查过",
        is_upheld=False,
    )
    body = g.Body.objects.create(area=area, kind="owners_committee", name="业委会", since=SURVEYED)
    compact = g.Compact.objects.create(area=area, kind="compact", title="公约", at=now)
    version = g.Version.objects.create(compact=compact, number=1, text="文", text_hash="x", at=now)
    g.Support.objects.create(version=version, text_hash="x", receipt_hash=hashed("support"), at=now)
    topic = g.Topic.objects.create(
        area=area, procedure=next(iter(_procedures())), origin="resident", title="议题", text="文", receipt_hash=hashed("topic"),
        state="under_way", stage=_procedures()[next(iter(_procedures()))].stages[0].code, at=now,
    )  # fmt: skip
    g.Opinion.objects.create(kind="topic", about=topic.pk, words="意见", receipt_hash=hashed("opinion"), at=now)
    mediation = g.Mediation.objects.create(
        area=area, number=f"M{place}", receipt_hash=hashed("mediation"), asked_at=now
    )
    agreed = g.Mediation.objects.create(
        area=area,
        number=f"记号约{place}",
        receipt_hash=hashed("agreed"),
        mediator=by,
        asked_at=now,
        state="agreed",
        ended_at=now,
    )
    agreed.sealed_agreement = seal_for(agreed.pk, "约定", Key.WORDS)
    agreed.save()
    g.Session.objects.create(mediation=agreed, starts_at=now, place="调解室")
    partner = g.Partner.objects.create(area=area, kind="social", name=f"社工{place}", post="主任", since=SURVEYED)
    need = g.Need.objects.create(area=area, sort="skill", what="助浴", since=SURVEYED)
    return {
        "report": report, "report_photo": report_photo, "ballot": ballot, "body": body, "compact": compact, "topic": topic,
        "mediation": mediation, "agreed": agreed, "partner": partner, "need": need, "report_number": report.number,
    }  # fmt: skip


def _procedures() -> dict[str, Any]:
    from weiduan.systems.governance.deliberation.rules import procedures

    return procedures()


def _services(place: str, area: Any, made: dict[str, Any], now: datetime, today: date, by: User) -> dict[str, Any]:
    s, hashed = services, lambda kind: receipt_hash(receipt_of(kind, place))
    series = s.Series.objects.create(
        area=area,
        kind="culture",
        title="系列",
        every={"frequency": "weekly", "interval": 1, "count": 2, "from": str(today)},
    )
    activity = s.Activity.objects.create(
        area=area, series=series, kind="say", title="活动", host="社区", starts_at=now + DAY, ends_at=now + 2 * DAY, place="厅",
        capacity=5, seats_taken=1, arrivals=1, sign_up_until=now + DAY, state="open", changed_at=now, at=now,
    )  # fmt: skip
    sign_up = s.SignUp.objects.create(
        activity=activity, number=1, receipt_hash=hashed("sign_up"), state="seated", at=now
    )
    sign_up.sealed_name = seal_for(sign_up.pk, f"记号名{place}")
    sign_up.save()
    held = s.Activity.objects.create(
        area=area, kind="culture", title="办过", host="社区", starts_at=now - DAY, ends_at=now, place="厅", capacity=5, seats_taken=1,
        arrivals=1, sign_up_until=now - DAY, state="held", changed_at=now, at=now,
    )  # fmt: skip
    s.SignUp.objects.create(activity=held, number=1, receipt_hash=hashed("held"), state="seated", at=now)
    after = s.Questionnaire.objects.create(
        area=area, about="activity", way="after", title="活动怎样", questions=["satisfied"], opens_on=today - 5 * DAY,
        closes_on=today + 9 * DAY, state="open", at=now,
    )  # fmt: skip
    brand = s.Brand.objects.create(
        area=area, name="品牌", words="文", mark=a_picture(), mark_words="标", since=SURVEYED
    )
    function = s.Function.objects.create(
        room=made["room"], kind="cinema", name="影院", run_by="社区", for_whom="居民", weekdays=[0], opens=600, closes=700,
        since=SURVEYED,
    )  # fmt: skip
    partner, project = made["partner"], _project(area, made["partner"], now, today)
    milestone = project.agreement.milestones.get()
    evidence = s.Evidence.objects.create(milestone=milestone, words="做了", at=now, by=by)
    picture = s.EvidencePicture.objects.create(evidence=evidence, file=a_picture(), words="照片")
    s.MilestoneAcceptance.objects.create(milestone=milestone, evidence=evidence, by=by, at=now)
    routine = s.Routine.objects.create(
        area=area, title="巡", done_by="网格员", every="week", looked_at="看", since=SURVEYED
    )
    s.RoutineUnit.objects.create(routine=routine, area=area)
    questionnaire = s.Questionnaire.objects.create(
        area=area, about="unit", way="open", title="满意度", questions=["satisfied"], opens_on=today, closes_on=today + 9 * DAY,
        state="open", at=now,
    )  # fmt: skip
    team = s.Team.objects.create(area=area, name=f"队{place}", words="文", post="队长", since=SURVEYED)
    volunteer = s.Volunteer.objects.create(
        team=team, receipt_hash=hashed("volunteer"), sealed_name=b"", state="active", at=now
    )
    shift = s.Shift.objects.create(
        team=team, what="值守", place="门口", starts_at=now + DAY, ends_at=now + 2 * DAY, least=1, most=2
    )
    done = s.Shift.objects.create(
        team=team,
        what="值守",
        place="门口",
        starts_at=now - 2 * DAY,
        ends_at=now - DAY,
        least=1,
        most=2,
        taken=1,
        state="done",
    )
    s.ShiftPlace.objects.create(shift=done, volunteer=volunteer, state="served", minutes=60)
    wish = s.Wish.objects.create(area=area, text="想要", state="open", receipt_hash=hashed("wish"), at=now)
    return {
        "series": series, "activity": activity, "brand": brand, "function": function, "project": project, "picture": picture,
        "after": after, "routine": routine, "questionnaire": questionnaire, "team": team, "shift": shift, "wish": wish, "partner": partner,
    }  # fmt: skip


def _project(area: Any, partner: Any, now: datetime, today: date) -> Any:
    s = services
    topic = governance.Topic.objects.create(
        area=area, procedure=next(iter(_procedures())), origin="body", title="选", text="文", at=now
    )
    project = s.Project.objects.create(
        area=area, title="助浴", words="文", budget_fen=100, call_until=now, topic=topic, state="running", at=now
    )
    proposal = s.ProjectProposal.objects.create(
        project=project, partner=partner, words="做法", state="chosen", handed_in_at=now
    )
    agreement = s.ProjectAgreement.objects.create(project=project, proposal=proposal, signed_on=today, total_fen=100)
    s.Milestone.objects.create(
        agreement=agreement, number=1, what="一期", evidence="照片", amount_fen=100, due_on=today, state="accepted"
    )
    return project


def _outlook(code: str, now: datetime, today: date) -> dict[str, Any]:
    proposal = Proposal.objects.create(area=code, on=today, asks=["organise", "venues"], asked_at=now, state="ready")
    VillagePlan.objects.create(proposal=proposal, code=code, name="村", digest="x", plan=PLAN)
    run = SurveyRun.objects.create(
        area=code,
        kind="workbook",
        file_name="x.xlsx",
        file=f"{code}.xlsx",
        sha256="0" * 64,
        state="faulty",
        started_at=now,
        result={"fault_count": 1},
    )
    return {"proposal": proposal, "survey": run}
