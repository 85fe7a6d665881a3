"""A decision table ranked end to end: what the user said, read; the method run; what to tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from nexpo.build.datacentres.plain_values import plain_value
from nexpo.build.datacentres.ranked_weights import Draws, draws_of, weights_of
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.core.progress import Progress
from nexpo.datacentres.adapters.criteria_files import Said, read_criteria
from nexpo.datacentres.adapters.decision_files import BadCell, RawTable, Read, read_table
from nexpo.datacentres.siting import wording
from nexpo.datacentres.siting.bounds import outside_bounds
from nexpo.datacentres.siting.decision import (
    Criterion,
    Decision,
    Direction,
    Floats,
    Ints,
    Preference,
    Unknown,
)
from nexpo.datacentres.siting.electre import Discordance
from nexpo.datacentres.siting.normalise import Cost, Normalisation
from nexpo.datacentres.siting.ranking import (
    Conventions,
    Method,
    Ranking,
    bounds_of,
    scorer,
)
from nexpo.datacentres.siting.ranks import Ties, best_first, ranks


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the user asks for, as the command line gives it; see ``nexpo datacentres rank -h``."""

    method: str
    weights: str | None = None
    directions: str | None = None
    criteria_file: Path | None = None
    targets: str | None = None
    bounds: str | None = None
    outside: str = "refuse"
    normalise: str | None = None
    cost: str | None = None
    preference: str | None = None
    unknown: str = "unknown"
    v: float = 0.5
    advantage: float | None = None
    tau: float = 0.02
    concordance: float | None = None
    discordance: float | None = None
    discordance_rule: str = "range"
    random_index: str = "saaty-1980"
    ties: str = "min"
    draws: int | None = None
    seed: int = 0
    around: float | None = None
    top_share: float = 0.01
    exact_thresholds: bool = False
    id_column: str | None = None
    decimal: str = "."
    encoding: str = "utf-8"
    skip_bad_rows: bool = False

    @property
    def conventions(self) -> Conventions:
        """The conventions named, typed."""
        return Conventions(
            normalisation=Normalisation(self.normalise) if self.normalise else None,
            cost=Cost(self.cost) if self.cost else None,
            clip=self.outside == "clip",
            unknown=Unknown(self.unknown),
            v=self.v,
            advantage=self.advantage,
            tau=self.tau,
            concordance=self.concordance,
            discordance=self.discordance,
            discordance_rule=Discordance(self.discordance_rule),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """A ranked table with what is to be said of it."""

    asked: Asked
    decision: Decision
    weights: Floats
    ranking: Ranking
    rank: Floats
    skipped: tuple[BadCell, ...]
    notes: tuple[str, ...]
    robust: Mapping[str, Floats]

    @property
    def partial(self) -> bool:
        """Whether the order is partial: alternatives may be incomparable, so none has a rank."""
        return self.ranking.method is Method.PROMETHEE1

    def columns(self) -> dict[str, Sequence[Any]]:
        """Return the whole ranking as columns, best first."""
        order = best_first(self.ranking.score, more_is_better=self.ranking.more_is_better)
        numbers: dict[str, Any] = dict(self.ranking.each)
        if not self.partial:
            numbers = {"rank": self.rank, "score": self.ranking.score} | numbers
        numbers |= {name: each for name, each in self.robust.items() if each.ndim == 1}
        found: dict[str, Sequence[Any]] = {"id": [self.decision.ids[i] for i in order.tolist()]}
        return found | {name: each[order].tolist() for name, each in numbers.items()}

    def as_dict(self, most: int) -> dict[str, Any]:
        """Return the ranking as plain values, its best ``most`` alternatives first."""
        order = best_first(self.ranking.score, more_is_better=self.ranking.more_is_better)
        return {
            "method": self.ranking.method.value,
            "alternatives_total": len(order),
            "shown": min(most, len(order)),
            "unknown": int(np.isnan(self.ranking.score).sum()),
            "more_is_better": self.ranking.more_is_better,
            "criteria": self._criteria(),
            "conventions": self._conventions(),
            "result": self._whole(),
            "notes": list(self.notes),
            "skipped": [
                {"row": cell.row, "column": cell.column, "value": cell.value, "why": cell.reason}
                for cell in self.skipped
            ],
            "alternatives": [self._row(i) for i in order[:most].tolist()],
        }

    def _whole(self) -> dict[str, Any]:
        plain: dict[str, Any] = plain_value(dict(self.ranking.whole))
        if "relations" in plain:  # rows and columns are in the order of the table
            plain["relations_of"] = list(self.decision.ids)
        return plain

    def _row(self, i: int) -> dict[str, Any]:
        rank = float(self.rank[i])
        said: dict[str, Any] = {"id": self.decision.ids[i]}
        if not self.partial:
            said["rank"] = int(rank) if rank.is_integer() else rank
            said["score"] = self.ranking.score[i]
        said |= {name: each[i] for name, each in self.ranking.each.items()}
        said |= {name: each[i].tolist() for name, each in self.robust.items()}
        plain: dict[str, Any] = plain_value(said)
        return plain

    def _criteria(self) -> list[dict[str, Any]]:
        return [
            {
                "name": criterion.name,
                "direction": criterion.direction.value,
                "weight": float(weight),
                "low": criterion.low,
                "high": criterion.high,
                "target": criterion.target,
                "preference": _preference(criterion.preference),
                "unit": criterion.unit,
                "unknown": int(np.isnan(self.decision.matrix[:, j]).sum()),
            }
            for j, (criterion, weight) in enumerate(
                zip(self.decision.criteria, self.weights, strict=True)
            )
        ]

    def _conventions(self) -> dict[str, Any]:
        named, method = self.asked.conventions, self.ranking.method
        scale = named.scale_of(method)
        own: dict[Method, dict[str, Any]] = {
            Method.VIKOR: {"v": named.v},
            Method.CODAS: {"tau": named.tau},
            Method.ELECTRE1: {"discordance_rule": named.discordance_rule.value},
        }
        drawn = {
            "draws": self.asked.draws,
            "seed": self.asked.seed,
            "around": self.asked.around,
            "top_share": self.asked.top_share,
        }
        return {
            "normalisation": scale[0].value if scale else None,
            "cost": scale[1].value if scale else None,
            "unknown": named.unknown.value,
            "outside": self.asked.outside,
            "ties": self.asked.ties,
            **own.get(method, {}),
            **(drawn if self.asked.draws else {}),
        }


def rank_table(path: Path, asked: Asked, progress: Progress) -> Ranked:
    """Rank a decision table.

    Raises
    ------
    Problem
        Naming file, row, column, value and remedy of what cannot be used.
    """
    progress.step(f"reading {path.name}")
    raw = read_table(path, id_column=asked.id_column, encoding=asked.encoding)
    notes: list[str] = []
    decision, read = _decision(raw, asked, notes)
    _hold_bounds(decision, asked, raw.file, read.rows)
    progress.step("weighing")
    weights = weights_of(decision, asked.weights, asked.random_index, notes)
    _note_what_is_flat(decision, notes)

    def watch(done: int, total: int) -> None:
        progress.advance(done, total, "done")

    method = Method(asked.method.lower())
    progress.step(f"ranking {len(decision.ids):,} alternatives by {method.value}")
    found = scorer(decision, method, asked.conventions, watch)(weights)
    rank = ranks(found.score, ties=Ties(asked.ties), more_is_better=found.more_is_better)
    robust: Mapping[str, Floats] = {}
    if asked.draws:
        progress.step(f"drawing weights {asked.draws:,} times")
        how = _draws(asked, weights, asked.draws)
        robust = draws_of(decision, found, asked.conventions, how, notes, watch)
    _note_what_has_no_rank(found, read, notes)
    return Ranked(asked, decision, weights, found, rank, read.skipped, tuple(notes), robust)


def _draws(asked: Asked, weights: Floats, draws: int) -> Draws:
    return Draws(
        weights=weights if asked.around else None,
        concentration=asked.around or 1.0,
        draws=draws,
        generator=np.random.default_rng(asked.seed),
        share=asked.top_share,
        exact=asked.exact_thresholds,
    )


def _note_what_has_no_rank(found: Ranking, read: Read, notes: list[str]) -> None:
    if found.method is Method.PROMETHEE1:
        notes.append(
            "a partial order: P preferred, I indifferent, R incomparable, - beaten; no ranks"
        )
    lost = int(np.isnan(found.score).sum())
    if lost:
        notes.append(f"without a score, since a value of theirs is unknown: {lost:,}")
    if read.skipped:
        rows = len({cell.row for cell in read.skipped})
        notes.append(f"rows left out for a bad cell: {rows:,}; ranks are of the others")


def _decision(raw: RawTable, asked: Asked, notes: list[str]) -> tuple[Decision, Read]:
    said = _said(raw, asked)
    names = tuple(said) or _named(asked, raw)
    options = {
        "direction": (asked.directions, wording.direction, "--directions"),
        "target": (asked.targets, wording.number, "--targets"),
        "preference": (asked.preference, wording.preference, "--preference"),
    }
    given: dict[str, Mapping[str, Any]] = {
        key: wording.by_criterion(text, names, read, option) if text else {}
        for key, (text, read, option) in options.items()
    }
    if asked.bounds and asked.bounds != "table":
        given["bounds"] = wording.by_criterion(asked.bounds, names, wording.bounds, "--bounds")
    criteria = [_criterion(said.get(name, Said(name)), given, asked, notes) for name in names]
    read = raw.numbers(names, decimal=asked.decimal, skip_bad=asked.skip_bad_rows)
    if asked.bounds == "table":
        criteria = [_with_own_bounds(each, read.matrix[:, j]) for j, each in enumerate(criteria)]
        notes.append("bounds are the extremes of this table: another table has others")
    _note_doubled(read.ids, read.rows, notes)
    return Decision(read.ids, tuple(criteria), read.matrix), read


def _said(raw: RawTable, asked: Asked) -> dict[str, Said]:
    """Return what the file of criteria says, by name; each must be a column."""
    if asked.criteria_file is None:
        return {}
    said = {each.name: each for each in read_criteria(asked.criteria_file)}
    for row, name in enumerate(said, 1):
        if name not in raw.columns:
            where = Where(str(asked.criteria_file), row, "name")
            raise wording.unknown_criterion(name, raw.columns, where)
    return said


def _named(asked: Asked, raw: RawTable) -> tuple[str, ...]:
    """Return the criteria that are named in an option, else all columns of the table."""
    for option, text in (("--directions", asked.directions), ("--weights", asked.weights)):
        entries = (text or "").split(",")
        if all("=" in entry for entry in entries):
            names = tuple(entry.rpartition("=")[0].strip() for entry in entries)
            for name in names:
                if name not in raw.columns:
                    where = Where(column=option)
                    raise wording.unknown_criterion(name, raw.columns, where)
            return tuple(dict.fromkeys(names))
    if not raw.columns:
        raise bad_input(
            "the table has no criterion: its only column names the alternatives",
            where=Where(raw.file),
            remedy="pass --id - if that column is a criterion",
        )
    return raw.columns


def _criterion(
    said: Said, given: Mapping[str, Mapping[str, Any]], asked: Asked, notes: list[str]
) -> Criterion:
    name = said.name
    target = given["target"].get(name, said.target)
    direction = given["direction"].get(name, said.direction)
    if direction is None and target is not None:
        direction = Direction.TARGET
    if direction is None:
        raise Problem(
            Kind.USAGE,
            f"no direction is given for criterion {name}",
            where=Where(column=name),
            remedy="pass --directions max,min,... in the order of the columns, or name=max,...",
        )
    preference = given["preference"].get(name, said.preference)
    if preference is None and asked.method.lower().startswith("promethee"):
        preference = Preference()
        notes.append(f"{name} has no preference function: 'usual', any difference counts whole")
    low, high = given.get("bounds", {}).get(name, (said.low, said.high))
    return Criterion(
        name=name,
        direction=direction,
        weight=said.weight,
        low=low,
        high=high,
        target=target if direction is Direction.TARGET else None,
        preference=preference,
        unit=said.unit,
    )


def _with_own_bounds(criterion: Criterion, values: Floats) -> Criterion:
    known = values[~np.isnan(values)]
    if not known.size or not np.ptp(known):
        raise bad_input(
            "a criterion without two different values has no bounds of its own",
            where=Where(column=criterion.name),
            remedy="give its bounds as low:high, or leave the criterion out",
        )
    return replace(criterion, low=float(known.min()), high=float(known.max()))


def _hold_bounds(decision: Decision, asked: Asked, file: str, rows: Ints) -> None:
    """Refuse values beyond the bounds, unless they are clipped or kept on request."""
    if asked.outside != "refuse":
        return
    bounds = bounds_of(decision)
    for j in np.flatnonzero(outside_bounds(decision.matrix, bounds)).tolist():
        values = decision.matrix[:, j]
        row = int(np.flatnonzero((values < bounds[j, 0]) | (values > bounds[j, 1]))[0])
        raise bad_input(
            f"a value lies beyond the bounds {bounds[j, 0]:g}:{bounds[j, 1]:g} of its criterion",
            where=Where(file, int(rows[row]), decision.criteria[j].name),
            value=float(values[row]),
            remedy="correct the value or the bounds, or pass --outside clip or --outside keep",
        )


def _note_what_is_flat(decision: Decision, notes: list[str]) -> None:
    for j, criterion in enumerate(decision.criteria):
        known = decision.matrix[:, j][~np.isnan(decision.matrix[:, j])]
        if not known.size:
            notes.append(f"{criterion.name} is unknown for every alternative")
        elif known.size > 1 and not np.ptp(known):
            notes.append(f"{criterion.name} is {known[0]:g} everywhere: it tells nothing apart")


def _note_doubled(ids: Sequence[str], rows: Ints, notes: list[str]) -> None:
    doubled = len(ids) - len(set(ids))
    if doubled:
        seen: dict[str, int] = {}
        for row, name in zip(rows.tolist(), ids, strict=True):
            if name in seen:
                notes.append(
                    f"{doubled:,} names that repeat: {name!r} in rows {seen[name]} and {row}"
                )
                return
            seen[name] = row


def _preference(preference: Preference | None) -> str | None:
    if preference is None:
        return None
    q, p = preference.thresholds
    return f"{preference.shape.value} q={q:g} p={p:g} s={preference.s:g}"
