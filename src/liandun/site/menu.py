"""What the side menu offers, and what every page is given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

import liandun


@dataclass(frozen=True, slots=True)
class Item:
    """One entry: the name of its address, its words, its icon (frontend/icons.txt), who may open it."""

    view: str
    title: str | Promise
    about: str | Promise
    icon: str
    is_open: bool = True  # also to who has not signed in

    @property
    def url(self) -> str:
        return reverse(self.view)


MENU = (
    Item("home", pgettext_lazy("menu", "My work"), _("What waits for you today"), "home"),
    Item("about", pgettext_lazy("menu", "About"), _("Version and licences"), "info-circle"),
)


def visible_items(request: HttpRequest) -> Iterator[Item]:
    """The entries that this person may open."""
    return (item for item in MENU if item.is_open or request.user.is_authenticated)


def page_context(request: HttpRequest) -> dict[str, Any]:
    """For every template: the menu, which entry is open, the other languages."""
    match = request.resolver_match
    return {
        "menu": lambda: visible_items(request),
        "here": match.view_name if match else "",
        "languages": settings.LANGUAGES,
        "version": liandun.__version__,
    }
