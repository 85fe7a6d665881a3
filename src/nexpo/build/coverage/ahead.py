"""A large availability file of the FCC, read while the engine is still being loaded.

Polars reads it outside the interpreter; meanwhile the interpreter imports the compiler, which
takes it longer than all else that it does for such a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nexpo.build.coverage.request import Request

if TYPE_CHECKING:
    import pyarrow as pa

_LARGE_BYTES = 4 << 20


@contextmanager
def reading_ahead(request: Request) -> Iterator[Future[pa.Table | None]]:
    """Begin to read, and go on with other things.

    What comes of it is a table, or None where rows or verdicts are wanted, another engine is asked
    for, or the file is another, small or not clean: the careful reader takes over and names what
    is wrong.

    Raises
    ------
    Problem
        When a place to write to cannot be used: nothing is read for nothing.
    """
    request.check_paths()
    with ThreadPoolExecutor(1) as aside:
        yield aside.submit(_in_memory, request)


def _in_memory(request: Request) -> pa.Table | None:
    path = request.declarations
    plain = path.suffix == ".csv" and request.encoding == "utf-8"
    if not plain or not path.is_file() or path.stat().st_size <= _LARGE_BYTES:
        return None
    from nexpo.connectivity.coverage import load_rule

    rule = load_rule(request.rule, request.day)
    wants_rows = any((request.out, request.evidence, rule.residual, rule.proximity))
    if wants_rows or request.engine != "embedded":
        return None
    from nexpo.sources import declarations as declared
    from nexpo.sources import fcc

    if declared.recognise(path) != "fcc-bdc":
        return None
    return fcc.declarations_table(path)
