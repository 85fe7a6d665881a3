"""The rules that come with Nexpo, with their versions."""

from __future__ import annotations

from typing import Any

from nexpo.connectivity.coverage import rule_names
from nexpo.core import parameters
from nexpo.core.settings import parameters_directory


def rules() -> list[dict[str, Any]]:
    """Return the rules that come with Nexpo, each with its versions."""
    folder = parameters_directory() / "coverage"
    loaded = [parameters.load(folder / f"{name}.yaml") for name in rule_names()]
    return [
        {
            "id": rule.id,
            "title": rule.title,
            "versions": [
                {
                    "valid_from": version.period.start,
                    "valid_to": version.period.end,
                    "article": version.article,
                    "source": version.source,
                    "verified": version.verified,
                }
                for version in rule.versions
            ],
        }
        for rule in loaded
    ]
