"""A design as a folder: made whole or not at all, never over somebody else's work."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from nexpo.build import folders
from nexpo.build.design.area import Clock, design_area
from nexpo.build.design.model import AreaDesign, Materials, Request
from nexpo.build.design.outputs import write_design
from nexpo.build.design.reading import META
from nexpo.core.files import atomic_directory
from nexpo.core.progress import Progress, Silent


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """A design and the files of its folder, relative to it."""

    design: AreaDesign
    folder: Path
    files: tuple[str, ...]


def design_to(
    request: Request,
    out: Path,
    *,
    materials: Materials | None = None,
    clock: Clock = time.monotonic,
    progress: Progress | None = None,
) -> Written:
    """Design an area and write its folder; an older design there is replaced whole.

    Raises
    ------
    Problem
        As :func:`~nexpo.build.design.area.design_area`; and ``CANNOT_WRITE`` when the folder
        holds something that is no design.
    """
    tell = progress or Silent()
    refuse_foreign(out)
    design = design_area(request, materials=materials, clock=clock, progress=tell)
    with atomic_directory(out) as folder:
        tell.step("layers, map, bill and reports")
        files = tuple(path.relative_to(folder).as_posix() for path in write_design(design, folder))
    return Written(design, out, files)


def refuse_foreign(out: Path) -> None:
    """Refuse to replace a folder that holds no design.

    Examples
    --------
    >>> import tempfile
    >>> refuse_foreign(Path(tempfile.mkdtemp()))  # empty: free to take
    """
    folders.refuse_foreign(out, "is not a design of Nexpo", META)
