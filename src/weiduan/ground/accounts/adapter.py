"""How allauth behaves here: who gets in, what a lock counts, how a second factor is kept."""

import base64
from functools import lru_cache
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .actions import choose_password
from .locks import lock_of_name
from .models import User


class StaffOnlyAdapter(DefaultAccountAdapter):
    """Accounts are opened by colleagues, never by signing up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": _("Too many tries. Wait a quarter of an hour, or ask whoever gives mandates to unlock."),
        "rate_limited": _("Too many tries. Wait a quarter of an hour, or ask whoever gives mandates to unlock."),
        "username_password_mismatch": _("The user name or the password is not right."),
    }  # fmt: skip

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count by account alone: allauth counts each host name apart, and a browser may send any."""
        return lock_of_name(str(credentials.get("username", "")))

    def clean_password(self, password: str, user: Any = None) -> str:
        """Refuse a password that is easy to guess, or the one that was to be changed."""
        cleaned: str = super().clean_password(password, user)
        if user is not None and user.pk and user.check_password(cleaned):
            raise ValidationError(_("Choose another password than the one you have."))
        return cleaned

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Lead on to the desk: whoever had to choose a password wants to begin."""
        return str(settings.LOGIN_REDIRECT_URL)

    def set_password(self, user: Any, password: str) -> None:
        """Keep the password its owner chose."""
        choose_password(user, password, at=timezone.now())

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Whoever has a second factor shows it: a password seen over a shoulder adds and removes none."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        second = [method for method in methods if method["id"] != "reauthenticate"]
        return second or methods

    def reauthenticate(self, user: Any, password: str) -> bool:
        """The same, where a password is posted past the page that isn't offered."""
        return not is_mfa_enabled(user) and bool(super().reauthenticate(user, password))

    def is_safe_url(self, url: Any) -> bool:
        """Tell whether `next` leads to a page of ours; an address that isn't one leads nowhere."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False


class PlainSpokenMFAAdapter(DefaultMFAAdapter):
    """Says what to do when a code is wrong, and keeps no secret of a factor in the clear."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right. Type the one the app shows now."),
    }

    def encrypt(self, text: str) -> str:
        """Seal a secret, so that a copy of the database makes no codes."""
        return _box(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open what `encrypt` sealed, with the key of today or one before it."""
        return _box(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).decrypt(encrypted_text.encode()).decode()

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """Name a passkey by its number; its owner may call it otherwise."""
        number = user.authenticator_set.filter(type=type).count() + 1
        return str(_("Passkey %(number)s") % {"number": number})

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        """Tell the device the user name alone; its number is a handle the device gives back."""
        return super().get_public_key_credential_user_entity(user) | {"name": user.username, "display_name": str(user)}


@lru_cache(maxsize=4)
def _box(*secrets: str) -> MultiFernet:
    """Seal with a key drawn from the first secret, open with any."""
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(secret))) for secret in secrets])


def _derived(secret: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"weiduan second factors").derive(secret.encode())
