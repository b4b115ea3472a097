"""Components say what they must, and what is put in is shown as text."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.template import engines

from tests.house.texts import templates
from tests.house.tree import ROOT

pytestmark = pytest.mark.usefixtures("bundle")


class Report(forms.Form):
    number = forms.CharField(min_length=5, help_text="As on the bill")
    agreed = forms.BooleanField()


def rendered(source, **given):
    return engines["django"].from_string(source).render(given)


def test_a_field_ties_its_label_help_and_mistake_to_the_input():
    html = rendered("{% field form.number %}", form=Report({"number": "1"}))
    assert 'for="id_number"' in html
    assert 'aria-invalid="true"' in html
    described = re.search(r'aria-describedby="([^"]*)"', html).group(1).split()
    assert all(f'id="{name}"' in html for name in described)
    assert described


def test_a_field_is_checked_when_one_leaves_it_only_if_asked():
    form = Report()
    assert "hx-post" not in rendered("{% field form.number %}", form=form)
    assert 'hx-post="/check"' in rendered('{% field form.number check_url="/check" %}', form=form)


def test_a_tick_box_stands_before_its_label():
    html = rendered("{% field form.agreed %}", form=Report())
    assert html.index("form-check-input") < html.index("form-check-label")


def test_work_without_any_piece_has_no_division_by_zero():
    assert 'value="0"' in rendered('{% progress label="x" done=0 total=0 %}')


@pytest.mark.parametrize(
    "source",
    [
        "{% empty title=text %}{{ text }}{% endempty %}",
        "{% card title=text %}{{ text }}{% endcard %}",
        "{% table caption=text %}{{ text }}{% endtable %}",
        '{% confirm action="/" name="a" title=text button=text %}{{ text }}{% endconfirm %}',
    ],
)
def test_what_is_put_into_a_component_is_text(source):
    html = rendered(source, text="<b>bold</b>")
    assert "<b>" not in html
    assert "&lt;b&gt;" in html
    assert "&amp;lt;" not in html


def test_every_icon_that_a_template_names_is_in_the_bundle():
    known = set((ROOT / "frontend" / "icons.txt").read_text(encoding="utf-8").split())
    named = {
        name
        for path in templates()
        for name in re.findall(r'(?:{% icon |icon_name=)"([\w-]+)"', path.read_text(encoding="utf-8"))
    }
    assert named - known == set()
