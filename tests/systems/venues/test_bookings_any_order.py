"""Bookings in any order of deeds, by residents with receipts and by keepers, while time goes on, against plain Python.

The model knows by itself when a room is free, who follows whom and what a group's share is. What it says can't be done must be
refused and leave nothing behind. WEIDUAN_DEEDS says how many deeds (1,500 without it).
"""

import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from unittest import mock
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from tests.any_order import HeldToAModel, run, run_until_each_was_done
from tests.builders import DISTRICT, MONDAY, OTHER_VILLAGE, a_user
from tests.systems.venues.places import DAY, TUESDAY, a_place, a_room, a_wish
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.venues.bookings import actions, deciding
from weiduan.systems.venues.bookings.models import Booking
from weiduan.systems.venues.bookings.queries import moment
from weiduan.systems.venues.bookings.rules import Frequency, Repeat

pytestmark = pytest.mark.django_db
DEEDS = int(os.environ.get("WEIDUAN_DEEDS", "1500"))
DONE: Counter[str] = Counter()
MOVES = ("book", "confirm", "refuse", "cancel", "leave_out", "take_in", "hand_key_over")
QUOTA_H, BUFFER_MIN, DAYS = 6, 15, 3
some, days = st.integers(0, 7), st.integers(0, DAYS - 1)
said = st.sampled_from(["另有安排"] * 4 + [" "])
keepers = st.sampled_from(["keeper", "keeper", "elsewhere"])


@dataclass
class Row:
    """What is known of one booking."""

    room: int
    group: int
    opens: int
    closes: int
    made: int
    state: str = "asked"
    is_out: bool = False
    slots: dict[int, str] = field(default_factory=dict)  # day → state

    def ahead(self, now, states):
        return [day for day, state in self.slots.items() if state in states and _moment(day, self.opens) > now]


def _moment(day, minutes):
    return moment(TUESDAY + day * DAY, minutes)


class AnyOrder(HeldToAModel):
    """Eight receipts, three groups, two rooms of one place: one a keeper confirms and airs after use, one neither."""

    done = DONE

    @initialize()
    def begin(self):
        self.begin_world()
        self.now, self.rows, self.keys, self.turn = MONDAY, {}, {}, 0
        self.by = {
            "keeper": a_user(Duty.KEEP_VENUES, area=DISTRICT),
            "elsewhere": a_user(Duty.KEEP_VENUES, area=OTHER_VILLAGE),
        }

    def is_free(self, room, day, opens, closes, but=None):
        """Tell whether nobody holds a room then, with the airing after each."""
        airs = BUFFER_MIN if room == 0 else 0
        return not any(
            row.room == room and row is not but and row.slots.get(day) == "held" and row.opens < closes + airs and row.closes + airs > opens
            for row in self.rows.values()
        )  # fmt: skip

    def has_share(self, group, hours):
        held = sum(
            len(row.ahead(self.now, {"held"})) * (row.closes - row.opens) / 60 for row in self.rows.values() if row.group == group
        )  # fmt: skip
        return held + hours <= QUOTA_H

    def follow(self, room):
        """Give what became free to whoever waited longest and fits whole."""
        waiting = [row for row in self.rows.values() if row.room == room and row.state == "waiting"]
        for row in sorted(waiting, key=lambda row: row.made):
            wanted = [day for day, state in row.slots.items() if state == "waiting"]
            fits = all(
                _moment(day, row.opens) > self.now and self.is_free(room, day, row.opens, row.closes) for day in wanted
            )
            if fits and self.has_share(row.group, len(wanted) * (row.closes - row.opens) / 60):
                row.slots |= dict.fromkeys(wanted, "held")
                row.state = "asked" if room == 0 else "confirmed"
                DONE["followed"] += 1

    @rule(n=some, room=st.integers(0, 1), day=days, opens=st.integers(7, 19), hours=st.integers(1, 3), group=st.integers(0, 2),
          count=st.integers(1, 2), how=st.sampled_from(["", "", "rest", "wait"]))  # fmt: skip
    def book(self, n, room, day, opens, hours, group, count, how):
        self.now += timedelta(minutes=1)
        self.turn += 1
        opens, closes = opens * 60, (opens + hours) * 60
        wanted = list(range(day, day + count))
        taken = [on for on in wanted if not self.is_free(room, on, opens, closes)]
        held = [on for on in wanted if on not in taken]
        waits = bool(taken) and how == "wait"
        before = self.rows.get(n)
        if before is not None:
            may = (before.room, before.group) == (room, group)
        else:
            may = opens >= 480 and closes <= 1200 and _moment(day, opens) > self.now
            may = may and (not taken or waits or (how == "rest" and bool(held)))
            may = may and (waits or self.has_share(group, len(held) * hours))
        wish = a_wish(
            TUESDAY + day * DAY, opens, closes, what=f"读书会{group}", group=f"组{group}",
            repeat=Repeat(Frequency.DAILY, 1, count) if count > 1 else None,
        )  # fmt: skip
        made = self.tried(
            may, actions.book, self.rooms[room], wish, receipt=f"{n:032x}", rest=how == "rest", wait=how == "wait", by=None
        )  # fmt: skip
        if made is not None and before is None:
            state = "waiting" if waits else "asked" if room == 0 else "confirmed"
            slots = {on: "waiting" if waits else "held" if on in held else "skipped" for on in wanted}
            self.rows[n], self.keys[n] = Row(room, group, opens, closes, self.turn, state, slots=slots), made.pk
        assert made is None or made.pk == self.keys[n]

    def key(self, n):
        return self.keys.get(n, UUID(int=0))

    def confirm(self, n, who):
        row = self.rows.get(n)
        may = row is not None and who == "keeper" and row.state == "asked"
        if self.tried(may, deciding.confirm, self.key(n), by=self.by[who]):
            row.state = "confirmed"

    def give_back(self, row, state):
        row.slots |= dict.fromkeys(row.ahead(self.now, {"held", "waiting"}), "freed")
        row.state = state
        self.follow(row.room)

    def refuse(self, n, who, why):
        row = self.rows.get(n)
        may = row is not None and who == "keeper" and row.state == "asked" and why.strip()
        if self.tried(may, deciding.refuse, self.key(n), why, by=self.by[who]):
            self.give_back(row, "refused")

    def cancel(self, n, m):
        """By the receipt, or with another's."""
        row = self.rows.get(n)
        may = row is not None and n == m and row.ahead(self.now, {"held", "waiting"})
        if self.tried(may, deciding.cancel, self.key(n), receipt=f"{m:032x}", by=None):
            self.give_back(row, "cancelled")

    def leave_out(self, n, day):
        row = self.rows.get(n)
        may = row is not None and day in row.ahead(self.now, {"held"})
        if self.tried(may, deciding.leave_out, self.key(n), TUESDAY + day * DAY, receipt=f"{n:032x}", by=None):
            row.slots[day] = "skipped"
            self.follow(row.room)

    def take_in(self, n, day):
        row = self.rows.get(n)
        may = row is not None and row.state in ("asked", "confirmed") and day in row.ahead(self.now, {"skipped"})
        may = may and self.is_free(row.room, day, row.opens, row.closes, but=row)
        may = may and self.has_share(row.group, (row.closes - row.opens) / 60)
        if self.tried(may, deciding.take_in, self.key(n), TUESDAY + day * DAY, receipt=f"{n:032x}", by=None):
            row.slots[day] = "held"

    def hand_key_over(self, n, back, who):
        row = self.rows.get(n)
        may = row is not None and who == "keeper" and row.state == "confirmed" and row.is_out == back
        if self.tried(may, deciding.hand_key_over, self.key(n), back=back, by=self.by[who]):
            row.is_out = not back

    @rule(n=some, m=some, day=days, who=keepers, said=said, is_own=st.sampled_from([True] * 4 + [False]),
          deed=st.sampled_from(["confirm", "refuse", "cancel", "leave_out", "take_in", "hand_key_over"]))  # fmt: skip
    def decide(self, n, m, day, who, said, is_own, deed):
        """Something is done to a booking, mostly one that is there and by who may."""
        fits = {
            "confirm": lambda row: row.state == "asked",
            "refuse": lambda row: row.state == "asked",
            "cancel": lambda row: row.ahead(self.now, {"held", "waiting"}),
            "leave_out": lambda row: row.ahead(self.now, {"held"}),
            "take_in": lambda row: row.state in ("asked", "confirmed") and row.ahead(self.now, {"skipped"}),
            "hand_key_over": lambda row: row.state == "confirmed",
        }[deed]
        fitting = [key for key, row in sorted(self.rows.items()) if fits(row)]
        n = fitting[n % len(fitting)] if fitting and is_own else n
        row = self.rows.get(n)
        if deed in ("leave_out", "take_in"):
            ahead = row.ahead(self.now, {"held" if deed == "leave_out" else "skipped"}) if row and is_own else []
            getattr(self, deed)(n, ahead[0] if ahead else day)
        elif deed == "cancel":
            self.cancel(n, n if is_own else m)
        elif deed == "refuse":
            self.refuse(n, who, said)
        elif deed == "hand_key_over":
            self.hand_key_over(n, bool(row and row.is_out) == is_own, who)
        else:
            self.confirm(n, who)

    @rule(n=some, group=st.integers(0, 2), room=st.integers(0, 1))
    def crowd(self, n, group, room):
        """Two want the same hour, the second waits, and the first gives it back."""
        first, second = sorted({n, (n + 1) % 8})
        for one, how in ((first, ""), (second, "wait")):
            self.book(one, room, DAYS - 1, 9 + n, 1, group, 1, how)
        self.cancel(first, first)

    @rule(hours=st.sampled_from([1, 5]))
    def wait(self, hours):
        self.now += timedelta(hours=hours)

    @invariant()
    def holds(self):
        if not hasattr(self, "rows"):
            return
        kept = {booking.pk: booking for booking in Booking.objects.prefetch_related("slots")}
        assert set(kept) == set(self.keys.values())
        for n, row in self.rows.items():
            booking = kept[self.keys[n]]
            slots = {(slot.since - _moment(0, row.opens)) // DAY: slot.state for slot in booking.slots.all()}
            assert (booking.state, slots) == (row.state, row.slots)
            assert (booking.key_out_at is not None and booking.key_back_at is None) == row.is_out


@pytest.fixture
def rooms():
    place = a_place(quota_hours=QUOTA_H)
    AnyOrder.rooms = [
        a_room(place, "议事室", confirms=True, buffer_min=BUFFER_MIN), a_room(place, "书吧", confirms=False, buffer_min=0)
    ]  # fmt: skip


def test_in_any_order_a_room_is_whose_it_is_and_what_is_refused_changes_nothing(rooms):
    run_until_each_was_done(AnyOrder, DEEDS, (*MOVES, "followed"))


def test_a_share_that_is_not_counted_is_noticed(rooms):
    """The control: the model sees what it is there to see."""
    with mock.patch.object(actions, "check_share"), pytest.raises(AssertionError):
        run(AnyOrder, DEEDS)
