"""The map: valid SVG, small, and true to its classes."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
import shapely

from nexpo.build.drawing import COLOURS, Choropleth, _tenth, breaks_for, class_labels, class_of

SVG = "{http://www.w3.org/2000/svg}"


def choropleth(**changes: object) -> Choropleth:
    fields: dict[str, object] = {
        "shapes": {
            "000001": shapely.box(9, 45, 9.5, 45.5),
            "000002": shapely.box(9.5, 45, 10, 45.5).difference(shapely.box(9.7, 45.1, 9.8, 45.2)),
        },
        "provinces": {"000001": "000", "000002": "001"},
        "names": {"000": "AA", "001": "B&B"},
        "values": {"000001": 3.0, "000002": None},
        "labels": {"000001": "Uno <1>"},
        "breaks": (5, 10, 20, 40),
        "title": "a & b",
        "description": "d",
        "legend": "l",
        "source": "s",
    }
    return Choropleth(**(fields | changes))  # type: ignore[arg-type]


def test_it_is_well_formed_with_title_and_description() -> None:
    root = ET.fromstring(choropleth().svg())
    assert root.findtext(f"{SVG}title") == "a & b"
    assert root.findtext(f"{SVG}desc") == "d"
    assert root.get("role") == "img"


def test_each_municipality_has_its_class_colour_and_label() -> None:
    root = ET.fromstring(choropleth().svg())
    paths = [path for path in root.iter(f"{SVG}path") if path.find(f"{SVG}title") is not None]
    assert [path.get("fill") for path in paths] == [COLOURS[1], COLOURS[0]]
    assert paths[0].findtext(f"{SVG}title") == "Uno <1>"
    assert str(paths[1].get("d")).count("M") == 2  # the hole


def test_a_stand_in_is_stamped() -> None:
    assert "SYNTHETIC" in choropleth(watermark="SYNTHETIC").svg()
    assert "SYNTHETIC" not in choropleth().svg()


def test_the_scale_bar_is_round_and_true() -> None:
    drawn = choropleth()
    km = drawn._frame.round_km(215)
    assert km in {1, 2, 5, 10, 20, 50}
    assert 80 < km * 1000 * drawn._frame.scale <= 215


@pytest.mark.parametrize(("value", "text"), [(0, " 0"), (-3, "-.3"), (12, " 1.2"), (-40, "-4")])
def test_tenths_are_written_short(value: int, text: str) -> None:
    assert _tenth(value) == text


def test_breaks_are_rising_even_for_few_values() -> None:
    for values in ([], [1.0], [0.1, 0.11, 0.12], list(range(1, 50))):
        ends = breaks_for(values)
        assert len(ends) == 4
        assert list(ends) == sorted(ends)
        assert len(class_labels(ends)) == len(COLOURS)
    assert class_of(1e9, (5, 10, 20, 40)) == 5
