"""Reading reference architectures and cables."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from nexpo.connectivity.design.adapters import architecture_files
from nexpo.connectivity.design.fibre import Placing
from nexpo.connectivity.design.model import CostClass, Service
from nexpo.core.problem import Problem
from nexpo.core.settings import parameters_directory

DAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("name", "split", "cabinet", "chamber"),
    [
        ("ftth-1x64", 64, 4, 16),
        ("ftth-1x64-8x8", 64, 8, 8),
        ("bul-1x16", 16, 16, 1),
        ("p2p", 1, 1, 1),
    ],
)
def test_the_architectures_that_come_with_nexpo(
    name: str, split: int, cabinet: int, chamber: int
) -> None:
    found = architecture_files.load_architecture(name, DAY)
    assert (found.split, found.cabinet_ratio, found.chamber_ratio) == (split, cabinet, chamber)
    assert found.chamber_sizes == (24, 48)
    assert found.cabinet_sizes[-1] == 384
    assert Service.PUBLIC in found.direct_services
    assert name in architecture_files.architecture_names()


def test_nothing_is_called_verified_that_was_not_read() -> None:
    for name in architecture_files.architecture_names():
        assert not any(use.verified for use in architecture_files.used(name, DAY))


def test_cables_place_every_class_of_route() -> None:
    cables = architecture_files.load_cables(DAY)
    assert cables.placing[CostClass.POLES] is Placing.AERIAL
    assert cables.placing[CostClass.RAIL_CROSSING] is Placing.DRILL
    assert cables.splitter_loss(1) == 0
    for name in architecture_files.architecture_names():
        found = architecture_files.load_architecture(name, DAY)
        assert cables.splitter_loss(found.cabinet_ratio) >= 0
        assert len(cables.fibre_loss(found.shared.wavelengths_nm)) == 2


def test_an_unknown_architecture_names_the_known_ones() -> None:
    with pytest.raises(Problem, match="no such architecture") as caught:
        architecture_files.load_architecture("ftth-1x7", DAY)
    assert "bul-1x16" in str(caught.value.remedy)


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("cabinet", "ratio"), "four", "whole number"),
        (("cabinet", "ratio"), True, "whole number"),
        (("cabinet",), 7, "mapping"),
        (("chamber", "sizes"), [24, "48"], "whole numbers"),
        (("chamber", "sizes"), 24, "a list"),
        (("shared", "max_loss_db"), -28, "zero or more"),
        (("direct", "services"), ["school"], "one of home"),
        (("direct", "fibres"), None, "whole number"),
        (("cabinet", "ratios"), 4, "write ratio"),
        (("colour",), "red", "leave it out"),
    ],
)
def test_a_wrong_entry_is_said_with_file_place_value_and_remedy(
    tmp_path: Path, place: tuple[str, ...], value: object, words: str
) -> None:
    document = yaml.safe_load(architecture_files.architecture_path("ftth-1x64").read_text("utf-8"))
    inner = document["versions"][0]["value"]
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(document), "utf-8")
    with pytest.raises(Problem) as caught:
        architecture_files.load_architecture(str(path), DAY)
    problem = caught.value
    assert words in str(problem.remedy)
    assert problem.where.file == str(path)
    assert str(problem.where.column).endswith(place[-1])


def test_a_lacking_key_and_a_key_that_is_no_number_are_said(tmp_path: Path) -> None:
    original = yaml.safe_load((parameters_directory() / "design/cables.yaml").read_text("utf-8"))
    path = tmp_path / "cables.yaml"
    value = original["versions"][0]["value"]
    value["splitter_db"] = {"four": 7.3}
    path.write_text(yaml.safe_dump(original), "utf-8")
    with pytest.raises(Problem, match="four is missing or wrong"):
        architecture_files.load_cables(DAY, path=path)
    del value["drum_m"]
    path.write_text(yaml.safe_dump(original), "utf-8")
    with pytest.raises(Problem, match="drum_m is missing"):
        architecture_files.load_cables(DAY, path=path)
