"""The layers that a region file declares for data centres: names, readers, files, stand-ins."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nexpo.core.problem import Kind, Problem, Where
from nexpo.core.settings import regions_directory
from nexpo.datacentres.siting.grid import METRIC
from nexpo.datacentres.siting.layers import Shape


@dataclass(frozen=True, slots=True)
class Declared:
    """A layer as the region file declares it.

    Attributes
    ----------
    classes
        Of a raster: the class that a value stands for, as ``{"1" = "farmland"}``.
    """

    key: str
    title: str
    reader: str
    shape: Shape | None = None
    source: str = ""
    file: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    numbers: tuple[str, ...] = ()
    classes: Mapping[float, str] = field(default_factory=dict)
    resampling: str = "nearest"
    synthetic: bool = False
    stand_in: Mapping[str, Any] = field(default_factory=dict)


def declared(key: str) -> tuple[str, tuple[Declared, ...]]:
    """Return the projection and the layers that a region file declares.

    Raises
    ------
    Problem
        When the section is missing or a layer lacks a key.

    Examples
    --------
    >>> declared("lombardia")[0]
    'EPSG:3035'
    """
    path = regions_directory() / f"{key}.toml"
    section = tomllib.loads(path.read_text(encoding="utf-8")).get("datacentres")
    if section is None:
        raise Problem(
            Kind.CONFIG,
            "the region file declares no layers for data centres",
            where=Where(path.name, column="datacentres"),
            remedy="add [datacentres] with [[datacentres.layers]], as in lombardia.toml",
        )
    layers = tuple(_declared(entry, path) for entry in section.get("layers", ()))
    return section.get("crs", METRIC), layers


def declares(key: str) -> bool:
    """Say whether a region file declares layers for data centres."""
    path = regions_directory() / f"{key}.toml"
    return "datacentres" in tomllib.loads(path.read_text(encoding="utf-8"))


def _declared(entry: Mapping[str, Any], path: Path) -> Declared:
    for name in ("key", "title", "reader"):
        if name not in entry:
            raise Problem(
                Kind.CONFIG,
                f"a layer lacks its {name}",
                where=Where(path.name, column="datacentres.layers"),
                value=entry.get("key"),
                remedy=f"add {name} to the layer",
            )
    plain = dict(entry)
    shape = plain.pop("shape", None)
    try:
        plain["numbers"] = tuple(plain.get("numbers", ()))
        plain["classes"] = {float(at): str(name) for at, name in plain.get("classes", {}).items()}
        return Declared(shape=None if shape is None else Shape(shape), **plain)
    except (TypeError, ValueError) as error:
        raise Problem(
            Kind.CONFIG,
            f"the layer {entry['key']} cannot be used: {error}",
            where=Where(path.name, column="datacentres.layers"),
            remedy="compare it with the layers of lombardia.toml",
        ) from None
