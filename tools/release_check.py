"""Fail when a wheel carries data that its publisher does not let us pass on.

The directory of sources says of each dataset whether it may be redistributed. A wheel is
refused when it holds a file of a dataset marked ``no``: by name (the directory's patterns),
and, where the real files are at hand (``NEXPO_DATA``), by content, so that a renamed copy is
found as well.

    python -m tools.release_check dist/*.whl
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from nexpo.core.settings import data_directory

DIRECTORY = Path(__file__).resolve().parents[1] / "src" / "nexpo" / "sources" / "directory.csv"


def withheld_patterns(directory: Path) -> dict[str, str]:
    """Return the file patterns that may not be passed on, each with its source's key.

    Raises
    ------
    ValueError
        When a row says neither ``yes`` nor ``no``: an unknown right is no right.
    """
    patterns: dict[str, str] = {}
    with directory.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["redistributable"] not in {"yes", "no"}:
                message = f"{directory.name}: {row['key']}: redistributable must be yes or no"
                raise ValueError(message)
            if row["redistributable"] == "no":
                patterns |= dict.fromkeys(row["files"].split(), row["key"])
    return patterns


def withheld_hashes(data: Path, patterns: Mapping[str, str]) -> dict[str, str]:
    """Return the SHA-256 of each real file that may not be passed on, with its name."""
    return {
        hashlib.sha256(file.read_bytes()).hexdigest(): file.name
        for file in data.rglob("*")
        if file.is_file() and source_of(file.name, patterns)
    }


def source_of(name: str, patterns: Mapping[str, str]) -> str | None:
    """Return the source whose pattern a file name matches."""
    return next((key for pattern, key in patterns.items() if fnmatchcase(name, pattern)), None)


def offences(wheel: Path, patterns: Mapping[str, str], hashes: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each file of the wheel that must not be in it."""
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.namelist():
            if source := source_of(PurePosixPath(member).name, patterns):
                yield f"{member}: source {source} may not be redistributed"
            elif twin := hashes.get(hashlib.sha256(archive.read(member)).hexdigest()):
                yield f"{member}: is {twin} under another name, which may not be redistributed"


def main(arguments: Sequence[str] | None = None) -> int:
    """Check wheels; print what offends and return the exit code."""
    parser = argparse.ArgumentParser(description="Fail when a wheel carries withheld data.")
    parser.add_argument("wheels", nargs="+", type=Path)
    parser.add_argument("--directory", type=Path, default=DIRECTORY)
    chosen = parser.parse_args(arguments)

    patterns = withheld_patterns(chosen.directory)
    data = data_directory()
    hashes = withheld_hashes(data, patterns) if data else {}
    found = [offence for wheel in chosen.wheels for offence in offences(wheel, patterns, hashes)]
    for offence in found:
        print(offence, file=sys.stderr)
    if not found:
        compared = f"{len(hashes)} real files" if data else "names only: no real data here"
        print(f"clean: {len(patterns)} withheld patterns, compared with {compared}")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
