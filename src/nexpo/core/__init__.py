"""What every domain stands on: evidence, dated parameters, tables, money, problems.

Nothing here knows a region, a technology or a law. The modules are named by what
they hold; import them by name (``from nexpo.core import evidence``).
"""

__all__ = [
    "evidence",
    "files",
    "money",
    "parameters",
    "period",
    "problem",
    "progress",
    "quantity",
    "rocrate",
    "settings",
    "tables",
]
