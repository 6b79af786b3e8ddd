"""A compact through its pages: written, supported, spoken about, moved on; and each refusal says what is missing."""

import re

import pytest
from django.test import Client

from tests.builders import OTHER_VILLAGE, VILLAGE, a_user
from tests.systems.governance.compacting import TEXT, a_keeper, a_year_ago, at_vote, enacted, filing, voted
from tests.systems.governance.matters import UNIT, a_village
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.governance.compacts.actions import begin_revision, move_on
from weiduan.systems.governance.compacts.models import Version
from weiduan.systems.governance.compacts.queries import supports_of
from weiduan.systems.governance.compacts.rules import Stage
from weiduan.systems.governance.opinions.models import Opinion

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def begun(client: Client, **more) -> str:
    said = {"kind": "compact", "title": "楼道公约", "text": TEXT} | more
    answer = client.post(f"/desk/compacts/new/?area={UNIT}", said)
    assert answer.status_code == 302
    return answer["Location"]


def form_of(page: str, deed: str) -> dict[str, str]:
    """Return the hidden fields of the form with this deed, as a browser without script sends them."""
    for form in re.findall(r"<form.*?</form>", page, re.DOTALL):
        if f'value="{deed}"' in form:
            return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)) | {"do": deed}
    raise AssertionError(f"no form for {deed}")


def missing(page: str, stage: str) -> int:
    return len(re.findall(f'data-missing="{stage}"', page))


def test_the_whole_way_at_the_desk_with_what_is_missing_at_each_stage():
    desk = signed_in(a_keeper())
    page = begun(desk, text="")
    version = Version.objects.get()
    assert desk.post(page, {"do": "move", "to": "drafting"}).status_code == 302
    shown = desk.get(page).content.decode()
    assert missing(shown, "review") == 1 and 'id="to-review"' in shown
    assert desk.post(page, {"do": "move", "to": "review"}).status_code == 409
    assert desk.post(page, {"do": "edit", "text": TEXT.replace("\n", "\r\n")}).status_code == 302
    assert desk.post(page, {"do": "edit", "text": "字" * 50_001}).status_code == 400
    both = desk.post(page, {"do": "edit", "text": "第一条 同时写的。", "seen": "0" * 64})
    assert (
        both.status_code == 409
        and "<ins>第一条 同时写的。</ins>" in both.content.decode()
        and "<del>" in both.content.decode()
    )
    assert desk.post(page, {"do": "move", "to": "review"}).status_code == 302
    assert missing(desk.get(page).content.decode(), "vote") == 2
    assert desk.post(page, {"do": "move", "to": "vote", "reviewed_by": "司法所"}).status_code == 409
    assert desk.post(page, {"do": "move", "to": "vote", "procedure": "none"}).status_code == 400
    put = {"do": "move", "to": "vote", "reviewed_by": "司法所", "procedure": "households_unit"}
    assert desk.post(page, put).status_code == 302
    version.refresh_from_db()
    assert version.text == TEXT and f"/desk/ballots/{version.ballot_id}/" in desk.get(page).content.decode()
    assert missing(desk.get(page).content.decode(), "filing") == 1

    by = a_keeper()
    final = voted(version, by, at=a_year_ago())
    assert desk.post(page, {"do": "move", "to": "filing"}).status_code == 302
    facts = {name: str(value) for name, value in vars(filing(final)).items() if value}
    assert desk.post(page, {"do": "move", "to": "in_force"} | facts | {"filed_number": ""}).status_code == 409
    assert desk.post(page, {"do": "move", "to": "in_force"} | facts | {"filed_on": "x"}).status_code == 400
    assert desk.post(page, {"do": "move", "to": "in_force"} | facts).status_code == 302
    for wrong in (
        {"do": "move", "to": "replaced"},
        {"do": "move", "to": "drafting"},
        {"do": "move"},
        {"do": "nonsense"},
    ):
        assert desk.post(page, wrong).status_code == 400
    assert desk.post(page, {"do": "revise"}).status_code == 302
    assert desk.post(page, {"do": "revise"}).status_code == 409
    assert desk.get(f"{page}?version=1").status_code == 200 and desk.get(f"{page}?version=9").status_code == 404
    assert desk.get("/desk/compacts/").status_code == 200


def test_a_resident_stands_behind_a_draft_and_is_asked_again_after_a_change():
    desk, resident = signed_in(a_keeper()), Client(enforce_csrf_checks=False)
    page = begun(desk)
    public = page.replace("/desk/compacts/", "/compact/")
    read = resident.get(public)
    assert read["Cache-Control"] == "no-store" and "<script" not in read.content.decode().split("<main")[1]
    form = form_of(read.content.decode(), "support")
    receipts = {resident.post(public, form)["Location"] for _again in range(3)}
    assert len(receipts) == 1 and supports_of(Version.objects.get()) == 1
    receipt = receipts.pop()
    assert resident.get(receipt)["X-Robots-Tag"] == "noindex"

    desk.post(page, {"do": "edit", "text": "第一条 新的一条。"})
    assert supports_of(Version.objects.get()) == 0
    stale = form | {"draft": form_of(resident.get(public).content.decode(), "support")["draft"]}
    assert resident.post(public, stale).status_code == 409  # these are other words than were read
    renew = form_of(resident.get(receipt).content.decode(), "renew")
    assert resident.post(receipt, renew).status_code == 302 and supports_of(Version.objects.get()) == 1
    assert resident.post(receipt, {"do": "withdraw"}).status_code == 302 and supports_of(Version.objects.get()) == 0
    resident.post(public, form)
    assert supports_of(Version.objects.get()) == 0
    assert resident.get("/s/nobody-has-such-a-receipt/").status_code == 404
    for wrong in (form | {"draft": "x"}, form | {"do": "nonsense"}, form | {"version": ""}):
        assert resident.post(public, wrong).status_code == 400
    assert resident.post(public, form | {"version": "9"}).status_code == 404


def test_an_opinion_is_read_by_all_taken_away_by_a_stated_rule_and_brought_back_by_an_appeal():
    desk, resident = signed_in(a_keeper()), Client()
    page = begun(desk)
    public = page.replace("/desk/compacts/", "/compact/")
    form = form_of(resident.get(public).content.decode(), "say") | {"words": "九点就该安静 <b>了</b>"}
    receipts = {resident.post(public, form)["Location"] for _again in range(3)}
    assert len(receipts) == Opinion.objects.count() == 1
    receipt, opinion = receipts.pop(), Opinion.objects.get()
    assert "九点就该安静 &lt;b&gt;" in resident.get(public).content.decode()
    assert resident.post(public, form | {"words": " "}).status_code == 400

    remove = {"do": "remove_opinion", "opinion": opinion.pk, "rule": "elsewhere", "because": "请到三单元的议题里说"}
    for wrong in ({"rule": "i_disagree"}, {"because": ""}, {"opinion": "x"}):
        assert desk.post(page, remove | wrong).status_code == 400
    assert resident.post(receipt, {"do": "appeal", "words": "为什么"}).status_code == 409
    assert desk.post(page, remove).status_code == 302
    seen = resident.get(public).content.decode()
    assert "请到三单元的议题里说" in seen and "九点就该安静" not in seen
    own = resident.get(receipt)
    assert "九点就该安静" in own.content.decode() and own["X-Robots-Tag"] == "noindex"

    assert resident.post(receipt, {"do": "appeal", "words": "说的就是这一条"}).status_code == 302
    assert "说的就是这一条" in desk.get(page).content.decode()
    assert "说的就是这一条" not in resident.get(public).content.decode()
    answer = {"do": "answer_appeal", "opinion": opinion.pk, "words": "确实是这一条", "restore": "yes"}
    assert desk.post(page, answer).status_code == 302
    assert "九点就该安静" in resident.get(public).content.decode()
    assert "确实是这一条" in resident.get(receipt).content.decode()
    assert resident.get("/o/nobody-has-such-a-receipt/").status_code == 404


def test_what_is_in_force_is_read_on_the_units_page_with_its_versions_and_what_changed():
    by, resident = a_keeper(), Client()
    at = a_year_ago()
    first = enacted(by, at=at)
    second = begin_revision(first.compact_id, by=by, at=at)
    desk = signed_in(by)
    desk.post(f"/desk/compacts/{first.compact_id}/", {"do": "edit", "text": TEXT.replace("十点", "九点")})
    assert f"/a/{UNIT}/compacts/" in resident.get(f"/u/{UNIT}/").content.decode()
    public = f"/compact/{first.compact_id}/"
    for path in (f"/a/{UNIT}/compacts/", f"/a/{VILLAGE}/compacts/"):
        assert public in resident.get(path).content.decode()
    assert public not in resident.get(f"/a/{OTHER_VILLAGE}/compacts/").content.decode()
    shown = resident.get(public).content.decode()
    assert "晚上十点后" in shown and 'id="support"' not in shown and f"/vote/{first.ballot_id}/" in shown
    draft = resident.get(f"{public}?version=2").content.decode()
    assert re.findall(r'data-line="(out|in)"', draft) == ["out", "in"] and 'id="support"' in draft
    assert resident.get(f"{public}?version=x").status_code == 404
    move_on(second.pk, Stage.GIVEN_UP, by=by, at=at)
    form = form_of(draft, "say") | {"words": "太早了"}
    assert resident.post(public, form).status_code == 409  # it isn't open any more
    assert resident.get("/a/999999999999/compacts/").status_code == 404
    assert resident.get("/compact/00000000-0000-0000-0000-000000000000/").status_code == 404


def test_a_prepared_vote_is_not_shown_before_it_opens():
    version = at_vote(a_keeper())
    assert f"/vote/{version.ballot_id}/" not in Client().get(f"/compact/{version.compact_id}/").content.decode()


def test_who_does_not_keep_it_can_do_nothing_at_the_desk():
    page = begun(signed_in(a_keeper()))
    for stranger in (signed_in(a_keeper(OTHER_VILLAGE)), signed_in(a_user(Duty.LOOK, area=UNIT))):
        assert stranger.get(page).status_code == stranger.post(page, {"do": "edit", "text": "x"}).status_code == 404
    assert signed_in(a_user(Duty.LOOK, area=UNIT)).get("/desk/compacts/new/").status_code == 403
    said = {"kind": "compact", "title": "公约", "text": ""}
    assert signed_in(a_keeper(OTHER_VILLAGE)).post(f"/desk/compacts/new/?area={UNIT}", said).status_code == 404
    assert signed_in(a_keeper()).post(f"/desk/compacts/new/?area={UNIT}", said | {"title": ""}).status_code == 400
