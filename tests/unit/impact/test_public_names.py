"""What the package lists can be had from it, and nothing hides a module of the same name."""

from __future__ import annotations

from types import ModuleType

import pytest

import nexpo.impact as package


def test_every_public_name_is_there() -> None:
    for name in package.__all__:
        assert not isinstance(getattr(package, name), ModuleType)
        assert name in dir(package)
    with pytest.raises(AttributeError, match="nothing"):
        _ = package.nothing
