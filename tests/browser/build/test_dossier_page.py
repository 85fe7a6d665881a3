"""The dossier in Chromium: accessible, self-contained, printable."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nexpo.build import Built
from tests.browser.accessibility import violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

# Rows beyond the first twenty repeat their markup; so do the shapes of the map.
REPEATED = ("[aria-label='All municipalities'] tbody tr:nth-child(n+20)", "figure svg g")


@pytest.fixture
def made_up(trentino: Built) -> Built:
    """Return a small region without data: the page with every mark on it."""
    return trentino


@pytest.fixture
def full(lombardy: Built) -> Built:
    """Return Lombardy with whatever this machine has: the page with claims and money."""
    return lombardy


def opened(page: Page, built: Built) -> list[str]:
    """Open a dossier and return whatever it asked for beside itself."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(built.dossier.resolve().as_uri())
    return [url for url in asked if not url.startswith(("file:", "data:"))]


@pytest.mark.parametrize("name", ["made_up", "full"])
def test_no_violation_of_wcag(
    browser_page: Page, name: str, request: pytest.FixtureRequest
) -> None:
    opened(browser_page, request.getfixturevalue(name))
    assert violations(browser_page, repeated=REPEATED) == ""


def test_nothing_is_asked_of_a_network(browser_page: Page, full: Built) -> None:
    assert opened(browser_page, full) == []


def test_the_skip_link_comes_first_and_leads_to_the_content(
    browser_page: Page, full: Built
) -> None:
    opened(browser_page, full)
    browser_page.keyboard.press("Tab")
    assert browser_page.evaluate("document.activeElement.className") == "skip"
    browser_page.keyboard.press("Enter")
    assert browser_page.url.endswith("#main")


def test_a_key_figure_leads_to_its_arithmetic(browser_page: Page, full: Built) -> None:
    opened(browser_page, full)
    browser_page.click("dd.id a >> nth=0")
    assert browser_page.url.endswith("#fig-uncovered-total")
    text = browser_page.inner_text("#fig-uncovered-total + pre")
    assert "= a + b + c" in text


def test_a_narrow_screen_does_not_scroll_sideways(browser_page: Page, full: Built) -> None:
    browser_page.set_viewport_size({"width": 375, "height": 800})
    opened(browser_page, full)
    width = browser_page.evaluate("document.documentElement.scrollWidth")
    browser_page.set_viewport_size({"width": 1280, "height": 900})
    assert width <= 375


def test_it_prints_on_a4_with_the_map_on_its_page(
    browser_page: Page, full: Built, tmp_path: Path
) -> None:
    opened(browser_page, full)
    printed = browser_page.pdf(format="A4", prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
    assert 20 < printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") < 80


@pytest.mark.parametrize("name", ["made_up", "full"])
@pytest.mark.parametrize("width", [1024, 1280, 1920])
def test_no_table_is_cut_on_a_desk(
    browser_page: Page, name: str, width: int, request: pytest.FixtureRequest
) -> None:
    browser_page.set_viewport_size({"width": width, "height": 900})
    opened(browser_page, request.getfixturevalue(name))
    cut = browser_page.evaluate(
        "[...document.querySelectorAll('.wide')].filter(e => e.scrollWidth > e.clientWidth)"
        ".map(e => e.ariaLabel)"
    )
    browser_page.set_viewport_size({"width": 1280, "height": 900})
    assert cut == []


def test_on_a_small_screen_tables_say_that_they_scroll_and_reasons_wrap(
    browser_page: Page, full: Built
) -> None:
    browser_page.set_viewport_size({"width": 360, "height": 800})
    opened(browser_page, full)
    hints = browser_page.evaluate(
        "[...document.querySelectorAll('.wide')].map(e => getComputedStyle(e, '::before').display)"
    )
    right = browser_page.evaluate(
        "Math.max(...[...document.querySelectorAll('.said')]"
        ".map(e => e.getBoundingClientRect().right))"
    )
    browser_page.set_viewport_size({"width": 1280, "height": 900})
    assert set(hints) == {"block"}
    assert right <= 360 - 24
