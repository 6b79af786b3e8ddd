"""The figures once more, from plain SELECTs and plain Python: what the third and the fourth zero and the months of reports must say.

Written apart from the product's own queries on purpose; it knows the tables, and the rules as docs/rules.md tells them.
"""

import json
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from django.db import connection

CHINA = ZoneInfo("Asia/Shanghai")
CLOSED_AS = {
    "confirmed": "confirmed",
    "no_word": "no_word",
    "joined": "left_out",
    "not_ours": "left_out",
    "withdrawn": "left_out",
}


def rows(sql: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def moment(value: Any) -> datetime | None:
    if value is None:
        return None
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def day(value: Any) -> date | None:
    return value if value is None or isinstance(value, date) else date.fromisoformat(value)


def midnight(on: date) -> datetime:
    return datetime.combine(on, time.min, CHINA)


def key(value: Any) -> str:
    return str(value).replace("-", "")


def codes_on(on: date) -> dict[int, str]:
    """Area key → code, of a day."""
    found = rows("SELECT area_id, code, since, until FROM territory_areaversion")
    return {
        row["area_id"]: row["code"]
        for row in found
        if day(row["since"]) <= on and (row["until"] is None or day(row["until"]) > on)
    }


def reports() -> list[dict[str, Any]]:
    """Everything told, without what was told in confidence."""
    found = rows("""
        SELECT area_id, category_id, state, told_at, due_at, paused_at, answered_at, closed_at
        FROM governance_report
        WHERE NOT in_confidence
    """)
    for row in found:
        for name in ("told_at", "due_at", "paused_at", "answered_at", "closed_at"):
            row[name] = moment(row[name])
    return found


def months(code: str, on: date) -> Counter[tuple[date, int, str]]:
    """(month, category, measure) → how many, of an area and all below it as the ground is on a day."""
    codes, counts = codes_on(on), Counter()

    def add(at: datetime, category: int, measure: str) -> None:
        counts[at.astimezone(CHINA).date().replace(day=1), category, measure] += 1

    for one in reports():
        if not lies_in(codes.get(one["area_id"], ""), code):
            continue
        add(one["told_at"], one["category_id"], "told")
        if one["answered_at"]:
            add(one["answered_at"], one["category_id"], "answered")
            if one["answered_at"] <= one["due_at"]:
                add(one["answered_at"], one["category_id"], "in_time")
        if one["closed_at"]:
            add(one["closed_at"], one["category_id"], CLOSED_AS[one["state"]])
        else:
            add(one["told_at"], one["category_id"], "waiting" if one["state"] == "answered" else "open")
    return counts


def lies_in(code: str, area: str) -> bool:
    prefix = area
    if len(area) == 12 and area.endswith("000"):
        prefix = area[:9] if not area.endswith("000000") else area[:6]
    return code.startswith(prefix)


def governance(on: date, at: datetime) -> dict[str, list[str]]:
    """Code of a unit → what it lacks of the third zero at a moment of a day, in the order of the rules."""
    codes = codes_on(on)
    bodies = {key(b["id"]): b for b in rows("SELECT id, area_id, since, until FROM governance_body") if lasts(b, on)}
    governed = {codes.get(b["area_id"]) for b in bodies.values()}
    in_term = {
        codes.get(bodies[key(t["body_id"])]["area_id"])
        for t in rows("SELECT body_id, since, until, due FROM governance_bodyterm")
        if key(t["body_id"]) in bodies and lasts(t, on) and day(t["due"]) >= on
    }
    agreed = {
        codes.get(v["area_id"])
        for v in rows("""
        SELECT c.area_id, v.stage, v.in_force_from AS since, v.in_force_until AS until
        FROM governance_version v
        JOIN governance_compact c ON c.id = v.compact_id
    """)
        if v["since"] is not None and v["stage"] in ("in_force", "replaced") and lasts(v, on)
    }
    decided = {
        codes.get(t["area_id"])
        for t in rows("SELECT area_id, decided_at FROM governance_topic WHERE decided_at IS NOT NULL")
        if midnight(on - relativedelta(months=12)) <= moment(t["decided_at"]) <= at
    }
    overdue = {
        codes.get(r["area_id"])
        for r in reports()
        if r["told_at"] <= at
        and r["due_at"] < at
        and not any(r[n] and r[n] <= at for n in ("answered_at", "closed_at", "paused_at"))
    }
    found = {}
    for unit in units(codes):
        around = {unit, unit[:15]}
        lacks = [] if around & governed else ["no_body"]
        lacks += ["body_over"] if around & governed and not around & in_term else []
        lacks += [] if around & agreed else ["no_compact"]
        lacks += [] if around & decided else ["not_talked_over"]
        found[unit] = lacks + (["reports_overdue"] if unit in overdue else [])
    return found


def services(on: date, at: datetime) -> dict[str, list[str]]:
    """Code of a unit → what it lacks of the fourth zero at a moment of a day, in the order of the rules."""
    codes, since = codes_on(on), midnight(on - timedelta(days=90))
    reached = Counter(
        codes.get(a["area_id"])
        for a in rows("SELECT area_id, state, ends_at FROM services_activity")
        if a["state"] != "cancelled" and since <= moment(a["ends_at"]) <= at
    )
    places = Counter(
        s["facility_id"]
        for s in rows("""
        SELECT r.facility_id, s.until
        FROM services_functiondates d
        JOIN venues_slot s ON s.booking_id = d.booking_id
        JOIN venues_booking b ON b.id = d.booking_id
        JOIN venues_room r ON r.id = b.room_id
        WHERE s.state = 'held'
    """)
        if since <= moment(s["until"]) <= at
    )
    for one in rows("""
        SELECT s.area_id, s.since, s.until, v.facility_id
        FROM venues_serving s
        JOIN venues_microvenue v ON v.id = s.venue_id
    """):
        if lasts(one, on):
            reached["unit", codes.get(one["area_id"])] += places[one["facility_id"]]
    paid = [
        key(m["project_id"])
        for m in rows("""
        SELECT g.project_id, x.at
        FROM services_milestoneacceptance x
        JOIN services_milestone m ON m.id = x.milestone_id
        JOIN services_projectagreement g ON g.id = m.agreement_id
    """)
        if since <= moment(m["at"]) <= at
    ]
    for one in rows("SELECT project_id, area_id FROM services_projectunit"):
        reached["unit", codes.get(one["area_id"])] += paid.count(key(one["project_id"]))
    answered: dict[str | None, list[bool]] = defaultdict(list)
    for one in reports():
        if one["answered_at"] and since <= one["answered_at"] <= at:
            answered[codes.get(one["area_id"])].append(one["answered_at"] <= one["due_at"])
    said = last_said(on)
    found = {}
    for unit in units(codes):
        lacks = [] if reached["unit", unit] + sum(reached[c] for c in (unit, unit[:15], unit[:12])) else ["no_service"]
        times = answered[unit]
        lacks += ["answered_late"] if times and 100 * sum(times) // len(times) < 90 else []
        lacks += [] if unit in said else ["not_asked"]
        content, could_say, all_answers = said.get(unit, (0, 0, 0))
        lacks += ["not_content"] if all_answers >= 5 and could_say and 100 * content // could_say < 80 else []
        found[unit] = lacks
    return found


def last_said(on: date) -> dict[str | None, tuple[int, int, int]]:
    """Code of a unit → content, could say, answered, of the last questionnaire about it that is closed."""
    codes, last = codes_on(on), {}
    asked = rows("""
        SELECT id, area_id, questions, closes_on
        FROM services_questionnaire
        WHERE about = 'unit' AND state = 'closed'
    """)
    for one in sorted(asked, key=lambda q: day(q["closes_on"])):
        if on - timedelta(days=400) < day(one["closes_on"]) <= on:
            last[codes.get(one["area_id"])] = one
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for row in rows("SELECT questionnaire_id, answer, count FROM services_answercount"):
        counts[key(row["questionnaire_id"])][row["answer"]] += row["count"]
    found = {}
    for code, one in last.items():
        given, questions = counts[key(one["id"])], one["questions"]
        questions = json.loads(questions) if isinstance(questions, str) else questions
        found[code] = (
            given[1] + given[2],
            sum(given.values()) - given[0],
            sum(given.values()) // max(len(questions), 1),
        )
    return found


def lasts(row: dict[str, Any], on: date) -> bool:
    return day(row["since"]) <= on and (row["until"] is None or day(row["until"]) > on)


def units(codes: dict[int, str]) -> list[str]:
    return sorted(code for code in codes.values() if len(code) == 18)
