"""An account from its first password to signing in with a passkey alone; the browser plays the device."""

import re

import pytest

from .served import weiduan

NAME, FIRST, OWN = "passkey-holder", "a first password that others know", "one that only its owner knows"
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def page(readers):
    """A window with a device that knows passkeys."""
    page = readers.page()
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return page


def _sign_in(page, at, password):
    page.goto(at + "/accounts/login/?next=/desk/organisations/")
    page.fill("[name=login]", NAME)
    page.fill("[name=password]", password)
    page.click("main button[type=submit]")


def _arrives(page, path):
    page.wait_for_url(re.compile(r"^\w+://[^/]+" + path))
    assert page.evaluate("window.refusedByPolicy") == []


def test_an_account_comes_from_its_first_password_to_a_passkey_that_signs_in_alone(page, served):
    at = served.url.replace("127.0.0.1", "localhost")  # a passkey is bound to a name; an address of digits is none
    weiduan(served.env, "user", "add", NAME, "--password", FIRST)
    weiduan(served.env, "mandate", "add", NAME, "look", "--since", "2020-01-01")

    _sign_in(page, at, FIRST)
    _arrives(page, "/accounts/password/change/")
    for field, typed in (("oldpassword", FIRST), ("password1", OWN), ("password2", OWN)):
        page.fill(f"[name={field}]", typed)
    page.click("main button[type=submit]")
    page.wait_for_load_state()
    page.goto(at + "/desk/organisations/")
    _arrives(page, "/desk/organisations/")

    page.goto(at + "/accounts/2fa/webauthn/add/")
    page.fill("[name=password]", OWN)
    page.click("main button[type=submit]")
    page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    _arrives(page, "/accounts/2fa/recovery-codes/")

    page.context.clear_cookies()
    page.goto(at + "/accounts/login/?next=/desk/organisations/")
    page.click("#passkey_login")
    _arrives(page, "/desk/organisations/")

    page.context.clear_cookies()
    _sign_in(page, at, OWN)
    _arrives(page, "/accounts/2fa/authenticate/")
    page.click("#mfa_webauthn_authenticate")
    _arrives(page, "/desk/organisations/")
