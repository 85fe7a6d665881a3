from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tools import release_check

DIRECTORY = """\
key,title,redistributable,files
tiles,Speed tests,no,ookla_*.parquet ookla_*.csv
places,Municipalities,yes,comuni.csv
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    file = tmp_path / "directory.csv"
    file.write_text(DIRECTORY, encoding="utf-8")
    return file


def wheel(folder: Path, **members: str) -> Path:
    file = folder / "nexpo-0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"nexpo/_data/{name}", content)
    return file


def run(directory: Path, wheel: Path) -> int:
    return release_check.main([str(wheel), "--directory", str(directory)])


def test_a_wheel_of_what_may_be_passed_on_is_clean(
    tmp_path: Path, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(directory, wheel(tmp_path, **{"comuni.csv": "istat"})) == 0
    assert "clean" in capsys.readouterr().out


def test_a_withheld_file_is_found_by_name(
    tmp_path: Path, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(directory, wheel(tmp_path, **{"ookla_2023.csv": "x"})) == 1
    assert "ookla_2023.csv: source tiles may not be" in capsys.readouterr().err


def test_a_renamed_copy_is_found_by_content(
    tmp_path: Path,
    directory: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = tmp_path / "data" / "broadband"
    data.mkdir(parents=True)
    (data / "ookla_2023.csv").write_text("speeds", encoding="utf-8")
    monkeypatch.setenv("NEXPO_DATA", str(tmp_path / "data"))

    assert run(directory, wheel(tmp_path, **{"speeds.csv": "speeds"})) == 1
    assert "is ookla_2023.csv under another name" in capsys.readouterr().err


def test_an_unknown_right_is_no_right(directory: Path) -> None:
    directory.write_text(DIRECTORY + "odd,Odd,perhaps,odd.csv\n", encoding="utf-8")
    with pytest.raises(ValueError, match="odd: redistributable must be yes or no"):
        release_check.withheld_patterns(directory)
