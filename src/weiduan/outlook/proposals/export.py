"""A proposal to take away: a workbook for people, GeoJSON for maps, the whole as JSON for whoever checks it."""

from pathlib import Path
from typing import Any, BinaryIO

import shapely
from django.utils.translation import gettext as _

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.workbooks import add_sheet, open_workbook
from weiduan.ground.territory.queries import centres_of, shapes_of
from weiduan.ground.territory.rules import Level

from .models import Proposal
from .words import arrangement, contradiction_sentence, price_rows


def write_proposal(target: Path | BinaryIO, proposal: Proposal, *, demo: bool = False) -> None:
    """Write a proposal as xlsx: villages, units with their reasons, what stays uncovered, grids, rooms, prices, proofs.

    Of a village that was adopted the arrangement adopted is told, else the least change. No person is named.
    """
    note = [
        _("As of %(day)s") % {"day": proposal.on}, _("Demo data: all below village level is modelled.") if demo else "",
        _("Proposal %(key)s") % {"key": proposal.pk},
    ]  # fmt: skip
    plans = [(plan, plan.plan) for plan in proposal.plans.order_by("code")]
    shown = [(row, plan, arrangement(plan, row.adopted_as or 0)) for row, plan in plans if plan["points"]]
    with open_workbook(target) as book:
        add_sheet(book, _("Villages"), _village_heads(), [_village(*each) for each in shown], note=note)
        add_sheet(book, _("Units"), _unit_heads(), [line for each in shown for line in _units(*each)], note=note)
        heads = [_("Village"), _("Unit"), _("Why it stays uncovered")]
        left = [(row.name, unit["name"], unit["why"]) for row, _plan, one in shown for unit in one["left_out"]]
        add_sheet(book, _("Stay uncovered"), heads, left, note=note)
        heads = [_("Village"), _("Grid"), _("Branch planned"), _("Moves")]
        add_sheet(book, _("Grids"), heads, [line for row, plan, _one in shown for line in _grids(row, plan)], note=note)
        if proposal.venues:
            add_sheet(book, _("Rooms"), _room_heads(), _rooms(proposal.venues), note=note)
        heads = [_("Village"), _("Rule"), _("Now"), _("Loosened to"), _("Households more covered"), _("Groups fewer")]
        add_sheet(
            book, _("What rules cost"), heads, [p for row, plan, _o in shown for p in _prices(row, plan)], note=note
        )
        heads = [
            _("Village"),
            _("Figure"),
            _("Reached"),
            _("Bound"),
            _("Proved"),
            _("Solver"),
            _("Seed"),
            _("Sets looked at"),
        ]
        add_sheet(book, _("Proofs"), heads, [line for each in shown for line in _proofs(*each)], note=note)
        refused = [(row.name, contradiction_sentence(plan)) for row, plan in plans if plan.get("contradiction")]
        if refused:
            add_sheet(book, _("Contradictions"), [_("Village"), _("Why")], refused, note=note)


def _village_heads() -> list[str]:
    return [
        _("Code"), _("Village"), _("Units"), _("Groups today"), _("Groups planned"), _("Moves"), _("Stay uncovered"),
        _("Elections to hold"), _("Proved"), _("Adopted on"),
    ]  # fmt: skip


def _village(row: Any, plan: dict[str, Any], one: dict[str, Any]) -> list[Any]:
    return [
        row.code, row.name, len(plan["units"]), one["today"], one["groups"], one["moves"], len(one["left_out"]),
        one["elections"], _yes(one["proved"]), local_day(row.adopted_at) if row.adopted_at else None,
    ]  # fmt: skip


def _unit_heads() -> list[str]:
    return [
        _("Code"),
        _("Village"),
        _("Unit"),
        _("Group today"),
        _("Group planned"),
        _("Moves"),
        _("Why"),
        _("What it gathers"),
    ]


def _units(row: Any, plan: dict[str, Any], one: dict[str, Any]) -> list[list[Any]]:
    return [
        [line["code"], row.name, line["unit"], line["from"], line["to"], _yes(line["moves"]), line["why"], line["body"]]
        for line in one["rows"]
    ]


def _grids(row: Any, plan: dict[str, Any]) -> list[list[Any]]:
    branches = plan.get("branches") or {}
    if not branches.get("points"):
        return []
    return [[row.name, line["unit"], line["to"], _yes(line["moves"])] for line in arrangement(branches, 0)["rows"]]


def _room_heads() -> list[str]:
    return [_("Number"), _("Room"), _("State"), _("Units it serves"), _("Only it reaches")]


def _rooms(venues: dict[str, Any]) -> list[list[Any]]:
    names = [unit["name"] for unit in venues["units"]]
    return [
        [
            room["number"], room["name"], _("new") if room["state"] == "new" else _("there already"),
            "、".join(names[i] for i in room["units"]), "、".join(names[i] for i in room["only"]),
        ]
        for room in venues["rooms"]
    ]  # fmt: skip


def _prices(row: Any, plan: dict[str, Any]) -> list[list[Any]]:
    return [
        [row.name, price["rule"], float(price["before"]), float(price["after"]), price["households"], price["groups"]]
        for price in price_rows(plan)
    ]


def _proofs(row: Any, plan: dict[str, Any], one: dict[str, Any]) -> list[list[Any]]:
    proof = plan["certificate"]
    return [
        [row.name, line["title"], float(line["value"]), float(line["bound"]), _yes(line["proved"]), proof["engine"],
         proof["seed"], proof["sets"]]
        for line in one["levels"]
    ]  # fmt: skip


def _yes(so: bool) -> str:
    return _("yes") if so else _("no")


def features_of(proposal: Proposal) -> dict[str, Any]:
    """Return a FeatureCollection (WGS 84): units with the group planned for them, rooms chosen with what they serve."""
    return {
        "type": "FeatureCollection",
        "features": [
            *(feature for row in proposal.plans.order_by("code") for feature in _unit_features(row, proposal)),
            *_room_features(proposal.venues or {}),
        ],
    }


def _unit_features(row: Any, proposal: Proposal) -> list[dict[str, Any]]:
    plan = row.plan
    if not plan["points"]:
        return []
    shapes = {place.code: shape for place, shape in shapes_of(row.code, on=proposal.on, levels=[Level.UNIT])}
    points = centres_of(row.code, on=proposal.on, level=Level.UNIT)
    lines = {line["code"]: line for line in arrangement(plan, row.adopted_as or 0)["rows"]}
    features = []
    for unit in plan["units"]:
        line = lines.get(unit["code"])
        told = {
            "code": unit["code"], "name": unit["name"], "village": row.name, "households": unit["households"],
            "covered": line is not None, "moves": bool(line and line["moves"]),
            "group_today": line["from"] if line else None, "group_planned": line["to"] if line else None,
        }  # fmt: skip
        shape = shapes.get(unit["code"])
        if shape is None and unit["code"] in points:
            shape = shapely.Point(points[unit["code"]])
        geometry = None if shape is None else shapely.geometry.mapping(shape)
        features.append({"type": "Feature", "id": unit["code"], "geometry": geometry, "properties": told})
    return features


def _room_features(venues: dict[str, Any]) -> list[dict[str, Any]]:
    units = [unit["code"] for unit in venues.get("units", ())]
    return [
        {
            "type": "Feature", "id": room["number"],
            "geometry": {"type": "Point", "coordinates": [room["lon"], room["lat"]]},
            "properties": {"number": room["number"], "name": room["name"], "state": room["state"],
                           "serves": [units[i] for i in room["units"]]},
        }
        for room in venues.get("rooms", ())
    ]  # fmt: skip


def whole(proposal: Proposal) -> dict[str, Any]:
    """Return everything a proposal says, as plain data."""
    return {
        "id": str(proposal.pk), "area": proposal.area, "on": str(proposal.on), "asks": proposal.asks,
        "wishes": proposal.wishes, "venues": proposal.venues,
        "villages": [row.plan for row in proposal.plans.order_by("code")],
    }  # fmt: skip
