"""What people read of votes."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weiduan.systems.governance.ballots.counting import OnBasis
from weiduan.systems.governance.ballots.models import Ballot
from weiduan.systems.governance.ballots.rules import ABSTAIN, NO, YES, procedures

STATE_TITLES = {
    "draft": gettext_lazy("being prepared"), "open": gettext_lazy("voting"), "closed": gettext_lazy("counted, objections possible"),
    "final": gettext_lazy("final"), "annulled": gettext_lazy("annulled"),
}  # fmt: skip
STATE_TAGS = {"draft": "", "open": "go", "closed": "soon", "final": "ok", "annulled": "late"}
CHOICE_TITLES = {YES: gettext_lazy("In favour"), NO: gettext_lazy("Against"), ABSTAIN: gettext_lazy("Abstain")}
OF_TITLES = {
    "taking_part": gettext_lazy("of those who take part"), "present": gettext_lazy("of those present"),
    "all": gettext_lazy("of everyone on the roll"),
}  # fmt: skip


def choices_of(ballot: Ballot) -> list[tuple[str, str]]:
    """Return (value, words) of what can be chosen."""
    if not ballot.options:
        return [(value, str(title)) for value, title in CHOICE_TITLES.items()]
    return [
        *((str(n), option) for n, option in enumerate(ballot.options, start=1)),
        (ABSTAIN, str(CHOICE_TITLES[ABSTAIN])),
    ]


def rule_sentences(ballot: Ballot) -> list[str]:
    """Say how a ballot is decided, with where that stands."""
    procedure = procedures()[ballot.procedure]
    rule = procedure.rule
    both = _("heads and area") if rule.by_area else _("heads")
    part, yes = (
        _("more than %(n)s/%(d)s") % {"n": bar.over, "d": bar.under}
        if bar.strict
        else _("at least %(n)s/%(d)s") % {"n": bar.over, "d": bar.under}
        for bar in (rule.part, rule.yes)
    )
    told = [
        procedure.name,
        _("Takes part: %(part)s of everyone, by %(both)s.") % {"part": part, "both": both},
        _("Says yes: %(yes)s %(of)s, by %(both)s.") % {"yes": yes, "of": OF_TITLES[rule.of.value], "both": both},
        _("Source: %(act)s %(article)s") % {"act": procedure.act, "article": procedure.article},
    ]
    if ballot.silence_follows:
        told.append(
            _("By the owners' own rules (%(where)s) silence follows the majority; both counts are shown.")
            % {"where": ballot.silence_follows}
        )
    return told


def square_metres(hundredths: int) -> str:
    """Say an area in square metres, exactly."""
    return f"{hundredths // 100:,}.{hundredths % 100:02d}"


def basis_rows(told: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return the rows of an outcome's table: heads, and where it counts area."""
    if not told:
        return []
    rows = []
    for name, title, say in (("heads", _("heads"), str), ("area", _("area (m²)"), square_metres)):
        one = told[name]
        if one is not None:
            basis = one if isinstance(one, dict) else _as_dict(one)
            rows.append({
                "key": name, "title": title, "part": say(basis["part"]), "part_needed": say(basis["part_needed"]),
                "part_reached": basis["part_reached"],
                "yes": say(basis["yes"]), "yes_needed": say(basis["yes_needed"]), "yes_reached": basis["yes_reached"],
                "missing": say(max(basis["part_needed"] - basis["part"], 0)),
            })  # fmt: skip
    return rows


def _as_dict(one: OnBasis) -> dict[str, Any]:
    return {name: getattr(one, name) for name in OnBasis.__slots__}


def sums_rows(ballot: Ballot, sums: dict[str, Any]) -> list[tuple[str, int, str]]:
    """Return (choice, heads, area) of what was counted, every choice among them."""
    return [(title, *_weight(sums["choices"].get(value, [0, 0]))) for value, title in choices_of(ballot)]


def _weight(weight: list[int]) -> tuple[int, str]:
    return weight[0], square_metres(weight[1])
