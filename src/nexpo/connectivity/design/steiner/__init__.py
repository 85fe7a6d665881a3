"""Steiner trees on street networks: a good tree at any time, with a proven bound.

``solve(instance, limits, seed=...)`` is the one entrance; :func:`check` verifies an answer by
code that shares nothing with the solver.
"""
