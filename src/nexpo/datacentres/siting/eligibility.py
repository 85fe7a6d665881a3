"""Land eligibility: which cells of an area are left when rules have been applied in order.

A rule marks cells by a layer, grown by a buffer in metres, and then takes them out
(``exclude``), leaves only them (``require``) or takes them back in (``readmit``). The buffer is
round: exact Euclidean distance from the cell's centre, to the geometry itself for features, and
for rasters between centres of cells or from the edge of the marked cell, as the rule says.

What a rule cannot answer, because its layer is missing or has no value in a cell, is kept apart
(:attr:`Eligibility.unchecked`): by default such a cell stays eligible *as far as is known*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
import shapely

from nexpo.core.problem import bad_input
from nexpo.datacentres.siting.cell_distance import From, within_cells
from nexpo.datacentres.siting.distance import within
from nexpo.datacentres.siting.grid import Cells, Frame, covered
from nexpo.datacentres.siting.layers import Features, Gridded, Layer, Missing, found

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Mask = NDArray[np.bool_]
    Counts = NDArray[np.uint8]

_SHOWN = 8
_QUARTER = 64  # segments of a quarter circle: under 0.01 % of a buffer's area


class Effect(Enum):
    """What a rule does with the cells that it marks."""

    EXCLUDE = "exclude"
    REQUIRE = "require"
    READMIT = "readmit"


class Unknown(Enum):
    """What becomes of a cell that a rule cannot judge."""

    ELIGIBLE = "eligible"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of eligibility.

    Attributes
    ----------
    buffer_m
        Metres round what the layer marks; zero for the layer alone.
    cells
        A cell is marked by its centre, or when any part of it is touched.
    measured
        From where a buffer round raster cells is measured.
    values
        Raster values that are marked; or those from ``at_least`` to ``at_most``, both included.
    column, among
        Only features whose value in a column is among some texts; of a raster, cells whose value
        stands for one of these classes.
    reason
        Why, in words for the page.
    """

    layer: str
    effect: Effect = Effect.EXCLUDE
    buffer_m: float = 0.0
    cells: Cells = Cells.CENTRE
    measured: From = From.CENTRE
    values: tuple[float, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    column: str = ""
    among: tuple[str, ...] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        if not (np.isfinite(self.buffer_m) and self.buffer_m >= 0):
            raise bad_input(
                "a buffer is a length in metres, not below zero",
                value=self.buffer_m,
                remedy=f"mend the buffer of {self.layer}",
            )


@dataclass(frozen=True, slots=True)
class Applied:
    """What a rule did.

    Attributes
    ----------
    marked
        Cells of the area that it marked; None where its layer is missing.
    changed
        Cells whose state it changed, in the order of the rules.
    unknown
        Cells of the area that it could not judge: its layer is missing, or the raster is
        unknown there or, inside the area, within the buffer.
    """

    rule: Rule
    marked: int | None
    changed: int
    unknown: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The answer for each cell.

    Attributes
    ----------
    area
        Cells of the study area.
    eligible
        Cells that every rule leaves, as far as is known.
    unchecked
        For each cell, how many rules could not judge it.
    """

    frame: Frame
    area: Mask
    eligible: Mask
    unchecked: Counts
    applied: tuple[Applied, ...]

    @property
    def share(self) -> float:
        """Eligible cells as a share of the area; NaN for an empty area."""
        cells = int(self.area.sum())
        return int(self.eligible.sum()) / cells if cells else float("nan")

    @property
    def unchecked_share(self) -> float:
        """Cells that are eligible only since a rule could not judge them; share of the area."""
        cells = int(self.area.sum())
        return int((self.eligible & (self.unchecked > 0)).sum()) / cells if cells else float("nan")

    @property
    def missing(self) -> tuple[Applied, ...]:
        """The rules whose layer is missing."""
        return tuple(each for each in self.applied if each.marked is None)

    @property
    def eligible_km2(self) -> float:
        """Eligible area."""
        return int(self.eligible.sum()) * self.frame.cell_ha / 100


def eligibility(
    area: Mask,
    frame: Frame,
    rules: Sequence[Rule],
    layers: Mapping[str, Layer],
    *,
    unknown: Unknown = Unknown.ELIGIBLE,
    told: Callable[[str], None] | None = None,
) -> Eligibility:
    """Apply rules in order to an area.

    Parameters
    ----------
    area
        Cells of the study area, all of them eligible at first.
    unknown
        What becomes of a cell that a rule cannot judge; a rule without its layer judges none.
    told
        Is told the layer of each rule before it is applied.

    Examples
    --------
    >>> frame = Frame(0.0, 300.0, 100.0, 3, 3)
    >>> from nexpo.datacentres.siting.layers import Shape
    >>> park = Features("park", Shape.POLYGONS, [shapely.box(0, 200, 100, 300)])
    >>> rule = Rule("park", buffer_m=50)
    >>> answer = eligibility(np.ones((3, 3), bool), frame, [rule], {"park": park})
    >>> answer.eligible.astype(int)
    array([[0, 0, 1],
           [0, 1, 1],
           [1, 1, 1]])
    """
    eligible = area.copy()
    unchecked = np.zeros(frame.shape, dtype=np.uint8)
    applied = []
    for rule in rules:
        if told is not None:
            told(rule.layer)
        layer = found(layers, rule.layer)
        if isinstance(layer, Missing):
            applied.append(Applied(rule, None, 0, int(area.sum()), layer.reason))
            unchecked[area] += 1
            if unknown is Unknown.EXCLUDED and rule.effect is not Effect.READMIT:
                eligible[:] = False
            continue
        marked, doubtful = mark(rule, layer, frame, area)
        before = int(eligible.sum())
        _apply(rule.effect, marked, area, eligible)
        if unknown is Unknown.EXCLUDED:
            eligible &= ~doubtful
        unchecked += doubtful
        after = int(eligible.sum())
        notes = ("synthetic stand-in" if layer.synthetic else "", *_absent(rule, layer))
        note = "; ".join(each for each in notes if each)
        seen = int((marked & area).sum()), abs(before - after), int(doubtful.sum())
        applied.append(Applied(rule, *seen, note))
    return Eligibility(frame, area, eligible, unchecked, tuple(applied))


def mark(rule: Rule, layer: Features | Gridded, frame: Frame, area: Mask) -> tuple[Mask, Mask]:
    """Return the cells that a rule marks, and those of the area that it cannot judge.

    A cell of a raster cannot be judged where an unknown cell of the area lies within the buffer.
    What lies beyond the area is taken as the layer has it, as with features.
    """
    if isinstance(layer, Gridded):
        return _mark_raster(rule, layer, frame, area)
    return _mark_features(rule, layer, frame, area), np.zeros(frame.shape, dtype=np.bool_)


def _apply(effect: Effect, marked: Mask, area: Mask, eligible: Mask) -> None:
    if effect is Effect.EXCLUDE:
        eligible &= ~marked
    elif effect is Effect.REQUIRE:
        eligible &= marked
    else:
        eligible |= marked & area


def _mark_features(rule: Rule, layer: Features, frame: Frame, area: Mask) -> Mask:
    kept = _chosen(rule, layer)
    if rule.cells is Cells.TOUCHED:
        shapes = np.asarray(kept, dtype=object)
        if rule.buffer_m:
            shapes = shapely.buffer(shapes, rule.buffer_m, quad_segs=_QUARTER)
        return covered(list(shapes), frame, cells=Cells.TOUCHED)
    if rule.buffer_m:
        return within(kept, frame, rule.buffer_m, where=area)
    return covered(kept, frame)


def _chosen(rule: Rule, layer: Features) -> Sequence[BaseGeometry]:
    if not rule.column:
        return layer.geometries
    if rule.column not in layer.table:
        raise bad_input(
            f"the layer {layer.key} has no column of this name",
            value=rule.column,
            remedy=f"its columns: {', '.join(layer.table) or 'none'}",
        )
    among = set(rule.among)
    return layer.chosen([str(value) in among for value in layer.table[rule.column]]).geometries


def _absent(rule: Rule, layer: Features | Gridded) -> Iterator[str]:
    """Yield a sentence for each value asked for that no feature has."""
    if not isinstance(layer, Features) or not rule.among or rule.column not in layer.table:
        return
    there = sorted({str(value) for value in layer.table[rule.column] if value is not None})
    told = ", ".join(there[:_SHOWN]) + (", ..." if len(there) > _SHOWN else "")
    for value in rule.among:
        if value not in there:
            yield f"value {value} does not occur in column {rule.column} ({told or 'no value'})"


def _mark_raster(rule: Rule, layer: Gridded, frame: Frame, area: Mask) -> tuple[Mask, Mask]:
    known = np.isfinite(layer.values)
    cell_m, measured = layer.frame.cell_m, rule.measured
    grown = within_cells(_matches(rule, layer) & known, rule.buffer_m, cell_m, measured=measured)
    marked: Mask = np.ascontiguousarray(frame.crop(grown, layer.frame)).astype(np.bool_)
    blind = ~frame.crop(known, layer.frame).astype(np.bool_) & area
    unsure = within_cells(blind, rule.buffer_m, cell_m, measured=measured)
    doubtful: Mask = unsure & ~marked & area
    return marked, doubtful


def _matches(rule: Rule, layer: Gridded) -> Mask:
    if rule.values or (rule.at_least is None and rule.at_most is None):
        return layer.marked(rule.values, rule.among)
    marked = np.ones(layer.values.shape, dtype=np.bool_)
    if rule.at_least is not None:
        marked &= layer.values >= np.float32(rule.at_least)
    if rule.at_most is not None:
        marked &= layer.values <= np.float32(rule.at_most)
    return marked
