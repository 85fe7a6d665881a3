"""The search of cell suppression: the attacker's programme, the master programme, a heuristic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog
from scipy.sparse import csgraph

from nexpo.core.problem import Kind, Problem
from nexpo.core.solvers import milp
from nexpo.datacentres.suppression_table import Bools, Floats, Ints, Limits, Pattern, Table

_ENOUGH = 1 - 1e-6
"""Share of the width asked that counts as reached: the solver works within 1e-7."""

_FAR = 100.0
"""Deviations beyond this many widths are not looked at, which can only ask for more hiding."""

_TINY = 1e-9
_TIE = 1e-6
"""Weight spread over all groups, so that nothing is hidden that costs nothing and helps nobody."""

_AT_ONCE = 5
"""Rows added between two calls of the master programme."""

_SLIGHT = 1e-4
"""Least coefficient of a cut: smaller ones are raised, which asks less and keeps numbers alike."""

_HALF = 0.5
_SMALL = {"presolve": False}
"""Attacks are small and many: looking for what can be left out costs more than it saves."""

_OPTIMAL, _INFEASIBLE = 0, 2


# Attack


@dataclass(frozen=True, slots=True)
class _End:
    """How far one entry moves one way, in units of what is asked, and what proves it."""

    reach: float
    worth: Floats


class Attacker:
    """Works out hidden entries of a table, and remembers the moves that it found possible.

    A move (deviations from the true values that no reader can rule out) protects each entry that
    it moves, for as long as all of these stay hidden.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.columns = table.relations.tocsc()
        self.transposed = table.relations.T.tocsr()
        self.fall = table.values - table.lower
        self.rise = table.upper - table.values
        self.moves: list[tuple[Ints, Floats]] = []
        self.calls = 0

    def reach(self, target: int) -> tuple[Floats, Floats]:
        """Return how far each entry may fall and rise, in units of what the target asks."""
        unit = float(self.table.asked[target])
        size = self.table.size
        far = _FAR if size is None else _FAR * size / size[target]
        fall, rise = np.minimum(self.fall / unit, far), np.minimum(self.rise / unit, far)
        fall[target], rise[target] = min(fall[target], 1.0), min(rise[target], 1.0)
        return np.maximum(fall, 0.0), np.maximum(rise, 0.0)

    def worth(self, slope: Floats, fall: Floats, rise: Floats) -> Floats:
        """Return the cutting plane's coefficient by group."""
        each = np.maximum(slope, 0) * rise + np.maximum(-slope, 0) * fall
        worth = np.bincount(self.table.group, each, minlength=len(self.table.weight))
        return worth.astype(np.float64)


class View:
    """What one pattern shows, and what can be worked out from it."""

    def __init__(self, attacker: Attacker, hidden: Bools) -> None:
        self._attacker = attacker
        self._open = hidden[attacker.table.group]
        self._low = np.zeros(len(self._open))
        self._high = np.zeros(len(self._open))
        for move in attacker.moves:
            if self._open[move[0]].all():
                self._note(*move)

    def broken(self, target: int) -> list[tuple[Floats, float]]:
        """Return the rows that the pattern breaks for a target, in units of what is asked."""
        table = self._attacker.table
        if self._kept(target):
            return []
        unit = float(table.asked[target])
        width, up, down = (float(a[target]) / unit for a in (table.width, table.up, table.down))
        above = self._end(target, 1.0)
        if self._kept(target):
            return []
        below = self._end(target, -1.0)
        rows = []
        if above.reach + below.reach < width * _ENOUGH:
            rows.append((above.worth + below.worth, width))
        if above.reach < up * _ENOUGH:
            rows.append((above.worth, up))
        if below.reach < down * _ENOUGH:
            rows.append((below.worth, down))
        return rows

    def _kept(self, target: int) -> bool:
        """Say whether moves found already leave the target as wide as asked."""
        table, low, high = self._attacker.table, self._low[target], self._high[target]
        return bool(
            high - low >= table.width[target] * _ENOUGH
            and high >= table.up[target] * _ENOUGH
            and -low >= table.down[target] * _ENOUGH
        )

    def _note(self, entries: Ints, by: Floats) -> None:
        self._low[entries] = np.minimum(self._low[entries], by)
        self._high[entries] = np.maximum(self._high[entries], by)

    @cached_property
    def _pieces(self) -> Ints:
        """The piece of each entry: hidden entries that relations hold together; -1 where shown."""
        entries = np.flatnonzero(self._open)
        matrix = self._attacker.columns[:, entries].tocoo()
        size = len(entries) + matrix.shape[0]
        links = (np.ones(matrix.nnz), (matrix.col, matrix.row + len(entries)))
        graph = sparse.coo_array(links, shape=(size, size))
        found = np.full(len(self._open), -1, dtype=np.int64)
        found[entries] = csgraph.connected_components(graph, directed=False)[1][: len(entries)]
        return found

    def _end(self, target: int, sign: float) -> _End:
        """Move a target as far as it goes, upwards (1) or downwards (-1)."""
        attacker = self._attacker
        entries = np.flatnonzero(self._pieces == self._pieces[target])
        fall, rise = attacker.reach(target)
        matrix = attacker.columns[:, entries].tocsr()
        rows = np.flatnonzero(np.diff(matrix.indptr))
        goal = np.where(entries == target, -sign, 0.0)
        attacker.calls += 1
        answer = linprog(
            goal,
            A_eq=matrix[rows],
            b_eq=np.zeros(len(rows)),
            bounds=np.column_stack([-fall, rise])[entries],
            options=_SMALL,
        )
        if answer.status != _OPTIMAL:
            raise Problem(Kind.INTERNAL, f"the attacker's programme failed: {answer.message}")
        moved = np.abs(answer.x) > _TINY
        move = entries[moved], answer.x[moved] * float(attacker.table.asked[target])
        attacker.moves.append(move)
        self._note(*move)
        price = np.zeros(attacker.transposed.shape[1])
        price[rows] = answer.eqlin.marginals
        slope = attacker.transposed @ price
        slope[target] += sign
        return _End(float(-answer.fun), attacker.worth(slope, fall, rise))


class Search:
    """The master programme of one part, its cuts, and the heuristic to fall back on."""

    def __init__(self, table: Table, limits: Limits) -> None:
        self._table = table
        self._limits = limits
        self._attacker = Attacker(table)
        self._targets = [int(e) for e in np.flatnonzero(table.asked > 0)]
        self._rows: list[tuple[Floats, float]] = list(self._first_rows())

    def run(self) -> Pattern:
        """Return the best safe pattern of this part."""
        bound = float(self._table.weight[self._table.primary].sum())
        rounds = 0
        small = len(self._table.weight) <= self._limits.exact_groups
        most = self._limits.rounds if small else self._limits.bounding_rounds
        for rounds in range(1, most + 1):
            hidden, bound, settled = self._master(bound)
            if hidden is None or self._attacker.calls > self._limits.attacks:
                break
            if self._cut_off(hidden) == 0:
                loss = self._loss(hidden)
                return Pattern(hidden, loss, loss if settled else bound, rounds)
        hidden = self._tidied(self._grown())
        if not self._safe(hidden):
            raise cannot()
        return Pattern(hidden, self._loss(hidden), min(bound, self._loss(hidden)), rounds)

    def _loss(self, hidden: Bools) -> float:
        return float(self._table.weight[hidden].sum())

    def _first_rows(self) -> Iterator[tuple[Floats, float]]:
        """Yield what any safe pattern satisfies: no target stands alone in a relation."""
        groups = len(self._table.weight)
        by_entry = self._table.relations.tocsc()
        for target in self._targets:
            own = self._table.group[target]
            for relation in by_entry.indices[by_entry.indptr[target] : by_entry.indptr[target + 1]]:
                span = slice(*self._table.relations.indptr[relation : relation + 2])
                others = self._table.group[self._table.relations.indices[span]]
                row = np.zeros(groups)
                row[others[others != own]] = 1.0
                if not (others[self._table.relations.indices[span] != target] == own).any():
                    yield row, 1.0
        for coefficients, least in self._table.demands:
            row = np.zeros(groups)
            row[list(coefficients)] = list(coefficients.values())
            yield row, least

    def _master(self, bound: float) -> tuple[Bools | None, float, bool]:
        """Return the pattern of least loss under the rows so far, and whether it is proven."""
        table = self._table
        rows = np.array([row for row, _ in self._rows])
        matrix = sparse.csr_array(rows.reshape(-1, table.weight.size))
        least = np.array([least for _, least in self._rows])
        answer = milp(
            table.weight + _TIE / table.weight.size,
            integrality=np.ones(table.weight.size),
            bounds=Bounds(table.primary.astype(float), (~table.shown).astype(float)),
            constraints=LinearConstraint(matrix, lb=least - _TINY) if len(least) else (),
            options={"mip_rel_gap": 0.0, "node_limit": self._limits.nodes},
        )
        if answer.status == _INFEASIBLE:
            raise cannot()
        if answer.x is None:
            return None, bound, False
        bound = max(bound, float(answer.mip_dual_bound) - _TIE)
        return answer.x > _HALF, bound, answer.status == _OPTIMAL

    def _cut_off(self, hidden: Bools) -> int:
        """Add rows for targets that the pattern gives away; return how many.

        A few will do: what protects them protects others, and each row costs programmes.
        """
        view = View(self._attacker, hidden)
        found = (row for target in self._targets for row in view.broken(target))
        rows = list(islice(found, _AT_ONCE))
        self._rows += [self._strong(worth, least, hidden) for worth, least in rows]
        return len(rows)

    def _safe(self, hidden: Bools) -> bool:
        view = View(self._attacker, hidden)
        kept = (not view.broken(target) for target in self._targets)
        return self._demands_met(hidden) and all(kept)

    def _strong(self, worth: Floats, least: float, hidden: Bools) -> tuple[Floats, float]:
        """Tighten a row: what is hidden anyway pays first, and no group more than is left."""
        left = least - float(worth[self._table.primary].sum())
        row = np.where(self._table.primary | (worth < _TINY), 0.0, np.minimum(worth, left))
        row /= max(left, _TINY)
        row = np.where(row > 0, np.maximum(row, _SLIGHT), 0.0)
        if left < 1 - _ENOUGH or row[hidden].sum() > _ENOUGH:  # lost in rounding: ask for any other
            row = (~hidden).astype(float)
        return row, 1.0

    # Without proof

    def _grown(self) -> Bools:
        """Return a safe pattern grown target by target, each by the least costly moves."""
        hidden = self._table.primary.copy()
        for target in sorted(self._targets, key=lambda e: (-float(self._table.asked[e]), e)):
            if View(self._attacker, hidden).broken(target):
                hidden |= self._cheapest(target, hidden)
        while not self._demands_met(hidden):
            before = int(hidden.sum())
            for coefficients, least in self._table.demands:
                self._meet(coefficients, least, hidden)
            if int(hidden.sum()) == before:
                raise cannot()
        return hidden

    def _cheapest(self, target: int, hidden: Bools) -> Bools:
        """Return the groups that two moves, one up and one down, pass through at least weight."""
        table, size = self._table, len(self._table.values)
        fall, rise = self._attacker.reach(target)
        still = table.shown[table.group]
        fall, rise = np.where(still, 0.0, fall), np.where(still, 0.0, rise)
        cost = np.where(hidden, 0.0, table.weight + _TIE)[table.group] + _TINY
        block = sparse.hstack([table.relations, -table.relations])
        unit = float(table.asked[target])
        least = np.zeros((3, 4 * size))
        least[0, [target, 3 * size + target]] = 1.0  # up of the first move
        least[0, [size + target, 2 * size + target]] = -1.0
        least[1, [target, size + target]] = 1.0, -1.0
        least[2, [3 * size + target, 2 * size + target]] = 1.0, -1.0
        answer = linprog(
            np.tile(cost, 4),
            A_eq=sparse.block_diag([block, block]),
            b_eq=np.zeros(2 * block.shape[0]),
            A_ub=-least,
            b_ub=-np.array([a[target] / unit for a in (table.width, table.up, table.down)]),
            bounds=np.column_stack([np.zeros(4 * size), np.concatenate([rise, fall] * 2)]),
        )
        if answer.status != _OPTIMAL:
            return ~table.shown
        moved = np.abs(answer.x.reshape(4, size)).max(axis=0) > _TINY
        passed = np.zeros(len(table.weight), dtype=bool)
        passed[table.group[moved]] = True
        return passed

    def _meet(self, coefficients: dict[int, float], least: float, hidden: Bools) -> None:
        """Hide, the lightest first, until a demand is met."""
        paid = sum(value for group, value in coefficients.items() if hidden[group])
        gains = (g for g, value in coefficients.items() if value > 0 and not hidden[g])
        for group in sorted(gains, key=lambda g: (float(self._table.weight[g]), g)):
            if paid >= least:
                return
            if not self._table.shown[group]:
                hidden[group] = True
                paid += coefficients[group]

    def _tidied(self, hidden: Bools) -> Bools:
        """Show again, the heaviest first, what can be shown without giving a target away."""
        extra = np.flatnonzero(hidden & ~self._table.primary)
        for group in extra[np.argsort(-self._table.weight[extra], kind="stable")]:
            hidden[group] = False
            hidden[group] = not self._safe(hidden)
        return hidden

    def _demands_met(self, hidden: Bools) -> bool:
        return all(
            sum(value for group, value in row.items() if hidden[group]) >= least - _TINY
            for row, least in self._table.demands
        )


def cannot() -> Problem:
    """Return what is said where nothing more can be hidden."""
    return Problem(
        Kind.BAD_INPUT,
        "hiding all of this table would still give a value away",
        remedy="mark hidden values plainly, ask for a smaller width, or cross fewer dimensions",
    )
