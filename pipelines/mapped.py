"""Tables larger than memory should hold: batches that go through a file which Arrow maps into memory page by page.

The file has no name once it is mapped, so that it is gone when nobody uses it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa


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
            return pa.ipc.open_file(pa.memory_map(self._file.name)).read_all()
