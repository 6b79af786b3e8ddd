"""What people read of opinions."""

from django.utils.translation import gettext_lazy

from weiduan.systems.governance.opinions.rules import Removed

RULE_TITLES = {
    Removed.PERSON.value: gettext_lazy("it tells who somebody is, or where somebody lives"),
    Removed.INSULT.value: gettext_lazy("it insults somebody"),
    Removed.UNLAWFUL.value: gettext_lazy("it is against the law"),
    Removed.ADVERT.value: gettext_lazy("it advertises something"),
    Removed.ELSEWHERE.value: gettext_lazy("it is about something else"),
}
