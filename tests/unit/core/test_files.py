"""Files are written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from nexpo.core.files import (
    atomic_directory,
    atomic_path,
    check_outputs,
    check_parent,
    sha256_of,
    write_json,
    write_text,
)
from nexpo.core.problem import Kind, Problem


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def fail_after_writing(path: Path, stop: type[BaseException]) -> None:
    path.write_text("half")
    raise stop


@pytest.fixture
def build(tmp_path: Path) -> Path:
    folder = tmp_path / "build"
    write_text(folder / "page.html", "old")
    write_text(folder / "tables" / "a.csv", "id\n1\n")
    return folder


@pytest.mark.parametrize("stop", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_exception_keeps_the_old_file(tmp_path: Path, stop: type[BaseException]) -> None:
    target = write_text(tmp_path / "a.txt", "old")
    with pytest.raises(stop), atomic_path(target) as path:
        fail_after_writing(path, stop)
    assert content(tmp_path) == {"a.txt": b"old"}


def test_success_replaces_the_file_and_leaves_no_part(tmp_path: Path) -> None:
    target = write_text(tmp_path / "a.txt", "old")
    with atomic_path(target) as path:
        path.write_text("new")
        assert target.read_text() == "old"
    assert content(tmp_path) == {"a.txt": b"new"}


def test_a_file_that_was_never_written_is_a_problem(tmp_path: Path) -> None:
    target = write_text(tmp_path / "a.txt", "old")
    with pytest.raises(Problem) as caught, atomic_path(target):
        pass
    assert caught.value.kind is Kind.CANNOT_WRITE
    assert target.read_text() == "old"


def test_a_file_where_a_folder_is_wanted_is_named(tmp_path: Path) -> None:
    write_text(tmp_path / "a", "a file")
    with pytest.raises(Problem) as caught:
        write_text(tmp_path / "a" / "b.txt", "new")
    assert caught.value.kind is Kind.CANNOT_WRITE
    assert caught.value.where.file == str(tmp_path / "a" / "b.txt")


@pytest.mark.parametrize("stop", [ValueError, KeyboardInterrupt])
def test_an_exception_keeps_the_old_folder_byte_for_byte(
    tmp_path: Path, build: Path, stop: type[BaseException]
) -> None:
    before = content(tmp_path)
    with pytest.raises(stop), atomic_directory(build) as folder:
        fail_after_writing(folder / "page.html", stop)
    assert content(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["build"]


@pytest.mark.parametrize("after", [1, 2])
def test_an_interrupt_between_the_two_renames_loses_no_build(
    tmp_path: Path, build: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    calls: list[int] = []

    def replace(source: Path, target: Path, rename: object = os.replace) -> None:
        assert callable(rename)
        rename(source, target)
        calls.append(1)
        if len(calls) == after:
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(KeyboardInterrupt), atomic_directory(build) as folder:
        (folder / "page.html").write_text("new")
    found = content(tmp_path)
    old = {"build/page.html": b"old", "build/tables/a.csv": b"id\n1\n"}
    assert found == (old if after == 1 else {"build/page.html": b"new"})


def test_success_replaces_the_folder_whole(tmp_path: Path, build: Path) -> None:
    with atomic_directory(build) as folder:
        (folder / "page.html").write_text("new")
    assert content(tmp_path) == {"build/page.html": b"new"}
    assert [path.name for path in tmp_path.iterdir()] == ["build"]


def test_a_folder_below_a_file_is_a_problem(tmp_path: Path) -> None:
    write_text(tmp_path / "a", "a file")
    with pytest.raises(Problem) as caught, atomic_directory(tmp_path / "a" / "build"):
        pytest.fail("the folder cannot be made")
    assert caught.value.kind is Kind.CANNOT_WRITE


def test_json_is_sorted_and_keeps_accents(tmp_path: Path) -> None:
    path = write_json(tmp_path / "a.json", {"b": "Forlì", "a": 1})
    assert path.read_text(encoding="utf-8") == '{\n "a": 1,\n "b": "Forlì"\n}\n'
    assert json.loads(path.read_bytes()) == {"a": 1, "b": "Forlì"}


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1])
def test_the_hash_is_of_all_bytes_whatever_the_blocks(tmp_path: Path, size: int) -> None:
    data = bytes(range(251)) * (size // 251 + 1)
    path = tmp_path / "a"
    path.write_bytes(data[:size])
    assert sha256_of(path) == hashlib.sha256(data[:size]).hexdigest()


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_place_is_not_a_result(name: str) -> None:
    for writer in (atomic_path, atomic_directory):
        with pytest.raises(Problem, match="names a place") as caught, writer(Path(name)):
            pass
        assert caught.value.kind is Kind.USAGE


@pytest.mark.parametrize("given", ["in.csv", "./in.csv", "sub/../in.csv", "link.csv"])
def test_an_output_is_no_input_however_it_is_written(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = write_text(tmp_path / "in.csv", "id")
    (tmp_path / "sub").mkdir()
    (tmp_path / "link.csv").symlink_to(source)
    with pytest.raises(Problem, match="--out is the same file as INPUT") as caught:
        check_outputs({"--out": Path(given), "--more": None}, {"INPUT": source, "--none": None})
    assert caught.value.kind is Kind.USAGE


def test_two_outputs_are_two_files(tmp_path: Path) -> None:
    both = {"--out": tmp_path / "a", "--evidence": tmp_path / "b" / ".." / "a"}
    with pytest.raises(Problem, match="--evidence is the same file as --out"):
        check_outputs(both, {})
    check_outputs({"--out": tmp_path / "a", "--evidence": tmp_path / "b"}, {"X": tmp_path / "c"})


def test_one_new_folder_is_made_for_a_result_and_no_tree(tmp_path: Path) -> None:
    check_parent(tmp_path / "new" / "a.csv")
    with pytest.raises(Problem, match="neither that folder nor the one above it exists") as caught:
        check_parent(tmp_path / "nowhere" / "new" / "a.csv")
    assert caught.value.kind is Kind.USAGE
    with pytest.raises(Problem, match="--out is a folder"):
        check_outputs({"--out": tmp_path}, {})
