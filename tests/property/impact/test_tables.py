"""What holds for every table: sums keep balances, rules keep accounts, files say the same."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nexpo.build.impact.tables import blocks_of, open_table
from nexpo.impact.aggregate import aggregate
from nexpo.impact.balance import balance
from nexpo.impact.domestic import ImportRule, domestic
from nexpo.impact.model import Scope, Table, Use, example
from nexpo.sources.input_output import template


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Return a balanced table of total use, exports below output or above it."""
    n = draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    output = rng.uniform(1, 1000, n)
    shares = rng.uniform(0, 1, (n, n))
    flows = shares / shares.sum(axis=0) * rng.uniform(0, 0.9, n) * output
    final = rng.uniform(0, 500, (n, 2))
    imports = np.maximum(flows.sum(axis=1) + final.sum(axis=1) - output, 0)
    final[:, 0] += output + imports - flows.sum(axis=1) - final.sum(axis=1)
    return replace(
        example(Scope.TOTAL),
        sectors=tuple(f"S{i}" for i in range(n)),
        labels=tuple(f"sector {i}" for i in range(n)),
        regions=("XX",) * n,
        flows=flows,
        final=final,
        output=output,
        use_kinds=(Use.HOUSEHOLDS, Use.EXPORTS),
        primary=np.vstack([output - flows.sum(axis=0), np.zeros(n)]),
        import_total=imports,
        satellites=(),
    )


@settings(max_examples=40, deadline=None)
@given(table=tables(), rule=st.sampled_from([ImportRule.PROPORTIONAL, ImportRule.ALL_USES]))
def test_a_domestic_table_balances_and_holds_all_imports(table: Table, rule: ImportRule) -> None:
    found = domestic(table, rule)
    assert found.imports is not None
    assert found.final_imports is not None
    assert table.import_total is not None
    assert np.allclose(balance(found).rows, 0, atol=1e-8)
    assert np.allclose(balance(found).columns, 0, atol=1e-8)
    assert (found.flows >= -1e-9).all()
    assert np.allclose(found.final + found.final_imports, table.final)
    held = found.imports.sum(axis=1) + found.final_imports.sum(axis=1)
    assert np.allclose(held, table.import_total)


@settings(max_examples=40, deadline=None)
@given(table=tables(), data=st.data())
def test_a_sum_keeps_totals_and_balances(table: Table, data: st.DataObject) -> None:
    place = st.lists(st.sampled_from("XYZ"), min_size=table.size, max_size=table.size)
    found = aggregate(table, dict(zip(table.sectors, data.draw(place), strict=True)))
    assert np.isclose(found.flows.sum(), table.flows.sum())
    assert np.isclose(found.value_added().sum(), table.value_added().sum())
    assert np.allclose(balance(found).rows, 0, atol=1e-8)


@settings(max_examples=20, deadline=None)
@given(table=tables())
def test_the_template_says_what_the_table_says(table: Table) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = template.write(Path(folder) / "t.csv", blocks_of(table))
        again = open_table(path, accept=None)
    assert np.array_equal(again.flows, table.flows)
    assert np.array_equal(again.final, table.final)
    assert again.import_total is not None
    assert table.import_total is not None
    assert np.array_equal(again.import_total, table.import_total)
    assert again.origin == table.origin
