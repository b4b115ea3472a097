"""A real browser on the pages: what a test drives, and what makes any page wrong."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright

ROOT = Path(__file__).parents[1]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK, PHONE = (1440, 900), (390, 844)
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

# Text that is cut off without a way to see the rest: its box hides what runs over.
CUT_OFF = """() => [...document.querySelectorAll("body *")].filter((box) => {
  const style = getComputedStyle(box);
  const isHidden = box.closest("[hidden], .visually-hidden, dialog:not([open]), .skip") || !box.getClientRects().length;
  const hasText = [...box.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (isHidden || !hasText || style.display === "inline" || style.clipPath !== "none") return false;
  const cutsOff = style.overflowX !== "visible" && style.overflowX !== "auto" && style.overflowX !== "scroll";
  const overWindow = box.getBoundingClientRect().right > innerWidth + 1 && !box.closest(".table-responsive");
  return overWindow || (cutsOff && box.scrollWidth > box.clientWidth + 1);
}).map((box) => box.outerHTML.slice(0, 120))"""
SETTLED = "() => !document.querySelector('.htmx-request, [hx-trigger=load]')"
SPREADS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def launch(playwright: Playwright) -> Browser:
    """Debian's chromium: nothing is downloaded."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))


@dataclass
class Visit:
    """One person at one screen. `troubles` collects what console, network and content policy complain of."""

    page: Page
    base: str
    troubles: list[str] = field(default_factory=list)

    def open(self, path: str, status: int = 200) -> Page:
        """The page, after its scripts and first requests."""
        answer = self.page.goto(self.base + path)  # waits for scripts and styles
        assert answer is not None
        assert answer.status == status, f"{path} answered {answer.status}"
        self.page.wait_for_function(SETTLED)
        return self.page

    def faults(self) -> list[str]:
        """Everything wrong with what is on the screen now; also what went wrong on the way here."""
        found = list(self.troubles)
        if over := self.page.evaluate(SPREADS):
            found.append(f"scrolls sideways by {over} px")
        found += [f"text is cut off: {box}" for box in self.page.evaluate(CUT_OFF)]
        return found + self._inaccessible()

    def _inaccessible(self) -> list[str]:
        # Through the debugger, not a script element, which the page's own policy would refuse.
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        run: dict[str, Any] = self.page.evaluate(
            "levels => axe.run(document, {runOnly: levels, resultTypes: ['violations']})", LEVELS
        )
        return [
            f"{rule['id']}: {rule['help']}: {node['html'][:160]} {json.dumps(node['any'][:1])[:300]}"
            for rule in run["violations"]
            for node in rule["nodes"]
        ]


@contextmanager
def visit(
    browser: Browser,
    base: str,
    *,
    size: tuple[int, int] = DESK,
    language: str = "en",
    theme: str = "light",
    cookies: dict[str, str] | None = None,
) -> Iterator[Visit]:
    """A fresh profile at a screen of this size, in this language and theme; `cookies` may sign someone in."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale="zh-CN" if language.startswith("zh") else "en-GB",
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    context.add_cookies([{"name": name, "value": value, "url": base} for name, value in (cookies or {}).items()])
    here = Visit(context.new_page(), base)
    here.page.on("console", lambda said: _note(here, said.type, said.text))
    here.page.on("pageerror", lambda error: here.troubles.append(f"script: {error}"))
    here.page.on("requestfailed", lambda request: here.troubles.append(f"request: {request.url} {request.failure}"))
    try:
        yield here
    finally:
        context.close()


def _note(here: Visit, kind: str, text: str) -> None:
    # The browser itself reports the status of an error page that a test asked for.
    if kind in {"error", "warning"} and not re.match(
        r"Failed to load resource: the server responded with a status", text
    ):
        here.troubles.append(f"{kind}: {text}")
