"""The part of allauth this house uses: no sign-up, no e-mail, no password by mail."""

from allauth.account import views
from allauth.socialaccount import views as socialaccount_views
from django.urls import include, path
from django.views.generic import RedirectView, TemplateView

from weiduan.doors.my_account import mine
from weiduan.doors.sessions import LogoutView

# Whoever forgot the password asks a colleague: a reset by mail would let in whoever reads the mail.
forgotten = TemplateView.as_view(template_name="account/password_reset.html", http_method_names=["get", "head"])

# Whoever has none signs in by the provider; a colleague gives a first one where it is needed.
without_password = RedirectView.as_view(pattern_name="account_mine", http_method_names=["get", "head"])

urlpatterns = [
    path("", mine, name="account_mine"),
    path("login/", views.login, name="account_login"),
    path("logout/", LogoutView.as_view(), name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", without_password, name="account_set_password"),
    path("password/reset/", forgotten, name="account_reset_password"),
    path("signup/", views.signup, name="account_signup"),
    path("2fa/", include("allauth.mfa.urls")),
    path("", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("elsewhere/cancelled/", socialaccount_views.login_cancelled, name="socialaccount_login_cancelled"),
    path("elsewhere/error/", socialaccount_views.login_error, name="socialaccount_login_error"),
    path("sessions/", include("allauth.usersessions.urls")),
]
