"""What moves a figure, choice by choice: a tornado, widest bar first; SVG.

Each bar goes from the lowest to the highest value that one choice gives, the others as in the
central case. The ends are written out: the drawing can be read without its colours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nexpo.build.impact.svg import (
    INK,
    SOFT,
    amount,
    box,
    drawing,
    fitted,
    in_words,
    line,
    listed,
    text,
    width_of,
)
from nexpo.impact.sampling import OWN_IMPORTS

if TYPE_CHECKING:
    from nexpo.build.impact.run_model import Tornado
    from nexpo.impact.sampling import Bar

_WIDTH, _LEFT, _RIGHT = 1000.0, 180.0, 40.0
_HEAD, _ROW, _THICK = 64.0, 58.0, 20.0
_ROOM = 0.16  # of the axis, on each side, for the numbers at the ends
_NOTE, _NEXT = 12.5, 16.0  # size of the words under a bar, and the height of a line of them
_LOW, _HIGH = "#2f6690", "#6a1b3d"
WORDS = {
    "mix": "spending mix",
    "delta": "delta of the region",
    "closure": "closure (Type II)",
    OWN_IMPORTS: "imports of the plan",
    "productivity": "productivity growth",
    "noise": "noise in the table",
}
RULE = (
    "delta, imports of the plan, productivity and noise: 5th and 95th percentile of each alone; "
    "mix and closure: the lowest and the highest among the alternatives"
)
INDICATORS = {"gdp": "GDP", "jobs": "jobs", "fte": "full-time equivalents"}


def tornado_chart(tornados: tuple[Tornado, ...]) -> str:
    """Return all tornados of a run as one SVG element, one under the other."""
    height = sum(_height(each) for each in tornados)
    body, top = [], 0.0
    for each in tornados:
        body += list(_panel(each, top))
        top += _height(each)
    told = (
        f"{_title(each)}: " + ", ".join(_told(bar, each.unit) for bar in each.bars)
        for each in tornados
    )
    words = (f"What moves the figures, widest first; {RULE}", listed(told))
    return drawing("tornado", (_WIDTH, height + 10), words, "".join(body))


def _panel(tornado: Tornado, top: float) -> Iterator[str]:
    ends = [value for bar in tornado.bars for value in (bar.low, bar.high)]
    low, high = min([*ends, tornado.central]), max([*ends, tornado.central])
    room = (high - low or abs(high) or 1.0) * _ROOM
    scale = (_WIDTH - _LEFT - _RIGHT) / (high - low + 2 * room)

    def x(value: float) -> float:
        return _LEFT + (value - low + room) * scale

    centre = x(tornado.central)
    foot = top + _HEAD + sum(map(_row, tornado.bars)) - 14
    yield text((20, top + 26), _title(tornado), font_weight="bold", font_size="17")
    yield text(
        (centre, top + 46), f"central: {amount(tornado.central, tornado.unit)}", "middle", fill=SOFT
    )
    yield line((centre, top + 52), (centre, foot), INK)
    y = top + _HEAD
    for bar in tornado.bars:
        yield from _bar(bar, y, (x(bar.low), centre, x(bar.high)), tornado.unit)
        y += _row(bar)


def _bar(bar: Bar, y: float, at: tuple[float, float, float], unit: str) -> Iterator[str]:
    left, centre, right = at
    turn = min(max(centre, left), right)
    words = _told(bar, unit)
    yield text((_LEFT - 12, y + 15), WORDS.get(bar.choice, bar.choice), "end", font_weight="bold")
    yield box((left, y), (turn - left, _THICK), _LOW, words)
    yield box((turn, y), (right - turn, _THICK), _HIGH, words)
    yield text((left - 6, y + 15), _plain(bar.low, unit), "end", font_size="13")
    yield text((right + 6, y + 15), _plain(bar.high, unit), font_size="13")
    for number, words in enumerate(_notes(bar), 1):
        yield text((_LEFT, y + _THICK + number * _NEXT), words, font_size=f"{_NOTE:g}", fill=SOFT)


def _notes(bar: Bar) -> tuple[str, ...]:
    """Return where a bar has its ends, on two lines where one is too short for it."""
    if not bar.swing:
        return ("moves nothing here",)
    room = _WIDTH - _LEFT - 10
    ends = f"low at {bar.low_at}", f"high at {bar.high_at}"
    if width_of("; ".join(ends), _NOTE) <= room:
        return ("; ".join(ends),)
    return tuple(fitted(each, room, _NOTE) for each in ends)


def _row(bar: Bar) -> float:
    return _ROW + (len(_notes(bar)) - 1) * _NEXT


def _title(tornado: Tornado) -> str:
    name = INDICATORS.get(tornado.indicator, tornado.indicator)
    return f"{name} in {in_words(tornado.area)}, all effects and years"


def _told(bar: Bar, unit: str) -> str:
    name = WORDS.get(bar.choice, bar.choice)
    return f"{name} {amount(bar.low, unit)} to {amount(bar.high, unit)}"


def _plain(value: float, unit: str) -> str:
    return amount(value, unit).removesuffix(f" {unit}")


def _height(tornado: Tornado) -> float:
    return _HEAD + sum(map(_row, tornado.bars)) + 24
