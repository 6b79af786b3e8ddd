"""What is drawn by a tag because pages have it often is the same as what its template draws."""

from html.parser import HTMLParser

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string

from weiduan.doors.desk import reports_form
from weiduan.doors.tags.house import blank, options, tag


class _Tags(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[object] = []
        self.feed(markup)

    def handle_starttag(self, name, attrs):
        self.found.append((name, sorted((key, value) for key, value in attrs)))

    def handle_data(self, data):
        self.found += [data.strip()] if data.strip() else []


def drawn(markup: str) -> list[object]:
    """Return tags with their attributes, in no order of these, and texts."""
    return _Tags(markup).found


@pytest.mark.parametrize(
    "kind", [reports_form.AnswerForm, reports_form.TaskForm, reports_form.BeginForm, reports_form.WhyForm]
)
def test_a_question_nobody_has_answered_is_drawn_as_one_of_a_form(kind):
    form = kind(auto_id="x_%s")
    for field in form:
        whole = render_to_string("parts/field.html", {"field": field, "hint": "", "label": ""})
        assert drawn(blank("x", field.name, field.field)) == drawn(whole)


def test_what_is_typed_is_no_markup():
    field = reports_form.ReleaseForm.base_fields["words"]
    assert "</textarea><b>" not in blank("x", "words", field, "</textarea><b>")
    assert "&lt;/textarea&gt;&lt;b&gt;" in blank("x", "words", field, "</textarea><b>")


def test_the_choice_made_before_is_chosen_and_names_are_no_markup():
    assert options([("", "—"), ("1", "<b>"), (2, '"')], 2) == (
        '<option value="">—</option><option value="1">&lt;b&gt;</option><option value="2" selected>&quot;</option>'
    )
    assert "selected" not in options([("1", "x")]) and " selected" in options([("", "x")], "")


@pytest.mark.parametrize(
    ("state", "icon", "shown"), [("", "", "clock"), ("soon", "", "clock"), ("late", "", "late"), ("", "tree", "tree")]
)
def test_a_state_has_its_icon_and_its_word(state, icon, shown):
    whole = Template('{% include "parts/tag.html" with state=state word=word icon_name=icon only %}')
    markup = tag("<i>", state, icon)
    assert whole.render(Context({"state": state, "icon": icon, "word": "<i>"})).strip() == markup
    assert f"#{shown}" in markup and "&lt;i&gt;" in markup and ('class="wd-tag ' in markup) == bool(state)
