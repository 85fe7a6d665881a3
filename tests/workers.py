"""How tests are dealt out to processes, and which of them coverage watches."""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

# Longest first, so that no process ends on one of them while the other has nothing left. What
# stands in one row shares a build or a cluster; any other file is a unit of its own.
FIRST = (
    ("tests/integration/connectivity/test_spark_cluster.py",),
    ("tests/integration/build/test_", "tests/browser/build/test_dossier_page.py"),
    ("tests/property/datacentres/test_publication.py",),
    ("tests/integration/test_design_area.py", "tests/integration/test_design_region.py"),
    ("tests/browser/build/test_siting_pages.py", "tests/integration/build/datacentres/"),
    ("tests/unit/build/design_out/", "tests/browser/test_design_report.py"),
)

# Coverage says what is stated case by case, by unit tests, worked examples and doctests. The others
# walk through nearly everything, compare it or search it at random, and state little of what they
# touch; and each line that is watched takes twice as long. What a module does when it is imported
# is watched at collection, which imports them all.
UNWATCHED = ("tests/browser/", "tests/differential/", "tests/integration/", "tests/property/")


def rank_of(nodeid: str) -> int:
    """Return the row above that a test belongs to; their number where it belongs to none."""
    return next((row for row, starts in enumerate(FIRST) if nodeid.startswith(starts)), len(FIRST))


def unit_of(nodeid: str) -> str:
    """Return the unit of a test: a row above, else its file."""
    row = rank_of(nodeid)
    return FIRST[row][0] if row < len(FIRST) else nodeid.partition("::")[0]


def scheduler(config: pytest.Config, log: Any) -> Any:
    """Return a scheduler of units.

    Grouping by mark (``--dist loadgroup``) of pytest-xdist 3.8 has no effect under pytest 9.2,
    which took away the attribute that it writes: each process would build everything.
    """
    config.option.loadscopereorder = False
    made = import_module("xdist.scheduler").LoadScopeScheduling(config, log)
    made._split_scope = unit_of
    return made


@contextmanager
def unwatched(config: pytest.Config) -> Iterator[None]:
    """Do something unseen by coverage, where that is on."""
    plugin = config.pluginmanager.get_plugin("_cov")
    if plugin is None:
        yield
        return
    watching = plugin.cov_controller
    watching.pause()
    try:
        yield
    finally:
        watching.resume()


@contextmanager
def in_turn(run: str) -> Iterator[None]:
    """Let in one process of a run at a time."""
    path = Path(tempfile.gettempdir()) / f"nexpo-tests-{run}"
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    path.unlink(missing_ok=True)
