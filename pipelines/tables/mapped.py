"""Tables larger than memory should hold: batches that go through a file which is mapped into memory page by page.

To put rows in another order, every row goes to the file of the part that it belongs to, and then each part is put in
order by itself: a table is read twice and written twice, from its beginning to its end, with a few parts in memory.

The file has no name once it is mapped, so that it is gone when nobody uses it. The system may take mapped pages back at
any time, but does so late, and whoever watches a process counts them until then: so they are handed back here when they
are many, and come again from the file when they are looked at.
"""

from __future__ import annotations

import mmap
import tempfile
import threading
from pathlib import Path
from weakref import WeakSet

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_MOST_RESIDENT = 2**28  # bytes of files in memory
_ROWS_IN_A_BATCH = 65_536
_SECONDS_A_LOOK = 0.2
_BYTES_IN_A_PART = 2**26
_MOST_PARTS = 512  # each is an open file
_PLACE = "place"  # where a row stands in the new order
_TOLD = Path("/proc/self/statm")  # pages: of the process, in memory, and of these the ones that belong to files


class Pile:
    """Batches of one schema that become a table: in memory, or in a file if `folder` names a place for it."""

    def __init__(self, schema: pa.Schema, folder: Path | None) -> None:
        """An empty pile."""
        self._schema = schema
        self._batches: list[pa.RecordBatch] = []
        self._file = None if folder is None else tempfile.NamedTemporaryFile(dir=folder)  # noqa: SIM115
        self._writer = None if self._file is None else pa.ipc.new_file(self._file, schema)

    def add(self, batch: pa.RecordBatch) -> None:
        """Puts rows on the pile."""
        if self._writer is None:
            self._batches.append(batch)
        elif batch.num_rows:
            self._writer.write_batch(batch)

    def table(self) -> pa.Table:
        """Everything on the pile, which takes no more."""
        if self._writer is None or self._file is None:
            return pa.Table.from_batches(self._batches, self._schema)
        self._writer.close()
        self._file.flush()
        with self._file:
            return _mapped(self._file.fileno())


def _mapped(file: int) -> pa.Table:
    mapped = mmap.mmap(file, 0, access=mmap.ACCESS_READ)
    _RESIDENT.watch(mapped)
    return pa.ipc.open_file(pa.py_buffer(mapped)).read_all()


def write_mapped(table: pa.Table, path: Path) -> None:
    """Puts a table into a file, which takes the place of the one before as soon as it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        with pa.OSFile(str(part), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table, max_chunksize=_ROWS_IN_A_BATCH)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_mapped(path: Path) -> pa.Table:
    """The table of such a file, which is in memory only as far as it is looked at."""
    with path.open("rb") as file:
        return _mapped(file.fileno())


class _Resident:
    """The mapped files of this process, whose pages are handed back when there are many in memory."""

    def __init__(self) -> None:
        self._mapped: WeakSet[mmap.mmap] = WeakSet()
        self._lock = threading.Lock()
        self._is_watched = False

    def watch(self, mapped: mmap.mmap) -> None:
        """Takes in a mapped file, for as long as somebody uses it."""
        with self._lock:
            self._mapped.add(mapped)
            if not self._is_watched and _TOLD.exists():
                threading.Thread(target=self._look, daemon=True).start()
                self._is_watched = True

    def _look(self) -> None:
        pause = threading.Event()
        while not pause.wait(_SECONDS_A_LOOK):
            if resident_of_files() > _MOST_RESIDENT:
                self.hand_back()

    def hand_back(self) -> None:
        """Takes every page of the files out of the memory of this process."""
        with self._lock:
            for mapped in self._mapped:
                mapped.madvise(mmap.MADV_DONTNEED)


_RESIDENT = _Resident()


def resident_of_files() -> int:
    """Bytes of files that this process has in memory, its libraries among them."""
    return int(_TOLD.read_text(encoding="ascii").split()[2]) * mmap.PAGESIZE


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
