"""Figures of need: the index of each municipality, part by part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nexpo.build.figures.entry import Entry
from nexpo.build.model import Material
from nexpo.connectivity import need
from nexpo.core import parameters
from nexpo.core.evidence import Figure, Input, Ledger

PARAMETER = "need/index"
_CRITERIA = {
    need.Criterion.SCALE: ("percentile rank of uncovered house numbers", "uncovered.total"),
    need.Criterion.INTENSITY: (
        "percentile rank of uncovered house numbers per head",
        "uncovered.per_1000",
    ),
    need.Criterion.SPEED: ("percentile rank of slowness", "performance.down"),
}


def enter_need(material: Material, region: Entry) -> tuple[tuple[need.Need, ...], need.Rule]:
    """Enter the need index of each municipality; return needs and rule."""
    parameter = parameters.get(PARAMETER)
    use = parameter.use(material.on)
    rule = need.Rule.read(parameter.on(material.on))
    needs = need.order(list(_places(material, region.ledger)), rule)
    weights = {
        criterion: region.observe(
            f"need.weight_{criterion}",
            f"weight of {criterion}",
            rule.weights[criterion],
            "",
            "parameter",
            parameters=(use,),
        )
        for criterion in need.Criterion
    }
    grounds = _grounds(material)
    compared = {c: _compared(region, c, needs, grounds[c], use) for c in need.Criterion}
    for item in needs:
        _one_need(region.at(item.place.istat), item, weights, compared)
    return needs, rule


def _grounds(material: Material) -> dict[need.Criterion, tuple[Input, ...]]:
    """Return the inputs that the standings of a criterion rest on."""
    listed, people = material.uncovered.inputs, material.territory[2:3]
    return {
        need.Criterion.SCALE: listed,
        need.Criterion.INTENSITY: (*listed, *people),
        need.Criterion.SPEED: material.performance.inputs,
    }


def _places(material: Material, ledger: Ledger) -> Iterable[need.Place]:
    for istat, people in material.municipalities.select("istat", "population").iter_rows():
        total = ledger[f"uncovered.total/{istat}"].value
        yield need.Place(
            istat,
            uncovered=int(total or 0),
            inhabitants=people or None,
            down_mbps=_number(ledger, f"performance.down/{istat}"),
            tests=int(_number(ledger, f"performance.tests/{istat}") or 0),
        )


def _number(ledger: Ledger, figure_id: str) -> float | None:
    value = ledger[figure_id].value if figure_id in ledger else None
    return float(value) if isinstance(value, int | float) else None


def _compared(
    region: Entry,
    criterion: need.Criterion,
    needs: tuple[need.Need, ...],
    inputs: tuple[Input, ...],
    use: parameters.Use,
) -> Figure:
    return region.observe(
        f"need.compared_{criterion}",
        f"municipalities with a value of {criterion}",
        sum(criterion in item.standings for item in needs),
        "municipality",
        "nexpo.connectivity.need.standings",
        query=f"municipalities whose {_CRITERIA[criterion][1]} can be used",
        inputs=inputs,
        parameters=(use,) if criterion is need.Criterion.SPEED else (),
    )


def _one_need(
    entry: Entry,
    item: need.Need,
    weights: Mapping[need.Criterion, Figure],
    compared: Mapping[need.Criterion, Figure],
) -> None:
    parts = {
        criterion: _part(entry, criterion, standing, compared[criterion])
        for criterion, standing in item.standings.items()
    }
    names = [criterion.value for criterion in parts]
    above = " + ".join(f"w_{name} * {name}" for name in names)
    below = " + ".join(f"w_{name}" for name in names)
    left_out = ", ".join(criterion.value for criterion in item.missing)
    value = entry.derive(
        "need.score",
        "need index",
        "point",
        "nexpo.connectivity.need.score",
        f"({above}) / ({below})",
        {c.value: part for c, part in parts.items()} | {f"w_{c}": weights[c] for c in parts},
        note=f"left out for want of a value: {left_out}" if left_out else "",
    )
    higher = entry.observe(
        "need.higher",
        "municipalities that score higher",
        None if item.rank is None else item.higher,
        "municipality",
        "nexpo.connectivity.need.order",
        query="need.score is higher",
        inputs=dict.fromkeys(found for figure in compared.values() for found in figure.inputs),
    )
    entry.derive(
        "need.rank",
        "rank by need",
        "rank",
        "nexpo.connectivity.need.order",
        "1 + higher",
        {"higher": higher, "score": value},
        note=f"from {item.best} to {item.worst} over {item.weightings} weightings",
    )


def _part(
    entry: Entry, criterion: need.Criterion, standing: need.Standing, compared: Figure
) -> Figure:
    title, source = _CRITERIA[criterion]
    counts = {
        name: entry.observe(
            f"need.{criterion}_{name}",
            f"municipalities with {said} need",
            count,
            "municipality",
            "nexpo.connectivity.need.standings",
            query=f"by {source}, of those compared",
            inputs=compared.inputs,
        )
        for name, said, count in (
            ("below", "less", standing.below),
            ("equal", "as much", standing.equal),
        )
    }
    return entry.derive(
        f"need.{criterion}",
        title,
        "point",
        "nexpo.connectivity.need.standings",
        "(below + equal / 2) / compared",
        {**counts, "compared": compared, "value": entry.ledger[source + entry.suffix]},
    )
