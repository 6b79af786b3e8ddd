"""What can be written down about a member: one small form each."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from weiduan.doors.offering import offer
from weiduan.systems.organisation.members.rules import LookedAtFor
from weiduan.systems.organisation.transfers.rules import Leaving, Reason

REASON_TITLES = {
    Reason.RESIDENCE.value: gettext_lazy("lives elsewhere now"),
    Reason.WORK.value: gettext_lazy("works elsewhere now"),
    Reason.OTHER.value: gettext_lazy("another reason"),
}
LEAVING_TITLES = {
    Leaving.DIED.value: gettext_lazy("died"),
    Leaving.RESIGNED.value: gettext_lazy("left the party by own wish"),
    Leaving.EXPELLED.value: gettext_lazy("expelled"),
    Leaving.NOT_CONFIRMED.value: gettext_lazy("probation ended without full membership"),
    Leaving.MISTAKE.value: gettext_lazy("was recorded by mistake"),
}
LOOKED_TITLES = {
    LookedAtFor.MEETING.value: gettext_lazy("to call to a meeting"),
    LookedAtFor.TRANSFER.value: gettext_lazy("because of a transfer"),
    LookedAtFor.IN_TOUCH.value: gettext_lazy("to keep in touch with a member who is away"),
    LookedAtFor.CORRECTION.value: gettext_lazy("to answer a correction"),
    LookedAtFor.URGENT.value: gettext_lazy("an urgent matter"),
}
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class OnForm(forms.Form):
    """The day from which it holds."""

    do = ""
    on = forms.DateField(label=gettext_lazy("From which day"), widget=DAY)

    def __init__(self, data: Any = None, *, today: date, initial: dict[str, Any] | None = None, **options: Any) -> None:
        super().__init__(data, initial={"on": today} | (initial or {}), auto_id=f"id_{self.do}_%s", **options)


class FullForm(OnForm):
    do = "full"


class SuspendForm(OnForm):
    do = "suspend"


class ResumeForm(OnForm):
    do = "resume"


class ContactedForm(OnForm):
    do = "contacted"


class BackForm(OnForm):
    do = "back"


class AskForm(OnForm):
    """Where to: an organisation kept here by its number, or one outside by its name."""

    do = "ask"
    receiver = forms.CharField(
        label=gettext_lazy("Number of the organisation that is to take him or her in"), required=False, max_length=30
    )
    outside = forms.CharField(
        label=gettext_lazy("Or the name of one outside this system"), required=False, max_length=100
    )
    reason = forms.ChoiceField(label=gettext_lazy("Why"), choices=list(REASON_TITLES.items()))
    field_order = ("receiver", "outside", "reason", "on")


class AwayForm(OnForm):
    do = "away"
    keeper = forms.ChoiceField(label=gettext_lazy("Who keeps in touch"))
    field_order = ("keeper", "on")

    def __init__(self, *args: Any, keepers: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "keeper", list(keepers))


class HomeForm(OnForm):
    do = "home"
    home = forms.CharField(
        label=gettext_lazy("Code of the unit he or she lives in"), required=False, max_length=18,
        help_text=gettext_lazy("Eighteen digits, as the unit's page shows them. Empty: not known."),
    )  # fmt: skip
    field_order = ("home", "on")


class LeaveForm(OnForm):
    do = "leave"
    reason = forms.ChoiceField(label=gettext_lazy("Why"), choices=list(LEAVING_TITLES.items()))
    field_order = ("reason", "on")


class RevealForm(forms.Form):
    do = "reveal"
    reason = forms.ChoiceField(label=gettext_lazy("Why"), choices=list(LOOKED_TITLES.items()))


class JoinForm(OnForm):
    """Somebody who joins: on probation, or with the dates of before when coming from outside."""

    do = "join"
    organisation = forms.ChoiceField(label=gettext_lazy("Organisation"))
    name = forms.CharField(label=gettext_lazy("Name of the person"), max_length=40)
    contact = forms.CharField(label=gettext_lazy("Telephone"), required=False, max_length=20)
    number = forms.CharField(
        label=gettext_lazy("Number"), required=False, max_length=30,
        help_text=gettext_lazy("Leave it empty, and one is given. Never an identity number."),
    )  # fmt: skip
    home = HomeForm.base_fields["home"]
    joined_on = forms.DateField(
        label=gettext_lazy("Joined the party on"), required=False, widget=DAY,
        help_text=gettext_lazy("Only for somebody who comes from an organisation outside."),
    )  # fmt: skip
    full_on = forms.DateField(label=gettext_lazy("Full member since"), required=False, widget=DAY)
    field_order = ("organisation", "name", "contact", "number", "home", "on", "joined_on", "full_on")

    def __init__(self, *args: Any, organisations: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "organisation", list(organisations))
