"""The two files of a table: Parquet, and CSV with the same rows.

Equal rows give equal bytes with one version of the writers: pyarrow for Parquet, DuckDB for CSV.

CSV is UTF-8 without byte order mark, with CRLF, and quotes only where a cell needs them. A null is an empty cell and an
empty string is `""`. A double is the shortest text that reads back to the same double and always shows that it is one:
`5.0`, never `5`, so that no tool takes a column of doubles for one of integers.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from pipelines.release.shapes import ColumnShape, TableShape
from pipelines.tables.mapped import Pile

_ROWS_IN_A_GROUP = 65_536
_LARGE = 2**22  # bytes of Parquet: some ten times as many in memory
_LONGEST_BLOCK = 2**31 - 1  # what pyarrow can read at once, and so the longest row of CSV


def write_parquet(table: pa.Table, shape: TableShape, path: Path, facts: Mapping[str, str]) -> None:
    """Writes a table with its descriptions, and `facts` about it, in the metadata."""
    schema = pa.schema([_field(column) for column in shape.columns], metadata=dict(facts))
    described = pa.Table.from_arrays(table.columns, schema=schema)
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd", compression_level=9) as writer:
        for start in range(0, max(table.num_rows, 1), _ROWS_IN_A_GROUP):
            writer.write_table(described.slice(start, _ROWS_IN_A_GROUP).combine_chunks())


def _field(column: ColumnShape) -> pa.Field:
    told = {"description": column.description} | ({"unit": column.unit} if column.unit else {})
    return pa.field(column.name, pa.type_for_alias(column.type), nullable=column.nullable, metadata=told)


def read_parquet(path: Path, shape: TableShape) -> pa.Table:
    """The rows of a table as they were written; ValueError where columns or types are others."""
    schema = shape.arrow_schema
    with pyarrow.parquet.ParquetFile(path) as file:
        if file.schema_arrow.names != schema.names:
            message = f"{path}: columns are {', '.join(file.schema_arrow.names)}"
            raise ValueError(message)
        pile = Pile(schema, Path(tempfile.gettempdir()) if path.stat().st_size > _LARGE else None)
        for batch in file.iter_batches(_ROWS_IN_A_GROUP):
            pile.add(batch.cast(schema))
        return pile.table()


def write_csvs(tables: Mapping[str, pa.Table], folder: Path) -> None:
    """Writes `<name>.csv` for each table, with a header."""
    with duckdb.connect() as database:
        for name, table in tables.items():
            database.register("written", table)
            target = str(folder / f"{name}.csv").replace("'", "''")
            database.execute(f"COPY (FROM written) TO '{target}' (FORMAT csv, HEADER true, NEW_LINE '\\r\\n')")


def read_csv(path: Path, shape: TableShape) -> pa.Table:
    """The rows of a table as they were written; ValueError where a cell does not fit its column."""
    table = pyarrow.csv.read_csv(
        path,
        pyarrow.csv.ReadOptions(block_size=min(max(path.stat().st_size, 1), _LONGEST_BLOCK)),
        pyarrow.csv.ParseOptions(newlines_in_values=True),
        pyarrow.csv.ConvertOptions(
            column_types=pa.schema([field.with_nullable(nullable=True) for field in shape.arrow_schema]),
            null_values=[""],
            true_values=["true"],
            false_values=["false"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    if table.schema.names != shape.arrow_schema.names:
        message = f"{path}: columns are {', '.join(table.schema.names)}"
        raise ValueError(message)
    return table.cast(shape.arrow_schema)
