"""Beside others' arithmetic: numpy's inverse at the size of an iteration, and pymrio's accounts."""

from __future__ import annotations

import numpy as np
import pytest

from nexpo.impact.footprint import footprint
from nexpo.impact.model import Satellite, Use
from nexpo.impact.solve import SolveMethod, System
from tests.io_tables import make_table, random_system

REGIONS = ("R1", "R2", "R3")


def test_gmres_by_default_agrees_with_an_inverse_on_700_sectors() -> None:
    system = System(*random_system(11, 700, 0.95))
    rng = np.random.default_rng(12)
    demand, weights = rng.random((700, 2)), rng.random(700)
    inverse = np.linalg.inv(np.eye(700) - system.coefficients())
    forward, adjoint = system.solve(demand), system.solve_transposed(weights)
    assert {forward.method, adjoint.method} == {SolveMethod.GMRES}
    np.testing.assert_allclose(forward.values, inverse @ demand, rtol=1e-9)
    np.testing.assert_allclose(adjoint.values, weights @ inverse, rtol=1e-9)


def test_footprints_agree_with_pymrio() -> None:
    pymrio = pytest.importorskip("pymrio", reason="a development-only peer: pip install pymrio")
    import pandas as pd

    rng = np.random.default_rng(13)
    flows, _ = random_system(14, 12)
    final = rng.uniform(5.0, 50.0, (12, 6))
    output = flows.sum(axis=1) + final.sum(axis=1) + 500.0
    final[:, 0] += 500.0
    uses = [f"{region}:{use}" for region in REGIONS for use in ("households", "capital")]
    table = make_table(
        flows,
        output,
        uses=(Use.HOUSEHOLDS, Use.CAPITAL) * 3,
        final=final,
        sectors=[f"{region}:{sector}" for region in REGIONS for sector in "ABCD"],
        regions=[region for region in REGIONS for _ in range(4)],
        use_names=uses,
    )
    co2 = Satellite("co2", "t", rng.uniform(0, 9, 12), 2020, "tests", rng.uniform(0, 2, 6))
    found = footprint(System.of_table(table), table, co2)

    index = pd.MultiIndex.from_product([REGIONS, list("ABCD")], names=["region", "sector"])
    columns = pd.MultiIndex.from_product(
        [REGIONS, ["households", "capital"]], names=["region", "category"]
    )
    system = pymrio.IOSystem(
        Z=pd.DataFrame(flows, index=index, columns=index),
        Y=pd.DataFrame(final, index=index, columns=columns),
    )
    made = co2.values  # noqa: PD011 - a satellite's, not a frame's
    system.emissions = pymrio.Extension(
        "emissions",
        F=pd.DataFrame(made[None], index=["co2"], columns=index),
        F_Y=pd.DataFrame(np.asarray(co2.final_use)[None], index=["co2"], columns=columns),
    )
    system.calc_all()
    theirs = system.emissions
    np.testing.assert_allclose(found.multiplier, theirs.M.loc["co2"], rtol=1e-10)
    for ours, account in (
        (found.consumption, theirs.D_cba_reg),
        (found.production, theirs.D_pba_reg),
        (found.imports, theirs.D_imp_reg),
        (found.exports, theirs.D_exp_reg),
    ):
        np.testing.assert_allclose(ours, account.loc["co2"], rtol=1e-10)
