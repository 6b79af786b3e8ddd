"""服务品牌 at the desk: the brands one keeps; make one, say what it stands for, give it a mark, end it."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import Refused
from weiduan.ground.base.images import MOST_BYTES
from weiduan.ground.territory.queries import area_by_code, area_of, names_by_area
from weiduan.systems.services.brands import actions
from weiduan.systems.services.brands.queries import brands_kept_by, kept_brand
from weiduan.systems.services.brands.rules import LONGEST_MARK_WORDS, LONGEST_NAME, LONGEST_WORDS

from .deeds import Deed, do_deed, offered_deeds
from .members import private
from .members_form import DAY
from .viewing import me, page_of, staff
from .where import where_asked

PAGE = 30


class BrandForm(forms.Form):
    """What a brand is called and stands for."""

    name = forms.CharField(label=gettext_lazy("Name of the brand"), max_length=LONGEST_NAME)
    words = forms.CharField(
        label=gettext_lazy("What it stands for"), max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 4})
    )


class EndForm(forms.Form):
    """From which day on it has ended."""

    on = forms.DateField(label=gettext_lazy("From which day on"), widget=DAY)


class MarkForm(forms.Form):
    """A picture and the words for it."""

    file = forms.FileField(
        label=gettext_lazy("Picture"), widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text=gettext_lazy("JPEG, PNG or WebP, at most 12 MB. Place, time and device are taken out."),
    )  # fmt: skip
    mark_words = forms.CharField(
        label=gettext_lazy("What is to be seen"), max_length=LONGEST_MARK_WORDS,
        help_text=gettext_lazy("For those who can't see it. No picture in which somebody can be recognised."),
    )  # fmt: skip


@staff
@require_safe
def brands(request: HttpRequest) -> HttpResponse:
    """List the brands one keeps."""
    at = timezone.now()
    on = local_day(at)
    page = page_of(request, brands_kept_by(me(request), at=at), size=PAGE)
    names = names_by_area({one.area_id for one in page}, on=on)
    context = {
        "page": page, "keeps": bool(areas_of(me(request), Duty.KEEP_SERVICES, at=at)),
        "rows": [(one, names.get(one.area_id), one.until is not None and one.until <= on) for one in page],
    }  # fmt: skip
    return private(render(request, "desk/brands/list.html", context))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def new_brand(request: HttpRequest) -> HttpResponse:
    """Make a brand: choose where, then what it is called."""
    at = timezone.now()
    where = where_asked(request, at, Duty.KEEP_SERVICES)
    form = BrandForm(request.POST if request.method == "POST" else None)
    refusal, status = "", 400 if form.errors else 200
    if form.is_bound and form.is_valid():
        try:
            area_by_code(where["area"], on=local_day(at))
            facts = actions.Facts(**form.cleaned_data)
            made = actions.make_brand(where["area"], facts, since=local_day(at), by=me(request), at=at)
            return redirect("desk:brand", key=made.pk)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    return private(render(request, "desk/brands/new.html", {"form": form, "refusal": refusal} | where, status=status))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def brand(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a brand one keeps; on POST change it, give it a mark, or end it."""
    at = timezone.now()
    found = kept_brand(me(request), key, at=at)
    marks = request.POST.get("do") == "mark"
    sent: dict[str, Any] = {"data": request.POST, "files": request.FILES} if marks else {}
    mark_form = MarkForm(**sent, auto_id="id_mark_%s")
    tried: dict[str, Any] = {}
    if marks:
        tried = _marked(request, key, mark_form, at)
    elif request.method == "POST":
        tried = do_deed(request, _deeds(request, found, at))
    if request.method == "POST" and not tried:
        return redirect("desk:brand", key=key)
    has_ended = found.until is not None
    context = {
        "brand": found, "area": area_of(found.area_id, on=local_day(at)), "mark_form": mark_form, "refusal": "",
        "deeds": offered_deeds(_deeds(request, found, at), ["change"] if has_ended else ["change", "end"], tried),
    }  # fmt: skip
    return private(render(request, "desk/brands/brand.html", context | tried, status=tried.get("status", 200)))


def _marked(request: HttpRequest, key: UUID, form: MarkForm, at: datetime) -> dict[str, Any]:
    if not form.is_valid():
        return {"form": form, "status": 400}
    try:
        content = form.cleaned_data["file"].read(MOST_BYTES + 1)
        actions.give_mark(key, content, form.cleaned_data["mark_words"], by=me(request), at=at)
    except Refused as refused:
        return {"refusal": refused.message, "status": refused.status}
    messages.success(request, _("The mark is shown now."))
    return {}


def _deeds(request: HttpRequest, found: Any, at: datetime) -> dict[str, Deed]:
    key = found.pk
    how: dict[str, Any] = {"by": me(request), "at": at}
    return {
        "change": Deed(
            _("Change what it says"), partial(BrandForm, initial={"name": found.name, "words": found.words}),
            lambda _form, said: actions.change_brand(key, actions.Facts(**said), **how), _("Written down."),
        ),
        "end": Deed(
            _("End the brand"), partial(EndForm, initial={"on": local_day(at)}),
            lambda _form, said: actions.end_brand(key, said["on"], **how), _("Ended."),
        ),
    }  # fmt: skip
