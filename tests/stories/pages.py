"""Every page in every state it can be in, as one table: a name, who looks, and the address."""

from dataclasses import dataclass

from .served import Served

DISTRICT, TOWN, VILLAGE = "510113000000", "510113001000", "510113001001"
GRID = VILLAGE + "001"
NOBODY = ""


@dataclass(frozen=True)
class Shown:
    """One page in one state; `elder` is the larger view; `drawn`: its map is drawn, elsewhere its table is looked at."""

    name: str
    who: str
    path: str
    elder: bool = False
    drawn: bool = False


PAGES = [
    Shown("find", NOBODY, "/"),
    Shown("find, elder", NOBODY, "/", True),
    Shown("find, found", NOBODY, "/?q=院"),
    Shown("find, nothing found", NOBODY, "/?q=没有这个地方"),
    Shown("a town for residents", NOBODY, f"/a/{TOWN}/"),
    Shown("a village for residents", NOBODY, f"/a/{VILLAGE}/"),
    Shown("a grid for residents", NOBODY, f"/a/{GRID}/"),
    Shown("a unit for residents", NOBODY, f"/u/{GRID}001/", drawn=True),
    Shown("a unit for residents, elder", NOBODY, f"/u/{GRID}001/", True),
    Shown("a unit without anybody, for residents", NOBODY, "/u/{no_group}/"),
    Shown("no such place", NOBODY, "/u/999999999999999999/"),
    Shown("my place unreadable", NOBODY, "/here?lon=x"),
    Shown("a place", NOBODY, "/v/{place}/"),
    Shown("a place, elder", NOBODY, "/v/{place}/", True),
    Shown("a place, a far week", NOBODY, "/v/{place}/?from=2030-01-01"),
    Shown("which room is booked", NOBODY, "/v/{place}/book/"),
    Shown("a room is booked", NOBODY, "/v/{place}/book/?room={room}"),
    Shown("a room is booked, elder", NOBODY, "/v/{place}/book/?room={room}", True),
    Shown("a booking's receipt", NOBODY, "/b/{receipt}/"),
    Shown("no such receipt", NOBODY, "/b/nobody-has-such-a-receipt/"),
    Shown("a matter is told", NOBODY, "/report/"),
    Shown("a matter is told of a unit, elder", NOBODY, f"/report/?unit={GRID}001", True),
    Shown("a matter is written down without network", NOBODY, f"/report/later/?unit={GRID}001"),
    Shown("a report's receipt", NOBODY, "/r/{report_receipt}/"),
    Shown("a report's receipt, elder", NOBODY, "/r/{report_receipt}/", True),
    Shown("reports of a district for everyone", NOBODY, f"/a/{DISTRICT}/reports/", drawn=True),
    Shown("reports of a unit for everyone", NOBODY, f"/a/{GRID}001/reports/?state=closed"),
    Shown("no such report", NOBODY, "/r/nobody-has-such-a-receipt/"),
    Shown("no such plate", NOBODY, "/q/no-such-plate/"),
    Shown("sign in", NOBODY, "/accounts/login/"),
    Shown("today, district", "district", "/desk/"),
    Shown("today, grid worker", "grid", "/desk/"),
    Shown("today, elder", "grid", "/desk/", True),
    Shown("district", "district", f"/desk/area/{DISTRICT}/", drawn=True),
    Shown("district, one reason", "district", f"/desk/area/{DISTRICT}/?reason=no_group&page=2"),
    Shown("district before anything was known", "district", f"/desk/area/{DISTRICT}/?on=2018-10-31"),
    Shown("no such day", "district", f"/desk/area/{DISTRICT}/?on=2018-13-31"),
    Shown("no data on that day", "district", f"/desk/area/{DISTRICT}/?on=2001-01-01"),
    Shown("town", "town", f"/desk/area/{TOWN}/"),
    Shown("village", "village", f"/desk/area/{VILLAGE}/"),
    Shown("grid", "grid", f"/desk/area/{GRID}/"),
    Shown("not one's own area", "grid", f"/desk/area/{DISTRICT}/"),
    Shown("unit covered", "district", "/desk/area/{covered}/"),
    Shown("unit with a late election", "district", "/desk/area/{term_over}/"),
    Shown("unit without a group", "district", "/desk/area/{no_group}/"),
    Shown("nothing pending", "district", f"/desk/area/{DISTRICT}/pending/"),
    Shown("organisations", "district", "/desk/organisations/"),
    Shown("organisations, narrowed", "town", f"/desk/organisations/?kind=group&area={TOWN}"),
    Shown("organisations, none", "town", "/desk/organisations/?q=没有这个组织"),
    Shown("a branch with names", "village", f"/desk/organisations/Z{GRID}/"),
    Shown("a branch without names", "grid", f"/desk/organisations/Z{GRID}/"),
    Shown("a committee", "district", "/desk/organisations/W510113/"),
    Shown("members", "village", "/desk/members/"),
    Shown("members, nobody to keep", "grid", "/desk/members/"),
    Shown("somebody joins", "village", "/desk/members/join/"),
    Shown("a member", "village", "/desk/members/of/P510113001001-0001/"),
    Shown("transfers", "village", "/desk/transfers/"),
    Shown("changes of organisations", "town", "/desk/changes/"),
    Shown("a change is asked for", "village", f"/desk/organisations/Z{GRID}/ask/dissolve/"),
    Shown("elections due", "town", "/desk/elections/"),
    Shown("an election is written down", "village", f"/desk/organisations/Z{GRID}/election/"),
    Shown("guests of a grid", "village", f"/desk/area/{GRID}/guests/"),
    Shown("guests, without names", "grid", f"/desk/area/{GRID}/guests/"),
    Shown("the rules of an area", "village", "/desk/area/{village}/rules/"),
    Shown("in step", "village", "/desk/area/{village}/in-step/"),
    Shown("in step, since a day", "district", f"/desk/area/{DISTRICT}/in-step/?since=2018-10-01"),
    Shown("my reminders", "village", "/desk/reminders/"),
    Shown("my reminders, nothing due", "grid", "/desk/reminders/"),
    Shown("a roster", "village", f"/desk/area/{GRID}/roster/"),
    Shown("posts of a district", "district", f"/desk/area/{DISTRICT}/posts/"),
    Shown("posts of a village", "village", f"/desk/area/{VILLAGE}/posts/"),
    Shown("posts of a grid without names", "grid", f"/desk/area/{GRID}/posts/"),
    Shown("a post is given", "village", f"/desk/area/{GRID}/posts/give/?role=grid_worker"),
    Shown("which post is given", "village", f"/desk/area/{GRID}/posts/give/"),
    Shown("a leader is given", "village", f"/desk/organisations/Z{GRID}/posts/give/?role=secretary"),
    Shown("a post that isn't there", "village", "/desk/posts/999999999/"),
    Shown("bookings", "village", "/desk/area/{village}/bookings/"),
    Shown("bookings of a day", "village", "/desk/area/{village}/bookings/?view=day"),
    Shown("bookings, looking only", "grid", f"/desk/area/{GRID}/bookings/"),
    Shown("a booking", "village", "/desk/bookings/{booking}/"),
    Shown("dead corners of a district", "district", f"/desk/area/{DISTRICT}/dead-corners/?reason=none&page=2"),
    Shown("dead corners of a village", "village", "/desk/area/{village}/dead-corners/", drawn=True),
    Shown("dead corners before anything was known", "district", f"/desk/area/{DISTRICT}/dead-corners/?on=2018-10-31"),
    Shown("use of the places of a town", "town", f"/desk/area/{TOWN}/use/"),
    Shown("use of the places, none", "district", f"/desk/area/{DISTRICT}/use/?month=2018-09"),
    Shown("venues of a village", "village", "/desk/area/{village}/venues/"),
    Shown("venues of a village, none fits", "village", "/desk/area/{village}/venues/?kind=micro_venue&state=closed"),
    Shown("a venue", "village", "/desk/venues/{place}/"),
    Shown("a venue, looking only", "grid", "/desk/venues/{place}/"),
    Shown("a venue's facts", "village", "/desk/venues/{place}/facts/"),
    Shown("a venue's hours", "village", "/desk/venues/{place}/hours/"),
    Shown("a venue's rooms", "village", "/desk/venues/{place}/rooms/"),
    Shown("a venue's room", "village", "/desk/venues/{place}/rooms/?room={room}"),
    Shown("a venue's photos", "village", "/desk/venues/{place}/photos/"),
    Shown("premises of a district", "district", f"/desk/area/{DISTRICT}/premises/"),
    Shown("premises, narrowed", "village", "/desk/area/{village}/premises/?consent=no"),
    Shown("which room is booked at the desk", "village", "/desk/venues/{place}/book/"),
    Shown("a room is booked at the desk", "village", "/desk/venues/{place}/book/?room={room}"),
    Shown("matters", "village", "/desk/reports/"),
    Shown("matters of a grid worker", "grid", "/desk/reports/"),
    Shown("matters, none fits", "town", "/desk/reports/?q=没有这件事"),
    Shown("matters, late in lower hands", "district", "/desk/reports/?late=below"),
    Shown("matters, the nearest first", "village", "/desk/reports/near/"),
    Shown("matters, a saved list may be made", "grid", "/desk/reports/?late=late"),
    Shown("templates of answers", "village", "/desk/report-templates/"),
    Shown("a matter is written down", "village", "/desk/reports/tell/"),
    Shown("a matter is written down, the place is looked for", "district", "/desk/reports/tell/"),
    Shown("a matter at the desk", "village", "/desk/reports/{report}/"),
    Shown("a matter that isn't there", "grid", "/desk/reports/00000000-0000-0000-0000-000000000000/"),
    Shown("survey", "village", "/desk/survey/"),
    Shown("survey, without the duty", "grid", "/desk/survey/"),
    Shown("plans", "town", "/desk/plans/"),
    Shown("plans, none yet", "grid", "/desk/plans/"),
    Shown("a plan", "town", "/desk/plans/{proposal}/"),
    Shown("a plan, who may not adopt", "district", "/desk/plans/{proposal}/?page=9"),
    Shown("a village's plan", "town", "/desk/plans/{proposal}/{village}/", drawn=True),
    Shown("a village's plan, another arrangement", "town", "/desk/plans/{proposal}/{village}/?point=1"),
    Shown("heads of a village's grids", "town", "/desk/plans/{proposal}/{village}/heads/"),
    Shown("two plans", "town", "/desk/plans/compare/?a={proposal}&b={proposal}"),
    Shown("rooms of a plan", "town", "/desk/plans/{rooms}/venues/"),
    Shown("rooms of a plan, elder", "town", "/desk/plans/{rooms}/venues/", True),
    Shown("rooms of a plan, further on", "district", "/desk/plans/{rooms}/venues/?left=2&units=2"),
    Shown("rooms of a plan, none asked for", "town", "/desk/plans/{proposal}/venues/"),
    Shown("the password", "village", "/accounts/password/change/"),
    Shown("the second step", "village", "/accounts/2fa/"),
]


def address(shown: Shown, served: Served) -> str:
    """Fill in the units of this demo."""
    gaps = {gap["code"] for gap in served.coverage["gaps"]}
    covered = next(code for code in (f"{GRID}{n:03d}" for n in range(1, 9)) if code not in gaps)
    codes = {reason: served.gap(reason)["code"] for reason in ("no_group", "term_over")}
    plans = {key: served.coverage[key] for key in ("proposal", "rooms")}
    return shown.path.format(
        covered=covered, village=VILLAGE, **plans, **codes, **served.coverage["venue"], **served.coverage["matter"]
    )
