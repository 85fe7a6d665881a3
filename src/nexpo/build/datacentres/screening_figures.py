"""The figures of a screening and of a site, entered in a ledger with their derivation.

Ids: ``siting.area_cells``, ``siting.eligible_cells``, ``siting.eligible_share``,
``siting.excluded_cells/<number>`` by rule, ``siting.eligible_share/<istat>`` by municipality,
``siting.score/<site>`` and ``siting.area/<site>`` by site.
"""

from __future__ import annotations

from typing import Any

from nexpo.build.datacentres.screening import Screening
from nexpo.core.evidence import Figure, Ledger
from nexpo.datacentres.siting.eligibility import Applied


def enter(screening: Screening) -> Ledger:
    """Return the ledger of a screening."""
    ledger = Ledger()
    _region(ledger, screening)
    for number, each in enumerate(screening.eligibility.applied, 1):
        _rule(ledger, screening, each, number)
    _municipalities(ledger, screening)
    for number in range(len(screening.parcels)):
        _site(ledger, screening, number)
    return ledger


def _common(screening: Screening, place: str | None = None) -> dict[str, Any]:
    return {"as_of": screening.order.on, "place": place or screening.ground.region.code}


def _region(ledger: Ledger, screening: Screening) -> Figure:
    answer, common = screening.eligibility, _common(screening)
    area = ledger.observe(
        id="siting.area_cells",
        title=f"cells of the region, {answer.frame.cell_m:g} m",
        value=int(answer.area.sum()),
        unit="1",
        function="nexpo.datacentres.siting.grid.numbered",
        query="cells whose centre a municipality holds",
        inputs=screening.ground.territory,
        **common,
    )
    eligible = _eligible(ledger, screening)
    ledger.derive(
        id="siting.eligible_km2",
        title="eligible area",
        unit="km2",
        function="cells by the area of one",
        expression=f"eligible * {answer.frame.cell_m:g} * {answer.frame.cell_m:g} / 1000000",
        operands={"eligible": eligible},
        **common,
    )
    return ledger.derive(
        id="siting.eligible_share",
        title="eligible share of the region",
        unit="1",
        function="quotient",
        expression="eligible / area",
        operands={"eligible": eligible, "area": area},
        **common,
    )


def _eligible(ledger: Ledger, screening: Screening) -> Figure:
    return ledger.observe(
        id="siting.eligible_cells",
        title="cells that no rule takes out, as far as is known",
        value=int(screening.eligibility.eligible.sum()),
        unit="1",
        function="nexpo.datacentres.siting.eligibility.eligibility",
        query="; ".join(_words(each) for each in screening.eligibility.applied),
        inputs=screening.ground.inputs,
        parameters=(screening.plan.use,),
        note=_unchecked(screening),
        **_common(screening),
    )


def _words(each: Applied) -> str:
    rule = each.rule
    classes = f" {rule.column} in {', '.join(rule.among)}" if rule.among else ""
    return f"{rule.effect.value} {rule.layer}{classes}, buffer {rule.buffer_m:g} m"


def _unchecked(screening: Screening) -> str:
    missing = [each.rule.layer for each in screening.eligibility.missing]
    return f"not checked, layer missing: {', '.join(missing)}" if missing else ""


def _rule(ledger: Ledger, screening: Screening, each: Applied, number: int) -> None:
    ledger.observe(
        id=f"siting.excluded_cells/{number}",
        title=f"cells taken out by rule {number}: {_words(each)}",
        value=None if each.marked is None else each.changed,
        unit="1",
        function="nexpo.datacentres.siting.eligibility.eligibility",
        query="cells that were left by the rules before it",
        parameters=(screening.plan.use,),
        note=each.note,
        synthetic=each.note == "synthetic stand-in",
        **_common(screening),
    )


def _municipalities(ledger: Ledger, screening: Screening) -> None:
    zonal, istat = screening.zonal, screening.ground.zones.table["istat"]
    made_up = bool(screening.ground.synthetic)
    for number, code in enumerate(istat):
        common = _common(screening, str(code))
        counted = {"unit": "1", "function": "nexpo.datacentres.siting.zonal.by_zone"} | common
        cells = ledger.observe(
            id=f"siting.area_cells/{code}",
            title="cells of the municipality",
            value=int(zonal.cells[number]),
            **counted,
        )
        eligible = ledger.observe(
            id=f"siting.eligible_cells/{code}",
            title="eligible cells of the municipality",
            value=int(zonal.eligible[number]),
            synthetic=made_up,
            **counted,
        )
        ledger.derive(
            id=f"siting.eligible_share/{code}",
            title="eligible share of the municipality",
            unit="1",
            function="quotient",
            expression="eligible / cells",
            operands={"eligible": eligible, "cells": cells},
            **common,
        )


def _site(ledger: Ledger, screening: Screening, number: int) -> None:
    found, order = screening.parcels, screening.order
    common = _common(screening) | {"synthetic": bool(screening.ground.synthetic)}
    ledger.observe(
        id=f"siting.score/{number + 1}",
        title=f"score of the first cell of site {number + 1}",
        value=round(float(found.scores[number]), 6),
        unit="1",
        function=f"nexpo.datacentres.siting.{order.method.value}",
        query="weights " + ", ".join(f"{c.name} {c.weight:.3f}" for c in screening.ranked.criteria),
        parameters=(screening.plan.use,),
        **common,
    )
    ledger.observe(
        id=f"siting.area/{number + 1}",
        title=f"area of site {number + 1}",
        value=round(found.cells * screening.ground.frame.cell_ha, 4),
        unit="1",
        function="nexpo.datacentres.siting.parcels.parcels",
        note="hectares",
        **common,
    )
