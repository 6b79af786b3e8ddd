"""Words to begin an answer with, kept for an area and everything below it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import alive, ancestors_of, area_by_code, area_of, below
from weiduan.systems.governance.categories.queries import choosable

from .models import AnswerTemplate
from .rules import LONGEST_WORDS

LONGEST_TITLE, GRID_DIGITS = 40, 15


def keep_template(
    area: str, title: str, words: str, category: str = "", *, by: User | str, at: datetime
) -> AnswerTemplate:  # fmt: skip
    """Keep words for answers given in an area and below it.

    area      code of a grid, village, town or district
    title     by which it is chosen, 1 to 40 characters; the area has none of that title yet
    words     1 to 1000 characters
    category  code of the one they are for; empty: for all

    :raises NotFound, NotAllowed: `by` has no duty for reports there
    :raises BadInput: no words, too many, no such category, or the title is taken
    """
    try:
        return _kept(area, title.strip(), words.strip(), category, by, at)
    except IntegrityError as error:
        raise BadInput(_("There is one of this title here already. Choose another title.")) from error


@transaction.atomic
def _kept(area: str, title: str, words: str, category: str, by: User | str, at: datetime) -> AnswerTemplate:
    require(by, Duty.HANDLE_REPORTS, in_area=area, at=at)
    if len(area) > GRID_DIGITS:
        raise BadInput(_("Choose another grid, village, town or district."))
    if not 0 < len(title) <= LONGEST_TITLE:
        raise BadInput(_("Give it a title of at most %(n)s characters."), n=LONGEST_TITLE)
    if not 0 < len(words) <= LONGEST_WORDS:
        raise BadInput(_("Write at least one and at most %(n)s characters."), n=LONGEST_WORDS)
    about = choosable(category) if category else None
    seat = area_by_code(area, on=local_day(at)).area_id
    made = AnswerTemplate.objects.create(area_id=seat, category=about, title=title, words=words)
    record(what="report_template.kept", about=made, by=by, at=at, area=area, after={"category": category})
    return made


@transaction.atomic
def remove_template(key: int, *, by: User | str, at: datetime) -> None:
    """Remove words kept for answers; answers given with them stay as they are.

    :raises NotFound, NotAllowed: there are none such, or `by` has no duty for reports there
    """
    found = AnswerTemplate.objects.select_for_update().filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    code = area_of(found.area_id, on=local_day(at)).code
    require(by, Duty.HANDLE_REPORTS, in_area=code, at=at)
    record(what="report_template.removed", about=found, by=by, at=at, area=code)
    found.delete()


def templates_for(codes: Sequence[str], category: int, *, on: date) -> list[AnswerTemplate]:
    """Return what an answer about a category may begin with: kept for it or for all, in one of these areas; one query.

    codes     mostly an area and those above it
    category  key of the category
    """
    here = AreaVersion.objects.filter(alive(on), code__in=list(codes)).values("area_id")
    fits = Q(category__isnull=True) | Q(category=category)
    return list(AnswerTemplate.objects.filter(fits, area__in=here).order_by("title", "pk"))


def templates_seen_in(codes: Iterable[str], *, on: date) -> list[AnswerTemplate]:
    """Return what is kept for these areas, those above and those below them, in order of title."""
    here = Q(pk__in=[])
    for code in codes:
        here |= below(code) | Q(code__in=ancestors_of(code))
    areas = AreaVersion.objects.filter(alive(on), here).values("area_id")
    return list(AnswerTemplate.objects.filter(area__in=areas).select_related("category").order_by("title", "pk"))
