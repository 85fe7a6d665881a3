"""Readers of public data: one module a publisher, each teaching its format and its traps.

A reader takes the publisher's real file and writes a declared Parquet table; what it
refuses is kept with row, value and remedy, and what it keeps with a doubt is noted and
counted (:class:`nexpo.core.ingest.Reading`). The directory says of every source who
publishes it, under which licence, and whether it may be handed on.
"""

from nexpo.sources.directory import Source, input_for, source, sources

__all__ = [
    "Source",
    "bul",
    "check",
    "datacentre_atlas",
    "declarations",
    "degree_days",
    "directory",
    "entsoe_grid",
    "exchanges",
    "fcc",
    "fetch",
    "infratel",
    "input_for",
    "input_output",
    "ookla",
    "openfiber",
    "osm",
    "osm_datacentres",
    "places",
    "pnrr",
    "source",
    "sources",
]
