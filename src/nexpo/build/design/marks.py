"""Marks and words of the map: what stands at a place, and how a legend shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np

from nexpo.build.design.model import AreaDesign

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def pop_mark(x: float, y: float, size: float, words: str = "") -> str:
    """Return the mark of a POP: a black square with a white middle."""
    half, inner = size / 2, size / 5
    return (
        f'<g><path d="M{x - half:.1f} {y - half:.1f}h{size:.1f}v{size:.1f}h{-size:.1f}z" '
        f'fill="#111" stroke="#fff" stroke-width="2"/><path d="M{x - inner:.1f} {y - inner:.1f}'
        f'h{2 * inner:.1f}v{2 * inner:.1f}h{-2 * inner:.1f}z" fill="#fff"/>{_hint(words)}</g>\n'
    )


def cabinet_mark(x: float, y: float, size: float, words: str = "") -> str:
    """Return the mark of a cabinet: a red diamond."""
    half = 0.62 * size
    return (
        f'<path d="M{x:.1f} {y - half:.1f}l{half:.1f} {half:.1f}l{-half:.1f} {half:.1f}'
        f'l{-half:.1f} {-half:.1f}z" fill="#d1242f" stroke="#fff" stroke-width="1.6">'
        f"{_hint(words)}</path>\n"
    )


def mast_mark(x: float, y: float, size: float, words: str = "") -> str:
    """Return the mark of a radio site: a violet triangle."""
    half = size / 2
    return (
        f'<path d="M{x:.1f} {y - half:.1f}l{half:.1f} {size:.1f}h{-size:.1f}z" fill="#8a2be2" '
        f'stroke="#fff" stroke-width="1.6">{_hint(words)}</path>\n'
    )


def _hint(words: str) -> str:
    return f"<title>{escape(words)}</title>" if words else ""


def swatch(colour: str, width: float, dash: str = "") -> str:
    """Return a stroke of the legend."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="M0 0h32" stroke="{colour}" stroke-width="{width:.1f}"{dashed}/>'


def spot(colour: str, size: float) -> str:
    """Return a dot of the legend."""
    return f'<circle cx="14" r="{size / 2:g}" fill="{colour}"/>'


def title_of(design: AreaDesign) -> str:
    """Return the title of the map."""
    mark = "SYNTHETIC: fibre" if design.synthetic else "Fibre"
    return f"{mark} design of {design.place.name}, {design.request.on}"


def subtitle_of(design: AreaDesign) -> str:
    """Return the line under the title: addresses, trench, cost."""
    plan = design.fibre
    km = float(plan.trench_sections["length_m"].sum()) / 1000
    return (
        f"{km:,.1f} km of trench by class with the cables in it, POP, cabinets and chambers, "
        f"{plan.premises.height:,} premises served and {plan.unserved.height:,} left. The same "
        "facts are in the tables of the page and in the layers."
    )


def credits_of(design: AreaDesign) -> str:
    """Return whom the map owes what it shows, and its projection."""
    streets = design.graph.origin or "streets of the file given"
    open_street_map = any("odbl" in item.licence.casefold() for item in design.materials.inputs)
    named = "openstreetmap" in streets.casefold()
    whose = " © OpenStreetMap contributors, ODbL 1.0." if open_street_map and not named else ""
    made = " Made up by a seed, not a real network." if design.graph.synthetic else ""
    return f"Streets: {streets.rstrip('.')}.{whose}{made} Equal-area projection, WGS 84. Nexpo."


def polyline(tenths: NDArray[np.int64]) -> str:
    """Return points in tenths of a unit as the path of a line."""
    steps = np.diff(tenths, axis=0)
    steps = steps[np.any(steps, axis=1)]
    if not len(steps):
        return ""
    moves = "".join(f"{_tenth(x)}{_tenth(y)}" for x, y in steps.tolist())
    first = "".join(_tenth(value) for value in tenths[0].tolist()).lstrip()
    return f"M{first}l{moves.lstrip()}"


def _tenth(value: int) -> str:
    """Write tenths as short as SVG allows.

    Examples
    --------
    >>> _tenth(-3), _tenth(12)
    ('-.3', ' 1.2')
    """
    whole, tenth = divmod(abs(value), 10)
    digits = f"{whole or ''}.{tenth}" if tenth else str(whole)
    return f"-{digits}" if value < 0 else f" {digits}"
