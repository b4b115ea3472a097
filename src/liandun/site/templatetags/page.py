"""Components that any page may use, without loading: icon, field, progress, empty, confirm, table, card."""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import BoundField
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of frontend/icons.txt; hidden from screen readers, so words must stand beside it."""
    address = f"{static('vendor/icons.svg')}#{name}"
    return format_html('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"/></svg>', address)


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, check_url: str = "") -> dict[str, Any]:
    """A form field with label, help and mistakes.

    With `check_url`, leaving the field posts the form there with the header `X-Only-Check` and takes this field out of
    the answer: the view binds the form, saves nothing, and shows it again. Never by GET: addresses end up in logs.
    """
    kind = getattr(bound.field.widget, "input_type", "")
    style = {"checkbox": "form-check-input", "radio": "form-check-input", "select": "form-select"}.get(
        kind, "form-control"
    )
    attributes: dict[str, str | bool] = {"class": f"{style} is-invalid" if bound.errors else style}
    if check_url:
        place = f"#field-{bound.html_name}"
        attributes |= {
            "hx-post": check_url,
            "hx-trigger": "change",
            "hx-include": "closest form",
            "hx-headers": '{"X-Only-Check": "true"}',
        }
        attributes |= {"hx-target": place, "hx-select": place, "hx-swap": "outerHTML"}
    return {"field": bound, "widget": bound.as_widget(attrs=attributes), "is_check": kind == "checkbox"}


@register.inclusion_tag("components/progress.html")
def progress(label: str, done: int, total: int) -> dict[str, Any]:
    """How far a long piece of work is; put it where htmx fetches it anew until it is done."""
    return {"label": label, "done": done, "total": total, "percent": round(100 * done / total) if total else 0}


@register.simple_block_tag
def empty(content: str, title: str, icon_name: str = "inbox") -> SafeString:
    """Nothing is here: says so, and the content says what to do next."""
    return render_to_string("components/empty.html", {"content": content, "title": title, "icon_name": icon_name})


@register.simple_block_tag(takes_context=True)
def confirm(context: template.Context, content: str, *, action: str, name: str, title: str, button: str) -> SafeString:
    """A dialog that lists the consequences (the content) before it posts to `action`.

    Anything with `data-opens="NAME"` opens it. The button says what happens, never just "OK".
    """
    given = {"content": content, "action": action, "name": name, "title": title, "button": button}
    return render_to_string("components/confirm.html", given, request=context.get("request"))


@register.simple_block_tag
def card(content: str, title: str = "") -> SafeString:
    """A box with a heading."""
    return render_to_string("components/card.html", {"content": content, "title": title})


@register.simple_block_tag
def table(content: str, caption: str) -> SafeString:
    """Rows (`thead`, `tbody` are the content) that scroll sideways inside their box on a phone, never the page."""
    return render_to_string("components/table.html", {"content": content, "caption": caption})
