"""Small input-output tables for the tests: the textbook's, and others by seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nexpo.impact.model import (
    Floats,
    Origin,
    PriceBasis,
    Primary,
    Satellite,
    Scope,
    Table,
    Use,
)


def make_table(
    flows: Sequence[Sequence[float]] | Floats,
    output: Sequence[float] | Floats,
    *,
    uses: Sequence[Use] = (Use.HOUSEHOLDS,),
    final: Sequence[Sequence[float]] | Floats | None = None,
    primary: dict[Primary, Sequence[float]] | None = None,
    primary_final: Sequence[Sequence[float]] | None = None,
    imports: Floats | None = None,
    final_imports: Sequence[Sequence[float]] | None = None,
    sectors: Sequence[str] = (),
    regions: Sequence[str] = (),
    use_names: Sequence[str] = (),
    satellites: Sequence[Satellite] = (),
    scope: Scope = Scope.DOMESTIC,
) -> Table:
    """Return a table; what is not given balances it."""
    z = np.asarray(flows, dtype=np.float64)
    x = np.asarray(output, dtype=np.float64)
    asked = (x - z.sum(axis=1))[:, None] if final is None else np.asarray(final, dtype=np.float64)
    rows = primary or {Primary.VALUE_ADDED: x - z.sum(axis=0)}
    names = tuple(sectors) or tuple(f"S{number}" for number in range(1, len(x) + 1))
    return Table(
        origin=Origin(
            "a small table",
            "XX",
            2020,
            "EUR",
            1,
            PriceBasis.BASIC,
            "none",
            "tests",
            "none",
            synthetic=True,
        ),
        scope=scope,
        sectors=names,
        labels=names,
        regions=tuple(regions) or ("XX",) * len(x),
        flows=z,
        output=x,
        uses=tuple(use_names) or tuple(each.value for each in uses),
        use_kinds=tuple(uses),
        final=asked,
        primary_rows=tuple(each.value for each in rows),
        primary_kinds=tuple(rows),
        primary=np.asarray(list(rows.values()), dtype=np.float64),
        imports=imports,
        final_imports=None if final_imports is None else np.asarray(final_imports, np.float64),
        primary_final=None if primary_final is None else np.asarray(primary_final, np.float64),
        satellites=tuple(satellites),
    )


def textbook() -> Table:
    """Miller and Blair (2009), tables 2.3 and 2.5: agriculture, manufacturing; households."""
    return make_table(
        [[150, 500], [200, 100]],
        [1000, 2000],
        uses=(Use.HOUSEHOLDS, Use.OTHER),
        final=[[50, 300], [400, 1300]],
        primary={Primary.COMPENSATION: [300, 500], Primary.SURPLUS: [350, 900]},
        sectors=("A", "M"),
    )


def random_system(seed: int, size: int, share: float = 0.7) -> tuple[Floats, Floats]:
    """Return flows and outputs whose coefficients sum to at most ``share`` in each column."""
    rng = np.random.default_rng(seed)
    a = rng.random((size, size)) * (rng.random((size, size)) < 0.6)
    a *= rng.uniform(0.1, share, size) / np.maximum(a.sum(axis=0), 1e-9)
    output = rng.uniform(10.0, 1000.0, size)
    return a * output, output
