"""What a message about a service says: which activity or shift, what happened, where to look. Never who, and nothing of a wish."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .rules import What

HAPPENED = {
    What.SEATED: gettext_lazy("you have a place"), What.WAITING: gettext_lazy("you are on the waiting list"),
    What.OFFERED: gettext_lazy("a place has become free and is kept for you; say soon whether you take it"),
    What.EXPIRED: gettext_lazy("the place kept for you has gone to the next, because you did not take it"),
    What.ACTIVITY_CHANGED: gettext_lazy("its time or place has changed"),
    What.ACTIVITY_CANCELLED: gettext_lazy("it does not take place"),
    What.SHIFT_CHANGED: gettext_lazy("the time or place of your shift has changed"),
    What.SHIFT_CANCELLED: gettext_lazy("your shift does not take place"),
    What.WISH_OPEN: gettext_lazy("it is shown to those who may fulfil it"),
    What.WISH_CLAIMED: gettext_lazy("somebody will fulfil it"),
    What.WISH_FULFILLED: gettext_lazy("it is fulfilled"),
    What.WISH_DECLINED: gettext_lazy("it can't be shown; the reason is on your page"),
}  # fmt: skip


def words_of(what: What, title: str) -> tuple[str, str]:
    """Return title and text of a message, in the language of the site; `title` is empty for a wish."""
    with translation.override(settings.LANGUAGE_CODE):
        about = _("“%(title)s”") % {"title": title} if title else _("Your small wish")
        told = {"about": about, "what": HAPPENED[what]}
        return about, _("%(about)s: %(what)s. The address you saved then leads to your page.") % told
