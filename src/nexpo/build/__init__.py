"""From a region's data to a folder of results and a dossier: where everything meets.

This layer reads sources, asks territory and the domains, enters every number in the
ledger, audits the claims and writes the folder. It holds no rule and no arithmetic of any
domain. What is missing on this machine is replaced by a *synthetic* stand-in made by a
seed, and everything that rests on one says so.

The same input, day and seed give the same bytes: nothing in a build knows the clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nexpo.build.model import Built, Order
    from nexpo.build.run import build

__all__ = ["Built", "Order", "build"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a name of this package
    """Import a public name when it is asked for: other parts of the package need none of it."""
    if name == "build":
        from nexpo.build.run import build  # noqa: PLC0415 - a second of imports

        return build
    if name in __all__:
        from nexpo.build import model  # noqa: PLC0415 - likewise

        return getattr(model, name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
