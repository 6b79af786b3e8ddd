"""议事 for everyone: topics of an area, raising one without an account, following it, speaking about it, judging what came of it."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.drafts import new_draft, receipt_of
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.territory.queries import area_of, names_by_area, places
from weiduan.ground.territory.rules import Level
from weiduan.outlook.insight.opinion_words import RULE_TITLES
from weiduan.outlook.insight.topic_words import EVENT_TITLES, ORIGIN_TITLES, STATE_TAGS, STATE_TITLES, stage_line
from weiduan.systems.governance.deliberation import raising
from weiduan.systems.governance.deliberation.queries import (
    contentment_of,
    followers_of,
    public_topic,
    stage_of,
    timeline,
    topic_by_receipt,
    topics_in,
)
from weiduan.systems.governance.deliberation.rules import (
    CONTENT_FORM,
    FOLLOW_FORM,
    LONGEST_REASON,
    LONGEST_TEXT,
    LONGEST_TITLE,
    TOPIC_FORM,
    State,
)
from weiduan.systems.governance.opinions.queries import heard_on
from weiduan.systems.governance.opinions.rules import LONGEST_WORDS, OPINION_FORM, About

from .bookings import unlisted
from .receipts import sent
from .units import crumb_links, here_among

PAGE = 30


class RaiseForm(forms.Form):
    """What a resident wants talked over."""

    title = forms.CharField(
        label=gettext_lazy("In one line: what should be talked over?"), max_length=LONGEST_TITLE,
        help_text=gettext_lazy("For example: benches on the open ground floor of building 3"),
    )  # fmt: skip
    text = forms.CharField(
        label=gettext_lazy("Why, and what would help?"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Name no person. Once it is taken up everyone reads it; who raised it is kept nowhere."),
    )  # fmt: skip


@require_safe
def topics(request: HttpRequest, code: str) -> HttpResponse:
    """List what an area talks over."""
    at = timezone.now()
    known = places(code, on=local_day(at), levels=[])
    here = here_among(known, code)
    page = Paginator(topics_in(code, at=at), PAGE).get_page(request.GET.get("page"))
    names = names_by_area({one.area_id for one in page}, on=local_day(at))
    rows = [
        (one, names.get(one.area_id), STATE_TITLES[one.state], STATE_TAGS[one.state], _stage_title(one)) for one in page
    ]
    crumbs = [*crumb_links(code, known, leads_here=True), (_("Deliberation"), None)]
    context = {"here": here, "page": page, "rows": rows, "crumbs": crumbs, "may_raise": here.level >= Level.VILLAGE}
    return render(request, "portal/topics/list.html", context)


def _stage_title(topic: Any) -> str:
    stage = stage_of(topic)
    return stage.title if stage else ""


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def raise_topic(request: HttpRequest, code: str) -> HttpResponse:
    """Ask what should be talked over; when sent, go to the receipt."""
    at = timezone.now()
    known = places(code, on=local_day(at), levels=[])
    here = here_among(known, code)
    if not Level.VILLAGE <= here.level <= Level.UNIT:
        raise NotFound(_("Topics are raised for a unit, a grid or a village. Choose where you live."))
    form = RaiseForm(request.POST if request.method == "POST" else None)
    done = sent(
        request, form, TOPIC_FORM,
        lambda receipt: raising.raise_topic(code, raising.Raising(**form.cleaned_data), receipt, at=at), "portal:topic_receipt",
    )  # fmt: skip
    if done.leads_to is not None:
        return done.leads_to
    crumbs = [
        *crumb_links(code, known, leads_here=True), (_("Deliberation"), f"/a/{code}/topics/"), (_("Raise a topic"), None)
    ]  # fmt: skip
    context = {"here": here, "form": form, "draft": done.draft, "refusal": done.refusal, "crumbs": crumbs}
    return render(request, "portal/topics/raise.html", context, status=done.status)


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def topic(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a topic; on POST speak about it, follow it, or say whether one is content with what came of it."""
    found = public_topic(key)
    refusal, status = "", 200
    if request.method == "POST":
        try:
            return _said(request, found)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    code = area_of(found.area_id, on=local_day(timezone.now())).code
    context = _page(found) | {
        "refusal": refusal, "did": request.POST.get("do", ""), "typed": request.POST.get("words", ""), "code": code,
        "crumbs": [
            *crumb_links(code, places(code, on=local_day(timezone.now()), levels=[]), leads_here=True),
            (_("Deliberation"), f"/a/{code}/topics/"), (found.title, None),
        ],
        "opinion_draft": new_draft(OPINION_FORM), "follow_draft": new_draft(FOLLOW_FORM), "content_draft": new_draft(CONTENT_FORM),
        "heard": [(one, RULE_TITLES.get(one.removed_for, "")) for one in heard_on(About.TOPIC, found.pk)],
        "is_open": found.state == State.UNDER_WAY.value, "followers": followers_of(found),
    }  # fmt: skip
    return render(request, "portal/topics/topic.html", context, status=status)


def _said(request: HttpRequest, found: Any) -> HttpResponse:
    """Take what was said or asked for; lead to the page of its receipt, where it has one."""
    said, at = request.POST, timezone.now()
    do, draft, words = said.get("do", ""), said.get("draft", ""), said.get("words", "").replace("\0", "")
    if do == "say":
        receipt = receipt_of(draft, OPINION_FORM)
        raising.say_about(found.pk, words, receipt, at=at)
        return redirect("portal:opinion", receipt=receipt)
    if do == "follow":
        receipt = receipt_of(draft, FOLLOW_FORM)
        raising.follow(found.pk, receipt, at=at)
        return redirect("portal:topic_receipt", receipt=receipt)
    if do == "content":
        raising.say_content(
            found.pk, receipt_of(draft, CONTENT_FORM), is_content=_is_content(request), words=words, at=at
        )
        messages.success(request, _("Thank you. Your word is counted."))
        return redirect("portal:topic", key=found.pk)
    raise BadInput(_("Choose what to do."))


def _is_content(request: HttpRequest) -> bool:
    answer = request.POST.get("content", "")
    if answer not in ("yes", "no"):
        raise BadInput(_("Choose whether you are content or not."))
    return answer == "yes"


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def receipt_page(request: HttpRequest, receipt: str) -> HttpResponse:
    """Show a topic to whoever raised or follows it; on POST say whether one is content with what came of it."""
    seen, at = topic_by_receipt(receipt), timezone.now()
    refusal, status = "", 200
    if request.method == "POST":
        try:
            words = request.POST.get("words", "").replace("\0", "")
            raising.say_content(seen.topic.pk, receipt, is_content=_is_content(request), words=words, at=at)
            messages.success(request, _("Thank you. Your word is counted."))
            return redirect("portal:topic_receipt", receipt=receipt)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    code = area_of(seen.topic.area_id, on=local_day(at)).code
    context = _page(seen.topic) | {
        "seen": seen, "refusal": refusal, "address": request.build_absolute_uri(), "typed": request.POST.get("words", ""),
        "is_shown": seen.topic.state in (State.UNDER_WAY.value, State.DONE.value),
        "crumbs": [
            *crumb_links(code, places(code, on=local_day(at), levels=[]), leads_here=True), (seen.topic.title, None)
        ],
    }  # fmt: skip
    return render(request, "portal/topics/receipt.html", context, status=status)


def _page(found: Any) -> dict[str, Any]:
    on = local_day(timezone.now())
    return {
        "topic": found, "word": STATE_TITLES[found.state], "tag": STATE_TAGS[found.state], "origin": ORIGIN_TITLES[found.origin],
        "line": stage_line(found), "options": list(found.options.order_by("pk")), "meetings": list(found.meetings.order_by("starts_at")),
        "tasks": [(task, task.done_at is None and task.until < on) for task in found.tasks.order_by("until", "pk")],
        "events": [(event, EVENT_TITLES[event.what]) for event in timeline(found)], "contentment": contentment_of(found),
        "longest": LONGEST_WORDS, "longest_word": LONGEST_REASON,
    }  # fmt: skip
