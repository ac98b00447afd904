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

from pipelines.release.compare.matching import ROW, Comparison, base_of, step_mode
from pipelines.release.digest import content_digest
from pipelines.release.log import Record
from pipelines.release.released import Edition
from pipelines.release.shapes import TableShape
from pipelines.tables.sql import listed, quoted, same_key, seeing, write_query

_DELTAS = "changes/delta"


@dataclass(frozen=True, slots=True)
class Delta:
    """What a delta file holds; `mode` is `apply` or `replace`."""

    path: str
    mode: str
    upserts: int
    deletes: int


def write_deltas(comparison: Comparison, new: Edition, folder: Path) -> Iterator[tuple[str, Delta]]:
    """Writes a file into the folder of a release for each table that is not the same in both.

    `new` is the newer edition of the comparison, under the version that it is released as.
    """
    old, database = comparison.old, comparison.database
    (folder / _DELTAS).mkdir(parents=True)
    for name, shape in new.shapes.items():
        if not _is_same(name, old, new):
            path = f"{_DELTAS}/{name}.parquet"
            facts = {"table": name, "base_content_sha256": old.digests.get(name, ""), "mode": step_mode(name, old, new)}
            facts["content_sha256"] = new.digests[name]
            with comparison.differing(name, new) as differing:
                write_query(database, _query(shape, differing), _schema(shape), folder / path, facts)
                counted = f"SELECT count(*) FROM {differing} WHERE new_row IS NULL"  # noqa: S608
                ((deletes,),) = database.execute(counted).fetchall()
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
        path = f"{_DELTAS}/{name}.parquet"
        if path in record["files"]:
            delta = pyarrow.parquet.read_table(folder / path)
            if not delta.schema.equals(_schema(shape)):
                yield path, "does not have the columns of its table"
            elif content_digest(apply_delta(base_of(name, old, new), delta, shape), shape.key) != new.digests[name]:
                yield path, "does not lead from the release before to this one"
        elif not _is_same(name, old, new):
            yield path, "is missing although the table has changed"


def _is_same(name: str, old: Edition, new: Edition) -> bool:
    """Equal rows in equal columns: digests alone do not know what a column is called."""
    if old.digests.get(name) != new.digests[name]:
        return False
    columns = [{(column.name, column.type) for column in edition.shapes[name].columns} for edition in (old, new)]
    return columns[0] == columns[1]


def _schema(shape: TableShape) -> pa.Schema:
    op = pa.field("_op", pa.string(), nullable=False)
    return pa.schema([op, *(field.with_nullable(nullable=True) for field in shape.arrow_schema)])


def _query(shape: TableShape, differing: str) -> str:
    names, row = shape.arrow_schema.names, quoted(ROW)
    return f"""
        SELECT 'delete' AS _op, {listed(names)} FROM old a JOIN {differing} ON a.{row} = old_row WHERE new_row IS NULL
        UNION ALL
        SELECT 'upsert', {listed(names)} FROM new b JOIN {differing} ON b.{row} = new_row
        ORDER BY {listed(shape.key)}"""  # noqa: S608
