"""Mixed-integer programmes by HiGHS, without what HiGHS prints of itself.

In some corners HiGHS writes a line to standard output whatever its options say, where it would
stand in the middle of a JSON answer. While it runs, that output goes to standard error.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from scipy import optimize

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from scipy.optimize import OptimizeResult

_STDOUT, _STDERR = 1, 2


def milp(cost: ArrayLike, **options: Any) -> OptimizeResult:
    """Solve as :func:`scipy.optimize.milp`, printing nothing to standard output.

    Examples
    --------
    >>> import numpy as np
    >>> milp(np.array([-1.0]), bounds=optimize.Bounds(0, 2.5), integrality=np.ones(1)).x.tolist()
    [2.0]
    """
    with native_output_aside():
        return optimize.milp(cost, **options)


@contextmanager
def native_output_aside() -> Iterator[None]:
    """Send to standard error what native code prints to standard output."""
    sys.stdout.flush()
    try:
        kept = os.dup(_STDOUT)
    except OSError:  # closed: nobody reads it
        yield
        return
    try:
        os.dup2(_STDERR, _STDOUT)
        yield
    finally:
        _flush()
        os.dup2(kept, _STDOUT)
        os.close(kept)


def _flush() -> None:
    """Empty the buffers of the C library."""
    library = _c_library()
    if library is not None:
        library.fflush(None)


@cache
def _c_library() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if os.name == "posix" else None
