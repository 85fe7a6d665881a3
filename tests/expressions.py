"""What an expression in the evidence may hold besides the names of its operands."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from nexpo.core.evidence import Figure

OF_THE_METHOD = {0, 1, 2, 100, 1000}


def holding_numbers(figures: Iterable[Figure]) -> list[str]:
    """Return the ids of figures whose expression holds a number computed elsewhere.

    Statements are left out: their readings are arithmetic written in the region file.
    """
    return [
        figure.id
        for figure in figures
        if not figure.id.startswith("claims.")
        for node in ast.walk(ast.parse(figure.expression))
        if isinstance(node, ast.Constant) and node.value not in OF_THE_METHOD
    ]
