"""Steiner trees on street networks: a good tree at any time, with a proven bound.

``solve(instance, limits, seed=...)`` is the one entrance; :func:`check` verifies an answer by
code that shares nothing with the solver.
"""

from nexpo.connectivity.design.steiner.check import check
from nexpo.connectivity.design.steiner.model import Answer, Instance, Limits
from nexpo.connectivity.design.steiner.solve import solve

__all__ = ["Answer", "Instance", "Limits", "check", "solve"]
