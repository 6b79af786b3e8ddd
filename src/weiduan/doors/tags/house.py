"""The template tags every page may use; they are loaded for all templates by the settings."""

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from django import forms, template
from django.conf import settings
from django.forms.utils import flatatt
from django.forms.widgets import Input
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from weiduan.doors.devices import device_named
from weiduan.doors.live import WATCH
from weiduan.ground.holds.models import Hold
from weiduan.ground.holds.queries import hold_on
from weiduan.systems.services.projects.rules import yuan_of

register = template.Library()
register.filter(device_named)

BARE = (forms.HiddenInput, forms.RadioSelect, forms.CheckboxSelectMultiple)
NO_CHANGE = SafeString("")
OWN_ICONS = ("ok", "go", "late")  # states that have an icon of their own


class Mistake(NamedTuple):
    """One thing to put right: where the link leads, and the sentence."""

    target: str
    sentence: str


class Trend(NamedTuple):
    """A small line that runs down to a dotted zero, drawn in a box of 120 by 44."""

    path: str
    x: float
    y: float


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """One icon of static/img/icons.svg; a word always stands beside it, so readers skip it."""
    return format_html('<svg class="i" aria-hidden="true"><use href="{}#{}"/></svg>', static("img/icons.svg"), name)


@register.simple_tag
def tag(word: Any, state: str = "", icon_name: str = "") -> SafeString:
    """A state or a deadline, always icon and word (parts/tag.html); as a tag, because long lists have one a row."""
    shown = icon(icon_name or (state if state in OWN_ICONS else "clock"))
    return format_html('<span class="wd-tag{}">{}{}</span>', f" {state}" if state else "", shown, word)


@register.simple_tag
def options(choices: Iterable[tuple[Any, Any]], chosen: Any = "") -> SafeString:
    """What a list offers, (value, title) each; the one chosen before is chosen."""
    told = ((str(value), title) for value, title in choices)
    rows = [
        f'<option value="{escape(value)}"{" selected" if value == str(chosen) else ""}>{escape(title)}</option>'
        for value, title in told
    ]
    return SafeString("".join(rows))


@register.simple_tag
def hold_of(case: Any) -> Hold | None:
    """Return the hold on a case, so that whoever holds its receipt is told."""
    return hold_on(case, at=timezone.now()) if case else None


@register.filter
def thousands(number: int) -> str:
    """1246 as 1,246, in every language the same."""
    return f"{number:,}"


@register.filter
def yuan(fen: int) -> str:
    """1800050 fen as 18,000.50, exactly."""
    return f"{yuan_of(fen):,.2f}"


@register.simple_tag(takes_context=True)
def here(context: template.Context, path: str, exact: bool = False) -> SafeString:
    """Mark a link of the navigation when the reader is on it ("page") or below it ("true")."""
    request = context.get("request")
    if request is None:
        return NO_CHANGE
    if request.path == path:
        return SafeString(' aria-current="page"')
    return SafeString(' aria-current="true"') if request.path.startswith(path) and not exact else NO_CHANGE


@register.simple_tag
def control(field: forms.BoundField, hint: str = "") -> SafeString:
    """The field's own input with the house's look, tied to its hint and its error."""
    widget = field.field.widget
    attrs: dict[str, Any] = {"placeholder": False}
    if not isinstance(widget, BARE):
        attrs["class"] = f"{widget.attrs.get('class', '')} {look_of(widget)}".strip()
    described = [f"{field.auto_id}_helptext"] if hint or field.help_text else []
    described += [f"{field.auto_id}_error"] if field.errors else []
    if described and not grouped(field):
        attrs["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs=attrs)


@register.simple_tag
def blank(prefix: str, name: str, field: forms.Field, typed: str = "") -> SafeString:
    """One question nobody has answered yet, of a form that isn't made for it: as parts/field.html, for inputs and areas of text.

    prefix  keeps ids apart where a page has several forms with the same name in them
    """
    widget, key = field.widget, f"{prefix}_{name}"
    attrs = widget.attrs | {
        "id": key,
        "name": name,
        "class": f"{widget.attrs.get('class', '')} {look_of(widget)}".strip(),
    }
    attrs |= {"required": True} if field.required else {}
    attrs |= {"aria-describedby": f"{key}_helptext"} if field.help_text else {}
    optional = "" if field.required else format_html(' <span class="muted fw-normal">{}</span>', _("optional"))
    hint = format_html('<div class="hint" id="{}_helptext">{}</div>', key, field.help_text) if field.help_text else ""
    if isinstance(widget, forms.Textarea):
        asked = format_html("<textarea{}>\n{}</textarea>", flatatt(attrs), typed)
    else:
        assert isinstance(widget, Input)
        asked = format_html(
            "<input{}>", flatatt({"type": widget.input_type} | attrs | ({"value": typed} if typed else {}))
        )
    label = format_html('<label class="form-label" for="{}">{}{}</label>', key, field.label, optional)
    return format_html('<div class="wd-field">{}\n{}{}</div>', label, hint, asked)


def look_of(widget: forms.Widget) -> str:
    """The Bootstrap class for one kind of input."""
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


@register.filter
def grouped(field: forms.BoundField) -> bool:
    """Whether the field is several inputs under one legend (radio buttons, check boxes)."""
    return isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)


@register.filter
def tick(choice: forms.boundfield.BoundWidget) -> SafeString:
    """One radio button or check box of several, with the house's look."""
    choice.data["attrs"]["class"] = "form-check-input"
    return choice.tag()


@register.filter
def ticked(field: forms.BoundField) -> bool:
    """Whether the field is a single box to tick."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def mistakes(form: forms.BaseForm) -> list[Mistake]:
    """Everything to put right in `form`, in the order of the page; those of no field lead to its first input."""
    visible = form.visible_fields()
    first = target_of(visible[0]) if visible else "main"
    found = [Mistake(first, str(error)) for error in form.non_field_errors()]
    return found + [Mistake(target_of(field), named(field, str(error))) for field in form for error in field.errors]


def named(field: forms.BoundField, error: str) -> str:
    """The sentence with the field's name, which it lacks when read away from the field."""
    label = str(field.label)
    return error if label in error else _("%(label)s: %(error)s") % {"label": label, "error": error}


def target_of(field: forms.BoundField) -> str:
    """The id of the input a link to `field` should focus."""
    return f"{field.auto_id}_0" if grouped(field) else str(field.auto_id)


@register.simple_tag
def trend(figures: list[int]) -> Trend:
    """The line through `figures` (oldest first, at least two); zero is the dotted line."""
    top = max(*figures, 1)
    xs = [1 + 114 * n / (len(figures) - 1) for n in range(len(figures))]
    ys = [40.5 - 34.8 * figure / top for figure in figures]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    return Trend(f"M{points}", round(xs[-1], 1), round(ys[-1], 1))


@register.simple_tag
def ledger_version() -> int | None:
    """How far the ledger goes as the page is made, so that nothing is missed until it listens; None: pages don't listen here."""
    return WATCH.version() if settings.LIVE_STREAMS else None
