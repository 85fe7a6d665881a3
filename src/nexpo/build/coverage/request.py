"""What a classification or a consultation round is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from nexpo.core.files import check_outputs


@dataclass(frozen=True, slots=True)
class Request:
    """One classification, as asked for."""

    declarations: Path
    rule: str
    day: date
    engine: str
    area: str | None
    out: Path | None
    evidence: Path | None
    funded: Path | None
    rejects: Path | None
    encoding: str
    decimal: str

    @property
    def kept(self) -> Path:
        """Where refused rows go: as asked, or named after the declarations, in this folder."""
        return self.rejects or Path(f"{self.declarations.stem}.rejects.csv")

    def check_paths(self) -> None:
        """Refuse outputs that would destroy an input or each other."""
        check_outputs(
            {"--out": self.out, "--evidence": self.evidence, "--rejects": self.kept},
            {
                "DECLARATIONS": self.declarations,
                "--funded": self.funded,
                "--rule": _rule_file(self.rule),
            },
        )


@dataclass(frozen=True, slots=True)
class RoundRequest:
    """One consultation round, as asked for."""

    declarations: Path
    corrections: tuple[Path, ...]
    plans: tuple[Path, ...]
    rule: str
    day: date
    engine: str
    out: Path | None
    amended: Path | None

    def check_paths(self) -> None:
        """Refuse outputs that would destroy an input or each other."""
        received = {
            f"{option} ({number})": path
            for option, paths in (("--corrections", self.corrections), ("--plans", self.plans))
            for number, path in enumerate(paths, 1)
        }
        given = {"DECLARATIONS": self.declarations, "--rule": _rule_file(self.rule)}
        check_outputs({"--out": self.out, "--amended": self.amended}, given | received)


def _rule_file(name: str) -> Path | None:
    return Path(name) if Path(name).suffix in (".yaml", ".yml") else None
