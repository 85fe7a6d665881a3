"""Pages from templates: one environment for all of them, which escapes and never guesses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def environment(filters: Mapping[str, Callable[..., Any]], **known: object) -> Environment:
    """Return the environment of the templates of this package.

    Every value is escaped, and a name that is not given is an error.

    Parameters
    ----------
    filters
        By name.
    **known
        What every template may call.
    """
    made = Environment(
        loader=PackageLoader("nexpo.build"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(filters)
    made.globals.update(known)
    return made


def style(*names: str) -> str:
    """Return style sheets of the templates, one after the other."""
    folder = files("nexpo.build").joinpath("templates")
    return "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)
