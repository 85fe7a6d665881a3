"""Folders that a build replaces whole: only those that are of its own making."""

from __future__ import annotations

from pathlib import Path

from nexpo.core.problem import Kind, Problem, Where


def refuse_foreign(out: Path, what: str, *marks: str, saying: str = "") -> None:
    """Refuse to replace a folder without the marks of ours: it may be somebody's work.

    Parameters
    ----------
    out
        The folder that would be replaced; one that is empty, or not there, is free to take.
    what
        What is wrong with it, as in "this folder holds no run".
    marks
        Files that one of ours has, all of them; patterns as in :meth:`pathlib.Path.glob`.
    saying
        A text that each mark holds.

    Raises
    ------
    Problem
        ``CANNOT_WRITE``.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> refuse_foreign(folder, "holds no run", "meta.json")
    >>> _ = (folder / "thesis.txt").write_text("years of work")
    >>> refuse_foreign(folder, "holds no run", "meta.json")
    Traceback (most recent call last):
    nexpo.core.problem.Problem: this folder holds no run, and would be replaced whole...
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if all(_stands(out, mark, saying) for mark in marks):
        return
    raise Problem(
        Kind.CANNOT_WRITE,
        f"this folder {what}, and would be replaced whole",
        where=Where(str(out)),
        remedy="name a new folder with --out",
    )


def _stands(out: Path, mark: str, saying: str) -> bool:
    found = [path for path in out.glob(mark) if path.is_file()]
    if not saying:
        return bool(found)
    return any(saying in path.read_text(encoding="utf-8", errors="replace") for path in found)
