"""Nexpo: plan, fund, build and account for a region's digital transition.

Every figure Nexpo shows is a value with its derivation (:mod:`nexpo.core.evidence`);
every threshold is dated law kept as data (:mod:`nexpo.core.parameters`).
"""

__version__ = "0.1.0"
