"""What a message to whoever told a report says: its number, what happened, where to look. Never what it is about, or where."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

HAPPENED = {
    "accept": gettext_lazy("it was taken up"), "answer": gettext_lazy("there is an answer"),
    "not_ours": gettext_lazy("it was passed on to somebody else"),
    "join": gettext_lazy("it goes on together with another report of the same matter"),
    "pause": gettext_lazy("its clock was stopped, with a reason"),
}  # fmt: skip


def words_of(number: str, what: str) -> tuple[str, str]:
    """Return title and text of a message about a step, in the language of the site."""
    with translation.override(settings.LANGUAGE_CODE):
        told = {"number": number, "what": HAPPENED[what]}
        title = _("Your report %(number)s") % told
        return title, _("Your report %(number)s: %(what)s. The address you saved when you told it leads to it.") % told
