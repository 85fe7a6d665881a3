"""Eligibility by itself: any area, any layers, any buffers, without a region file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from nexpo.build.datacentres.plan import rule as rule_of
from nexpo.core import parameters
from nexpo.core.files import check_outputs
from nexpo.core.problem import Kind, Problem, Where
from nexpo.core.progress import Progress, Silent
from nexpo.datacentres.adapters.layer_files import read_features
from nexpo.datacentres.adapters.raster_files import RASTERS, read_raster, write_cog
from nexpo.datacentres.siting.cell_distance import From
from nexpo.datacentres.siting.eligibility import Effect, Eligibility, Rule, Unknown, eligibility
from nexpo.datacentres.siting.grid import METRIC, Cells, Frame, covered
from nexpo.datacentres.siting.layers import Layer, Shape

CLASSES = ("outside the area", "eligible", "excluded", "eligible, a rule not checked")
_FIELDS = {"region", "crs", "resolution_m", "area_cells", "unknown", "rules"}


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked for.

    Attributes
    ----------
    region
        File of polygons: the study area.
    rules
        Rules; the layer of each is the path of its file.
    area_cells
        Which cells belong to the area.
    """

    region: Path
    rules: tuple[Rule, ...]
    resampling: Mapping[str, str]
    cell_m: float = 100.0
    crs: str = METRIC
    area_cells: Cells = Cells.CENTRE
    unknown: Unknown = Unknown.ELIGIBLE


@dataclass(frozen=True, slots=True)
class Answer:
    """The eligibility, and the features that were refused on the way."""

    ask: Ask
    eligibility: Eligibility
    refused: tuple[Problem, ...]


def read_ask(path: Path) -> Ask:
    """Read what is asked for from a YAML file; names of files are relative to it.

    Raises
    ------
    Problem
        Naming the entry that cannot be used.
    """
    try:
        document = parameters.read_yaml(path)
    except Problem as problem:
        raise _wrong(path, problem.detail) from None
    unknown = set(document) - _FIELDS
    if unknown or "region" not in document:
        raise _wrong(path, f"unknown key {min(unknown)}" if unknown else "region is missing")
    rules, resampling = [], {}
    for number, entry in enumerate(document.get("rules", ()), 1):
        if not isinstance(entry, Mapping) or "file" not in entry:
            raise _wrong(path, f"rule {number} names no file")
        plain: dict[str, Any] = dict(entry)
        layer = str(path.parent / plain.pop("file"))
        resampling[layer] = str(plain.pop("resampling", "nearest"))
        _refuse_unknown_keys(path, number, plain)
        try:
            rules.append(rule_of({"layer": layer} | plain))
        except (TypeError, ValueError) as error:
            raise _wrong(path, f"rule {number}: {error}") from None
    try:
        return Ask(
            path.parent / str(document["region"]),
            tuple(rules),
            resampling,
            float(document.get("resolution_m", 100)),
            str(document.get("crs", METRIC)),
            Cells(document.get("area_cells", "centre")),
            Unknown(document.get("unknown", "eligible")),
        )
    except (TypeError, ValueError) as error:
        raise _wrong(path, str(error)) from None


def _refuse_unknown_keys(path: Path, number: int, entry: Mapping[str, Any]) -> None:
    known = [each.name for each in fields(Rule) if each.name != "layer"]
    for key in entry:
        if key not in known:
            near = get_close_matches(str(key), known, n=1, cutoff=0.6)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise _wrong(path, f"rule {number}: unknown key {key}{hint}")


def parse_rule(text: str, effect: Effect, cells: Cells, measured: From = From.EDGE) -> Rule:
    """Return the rule of ``FILE[:BUFFER_M]``, or of a raster ``FILE[=VALUE,...][:BUFFER_M]``.

    Examples
    --------
    >>> parse_rule("parks.gpkg:500", Effect.EXCLUDE, Cells.CENTRE).buffer_m
    500.0
    >>> parse_rule("clc.tif=1,2:100", Effect.EXCLUDE, Cells.CENTRE).values
    (1.0, 2.0)
    """
    name, colon, end = text.rpartition(":")
    buffered = bool(colon) and _is_number(end)
    if colon and not buffered and end[:1].isdigit():
        raise Problem(
            Kind.USAGE,
            "the buffer of a rule is a number of metres, without a unit",
            value=text,
            remedy=f"write {name}:{_leading_digits(end)} if metres are meant",
        )
    file = name if buffered else text
    file, equals, values = file.partition("=")
    try:
        marked = tuple(float(each) for each in values.split(",")) if equals else ()
        buffer_m = float(end) if buffered else 0.0
        return Rule(file, effect, buffer_m, cells, measured, values=marked)
    except ValueError:
        raise Problem(
            Kind.USAGE,
            "a rule is FILE:BUFFER_M, or FILE=VALUE,...:BUFFER_M for a raster",
            value=text,
            remedy="write parks.gpkg:500, or land.tif=1,2:100",
        ) from None


def judge(ask: Ask, progress: Progress | None = None) -> Answer:
    """Answer which part of an area is eligible.

    Raises
    ------
    Problem
        When a file cannot be used as a whole.
    """
    told = progress or Silent()
    told.step(f"area: {ask.region.name}")
    region = read_features(ask.region, "region", ask.crs, shape=Shape.POLYGONS)
    outline = np.asarray(region.layer.geometries, dtype=object)
    frame = Frame.around(tuple(shapely.total_bounds(outline)), ask.cell_m, crs=ask.crs)
    area = covered(list(outline), frame, cells=ask.area_cells)
    if not area.any():
        raise Problem(
            Kind.BAD_INPUT,
            "no cell has its centre in the area: cells are too large for it",
            where=Where(str(ask.region)),
            value=f"{ask.cell_m:g} m",
            remedy="take a smaller --resolution (resolution_m in a file)",
        )
    refused = list(region.refused)
    layers: dict[str, Layer] = {}
    for rule in ask.rules:
        told.step(f"layer: {Path(rule.layer).name}")
        layers[rule.layer] = _layer(rule, ask, frame, layers, refused)
    told.step("rules")
    answer = eligibility(area, frame, ask.rules, layers, unknown=ask.unknown)
    return Answer(ask, answer, tuple(refused))


def write(answer: Answer, target: Path) -> Path:
    """Write the classes :data:`CLASSES` as a cloud-optimised GeoTIFF."""
    inputs = {rule.layer: Path(rule.layer) for rule in answer.ask.rules}
    check_outputs({"--out": target}, {"--region": answer.ask.region, **inputs})
    found = answer.eligibility
    classes = np.zeros(found.frame.shape, dtype=np.uint8)
    classes[found.area] = 2
    classes[found.eligible] = 1
    classes[found.eligible & (found.unchecked > 0)] = 3
    return write_cog(
        target,
        found.frame,
        classes,
        nodata=0,
        description="eligibility",
        tags={"SOURCE": "Nexpo", "ELIGIBLE_SHARE": f"{found.share:.9f}"},
        categories=CLASSES,
    )


def plain(answer: Answer) -> dict[str, object]:
    """Return the answer as plain values."""
    found = answer.eligibility
    return {
        "eligible_share": found.share,
        "eligible_km2": found.eligible_km2,
        "unchecked_share": found.unchecked_share,
        "cells": int(found.area.sum()),
        "eligible_cells": int(found.eligible.sum()),
        "crs": found.frame.crs,
        "resolution_m": found.frame.cell_m,
        "bounds_m": list(found.frame.bounds),
        "rules": [
            {
                "file": each.rule.layer,
                "effect": each.rule.effect.value,
                "buffer_m": each.rule.buffer_m,
                "cells": each.rule.cells.value,
                "marked_cells": each.marked,
                "changed_cells": each.changed,
                "unknown_cells": each.unknown,
                "note": each.note or None,
            }
            for each in found.applied
        ],
        "refused": [problem.as_dict() for problem in answer.refused],
    }


def _layer(
    rule: Rule, ask: Ask, frame: Frame, layers: Mapping[str, Layer], refused: list[Problem]
) -> Layer:
    path = Path(rule.layer)
    wide = max(each.buffer_m for each in ask.rules if each.layer == rule.layer)
    if path.suffix.casefold() in RASTERS:
        how = ask.resampling.get(rule.layer, "nearest")
        return read_raster(path, rule.layer, frame.padded(wide), resampling=how)
    if rule.layer in layers:
        return layers[rule.layer]
    read = read_features(path, rule.layer, ask.crs, near=frame.padded(wide).bounds)
    refused.extend(read.refused)
    return read.layer


def _leading_digits(text: str) -> str:
    return text[: next((at for at, sign in enumerate(text) if sign not in "0123456789."), None)]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _wrong(path: Path, detail: str) -> Problem:
    return Problem(
        Kind.BAD_INPUT,
        f"the file of layers cannot be used: {detail}",
        where=Where(str(path)),
        remedy="give region: FILE and rules: with file, buffer_m, effect, cells, values",
    )
