"""A table of one release made from that of the release before: `changes/delta/<table>.parquet`.

    _op       upsert: the row is new or has changed; delete: the row is gone
    columns   the whole row, in the columns of the newer release

To take the step, bring the older table to the columns of the newer one (gone columns dropped, new ones null), remove
every row whose key is in the delta, and add the rows marked `upsert`. Where the key or a type has changed so that rows
cannot be matched, the delta holds the whole table and the step starts from an empty one: mode `replace`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet

from pipelines.release.compare import WIDENINGS
from pipelines.release.compare.matching import trim
from pipelines.release.digest import content_digest
from pipelines.release.log import Record
from pipelines.release.released import Edition
from pipelines.release.shapes import TableShape
from pipelines.tables.sql import any_differs, listed, same_key, seeing, write_query

FOLDER = "changes/delta"


@dataclass(frozen=True, slots=True)
class Delta:
    """What a delta file holds; `mode` is `apply` or `replace`."""

    path: str
    mode: str
    upserts: int
    deletes: int


def write_deltas(
    database: duckdb.DuckDBPyConnection, old: Edition, new: Edition, folder: Path
) -> Iterator[tuple[str, Delta]]:
    """Writes a file into the folder of a release for each table that is not the same in both."""
    (folder / FOLDER).mkdir(parents=True)
    for name, shape in new.shapes.items():
        if not _is_same(name, old, new):
            path = f"{FOLDER}/{name}.parquet"
            facts = {"table": name, "base_content_sha256": old.digests.get(name, ""), "mode": _mode(name, old, new)}
            facts["content_sha256"] = new.digests[name]
            parts = trim(_base(name, old, new), new.table(name), shape.arrow_schema.names)
            with seeing(database, base=parts.old, next=parts.new):
                write_query(database, _query(shape), _schema(shape), folder / path, facts)
                deletes = database.execute(f"SELECT count(*) FROM ({_deleted(shape)})").fetchall()[0][0]  # noqa: S608
            rows = pyarrow.parquet.read_metadata(folder / path).num_rows
            yield name, Delta(path, facts["mode"], rows - deletes, deletes)


def apply_delta(base: pa.Table, delta: pa.Table, shape: TableShape) -> pa.Table:
    """The newer table, in no order; `base` is the older one in the columns of the newer one."""
    query = f"""
        SELECT {listed(shape.arrow_schema.names)} FROM base a ANTI JOIN delta b ON {same_key(shape.key)}
        UNION ALL SELECT {listed(shape.arrow_schema.names)} FROM delta WHERE _op = 'upsert'"""  # noqa: S608
    with duckdb.connect() as database, seeing(database, base=base, delta=delta):
        return database.sql(query).to_arrow_table().cast(shape.arrow_schema)


def broken_deltas(old: Edition, new: Edition, folder: Path, record: Record) -> Iterator[tuple[str, str]]:
    """Files of a release that do not lead from `old` to it, with what is wrong; raises as reading a table does."""
    for name, shape in new.shapes.items():
        path = f"{FOLDER}/{name}.parquet"
        if path in record["files"]:
            delta = pyarrow.parquet.read_table(folder / path)
            if not delta.schema.equals(_schema(shape)):
                yield path, "does not have the columns of its table"
            elif content_digest(apply_delta(_base(name, old, new), delta, shape), shape.key) != new.digests[name]:
                yield path, "does not lead from the release before to this one"
        elif not _is_same(name, old, new):
            yield path, "is missing although the table has changed"


def _is_same(name: str, old: Edition, new: Edition) -> bool:
    """Equal rows in equal columns: digests alone do not know what a column is called."""
    if old.digests.get(name) != new.digests[name]:
        return False
    columns = [{(column.name, column.type) for column in edition.shapes[name].columns} for edition in (old, new)]
    return columns[0] == columns[1]


def _mode(name: str, old: Edition, new: Edition) -> str:
    """Whether the rows of the older table can be kept."""
    before, after = old.shapes.get(name), new.shapes[name]
    if before is None or before.key != after.key:
        return "replace"
    types = {column.name: column.type for column in before.columns}
    pairs = [(types.get(column.name, column.type), column.type) for column in after.columns]
    return "apply" if all(was == now or (was, now) in WIDENINGS for was, now in pairs) else "replace"


def _base(name: str, old: Edition, new: Edition) -> pa.Table:
    """The older table in the columns of the newer one; empty where its rows cannot be kept."""
    schema = pa.schema([field.with_nullable(nullable=True) for field in new.shapes[name].arrow_schema])
    if _mode(name, old, new) == "replace":
        return schema.empty_table()
    rows = old.table(name)
    columns = [
        rows[field.name].cast(field.type) if field.name in rows.column_names else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _schema(shape: TableShape) -> pa.Schema:
    op = pa.field("_op", pa.string(), nullable=False)
    return pa.schema([op, *(field.with_nullable(nullable=True) for field in shape.arrow_schema)])


def _query(shape: TableShape) -> str:
    names = shape.arrow_schema.names
    values = [name for name in names if name not in shape.key]
    return f"""
        SELECT 'delete' AS _op, {listed(names)} FROM ({_deleted(shape)})
        UNION ALL
        SELECT 'upsert', {listed(names, "b.")} FROM next b LEFT JOIN (SELECT *, true AS is_row FROM base) a
        ON {same_key(shape.key)} WHERE a.is_row IS NULL OR {any_differs(values)}
        ORDER BY {listed(shape.key)}"""  # noqa: S608


def _deleted(shape: TableShape) -> str:
    return f"SELECT * FROM base a ANTI JOIN next b ON {same_key(shape.key)}"  # noqa: S608
