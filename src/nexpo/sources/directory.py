"""The directory of sources: who publishes what, under which licence, and may it be handed on.

``directory.csv`` beside this module is the one place that says it; code, docs and the check
of a release read it. ``redistributable`` is *no* where the right is unknown: an unverified
licence gives no right. Files are looked for below ``NEXPO_DATA`` (given) and ``NEXPO_HOME``
(downloaded), in the source's folder.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatch
from functools import cache
from importlib.resources import files
from pathlib import Path

from nexpo.core.evidence import Input
from nexpo.core.files import sha256_of
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.core.settings import data_directory, home_directory

_FILE = "directory.csv"


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset of a publisher.

    Attributes
    ----------
    address, download
        Page of the publisher, and the file's own address where there is a stable one.
    redistributable
        Whether its files may be handed on; False where that is not known.
    personal_data
        Whether it holds data of persons: no, removed or yes.
    folder, files
        Where its files lie below the data folder, and the patterns of their names.
    sha256
        Expected hash of its only file, or empty.
    module
        Reader in :mod:`nexpo.sources`, or empty.
    """

    key: str
    title: str
    publisher: str
    address: str
    download: str
    licence: str
    attribution: str
    vintage: str
    redistributable: bool
    personal_data: str
    folder: str
    files: tuple[str, ...]
    sha256: str
    module: str
    note: str

    def finds(self, name: str) -> bool:
        """Say whether a file of this name is taken for one of this source."""
        return any(fnmatch(name, pattern) for pattern in self.files)

    def present(self) -> tuple[Path, ...]:
        """Return the files of this source that are on this machine.

        A name found below ``NEXPO_DATA`` hides the same name below ``NEXPO_HOME``.
        """
        found = dict[str, Path]()
        for path in self._named_so():
            if path.is_file():
                found.setdefault(path.name, path)
        return tuple(found.values())

    def unusable(self) -> tuple[Path, ...]:
        """Return what is called like a file of this source and is none: folders, dead links."""
        return tuple(path for path in self._named_so() if not path.is_file())

    def usable(self) -> tuple[Path, ...]:
        """Return the files of this source; refuse what is called like one and is none.

        Raises
        ------
        Problem
            ``BAD_INPUT`` naming the folder or the link that leads nowhere.
        """
        for path in self.unusable():
            what = "this is a folder" if path.is_dir() else "this is a link that leads nowhere"
            raise bad_input(
                f"{what}, not a file of {self.key}",
                where=Where(str(path)),
                remedy="put the file itself there, or move this away",
            )
        return self.present()

    def _named_so(self) -> Iterator[Path]:
        for root in _roots():
            for pattern in self.files:
                folder = root / self.folder
                dead = [folder / pattern] if (folder / pattern).is_symlink() else []
                yield from sorted({*folder.glob(pattern), *dead})  # glob passes over dead links


@cache
def sources() -> tuple[Source, ...]:
    """Return every source of the directory, in its order.

    Raises
    ------
    Problem
        ``CONFIG`` when the directory itself is wrong, naming row and column.

    Examples
    --------
    >>> [item.key for item in sources() if item.module == "osm"]
    ['osm-streets-lecco']
    """
    text = files("nexpo.sources").joinpath(_FILE).read_text(encoding="utf-8")
    found = tuple(_source(row, n) for n, row in enumerate(csv.DictReader(text.splitlines()), 1))
    keys = [item.key for item in found]
    if doubled := {key for key in keys if keys.count(key) > 1}:
        raise Problem(Kind.CONFIG, "two sources have one key", value=", ".join(sorted(doubled)))
    return found


def source(key: str) -> Source:
    """Return one source by its key.

    Raises
    ------
    Problem
        ``NO_INPUT`` with the nearest keys when there is none.

    Examples
    --------
    >>> source("ookla-grid-2023q2").redistributable
    False
    """
    for item in sources():
        if item.key == key:
            return item
    near = get_close_matches(key, [item.key for item in sources()], n=3, cutoff=0.4)
    raise Problem(
        Kind.NO_INPUT,
        "no such source in the directory",
        value=key,
        remedy=f"did you mean {' or '.join(near)}? `nexpo data list` shows all"
        if near
        else "`nexpo data list` shows all",
    )


def source_of(path: Path) -> Source | None:
    """Return the source whose patterns a file's name matches, if one does.

    Where two match, the one whose folder the file lies in wins.

    Examples
    --------
    >>> source_of(Path("dbcopertura_CD_20250715.csv")).key
    'openfiber-coverage-cd'
    """
    found = [s for s in sources() if any(path.match(pattern) for pattern in s.files)]
    inside = [s for s in found if s.folder and path.parent.as_posix().endswith(s.folder)]
    return next(iter(inside or found), None)


def input_for(path: Path, key: str, *, synthetic: bool = False) -> Input:
    """Return a file as evidence knows it: hash, licence, vintage, may it be handed on.

    Raises
    ------
    Problem
        ``NO_INPUT`` when there is no such source or file.
    """
    item = source(key)
    if not path.is_file():
        raise Problem(
            Kind.NO_INPUT,
            "no such file",
            where=Where(str(path)),
            remedy=f"`nexpo data list` shows where {key} is looked for",
        )
    return Input(
        source=item.key,
        name=path.name,
        sha256=sha256_of(path),
        licence=item.licence,
        vintage=item.vintage,
        redistributable=item.redistributable,
        synthetic=synthetic,
    )


def _roots() -> tuple[Path, ...]:
    given = data_directory()
    return (*((given,) if given else ()), home_directory())


def _source(row: dict[str, str], number: int) -> Source:
    if row["redistributable"] not in {"yes", "no"}:
        raise Problem(
            Kind.CONFIG,
            "redistributable is yes or no; what is not known is no",
            where=Where(_FILE, number, "redistributable"),
            value=row["redistributable"],
        )
    return Source(
        **{
            **row,
            "redistributable": row["redistributable"] == "yes",
            "files": tuple(row["files"].split()),
        }  # type: ignore[arg-type]
    )
