"""An indicator by year as stacked bars, one bar a year, a band an effect; SVG.

Each band is named by its pattern and in the key, the sum of each bar is written above it, and the
same numbers stand in the table beside: colour carries nothing alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nexpo.build.design.charts import ticks
from nexpo.build.impact.svg import SOFT, box, drawing, line, listed, text

_WIDTH, _HEIGHT = 900.0, 380.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 84.0, 20.0, 70.0, 46.0
_WIDEST, _PART = 90.0, 0.62
_FILLS = {"direct": "#6a1b3d", "indirect": "#b5597d", "induced": "#e6c3d0"}
_KEY = 150.0


def years_chart(
    name: str, title: str, unit: str, rows: Sequence[tuple[int, Mapping[str, float]]]
) -> str:
    """Return the chart as one SVG element.

    Parameters
    ----------
    name
        Of its ids on a page.
    unit
        Of the values as given: scale them first.
    rows
        Year, and value by effect.
    """
    sums = [sum(parts.values()) for _, parts in rows]
    digits = digits_of(unit)
    pairs = zip(rows, sums, strict=True)
    told = listed(f"{year} {total:,.{digits}f} {unit}" for (year, _), total in pairs)
    body = "".join(_parts(rows, sums, f"{title}, {unit}", digits))
    return drawing(name, (_WIDTH, _HEIGHT), (f"{title}, {unit}", told), body)


def digits_of(unit: str) -> int:
    """Return decimals that a value of a unit is shown with.

    Examples
    --------
    >>> digits_of("EUR m"), digits_of("person")
    (1, 0)
    """
    return 1 if unit == "EUR m" else 0


def _parts(
    rows: Sequence[tuple[int, Mapping[str, float]]], sums: Sequence[float], title: str, digits: int
) -> Iterator[str]:
    marks = ticks(max([*sums, 0.0]))
    upwards = (_HEIGHT - _TOP - _BOTTOM) / marks[-1]
    step = (_WIDTH - _LEFT - _RIGHT) / len(rows)
    wide = min(step * _PART, _WIDEST)
    floor = _HEIGHT - _BOTTOM
    yield text((20, 26), title, font_weight="bold", font_size="17")
    yield from _key([effect for effect in _FILLS if any(effect in parts for _, parts in rows)])
    for value in marks:
        yield line((_LEFT, floor - value * upwards), (_WIDTH - _RIGHT, floor - value * upwards))
        yield text((_LEFT - 10, floor - value * upwards + 5), f"{value:,.10g}", "end", fill=SOFT)
    for place, (year, parts) in enumerate(rows):
        middle = _LEFT + step * (place + 0.5)
        top = floor
        for effect, fill in _FILLS.items():
            tall = max(parts.get(effect, 0.0), 0.0) * upwards
            top -= tall
            words = f"{year}, {effect}: {parts.get(effect, 0.0):,.{digits}f}"
            yield box((middle - wide / 2, top), (wide, tall), fill, words)
            if tall > 1:
                yield line((middle - wide / 2, top), (middle + wide / 2, top), "#fff")
        yield text((middle, top - 7), f"{sums[place]:,.{digits}f}", "middle", font_weight="bold")
        yield text((middle, floor + 22), str(year), "middle")


def _key(effects: Sequence[str]) -> Iterator[str]:
    for place, effect in enumerate(effects):
        x = _LEFT + place * _KEY
        yield box((x, 40), (16, 14), _FILLS[effect])
        yield text((x + 22, 52), f"{effect}, {('bottom', 'middle', 'top')[place]}")
