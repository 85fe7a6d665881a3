"""The pages of a design in Chromium: accessible, self-contained, printable, never too wide."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nexpo.build.design.outputs import write_design
from tests.browser.accessibility import violations
from tests.unit.build.design_out import example

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

REPEATED = ("figure svg g",)  # the shapes of the map repeat their markup
PAGES = ("index.html", "validation.html")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write the example with every part, and the one that reaches nobody."""
    made = {}
    for name, design in (("full", example.design(ring=True)), ("bare", example.bare())):
        made[name] = tmp_path_factory.mktemp(name)
        write_design(design, made[name])
    return made


@pytest.mark.parametrize("name", ["full", "bare"])
@pytest.mark.parametrize("page", PAGES)
def test_no_violation_of_wcag(
    browser_page: Page, folders: dict[str, Path], name: str, page: str
) -> None:
    browser_page.goto((folders[name] / page).as_uri())
    assert violations(browser_page, repeated=REPEATED) == ""


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("page", PAGES)
def test_no_screen_scrolls_sideways(
    browser_page: Page, folders: dict[str, Path], page: str, width: int
) -> None:
    browser_page.set_viewport_size({"width": width, "height": 900})
    browser_page.goto((folders["full"] / page).as_uri())
    found = browser_page.evaluate("document.documentElement.scrollWidth")
    browser_page.set_viewport_size({"width": 1280, "height": 900})
    assert found <= width


def test_nothing_is_asked_of_a_network(browser_page: Page, folders: dict[str, Path]) -> None:
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))
    browser_page.goto((folders["full"] / "index.html").as_uri())
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def test_a_key_figure_leads_to_its_arithmetic(browser_page: Page, folders: dict[str, Path]) -> None:
    browser_page.goto((folders["full"] / "index.html").as_uri())
    browser_page.click("dd.id a >> nth=0")
    assert browser_page.url.endswith("#fig-trench-length")
    assert "sum of length_m" in browser_page.inner_text("#fig-trench-length + pre")


def test_it_prints_on_a4(browser_page: Page, folders: dict[str, Path]) -> None:
    browser_page.goto((folders["full"] / "index.html").as_uri())
    printed = browser_page.pdf(format="A4", prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
    assert 8 < printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") < 30
