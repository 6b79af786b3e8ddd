"""Which local values hold on a day."""

from datetime import date

from django.db.models import Q

from weiduan.ground.accounts.rules import prefix_of

from .models import RuleOverride
from .rules import Override


def overrides_on(on: date) -> list[Override]:
    """Return every local value of that day; there are few, so they are read whole."""
    rows = RuleOverride.objects.filter(Q(until__isnull=True) | Q(until__gt=on), since__lte=on)
    return [
        Override(rule, prefix_of(area), value, source)
        for rule, area, value, source in rows.values_list("rule", "area", "value", "source")
    ]
