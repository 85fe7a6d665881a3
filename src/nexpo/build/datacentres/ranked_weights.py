"""Weights as the user words them, and what drawing them many times says of a ranking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.datacentres.adapters.criteria_files import read_criteria, read_pairs
from nexpo.datacentres.siting import wording
from nexpo.datacentres.siting.decision import Decision, Floats, Watch, share_weights
from nexpo.datacentres.siting.ranking import (
    Conventions,
    Method,
    Ranking,
    linear_parts,
    scale_for,
    scores_by_weights,
)
from nexpo.datacentres.siting.robustness import (
    drawn_weights,
    rank_acceptability,
    top_share_acceptability,
    top_thresholds,
    weights_around,
)
from nexpo.datacentres.siting.topsis_draws import closeness_thresholds, top_share_by_closeness
from nexpo.datacentres.siting.weights import ahp, critic, entropy, equal, standard_deviation

if TYPE_CHECKING:
    from numpy.random import Generator

_SHORT = 2_000
_WHOLE_TABLE = 200
_CONSISTENT = 0.1
_FROM_TABLE: dict[str, Callable[[Decision], Floats]] = {
    "equal": lambda decision: equal(len(decision.criteria)),
    "entropy": lambda decision: entropy(decision.matrix),
    "critic": lambda decision: critic(
        decision.matrix, decision.directions, targets=decision.targets
    ),
    "std": lambda decision: standard_deviation(decision.matrix),
}


def weights_of(decision: Decision, said: str | None, random_index: str, notes: list[str]) -> Floats:
    """Return the weights of the criteria, sum 1, and note what was done to get them.

    Parameters
    ----------
    said
        A list, ``equal``, ``entropy``, ``critic``, ``std``, ``ahp:FILE`` or a file of criteria;
        None: those of the criteria, equal where these say nothing.

    Raises
    ------
    Problem
        An unknown criterion, a weight that is none, a file that is not there.
    """
    names = tuple(criterion.name for criterion in decision.criteria)
    text = said or ""
    if not text:
        return _own(decision, notes)
    if text.lower() in _FROM_TABLE:
        return _FROM_TABLE[text.lower()](decision)
    if text.lower().startswith("ahp:"):
        return _judged(Path(text[4:]), names, random_index, notes)
    if Path(text).suffix.lower() in {".csv", ".yaml", ".yml", ".tsv"}:
        return _brought_to_one(_from_file(Path(text), names), notes)
    given = wording.by_criterion(text, names, wording.number, "--weights")
    _refuse_unnamed(given, names)
    return _brought_to_one([given[name] for name in names], notes)


def _own(decision: Decision, notes: list[str]) -> Floats:
    own = [criterion.weight for criterion in decision.criteria]
    if all(weight is None for weight in own):
        notes.append("no weights are given: all criteria weigh the same")
        return equal(len(own))
    given = {c.name: c.weight for c in decision.criteria if c.weight is not None}
    _refuse_unnamed(given, [criterion.name for criterion in decision.criteria])
    return _brought_to_one(list(given.values()), notes)


def _refuse_unnamed(given: Mapping[str, float], names: tuple[str, ...] | list[str]) -> None:
    for name in names:
        if name not in given:
            raise bad_input(
                "a criterion has no weight while others have",
                where=Where(column=name),
                remedy="give each a weight; 0 leaves a criterion out",
            )


def _from_file(path: Path, names: tuple[str, ...]) -> list[float]:
    given = {}
    for row, each in enumerate(read_criteria(path), 1):
        if each.name not in names:
            raise wording.unknown_criterion(each.name, names, Where(str(path), row, "name"))
        if each.weight is not None:
            given[each.name] = each.weight
    _refuse_unnamed(given, names)
    return [given[name] for name in names]


def _brought_to_one(weights: list[float], notes: list[str]) -> Floats:
    total = float(np.sum(weights))
    shares = share_weights(weights, len(weights))
    if abs(total - 1) > 1e-9:  # noqa: PLR2004 - thirds written as decimals are no surprise
        notes.append(f"the weights add up to {total:g}: each was divided by it")
    return shares


def _judged(path: Path, names: tuple[str, ...], random_index: str, notes: list[str]) -> Floats:
    found = ahp(read_pairs(path, names), random_index=random_index)
    verdict = "consistent" if found.ratio <= _CONSISTENT else "judgements contradict each other"
    notes.append(
        f"AHP: greatest eigenvalue {found.greatest:.4f}, consistency ratio {found.ratio:.4f} "
        f"by the random indices of {found.table}: {verdict}"
    )
    return found.weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """How weights are drawn.

    Attributes
    ----------
    weights
        Weights to draw around; None: all weights are equally likely.
    concentration
        Of the Dirichlet distribution.
    share
        The best share of a long list.
    exact
        Whether its thresholds are taken from all alternatives, not from a sample.
    """

    weights: Floats | None
    concentration: float
    draws: int
    generator: Generator
    share: float
    exact: bool

    def drawn(self, criteria: int) -> Floats:
        """Return the weights, one draw a row."""
        how = (self.draws, self.generator)
        if self.weights is None:
            return drawn_weights(criteria, *how, concentration=self.concentration)
        return weights_around(self.weights, *how, concentration=self.concentration)


def draws_of(
    decision: Decision,
    found: Ranking,
    conventions: Conventions,
    how: Draws,
    notes: list[str],
    watch: Watch,
) -> dict[str, Floats]:
    """Return how often each alternative is first, among the best share, and its mean rank.

    Long lists get the best share only, and only for methods whose score is a weighted sum.

    Raises
    ------
    Problem
        ``USAGE`` for a long list and a method that has no such sum.
    """
    drawn = how.drawn(len(decision.criteria))
    if len(decision.ids) > _SHORT:
        return _of_long(decision, found.method, conventions, how, drawn, notes, watch)
    scores_of = scores_by_weights(decision, found.method, conventions)
    told = rank_acceptability(scores_of, drawn, more_is_better=found.more_is_better, watch=watch)
    best = max(1, int(np.ceil(how.share * len(decision.ids))))
    answer = {
        "first_acceptability": told.by_rank[:, 0],
        "top_acceptability": told.by_rank[:, :best].sum(axis=1),
        "expected_rank": told.expected_rank,
    }
    if len(decision.ids) <= _WHOLE_TABLE:
        answer |= {"rank_acceptability": told.by_rank, "central_weights": told.central_weights}
    return answer


def _of_long(
    decision: Decision,
    method: Method,
    conventions: Conventions,
    how: Draws,
    drawn: Floats,
    notes: list[str],
    watch: Watch,
) -> dict[str, Floats]:
    unknown, generator = conventions.unknown, None if how.exact else how.generator
    if method is Method.TOPSIS:
        scale = scale_for(decision, method, conventions)
        limits = closeness_thresholds(
            decision.matrix, drawn, scale, share=how.share, generator=generator, unknown=unknown
        )
        reached = top_share_by_closeness(
            decision.matrix, drawn, limits, scale, unknown=unknown, watch=watch
        )
    else:
        parts = linear_parts(decision, method, conventions, np.asarray(drawn.any(axis=0)))
        if parts is None:
            raise _no_sum(len(decision.ids), method)
        limits = top_thresholds(parts, drawn, share=how.share, generator=generator, unknown=unknown)
        reached = top_share_acceptability(parts, drawn, limits, unknown=unknown, watch=watch)
    if limits.standard_error:
        notes.append(
            f"thresholds of the best {how.share:.2%} are from a sample: +- "
            f"{limits.standard_error:.3%} of the alternatives"
        )
    return {"top_acceptability": reached}


def _no_sum(alternatives: int, method: Method) -> Problem:
    return Problem(
        Kind.USAGE,
        f"weights are drawn over {alternatives:,} alternatives only for saw, topsis, spotis and "
        f"promethee2; {method.value} would be run anew for each draw",
        remedy=f"give it the best {_SHORT:,} alternatives of another method",
    )
