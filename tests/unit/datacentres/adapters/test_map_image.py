"""The map: colours, hatch for unknown, legend, scale, north."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import shapely

from nexpo.datacentres.adapters.map_image import Picture, Site, draw, pixels
from nexpo.datacentres.siting.grid import Frame

FRAME = Frame(0.0, 4000.0, 100.0, 40, 50)
HATCH, EXCLUDED, WHITE = (0xC2, 0x41, 0x0C), (0xE3, 0xDE, 0xD4), (255, 255, 255)


def picture() -> Picture:
    area = np.zeros(FRAME.shape, dtype=bool)
    area[:, :40] = True
    eligible = area.copy()
    eligible[:10] = False
    score = np.full(FRAME.shape, np.nan, dtype=np.float32)
    score[eligible] = np.linspace(0, 1, int(eligible.sum()))
    blind = np.zeros(FRAME.shape, dtype=bool)
    blind[30:, 10:40] = True
    score[blind] = np.nan
    site = Site(1, shapely.box(500, 500, 800, 700))
    return Picture(
        FRAME, "A & B", "sub", score, area, eligible, blind, shapely.box(0, 0, 4000, 4000),
        [site], 0.0, 1.0, "Score", ["fibre"], stamp="SYNTHETIC", credit="c",
    )  # fmt: skip


def colours(found: np.ndarray, rows: slice, columns: slice) -> set[tuple[int, ...]]:
    return {tuple(int(v) for v in each) for each in found[:, rows, columns].reshape(3, -1).T}


def test_each_kind_of_cell_has_its_colour() -> None:
    found = pixels(picture())
    assert colours(found, slice(0, 10), slice(0, 40)) == {EXCLUDED}
    assert colours(found, slice(0, 40), slice(40, 50)) == {WHITE}
    assert HATCH in colours(found, slice(30, 40), slice(10, 40))
    assert HATCH not in colours(found, slice(10, 30), slice(0, 40))
    assert tuple(found[:, 10, 0]) == (0x3B, 0x1C, 0x5A)  # the lowest score is the dark end


def test_one_score_everywhere_is_no_division_by_zero() -> None:
    flat = picture()
    score = np.where(np.isfinite(flat.score), 0.5, np.nan).astype(np.float32)
    assert pixels(replace(flat, score=score, low=0.5, high=0.5)).shape == (3, 40, 50)


def test_the_drawing_is_whole_and_says_what_is_unknown() -> None:
    drawn = draw(picture())
    root = ET.fromstring(drawn)
    words = " ".join(text for text in root.itertext())
    for said in ("A & B", "fibre", "unknown", "SYNTHETIC", "N", "500 m", "Score", "excluded"):
        assert said in words
    assert 'id="hatch"' in drawn


def test_a_wide_raster_is_drawn_no_wider_than_the_picture() -> None:
    frame = replace(FRAME, rows=10, columns=3000)
    nothing = np.zeros(frame.shape, dtype=bool)
    wide = replace(
        picture(), frame=frame, area=~nothing, eligible=nothing, blind=nothing,
        score=np.full(frame.shape, np.nan, dtype=np.float32),
    )  # fmt: skip
    assert pixels(wide).shape == (3, 4, 1000)
