"""Every number of a build, entered in the ledger with its derivation.

Ids are ``<topic>.<name>`` for the region and ``<topic>.<name>/<code>`` for a province
(three digits) or a municipality (six)::

    uncovered.total         uncovered.total/097         uncovered.total/097042
    uncovered.a .b .c       uncovered.per_1000          uncovered.share_c
    performance.down        performance.up              performance.latency
    performance.down_sum    performance.tests           need.compared_speed
    need.score/097042       need.rank/097042            need.higher/097042
    need.speed/097042       need.speed_below/097042     need.speed_equal/097042
    programme.<key>.paid    streets.found/097042        territory.population
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from nexpo.build.model import CLASSES, Amounts, Material, Money, Streets
from nexpo.connectivity import need
from nexpo.core import parameters
from nexpo.core.evidence import Figure, Input, Ledger, Value
from nexpo.core.problem import Kind, Problem

if TYPE_CHECKING:
    import polars as pl

PARAMETER = "need/index"
_LABELS = {
    "a": "uncovered, class A (poor coordinate)",
    "b": "uncovered, class B (within 50 m of a network above 300 Mbit/s)",
    "c": "uncovered, class C (farther than 50 m from one)",
    "other": "uncovered, another class",
}
_MEASURES = {
    "down": ("download speed", "Mbit/s", "kbit/s", " / 1000"),
    "up": ("upload speed", "Mbit/s", "kbit/s", " / 1000"),
    "latency": ("latency", "ms", "ms", ""),
}
_CRITERIA = {
    need.Criterion.SCALE: ("percentile rank of uncovered house numbers", "uncovered.total"),
    need.Criterion.INTENSITY: (
        "percentile rank of uncovered house numbers per head",
        "uncovered.per_1000",
    ),
    need.Criterion.SPEED: ("percentile rank of slowness", "performance.down"),
}


@dataclass(frozen=True)
class Entry:
    """Where figures are entered: the ledger, the day and the place."""

    ledger: Ledger
    day: date
    place: str
    suffix: str = ""

    def observe(
        self, name: str, title: str, value: Value, unit: str, function: str, **fields: object
    ) -> Figure:
        """Enter a figure that was read or counted."""
        return self.ledger.observe(
            id=name + self.suffix,
            title=title,
            value=value,
            unit=unit,
            as_of=self.day,
            place=self.place,
            function=function,
            **fields,
        )

    def derive(
        self,
        name: str,
        title: str,
        unit: str,
        function: str,
        expression: str,
        operands: Mapping[str, Figure],
        **fields: object,
    ) -> Figure:
        """Enter a figure computed from others."""
        return self.ledger.derive(
            id=name + self.suffix,
            title=title,
            unit=unit,
            as_of=self.day,
            place=self.place,
            function=function,
            expression=expression,
            operands=operands,
            **fields,
        )

    def at(self, code: str) -> Entry:
        """Return the entry of a province or municipality."""
        return Entry(self.ledger, self.day, code, f"/{code}")


def enter(material: Material) -> tuple[Ledger, tuple[need.Need, ...], need.Rule]:
    """Enter every figure of a build.

    Returns
    -------
    tuple
        The ledger, the municipalities by need, and the rule of that order.

    Raises
    ------
    Problem
        When the classes do not add up to the rows of the file.
    """
    ledger = Ledger()
    region = Entry(ledger, material.on, material.region.code)
    _territory(material, region)
    _uncovered(material, region)
    _performance(material, region)
    needs, rule = _need(material, region)
    for money in material.money:
        _programme(money, region)
    for streets in material.streets:
        _streets(streets, region.at(streets.istat))
    return ledger, needs, rule


# Territory


def _territory(material: Material, region: Entry) -> None:
    places = material.municipalities
    region.observe(
        "territory.municipalities",
        "municipalities",
        places.height,
        "municipality",
        "nexpo.territory.municipalities",
        query=f"codes in force on {material.on}",
        inputs=material.territory,
    )
    _people(region, places, material.territory)
    both = _grouped(places, "province_code") | _grouped(places, "istat")
    for code, rows in both.items():
        _people(region.at(code), rows, material.territory)


def _people(entry: Entry, rows: pl.DataFrame, inputs: tuple[Input, ...]) -> None:
    known = rows["population"].drop_nulls()
    day = rows["population_as_of"][0]
    entry.observe(
        "territory.population",
        "residents",
        int(known.sum()) if len(known) else None,
        "inhabitant",
        "nexpo.territory.municipalities",
        query=f"residents on {day}, sum over {len(known):,} of {rows.height:,} municipalities",
        inputs=inputs[2:3],
    )
    entry.observe(
        "territory.area",
        "area on the ellipsoid",
        round(float(rows["area_km2"].sum()), 3),
        "km2",
        "nexpo.territory.area_km2",
        query="generalised boundary",
        inputs=inputs[:1],
    )


# Uncovered house numbers


def _uncovered(material: Material, region: Entry) -> None:
    counts = material.uncovered.counts
    total = _classes(material, region, counts, "rows of the list")
    _hold_total(material, region, total)
    placed = counts.drop_nulls("istat")
    provinces = placed.with_columns(code=placed["istat"].str.head(3))
    by_code = _grouped(provinces, "code") | _grouped(placed, "istat")
    places = material.municipalities
    for code in (*places["province_code"].unique().sort(), *places["istat"]):
        rows = by_code.get(code, counts.clear())
        _classes(material, region.at(code), rows, f"rows whose municipality is in {code}")
    region.observe(
        "uncovered.municipalities",
        "municipalities with an uncovered house number",
        placed["istat"].n_unique(),
        "municipality",
        "nexpo.sources.infratel.read_uncovered",
        query="distinct codes of the list, translated to the day",
        inputs=material.uncovered.inputs,
    )


def _classes(material: Material, entry: Entry, counts: pl.DataFrame, said: str) -> Figure:
    import polars as pl  # noqa: PLC0415 - start-up time of the command line

    class_ = pl.col("uncovered_class")
    wanted = {name.casefold(): class_ == name for name in CLASSES}
    if not material.uncovered.counts.filter(~class_.is_in(CLASSES)).is_empty():
        wanted["other"] = ~class_.is_in(CLASSES)
    parts = {
        name: entry.observe(
            f"uncovered.{name}",
            _LABELS[name],
            int(counts.filter(condition)["addresses"].sum()),
            "civico",
            "nexpo.sources.infratel.read_uncovered",
            query=f"count of {said} with class {name.upper()}",
            inputs=material.uncovered.inputs,
        )
        for name, condition in wanted.items()
    }
    total = entry.derive(
        "uncovered.total",
        "uncovered house numbers",
        "civico",
        "sum of classes",
        " + ".join(parts),
        parts,
    )
    _rates(entry, total, parts["c"])
    return total


def _rates(entry: Entry, total: Figure, far: Figure) -> None:
    people = entry.ledger[f"territory.population{entry.suffix}"]
    entry.derive(
        "uncovered.per_1000",
        "uncovered house numbers per 1,000 inhabitants",
        "civico per 1,000 inhabitants",
        "ratio",
        "1000 * uncovered / residents",
        {"uncovered": total, "residents": people},
    )
    entry.derive(
        "uncovered.share_c",
        "share of class C among the uncovered",
        "%",
        "ratio",
        "100 * far / uncovered",
        {"far": far, "uncovered": total},
    )


def _hold_total(material: Material, region: Entry, total: Figure) -> None:
    """Hold the sum of classes against the rows of the file: nothing may be lost between."""
    given = material.uncovered
    counted = {
        "rows": ("rows_in_file", "data rows in the file", given.rows),
        "rejected": ("rejected", "rows refused", given.rejected),
        "outside": ("outside", "rows of other regions", given.outside),
    }
    parts = {
        key: region.observe(
            f"uncovered.{name}", title, value, "civico", "count of rows", inputs=given.inputs
        )
        for key, (name, title, value) in counted.items()
    }
    held = region.derive(
        "uncovered.unaccounted",
        "rows of the file not accounted for",
        "civico",
        "self check",
        "rows - rejected - outside - classes",
        {**parts, "classes": total},
    )
    if held.value != 0:
        raise Problem(
            Kind.INTERNAL,
            "the classes do not add up to the rows of the file; nothing was written",
            value=f"{given.rows:,} rows, {given.rejected:,} rejected, {given.outside:,} outside, "
            f"{total.value:,} in classes",
            remedy="report this with the name of the file",
        )


# Measured performance


def _performance(material: Material, region: Entry) -> None:
    measures, inputs = material.performance.measures, material.performance.inputs
    sums = measures.drop("istat").sum().row(0, named=True)
    _measured(region, sums, inputs)
    provinces = measures.with_columns(istat=measures["istat"].str.head(3))
    summed = provinces.group_by("istat").sum().sort("istat")
    for row in (*summed.iter_rows(named=True), *measures.iter_rows(named=True)):
        _measured(region.at(row["istat"]), row, inputs)


def _measured(entry: Entry, sums: Mapping[str, int], inputs: tuple[Input, ...]) -> None:
    tests = entry.observe(
        "performance.tests",
        "speed tests",
        sums["tests"],
        "test",
        "nexpo.sources.ookla.read_grid",
        query=f"sum over {sums['cells']:,} grid cells whose centre is in the place",
        inputs=inputs,
    )
    for name, (title, unit, read, scaling) in _MEASURES.items():
        weighted = entry.observe(
            f"performance.{name}_sum",
            f"{title} times tests, summed",
            sums[name],
            f"{read} test",
            "nexpo.sources.ookla.read_grid",
            query=f"sum over {sums['cells']:,} grid cells of {name} times tests",
            inputs=inputs,
        )
        entry.derive(
            f"performance.{name}",
            f"{title}, mean weighted by tests",
            unit,
            "mean weighted by tests",
            f"weighted / tests{scaling}",
            {"weighted": weighted, "tests": tests},
        )


# Need


def _need(material: Material, region: Entry) -> tuple[tuple[need.Need, ...], need.Rule]:
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


# Programme money


def _programme(money: Money, region: Entry) -> None:
    key = f"programme.{money.programme.key}"
    named = f"projects whose title names the region; {money.programme.measure}"
    _amounts(
        region,
        key,
        f"{money.programme.name}, lots naming the region",
        named,
        money.here,
        money.inputs,
    )
    every = f"all projects in the file; {money.programme.measure}"
    _amounts(
        region,
        f"{key}.all",
        f"{money.programme.name}, all projects in the file",
        every,
        money.all,
        money.inputs,
    )


def _amounts(
    region: Entry, key: str, title: str, query: str, sums: Amounts, inputs: tuple[Input, ...]
) -> None:
    region.observe(
        f"{key}.projects",
        f"{title}: projects",
        sums.projects,
        "project",
        "nexpo.sources.pnrr",
        query=query,
        inputs=inputs,
    )
    amounts = {"total": sums.total, "pnrr": sums.pnrr, "paid": sums.paid}
    euros = {
        name: _euros(region, f"{key}.{name}", f"{title}: {name}", cents, query, inputs)
        for name, cents in amounts.items()
    }
    region.derive(
        f"{key}.share_paid",
        f"{title}: share paid",
        "%",
        "ratio",
        "100 * paid / total",
        {"paid": euros["paid"], "total": euros["total"]},
    )


def _euros(
    region: Entry, key: str, title: str, cents: int, query: str, inputs: tuple[Input, ...]
) -> Figure:
    counted = region.observe(
        f"{key}_cents",
        f"{title}, in cents",
        cents,
        "cent",
        "nexpo.sources.pnrr",
        query=query,
        inputs=inputs,
    )
    return region.derive(key, title, "EUR", "whole cents", "cents / 100", {"cents": counted})


# Streets


def _streets(streets: Streets, entry: Entry) -> None:
    counts = {
        "listed": ("streets with an uncovered house number", streets.uncovered, "street"),
        "found": ("of these, named in the street network", streets.found, "street"),
        "addresses": ("uncovered house numbers", streets.uncovered_addresses, "civico"),
        "addresses_found": ("of these, on a street found", streets.found_addresses, "civico"),
        "length": ("length of the street network", streets.length_m, "m"),
        "length_found": ("length of the streets found", streets.found_length_m, "m"),
    }
    made = {
        name: entry.observe(
            f"streets.{name}",
            title,
            value,
            unit,
            "nexpo.build.streets",
            query="names equal after folding",
            inputs=streets.inputs,
        )
        for name, (title, value, unit) in counts.items()
    }
    for name, part, whole in (
        ("share_found", "found", "listed"),
        ("share_addresses_found", "addresses_found", "addresses"),
    ):
        entry.derive(
            f"streets.{name}",
            f"share of {whole} found by name",
            "%",
            "ratio",
            "100 * found / listed",
            {"found": made[part], "listed": made[whole]},
        )


def _grouped(table: pl.DataFrame, by: str) -> dict[str, pl.DataFrame]:
    parts = table.partition_by(by, as_dict=True, maintain_order=True)
    return {str(key[0]): rows for key, rows in parts.items()}


def topic_of(figure_id: str) -> str:
    """Return the topic of an id, what stands before its first dot.

    Examples
    --------
    >>> topic_of("uncovered.total/097042")
    'uncovered'
    """
    return figure_id.partition(".")[0]


def name_of(figure_id: str) -> str:
    """Return the id without its place.

    Examples
    --------
    >>> name_of("uncovered.total/097042")
    'uncovered.total'
    """
    return figure_id.partition("/")[0]


def place_of(figure_id: str) -> str:
    """Return the place of an id, empty for the region.

    Examples
    --------
    >>> place_of("uncovered.total/097042")
    '097042'
    """
    return figure_id.partition("/")[2]
