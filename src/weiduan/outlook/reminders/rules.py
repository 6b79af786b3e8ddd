"""Where a message may go, and when it goes again.

Nobody names a host: an address is taken apart and only the key or mailbox in it is kept, so that no channel can be made
to ask something of this machine's own network.
"""

import re
from datetime import timedelta
from enum import StrEnum

MOST_CHANNELS = 5
# A message under way for longer than this was cut off; it goes again.
CUT_OFF_AFTER = timedelta(minutes=10)


class ChannelKind(StrEnum):
    EMAIL = "email"
    WECOM = "wecom"
    DINGTALK = "dingtalk"


class State(StrEnum):
    SENDING = "sending"  # written before it goes
    SENT = "sent"
    FAILED = "failed"  # goes again with the next run


_EMAIL = re.compile(r"(?:mailto:)?([A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,60}(?:\.[A-Za-z0-9-]{1,60}){1,5})")
_WECOM = re.compile(r"(?:https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=|wecombot://)([A-Za-z0-9_-]{8,80})/?")
_DINGTALK = re.compile(
    r"(?:https://oapi\.dingtalk\.com/robot/send\?access_token=|dingtalk://(?:([A-Za-z0-9]{8,128})@)?)([A-Za-z0-9]{8,128})/?"
)


def read_address(text: str) -> tuple[ChannelKind, str] | None:
    """Return the kind of a channel and its address as it is kept; None for anything but the three kinds."""
    text = text.strip()
    if found := _EMAIL.fullmatch(text):
        return ChannelKind.EMAIL, f"mailto:{found[1]}"
    if found := _WECOM.fullmatch(text):
        return ChannelKind.WECOM, f"wecombot://{found[1]}/"
    if found := _DINGTALK.fullmatch(text):
        secret = f"{found[1]}@" if found[1] else ""
        return ChannelKind.DINGTALK, f"dingtalk://{secret}{found[2]}/"
    return None


def masked(address: str) -> str:
    """Return of an address as much as its owner needs to tell it from another."""
    if address.startswith("mailto:"):
        mailbox, _at, host = address.removeprefix("mailto:").partition("@")
        return f"{mailbox[:1]}…@{host}"
    return f"…{address.rstrip('/')[-4:]}"
