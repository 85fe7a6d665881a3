"""What the coverage commands do once their options are read: files in, plain values out.

Readers and area rules are imported where they are used: a file that is already in the
declared layout is classified without them.
"""

from __future__ import annotations

import atexit
import gc
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from nexpo.connectivity.coverage import kernel, load_rule, reference, rule_names
from nexpo.connectivity.coverage.adapters import files
from nexpo.connectivity.coverage.adapters.blocks import NotDeclared
from nexpo.connectivity.coverage.adapters.engine import engine_for
from nexpo.connectivity.coverage.model import Rule
from nexpo.core import parameters, tables
from nexpo.core.files import atomic_path, check_outputs
from nexpo.core.ingest import Dialect, Reading, discard_rejects, ingest
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.core.progress import Progress, reporting
from nexpo.core.settings import parameters_directory

_LARGE_BYTES = 4 << 20
_NAMED_CODES = 3

# At its end the interpreter looks through all objects for cycles, which takes a third of a
# second with a compiler loaded, and frees nothing that the system would not free at once.
atexit.register(gc.freeze)


@dataclass(frozen=True, slots=True)
class Request:
    """One classification, as asked for."""

    declarations: Path
    rule: str
    day: date
    engine: str
    area: str | None
    out: Path | None
    evidence: Path | None
    funded: Path | None
    rejects: Path | None
    encoding: str
    decimal: str

    @property
    def kept(self) -> Path:
        """Where refused rows go: as asked, or named after the declarations, in this folder."""
        return self.rejects or Path(f"{self.declarations.stem}.rejects.csv")

    def check_paths(self) -> None:
        """Refuse outputs that would destroy an input or each other."""
        check_outputs(
            {"--out": self.out, "--evidence": self.evidence, "--rejects": self.kept},
            {
                "DECLARATIONS": self.declarations,
                "--funded": self.funded,
                "--rule": _rule_file(self.rule),
            },
        )


@dataclass(frozen=True, slots=True)
class RoundRequest:
    """One consultation round, as asked for."""

    declarations: Path
    corrections: tuple[Path, ...]
    plans: tuple[Path, ...]
    rule: str
    day: date
    engine: str
    out: Path | None
    amended: Path | None

    def check_paths(self) -> None:
        """Refuse outputs that would destroy an input or each other."""
        received = {
            f"{option} ({number})": path
            for option, paths in (("--corrections", self.corrections), ("--plans", self.plans))
            for number, path in enumerate(paths, 1)
        }
        given = {"DECLARATIONS": self.declarations, "--rule": _rule_file(self.rule)}
        check_outputs({"--out": self.out, "--amended": self.amended}, given | received)


def _rule_file(name: str) -> Path | None:
    return Path(name) if Path(name).suffix in (".yaml", ".yml") else None


def classify(request: Request, *, quiet: bool, most_addresses: int) -> dict[str, Any]:
    """Read, classify, write what was asked for, and return the result as plain values."""
    request.check_paths()
    rule = load_rule(request.rule, request.day)
    funded = _funded(request.funded)
    with (
        reporting(quiet=quiet) as progress,
        TemporaryDirectory(prefix="nexpo-") as folder,
        ThreadPoolExecutor(1) as aside,
    ):
        aside.submit(_prepare, request)
        progress.step(f"reading {request.declarations.name}")
        if (table := _in_memory(request, rule)) is not None:
            found = files.classify_table(table, rule, request.day, progress=progress)
            reading = Reading("declarations", request.declarations, table.num_rows, 0, None, (), ())
            plain = found.as_dict() | _of_reading(reading)
        else:
            reading, result = _classified(request, rule, Path(folder), progress, most_addresses)
            plain = result.as_dict() | _of_reading(reading)
            _add_rows(plain, result, reading.path, request, funded.ids, most_addresses)
        plain["notes"] += [*funded.notes, *_unused(funded, rule)]
        if request.evidence is not None:
            progress.step("verdicts of all declarations")
            _write_evidence(reading.path, rule, request.day, request.evidence)
        if not reading.rejected:
            discard_rejects(request.kept, request.declarations.name)
    return plain


def _add_rows(
    plain: dict[str, Any],
    result: files.Result,
    path: Path,
    request: Request,
    funded: frozenset[str],
    most_addresses: int,
) -> None:
    """Add what needs one row an address: the rules on neighbours, and the list of addresses."""
    if result.rows is None:
        return
    _apply_area_rules(plain, result.rows, path, result.rule, funded)
    plain["addresses_listed"] = _listed(result.rows, path, result.rule, request.day, most_addresses)


def _prepare(request: Request) -> None:
    """Load what is needed once the declarations are read, while they are being read.

    The compiled kernel and the register of municipalities take a second to load. What
    goes wrong here goes wrong again where it is needed, and is reported there.
    """
    if request.engine == "embedded":
        kernel.table_size(0)
    if request.area == "istat":
        _codes_on(request.day)


def _classified(
    request: Request, rule: Rule, folder: Path, progress: Progress, most_addresses: int
) -> tuple[Reading, files.Result]:
    """Classify the file as it lies, or as the careful reader reads it where it must.

    The careful reader takes over when a value is not one of the data dictionary.
    """
    dialect = Dialect(encoding=request.encoding, decimal=request.decimal)

    def run(reading: Reading) -> files.Result:
        progress.step(f"classifying under {rule.id}")
        return files.classify_file(
            reading.path,
            rule,
            request.day,
            engine=engine_for(request.engine),
            progress=progress,
            area=request.area,
            out=_rows_path(request, rule, reading, folder, most_addresses),
        )

    if _lies_ready(request.declarations, checked=request.engine != "embedded"):
        rows = pq.read_metadata(request.declarations).num_rows
        reading = Reading("declarations", request.declarations, rows, 0, None, (), ())
        with suppress(NotDeclared):
            result = run(reading)
            ended = _ended(result, request.day) if result.area == "istat" else {}
            notes = tuple(
                (f"municipal code {code} has ended: its addresses are counted in {new}", 1)
                for code, new in sorted(ended.items())
            )
            return _unplaced(replace(reading, notes=notes), files.rename_areas(result, ended))
        progress.step(f"reading {request.declarations.name} row by row")
    reading = canonical(request.declarations, folder, dialect, request.day, request.kept)
    return _unplaced(reading, run(reading))


def _unplaced(reading: Reading, result: files.Result) -> tuple[Reading, files.Result]:
    """Note the addresses under a municipal code that no municipality has or had."""
    if result.area != "istat":
        return reading, result
    from nexpo import territory

    known = territory.codes()
    counts: Counter[str] = Counter()
    for (area, *_), count in result.counts.items():
        if area is not None and area not in known:
            counts[area] += count
    if not counts:
        return reading, result
    some = ", ".join(sorted(counts)[:_NAMED_CODES]) + (
        ", ..." if len(counts) > _NAMED_CODES else ""
    )
    note = f"addresses whose municipal code no municipality has or had ({some})"
    return replace(reading, notes=(*reading.notes, (note, counts.total()))), result


def _lies_ready(path: Path, *, checked: bool) -> bool:
    """Say whether a file is Parquet in the declared layout; ``checked``: its values too."""
    if path.suffix != ".parquet" or not path.is_file():
        return False
    try:
        files.check_layout(path)
        if checked:
            files.check_values(path)
    except (Problem, NotDeclared):
        return False  # the careful reader converts it, or says row by row why it cannot
    return True


def _ended(result: files.Result, day: date) -> dict[str, str]:
    """Return the municipal codes of a result that had ended by the day, and what they became."""
    current = _codes_on(day)
    codes = {area for area, *_ in result.counts if area is not None}
    if current is None:
        return {}
    became = {code: current(code) for code in codes}
    return {code: new for code, new in became.items() if new is not None and new != code}


def _in_memory(request: Request, rule: Rule) -> pa.Table | None:
    """Return a clean availability file of the FCC in memory, when only counts are wanted.

    None where rows or verdicts are wanted, another engine is asked for, the file is
    small or not clean: the careful reader takes over and names what is wrong.
    """
    wants_rows = any((request.out, request.evidence, rule.residual, rule.proximity))
    large = request.declarations.is_file() and request.declarations.stat().st_size > _LARGE_BYTES
    plain = request.declarations.suffix == ".csv" and request.encoding == "utf-8"
    if wants_rows or not large or not plain or request.engine != "embedded":
        return None
    from nexpo.sources import declarations as declared
    from nexpo.sources import fcc

    if declared.recognise(request.declarations) != "fcc-bdc":
        return None
    return fcc.declarations_table(request.declarations)


def explain(path: Path, address_id: str, rule_name: str, day: date) -> dict[str, Any]:
    """Return one address with its declarations, their verdicts and the decision."""
    rule = load_rule(rule_name, day)
    rows = files.declarations_of(path, address_id)
    if not rows:
        raise Problem(
            Kind.NO_INPUT,
            "no declaration names this address",
            value=address_id,
            remedy="check the id; leading zeros count",
        )
    compiled = files.compile_for(path, rule, day)
    outcome = next(iter(reference.classify(compiled, rows, area="istat")))
    return {
        **asdict(outcome),
        "reason": rule.decisions[outcome.decision].reason,
        "rule": asdict(rule.use),
        "date": day,
        "horizon_year": compiled.reference.horizon_year,
        "speed_column": compiled.speed_column,
        "assumptions": compiled.assumptions,
        "notes": _beyond_one_address(rule),
        "declarations": [
            {
                **{name: value for name, value in row.items() if value is not None},
                "verdict": reference.verdict_of(compiled, row).value,
            }
            for row in rows
        ],
    }


def _beyond_one_address(rule: Rule) -> list[str]:
    """Return what the rules that look at neighbours may still change."""
    return [
        f"the {name} rule looks at neighbours: classify applies it, this explanation does not"
        for name in ("residual", "proximity")
        if getattr(rule, name) is not None
    ]


def explanation_text(found: dict[str, Any]) -> str:
    """Return an explained address as lines for people."""
    rule = found["rule"]
    lines = [
        f"{found['address_id']}: {found['colour']}, aid {found['aid']}",
        f"  because {found['reason']}",
        (
            f"  networks: {found['networks']} at the horizon {found['horizon_year']}, "
            f"{found['networks_today']} today, {found['networks_passed']} with passed (2 = or more)"
        ),
        (
            f"  rule {rule['parameter']} from {rule['valid_from']}, {rule['article']} "
            f"({'verified' if rule['verified'] else 'unverified'})"
        ),
    ]
    lines += [f"  assumed: {text}" for text in found["assumptions"]]
    lines += [f"  note: {text}" for text in found["notes"]]
    for row in found["declarations"]:
        network = row.get("infrastructure", row["operator"])
        speed = row.get(found["speed_column"], "?")
        lines.append(
            f"  - {row['operator']} on {network}, {row['technology']}, {speed} Mbit/s, "
            f"year {row.get('year', 'now')}: {row['verdict']}"
        )
    return "\n".join(lines)


def consult(
    request: RoundRequest, folder: Path, encoding: str, decimal: str, *, quiet: bool
) -> dict[str, Any]:
    """Run a consultation round and return it as plain values."""
    from nexpo.connectivity.coverage.adapters import rounds

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


def rules() -> list[dict[str, Any]]:
    """Return the rules that come with Nexpo, each with its versions."""
    folder = parameters_directory() / "coverage"
    loaded = [parameters.load(folder / f"{name}.yaml") for name in rule_names()]
    return [
        {
            "id": rule.id,
            "title": rule.title,
            "versions": [
                {
                    "valid_from": version.period.start,
                    "valid_to": version.period.end,
                    "article": version.article,
                    "source": version.source,
                    "verified": version.verified,
                }
                for version in rule.versions
            ],
        }
        for rule in loaded
    ]


def canonical(
    path: Path, folder: Path, dialect: Dialect, day: date, rejects: Path | None = None
) -> Reading:
    """Return the declarations as Parquet in the declared layout, each value checked."""
    from nexpo.sources import declarations as declared
    from nexpo.sources import places

    target = folder / f"{path.stem}.parquet"
    reading = declared.to_canonical(
        path, target, dialect, codes=_codes_on(day), locate=places.names_on(day)
    )
    if reading.rejects is not None and rejects is not None:
        with atomic_path(rejects) as part:
            part.write_bytes(reading.rejects.read_bytes())
        return _moved(reading, rejects)
    return reading


def _codes_on(day: date) -> Callable[[str], str | None] | None:
    """Return what makes ended municipal codes those of the day; others stay as they are."""
    from nexpo import territory
    from nexpo.sources import places

    if day < territory.FIRST_DAY:
        return None
    translate, known = places.codes_on(day), territory.codes()

    def current(code: str) -> str | None:
        return translate(code) if code in known else code

    return current


def _moved(reading: Reading, rejects: Path) -> Reading:
    return replace(reading, rejects=rejects)


def _of_reading(reading: Reading) -> dict[str, Any]:
    return {
        "rejected": reading.rejected,
        "rejects": reading.rejects,
        "reject_reasons": dict(reading.reasons),
        "reading_notes": dict(reading.notes),
    }


def _rows_path(
    request: Request, rule: Rule, reading: Reading, folder: Path, most_addresses: int
) -> Path | None:
    """Return where the rows go: as asked, or aside when an area rule or a list needs them."""
    if request.out is not None:
        return request.out
    needs_rows = rule.residual is not None or rule.proximity is not None
    few = pq.read_metadata(reading.path).num_rows <= most_addresses * 50
    return folder / "classified.parquet" if needs_rows or (few and most_addresses) else None


def _apply_area_rules(
    plain: dict[str, Any], rows: Path, path: Path, rule: Rule, funded: frozenset[str]
) -> None:
    if rule.residual is None and rule.proximity is None:
        return
    from nexpo.connectivity.coverage.adapters import area_rules

    applied = area_rules.apply(rows, path, rule, funded)
    plain["notes"] += applied.notes
    plain["funded"] = applied.funded
    plain["residual_dropped"] = applied.dropped
    plain["proximity_admitted"] = applied.admitted
    totals: Counter[str] = Counter()
    by_area: dict[str | None, Counter[str]] = defaultdict(Counter)
    for (area, aid), count in applied.aid.items():
        totals[aid] += count
        by_area[area][f"aid_{aid}"] += count
    plain["aid"] = dict(sorted(totals.items()))
    for row in plain["areas"]:
        row.update({key: by_area[row["area"]][key] for key in row if key.startswith("aid_")})


@dataclass(frozen=True, slots=True)
class _Funded:
    """The funded addresses of a file, and what is to be said of it."""

    ids: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def _funded(path: Path | None) -> _Funded:
    """Read the funded addresses, whether or not the rule asks for them: a bad file is told."""
    if path is None:
        return _Funded()
    full = tables.load("nexpo.connectivity", "declarations")
    table = tables.Table("funded", (full["address_id"],))
    with TemporaryDirectory(prefix="nexpo-") as folder:
        target = Path(folder) / "funded.parquet"
        reading = ingest(path, table, target)
        ids = frozenset(pq.read_table(target).column("address_id").to_pylist())
    refused = f"{reading.rejected:,} rows of {path.name} (--funded) are refused; first: "
    return _Funded(ids, tuple(refused + reason for reason, _ in reading.reasons[:1]))


def _unused(funded: _Funded, rule: Rule) -> list[str]:
    if not funded.ids or rule.proximity is not None or rule.residual is not None:
        return []
    count = f"{len(funded.ids):,} funded addresses given change nothing"
    return [f"this rule has no proximity: the {count}"]


def _listed(rows: Path, path: Path, rule: Rule, day: date, most: int) -> list[dict[str, Any]]:
    """Return the addresses with their evidence, where there are few enough to print."""
    table = pq.read_table(rows)
    if most == 0 or table.num_rows > most:
        return []
    compiled = files.compile_for(path, rule, day)
    verdicts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in files.evidence(path, compiled):
        verdicts[row.pop("address_id")].append(row)
    ordered = table.take(pc.sort_indices(table, [("address_id", "ascending")])).to_pylist()
    return [{**row, "declarations": verdicts[row["address_id"]]} for row in ordered]


def _write_evidence(path: Path, rule: Rule, day: date, target: Path) -> None:
    import csv

    compiled = files.compile_for(path, rule, day)
    with atomic_path(target) as part, part.open("w", encoding="utf-8", newline="") as stream:
        writer: csv.DictWriter[str] | None = None
        for row in files.evidence(path, compiled):
            if writer is None:
                writer = csv.DictWriter(stream, [*row, "rule", "article"])
                writer.writeheader()
            writer.writerow(row | {"rule": rule.id, "article": rule.use.article})


def _received(
    request: RoundRequest, folder: Path, dialect: Dialect, progress: Progress
) -> list[dict[str, Any]]:
    """Read corrections and plans; a file with rejected rows stops the round."""
    from nexpo.connectivity.coverage.adapters import rounds

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
