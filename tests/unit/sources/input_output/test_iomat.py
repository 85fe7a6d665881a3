"""Tables of regions by survey: which of their two totals is output."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nexpo.build.impact.tables import open_table
from nexpo.core.problem import Problem
from nexpo.core.settings import data_directory
from nexpo.impact.balance import balance
from nexpo.sources.input_output import iomat

# rows are products, columns industries: the second industry makes 10 of the first product
BOTH = """IOMAT,1 Agricult,2 Research,57 HOU,60 EXPROW,Total,
1 Agricult,5,4,20,21,50,
2 Research,3,2,10,25,40,
59 Clerks,12,24,0,0,36,
67 Capital,10,10,0,0,20,
71 ROCimp,10,10,0,0,20,
Total,40,50,30,46,166,
"""


def written(folder: Path, text: str = BOTH) -> Path:
    path = folder / "N1.csv"
    path.write_text(text)
    return path


def test_output_is_what_columns_add_up_to(tmp_path: Path) -> None:
    blocks = iomat.read(written(tmp_path))
    assert blocks.output.tolist() == [40.0, 50.0]
    assert (blocks.flows.sum(axis=0) + blocks.primary.sum(axis=0)).tolist() == [40.0, 50.0]
    assert "22.2% of output apart" in blocks.notes[-1]  # 10 and 10 of 90


def test_without_the_row_at_the_bottom_the_column_stands_in(tmp_path: Path) -> None:
    blocks = iomat.read(written(tmp_path, BOTH.replace("Total,40,50,30,46,166,\n", "")))
    assert blocks.output.tolist() == [50.0, 40.0]
    assert "no Total row" in blocks.notes[-1]


def test_what_the_rows_miss_is_told(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="sales of 1 Agricult differ from its output 40 by") as caught:
        open_table(written(tmp_path))
    assert "row_balance" in str(caught.value.remedy)


@pytest.mark.skipif(data_directory() is None, reason="no real data: set NEXPO_DATA")
@pytest.mark.parametrize("region", ["AT12", "AT31", "AT34"])
def test_the_bottom_row_is_the_published_output(region: str) -> None:
    folder = (data_directory() or Path()) / "io" / "validation_austria_2010"
    if not folder.is_dir():
        pytest.skip("io/validation_austria_2010 is not below NEXPO_DATA")
    table = open_table(folder / f"{region}.csv", accept=None)
    lines = (folder / "output_by_region.csv").read_text().splitlines()
    at = lines[0].split(",").index(region)
    published = np.array([float(line.split(",")[at]) for line in lines[1:] if line])
    assert table.output.tolist() == published.tolist()
    found = balance(table)
    assert np.abs(found.columns).max() < 6.0  # three printed digits
    assert np.abs(found.rows).max() > 700.0  # products are not industries
