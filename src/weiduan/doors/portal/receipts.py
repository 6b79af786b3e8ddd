"""Forms of residents that lead to a receipt: sent twice they lead to the same one, refused they keep what was typed."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from weiduan.ground.base.drafts import new_draft, receipt_of
from weiduan.ground.base.errors import Refused


@dataclass
class Sent:
    """What became of a form: where it leads once it is taken, else what its page shows."""

    leads_to: HttpResponse | None = None
    draft: str = ""
    refusal: str = ""
    status: int = 200


def sent(request: HttpRequest, form: forms.Form, salt: str, take: Callable[[str], object], page: str) -> Sent:
    """Take a form with its receipt, if it was sent and is valid.

    salt  tells one kind of form from another
    take  does what the form asks, given the receipt
    page  the name of the address of the receipt's page
    """
    draft = request.POST.get("draft", "") or new_draft(salt)
    if not (form.is_bound and form.is_valid()):
        return Sent(draft=draft, status=400 if form.errors else 200)
    try:
        receipt = receipt_of(draft, salt)
        take(receipt)
    except Refused as refused:
        return Sent(draft=new_draft(salt), refusal=refused.message, status=refused.status)
    return Sent(leads_to=redirect(page, receipt=receipt))
