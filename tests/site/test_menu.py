"""The menu shows what exists and what the viewer may open."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import translation

from liandun.site import menu
from liandun.site.menu import MENU, Item, visible_items
from tests.house.tree import ROOT


@pytest.mark.parametrize("item", MENU, ids=lambda item: item.view)
def test_every_entry_has_its_page_and_its_icon(item):
    assert item.url.startswith("/")
    assert item.icon in (ROOT / "frontend" / "icons.txt").read_text(encoding="utf-8").split()


def test_the_words_are_those_of_the_office():
    with translation.override("zh-hans"):
        assert [str(item.title) for item in MENU][:1] == ["工作台"]


def test_an_entry_for_those_who_signed_in_is_hidden_from_others(rf, monkeypatch):
    monkeypatch.setattr(menu, "MENU", (Item("home", "a", "a", "home"), Item("about", "b", "b", "home", is_open=False)))
    request = rf.get("/")
    request.user = AnonymousUser()
    assert [item.view for item in visible_items(request)] == ["home"]
