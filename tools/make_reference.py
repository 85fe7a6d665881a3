"""Write docs/reference from the code, or say where it has gone stale.

The reference is never written by hand: commands come from the command line itself, settings
from :data:`nexpo.core.settings.SETTINGS`, law from ``parameters/``, tables from their data
dictionaries and sources from their directory. A page whose origin is missing is not written.

    python -m tools.make_reference           write the pages
    python -m tools.make_reference --check   change nothing; exit 1 when a page is stale
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import yaml

from nexpo.cli import group as command_line
from nexpo.core.settings import SETTINGS, Setting

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"
WIDTH = 96
MADE = "<!-- made by `make docs` from {origin}: do not edit -->\n"


def pages(root: Path = ROOT) -> dict[str, str]:
    """Return the text of every reference page by file name."""
    source = root / "src" / "nexpo"
    made = {
        "commands.md": commands_page(command_line),
        "settings.md": settings_page(SETTINGS),
        "parameters.md": parameters_page(root / "parameters"),
        "tables.md": tables_page(sorted(source.glob("**/dictionary/*.csv"))),
        "sources.md": sources_page(source / "sources" / "directory.csv"),
    }
    return {name: text for name, text in made.items() if text} | {"index.md": index_page(made)}


def undocumented() -> list[str]:
    """Return every command, option and setting that lacks a word of help."""
    explained = {setting.name for setting in SETTINGS if setting.meaning.strip()}
    silent = sorted(variables_read(ROOT / "src") - explained)
    for context in walk(command_line):
        if not (context.command.help or "").strip():
            silent.append(context.command_path)
        silent += [
            f"{context.command_path} {option.opts[0]}"
            for option in context.command.params
            if isinstance(option, click.Option) and not (option.hidden or option.help)
        ]
    return silent


# Commands


def walk(
    command: click.Command, name: str = "nexpo", parent: click.Context | None = None
) -> Iterator[click.Context]:
    """Yield the context of a command and of all below it; a lazy group loads each when asked."""
    context = click.Context(command, parent, info_name=name, **command.context_settings)
    # A fixed width: the page must not depend on the terminal of whoever makes it.
    context.terminal_width = context.max_content_width = WIDTH
    yield context
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found is not None and not found.hidden:
                yield from walk(found, below, context)


def commands_page(main: click.Command) -> str:
    """Return the page of commands, each with what ``--help`` prints."""
    sections = [
        f"## {context.command_path}\n\n```text\n{context.get_help()}\n```\n"
        for context in walk(main)
    ]
    return "\n".join([heading("Commands", "`nexpo.cli`"), *sections])


# Settings


def variables_read(source: Path) -> set[str]:
    """Return the environment variables of ours that the code names."""
    texts = (file.read_text(encoding="utf-8") for file in source.rglob("*.py"))
    return {name for text in texts for name in re.findall(r"\bNEXPO_[A-Z_]*[A-Z]\b", text)}


def settings_page(settings: Iterable[Setting]) -> str:
    """Return the page of environment variables."""
    rows = [(f"`{setting.name}`", setting.default, setting.meaning) for setting in settings]
    return "\n".join(
        [
            heading("Settings", "`nexpo.core.settings`"),
            "Environment variables; all are optional.\n",
            table(("variable", "default", "meaning"), rows),
        ]
    )


# Parameters


def parameters_page(folder: Path) -> str:
    """Return the page of law and policy: what is in force from when, then each in full."""
    files = sorted(folder.rglob("*.yaml"))
    values = [value for file in files for value in dated_values(file, folder)]
    if not values:
        return ""
    rows = [
        (v["name"], str(v["valid_from"]), str(v.get("valid_to", "")), v["article"], checked(v))
        for v in values
    ]
    intro = (
        "What law, policy or a choice of ours sets, and published facts that claims are read\n"
        "against. *Verified* says whether somebody read the primary text.\n"
    )
    return "\n".join(
        [
            heading("Parameters", "`parameters/`"),
            intro,
            table(("parameter", "in force from", "no longer from", "article", "verified"), rows),
            *map(value_section, values),
        ]
    )


def dated_values(file: Path, folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the dated values of a file, each with the name it is asked for by.

    A file holds one parameter with its ``versions``, or a list of records under another key.
    """
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    name = file.relative_to(folder).with_suffix("").as_posix()
    shared = {"name": name, "title": document["title"], "unit": document.get("unit", "")}
    for key, records in document.items():
        for record in records if isinstance(records, list) else ():
            own = {} if key == "versions" else {"name": f"{name}: {record['id']}"}
            yield shared | record | own


def value_section(dated: Mapping[str, Any]) -> str:
    """Return one dated value in full."""
    value = dated["value"]
    nested = isinstance(value, dict)
    facts = {
        "value": "" if nested else f"{in_yaml(value)} {dated['unit']}".strip(),
        "article": dated["article"],
        "source": dated["source"],
        "verified": checked(dated),
        "note": dated.get("note", ""),
    }
    lines = [f"- {key}: {fact}" for key, fact in facts.items() if fact]
    body = f"\n```yaml\n{in_yaml(value)}\n```\n" if nested else ""
    head = f"## {dated['name']}, from {dated['valid_from']}\n\n{dated['title']}.\n"
    return "\n".join([head, *lines, body])


def checked(dated: Mapping[str, Any]) -> str:
    """Return whether somebody read the primary text of a value."""
    return "yes" if dated["verified"] else "no"


def in_yaml(value: object) -> str:
    """Return a value as its file writes it."""
    text = yaml.safe_dump(
        value, allow_unicode=True, sort_keys=False, default_flow_style=None, width=96
    )
    return str(text).removesuffix("...\n").rstrip()


# Tables


def tables_page(dictionaries: Iterable[Path]) -> str:
    """Return the page of declared tables, one section a data dictionary."""
    named = {f"{file.parents[1].name}/{file.stem}": file for file in dictionaries}
    sections = [f"## {name}\n\n{csv_table(file)}" for name, file in named.items()]
    if not sections:
        return ""
    intro = (
        "Every table that Nexpo reads or writes, as its data dictionary declares it. A row that\n"
        "breaks the declaration is kept in a reject file with its line, column and reason.\n"
    )
    return "\n".join([heading("Tables", "the data dictionaries"), intro, *sections])


# Sources


SHOWN = ("key", "title", "publisher", "licence", "vintage", "redistributable", "note")


def sources_page(directory: Path) -> str:
    """Return the page of sources with licence, vintage and whether they may be passed on."""
    if not directory.is_file():
        return ""
    with directory.open(encoding="utf-8", newline="") as stream:
        rows = [[row[column] for column in SHOWN] for row in csv.DictReader(stream)]
    intro = (
        "*Redistributable* `no`: for your own use only, and never part of a release.\n"
        "`nexpo data list` says which are on your machine.\n"
    )
    return "\n".join([heading("Sources", "`nexpo.sources`"), intro, table(SHOWN, rows)])


# Markdown


def index_page(made: Mapping[str, str]) -> str:
    """Return the list of pages."""
    names = [name for name, text in made.items() if text]
    links = [f"- [{name.removesuffix('.md').capitalize()}]({name})" for name in names]
    return "\n".join([heading("Reference", "the code"), *links]) + "\n"


def heading(title: str, origin: str) -> str:
    """Return a page's head, which names where it was made from."""
    return f"{MADE.format(origin=origin)}\n# {title}\n"


def csv_table(file: Path) -> str:
    """Return a CSV file as a table."""
    with file.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    return table(header, rows)


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table; a bar inside a cell is escaped."""
    header = [cell(column) for column in columns]
    lines = [header, ["---"] * len(header), *([cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def cell(value: str) -> str:
    """Return a text that fits one cell."""
    return " ".join(value.split()).replace("|", "\\|")


# Front


def stale(folder: Path, made: Mapping[str, str]) -> list[str]:
    """Return the pages that are missing, differ or have lost their origin."""
    kept = {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.md")}
    return sorted(name for name in kept.keys() | made.keys() if kept.get(name) != made.get(name))


def main(arguments: list[str] | None = None) -> int:
    """Write the pages, or check them; return the exit code."""
    parser = argparse.ArgumentParser(description="Write docs/reference from the code.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when stale")
    check = parser.parse_args(arguments).check

    if silent := undocumented():
        print("without help:", *silent, sep="\n  ", file=sys.stderr)
        return 1
    made = pages()
    old = stale(REFERENCE, made)
    if check and old:
        print("stale; run `make docs`:", *old, sep="\n  docs/reference/", file=sys.stderr)
        return 1
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name in old:
        if name in made:
            (REFERENCE / name).write_text(made[name], encoding="utf-8")
        else:
            (REFERENCE / name).unlink()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
