"""Heat by site: each level is an assignment of its own, so a site has a range of its own."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from nexpo.build.datacentres.heat import Reused, site_rows
from nexpo.datacentres.heat import Site, User, plausible
from nexpo.datacentres.heat_terms import Terms

LOW = Terms(0.5, 1.25, 0.5, 0.5, 0.002, 0.2, 30, 70, 60, 0.5, 5, 0.0)


def reused(*sites: Site) -> Reused:
    user = User("u", "U", 0, 0, demand_mwh=2600)
    terms = {"low": LOW, "mid": replace(LOW, recoverable=0.8), "high": replace(LOW, recoverable=1)}
    levels = plausible(sites, [user], terms)
    plain: Any = SimpleNamespace(sites=sites, assumed=(), levels=levels, mid=levels["mid"])
    return cast("Reused", plain)


def test_a_site_may_give_less_at_a_higher_level() -> None:
    near, far = Site("a", "A", 100, 0, 1000), Site("b", "B", 4000, 0, 1000)
    found = reused(near, far)
    far_away = [each.sites[1].handed_mwh or 0 for each in found.levels.values()]
    assert far_away[0] > far_away[1] > far_away[2] == pytest.approx(0)  # the near one serves all
    row = site_rows(found)[1]
    assert row["handed_mwh_least"] == pytest.approx(far_away[2], abs=1e-6)
    assert row["handed_mwh_most"] == pytest.approx(far_away[0])
    assert row["handed_mwh_mid"] == pytest.approx(far_away[1])
    assert row["erf_most"] == pytest.approx(far_away[0] / (8760 * 0.5 * 1.25))


def test_a_site_of_unknown_power_has_no_range() -> None:
    row = site_rows(reused(Site("a", "A", 100, 0, None)))[0]
    assert [row[f"erf_{name}"] for name in ("least", "most", "mid")] == [None] * 3
