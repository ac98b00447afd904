"""Rows in the order of their key, by code point and by number."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc


def in_key_order(table: pa.Table, key: Sequence[str]) -> pa.Table:
    """The rows by key; the table itself where they already are."""
    if is_in_key_order(table, key):
        return table
    return table.take(order_by_key(table, key))


def order_by_key(table: pa.Table, key: Sequence[str]) -> pa.Array:
    """The numbers of the rows in the order of their keys."""
    return pc.sort_indices(table.select(list(key)), sort_keys=[(name, "ascending") for name in key])


def is_in_key_order(table: pa.Table, key: Sequence[str], *, strictly: bool = False) -> bool:
    """True where no row comes before the one above it, and, `strictly`, none has its key; False where a key is null."""
    above, below = table.slice(0, max(table.num_rows - 1, 0)), table.slice(1)
    in_order: pa.ChunkedArray | pa.Scalar = pa.scalar(not strictly)
    for name in reversed(key):
        rises, stays = pc.less(above[name], below[name]), pc.equal(above[name], below[name])
        in_order = pc.or_(rises, pc.and_(stays, in_order))
    return bool(pc.all(in_order, skip_nulls=False, min_count=0).as_py())
