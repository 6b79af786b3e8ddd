"""What a page of the desk offers whoever keeps it is refused to everybody else, button by button."""

from collections.abc import Iterator

import html5lib
from django.test import Client

from tests.rights.asking import Way, ways
from tests.rights.world import World, a_world
from weiduan.ground.ledger.models import Entry

XHTML = "{http://www.w3.org/1999/xhtml}"
# Who asks for what lies where: whoever only looks there, works elsewhere, or is a partner.
OTHERS = (
    ("looker", "own"),
    ("grid", "own"),
    ("village", "sibling"),
    ("village", "elsewhere"),
    ("district", "elsewhere"),
    ("partner", "own"),
)
# Whoever may look there may do these: they change one's own page alone, or ask for something.
FOR_LOOKERS = {"desk:posts", "desk:reminders"}


def forms(page: bytes) -> Iterator[dict[str, str]]:
    """Return what each button of each form of a page would send to the page itself, as it stands."""
    for form in html5lib.parse(page).iter(f"{XHTML}form"):
        if form.get("method", "").lower() == "post" and not form.get("action"):
            sent = {
                name: value
                for field in form.iter()
                if (name := field.get("name")) and (value := _value(field)) is not None
            }
            buttons = [button for button in form.iter(f"{XHTML}button") if button.get("name")]
            yield from ([sent | {b.get("name"): b.get("value", "")} for b in buttons] or [sent])


def _value(field) -> str | None:
    tag, kind = field.tag.removeprefix(XHTML), field.get("type", "text")
    if field.get("name") == "csrfmiddlewaretoken" or kind in ("submit", "file"):
        return None
    if tag == "select":
        return next((value for option in field.iter(f"{XHTML}option") if (value := option.get("value"))), "")
    return {"input": field.get("value") or "1", "textarea": "一句话"}.get(tag)


def offered(world: World) -> Iterator[tuple[Way, str, dict[str, str]]]:
    """Return each act that pages of the desk offer to whoever may do all."""
    everybody = Client()
    everybody.force_login(world.users["superuser"])
    for way in ways():
        if way.method == "GET" and way.name.startswith("desk:") and way.kinds and not way.is_by_area:
            for place in ("own", "sibling", "elsewhere"):
                answer = everybody.get(way.address(world.keys[place], has_receipt=False))
                if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                    yield from ((way, place, sent) for sent in forms(answer.content))


def test_what_is_offered_to_a_keeper_is_refused_to_whoever_only_looks_works_elsewhere_or_is_a_partner(db):
    world = a_world()
    clients = {role: Client(raise_request_exception=False) for role, _place in OTHERS}
    for role, client in clients.items():
        client.force_login(world.users[role])
    acts, entries = list(offered(world)), Entry.objects.count()
    done, asked = [], 0

    for way, place, sent in acts:
        for role, where in OTHERS:
            if where == place:
                answer = clients[role].post(way.address(world.keys[place], has_receipt=False), sent)
                asked += 1
                if answer.status_code not in (403, 404) and not (role == "looker" and way.name in FOR_LOOKERS):
                    done.append(f"{way.name} {sent.get('do', '')} as {role} ({place}): {answer.status_code}")

    assert len(acts) > 100, len(acts)
    assert not done, "\n".join(done)
    assert Entry.objects.count() == entries
