"""How allauth behaves here."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.utils.translation import gettext_lazy as _


class StaffOnlyAdapter(DefaultAccountAdapter):
    """Accounts are opened by colleagues, never by signing up."""

    def is_open_for_signup(self, request) -> bool:
        return False


class PlainSpokenMFAAdapter(DefaultMFAAdapter):
    """Says what to do when a code is wrong."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right. Type the one the app shows now."),
    }
