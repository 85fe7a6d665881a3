"""An empty plan to fill in: YAML with comments, CSV, or XLSX with a sheet of help.

What is written is a plan that runs: its lines are examples, to be replaced.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from nexpo.core.files import atomic_path, write_text
from nexpo.core.problem import Kind, Problem, Where
from nexpo.impact.adapters.plan_rows import COLUMNS, MIX_COLUMNS

_HELP: Mapping[str, str] = {
    "project": "whose spending it is, in free words",
    "year": "in which it is spent",
    "phase": "construction or operation",
    "sector": "code of the table (F, C26), or a product with a spending mix",
    "amount": "euros, with at most two decimals; not below zero",
    "currency": "EUR, on each line",
    "basis": "purchaser (what is paid, deductible VAT left out) or basic; one for the whole plan",
    "price_year": "in whose prices the amount is; 2024 say",
    "import_share": "0 to 1 where a contract says; empty takes the product's own share",
    "local_share": "0 to 1, of what is not imported, made in the region; empty is estimated",
    "province": "code in quotes where the direct effect lies ('015'); empty if not known",
    "source": "of the amount",
    "assumption": "yes where the amount is an assumption",
}
_EXAMPLES: tuple[Mapping[str, object], ...] = (
    {
        "project": "example", "year": 2025, "phase": "construction", "sector": "hall",
        "amount": "1000000.00", "currency": "EUR", "basis": "purchaser", "price_year": 2024,
        "assumption": "yes",
    },
    {
        "project": "example", "year": 2026, "phase": "operation", "sector": "M71",
        "amount": "50000.00", "currency": "EUR", "basis": "purchaser", "price_year": 2024,
        "import_share": 0, "local_share": 1, "source": "contract",
    },
)  # fmt: skip
_MIX = {"F": 0.7, "C28": 0.3}
_ABOUT = {"id": "my-plan", "title": "My plan", "region": "03"}


def write_plan_template(target: Path) -> Path:
    """Write a plan to be filled in, in the format that the name ends with.

    Raises
    ------
    Problem
        ``USAGE`` for another ending; ``CANNOT_WRITE`` where something stands already.

    Examples
    --------
    >>> import tempfile
    >>> from nexpo.impact.adapters.plan_files import read_plan
    >>> path = write_plan_template(Path(tempfile.mkdtemp()) / "plan.yaml")
    >>> [line.sector for line in read_plan(path).lines]
    ['hall', 'M71']
    """
    writers = {".yaml": _yaml, ".yml": _yaml, ".csv": _csv, ".xlsx": None}
    ending = target.suffix.lower()
    if ending not in writers:
        raise Problem(
            Kind.USAGE,
            "a plan is YAML, CSV or XLSX",
            where=Where(str(target)),
            value=ending,
            remedy="name a .yaml, .csv or .xlsx file",
        )
    if target.exists():
        raise Problem(
            Kind.CANNOT_WRITE,
            "a template does not replace what is there",
            where=Where(str(target)),
            remedy="name a new file",
        )
    text = writers[ending]
    if text is None:
        _workbook(target)
    else:
        write_text(target, text())
    return target


def _yaml() -> str:
    once = ("currency", "basis", "price_year", "project")
    head = [f"# {name}: {_HELP[name]}" for name in COLUMNS if name not in once]
    mixes = ", ".join(f"{code}: {share}" for code, share in _MIX.items())
    lines = [
        "# A plan for `nexpo impact run`. Replace the examples.",
        *(f'{key}: "{value}"' for key, value in _ABOUT.items()),
        "# What follows is said once, and holds for each line.",
        *(f"{name}: {_EXAMPLES[0][name]}  # {_HELP[name]}" for name in once),
        "assumptions:",
        "  - write here what is assumed",
        "sources:",
        "  - write here where the amounts come from",
        "# A spending mix says what a product is spent on; the shares sum to 1. One way or more,",
        "# one of them the default. Leave mixes out where lines name sectors.",
        "mixes:",
        "  hall:",
        f"    A: {{shares: {{{mixes}}}, default: true, source: an example}}",
        "# Columns of a line; import_share, local_share, province, source may be left out.",
        *head,
        "lines:",
    ]
    for example in _EXAMPLES:
        cells = (f"{key}: {value}" for key, value in example.items() if key not in once)
        lines.append(f"  - {{{', '.join(cells)}}}")
    return "\n".join(lines) + "\n"


def _csv() -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({**example, "sector": _bare(example)} for example in _EXAMPLES)
    return stream.getvalue()


def _bare(example: Mapping[str, object]) -> object:
    """Return a sector of the table: a CSV plan has no mixes of its own."""
    return "F" if example["sector"] == "hall" else example["sector"]


def _workbook(target: Path) -> None:
    from openpyxl import Workbook  # noqa: PLC0415 - a CSV must not pay for Excel

    book = Workbook(write_only=True)
    sheet = book.create_sheet("lines")
    sheet.append(list(COLUMNS))
    for example in _EXAMPLES:
        sheet.append([example.get(name) for name in COLUMNS])
    mixes = book.create_sheet("mixes")
    mixes.append(list(MIX_COLUMNS))
    for code, share in _MIX.items():
        mixes.append(["hall", "A", code, share, "", "an example", "yes", "yes"])
    about = book.create_sheet("about")
    for item in _ABOUT.items():
        about.append(list(item))
    helped = book.create_sheet("help")
    for item in _HELP.items():
        helped.append(list(item))
    with atomic_path(target) as part, part.open("wb") as stream:
        book.save(stream)
