"""WIOD 2013 on two regions of two industries: archive and wide sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.sources.input_output import wiod2013

Z = np.array([[1, 2, 3, 4], [2, 1, 0, 1], [0, 5, 6, 1], [1, 1, 1, 1]])
F = np.arange(40).reshape(4, 10) - 2


def archive(folder: Path, **other: Any) -> Path:
    path = folder / "wiot_2011.npz"
    arrays: dict[str, Any] = {
        "Z": np.asfortranarray(Z.astype(np.int32)),
        "F": F,
        "x": Z.sum(axis=1) + F.sum(axis=1),
        "countries": np.array(["ITA", "ROM"]),
        "industries": np.array(["c1", "c2"]),
    }
    np.savez(path, **(arrays | other))
    return path


def test_an_archive(tmp_path: Path) -> None:
    (tmp_path / "industries.csv").write_text("code,industry\nc1,Farming\n")
    found = wiod2013.read(archive(tmp_path))
    assert found.sectors == ("ITA:c1", "ITA:c2", "ROM:c1", "ROM:c2")
    assert found.labels == ("Farming", "c2", "Farming", "c2")
    assert found.flows.flags.c_contiguous
    assert found.flows.dtype == np.float64
    assert found.uses[:5] == ("ITA:c37", "ITA:c38", "ITA:c39", "ITA:c41", "ITA:c42")
    assert found.use_kinds[4] == "inventories"
    assert found.year == 2011
    assert (found.primary.sum(axis=0) + Z.sum(axis=0)).tolist() == found.output.tolist()
    assert "net taxes" in found.notes[0]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"Z": np.zeros((3, 4))}, "array Z is"),
        ({"x": np.array([1.0, np.nan, 1.0, 1.0])}, "no number"),
        ({"countries": np.array(["ITA", "ITA"])}, "region stands twice"),
    ],
)
def test_arrays_that_do_not_fit(tmp_path: Path, other: dict[str, Any], said: str) -> None:
    with pytest.raises(Problem, match=said):
        wiod2013.read(archive(tmp_path, **other))


def test_a_cut_archive_or_one_without_flows(tmp_path: Path) -> None:
    path = archive(tmp_path)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(Problem, match="cannot be read"):
        wiod2013.read(path)
    np.savez(path, x=np.zeros(2))
    with pytest.raises(Problem, match="lacks arrays") as caught:
        wiod2013.read(path)
    assert "Z" in str(caught.value.value)


def wide_sheet(folder: Path) -> Path:
    codes = ["c1", "c2"] * 2 + ["c37", "c38", "c39", "c41", "c42"] * 2
    regions = ["ITA"] * 2 + ["ROM"] * 2 + ["ITA"] * 5 + ["ROM"] * 5
    total = Z.sum(axis=1) + F.sum(axis=1)
    rows: list[list[Any]] = [
        ["Intercountry Input-Output Table, 2011"] + [""] * 18,
        [""] * 19,
        ["(industry-by-industry)", "", "", "", *["x"] * 14, "TOT"],
        ["(millions of US$)", "", "", "", *["name"] * 14, "Total output"],
        ["", "", "", "", *regions, "TOT"],
        ["", "", "", "", *codes, "c43x"],
    ]
    for i, (region, code) in enumerate(zip(regions[:4], codes[:4], strict=True)):
        rows.append(["AtB", f"Name {code}", region, code, *Z[i], *F[i], total[i]])
    below = total - Z.sum(axis=0) - 1
    rows += [
        ["", "Total intermediate consumption", "TOT", "r60", *Z.sum(axis=0), *[0] * 10, 0],
        ["", "taxes less subsidies on products", "TOT", "r61", *[1] * 4, *[2] * 10, 0],
        ["", "Value added at basic prices", "TOT", "r64", *below, *[0] * 10, 0],
        ["", "Output at basic prices", "TOT", "r69", *total, *[0] * 10, 0],
    ]
    path = folder / "wiot11_row_apr12.csv"
    path.write_text(
        "\n".join(",".join(f'"{c}"' if "," in str(c) else str(c) for c in r) for r in rows)
    )
    return path


def test_the_wide_sheet_is_the_same_table_with_primary_rows(tmp_path: Path) -> None:
    wide, packed = wiod2013.read(wide_sheet(tmp_path)), wiod2013.read(archive(tmp_path))
    assert wide.year == 2011
    assert wide.sectors == tuple(code.replace("ROM", "ROU") for code in packed.sectors)
    assert wide.flows.tolist() == packed.flows.tolist()
    assert wide.final.tolist() == packed.final.tolist()
    assert wide.output.tolist() == packed.output.tolist()
    assert wide.primary_kinds == ("product_tax", "value_added")
    assert (wide.flows.sum(axis=0) + wide.primary.sum(axis=0)).tolist() == wide.output.tolist()


def test_a_wide_sheet_with_a_text_among_numbers(tmp_path: Path) -> None:
    path = wide_sheet(tmp_path)
    path.write_text(path.read_text().replace("ROM,c1,0,5", "ROM,c1,0,five"))
    with pytest.raises(Problem) as caught:
        wiod2013.read(path)
    assert caught.value.value == "five"
    assert caught.value.where.column == "ITA:c2"
