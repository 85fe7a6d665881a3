"""Data dictionaries: read as declared, refused with row and column when wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nexpo.core.problem import Kind, Problem
from nexpo.core.tables import SQL_TYPES, Column, Table, load

HEAD = "column,type,unit,required,default,allowed,pattern,meaning\n"
Load = Callable[[str], Table]


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    def run(rows: str) -> Table:
        package = f"declared_{tmp_path.name}"
        folder = tmp_path / package / "dictionary"
        folder.mkdir(parents=True)
        (folder.parent / "__init__.py").touch()
        (folder / "places.csv").write_text(HEAD + rows, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        return load(package, "places")

    return run


def test_a_dictionary_is_read_as_declared(loaded: Load) -> None:
    table = loaded("istat,code,,yes,,,[0-9]{6},municipality\nopen,text,,no,a,a|B,,state\n")
    assert table.names == ("istat", "open")
    assert table.required == ("istat",)
    assert table["open"] == Column("open", "text", "", False, "a", ("a", "B"), "", "state")
    with pytest.raises(KeyError):
        table["none"]


def test_an_unknown_type_is_named_with_its_row(loaded: Load) -> None:
    with pytest.raises(Problem, match="unknown column type") as caught:
        loaded("a,text,,no,,,,x\nb,float,,no,,,,x\n")
    problem = caught.value
    assert (problem.kind, problem.value) == (Kind.CONFIG, "float")
    assert (problem.where.row, problem.where.column) == (2, "type")
    assert set(str(problem.remedy).removeprefix("one of ").split(", ")) == set(SQL_TYPES)


def test_a_pattern_that_is_none_is_refused(loaded: Load) -> None:
    with pytest.raises(Problem, match="pattern: missing \\)") as caught:
        loaded("a,text,,no,,,(x,x\n")
    assert (caught.value.where.row, caught.value.value) == (1, "(x")
