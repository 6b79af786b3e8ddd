"""Hand one short message over to somebody who left an address or a number, by mail or by SMS.

Neither the address nor what was said to it comes into a log: what a log shows is masked, and errors of a library, which may
name the address, are told only by their kind.
"""

import json
import re
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

CONSOLE = "console"
WAIT_S = 10
NO_MAIL = "weiduan.ground.base.messages.MaskedConsole"

_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,60}(?:\.[A-Za-z0-9-]{1,60}){1,5}")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[ -]?)?(1[3-9]\d[ -]?\d{4}[ -]?\d{4})(?!\d)")


class NotTaken(Exception):
    """The message was not taken, or nobody knows whether it was; the same may be tried again under the same key."""


class Way(StrEnum):
    MAIL = "mail"
    SMS = "sms"


@dataclass(frozen=True)
class Target:
    """Where a message goes."""

    way: Way
    address: str


def target_in(contact: str) -> Target | None:
    """Find an e-mail address or a mobile number in what somebody left, whatever stands around it; None where there is neither.

    With both, the way that is set up here is taken, else the mail.
    """
    plain = unicodedata.normalize("NFKC", contact)
    mail, mobile = _MAIL.search(plain), _MOBILE.search(plain)
    found = [Target(Way.MAIL, mail[0])] if mail else []
    found += [Target(Way.SMS, re.sub(r"\D", "", mobile[1]))] if mobile else []
    return next((target for target in found if _is_set_up(target.way)), found[0] if found else None)


def _is_set_up(way: Way) -> bool:
    return settings.EMAIL_BACKEND != NO_MAIL if way is Way.MAIL else settings.SMS_URL != CONSOLE


def send(target: Target, *, title: str, text: str, key: str) -> None:
    """Send a message; one sent again under the same key is the same message, and whoever honours keys delivers it once.

    :raises NotTaken: it was not taken, or the answer did not come
    """
    if target.way is Way.MAIL:
        _mail(target.address, title, text, key)
    elif settings.SMS_URL == CONSOLE:
        _told_here(f"SMS to {masked(target.address)} ({key}): {text}")
    else:
        _sms(target.address, text, key)


def masked(address: str) -> str:
    """Return the little of an address that may stand in a log."""
    if "@" in address:
        name, host = address.rsplit("@", 1)
        return f"{name[:1]}***@***.{host.rsplit('.', 1)[-1]}"
    return f"{address[:3]}****"


def _mail(address: str, title: str, text: str, key: str) -> None:
    site = settings.DEFAULT_FROM_EMAIL.rstrip(">").rsplit("@", 1)[-1]
    message = EmailMessage(title, text, to=[address], headers={"Message-ID": f"<{key}@{site}>"})
    try:
        taken = message.send()
    except Exception as error:  # of smtplib, ssl, socket; their texts may hold the address
        raise NotTaken(type(error).__name__) from None
    if not taken:
        raise NotTaken("nobody took it")


def _sms(number: str, text: str, key: str) -> None:
    body = json.dumps({"to": number, "text": text, "id": key}, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": key}
    if settings.SMS_TOKEN:
        headers["Authorization"] = f"Bearer {settings.SMS_TOKEN}"
    try:
        with build_opener(_Stay).open(Request(settings.SMS_URL, body, headers), timeout=WAIT_S) as answer:
            answer.read(1)
    except (OSError, HTTPException) as error:
        raise NotTaken(f"{type(error).__name__} {getattr(error, 'code', '')}".strip()) from None


class _Stay(HTTPRedirectHandler):
    """Follows the gateway nowhere else: number and token are for it alone."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


class MaskedConsole(BaseEmailBackend):
    """Django's mail, where no mail server is set up: a line that says a mail would have gone, without to whom."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Print a line each; return how many."""
        for message in email_messages:
            _told_here(f"mail to {', '.join(masked(each) for each in message.recipients())}: {message.subject}")
        return len(email_messages)


def _told_here(line: str) -> None:
    print(f"[not sent, no gateway is set up] {line}", file=sys.stdout, flush=True)
