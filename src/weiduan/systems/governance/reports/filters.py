"""Lists somebody looks at often, each under a name of one's own; nobody else ever sees them."""

from datetime import datetime
from urllib.parse import urlencode

from django.db import transaction
from django.utils.encoding import uri_to_iri
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.actions import record

from .lists import Narrowing
from .models import SavedFilter

LONGEST_NAME, LONGEST_QUERY, MOST_FILTERS = 20, 300, 12
# What a list is narrowed by → how it is called in the address of the list.
PARAMETERS = {"state": "state", "late": "late", "category": "category", "area": "area", "words": "q"}


def query_of(wanted: Narrowing) -> str:
    """Return a narrowing as the end of an address, of what narrows alone; Chinese stays as it is written, which is shorter."""
    told = {name: getattr(wanted, field) for field, name in PARAMETERS.items()}
    return uri_to_iri(urlencode({name: value for name, value in told.items() if value}))


@transaction.atomic
def keep_filter(name: str, wanted: Narrowing, *, by: User, at: datetime) -> SavedFilter:
    """Keep a narrowed list under a name; one of this name is replaced.

    name  1 to 20 characters

    :raises BadInput: no name, too long a one, nothing narrowed, too many words, or there are twelve already
    """
    User.objects.select_for_update().get(pk=by.pk)  # two at once can't come to be thirteen
    called, query = name.strip(), query_of(wanted)
    if not 0 < len(called) <= LONGEST_NAME:
        raise BadInput(_("Give it a name of at most %(n)s characters."), n=LONGEST_NAME)
    if not query:
        raise BadInput(_("Narrow the list first; then it can be saved under a name."))
    if len(query) > LONGEST_QUERY:
        raise BadInput(_("These are too many words to save. Use fewer."))
    own = SavedFilter.objects.filter(user=by)
    if own.exclude(name=called).count() >= MOST_FILTERS:
        raise BadInput(_("You have %(n)s saved lists. Take one away first."), n=MOST_FILTERS)
    saved, _made = SavedFilter.objects.update_or_create(user=by, name=called, defaults={"query": query})
    record(what="report_filter.kept", about=saved, by=by, at=at)
    return saved


@transaction.atomic
def remove_filter(key: int, *, by: User, at: datetime) -> None:
    """Take away one of one's own saved lists.

    :raises NotFound: there is none; of others' not even their existence is told
    """
    found = SavedFilter.objects.select_for_update().filter(pk=key, user=by).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    record(what="report_filter.removed", about=found, by=by, at=at)
    found.delete()


def filters_of(user: User) -> list[SavedFilter]:
    """Return somebody's own saved lists, in the order they were made."""
    return list(SavedFilter.objects.filter(user=user).order_by("pk"))
