"""A command shown in the documentation is one that the command line takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from nexpo.cli import group

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "how-to").glob("*.md"))]


def shown(page: Path) -> list[str]:
    text = re.sub(r"\\\n\s*", "", page.read_text(encoding="utf-8"))
    return re.findall(r"^    (?:[\w./:=]+ |.*/)?nexpo (.+)$", text, flags=re.MULTILINE)


@pytest.mark.parametrize(
    "line",
    [pytest.param(line, id=f"{page.stem}: {line}") for page in PAGES for line in shown(page)],
)
def test_a_shown_command_is_taken(line: str) -> None:
    words = shlex.split(line, comments=True)
    command: click.Command = group
    context = click.Context(command, info_name="nexpo", **group.context_settings)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words.pop(0))
        assert found is not None, line
        command, context = found, click.Context(found, context, info_name=found.name)
    taken = {name for option in command.get_params(context) for name in option.opts}
    assert {word for word in words if word.startswith("--")} <= taken
