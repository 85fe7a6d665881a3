"""Infratel Italia: declarations of operators, published mappings, plans and what is left.

Four kinds of file, one module each:

- :mod:`~nexpo.sources.infratel.uncovered`: the house numbers that no network above
  300 Mbit/s reaches (list of 2025, classes A, B, C);
- :mod:`~nexpo.sources.infratel.declared`: what each operator declares per address (mapping
  of 2021 and of 2025), read into the canonical table ``declarations``;
- :mod:`~nexpo.sources.infratel.published`: the results of 2020 and 2021 and the proximity
  questionnaire of 2024;
- :mod:`~nexpo.sources.infratel.monitoring`: the open data of *Connetti Italia*.

The publisher writes column names differently from file to file and documents few of them.
Names are therefore matched by role, or read by position where only the position is known;
where a name comes from a description and not from a file, its module says so.
"""

from nexpo.sources.infratel.classes import SpeedClass, speed_class
from nexpo.sources.infratel.declared import edition_of, read_declarations
from nexpo.sources.infratel.monitoring import read_monitoring
from nexpo.sources.infratel.published import (
    read_proximity_2024,
    read_results_2020,
    read_results_2021,
)
from nexpo.sources.infratel.uncovered import CLASSES as UNCOVERED_CLASSES
from nexpo.sources.infratel.uncovered import read_uncovered

__all__ = [
    "UNCOVERED_CLASSES",
    "SpeedClass",
    "edition_of",
    "read_declarations",
    "read_monitoring",
    "read_proximity_2024",
    "read_results_2020",
    "read_results_2021",
    "read_uncovered",
    "speed_class",
]
