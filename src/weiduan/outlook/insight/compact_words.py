"""What people read of compacts and charters."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy

from weiduan.ground.territory.queries import names_by_area
from weiduan.systems.governance.compacts.models import Compact, Version
from weiduan.systems.governance.compacts.queries import standings
from weiduan.systems.governance.compacts.rules import LINE, NEXT, Kind, Stage

KIND_TITLES = {
    Kind.COMPACT.value: gettext_lazy("compact"), Kind.CHARTER.value: gettext_lazy("charter"),
    Kind.PROCEDURE.value: gettext_lazy("rules of procedure"),
}  # fmt: skip
STAGE_TITLES = {
    Stage.OPINIONS.value: gettext_lazy("opinions are heard"), Stage.DRAFTING.value: gettext_lazy("the draft is written"),
    Stage.REVIEW.value: gettext_lazy("an office looks at it"), Stage.VOTE.value: gettext_lazy("it is voted on"),
    Stage.FILING.value: gettext_lazy("it is filed"), Stage.IN_FORCE.value: gettext_lazy("in force"),
    Stage.REPLACED.value: gettext_lazy("replaced"), Stage.GIVEN_UP.value: gettext_lazy("given up"),
}  # fmt: skip
STAGE_TAGS = {Stage.IN_FORCE.value: "ok", Stage.REPLACED.value: "", Stage.GIVEN_UP.value: ""}
MOVE_TITLES = {
    Stage.OPINIONS: gettext_lazy("Hear opinions again"), Stage.DRAFTING: gettext_lazy("Write the draft"),
    Stage.REVIEW: gettext_lazy("Ask an office to look at it"), Stage.VOTE: gettext_lazy("Put it to the vote"),
    Stage.FILING: gettext_lazy("File it"), Stage.IN_FORCE: gettext_lazy("Put it in force"),
    Stage.GIVEN_UP: gettext_lazy("Give it up"),
}  # fmt: skip


def stage_line(version: Version) -> list[dict[str, Any]]:
    """Return the whole way of a version as a page shows it: each stage's title, and whether it is reached."""
    stage = Stage(version.stage)
    reached = LINE.index(stage) if stage in LINE else len(LINE) - 1 if stage is Stage.REPLACED else -1
    return [
        {"title": STAGE_TITLES[one.value], "done": number <= reached, "is_here": one is stage}
        for number, one in enumerate(LINE)
    ]


def moves_of(version: Version) -> list[Stage]:
    """Return where somebody may move a version; forward first. What replaces it does so by itself."""
    return [to for to in NEXT[Stage(version.stage)] if to is not Stage.REPLACED]


def compact_rows(compacts: Iterable[Compact], *, on: date) -> list[dict[str, Any]]:
    """Return compacts as lists show them: the area, what is in force, what is under way."""
    found = standings(compacts, on=on)
    areas = names_by_area({one.compact.area_id for one in found}, on=on)
    return [
        {
            "standing": one, "area": areas.get(one.compact.area_id), "kind": KIND_TITLES[one.compact.kind],
            "word": STAGE_TITLES[one.under_way.stage] if one.under_way else "",
        }
        for one in found
    ]  # fmt: skip


def version_told(version: Version) -> tuple[Any, str]:
    """Return the words and the state of a version's stage."""
    return STAGE_TITLES[version.stage], STAGE_TAGS.get(version.stage, "go")
