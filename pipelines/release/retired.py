"""Tombstones: a monograph that an earlier release held and this one does not stays named in `retired`."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from schemas.tables.account import Retired
from schemas.tables.base import arrow_schema

Tables = Mapping[str, pa.Table]
_SCHEMA = arrow_schema(Retired)


def with_tombstones(tables: Tables, previous: Tables, version: str) -> dict[str, pa.Table]:
    """The tables with everything that is retired, in `version` or before; `previous` has `monographs` and `retired`.

    A row that the tables already have for a monograph is kept. A monograph that has come back has no tombstone.
    """
    present = tables["monographs"]["monograph_id"]
    given = tables["retired"]
    earlier = _without(previous["retired"], given["monograph_id"])
    gone = _without(previous["monographs"], given["monograph_id"])
    gone = _without(_without(gone, earlier["monograph_id"]), present)
    rows = pa.concat_tables([given, earlier.cast(_SCHEMA), _tombstones(gone, tables["seeds"]["seed_id"], version)])
    rows = _without(rows, present)
    rows = rows.set_column(
        rows.schema.get_field_index("replaced_by"), _SCHEMA.field("replaced_by"), _still(rows["replaced_by"], present)
    )
    return {**tables, "retired": rows.sort_by("monograph_id").cast(_SCHEMA)}


def _without(table: pa.Table, ids: pa.ChunkedArray) -> pa.Table:
    return table.filter(pc.invert(pc.is_in(table["monograph_id"], value_set=ids.combine_chunks())))


def _tombstones(gone: pa.Table, seed_ids: pa.ChunkedArray, version: str) -> pa.Table:
    there = pc.is_in(gone["seed_id"], value_set=seed_ids.combine_chunks())
    why = pc.if_else(there, " no longer holds it.", " was taken away.")
    columns = {
        "monograph_id": gone["monograph_id"],
        "retired_in": pa.array([version] * gone.num_rows, pa.string()),
        "reason": pc.binary_join_element_wise("Its seed ", gone["seed_id"], why, ""),
        "replaced_by": pa.nulls(gone.num_rows, pa.string()),
    }
    return pa.table(columns).cast(_SCHEMA)


def _still(replaced_by: pa.ChunkedArray, present: pa.ChunkedArray) -> pa.ChunkedArray:
    """Null where the monograph that took the place is gone too."""
    known = pc.is_in(replaced_by, value_set=present.combine_chunks())
    return pc.if_else(known, replaced_by, pa.scalar(None, pa.string()))
