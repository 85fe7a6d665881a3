"""From a region's data to a folder of results and a dossier: where everything meets.

This layer reads sources, asks territory and the domains, enters every number in the
ledger, audits the claims and writes the folder. It holds no rule and no arithmetic of any
domain. What is missing on this machine is replaced by a *synthetic* stand-in made by a
seed, and everything that rests on one says so.

The same input, day and seed give the same bytes: nothing in a build knows the clock.
"""

from nexpo.build.model import Built, Order
from nexpo.build.run import build

__all__ = ["Built", "Order", "build"]
