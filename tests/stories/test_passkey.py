"""A passkey, from adding it to signing in with nothing else; the browser plays the device."""

import re

import pytest

from .served import weiduan

NAME, FIRST = "passkey-holder", "a first password that others know"
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def page(readers, served):
    """A window with a device that knows passkeys; those are bound to a name, and an address of digits is none."""
    page = readers.page()
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return page


def test_a_passkey_is_added_and_then_signs_in_alone(page, served):
    at = served.url.replace("127.0.0.1", "localhost")
    weiduan(served.env, "user", "add", NAME, "--password", FIRST)
    weiduan(served.env, "mandate", "add", NAME, "look", "--since", "2020-01-01")
    page.goto(at + "/accounts/login/?next=/desk/")
    page.fill("[name=login]", NAME)
    page.fill("[name=password]", FIRST)
    page.click("main button[type=submit]")
    page.wait_for_url(re.compile(r"//[^/]+/desk/"))

    page.goto(at + "/accounts/2fa/webauthn/add/")
    page.fill("[name=password]", FIRST)
    page.click("main button[type=submit]")
    page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(re.compile(r"//[^/]+/accounts/2fa/recovery-codes/"))
    assert page.evaluate("window.refusedByPolicy") == []

    page.context.clear_cookies()
    page.goto(at + "/accounts/login/?next=/desk/organisations/")
    page.click("#passkey_login")
    page.wait_for_url(re.compile(r"//[^/]+/desk/"))
    assert page.evaluate("window.refusedByPolicy") == []

    page.context.clear_cookies()
    page.goto(at + "/accounts/login/?next=/desk/organisations/")
    page.fill("[name=login]", NAME)
    page.fill("[name=password]", FIRST)
    page.click("main button[type=submit]")
    page.wait_for_url(re.compile(r"//[^/]+/accounts/2fa/authenticate/"))
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url(re.compile(r"//[^/]+/desk/organisations/"))
