"""Keys of rows: their order, by code point and by number; those that stand twice; references that lead nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.tables.base import Reference


def in_key_order(table: pa.Table, key: Sequence[str]) -> pa.Table:
    """The rows by key; the table itself if they already are."""
    if is_in_key_order(table, key):
        return table
    return table.take(order_by_key(table, key))


def order_by_key(table: pa.Table, key: Sequence[str]) -> pa.Array:
    """The numbers of the rows in the order of their keys."""
    return pc.sort_indices(table.select(list(key)), sort_keys=[(name, "ascending") for name in key])


def is_in_key_order(table: pa.Table, key: Sequence[str], *, strictly: bool = False) -> bool:
    """True if no row comes before the one above it, and, `strictly`, none has its key; False if a key is null."""
    above, below = table.slice(0, max(table.num_rows - 1, 0)), table.slice(1)
    in_order: pa.ChunkedArray | pa.Scalar = pa.scalar(not strictly)
    for name in reversed(key):
        rises, stays = pc.less(above[name], below[name]), pc.equal(above[name], below[name])
        in_order = pc.or_(rises, pc.and_(stays, in_order))
    return bool(pc.all(in_order, skip_nulls=False, min_count=0).as_py())


def rows_with_repeated_key(table: pa.Table, key: Sequence[str]) -> pa.Array:
    """The numbers of the rows whose key a row before them has, in key order."""
    if is_in_key_order(table, key, strictly=True):
        return pa.array([], pa.uint64())
    order = order_by_key(table, key)
    keys = table.select(list(key)).take(order)
    above, below = keys.slice(0, max(keys.num_rows - 1, 0)), keys.slice(1)
    is_same = reduce(pc.and_, (pc.equal(above[name], below[name]) for name in key))
    return order.slice(1).filter(is_same.combine_chunks())


def rows_that_lead_nowhere(table: pa.Table, reference: Reference, target: pa.Table) -> pa.Array:
    """The numbers of the rows whose reference names no row of the target; one with a null part is left alone."""
    own = table.select(list(reference.columns)).append_column(_ROW, pa.array(np.arange(table.num_rows)))
    known = target.select(list(reference.target_columns))
    missing = own.drop_null().join(known, list(reference.columns), list(reference.target_columns), "left anti")
    return missing[_ROW].combine_chunks().sort()


_ROW = "row number"  # a name that no column of a table has
