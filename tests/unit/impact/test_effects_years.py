"""Effects by area, and jobs over time: job-years, average and peak are three figures."""

from __future__ import annotations

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.impact.codes import positions_by_spelling, spelling
from nexpo.impact.effects import Account, Rounds, account_effects, results_of
from nexpo.impact.model import Effect, Phase, Result
from nexpo.impact.years import fte_per_person, jobs_over, productivity_factor, sum_by_year

ROUNDS = Rounds(np.array([[10.0], [0.0]]), np.array([[12.0], [4.0]]), np.array([[15.0], [6.0]]))


def test_effects_by_area_add_up_to_type_two() -> None:
    account = Account("gdp", "EUR", np.array([0.5, 0.25]))
    found = account_effects(account, ROUNDS, ROUNDS, ["r", "o"])
    assert {key: part.tolist() for key, part in found.items()} == {
        ("r", Effect.DIRECT): [5.0],
        ("o", Effect.DIRECT): [0.0],
        ("r", Effect.INDIRECT): [1.0],
        ("o", Effect.INDIRECT): [1.0],
        ("r", Effect.INDUCED): [1.5],
        ("o", Effect.INDUCED): [0.5],
    }
    assert sum(part.sum() for part in found.values()) == pytest.approx(0.5 * 15 + 0.25 * 6)


def test_jobs_go_with_real_output_and_productivity() -> None:
    real = Rounds(ROUNDS.first * 0.8, ROUNDS.type_i * 0.8)
    jobs = Account("jobs", "person", np.ones(2), real=True, by_period=np.array([0.5]))
    found = account_effects(jobs, ROUNDS, real, ["r", "r"])
    assert found["r", Effect.DIRECT].tolist() == [4.0]
    assert ("r", Effect.INDUCED) not in found


def test_an_account_unknown_where_it_is_needed_is_refused() -> None:
    gaps = Account("jobs", "person", np.array([1.0, np.nan]))
    with pytest.raises(Problem, match="not known for 1 sectors"):
        account_effects(gaps, ROUNDS, ROUNDS, ["r", "o"])
    idle = Rounds(np.array([[10.0], [0.0]]), np.array([[12.0], [0.0]]))
    assert account_effects(gaps, idle, idle, ["r", "r"])["r", Effect.DIRECT].tolist() == [10.0]


def test_results_name_the_closure_where_it_counts() -> None:
    account = Account("gdp", "EUR", np.ones(2))
    found = account_effects(account, ROUNDS, ROUNDS, ["r", "r"])
    results = list(
        results_of(
            found, account, [(2026, Phase.OPERATION)],
            scenario="s", method="flq", delta=0.25, closure="net",
        )
    )  # fmt: skip
    assert [each.closure for each in results] == ["", "", "net"]
    assert {(each.year, each.phase) for each in results} == {(2026, "operation")}


def test_job_years_average_and_peak() -> None:
    jobs = jobs_over({2025: 300.0, 2026: 500.0, 2028: 200.0}, "FTE")
    assert (jobs.job_years, jobs.average, jobs.peak) == (1000.0, 250.0, 500.0)
    assert (jobs.peak_year, jobs.first_year, jobs.last_year, jobs.unit) == (2026, 2025, 2028, "FTE")
    with pytest.raises(Problem, match="no year"):
        jobs_over({}, "FTE")


def test_persons_and_fte_do_not_add() -> None:
    row = Result("s", 2025, "r", "jobs", Effect.DIRECT, 5.0, "person")
    fte = Result("s", 2025, "r", "fte", Effect.DIRECT, 4.0, "FTE")
    assert sum_by_year([row, row]) == {2025: 10.0}
    with pytest.raises(Problem, match="several units"):
        sum_by_year([row, fte])


def test_productivity_and_hours() -> None:
    assert productivity_factor([2014, 2024], 2014, 0.01) == pytest.approx([1, 1.01**-10])
    assert fte_per_person(np.array([803.5]), 1607.0) == pytest.approx([0.5])
    with pytest.raises(Problem, match="full-time"):
        fte_per_person(np.ones(1), 0.0)
    with pytest.raises(Problem, match="above -1"):
        productivity_factor([2014], 2014, -1.0)


@pytest.mark.parametrize(
    ("one", "other"),
    [("C10-C12", "C10T12"), ("J62_63", "J62_J63"), ("E37-E39", "E37T39"), ("CPA_F", "F"),
     ("M69_M70", "M69_70"), ("ITA:C26", "ita:c26"), ("R_S", "R-S")],
)  # fmt: skip
def test_spellings_of_one_sector(one: str, other: str) -> None:
    assert spelling(one) == spelling(other)


def test_a_spelling_of_two_sectors_names_neither() -> None:
    known = positions_by_spelling(["C10-12", "C10_12", "F"])
    assert spelling("C10-12") in known  # its own spelling still does
    assert known["C10_12"] == 1
    assert "C10T12" not in known
