"""Choose where to be told, and tell what is due.

A message is written down before it goes and marked when it went. One that failed goes again with the next run, and so does
one that was cut off half-way: it may come twice, but it doesn't get lost.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.base import erasures
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.base.sealed import seal
from weiduan.ground.ledger.actions import record

from .models import Channel, Sent
from .queries import ADDRESS_TABLE, Reminder, address_of, due_for
from .rules import CUT_OFF_AFTER, MOST_CHANNELS, ChannelKind, State, read_address
from .sending import send
from .words import digest

CODE_SIGNS = 8
ERASED = "channel"


class NotHere(Refused):
    """This installation sends no such messages."""


class TooMany(Refused):
    """There are as many channels as an account may have."""


class NotDelivered(Refused):
    """The service didn't take the message."""


@transaction.atomic
def add_channel(user: User, address: str, *, at: datetime) -> Channel:
    """Keep, sealed, where an account wants to be told; nothing goes there before it is confirmed.

    address  a mailbox, or the address of a WeCom or DingTalk robot as those show it

    :raises NotHere: messages are switched off on this installation, or it has no mail server
    :raises BadInput: it is none of the three kinds
    :raises TooMany: five are kept already
    """
    if not settings.REMINDERS_ON:
        raise NotHere(
            _("Messages are switched off on this installation; what is due is listed here. Ask whoever runs it.")
        )
    read = read_address(address)
    if read is None:
        raise BadInput(
            _("Give an e-mail address, or the address of a WeCom or DingTalk robot. Nothing else is written to.")
        )
    kind, plain = read
    if kind is ChannelKind.EMAIL and not settings.REMINDERS_MAIL:
        raise NotHere(_("This installation has no mail server. Use a WeCom or DingTalk robot, or ask whoever runs it."))
    User.objects.select_for_update().get(pk=user.pk)
    kept = list(Channel.objects.filter(user=user, until=None))
    if len(kept) >= MOST_CHANNELS:
        raise TooMany(_("You have %(n)s ways already. Remove one first."), n=MOST_CHANNELS)
    if plain in [address_of(channel) for channel in kept]:
        raise BadInput(_("You have this one already."))
    channel = Channel(user=user, kind=kind.value, since=at)
    channel.address = seal(plain, table=ADDRESS_TABLE, pk=str(channel.pk), field="address")
    channel.save()
    record(what="channel.added", about=channel, by=user, at=at, after={"kind": kind.value})
    return channel


def code_of(channel: Channel) -> str:
    """Return what must be typed in to confirm a channel: kept nowhere, and nobody sees it but who reads what came there."""
    told = salted_hmac("reminders.channel", f"{channel.pk}|{channel.since.isoformat()}")
    return told.hexdigest()[:CODE_SIGNS]


def try_channel(key: UUID, *, user: User) -> None:
    """Send a message to try a channel; while it is not confirmed, with the code that confirms it.

    :raises NotFound: the account has no such channel
    :raises NotDelivered: the service didn't take it
    """
    channel = _own(key, user)
    text = _("Messages about what is due come here.")
    if channel.confirmed_at is None:
        text = _("Type this code in on the page of reminders: %(code)s") % {"code": code_of(channel)}
    if not send(address_of(channel), title=_("Weiduan: a test"), text=text):
        raise NotDelivered(_("The message could not be delivered. Check the address, or try again later."))


@transaction.atomic
def confirm(key: UUID, code: str, *, user: User, at: datetime) -> Channel:
    """Let messages go over a channel from now on, for its owner has read the code sent there.

    :raises NotFound: the account has no such channel
    :raises BadInput: that is not the code
    """
    channel = _own(key, user, lock=True)
    if not constant_time_compare(code.strip().lower(), code_of(channel)):
        raise BadInput(_("That is not the code sent there."))
    if channel.confirmed_at is None:
        channel.confirmed_at = at
        channel.save(update_fields=["confirmed_at"])
        record(what="channel.confirmed", about=channel, by=user, at=at)
    return channel


@transaction.atomic
def end_channel(key: UUID, *, user: User, at: datetime) -> None:
    """Send nothing over a channel any more, and forget its address.

    :raises NotFound: the account has no such channel
    """
    channel = _own(key, user, lock=True)
    channel.address, channel.until = b"", at
    channel.save(update_fields=["address", "until"])
    record(what="channel.ended", about=channel, by=user, at=at)
    transaction.on_commit(partial(erasures.note, ERASED, str(channel.pk)))


@transaction.atomic
def erase_again(key: str, *, at: datetime) -> bool:
    """Forget an address that a restored backup brought back; tell whether it was there."""
    channel = Channel.objects.select_for_update().filter(pk=key, until=None).first()
    if channel is None:
        return False
    channel.address, channel.until = b"", at
    channel.save(update_fields=["address", "until"])
    record(what="channel.ended", about=channel, by="clock", at=at)
    return True


def _own(key: UUID, user: User, *, lock: bool = False) -> Channel:
    rows = Channel.objects.select_for_update() if lock else Channel.objects.all()
    channel = rows.filter(pk=key, user=user, until=None).first()
    if channel is None:
        raise NotFound(_("There is nothing here that you may see."))
    return channel


@dataclass(frozen=True)
class Told:
    """What one account was told over one channel, or would be: `went` is None when nothing was sent."""

    user: User
    kind: str
    due: tuple[Reminder, ...]
    went: bool | None


def remind(*, at: datetime, only_look: bool = False) -> Iterator[Told]:
    """Send every account with a confirmed channel one message about what wasn't told there yet; yield each.

    only_look  send and write nothing

    :raises NotHere: messages are switched off on this installation
    """
    if not settings.REMINDERS_ON:
        raise NotHere(_("Messages are switched off. Set WEIDUAN_REMINDERS=on to send them."))
    open_ = Channel.objects.filter(until=None, confirmed_at__isnull=False, user__is_active=True)
    due: tuple[int, list[Reminder]] = (0, [])
    for channel in open_.select_related("user").order_by("user", "since"):
        if due[0] != channel.user_id:
            due = channel.user_id, due_for(channel.user, at=at)
        if only_look:
            fresh = _untold(channel, due[1], at)
            went = None
        else:
            fresh = _claim(channel, due[1], at)
            went = _tell(channel, fresh, at) if fresh else None
        if fresh:
            yield Told(channel.user, channel.kind, tuple(fresh), went)


def _untold(channel: Channel, due: Sequence[Reminder], at: datetime) -> list[Reminder]:
    """Return what is due and neither told over a channel nor on its way there."""
    rows = Sent.objects.filter(channel=channel).exclude(state=State.FAILED.value)
    settled = rows.exclude(state=State.SENDING.value, at__lt=at - CUT_OFF_AFTER)
    told = set(settled.values_list("kind", "number", "stage"))
    return [one for one in due if (one.kind, one.about, one.stage) not in told]


@transaction.atomic
def _claim(channel: Channel, due: Sequence[Reminder], at: datetime) -> list[Reminder]:
    """Write down what is about to be told, so that no other run tells it too."""
    if not Channel.objects.select_for_update().filter(pk=channel.pk, until=None).exists():
        return []
    fresh = _untold(channel, due, at)
    rows = [
        Sent(
            user_id=channel.user_id, channel=channel, kind=one.kind, number=one.about, stage=one.stage,
            state=State.SENDING.value, at=at,
        )
        for one in fresh
    ]  # fmt: skip
    Sent.objects.bulk_create(
        rows, batch_size=200, update_conflicts=True, unique_fields=["kind", "number", "stage", "user", "channel"],
        update_fields=["state", "at"],
    )  # fmt: skip
    return fresh


def _tell(channel: Channel, fresh: Sequence[Reminder], at: datetime) -> bool:
    title, text = digest(fresh, base=settings.REMINDERS_URL)
    went = send(address_of(channel), title=title, text=text)
    state = State.SENT if went else State.FAILED
    with transaction.atomic():
        Sent.objects.filter(channel=channel, state=State.SENDING.value, at=at).update(state=state.value)
        if went:
            record(what="reminders.sent", about=channel, by="job", at=at, after={"things": len(fresh)})
    return went
