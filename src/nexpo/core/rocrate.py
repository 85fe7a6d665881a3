"""Export of a build as a Research Object Crate (RO-Crate 1.1).

The crate names every file of the build with its hash, every input with its licence
and vintage, and the action that made the one from the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from nexpo import __version__
from nexpo.core.evidence import Input
from nexpo.core.files import sha256_of, write_json

METADATA = "ro-crate-metadata.json"
_SPEC = "https://w3id.org/ro/crate/1.1"


@dataclass(frozen=True, slots=True)
class Description:
    """What a crate says of itself."""

    name: str
    text: str
    licence: str
    published: date


def write_crate(folder: Path, description: Description, inputs: Iterable[Input]) -> Path:
    """Describe all files below ``folder`` in ``ro-crate-metadata.json`` and return it.

    Parameters
    ----------
    folder
        The build; its files are listed with size, type and SHA-256.
    description
        Name, text, licence and date of the crate.
    inputs
        Files that the build was made from; named, not copied.
    """
    given = tuple(inputs)
    results = [_file(folder, path) for path in sorted(folder.rglob("*")) if _is_content(path)]
    graph = [
        _metadata(),
        _root(description, results),
        *results,
        *(_input(item) for item in given),
        _software(),
        _action(results, given),
    ]
    return write_json(folder / METADATA, {"@context": f"{_SPEC}/context", "@graph": graph})


_TYPES = {
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".parquet": "application/vnd.apache.parquet",
    ".png": "image/png",
}


def _is_content(path: Path) -> bool:
    return path.is_file() and path.name != METADATA


def _metadata() -> Mapping[str, Any]:
    return {
        "@id": METADATA,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": _SPEC},
    }


def _root(description: Description, results: list[dict[str, Any]]) -> Mapping[str, Any]:
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": description.name,
        "description": description.text,
        "license": description.licence,
        "datePublished": description.published.isoformat(),
        "hasPart": [{"@id": item["@id"]} for item in results],
        "mentions": {"@id": "#build"},
    }


def _file(folder: Path, path: Path) -> dict[str, Any]:
    return {
        "@id": path.relative_to(folder).as_posix(),
        "@type": "File",
        "name": path.name,
        "contentSize": str(path.stat().st_size),
        "encodingFormat": _TYPES.get(path.suffix, "application/octet-stream"),
        "sha256": sha256_of(path),
    }


def _input(item: Input) -> Mapping[str, Any]:
    return {
        "@id": _input_id(item),
        "@type": "CreativeWork",
        "name": item.name,
        "license": item.licence,
        "temporalCoverage": item.vintage,
        "sha256": item.sha256,
        "description": "synthetic stand-in" if item.synthetic else f"source {item.source}",
    }


def _input_id(item: Input) -> str:
    return f"#input-{item.source}-{item.sha256[:12]}"


def _software() -> Mapping[str, Any]:
    return {
        "@id": "#nexpo",
        "@type": "SoftwareApplication",
        "name": "Nexpo",
        "softwareVersion": __version__,
    }


def _action(results: list[dict[str, Any]], inputs: tuple[Input, ...]) -> Mapping[str, Any]:
    return {
        "@id": "#build",
        "@type": "CreateAction",
        "name": "nexpo build",
        "instrument": {"@id": "#nexpo"},
        "object": [{"@id": _input_id(item)} for item in inputs],
        "result": [{"@id": item["@id"]} for item in results],
    }
