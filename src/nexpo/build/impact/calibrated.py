"""A regional table made by survey beside what quotients make of the nation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nexpo.build.impact.tables import open_table
from nexpo.core.ingest import Dialect
from nexpo.core.problem import Where, bad_input
from nexpo.impact.codes import place_by_spelling, positions_by_spelling
from nexpo.impact.model import Floats, Table
from nexpo.impact.regionalise import Choice, Method, Regional
from nexpo.impact.regionalise.calibration import Score, best, compare, usual_choices


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near a method comes to a survey, and others beside it.

    ``chosen`` is the method of the call; ``others`` the best parameters of each method, and
    ``tried`` how many were compared.
    """

    survey: str
    chosen: Score
    others: tuple[Score, ...] = ()
    tried: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "survey": self.survey,
            "nearness": _plain(self.chosen),
            "calibration": [_plain(each) for each in self.others] or None,
        }

    def told(self) -> Iterator[str]:
        """Yield it in words, a line a method."""
        yield ""
        yield f"output multipliers against {self.survey}, {self.chosen.sectors} sectors"
        head = f"{'mean abs. error':>16}{'bias':>9}{'abs. bias':>11}"
        yield f"  {'method':<8}{'parameters':<22}{head}"
        yield _line(self.chosen)
        if self.others:
            yield f"the nearest of each method, among {self.tried} tried"
            yield from map(_line, self.others)


def against_survey(
    path: Path, found: Regional, choice: Choice, *, every: bool, dialect: Dialect
) -> Nearness:
    """Compare output multipliers of a regional table with those of one made by survey.

    Parameters
    ----------
    path
        The survey's table, in any layout; imbalances do not matter, only flows and output count.
    every
        Try all methods with their usual parameters too.

    Raises
    ------
    Problem
        As :func:`open_table`; naming a sector of the region that the survey does not have.
    """
    table = open_table(path, accept=None, encoding=dialect.encoding, decimal=dialect.decimal)
    surveyed = _coefficients(path, table, found.activity.sectors)
    choices = (choice, *(usual_choices(conventions=choice.conventions) if every else ()))
    first, *rest = compare(found.national, found.activity, surveyed, choices)
    methods = [method for method in Method if any(each.choice.method is method for each in rest)]
    others = sorted((best(rest, each) for each in methods), key=lambda s: s.mean_absolute_error)
    return Nearness(path.name, first, tuple(others), len(rest))


def _coefficients(path: Path, table: Table, sectors: tuple[str, ...]) -> Floats:
    known = positions_by_spelling(table.sectors)
    places = [place_by_spelling(code, known) for code in sectors]
    missing = [code for code, place in zip(sectors, places, strict=True) if place is None]
    if missing:
        raise bad_input(
            f"the survey lacks {len(missing)} of {len(sectors)} sectors of the table",
            where=Where(str(path)),
            value=missing[0],
            remedy="bring both to one classification",
        )
    at = [place for place in places if place is not None]
    output = table.output[at]
    flows = table.flows[np.ix_(at, at)]
    none = np.zeros_like(flows)
    found: Floats = np.divide(flows, output, out=none, where=output > 0)
    return found


def _parameters(choice: Choice) -> dict[str, float]:
    names = ("delta", "alpha", "beta")
    stated = {name: getattr(choice, name) for name in names}
    return {name: value for name, value in stated.items() if value is not None}


def _plain(score: Score) -> dict[str, Any]:
    return {
        "method": score.choice.method.value,
        **_parameters(score.choice),
        "sectors": score.sectors,
        "mean_error": score.mean_error,
        "mean_absolute_error": score.mean_absolute_error,
        "bias": score.bias,
        "absolute_bias": score.absolute_bias,
    }


def _line(score: Score) -> str:
    stated = ", ".join(f"{name} {value:g}" for name, value in _parameters(score.choice).items())
    return (
        f"  {score.choice.method.value:<8}{stated or '-':<22}{score.mean_absolute_error:>16.4f}"
        f"{score.bias:>+9.2%}{score.absolute_bias:>11.2%}"
    )
