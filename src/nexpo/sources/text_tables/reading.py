"""A publisher's text table read into a declared one, with notes on what is doubtful."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from nexpo.core.ingest import Dialect, Layout, Reading, ingest
from nexpo.core.tables import Table
from nexpo.sources.text_tables.files import cut_notes
from nexpo.sources.text_tables.municipalities import Translate, code_layout
from nexpo.sources.text_tables.queries import noted


def read_table(
    path: Path,
    table: Table,
    target: Path,
    *,
    dialect: Dialect | None = None,
    layout: Layout | None = None,
    codes: Translate | None = None,
    doubts: Mapping[str, str] | None = None,
) -> Reading:
    """Ingest a text table and note what is doubtful in the rows that were kept.

    Parameters
    ----------
    codes
        Translates municipal codes; without it any six digits pass.
    doubts
        Note to an SQL query over ``t`` (the table written) that gives its count, or to
        one that gives pairs of text and count.
    """
    dialect, layout = dialect or Dialect(), layout or Layout()
    layout, notes = code_layout(path, dialect, layout, codes)
    reading = ingest(path, table, target, dialect=dialect, layout=layout)
    more = noted(reading.path, doubts or {})
    return replace(reading, notes=(*notes, *more, *cut_notes(path)))
