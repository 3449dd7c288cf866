"""Lists as Parquet, written and read by pyarrow itself."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from comity.adapters.parquet import write_parquet
from comity.adapters.passengers import rows_in
from comity.screening.batch import Columns, Row


def test_dates_numbers_and_lists_are_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table(
        {
            "id": [1, 2],
            "name": ["Anna Example", "Bert Sample"],
            "birthDate": [date(1988, 4, 17), None],
            "alias": [["Ana", "Anne"], None],
        }
    )
    pq.write_table(table, path)
    assert list(rows_in(str(path), Columns(named={}))) == [
        Row(
            1,
            {
                "id": "1",
                "name": "Anna Example",
                "birthDate": "1988-04-17",
                "alias": ["Ana", "Anne"],
            },
        ),
        Row(2, {"id": "2", "name": "Bert Sample"}),
    ]


def test_what_is_written_another_program_reads(tmp_path: Path) -> None:
    path = tmp_path / "out.parquet"
    rows = [{"line": str(n), "id": "x"} for n in range(2_500)]
    write_parquet(path, rows, header=("line", "id", "name"))
    found = pq.read_table(path)
    assert found.column_names == ["line", "id", "name"]
    assert found["line"].to_pylist() == [str(n) for n in range(2_500)]
    assert found["name"].null_count == 2_500
