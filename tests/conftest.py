"""What all tests share: a test that needs a program says so, and never skips in silence."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from tests import workers

if TYPE_CHECKING:
    from nexpo.build import Built

# A gate gives one answer to one commit: there the examples are the same each time. At a desk
# they are new each time, and what they find becomes a case of its own.
settings.register_profile("gate", derandomize=True)
if os.environ.get("CI") == "true":
    settings.load_profile("gate")

NEEDED = {
    "browser": ("chromium", "apt-get install chromium"),
    "spark": ("java", "apt-get install openjdk-17-jre-headless"),
}


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, (program, remedy) in NEEDED.items():
        if item.get_closest_marker(marker) and shutil.which(program) is None:
            reason = f"{marker} tests need {program}: {remedy}"
            if os.environ.get("CI") == "true":
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Generator[None, Any, Any]:
    """On a fresh machine let one process compile the tests, and the other find them compiled.

    Both import everything; it is enough that coverage watches one of them.
    """
    worker: Any = getattr(session.config, "workerinput", None)
    if worker is None:
        return (yield)
    turn = (
        workers.in_turn(worker["testrunuid"]) if os.environ.get("CI") == "true" else nullcontext()
    )
    first = worker["workerid"] == "gw0"
    with turn, nullcontext() if first else workers.unwatched(session.config):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    if item.nodeid.startswith(workers.UNWATCHED):
        with workers.unwatched(item.config):
            return (yield)
    return (yield)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: workers.rank_of(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return workers.scheduler(config, log)


@pytest.fixture(scope="session")
def lombardy(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build Lombardy with whatever this machine has; whoever reads it leaves it as it is."""
    from nexpo.build import Order, build

    return build(Order("lombardia", tmp_path_factory.mktemp("real") / "lombardia"))


@pytest.fixture(scope="session")
def trentino(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build a small region as on a machine without data; whoever reads it leaves it as it is."""
    from nexpo.build import Order, build

    with pytest.MonkeyPatch.context() as patch:
        for name in ("NEXPO_DATA", "NEXPO_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.casefold())))
        return build(Order("trentino-alto-adige", tmp_path_factory.mktemp("none") / "taa"))
