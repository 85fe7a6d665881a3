"""Files: written whole or not at all, known by their hash.

Writers work on a temporary name beside the target and rename at the end, so that an
interrupt leaves the last good file in place.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from nexpo.core.problem import Kind, Problem, Where

_BLOCK = 1 << 20


def check_outputs(outputs: Mapping[str, Path | None], inputs: Mapping[str, Path | None]) -> None:
    """Refuse outputs that would destroy an input or each other, before any work is done.

    Links and relative paths are followed. A folder to write to may be new, but not the
    folder that it is in: a slip of the pen must not grow a tree of folders.

    Parameters
    ----------
    outputs, inputs
        Path by the name under which the user gave it (``--out``); None is left out.

    Raises
    ------
    Problem
        ``USAGE`` naming both, or naming the output that is a folder or lies nowhere.

    Examples
    --------
    >>> check_outputs({"--out": Path("a.csv")}, {"DECLARATIONS": Path("./a.csv")})
    Traceback (most recent call last):
    nexpo.core.problem.Problem: --out is the same file as DECLARATIONS...
    """
    taken = {path.resolve(): name for name, path in inputs.items() if path is not None}
    for name, path in outputs.items():
        if path is None:
            continue
        if path.is_dir():
            raise _cannot_go(path, f"{name} is a folder, not a file", "name a file in it")
        check_parent(path, name)
        other = taken.setdefault(path.resolve(), name)
        if other != name:
            detail = f"{name} is the same file as {other}, which would be overwritten"
            raise _cannot_go(path, detail, "give each output a name of its own")


def check_parent(path: Path, name: str = "--out") -> None:
    """Refuse an output more than one new folder below the folders that are there.

    Raises
    ------
    Problem
        ``USAGE`` naming the folder that is missing.
    """
    parent = path.resolve().parent
    if not parent.is_dir() and not parent.parent.is_dir():
        detail = f"{name} lies in {parent}, and neither that folder nor the one above it exists"
        raise _cannot_go(path, detail, "check the spelling, or make the folder first")


def _cannot_go(path: Path, detail: str, remedy: str) -> Problem:
    return Problem(Kind.USAGE, detail, where=Where(str(path)), remedy=remedy)


@contextmanager
def disk_problems(target: Path, remedy: str) -> Iterator[None]:
    """Turn what the disk refuses into a problem that names the file.

    Raises
    ------
    Problem
        ``CANNOT_WRITE``, with the remedy given.
    """
    try:
        yield
    except OSError as error:
        raise Problem(
            Kind.CANNOT_WRITE,
            f"cannot write: {error.strerror or error}",
            where=Where(str(target)),
            remedy=remedy,
        ) from error


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``target`` that becomes it on success.

    Parameters
    ----------
    target
        Where the file is wanted; parent folders are made.

    Raises
    ------
    Problem
        ``CANNOT_WRITE`` when the place cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> wanted = Path(tempfile.mkdtemp()) / "a.txt"
    >>> with atomic_path(wanted) as path:
    ...     _ = path.write_text("whole")
    >>> wanted.read_text()
    'whole'
    """
    temporary = _beside(target, "part")
    try:
        with disk_problems(target, "check that the folder exists, is writable and has room"):
            target.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
            temporary.replace(target)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def atomic_directory(target: Path) -> Iterator[Path]:
    """Yield a temporary folder that replaces ``target`` whole on success.

    The previous folder is kept until the new one stands; an exception, ctrl-C
    included, leaves it untouched.
    """
    temporary, previous = _beside(target, "part"), _beside(target, "old")
    try:
        temporary.mkdir(parents=True)
    except OSError as error:
        raise Problem(
            Kind.CANNOT_WRITE,
            f"cannot make a folder: {error.strerror or error}",
            where=Where(str(target)),
            remedy="choose another folder with --out",
        ) from error
    try:
        yield temporary
        try:
            if target.exists():
                target.replace(previous)
            temporary.replace(target)
        except BaseException:
            if previous.exists() and not target.exists():
                previous.replace(target)
            raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(previous, ignore_errors=True)


def _beside(target: Path, ending: str) -> Path:
    if target.name in ("", ".."):
        raise Problem(
            Kind.USAGE,
            "this names a place, not something that can be written there",
            where=Where(str(target)),
            remedy="give the result a name of its own",
        )
    return target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.{ending}")


def write_text(target: Path, text: str) -> Path:
    """Write ``text`` as UTF-8, atomically, and return the path."""
    with atomic_path(target) as path:
        path.write_text(text, encoding="utf-8")
    return target


def write_json(target: Path, value: Any) -> Path:
    """Write ``value`` as indented JSON with sorted keys, atomically."""
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    return write_text(target, text + "\n")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as hex, read in blocks.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "empty"
    >>> _ = path.write_bytes(b"")
    >>> sha256_of(path)[:8]
    'e3b0c442'
    """
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
