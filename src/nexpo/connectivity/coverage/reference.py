"""The plain model: one address at a time, in Python that a jurist can follow.

It is the oracle of the random tests and the text of the evidence for one address. It is
slow on purpose and shares with the engines only the rule itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nexpo.connectivity.coverage.expression import Missing, holds
from nexpo.connectivity.coverage.model import NETWORKS_MANY, Aid, Decision, Outcome, Verdict
from nexpo.connectivity.coverage.rules import CompiledRule
from nexpo.connectivity.coverage.sql import verdicts

Declaration = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Count:
    networks: int
    decision: int


def verdict_of(rule: CompiledRule, declaration: Declaration) -> Verdict:
    """Return what becomes of one declaration: it counts, or the first reason why not."""
    for verdict, condition in verdicts(rule):
        if holds(condition, declaration):
            return verdict
    return Verdict.PRESENT


def classify(
    rule: CompiledRule, declarations: Iterable[Declaration], *, area: str | None = None
) -> Iterator[Outcome]:
    """Yield the outcome of each address, in order of its id."""
    by_address: dict[str, list[Declaration]] = {}
    for declaration in declarations:
        by_address.setdefault(declaration["address_id"], []).append(declaration)
    for address_id in sorted(by_address):
        yield _outcome(rule, address_id, by_address[address_id], area)


def _outcome(
    rule: CompiledRule, address_id: str, rows: Sequence[Declaration], area: str | None
) -> Outcome:
    present = [row for row in rows if holds(rule.present, row)]
    alive = [row for row in rows if holds(rule.alive, row)]
    horizon = _count(rule, [row for row in alive if holds(rule.served, row)])
    today = _count(rule, [row for row in present if holds(rule.served, row)])
    passed = _count(rule, alive)
    decided = rule.rule.decisions[horizon.decision]
    best = _best_down(rule, present)
    areas = [row[area] for row in rows if row.get(area) is not None] if area else []
    return Outcome(
        address_id=address_id,
        area=min(areas, default=None),
        networks=horizon.networks,
        networks_today=today.networks,
        networks_passed=passed.networks,
        decision=horizon.decision,
        colour=decided.colour,
        colour_today=rule.rule.decisions[today.decision].colour,
        colour_passed=rule.rule.decisions[passed.decision].colour,
        aid=decided.aid.value,
        best_down_mbps=best,
        required_down_mbps=_required(rule, decided, best),
    )


def _count(rule: CompiledRule, rows: Sequence[Declaration]) -> _Count:
    admissible = [row for row in rows if holds(rule.admissible, row)]
    counting = [row for row in admissible if holds(rule.fast, row)]
    networks = min(NETWORKS_MANY, len({_infrastructure(row) for row in counting}))
    target = any(holds(rule.target, row) for row in counting)
    lesser = any(holds(rule.lesser, row) for row in admissible)
    return _Count(networks, _decide(rule, networks, target=target, lesser=lesser))


def _infrastructure(row: Declaration) -> str:
    own = row.get("infrastructure")
    return str(own if own is not None else row["operator"])


def _decide(rule: CompiledRule, networks: int, *, target: bool, lesser: bool) -> int:
    return next(
        index
        for index, decision in enumerate(rule.rule.decisions)
        if decision.covers(networks, target=target, lesser=lesser)
    )


def _best_down(rule: CompiledRule, present: Sequence[Declaration]) -> float | None:
    speeds = [
        row[rule.speed_column]
        for row in present
        if holds(rule.admissible, row)
        and holds(rule.served, row)
        and not holds(Missing(rule.speed_column), row)
    ]
    return max(speeds, default=None)


def _required(rule: CompiledRule, decision: Decision, best: float | None) -> float | None:
    step = rule.rule.step_change
    if step is None or decision.aid is Aid.NO:
        return None
    return max(step.factor * (best or 0.0), decision.build_floor(step))
