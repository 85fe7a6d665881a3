"""Files: written whole or not at all, known by their hash.

Writers work on a temporary name beside the target and rename at the end, so that an
interrupt leaves the last good file in place.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from nexpo.core.problem import Kind, Problem, Where

_BLOCK = 1 << 20


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
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        temporary.replace(target)
    except OSError as error:
        raise Problem(
            Kind.CANNOT_WRITE,
            f"cannot write: {error.strerror or error}",
            where=Where(str(target)),
            remedy="check that the folder exists, is writable and has room",
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def atomic_directory(target: Path) -> Iterator[Path]:
    """Yield a temporary folder that replaces ``target`` whole on success.

    The previous folder is kept until the new one stands; an exception, ctrl-C
    included, leaves it untouched.
    """
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.part")
    previous = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.old")
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
