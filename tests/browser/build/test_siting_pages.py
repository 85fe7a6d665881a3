"""The pages of siting in Chromium: accessible, alone, printable, no wider than the screen."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import shapely

from nexpo.build.datacentres import heat_outputs
from nexpo.build.datacentres.heat import Wish, reuse
from nexpo.build.datacentres.outputs import write
from nexpo.build.datacentres.report import render_sheet
from nexpo.build.datacentres.screening import Order
from nexpo.build.datacentres.site import sheet_of
from tests.browser.accessibility import violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PAGES = ("screen", "site", "heat")
REPEATED = ("tbody tr:nth-child(n+6)",)  # later rows repeat their markup


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Screen a region on coarse cells, without any data of a publisher."""
    folder = tmp_path_factory.mktemp("siting")
    (folder / "data").mkdir()
    nodes = "bus_id,station_id,voltage,dc,symbol,under_construction,x,y\n"
    (folder / "data" / "grid").mkdir()
    (folder / "data" / "grid" / "entsoe_buses.csv").write_text(
        f"{nodes}1,1,380,f,Substation,f,9.1,45.3\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEXPO_DATA", str(folder / "data"))
        patch.setenv("NEXPO_HOME", str(folder / "home"))
        patch.delenv("DATABASE_URL", raising=False)
        order = Order(
            "lombardia", folder / "out", date(2026, 7, 1), cell_m=2000.0, draws=10, site_ha=400
        )
        written = write(order)
        sheet = sheet_of(written.screening, shapely.Point(9.07, 45.50))
        sites = folder / "sites.csv"
        sites.write_text("id,lon,lat,it_kw\na,9.19,45.46,2000\nb,9.05,45.36,\n")
        reused = reuse(Wish("lombardia", date(2026, 7, 1), sites))
    (folder / "site.html").write_text(render_sheet(sheet))
    heat_outputs.write(reused, folder / "heat")
    return {
        "screen": folder / "out" / "index.html",
        "site": folder / "site.html",
        "heat": folder / "heat" / "index.html",
    }


@pytest.mark.parametrize("name", PAGES)
def test_no_violation_of_wcag(browser_page: Page, pages: dict[str, Path], name: str) -> None:
    browser_page.goto(pages[name].as_uri())
    assert violations(browser_page, repeated=REPEATED) == ""
    assert browser_page.evaluate("document.documentElement.lang") == "en"


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("name", PAGES)
def test_no_screen_scrolls_sideways(
    browser_page: Page, pages: dict[str, Path], name: str, width: int
) -> None:
    browser_page.set_viewport_size({"width": width, "height": 900})
    browser_page.goto(pages[name].as_uri())
    found = browser_page.evaluate("document.documentElement.scrollWidth")
    browser_page.set_viewport_size({"width": 1280, "height": 900})
    assert found <= width


@pytest.mark.parametrize("name", PAGES)
def test_it_prints_on_a4_and_asks_no_network(
    browser_page: Page, pages: dict[str, Path], name: str
) -> None:
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))
    browser_page.goto(pages[name].as_uri())
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    browser_page.emulate_media(media="print")
    browser_page.set_viewport_size({"width": 680, "height": 960})  # A4 within its margins
    wide = browser_page.evaluate(
        "Math.max(...[...document.querySelectorAll('table')].map(t => t.scrollWidth))"
    )
    printed = browser_page.pdf(format="A4", prefer_css_page_size=True)
    browser_page.emulate_media(media="screen")
    browser_page.set_viewport_size({"width": 1280, "height": 900})
    assert wide <= 700
    assert printed.startswith(b"%PDF")
