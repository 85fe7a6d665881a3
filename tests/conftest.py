"""What all tests share: a test that needs a program says so, and never skips in silence."""

from __future__ import annotations

import os
import shutil

import pytest
from hypothesis import settings

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
