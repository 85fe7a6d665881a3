"""Delta is given or a stated prior, never taken in silence."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from nexpo.core import parameters
from nexpo.core.problem import Kind, Problem
from nexpo.impact.regionalise.delta import (
    PARAMETER,
    AreaType,
    choose_delta,
    flegg_tohmo,
    prior_of,
)

DAY = date(2026, 11, 1)
STATED = parameters.get(PARAMETER)


def test_a_metropolitan_prior_is_higher_and_wider() -> None:
    ordinary = prior_of(STATED, DAY, AreaType.ORDINARY)
    metropolitan = prior_of(STATED, DAY, AreaType.METROPOLITAN)
    assert ordinary.mode == pytest.approx(0.25)
    assert metropolitan.mode > ordinary.mode
    assert metropolitan.high - metropolitan.low > ordinary.high - ordinary.low
    assert ordinary.use.verified is False


def test_a_missing_delta_names_the_priors() -> None:
    with pytest.raises(Problem) as caught:
        choose_delta(None, None, STATED, DAY)
    assert caught.value.kind is Kind.USAGE
    assert "impact.delta" in str(caught.value.remedy)
    assert "metropolitan 0.25 to 0.6 around 0.4" in str(caught.value.remedy)


def test_a_delta_has_its_reason() -> None:
    given = choose_delta(0.3, None, STATED, DAY)
    assert (given.value, given.reason, given.prior) == (0.3, "given", None)
    prior = choose_delta(None, AreaType.METROPOLITAN, STATED, DAY)
    assert prior.value == pytest.approx(0.4)
    assert prior.prior is not None
    with pytest.raises(Problem, match="both given"):
        choose_delta(0.3, AreaType.ORDINARY, STATED, DAY)


def test_draws_follow_the_quantiles() -> None:
    prior = prior_of(STATED, DAY, AreaType.METROPOLITAN)
    draws = prior.draw(np.random.default_rng(7), 20_000)
    assert draws.mean() == pytest.approx(prior.mean, abs=0.002)
    for probability in (0.05, 0.5, 0.95):
        found = np.quantile(draws, probability)
        assert found == pytest.approx(prior.quantile(probability), abs=0.004)


def test_a_prior_that_does_not_rise_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "delta.yaml"
    path.write_text(
        "id: impact.delta\ntitle: t\nversions:\n"
        "  - {valid_from: 2020-01-01, article: a, source: s, verified: false,\n"
        "     value: {ordinary: {low: 0.4, mode: 0.2, high: 0.5}}}\n",
        encoding="utf-8",
    )
    wrong = parameters.load(path)
    with pytest.raises(Problem, match="does not rise"):
        prior_of(wrong, DAY, AreaType.ORDINARY)
    with pytest.raises(Problem, match="no low, mode and high for metropolitan"):
        prior_of(wrong, DAY, AreaType.METROPOLITAN)


def test_the_regression_is_that_of_the_sheet() -> None:
    found = np.log(flegg_tohmo(5.0, 1.2, 0.9))
    due = -1.8379 + 0.33195 * np.log(5) + 1.5834 * np.log(1.2) - 2.8812 * np.log(0.9)
    assert found == pytest.approx(due)
    with pytest.raises(Problem):
        flegg_tohmo(0.0, 1.0, 1.0)
