"""Every page in a real browser, on desk and phone, in both languages and themes: nothing is broken or cut off."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from liandun.ledger.models import Head
from tests.browser import DESK, PHONE, visit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.needs("browser"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.site.gallery"),
]
PAGES = {
    "home": ("/", 200),
    "about": ("/about", 200),
    "search": ("/search?q=o", 200),
    "search-nothing": ("/search?q=%E9%BE%98", 200),
    "gallery": ("/gallery", 200),
    "400": ("/fail/400", 400),
    "403": ("/fail/403", 403),
    "404": ("/none", 404),
    "500": ("/fail/500", 500),
}
SHOTS = os.environ.get("LIANDUN_SHOTS")
"""A folder for pictures of every page: look at them."""


@pytest.fixture
def site(live_server):
    Head.objects.get_or_create(id=1)  # a test before this one may have emptied the tables
    return live_server.url


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_is_sound(browser, site, *, size, language, theme):
    faults = {}
    with visit(browser, site, size=size, language=language, theme=theme) as here:
        for name, (path, status) in PAGES.items():
            page = here.open(path, status)
            faults[name] = here.faults()
            here.troubles.clear()
            if SHOTS:
                page.screenshot(path=Path(SHOTS, f"{name}-{size[0]}-{language}-{theme}.png"), full_page=True)
    assert {name: found for name, found in faults.items() if found} == {}


def test_a_broken_page_is_noticed(browser, site):
    with visit(browser, site, size=PHONE) as here:
        page = here.open("/broken")
        faults = "\n".join(here.faults())
        assert page.evaluate("window.evil") is None
    for sign in ("inline style", "inline script", "scrolls sideways", "text is cut off", "label: "):
        assert sign in faults


def test_a_slash_goes_to_the_search_and_not_into_a_field(browser, site):
    with visit(browser, site) as here:
        page = here.open("/")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "search"
        page.keyboard.type("a/b")
        assert page.input_value("#search") == "a/b"
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?q=a*")
        assert here.faults() == []


def test_the_language_switches_in_the_header_and_stays(browser, site):
    with visit(browser, site, language="en") as here:
        page = here.open("/about")
        assert page.inner_text("h1") == "About Liandun"
        page.get_by_role("button", name="简体中文").click()
        page.wait_for_function("document.documentElement.lang === 'zh-hans'")
        assert (page.inner_text("h1"), page.url) == ("关于联盾", f"{site}/about")
        assert here.open("/").inner_text("h1") == "今日工作"


def test_the_theme_follows_the_system_until_it_is_chosen_and_then_stays(browser, site):
    with visit(browser, site, theme="dark") as here:
        page = here.open("/")
        assert page.get_attribute("html", "data-bs-theme") == "dark"
        page.get_by_role("button", name="Dark page").click()
        assert page.get_attribute("html", "data-bs-theme") == "light"
        assert here.open("/about").get_attribute("html", "data-bs-theme") == "light"
        assert here.troubles == []


def test_the_menu_of_a_phone_opens_with_a_tap(browser, site):
    with visit(browser, site, size=PHONE) as here:
        page = here.open("/")
        entry = page.get_by_role("link", name="About", exact=True)
        assert not entry.is_visible()
        page.get_by_role("button", name="Menu", exact=True).click()
        entry.click()
        page.wait_for_url("**/about")
        assert here.troubles == []


def test_a_field_says_what_is_wrong_as_soon_as_one_leaves_it(browser, site):
    with visit(browser, site) as here:
        page = here.open("/gallery")
        page.fill("#id_name", "x")
        page.keyboard.press("Tab")
        page.wait_for_selector("#field-name .mistake")
        assert page.locator("[data-toast]").count() == 0  # nothing was saved
        page.fill("#id_name", "long enough")
        page.keyboard.press("Tab")
        page.wait_for_selector("#field-name .mistake", state="detached")
        assert here.faults() == []


def test_a_dialog_names_the_consequences_and_lets_one_turn_back(browser, site):
    with visit(browser, site) as here:
        page = here.open("/gallery")
        page.get_by_role("button", name="Block").click()
        dialog = page.get_by_role("dialog")
        assert "复机须由另一人批准" in dialog.inner_text()
        assert here.faults() == []
        if SHOTS:
            page.screenshot(path=Path(SHOTS, "dialog.png"))
        dialog.get_by_role("button", name="Keep as it is").click()
        dialog.wait_for(state="hidden")
        page.get_by_role("button", name="Block").click()
        dialog.get_by_role("button", name="封停 12 个号码").click()
        page.wait_for_selector("[data-toast]")
        assert "已保存" in page.inner_text("#toasts")
        assert here.faults() == []


def test_alpine_works_without_eval(browser, site):
    with visit(browser, site) as here:
        page = here.open("/gallery")
        assert not page.is_visible("#details")
        page.get_by_role("button", name="Details").click()
        page.wait_for_selector("#details", state="visible")
        assert here.troubles == []


def test_a_page_loads_only_what_it_needs(browser, site):
    with visit(browser, site) as here:
        asked = []
        here.page.on("request", lambda request: asked.append(request.url))
        here.open("/")
        assert [url for url in asked if "charts.js" in url or "graph.js" in url] == []
        assert [url for url in asked if not url.startswith((site, "data:"))] == []


def test_a_page_prints_without_menu_and_header(browser, site):
    with visit(browser, site, language="zh") as here:
        page = here.open("/about")
        page.emulate_media(media="print")
        assert not page.is_visible(".side")
        assert not page.is_visible(".top")
        assert page.is_visible("h1")
        if SHOTS:
            page.screenshot(path=Path(SHOTS, "print.png"))
