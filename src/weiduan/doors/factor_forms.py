"""Forms of second factors that differ from the library's."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import TOTP


class ActivateOnce(ActivateTOTPForm):  # type: ignore[misc]  # untyped
    """Sets up the authenticator app; the code typed in for it counts as used, so that it can't sign anybody in afterwards."""

    def clean_code(self) -> str:
        """Take the code, and note that it was taken."""
        code: str = super().clean_code()
        if not TOTP(Authenticator(user=self.user))._mark_code_used(code):
            raise get_adapter().validation_error("incorrect_code")
        return code
