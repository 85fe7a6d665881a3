"""The example of the Python API in the how-to runs, and its figures are those of the textbook."""

from __future__ import annotations

import contextlib
import io
import re
import textwrap
from pathlib import Path
from typing import Any

import numpy as np

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "developer.md"


def test_the_example_of_the_page_runs() -> None:
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(r"typed table:\n\n((?: {4}.*\n|\n)+)", text)
    assert found is not None
    code = textwrap.dedent(found[1])
    assert len(code.splitlines()) <= 20
    held: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(code, held)
    table = held["table"]
    inverse = np.linalg.inv(np.eye(table.size) - table.flows / table.output)
    np.testing.assert_allclose(held["output"], inverse.sum(axis=0))
    np.testing.assert_allclose(held["gdp"], (table.value_added() / table.output) @ inverse)
    np.testing.assert_allclose(held["prices"], 0.01 * inverse.sum(axis=0))
    assert 0 < held["lost"] < table.output.sum()
    assert (held["region"].multipliers <= held["output"] + 1e-9).all()
