"""How allauth behaves here."""

from allauth.account.adapter import DefaultAccountAdapter


class StaffOnlyAdapter(DefaultAccountAdapter):
    """Accounts are opened by colleagues, never by signing up."""

    def is_open_for_signup(self, request) -> bool:
        return False
