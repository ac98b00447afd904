"""Which rows and cells differ between two editions, found by DuckDB and not by a loop.

    rows    table, key, op                              add, modify, retire, remove, restore
    cells   table, key, column, old, new, change_code   values as in CSV, null where there is none

A key is a list in JSON: `["baclofen",2,1]`. Rows are told apart where both editions have the table and its key; cells
where both have the column with one type. A whole new table or column is told by its code alone. Findings are numbered
anew in every release, so that rows with one number are not one finding: they are counted by code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.release.compare import FINDINGS_TABLE, comparable_columns, retired_in
from pipelines.release.compare.matching import trim
from pipelines.release.compare.version import Change
from pipelines.release.released import Edition
from pipelines.tables.sql import any_differs, listed, literal, quoted, same_key, seeing, spilling_to, write_query

OPS = ("add", "modify", "retire", "remove", "restore")
_ROWS = pa.schema([pa.field(name, pa.string(), nullable=False) for name in ("table", "key", "op")])
_CELLS = pa.schema(
    [pa.field(name, pa.string(), nullable=name in ("old", "new"))
     for name in ("table", "key", "column", "old", "new", "change_code")]
)  # fmt: skip
_OPS_OF_CODE = {
    "ROWS_ADDED": ("add", "restore"),
    "ROWS_RETIRED": ("retire",),
    "ROWS_REMOVED": ("remove",),
    "CODE_REMOVED": ("remove",),
    "MONOGRAPH_LOST": ("remove",),
}
_OF_CELLS = ("VALUES_CHANGED", "RULE_CHANGED_COLUMN", "FIRST_NULL")


@dataclass(frozen=True, slots=True)
class Difference:
    """The tables `rows` and `cells` in a database, and the names of the tables whose rows could be told apart."""

    database: duckdb.DuckDBPyConnection
    compared: frozenset[str]

    def counts(self, table: str) -> dict[str, int | None]:
        """Rows of a table by what happened to them; None where they could not be told apart."""
        if table not in self.compared:
            return dict.fromkeys(OPS)
        query = 'SELECT op, count(*) FROM rows WHERE "table" = ? GROUP BY op'
        found = dict(self.database.execute(query, [table]).fetchall())
        return {op: found.get(op, 0) for op in OPS}

    def examples(self, change: Change, most: int) -> list[dict[str, Any]]:
        """The first rows, or the commonest pairs of old and new, that a change is about; a pair with its first key."""
        if change.code in _OPS_OF_CODE:
            query = 'SELECT key, op FROM rows WHERE "table" = ? AND list_contains(?, op) ORDER BY rowid LIMIT ?'
            return self._found(query, [change.table, list(_OPS_OF_CODE[change.code]), most])
        if change.code not in _OF_CELLS:
            return []
        only = "AND new IS NULL" if change.code == "FIRST_NULL" else ""
        query = f"""
            SELECT arg_min(key, rowid) AS key, old, new, count(*) AS count
            FROM cells WHERE "table" = ? AND "column" = ? {only}
            GROUP BY old, new ORDER BY count DESC, min(rowid) LIMIT ?"""  # noqa: S608  (a constant)
        return self._found(query, [change.table, change.column, most])

    def write(self, folder: Path) -> None:
        """Writes `rows.parquet` and `cells.parquet`, tables in order and rows by key."""
        write_query(self.database, "SELECT * FROM rows", _ROWS, folder / "rows.parquet", {})
        write_query(self.database, "SELECT * FROM cells", _CELLS, folder / "cells.parquet", {})

    def _found(self, query: str, values: list[object]) -> list[dict[str, Any]]:
        cursor = self.database.execute(query, values)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@contextmanager
def row_difference(old: Edition, new: Edition, changes: Sequence[Change], scratch: Path) -> Iterator[Difference]:
    """What is different in `new`; `changes` are those that `compare` found. `scratch` is a folder for a large one."""
    with spilling_to(scratch) as database:
        for name, schema in (("rows", _ROWS), ("cells", _CELLS)):
            database.execute(f"CREATE TABLE {name} ({', '.join(f'{quoted(field)} VARCHAR' for field in schema.names)})")
        compared = _comparable_tables(old, new)
        for name, columns in compared.items():
            own = [change for change in changes if change.table == name]
            _compare_table(database, name, columns, old, new, own)
        yield Difference(database, frozenset(compared))


def _comparable_tables(old: Edition, new: Edition) -> dict[str, list[str]]:
    """The columns that can be compared of each table that has changed."""
    changed = [name for name in new.shapes if name in old.shapes and old.digests[name] != new.digests[name]]
    found = {name: comparable_columns(old.shapes[name], new.shapes[name]) for name in changed if name != FINDINGS_TABLE}
    return {name: columns for name, columns in found.items() if columns is not None}


def _compare_table(  # noqa: PLR0913, PLR0917  (which table, of which two, and what is known of it)
    database: duckdb.DuckDBPyConnection,
    name: str,
    columns: Sequence[str],
    old: Edition,
    new: Edition,
    changes: Sequence[Change],
) -> None:
    key = new.shapes[name].key
    parts = trim(old.table(name), new.table(name), [*key, *columns])
    tables = {"old": parts.old, "new": parts.new}
    retired = {"retired_before": retired_in(old), "retired_now": retired_in(new)}
    with seeing(database, **tables, **retired):
        database.execute(_rows_query(name, key, columns))
        if columns:
            database.execute(_cells_query(name, key, columns, changes))


def _rows_query(name: str, key: Sequence[str], columns: Sequence[str]) -> str:
    """The queries only name tables, columns and codes, all quoted."""
    keys = ", ".join(f"coalesce(a.{quoted(part)}, b.{quoted(part)}) AS {quoted(part)}" for part in key)
    owner = "monograph_id" if "monograph_id" in key else "NULL"
    return f"""
        INSERT INTO rows SELECT {literal(name)}, {_key_text(key)}, CASE
            WHEN before AND after THEN 'modify'
            WHEN after AND {owner} IN (SELECT monograph_id FROM retired_before) THEN 'restore'
            WHEN after THEN 'add'
            WHEN {owner} IN (SELECT monograph_id FROM retired_now) THEN 'retire'
            ELSE 'remove' END
        FROM (
            SELECT {keys}, a.is_row IS NOT NULL AS before, b.is_row IS NOT NULL AS after
            FROM (SELECT *, true AS is_row FROM old) a FULL JOIN (SELECT *, true AS is_row FROM new) b
            ON {same_key(key)} WHERE a.is_row IS NULL OR b.is_row IS NULL OR {any_differs(columns)}
        ) ORDER BY {listed(key)}"""  # noqa: S608


def _cells_query(name: str, key: Sequence[str], columns: Sequence[str], changes: Sequence[Change]) -> str:
    cells = ", ".join(_cell(place, column, changes) for place, column in enumerate(columns))
    return f"""
        INSERT INTO cells
        SELECT {literal(name)}, {_key_text(key)}, cell.name, cell.old, cell.new, cell.code
        FROM (
            SELECT {listed(key, "a.")}, unnest([{cells}]) AS cell
            FROM old a JOIN new b ON {same_key(key)} WHERE {any_differs(columns)}
        ) WHERE cell.differs ORDER BY {listed(key)}, cell.place"""  # noqa: S608


def _cell(place: int, column: str, changes: Sequence[Change]) -> str:
    codes = {change.code for change in changes if change.column == column}
    code = "RULE_CHANGED_COLUMN" if "RULE_CHANGED_COLUMN" in codes else "VALUES_CHANGED"
    if_null = "FIRST_NULL" if "FIRST_NULL" in codes else code
    a, b = f"a.{quoted(column)}", f"b.{quoted(column)}"
    return (
        f"{{'place': {place}, 'name': {literal(column)}, 'old': {a}::VARCHAR, 'new': {b}::VARCHAR, "
        f"'code': CASE WHEN {b} IS NULL THEN '{if_null}' ELSE '{code}' END, 'differs': {any_differs([column])}}}"
    )


def _key_text(key: Sequence[str]) -> str:
    return f"json_array({listed(key)})::VARCHAR"
