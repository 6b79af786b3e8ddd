"""The template tags every page may use; they are loaded for all templates by the settings."""

from typing import Any, NamedTuple

from django import forms, template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()

BARE = (forms.HiddenInput, forms.RadioSelect, forms.CheckboxSelectMultiple)
NO_CHANGE = SafeString("")


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
def icon(name: str) -> SafeString:
    """One icon of static/img/icons.svg; a word always stands beside it, so readers skip it."""
    return format_html('<svg class="i" aria-hidden="true"><use href="{}#{}"/></svg>', static("img/icons.svg"), name)


@register.filter
def thousands(number: int) -> str:
    """1246 as 1,246, in every language the same."""
    return f"{number:,}"


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
