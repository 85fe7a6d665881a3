"""The pages of a run and of an audit in Chromium: accessible, self-contained, never too wide."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nexpo.build.impact.claims import national
from nexpo.build.impact.claims_run import write_audit
from nexpo.build.impact.run import run_plan
from nexpo.build.impact.run_outputs import write_run
from tests.browser.accessibility import violations
from tests.impact_economy import line, plan, two_mixes
from tests.unit.build.impact.test_page import audited, base
from tests.unit.build.impact.test_run import regional

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

REPEATED = ("figure svg path", "figure svg rect", ".evidence pre")
PAGES = ("run", "audit")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write a run with every part, and an audit."""
    made = {name: tmp_path_factory.mktemp(name) / "out" for name in PAGES}
    lines = (line("hall", 100_000_000_00), line("H49", 5_000_000_00, year=2016, province="015"))
    write_run(
        run_plan(regional(plan=plan(*lines, mixes=two_mixes()), draws=20, seed=2)), made["run"]
    )
    write_audit([audited()], national(base()), made["audit"])
    return made


@pytest.mark.parametrize("name", PAGES)
def test_no_violation_of_wcag(browser_page: Page, folders: dict[str, Path], name: str) -> None:
    browser_page.goto((folders[name] / "index.html").as_uri())
    assert violations(browser_page, repeated=REPEATED) == ""


@pytest.mark.parametrize("name", PAGES)
def test_no_screen_scrolls_sideways_and_nothing_is_fetched(
    browser_page: Page, folders: dict[str, Path], name: str
) -> None:
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))
    browser_page.set_viewport_size({"width": 400, "height": 900})
    browser_page.goto((folders[name] / "index.html").as_uri())
    found = browser_page.evaluate("document.documentElement.scrollWidth")
    browser_page.set_viewport_size({"width": 1280, "height": 900})
    assert found <= 400
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def test_no_word_of_a_drawing_leaves_it(browser_page: Page, folders: dict[str, Path]) -> None:
    browser_page.goto((folders["run"] / "index.html").as_uri())
    outside = browser_page.evaluate(
        """() => [...document.querySelectorAll('figure svg')].flatMap(svg => {
            const frame = svg.getBoundingClientRect();
            return [...svg.querySelectorAll('text')].filter(word => {
                const box = word.getBoundingClientRect();
                return box.left < frame.left - 1 || box.right > frame.right + 1
                    || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
            }).map(word => word.textContent);
        })"""
    )
    assert outside == []


def test_it_prints_on_a4(browser_page: Page, folders: dict[str, Path]) -> None:
    browser_page.goto((folders["run"] / "index.html").as_uri())
    printed = browser_page.pdf(format="A4", prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
    assert 4 < printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") < 25
