"""What axe finds on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

WCAG = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    "resultTypes": ["violations"],  # what passes is checked too, but not written out
}
_REMOVE = "selectors => document.querySelectorAll(selectors).forEach(e => e.remove())"


def violations(page: Page, *, repeated: tuple[str, ...] = ()) -> str:
    """Return what axe reports of the open page; nothing is the empty text.

    ``repeated`` are selectors of what repeats the markup of its neighbours, thousands of rows or
    shapes. It is taken out first: axe lays out what it is only told to leave aside.
    """
    if repeated:
        page.evaluate(_REMOVE, ", ".join(repeated))
    results = Axe().run(page, options=WCAG)
    assert results.response["passes"], "axe has checked nothing"
    return results.generate_report() if results.violations_count else ""
