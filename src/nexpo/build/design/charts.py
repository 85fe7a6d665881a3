"""The Pareto front as SVG: what each number of addresses served costs at the least."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import ceil, floor, log10

from nexpo.connectivity.design.choice.model import Point

_WIDTH, _HEIGHT = 900, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 30, 24, 64
_TICKS = 6
_CENTS = 100


def front_chart(points: Sequence[Point], chosen: Point | None) -> str:
    """Return the front as one SVG element: cost to the right, served upwards.

    Between two points nothing better exists than the left one, so the line is a stair.
    """
    return "".join(_parts(points, chosen))


def ticks(most: float, about: int = _TICKS) -> list[float]:
    """Return round values from zero up to the first that is not below ``most``.

    Examples
    --------
    >>> ticks(47), ticks(0)
    ([0, 10, 20, 30, 40, 50], [0, 1])
    """
    if most <= 0:
        return [0, 1]
    rough = most / about
    tens = 10 ** floor(log10(rough))
    step = next(each * tens for each in (1, 2, 5, 10) if each * tens >= rough)
    whole = max(1, step) if most >= 1 else step
    return [number * whole for number in range(ceil(most / whole) + 1)]


def _parts(points: Sequence[Point], chosen: Point | None) -> Iterator[str]:
    costs = ticks(max(point.cost_cents for point in points) / _CENTS)
    served = ticks(max(point.served for point in points))
    across = (_WIDTH - _LEFT - _RIGHT) / costs[-1]
    upwards = (_HEIGHT - _TOP - _BOTTOM) / served[-1]

    def x(cents: int) -> float:
        return _LEFT + cents / _CENTS * across

    def y(count: float) -> float:
        return _HEIGHT - _BOTTOM - count * upwards

    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        'aria-labelledby="front-title front-desc" font-family="Helvetica,Arial,sans-serif" '
        'font-size="15" fill="#222"><title id="front-title">Cost against addresses served</title>'
        '<desc id="front-desc">The least cost of each number served; the same points are in the '
        "table beside it.</desc>\n"
    )
    for value in served:
        yield _line(_LEFT, y(value), _WIDTH - _RIGHT, y(value))
        yield _text(_LEFT - 10, y(value) + 5, f"{value:,.0f}", "end")
    for value in costs:
        at = x(round(value * _CENTS))
        yield _text(at, _HEIGHT - _BOTTOM + 24, _euros(value, costs[-1]), "middle")
    unit = "million EUR" if costs[-1] >= 1e6 else "thousand EUR"  # noqa: PLR2004 - a million
    yield _text(_WIDTH - _RIGHT, _HEIGHT - 12, f"cost, {unit}", "end")
    yield _text(_LEFT - 60, 14, "served", "start")
    yield f'<path d="{_stair(points, x, y)}" fill="none" stroke="#6a1b3d" stroke-width="2.5"/>\n'
    if chosen is not None:
        yield _mark(x(chosen.cost_cents), y(chosen.served))
    yield "</svg>\n"


def _stair(points: Sequence[Point], x: Callable[[int], float], y: Callable[[float], float]) -> str:
    first, *rest = points
    path = f"M{x(first.cost_cents):.1f} {y(first.served):.1f}"
    steps = (f"H{x(p.cost_cents):.1f}V{y(p.served):.1f}" for p in rest)
    return path + "".join(steps)


def _mark(x: float, y: float) -> str:
    anchor, shift = ("end", -14) if x > _WIDTH / 2 else ("start", 14)
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="#fff" stroke="#6a1b3d" stroke-width="3"/>'
        f'<text x="{x + shift:.1f}" y="{y + 26:.1f}" text-anchor="{anchor}" font-weight="bold">'
        "the choice</text>\n"
    )


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="#d9d3c7"/>\n'


def _text(x: float, y: float, text: str, where: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{where}">{text}</text>\n'


def _euros(value: float, most: float) -> str:
    return f"{value / 1e6:g}" if most >= 1e6 else f"{value / 1e3:g}"  # noqa: PLR2004 - a million
