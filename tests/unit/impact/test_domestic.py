"""Total use made domestic: each rule by hand, and accounts that balance as before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.impact.balance import balance
from nexpo.impact.domestic import ImportRule, domestic, import_shares
from nexpo.impact.model import Scope, example

TOTAL = example(Scope.TOTAL)


def test_the_share_leaves_exports_out() -> None:
    assert import_shares(TOTAL).tolist() == [20 / 110, 40 / 180]
    assert import_shares(TOTAL, ImportRule.ALL_USES).tolist() == [20 / 120, 40 / 240]


@pytest.mark.parametrize("rule", [ImportRule.PROPORTIONAL, ImportRule.ALL_USES])
def test_accounts_balance_as_before(rule: ImportRule) -> None:
    found = domestic(TOTAL, rule)
    assert found.imports is not None
    assert found.final_imports is not None
    assert found.scope is Scope.DOMESTIC
    assert np.allclose(balance(found).rows, 0, atol=1e-12)
    assert np.allclose(balance(found).columns, 0, atol=1e-12)
    assert np.allclose(found.flows + found.imports, TOTAL.flows)
    assert np.allclose(found.imports.sum(axis=1) + found.final_imports.sum(axis=1), [20, 40])
    assert rule.value in found.notes[-1]


def test_exports_stay_domestic_unless_the_rule_says_otherwise() -> None:
    kept = domestic(TOTAL)
    assert kept.final_imports is not None
    assert kept.final_imports[:, 1].tolist() == [0.0, 0.0]
    shared = domestic(TOTAL, ImportRule.ALL_USES)
    assert shared.final_imports is not None
    assert shared.final_imports[:, 1].tolist() == pytest.approx([10 / 6, 10.0])


def test_more_exported_than_produced_is_re_exported() -> None:
    # A: output 10, imports 30, exports 25: home use is 15, all of it imported, 15 re-exported
    table = replace(
        TOTAL,
        flows=np.array([[2.0, 3.0], [35.0, 25.0]]),
        final=np.array([[10.0, 25.0], [120.0, 60.0]]),
        output=np.array([10.0, 200.0]),
        import_total=np.array([30.0, 40.0]),
    )
    assert import_shares(table)[0] == 1.0
    found = domestic(table)
    assert found.final_imports is not None
    assert found.flows[0].tolist() == [0.0, 0.0]
    assert found.final[0].tolist() == [0.0, 10.0]
    assert found.final_imports[0].tolist() == [10.0, 15.0]


def test_a_published_matrix_is_taken_off() -> None:
    made = example()
    table = replace(TOTAL, imports=made.imports, final_imports=made.final_imports)
    found = domestic(table, ImportRule.PUBLISHED)
    assert found.flows.tolist() == made.flows.tolist()
    assert found.final.tolist() == made.final.tolist()
    with pytest.raises(Problem, match="published needs a matrix"):
        domestic(TOTAL, ImportRule.PUBLISHED)


def test_without_imports_there_is_no_share() -> None:
    with pytest.raises(Problem, match="imports by product"):
        domestic(replace(TOTAL, import_total=None))


def test_a_domestic_table_is_left_alone() -> None:
    made = example()
    assert domestic(made) is made
