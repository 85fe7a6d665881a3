"""The journal of finished rows: found by fingerprint, whatever stopped the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from nexpo.build.design.parts import Parts
from nexpo.core.problem import Problem


def row(mark: str, **more: object) -> dict[str, object]:
    return {"fingerprint": mark, "name": "Cantù", **more}


def test_there_may_be_none_yet(tmp_path: Path) -> None:
    assert Parts(tmp_path / "a.jsonl").read() == {}
    Parts(tmp_path / "a.jsonl").forget()


def test_rows_are_read_back_across_runs(tmp_path: Path) -> None:
    parts = Parts(tmp_path / "deep" / "a.jsonl")
    for mark in ("one", "two"):
        with parts.adding() as journal:
            journal.add(row(mark, gap=0.1))
    assert parts.read() == {"one": row("one", gap=0.1), "two": row("two", gap=0.1)}
    parts.forget()
    assert parts.read() == {}


def test_a_row_is_there_as_soon_as_it_is_added(tmp_path: Path) -> None:
    parts = Parts(tmp_path / "a.jsonl")
    with parts.adding() as journal:
        journal.add(row("one"))
        assert parts.read() == {"one": row("one")}


def test_a_line_cut_off_is_no_row_and_spoils_no_other(tmp_path: Path) -> None:
    parts = Parts(tmp_path / "a.jsonl")
    with parts.adding() as journal:
        journal.add(row("one"))
    with parts.path.open("ab") as stream:
        stream.write(b'{"fingerprint": "tw')
    assert list(parts.read()) == ["one"]
    with parts.adding() as journal:
        journal.add(row("three"))
    assert list(parts.read()) == ["one", "three"]


def test_another_file_is_refused(tmp_path: Path) -> None:
    parts = Parts(tmp_path / "a.jsonl")
    parts.path.write_text('{"figure": 1}\n{"figure": 2}\n')
    with pytest.raises(Problem, match="holds no finished municipalities") as caught:
        parts.read()
    assert caught.value.where.row == 1


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(Problem, match="cannot keep finished municipalities"),
        Parts(tmp_path / "file" / "a.jsonl").adding(),
    ):
        pass
