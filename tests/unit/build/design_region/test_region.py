"""A region's table: the same whatever stopped the run, with what failed and what it adds up to."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from nexpo import territory
from nexpo.build.design import region, spark, tasks
from nexpo.build.design.municipality import TABLE, Row, Task, failed, fingerprint
from nexpo.build.design.region import (
    Order,
    ProcessPool,
    RegionDesign,
    design_region,
    engine_for,
    prepare,
)
from nexpo.build.design.spark import SparkPool
from nexpo.core.evidence import read_ledger
from nexpo.core.problem import Problem

DAY = date(2025, 8, 1)
THREE = ("012001", "097002", "097008")


def made(task: Task) -> Row:
    """Return a row without a design: quick, and plain to add up."""
    row = failed(task, "")
    numbers = dict.fromkeys(region._SUMMED, task["addresses"])
    return row | numbers | {"status": "designed", "problem": None, "route_m": 10.5}


@dataclass
class Quick:
    """An engine in this process, which tells what it was asked."""

    job: Callable[[Task], Row] = made
    asked: list[str] = field(default_factory=list)

    def rows(self, tasks: Sequence[Task]) -> Generator[Row, None, None]:
        for task in tasks:
            self.asked.append(task["istat"])
            yield self.job(task)


@pytest.fixture(autouse=True)
def no_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no file of this machine be seen: addresses come from the share."""
    for name in ("NEXPO_DATA", "NEXPO_HOME"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))


@pytest.fixture
def order(tmp_path: Path) -> Order:
    return Order("lombardia", tmp_path / "out", DAY, only=THREE)


def test_tasks_hold_real_sizes_and_a_stated_share_of_addresses(order: Order) -> None:
    prepared = prepare(order)
    assert [task["istat"] for task in prepared.tasks] == list(THREE)
    for task in prepared.tasks:
        assert task["population"]
        assert task["addresses"] == round(task["population"] * 0.02)
        assert (task["addresses_from"], task["streets"]) == ("share", "")
        assert task["area_km2"] > 1
    none = prepare(replace(order, per_1000=0.0))
    assert [task["addresses"] for task in none.tasks] == [0, 0, 0]
    assert any(use.parameter.startswith("design.unit-costs") for use in prepared.uses)


def test_the_list_gives_the_addresses_and_a_street_file_its_municipality(
    order: Order, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    listed = territory.inputs("03", on=DAY)[0]
    streets = replace(listed, sha256="f" * 64)
    known = tasks._Known(listed, {"097008": 7}, {"097008": (tmp_path / "way.json", streets)})
    monkeypatch.setattr(tasks, "_known", lambda *_: known)
    prepared = prepare(order)
    assert [task["addresses"] for task in prepared.tasks] == [0, 0, 7]
    last = prepared.tasks[-1]
    assert last["streets"] == str(tmp_path / "way.json")
    assert (last["streets_sha256"], last["list_sha256"]) == ("f" * 64, listed.sha256)
    assert {task["addresses_from"] for task in prepared.tasks} == {"list"}
    assert streets in prepared.inputs
    assert made(last)["synthetic"] is False


def test_the_folder_holds_table_dictionary_failures_and_evidence(order: Order) -> None:
    design = design_region(order, Quick())
    assert {path.name for path in order.out.iterdir()} == {
        "municipalities.synthetic.parquet",
        "municipalities.synthetic.csv",
        "columns.csv",
        "failures.csv",
        "figures.jsonl",
        "sources.csv",
        "ro-crate-metadata.json",
    }
    table = pl.read_parquet(order.out / "municipalities.synthetic.parquet")
    assert table.equals(design.table)
    assert tuple(table.columns) == TABLE.names
    assert table["istat"].to_list() == list(THREE)
    assert pl.read_csv(order.out / "columns.csv")["column"].to_list() == list(TABLE.names)
    ledger = read_ledger(order.out / "figures.jsonl")
    assert ledger.check() == []
    assert ledger["design.region.addresses"].value == table["addresses"].sum()
    assert ledger["design.region.route_m/097"].value == 21.0
    assert ledger["design.region.route_m"].value == 31.5
    assert ledger["design.region.cost_per_address_eur"].value == 0.01
    assert all(figure.synthetic for figure in ledger)


def _stopping(after: int) -> Callable[[Task], Row]:
    left: Iterator[int] = iter(range(after))

    def job(task: Task) -> Row:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return made(task)

    return job


def test_a_run_that_is_stopped_goes_on_where_it_was(order: Order) -> None:
    with pytest.raises(KeyboardInterrupt):
        design_region(order, Quick(_stopping(2)))
    assert not order.out.exists()
    rest = Quick()
    resumed = design_region(order, rest)
    assert (len(rest.asked), resumed.reused) == (1, 2)
    whole = design_region(replace(order, out=order.out.with_name("whole")), Quick())
    assert resumed.table.equals(whole.table)
    again = Quick()
    assert design_region(order, again).reused == 3
    assert again.asked == []


def test_largest_first(order: Order) -> None:
    engine = Quick()
    design = design_region(order, engine)
    people = dict(design.table.select("istat", "population").iter_rows())
    assert people[engine.asked[0]] == max(people.values())


@pytest.mark.parametrize(
    "change",
    [{"seed": 2}, {"rounds": 7}, {"architecture": "p2p"}, {"per_1000": 30.0}, {"fresh": True}],
)
def test_stale_rows_are_done_again(order: Order, change: dict[str, object]) -> None:
    design_region(order, Quick())
    engine = Quick()
    other = design_region(replace(order, **change), engine)  # type: ignore[arg-type]
    assert (sorted(engine.asked), other.reused) == (sorted(THREE), 0)


def _half(task: Task) -> Row:
    return failed(task, "no luck") if task["istat"] == "097002" else made(task)


def test_a_failure_is_listed_and_tried_again(order: Order) -> None:
    design: RegionDesign = design_region(order, Quick(_half))
    assert design.failures.select("istat", "problem").rows() == [("097002", "no luck")]
    assert "097002" in (order.out / "failures.csv").read_text()
    assert design.ledger["design.region.route_m"].value == 21.0
    engine = Quick()
    assert design_region(order, engine).failures.is_empty()
    assert engine.asked == ["097002"]


def test_nothing_foreign_is_replaced(order: Order) -> None:
    order.out.mkdir()
    (order.out / "thesis.txt").write_text("years of work")
    with pytest.raises(Problem, match="would be replaced whole"):
        design_region(order, Quick())
    assert (order.out / "thesis.txt").exists()


def test_unknown_names_are_said(order: Order) -> None:
    with pytest.raises(Problem, match="no such municipality"):
        prepare(replace(order, only=("097042", "999999")))
    with pytest.raises(Problem, match="unknown engine"):
        engine_for("abacus", 2)
    with pytest.raises(Problem, match="no process to work"):
        engine_for("pool", 0)
    assert engine_for("pool", 2) == ProcessPool(2)
    assert engine_for("spark://host:7077", 2) == SparkPool("spark://host:7077")


def test_a_fingerprint_is_that_of_the_task(order: Order) -> None:
    prepared = prepare(order)
    design = design_region(order, Quick())
    assert design.table["fingerprint"].to_list() == [fingerprint(each) for each in prepared.tasks]


def test_the_smallest_design_warms_the_pool(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []

    class Told:
        def __init__(self, *_: object) -> None: ...

        def rows(self, tasks: Sequence[Task], *, warm: Task | None) -> Iterator[Row]:
            asked.append(warm and warm["istat"])
            yield from map(made, tasks)

    monkeypatch.setattr(region, "Pool", Told)
    design_region(order, ProcessPool(2))
    people = {task["istat"]: task["population"] or 0 for task in prepare(order).tasks}
    assert asked == [min(people, key=people.__getitem__)]
    list(ProcessPool(2).rows([]))
    assert asked[1:] == [None]


def test_what_a_cluster_says_is_cut_down_to_its_reason() -> None:
    error = RuntimeError("Traceback:\n  File x\nSyntaxError: no\n SQLSTATE: 38000\n\tat org.apache")
    assert spark._last_line(error) == "SyntaxError: no"
    assert spark._last_line(RuntimeError("")) == "no reason"
