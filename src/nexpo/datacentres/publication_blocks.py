"""From cells to what suppression is asked with: sums, who reports them, what is sensitive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from nexpo.core.progress import Progress
from nexpo.datacentres.publication_bounds import Bounds, bounds_of_codes, that_hold, with_bounds
from nexpo.datacentres.publication_cells import Cells
from nexpo.datacentres.publication_check import Layout, hardened
from nexpo.datacentres.publication_worlds import Known
from nexpo.datacentres.suppression import Limits, Pattern, Table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Conventions(Protocol):
    """What is read here of the terms of a publication."""

    @property
    def min_centres(self) -> int: ...  # noqa: D102 - said once, where the terms are declared
    @property
    def width_share(self) -> float: ...  # noqa: D102 - likewise
    @property
    def count_width(self) -> float: ...  # noqa: D102 - likewise
    @property
    def dominance(self) -> tuple[int, float] | None: ...  # noqa: D102 - likewise
    @property
    def p_share(self) -> float | None: ...  # noqa: D102 - likewise
    @property
    def marks(self) -> Literal["plain", "why"]: ...  # noqa: D102 - likewise
    @property
    def zeros(self) -> Literal["published", "may hide"]: ...  # noqa: D102 - likewise
    @property
    def with_count(self) -> bool: ...  # noqa: D102 - likewise
    @property
    def loss(self) -> Literal["cells", "centres", "value"]: ...  # noqa: D102 - likewise
    @property
    def known_within(self) -> tuple[float, float]: ...  # noqa: D102 - likewise
    @property
    def each_within(self) -> Bounds: ...  # noqa: D102 - likewise


@dataclass(frozen=True, slots=True)
class Block:
    """A sum over all cells.

    Attributes
    ----------
    given
        Value by centre, NaN where not reported.
    values, reporting
        Sum, and number of centres that report, by cell.
    pattern
        Blocks of one pattern are shown or hidden together.
    share
        Part of a printed figure that it stands for: a half for either sum of a ratio.
    derived
        Never printed: it is what a subtraction of two others would give.
    counts
        It is the count of centres.
    """

    name: str
    given: Floats
    values: Floats
    reporting: Floats
    pattern: str
    derived: bool = False
    share: float = 1.0
    counts: bool = False


@dataclass(frozen=True, slots=True)
class _Split:
    """A sum that is that of two other blocks, in each cell."""

    whole: str
    parts: tuple[str, str]


def blocks_of(
    count: str,
    sums: Mapping[str, Floats],
    ratios: Mapping[str, tuple[str, str]],
    members: sparse.csr_array,
    ties: Sequence[Sequence[str]],
) -> dict[str, Block]:
    """Return the blocks by name: the count first, each sum, and the parts of uneven ratios.

    A ratio is uneven where some centre reports only one of its two sums.
    """
    tied = {name: tie[0] for tie in ties for name in tie}
    blocks: dict[str, Block] = {}

    def add(
        name: str,
        given: Floats,
        pattern: str,
        *,
        derived: bool = False,
        share: float = 1.0,
        counts: bool = False,
    ) -> None:
        here = ~np.isnan(given)
        total, reporting = members @ np.where(here, given, 0.0), members @ here.astype(float)
        blocks[name] = Block(name, given, total, reporting, pattern, derived, share, counts)

    add(count, np.ones(members.shape[1]), tied.get(count, count), counts=True)
    for name, given in sums.items():
        add(name, given, tied.get(name, name))
    for ratio, pair in ratios.items():
        both = ~np.isnan(sums[pair[0]]) & ~np.isnan(sums[pair[1]])
        if all((both == ~np.isnan(sums[name])).all() for name in pair):
            continue
        for name in pair:
            add(f"{ratio}: {name}", np.where(both, sums[name], np.nan), ratio, share=1 / len(pair))
            rest = np.where(both, np.nan, sums[name])
            add(f"{ratio}: {name} alone", rest, f"{ratio}: {name} alone", derived=True)
    return blocks


def protect(
    blocks: Mapping[str, Block],
    cells: Cells,
    terms: Conventions,
    limits: Limits | None,
    progress: Progress,
) -> tuple[Pattern, dict[str, Bools], dict[str, Bools]]:
    """Return the pattern, and by block the cells hidden and those hidden for themselves."""
    listed, size = len(cells.labels), len(cells.labels) + len(cells.leaves.labels)
    names = dict.fromkeys(block.pattern for block in blocks.values())
    start = {name: place * size for place, name in enumerate(names)}
    starts = {block.name: start[block.pattern] for block in blocks.values()}
    table, wanted = _table(blocks, cells, terms, starts)
    several, truth = list(blocks), np.array([block.values[listed:] for block in blocks.values()])
    least = np.zeros_like(truth)
    most = np.repeat(np.maximum(truth.sum(axis=1), 1.0)[:, np.newaxis], size - listed, axis=1)
    within = []
    for figure, *ends in bounds_of_codes(cells, terms.each_within):
        if figure in blocks:
            place = several.index(figure)
            within.append(place)
            low, high = that_hold(truth[0], truth[place], *ends)
            least[place], most[place] = low, np.minimum(high, most[place])
            table = with_bounds(table, (0, place * size), listed, low, high)
    entries = np.arange(len(blocks))[:, np.newaxis] * size + np.arange(listed)
    lower, upper = table.lower[entries], table.upper[entries]
    splits = tuple(_places(several, split) for split in _splits(blocks))
    known = Known(cells.leaves.content, truth, lower, upper, least, most, splits)
    layout = Layout(listed, size - listed, len(blocks), tuple(within))
    pattern = hardened(table, wanted, layout, known, limits, progress)
    hidden = {n: pattern.hidden[s : s + listed] for n, s in starts.items()}
    return pattern, hidden, {n: table.primary[s : s + listed] for n, s in starts.items()}


def _table(
    blocks: Mapping[str, Block], cells: Cells, terms: Conventions, start: Mapping[str, int]
) -> tuple[Table, Floats]:
    """Return what suppression is asked with, and the width by entry that anything hidden needs.

    ``start`` is the first group of each block.
    """
    listed, members = len(cells.labels), cells.with_leaves
    size = members.shape[0]
    leaf = np.arange(size) >= listed
    several = list(blocks.values())
    sensitive = {b.name: _sensitive(b, members, terms) & ~leaf for b in several}
    primary, weight, silent = _groups(blocks, terms, start, sensitive, size)
    for first in set(start.values()):
        primary[first + listed : first + size], weight[first + listed : first + size] = True, 0.0
    bounds = [_known(b, sensitive[b.name], terms) for b in several]
    asked = [_asked(b, sensitive[b.name], members, terms) for b in several]
    every = [_asked(b, ~leaf, members, terms)[0] for b in several]
    inner = np.tile(leaf, len(several))
    table = Table(
        values=np.concatenate([b.values for b in several]),
        relations=_joined(blocks, _within(cells)),
        lower=np.where(inner, 0.0, np.concatenate([low for low, _ in bounds])),
        upper=np.where(inner, np.inf, np.concatenate([high for _, high in bounds])),
        group=np.concatenate([np.arange(size) + start[name] for name in blocks]),
        weight=weight,
        primary=primary,
        shown=silent & ~primary,
        width=np.concatenate([width for width, _ in asked]),
        up=np.concatenate([up for _, up in asked]),
        down=np.zeros(size * len(blocks)),
        demands=(
            *_remainders(blocks, cells.relations, start, terms.min_centres),
            *_companions(cells.relations, start, primary),
            *(_counted(blocks, start, silent, listed) if terms.with_count else ()),
        ),
    )
    told = [b.reporting > 0 if not b.derived else np.zeros(size, dtype=bool) for b in several]
    return table, np.where(np.concatenate(told), np.concatenate(every), 0.0)


def _within(cells: Cells) -> sparse.csr_array:
    """Return each cell as the sum of its leaves, from which all relations among cells follow."""
    listed = cells.leaves.content.shape[0]
    return sparse.hstack([-sparse.eye_array(listed), cells.leaves.content], format="csr")


def _groups(
    blocks: Mapping[str, Block],
    terms: Conventions,
    start: Mapping[str, int],
    sensitive: Mapping[str, Bools],
    size: int,
) -> tuple[Bools, Floats, Bools]:
    """Return by group whether it must be hidden, what that costs, and whether nobody reports."""
    groups = max(start.values()) + size
    primary, silent = np.zeros(groups, dtype=bool), np.ones(groups, dtype=bool)
    weight = np.zeros(groups)
    for block in blocks.values():
        here = slice(start[block.name], start[block.name] + size)
        primary[here] |= sensitive[block.name] | block.derived
        if not block.derived:
            weight[here] += _weight(block, terms)
            silent[here] &= _silent(block, terms)
    return primary, weight, silent


def _sensitive(block: Block, members: sparse.csr_array, terms: Conventions) -> Bools:
    """Return the cells that must not be shown for themselves."""
    found = (block.reporting > 0) & (block.reporting < terms.min_centres)
    if terms.dominance is not None:
        count, share = terms.dominance
        found |= _largest(block, members, count) > share * block.values
    if terms.p_share is not None:
        first, two = _largest(block, members, 1), _largest(block, members, 2)
        found |= (block.values - two < terms.p_share * first) & (first > 0)
    return found


def _largest(block: Block, members: sparse.csr_array, count: int) -> Floats:
    """Return the sum of the largest contributions, by cell."""
    held = members.tocoo()
    row, given = held.row, np.nan_to_num(block.given[held.col])
    order = np.lexsort((-given, row))
    row, given = row[order], given[order]
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    first = rank < count
    found = np.bincount(row[first], given[first], minlength=members.shape[0])
    return found.astype(np.float64)


def _weight(block: Block, terms: Conventions) -> Floats:
    if terms.loss == "cells":
        return np.full(len(block.values), block.share)
    if terms.loss == "centres":
        return block.share * np.maximum(block.reporting, 1.0)
    return block.share * block.values / max(float(block.values.max(initial=0.0)), 1e-300)


def _silent(block: Block, terms: Conventions) -> Bools:
    """Return the cells in which nobody says anything, so that there is nothing to hide."""
    if block.counts and terms.zeros == "may hide":
        return np.zeros(len(block.values), dtype=bool)
    silent: Bools = block.reporting == 0
    return silent


def _known(block: Block, sensitive: Bools, terms: Conventions) -> tuple[Floats, Floats]:
    """Return what a reader knows of each cell beforehand."""
    least, most = terms.known_within
    low, high = block.values * least, np.full(len(block.values), np.inf)
    if np.isfinite(most):
        high = block.values * most
    if block.counts:
        low = np.maximum(low, 1.0 if terms.zeros == "published" else 0.0)
        if terms.marks == "why":
            low = np.where(sensitive, low, np.maximum(low, terms.min_centres))
            few = block.reporting < terms.min_centres
            high = np.where(sensitive & few, np.minimum(high, terms.min_centres - 1), high)
    silent = block.reporting == 0 if not block.counts else np.zeros(len(low), dtype=bool)
    low, high = np.where(silent, 0.0, low), np.where(silent, 0.0, high)
    return np.minimum(low, block.values), np.maximum(high, block.values)


def _asked(
    block: Block, sensitive: Bools, members: sparse.csr_array, terms: Conventions
) -> tuple[Floats, Floats]:
    """Return the width, and the reach above, that an attacker must be left with."""
    zeros = np.zeros(len(block.values))
    if block.counts:
        return np.where(sensitive, terms.count_width, zeros), zeros
    given = block.given[block.given > 0]
    floor = float(given.min()) if len(given) else 1.0
    width = terms.width_share * np.where(block.values > 0, block.values, floor)
    up = zeros.copy()
    if terms.dominance is not None:
        count, share = terms.dominance
        up = np.maximum(up, _largest(block, members, count) / share - block.values)
    if terms.p_share is not None:
        first, two = _largest(block, members, 1), _largest(block, members, 2)
        up = np.maximum(up, terms.p_share * first - (block.values - two))
    return np.where(sensitive, width, 0.0), np.where(sensitive, up, 0.0)


def _joined(blocks: Mapping[str, Block], relations: sparse.csr_array) -> sparse.csr_array:
    """Return the relations of all blocks, and those between a sum and its two parts."""
    size = relations.shape[1]
    place = {name: i for i, name in enumerate(blocks)}
    rows = [sparse.kron(sparse.eye_array(len(blocks)), relations, format="csr")]
    for split in _splits(blocks):
        signs = np.zeros((1, len(blocks)))
        signs[0, place[split.whole]] = -1.0
        signs[0, [place[part] for part in split.parts]] = 1.0
        rows.append(sparse.kron(signs, sparse.eye_array(size), format="csr"))
    return sparse.vstack(rows, format="csr")


def _places(several: Sequence[str], split: _Split) -> tuple[int, int, int]:
    first, second = split.parts
    return several.index(split.whole), several.index(first), several.index(second)


def _splits(blocks: Mapping[str, Block]) -> Iterator[_Split]:
    for name in blocks:
        if name.endswith(" alone"):
            part = name.removesuffix(" alone")
            yield _Split(part.split(": ", 1)[1], (part, name))


def _remainders(
    blocks: Mapping[str, Block], relations: sparse.csr_array, start: Mapping[str, int], least: int
) -> Iterator[tuple[dict[int, float], float]]:
    """Yield demands that what is hidden under a total shown holds enough centres together.

    Their sum is given away by subtraction, and each of two centres would know the other.
    """
    for relation in range(relations.shape[0]):
        span = slice(*relations.indptr[relation : relation + 2])
        cells, signs = relations.indices[span], relations.data[span]
        parts, total = cells[signs > 0], int(cells[signs < 0][0])
        for block in blocks.values():
            few = (block.reporting[parts] > 0) & (block.reporting[parts] < least)
            if block.derived or not few.any():
                continue
            row = {start[block.name] + int(c): float(block.reporting[c]) for c in parts}
            yield row | {start[block.name] + total: float(least)}, float(least)


def _companions(
    relations: sparse.csr_array, start: Mapping[str, int], primary: Bools
) -> Iterator[tuple[dict[int, float], float]]:
    """Yield demands that no cell is hidden alone in a relation: the others would give it."""
    for relation in range(relations.shape[0]):
        span = slice(*relations.indptr[relation : relation + 2])
        for first in dict.fromkeys(start.values()):
            groups = [first + int(cell) for cell in relations.indices[span]]
            for own in groups:
                if primary[own]:
                    yield {group: 1.0 for group in groups if group != own}, 1.0


def _counted(
    blocks: Mapping[str, Block], start: Mapping[str, int], silent: Bools, cells: int
) -> Iterator[tuple[dict[int, float], float]]:
    """Yield demands that a sum is hidden where the count is."""
    count = next(start[block.name] for block in blocks.values() if block.counts)
    shown = [start[block.name] for block in blocks.values() if not block.derived]
    for first in dict.fromkeys(each for each in shown if each != count):
        for cell in range(cells):
            if not silent[first + cell]:
                yield {first + cell: 1.0, count + cell: -1.0}, 0.0
