"""A world in which every operation of the interface finds something, and what fills in its addresses."""

from datetime import timedelta
from typing import Any

from django.apps import apps
from django.utils import timezone

from tests.builders import DISTRICT, GRID, MONDAY, OTHER_VILLAGE, VILLAGE, a_user
from tests.systems.governance.balloting import a_ballot
from tests.systems.organisation.moving import HERE, leader_of, members_of, the, two_villages
from tests.systems.services.active import an_activity
from tests.systems.services.asking import opened
from tests.systems.venues.places import a_place, a_room, a_wish
from weiduan.ground.accounts.actions import give_mandate
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import ADMINISTRATION, Duty
from weiduan.systems.governance.categories.actions import ensure_categories
from weiduan.systems.organisation.members.models import Person
from weiduan.systems.organisation.own.actions import ask_correction
from weiduan.systems.organisation.transfers import actions as transfers
from weiduan.systems.organisation.transfers.rules import Reason
from weiduan.systems.services.activities.signing_up import Coming, sign_up
from weiduan.systems.venues.bookings.actions import book

RECEIPT, SEAT = "r" * 22, "s" * 22
# What an address begins with → the kind of thing its key is one of.
KINDS = {
    "bookings": "Booking", "ballots": "Ballot", "places": "Facility", "transfers": "Transfer", "changes": "Change",
    "guests": "Guest", "corrections": "Correction", "activities": "Activity", "questionnaires": "Questionnaire",
    "posts": "Post", "handover": "HandoverItem", "projects": "Project", "compacts": "Compact", "topics": "Topic", "teams": "Team",
    "wishes": "Wish",
}  # fmt: skip


def a_world() -> User:
    """Lay two villages in which much is going on; return an account that may do everything in the district."""
    two_villages()
    ensure_categories(by="test", at=MONDAY)
    user, at = an_account(), timezone.now()
    room = a_room(a_place(divided=True, quota_hours=None), confirms=True)
    book(room, a_wish(local_day(at) + timedelta(days=1)), receipt=RECEIPT, by=None, at=at)
    a_ballot(by=user)
    activity = an_activity(HERE, starts_at=at + timedelta(days=5), ends_at=at + timedelta(days=5, hours=2))
    sign_up(activity.pk, Coming(), SEAT, at=at)
    opened(area=HERE, at=at, opens_on=local_day(at), closes_on=local_day(at) + timedelta(days=28))
    member = next(person for person in members_of("X1") if person != leader_of("X1"))
    ask_correction(member, "电话号码换了", at=at)
    sitting = next(person for person in members_of("Y1") if person != leader_of("Y1"))
    transfers.ask(sitting, receiver=the("X1"), reason=Reason.RESIDENCE, on=local_day(at), by="test", at=at)
    return user


def an_account() -> User:
    """Return somebody with every duty that one account can have."""
    user = a_user(Duty.LOOK, area=DISTRICT, name="everything")
    for duty in Duty:
        if duty not in (Duty.LOOK, *ADMINISTRATION):
            give_mandate(user, duty, area=DISTRICT, since=local_day(MONDAY), by="test", at=MONDAY)
    return user


def fillings(path: str) -> dict[str, list[Any]]:
    """Return what may stand in an address for each of its names: things that are there."""
    kind = KINDS.get(path.split("/")[1])
    models = [model for model in apps.get_models() if model.__name__ == kind]
    keys = [str(pk) for model in models for pk in model._default_manager.values_list("pk", flat=True)[:3]]
    rooms = list(apps.get_model("venues", "Room").objects.values_list("pk", flat=True))
    persons = list(Person.objects.values_list("number", flat=True)[:3])
    numbers = persons if path.startswith("/members") else ["X1", "Z1", "W1"]
    return {
        "code": [VILLAGE, OTHER_VILLAGE, DISTRICT, GRID, HERE], "key": keys, "number": numbers, "room": rooms,
        "receipt": [RECEIPT, SEAT],
    }  # fmt: skip
