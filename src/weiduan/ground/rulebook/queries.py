"""Which local values hold on a day."""

from datetime import date

from django.db.models import Q

from weiduan.ground.accounts.rules import covers, prefix_of

from .models import RuleOverride
from .rules import Override, Rule, rules_in_force


def local_values(area: str, *, on: date) -> dict[str, RuleOverride]:
    """Return rule → the local value that counts in an area on a day: of several that of the smallest area around it."""
    rows = RuleOverride.objects.filter(Q(until__isnull=True) | Q(until__gt=on), since__lte=on)
    around = [row for row in rows if covers(row.area, area)]
    return {row.rule: row for row in sorted(around, key=lambda row: len(prefix_of(row.area)))}


def overrides_on(on: date) -> list[Override]:
    """Return every local value of that day; there are few, so they are read whole."""
    rows = RuleOverride.objects.filter(Q(until__isnull=True) | Q(until__gt=on), since__lte=on)
    return [
        Override(rule, prefix_of(area), value, source)
        for rule, area, value, source in rows.values_list("rule", "area", "value", "source")
    ]


def rules_of(code: str, *, on: date) -> tuple[Rule, ...]:
    """Return the rules that hold in an area on a day, with its own values where it set some."""
    return rules_in_force(area=prefix_of(code), on=on, overrides=overrides_on(on))
