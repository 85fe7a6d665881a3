"""From operators' declarations to a State-aid colour and eligibility per address.

The promise: a rule is *one* definition (a dated file under ``parameters/coverage``),
compiled to one set of conditions (:mod:`.rules`), and executed with equal results by a
compiled kernel and DuckDB on one machine, by Apache Spark on a cluster, and by a plain
Python model that a jurist can read (:mod:`.reference`).

Modelling choices, stated once:

* A *network* is a last mile. Two brands on one infrastructure are one network.
* Networks are counted 0, 1, or 2 ("two or more"): no framework asks for more.
* A year up to that of the reference date means the service is there; a later one is a
  plan, which counts up to the horizon and while it is reported on.
* A cell without value never satisfies a condition that must be shown (speed, licensed
  spectrum, progress report); it does not fail one that excludes (distance, activation).
* A column that the file does not carry at all is assumed to satisfy the rule, and the
  assumption is listed with the result.
"""

from nexpo.connectivity.coverage.adapters.rule_files import load_rule, rule_names
from nexpo.connectivity.coverage.model import Aid, Decision, Outcome, Rule, Verdict
from nexpo.connectivity.coverage.rules import CompiledRule, compile_rule

__all__ = [
    "Aid",
    "CompiledRule",
    "Decision",
    "Outcome",
    "Rule",
    "Verdict",
    "compile_rule",
    "load_rule",
    "rule_names",
]
