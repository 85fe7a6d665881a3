"""FIGARO on two areas and two industries: flat and matrix are one table."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.sources.input_output import figaro

AREAS, CODES = ("IT", "FIGW1"), ("C10T12", "R_S")
USES = ("P3_S14", "P5M")
PRIMARY = ("D21X31", "OP_RES", "D1", "B2A3G")
ROWS = [(a, c) for a in AREAS for c in CODES]
COLUMNS = [*ROWS, *((a, u) for a in AREAS for u in USES)]
VALUES = np.arange(32.0).reshape(4, 8) / 4
BELOW = np.arange(32.0).reshape(4, 8) + 1


def cells(prefix: str = "") -> list[tuple[str, str, str, str, float]]:
    upper = [
        (a, prefix + c, ca, (prefix + cc if cc in CODES else cc), VALUES[i, j])
        for i, (a, c) in enumerate(ROWS)
        for j, (ca, cc) in enumerate(COLUMNS)
    ]
    lower = [
        ("W2", p, ca, (prefix + cc if cc in CODES else cc), BELOW[i, j])
        for i, p in enumerate(PRIMARY)
        for j, (ca, cc) in enumerate(COLUMNS)
    ]
    return upper + lower


def flat(folder: Path, name: str = "flatfile_eu-ic-io_2020.csv", sep: str = ",") -> Path:
    lines = [
        sep.join(
            ("icioiRow", "icioiCol", *("refArea", "rowPi", "counterpartArea", "colPi"), "obsValue")
        )
    ]
    for a, c, ca, cc, v in cells():
        number = str(v).replace(".", ",") if sep == ";" else str(v)
        lines.append(sep.join((f"{a}_{c}", f"{ca}_{cc}", a, c, ca, cc, number)))
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def matrix(folder: Path) -> Path:
    names = [f"{a}_{c}" for a, c in COLUMNS]
    rows = [f"{a}_{c}" for a, c in ROWS] + [f"W2_{p}" for p in PRIMARY]
    lines = ["rowLabels," + ",".join(names)]
    for code, row in zip(rows, np.vstack([VALUES, BELOW]), strict=True):
        lines.append(f"{code}," + ",".join(map(str, row)))
    path = folder / "matrix_eu-ic-io_ind-by-ind_24ed_2020.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_flat_and_matrix_are_one_table(tmp_path: Path) -> None:
    one, other = figaro.read(flat(tmp_path)), figaro.read(matrix(tmp_path))
    for name in ("flows", "final", "primary", "primary_final", "output"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist(), name
    assert one.sectors == other.sectors == ("IT:C10T12", "IT:R_S", "FIGW1:C10T12", "FIGW1:R_S")
    assert one.uses == ("IT:P3_S14", "IT:P5M", "FIGW1:P3_S14", "FIGW1:P5M")
    assert one.use_kinds == ("households", "inventories") * 2
    assert one.primary_rows == PRIMARY
    assert one.primary_kinds == ("product_tax", "adjustment", "compensation", "surplus")
    assert one.flows.tolist() == VALUES[:, :4].tolist()
    assert one.output.tolist() == VALUES.sum(axis=1).tolist()
    assert (one.year, one.currency, one.scale) == (2020, "EUR", 10**6)


def test_a_matrix_is_not_copied(tmp_path: Path) -> None:
    found = figaro.read(matrix(tmp_path))
    assert found.flows.base is not None
    assert found.flows.base is found.final.base


def test_rows_in_any_order_semicolons_and_gzip(tmp_path: Path) -> None:
    path = flat(tmp_path, sep=";")
    head, *body = path.read_text().splitlines()
    packed = tmp_path / "again_2020.csv.gz"
    packed.write_bytes(gzip.compress("\n".join([head, *body[::-1]]).encode() + b"\n"))
    found, expected = figaro.read(packed), figaro.read(path)
    place = [found.sectors.index(code) for code in expected.sectors]
    assert found.flows[np.ix_(place, place)].tolist() == expected.flows.tolist()


def test_products_lose_their_prefix(tmp_path: Path) -> None:
    path = flat(tmp_path)
    path.write_text(path.read_text().replace("C10T12", "CPA_C10T12").replace("R_S", "CPA_R_S"))
    found = figaro.read(path)
    assert found.sectors[0] == "IT:C10T12"
    assert "CPA" in found.classification


def test_a_cell_that_is_not_there_is_zero_and_noted(tmp_path: Path) -> None:
    path = flat(tmp_path)
    head, first, *rest = path.read_text().splitlines()
    del first
    path.write_text("\n".join([head, *rest]) + "\n")
    found = figaro.read(path)
    place = found.sectors.index("IT:C10T12")
    assert found.flows[place, place] == 0.0
    assert found.notes[0].startswith("1 of 64 cells are not in the file")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("IT,C10T12,IT,R_S,0.25", "IT,C10T12,IT,R_S,x", "no number"),
        ("IT,C10T12,IT,R_S,0.25", "IT,C10T12,IT,R_S,", "no number"),
        ("IT,C10T12,IT,R_S,0.25", "IT,C10T12,IT,C10T12,0.25", "stands twice: rows 1 and 2"),
        ("IT,C10T12,IT,R_S,0.25", "IT,C10T12,IT", "cells, the header 7"),
    ],
)
def test_a_bad_row_of_the_flat_file_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = flat(tmp_path)
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(Problem, match=said) as caught:
        figaro.read(path)
    assert caught.value.where.row == 2


def test_an_industry_that_buys_and_never_sells_is_a_cut_file(tmp_path: Path) -> None:
    path = flat(tmp_path)
    kept = [line for line in path.read_text().splitlines() if not line.startswith("FIGW1_R_S,")]
    path.write_text("\n".join(kept) + "\n")
    with pytest.raises(Problem, match="have a column and no row") as caught:
        figaro.read(path)
    assert caught.value.value == "FIGW1_R_S"


def test_an_unknown_primary_row(tmp_path: Path) -> None:
    path = matrix(tmp_path)
    path.write_text(path.read_text().replace("W2_D1,", "W2_D9X,"))
    with pytest.raises(Problem, match="unknown primary row") as caught:
        figaro.read(path)
    assert "W2_D1" in str(caught.value.remedy)


def test_a_year_must_be_known(tmp_path: Path) -> None:
    path = flat(tmp_path, name="figaro.csv")
    with pytest.raises(Problem, match="year"):
        figaro.read(path)
    assert figaro.read(path, year=2019).year == 2019
