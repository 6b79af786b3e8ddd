"""What is handed over when a post ends: written down with its end, ticked off one by one."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.actions import Deed, record_many
from weiduan.systems.organisation.members.daily import NotNow, not_in_the_future

from .actions import By
from .models import HandoverItem, Post
from .queries import code_of

LONGEST = 200
MOST = 30


def write_handover(post: Post, whats: Iterable[str]) -> list[HandoverItem]:
    """Write down what is handed over with a post that ended; empty lines and repetitions are left out.

    :raises BadInput: too many things, or one that takes too many words
    """
    things = list(dict.fromkeys(text for what in whats if (text := what.strip())))
    if len(things) > MOST or any(len(thing) > LONGEST for thing in things):
        raise BadInput(
            _("A list has at most %(most)s things of at most %(longest)s characters each."), most=MOST, longest=LONGEST
        )
    return HandoverItem.objects.bulk_create([HandoverItem(post=post, what=thing) for thing in things])


@transaction.atomic
def tick_handover(key: int, *, on: date, by: By, at: datetime) -> HandoverItem:
    """Tick a thing off: it is handed over.

    :raises NotFound: there is no such thing
    :raises NotAllowed: `by` does not keep the organisations there
    :raises NotNow: it is ticked already
    """
    item = (
        HandoverItem.objects.select_for_update(of=("self",)).select_related("post__organisation").filter(pk=key).first()
    )
    if item is None:
        raise NotFound(_("There is nothing here that you may see."))
    post = item.post
    code = code_of(post, on=local_day(at))
    require(by, Duty.KEEP_ORGANISATION, in_area=code, at=at)
    not_in_the_future(on, at)
    if item.done_on is not None:
        raise NotNow(_("It was handed over on %(day)s already."), day=item.done_on)
    item.done_on = on
    item.save(update_fields=["done_on"])
    left = HandoverItem.objects.filter(post=post, done_on=None).count()
    told = {"role": post.role, "left": left}
    deed = Deed("post.handed_over", "organisation.person", str(post.person_id), code, None, told)
    record_many([deed], by=by, at=at)
    return item
