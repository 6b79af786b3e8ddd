"""Signing in by a provider elsewhere: it stands for the password of an account that exists, and for nothing else."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import NotAllowed

from .queries import find_account


class ElsewhereAdapter(DefaultSocialAccountAdapter):
    """Finds the account by one claim each time; nothing the provider tells of a person is kept."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Sign in by the claim, through the second factor as after a password.

        :raises NotAllowed: no open account is called so
        """
        told = sociallogin.account.extra_data
        name = (told.get("id_token") or told.get("userinfo") or {}).get(settings.OIDC_CLAIM)
        user = find_account(name) if isinstance(name, str) and name else None
        if user is None or not user.is_active:
            raise NotAllowed(_("No account here belongs to who you are there. Ask whoever manages the accounts."))
        if request.user.is_authenticated:
            get_adapter().logout(request)
        record_authentication(request, user, "socialaccount", provider=sociallogin.account.provider)
        login = Login(user=user, redirect_url=sociallogin.get_redirect_url(request))
        raise ImmediateHttpResponse(perform_login(request, login))
