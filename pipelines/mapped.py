"""Tables larger than memory should hold: batches that go through a file which is mapped into memory page by page.

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

import pyarrow as pa

_MOST_RESIDENT = 2**28  # bytes of files in memory
_SECONDS_A_LOOK = 0.2
_TOLD = Path("/proc/self/statm")  # pages: of the process, in memory, and of these the ones that belong to files


class Pile:
    """Batches of one schema that become a table: in memory, or in a file where `folder` names a place for it."""

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
            mapped = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        _RESIDENT.watch(mapped)
        return pa.ipc.open_file(pa.py_buffer(mapped)).read_all()


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
