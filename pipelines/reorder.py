"""Rows in another order, for tables that memory should not hold: through files, a part at a time.

Every row goes to the file of the part that it belongs to, and then each part is put in order by itself. A table is read
twice and written twice, from its beginning to its end, and no more than a few parts are in memory at once.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.mapped import Pile

_BYTES_IN_A_PART = 2**26
_MOST_PARTS = 512  # each is an open file
_PLACE = "place"  # where a row stands in the new order


def reordered(table: pa.Table, order: pa.Array, folder: Path) -> pa.Table:
    """The rows of a table in the order of these row numbers, in a file in `folder` that is mapped into memory."""
    places = np.empty(len(order), np.int64)
    places[order.to_numpy(zero_copy_only=False)] = np.arange(len(order))
    wanted = min(_MOST_PARTS, table.nbytes // _BYTES_IN_A_PART + 1)
    rows = max(1, -(-len(order) // wanted))
    pile = Pile(table.schema, folder)
    for part in _parted(table.append_column(_PLACE, pa.array(places)), rows, folder):
        for batch in part.take(pc.sort_indices(part[_PLACE])).drop_columns(_PLACE).to_batches():
            pile.add(batch)
    return pile.table()


def _parted(table: pa.Table, rows: int, folder: Path) -> list[pa.Table]:
    """The rows of each part of the new order, in the order in which they came."""
    piles = [Pile(table.schema, folder) for _ in range(0, table.num_rows, rows)]
    for start in range(0, table.num_rows, rows):
        piece = table.slice(start, rows).combine_chunks()
        part = piece[_PLACE].to_numpy() // rows
        order = np.argsort(part, kind="stable")
        piece, edges = piece.take(pa.array(order)), np.searchsorted(part[order], np.arange(len(piles) + 1))
        for pile, first, end in zip(piles, edges[:-1], edges[1:], strict=True):
            for batch in piece.slice(first, end - first).to_batches():
                pile.add(batch)
    return [pile.table() for pile in piles]
