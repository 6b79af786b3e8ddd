"""Who is signed in, fetched in one question together with whether the account is a partner's: every page of the desk asks both."""

from allauth.account.auth_backends import AuthenticationBackend

from weiduan.ground.accounts.models import User


class Accounts(AuthenticationBackend):  # type: ignore[misc]  # untyped
    """Asks for the password once, of names nobody has too, so that no answer comes sooner than another.

    Fetches the account of a session; `is_partners` then needs no question of its own.
    """

    def get_user(self, user_id: int) -> User | None:
        """Return the account, None where it has ended."""
        user = User.objects.select_related("partner_account").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
