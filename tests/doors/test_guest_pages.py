"""The page on which guests of a unit are registered: names for whoever keeps the organisations there, nobody else."""

import pytest

from tests.builders import VILLAGE, a_user
from tests.doors.test_change_pages import signed_in, text_of
from tests.systems.organisation.moving import HERE, members_of, secretaries, two_villages
from weiduan.systems.organisation.members.models import Person
from weiduan.systems.organisation.transfers.models import Guest

pytestmark = pytest.mark.django_db
PAGE = f"/desk/area/{HERE}/guests/"


@pytest.fixture
def keeper():
    two_villages()
    return signed_in(secretaries()[0])


def said(**more) -> dict:
    head = {
        "do": "register",
        "unit": HERE,
        "name": "王在职",
        "contact": "13800000000",
        "number": "",
        "on": "2018-11-05",
    }
    return head | {"belongs_to": "市某局机关支部"} | more


def test_a_guest_is_registered_seen_by_name_and_leaves(keeper):
    assert keeper.post(PAGE, said())["Location"] == PAGE
    for code in (HERE, HERE[:15], VILLAGE):
        page = keeper.get(f"/desk/area/{code}/guests/")
        assert "王在职" in text_of(page) and "市某局机关支部" in text_of(page)
        assert "13800000000" not in page.content.decode()
        assert page["Cache-Control"] == "no-store"

    assert keeper.post(PAGE, {"do": "end", "guest": Guest.objects.get().pk}).status_code == 302
    assert Guest.objects.get().until is not None
    assert "王在职" not in text_of(keeper.get(PAGE))


def test_a_member_kept_here_registers_by_number_and_one_of_this_village_needs_not(keeper):
    theirs, ours = (Person.objects.get(pk=members_of(number)[1]) for number in ("Y1", "X1"))
    for person, status in ((theirs, 302), (ours, 409)):
        answer = keeper.post(PAGE, said(name=f"张{person.number}", number=person.number, belongs_to=""))
        assert answer.status_code == status
    assert Guest.objects.get().person == theirs
    assert keeper.post(PAGE, said(belongs_to="")).status_code == 400
    assert keeper.post(PAGE, said(unit="x")).status_code == 400


def test_whoever_looks_on_sees_how_many_but_no_name_and_others_see_nothing(keeper):
    keeper.post(PAGE, said())
    looking, elsewhere = signed_in(a_user(area=VILLAGE)), signed_in(a_user(area="510113002003"))
    guest = Guest.objects.get()

    page = looking.get(PAGE)
    assert (page.context["page"].paginator.count, page.context["rows"], page.context["form"]) == (1, [], None)
    assert "王在职" not in page.content.decode()
    assert looking.post(PAGE, {"do": "end", "guest": guest.pk}).status_code == 403
    assert elsewhere.get(PAGE).status_code == 404
    other = keeper.post(f"/desk/area/{HERE[:-1]}2/guests/", {"do": "end", "guest": guest.pk})
    assert other.status_code == 404, "not a guest of that unit"
    assert keeper.post(PAGE, {"do": "end", "guest": "x"}).status_code == 404
