"""Stand-ins made by a seed, for what is not on this machine.

They have the shape of the real thing (more house numbers per head without a network where
few people live, slower lines there) and no meaning at all. Each municipality draws from
its own seed, so a stand-in does not depend on which others are in the region.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
import polars as pl

from nexpo.build.model import CLASSES, Performance, Uncovered
from nexpo.core.evidence import Input

_PEOPLE = 1000  # taken where a municipality has no population figure
_LICENCE = "CC0 1.0 (made by Nexpo)"
_CLASS_SHARES = (0.12, 0.46, 0.42)

Draw = Callable[[np.random.Generator, dict[str, float]], dict[str, int]]


def uncovered(places: pl.DataFrame, seed: int) -> Uncovered:
    """Return a stand-in for the list of uncovered house numbers.

    Parameters
    ----------
    places
        ``istat, population, area_km2`` of the municipalities.
    seed
        The same seed gives the same counts.

    Examples
    --------
    >>> places = pl.DataFrame({"istat": ["012001"], "population": [391], "area_km2": [3.8]})
    >>> uncovered(places, 7).inputs[0].synthetic
    True
    """
    table = _drawn(places, seed, "uncovered", _addresses)
    counts = table.unpivot(
        CLASSES, index="istat", variable_name="uncovered_class", value_name="addresses"
    ).sort("istat", "uncovered_class")
    kept = counts.filter(pl.col("addresses") > 0)
    return Uncovered(
        counts=kept,
        streets=pl.DataFrame(
            schema={"istat": pl.String, "street": pl.String, "addresses": pl.Int64}
        ),
        rows=int(kept["addresses"].sum()),
        rejected=0,
        outside=0,
        inputs=(_input("uncovered", table, seed),),
    )


def performance(places: pl.DataFrame, seed: int) -> Performance:
    """Return a stand-in for measured performance.

    Examples
    --------
    >>> places = pl.DataFrame({"istat": ["012001"], "population": [391], "area_km2": [3.8]})
    >>> performance(places, 7).measures.columns
    ['istat', 'down', 'up', 'latency', 'tests', 'cells']
    """
    table = _drawn(places, seed, "performance", _speeds)
    return Performance(table, (_input("performance", table, seed),))


def _drawn(places: pl.DataFrame, seed: int, what: str, draw: Draw) -> pl.DataFrame:
    salt = int.from_bytes(what.encode()[:4])
    rows: list[dict[str, object]] = []
    for istat, people, area in places.select("istat", "population", "area_km2").iter_rows():
        generator = np.random.default_rng([seed, salt, int(istat)])
        known = {"people": people or _PEOPLE, "density": (people or _PEOPLE) / max(area, 0.1)}
        rows.append({"istat": istat} | draw(generator, known))
    return pl.DataFrame(rows)


def _addresses(generator: np.random.Generator, place: dict[str, float]) -> dict[str, int]:
    rate = 0.25 * place["density"] ** -0.45 * generator.lognormal(0.0, 0.6)
    total = int(generator.poisson(place["people"] * min(rate, 0.3)))
    parts = generator.multinomial(total, _CLASS_SHARES)
    return {name: int(part) for name, part in zip(CLASSES, parts, strict=True)}


def _speeds(generator: np.random.Generator, place: dict[str, float]) -> dict[str, int]:
    tests = int(generator.poisson(place["people"] * 0.05)) + 1
    down = int(18_000 * place["density"] ** 0.3 * generator.lognormal(0.0, 0.35))
    return {
        "down": down * tests,
        "up": int(down * 0.4) * tests,
        "latency": int(12 + generator.gamma(2.0, 5.0)) * tests,
        "tests": tests,
        "cells": 1 + tests // 20,
    }


def _input(what: str, table: pl.DataFrame, seed: int) -> Input:
    """Describe a stand-in as an input; its hash is that of its rows as CSV."""
    return Input(
        source=f"synthetic-{what}",
        name=f"{what}.synthetic.csv",
        sha256=hashlib.sha256(table.write_csv().encode()).hexdigest(),
        licence=_LICENCE,
        vintage=f"seed {seed}",
        redistributable=True,
        synthetic=True,
    )
