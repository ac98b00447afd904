"""What queries of DuckDB are made of, within a limit of memory, and one written to Parquet without holding its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet

_ROWS_IN_A_GROUP = 65_536
_MEMORY = "512MB"


def connected(scratch: Path) -> duckdb.DuckDBPyConnection:
    """An empty database that puts into the folder `scratch` what does not fit into memory."""
    return duckdb.connect(config={"temp_directory": str(scratch), "memory_limit": _MEMORY})


@contextmanager
def spilling_to(scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same, closed afterwards."""
    with connected(scratch) as database:
        yield database


@contextmanager
def seeing(database: duckdb.DuckDBPyConnection, **tables: pa.Table) -> Iterator[None]:
    """Lets queries name these tables."""
    for name, table in tables.items():
        database.register(name, table)
    try:
        yield
    finally:
        for name in tables:
            database.unregister(name)


def quoted(name: str) -> str:
    """The name of a column or table."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as it stands in a query."""
    return "'" + text.replace("'", "''") + "'"


def listed(names: Sequence[str], prefix: str = "") -> str:
    """Columns with commas between them: `a."x", a."y"`."""
    return ", ".join(f"{prefix}{quoted(name)}" for name in names)


def same_key(key: Sequence[str]) -> str:
    """That the rows `a` and `b` have one key."""
    return " AND ".join(f"a.{quoted(name)} = b.{quoted(name)}" for name in key)


def any_differs(columns: Sequence[str]) -> str:
    """That the rows `a` and `b` have another value in one of the columns."""
    return " OR ".join(f"a.{quoted(name)} IS DISTINCT FROM b.{quoted(name)}" for name in columns) or "false"


def write_query(
    database: duckdb.DuckDBPyConnection, query: str, schema: pa.Schema, path: Path, facts: Mapping[str, str]
) -> None:
    """Writes the rows of a query; `facts` go into the metadata. The query must say in which order."""
    described = schema.with_metadata(dict(facts))
    with pyarrow.parquet.ParquetWriter(path, described, compression="zstd", compression_level=9) as writer:
        is_empty = True
        for batch in database.sql(query).to_arrow_reader(_ROWS_IN_A_GROUP):
            writer.write_table(pa.Table.from_batches([batch]).cast(described))
            is_empty = False
        if is_empty:  # some readers take the size of a batch from the first group of rows
            writer.write_table(described.empty_table())
