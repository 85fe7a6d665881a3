"""Reading delimited files into declared tables, with row-precise rejects.

A file is parsed once, each value is checked against the data dictionary, good rows go
to Parquet and bad ones to a reject file that says row, column, value, reason and
remedy. What concerns the file as a whole (missing column, other encoding, a zip in
place of a CSV) stops the reading before anything is written.
"""

from nexpo.core.ingest._clean import parquet, readable_parquet, unclean
from nexpo.core.ingest._files import as_utf8, check_readable, cut_notes, read_header, text_of
from nexpo.core.ingest._model import Check, Dialect, Layout, Reading
from nexpo.core.ingest._reading import ingest, refuse_doubled_names
from nexpo.core.ingest._rejects import REJECT_COLUMNS, discard_rejects
from nexpo.core.ingest._sql import literal, quoted

__all__ = [
    "REJECT_COLUMNS",
    "Check",
    "Dialect",
    "Layout",
    "Reading",
    "as_utf8",
    "check_readable",
    "cut_notes",
    "discard_rejects",
    "ingest",
    "literal",
    "parquet",
    "quoted",
    "read_header",
    "readable_parquet",
    "refuse_doubled_names",
    "text_of",
    "unclean",
]
