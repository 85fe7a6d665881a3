"""Reading SteinLib and PACE files, the good and the broken."""

from __future__ import annotations

import gzip
import lzma
from pathlib import Path

import pytest

from nexpo.connectivity.design.adapters.steiner_files import read_steiner, write_tree
from nexpo.connectivity.design.steiner import Limits, solve
from nexpo.core.problem import Kind, Problem

GRAPH = """SECTION Graph
Nodes 4
Edges 4
E 1 2 2
E 2 3 1
E 3 4 0
E 1 4 9
END

SECTION Terminals
Terminals 2
T 1
T 4
END

EOF
"""

PRIZES = """33D32945 STP File, STP Format Version 1.0
SECTION Comment
Name "a town"
Creator "by hand"
END
SECTION Graph
Nodes 3
Edges 2
E 1 2 1.5
E 2 3 1.25
END
SECTION Terminals
Terminals 2
RootP 1
TP 2 0.5
TP 3 4
END
EOF
"""


def written(folder: Path, text: str, name: str = "town.gr") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_pace_file_is_read_whole(tmp_path: Path) -> None:
    instance = read_steiner(written(tmp_path, GRAPH)).instance
    assert instance.nodes == 4
    assert instance.cost.tolist() == [2, 1, 0, 9]
    assert instance.terminals.tolist() == [0, 3]
    assert instance.name == "town.gr"


@pytest.mark.parametrize(("ending", "press"), [(".xz", lzma.compress), (".gz", gzip.compress)])
def test_a_compressed_file_is_the_same(tmp_path: Path, ending: str, press: object) -> None:
    packed = tmp_path / f"town.gr{ending}"
    packed.write_bytes(press(GRAPH.encode()))  # type: ignore[operator]
    assert read_steiner(packed).instance.tail.tolist() == [0, 1, 2, 0]


def test_prizes_and_root_and_decimals(tmp_path: Path) -> None:
    read = read_steiner(written(tmp_path, PRIZES, "town.stp"))
    assert read.instance.name == "a town"
    assert read.scale == 100
    assert read.instance.root == 0
    assert read.instance.prize is not None
    assert read.instance.prize.tolist() == [0, 50, 400]
    answer = solve(read.instance, Limits(rounds=5), seed=0, clock=lambda: 0.0)
    assert read.in_file_units(answer.cost) == 2.75  # both edges: 4 lost is more than 2.75 paid
    assert answer.cost == answer.bound


def test_opposite_arcs_of_one_weight_are_an_edge(tmp_path: Path) -> None:
    arcs = GRAPH.replace("Edges 4", "Arcs 4").replace("E 1 2 2", "A 1 2 2\nA 2 1 2")
    arcs = arcs.replace("E 2 3 1", "A 2 3 1\nA 3 2 1").replace(
        "E 3 4 0\nE 1 4 9\n", "A 3 4 0\nA 4 3 0\n"
    )
    assert read_steiner(written(tmp_path, arcs)).instance.cost.tolist() == [2, 1, 0]


def test_a_tree_is_written_as_pace_asks(tmp_path: Path) -> None:
    read = read_steiner(written(tmp_path, GRAPH))
    answer = solve(read.instance, Limits(rounds=5), seed=0, clock=lambda: 0.0)
    write_tree(tmp_path / "tree.txt", read, answer)
    assert (tmp_path / "tree.txt").read_text().splitlines() == ["VALUE 3", "1 2", "2 3", "3 4"]


@pytest.mark.parametrize(
    ("old", "new", "said", "row"),
    [
        ("E 2 3 1", "E 2 5 1", "node 5 is not among 1 to 4", 5),
        ("E 2 3 1", "E 2 0 1", "node 0 is not among 1 to 4", 5),
        ("E 2 3 1", "E 2 3 -1", "-1 is below zero", 5),
        ("E 2 3 1", "E 2 3 0.12345678901", "more than 9 decimals", 5),
        ("E 2 3 1", "E 2 3 much", "'much' is no number", 5),
        ("E 2 3 1", "E 2 3", "an edge needs two nodes and a weight", 5),
        ("E 2 3 1", "X 2 3", "'X' is no word of the section Graph", 5),
        ("E 2 3 1\n", "", "4 edges are announced and 3 are there", 15),
        ("T 4\n", "", "2 terminals are announced and 1 are there", 15),
        ("EOF", "", "the file breaks off", 14),
        ("Nodes 4\n", "", "node 1 is not among 1 to 0", 3),
        ("Nodes 4", "Nodes", "Nodes needs one value", 2),
        ("E 2 3 1", "A 2 3 1", "has none back", 16),
        ("E 2 3 1", "E 2 3 2e18", "more than 64-bit integers can hold", 16),
        ("SECTION Terminals", "SECTION MaximumDegrees", "another kind of Steiner problem", 11),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, old: str, new: str, said: str, row: int
) -> None:
    with pytest.raises(Problem) as caught:
        read_steiner(written(tmp_path, GRAPH.replace(old, new, 1)))
    assert said in caught.value.detail
    assert caught.value.where.row == row
    assert caught.value.kind is Kind.BAD_INPUT


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no SteinLib or PACE file"):
        read_steiner(written(tmp_path, "id,street\n1,Via Roma\n", "list.csv"))


def test_a_prize_beyond_all_numbers_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, PRIZES.replace("TP 3 4", "TP 3 1e400"), "town.stp")
    with pytest.raises(Problem, match="more than 64-bit"):
        read_steiner(path)
    with pytest.raises(Problem, match="is a folder"):
        read_steiner(tmp_path)


def test_a_missing_or_cut_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no file"):
        read_steiner(tmp_path / "nowhere.stp")
    cut = tmp_path / "town.gr.xz"
    cut.write_bytes(lzma.compress(GRAPH.encode())[:60])
    with pytest.raises(Problem, match="breaks off"):
        read_steiner(cut)


def test_terminals_apart_are_said(tmp_path: Path) -> None:
    apart = GRAPH.replace("E 3 4 0\nE 1 4 9\n", "").replace("Edges 4", "Edges 2")
    with pytest.raises(Problem, match=r"cannot be reached from node 1 .*the first is node 4"):
        solve(
            read_steiner(written(tmp_path, apart)).instance,
            Limits(rounds=1),
            seed=0,
            clock=lambda: 0.0,
        )
