"""What may be done with the thing a page shows: each deed a title, a form and an action, one after the other on the page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import BadInput, Refused


@dataclass(frozen=True)
class Deed:
    """One thing to do.

    form  makes the form out of what was sent and the prefix of its ids
    do    does it with the valid form and what it says
    told  the sentence once it is done
    """

    title: Any
    form: Callable[..., forms.Form]
    do: Callable[[Any, dict[str, Any]], Any]
    told: Any


def id_of(key: str) -> str:
    """Return how the ids of a deed's fields begin, so that forms of one page don't share any."""
    return f"id_{key}_%s"


def do_deed(request: HttpRequest, deeds: Mapping[str, Deed]) -> dict[str, Any]:
    """Do what was asked for; return nothing once it is done, else what the page shows: the form, the refusal, the status."""
    key = request.POST.get("do", "")
    try:
        deed = deeds.get(key)
        if deed is None:
            raise BadInput(_("Choose what to do."))
        form = deed.form(request.POST, auto_id=id_of(key))
        if not form.is_valid():
            return {"wrong": key, "form": form, "status": 400}
        deed.do(form, form.cleaned_data)
    except Refused as refusal:
        return {"refusal": refusal.message, "status": refusal.status}
    messages.success(request, deed.told)
    return {}


def offered_deeds(
    deeds: Mapping[str, Deed], keys: list[str], tried: dict[str, Any]
) -> list[tuple[str, Any, forms.Form]]:
    """Return (key, title, form) of what is offered, in order; the form that was sent wrong keeps what was typed."""
    return [
        (key, deeds[key].title, tried["form"] if tried.get("wrong") == key else deeds[key].form(auto_id=id_of(key)))
        for key in keys
    ]
