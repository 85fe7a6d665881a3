"""A round of public consultation: corrections and plans in, changes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from nexpo.build.coverage.reading import canonical
from nexpo.build.coverage.request import RoundRequest
from nexpo.connectivity.coverage import load_rule
from nexpo.connectivity.coverage.adapters import rounds
from nexpo.connectivity.coverage.adapters.engine import engine_for
from nexpo.core import tables
from nexpo.core.files import atomic_path
from nexpo.core.ingest import Dialect, Reading, discard_rejects, ingest
from nexpo.core.problem import Where, bad_input
from nexpo.core.progress import Progress, reporting


def consult(
    request: RoundRequest, folder: Path, encoding: str, decimal: str, *, quiet: bool
) -> dict[str, Any]:
    """Run a consultation round and return it as plain values."""
    request.check_paths()
    rule = load_rule(request.rule, request.day)
    with reporting(quiet=quiet) as progress:
        progress.step(f"reading {request.declarations.name}")
        dialect = Dialect(encoding=encoding, decimal=decimal)
        reading = canonical(request.declarations, folder, dialect, request.day)
        received = _received(request, folder, dialect, progress)
        found = rounds.run(
            reading.path,
            received,
            rule,
            request.day,
            engine=engine_for(request.engine),
            progress=progress,
            amended=request.amended,
        )
        if request.out is not None:
            rounds.write_changes(found.changes, request.out)
    return found.as_dict()


def _received(
    request: RoundRequest, folder: Path, dialect: Dialect, progress: Progress
) -> list[dict[str, Any]]:
    """Read corrections and plans; a file with rejected rows stops the round."""
    received: list[dict[str, Any]] = []
    table = tables.load("nexpo.connectivity", "corrections")
    for index, path in enumerate(request.corrections):
        progress.step(f"corrections {path.name}")
        reading = ingest(path, table, folder / f"corrections-{index}.parquet", dialect=dialect)
        _whole(reading, path)
        received += pq.read_table(reading.path).to_pylist()
    for index, path in enumerate(request.plans):
        progress.step(f"plans {path.name}")
        inner = folder / f"plans-{index}"
        inner.mkdir()
        reading = canonical(path, inner, dialect, request.day)
        _whole(reading, path)
        received += rounds.plans_as_corrections(reading.path, request.day)
    return received


def _whole(reading: Reading, path: Path) -> None:
    """Stop a round at a rejected row: it is decided on all that was received."""
    kept = Path(f"{path.stem}.rejects.csv")
    if not reading.rejected:
        discard_rejects(kept, path.name)
    else:
        if reading.rejects is not None:
            with atomic_path(kept) as part:
                part.write_bytes(reading.rejects.read_bytes())
        raise bad_input(
            f"{reading.rejected} rows of the submission cannot be read; "
            f"first: {reading.reasons[0][0]}",
            where=Where(str(path)),
            remedy=f"mend the rows listed in {kept} and run the round again",
        )
