"""What people read of partners, offers and needs."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weiduan.systems.governance.partners.queries import Match

KIND_TITLES = {
    "social": gettext_lazy("social organisation"), "enterprise": gettext_lazy("enterprise"),
    "institution": gettext_lazy("school, hospital, bank or other institution"), "group": gettext_lazy("residents' own group"),
}  # fmt: skip
SORT_TITLES = {
    "room": gettext_lazy("a room"), "hours": gettext_lazy("people's time"), "skill": gettext_lazy("a skill"),
    "money": gettext_lazy("money"), "things": gettext_lazy("things"),
}  # fmt: skip
STATE_TITLES = {
    "proposed": gettext_lazy("put to the partner"), "agreed": gettext_lazy("agreed on"), "done": gettext_lazy("done"),
    "called_off": gettext_lazy("called off"),
}  # fmt: skip
STATE_TAGS = {"proposed": "soon", "agreed": "go", "done": "ok", "called_off": ""}


def reason_of(match: Match) -> str:
    """Say why an offer fits, the nearness first."""
    near = _("given for just this area") if match.is_own_area else _("given for all of %(area)s") % {"area": match.area}
    until = match.span.until
    time = (
        _("from %(since)s until %(until)s") % {"since": match.span.since, "until": until}
        if until
        else _("from %(since)s on") % {"since": match.span.since}
    )
    return _("%(near)s; %(time)s; bears %(left)s more") % {"near": near, "time": time, "left": match.left}
