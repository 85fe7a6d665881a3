"""Values of numpy as plain ones, for JSON."""

from __future__ import annotations

from typing import Any

import numpy as np


def plain_value(value: Any) -> Any:  # noqa: ANN401 - what is printed as JSON
    """Return a value in plain types, None for NaN."""
    if isinstance(value, dict):
        return {key: plain_value(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
