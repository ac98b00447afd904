"""A batch of seeds as one Arrow batch: a row for each seed, with its text and its rows of every published table.

This is what a process or machine is asked for, what the cache keeps, and what whole tables are made of. It loads
neither pandas nor Dagster: the shape of the tables comes with the batch.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass

import pyarrow as pa

from pipelines.corrections import Correction
from pipelines.engine.reading import Holder, read_seed
from pipelines.engine.seed_file import SeedFile
from pipelines.engine.seed_metadata import Provenance
from pipelines.tables.rows import TableRow, seed_rows

Schemas = Mapping[str, pa.Schema]
_WRITTEN = pa.ipc.IpcWriteOptions(compression="zstd")


@dataclass(frozen=True, slots=True)
class ReadTask:
    """A seed with all that its reading depends on, but for code; `taken` are identifiers that other seeds hold."""

    seed: SeedFile
    corrections: tuple[Correction, ...] = ()
    provenance: Provenance | None = None
    taken: tuple[tuple[str, Holder], ...] = ()

    @property
    def key(self) -> bytes:
        """Equal for documents that read the same: 32 bytes."""
        problem, provenance = self.seed.problem, self.provenance
        told = [
            [self.seed.seed_id, self.seed.sha256, problem and [problem.code, problem.message]],
            [astuple(correction) for correction in self.corrections],
            provenance and astuple(provenance),
            [(taken, astuple(holder)) for taken, holder in self.taken],
        ]
        return hashlib.sha256(json.dumps(told).encode()).digest()


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """What was read: `data` is an Arrow stream (see `rows_in`), `findings` counts what was found by code."""

    data: bytes
    findings: Mapping[str, int]


def read_batch(schemas: Schemas, documents: Sequence[ReadTask]) -> ReadBatch:
    """Everything that the documents state, in their order; raises CorrectionError, and else only what is a fault."""
    read = [_read(document) for document in documents]
    found = Counter(row[_FINDING_CODE] for rows, _ in read for row in rows["findings"])
    columns = [pa.array([text for _, text in read], pa.large_string())]
    columns += [_nested(schema, [rows[name] for rows, _ in read]) for name, schema in schemas.items()]
    batch = pa.RecordBatch.from_arrays(columns, names=["text", *schemas])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=_WRITTEN) as stream:
        stream.write_batch(batch)
    return ReadBatch(sink.getvalue().to_pybytes(), {str(code): count for code, count in found.items()})


_FINDING_CODE = 4


def _read(document: ReadTask) -> tuple[dict[str, list[TableRow]], str]:
    reading = read_seed(document.seed, document.corrections, document.provenance, dict(document.taken))
    return seed_rows(reading), reading.parsed.seed.text


def _nested(schema: pa.Schema, rows: list[list[TableRow]]) -> pa.Array:
    """A column that holds, for each seed, its rows of one table."""
    starts = [0]
    for of_seed in rows:
        starts.append(starts[-1] + len(of_seed))
    columns = list(zip(*(row for of_seed in rows for row in of_seed), strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.ListArray.from_arrays(
        pa.array(starts, pa.int32()), pa.StructArray.from_arrays(arrays, fields=list(schema))
    )


def rows_in(data: bytes | pa.Buffer) -> pa.RecordBatch:
    """The batch that `read_batch` wrote: `text`, and a column for each table."""
    with pa.ipc.open_stream(data) as stream:
        return stream.read_next_batch()


def rows_of(batch: pa.RecordBatch, table: str) -> pa.RecordBatch:
    """The rows of one table of all seeds of a batch."""
    return pa.RecordBatch.from_struct_array(batch[table].flatten())


def in_batches(documents: Iterator[ReadTask], most: int, largest: int) -> Iterator[list[ReadTask]]:
    """Documents in lists of at most `most`, and of about `largest` bytes if one does not have more."""
    batch: list[ReadTask] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document.seed.data or b"")
        if len(batch) == most or size >= largest:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
