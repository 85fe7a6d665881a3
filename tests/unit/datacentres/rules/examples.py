"""Packs and projects made for the tests: short files with everything that a pack may say."""

from __future__ import annotations

from pathlib import Path

from nexpo.datacentres.adapters.project_files import read_projects
from nexpo.datacentres.adapters.rule_pack_files import Library, load_packs
from nexpo.datacentres.rules.model import Project

PACK = """
id: test.{name}
title: Law {name}
pack:
  jurisdiction: Testland
  area: {{countries: [IT], nuts: [ITC4], lau: ["015"]}}
  source: a gazette
  adopted: "2025-12-01"
  stage: in force
  valid_from: 2026-01-01
  precedence: {precedence}
  ground: it is the higher law
  certainty: quoted
{more}rules:
{rules}
"""

RULE = """  - id: {id}
    valid_from: {since}
{until}    article: art. 1
    source: a gazette
    verified: false
    certainty: secondary
    value:
      title: A rule
{value}
"""


def rule(ident: str, value: str, since: str = "2026-01-01", until: str = "") -> str:
    lines = "\n".join(f"      {line}" for line in value.strip().splitlines())
    end = f"    valid_to: {until}\n" if until else ""
    return RULE.format(id=ident, since=since, until=end, value=lines)


def pack(
    folder: Path, *rules: str, name: str = "one", precedence: int = 50, more: str = ""
) -> Path:
    text = PACK.format(name=name, precedence=precedence, rules="".join(rules), more=more)
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def library(*paths: Path) -> Library:
    return load_packs([str(path) for path in paths])


def project(folder: Path, text: str) -> Project:
    path = folder / "project.yaml"
    path.write_text(text, encoding="utf-8")
    return read_projects(path)[0]
