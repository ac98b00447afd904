"""Batches to whole tables, in key order, with the text of every seed.

What is small stays in memory. What is large goes through files that Arrow maps into memory page by page and that have
no name any more, so that they are gone when nobody uses them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.engine.batch import Schemas, rows_of

_ROWS_AT_ONCE = 65_536
_TEXTS = pa.schema({"seed_id": pa.string(), "text": pa.large_string()})


class Texts(Mapping[str, str]):
    """The text of each seed, by seed_id, kept as Arrow and decoded when it is asked for."""

    def __init__(self, table: pa.Table) -> None:
        """Takes a table of seed_id and text."""
        self._table = table
        self._last = ("", "")

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {seed_id: row for row, seed_id in enumerate(self._table["seed_id"].to_pylist())}

    def __getitem__(self, seed_id: str) -> str:
        """The text; rows of one seed follow each other, so the last one is kept."""
        if self._last[0] != seed_id:
            self._last = (seed_id, str(self._table["text"][self._rows[seed_id]]))
        return self._last[1]

    def __iter__(self) -> Iterator[str]:
        """Every seed_id."""
        return iter(self._rows)

    def __len__(self) -> int:
        """How many seeds there are."""
        return int(self._table.num_rows)


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


def assemble(
    batches: Iterable[pa.RecordBatch], schemas: Schemas, keys: Mapping[str, Sequence[str]], folder: Path | None
) -> tuple[dict[str, pa.Table], Texts]:
    """The tables of `schemas`, each in the order of its key, and the texts; findings are numbered anew."""
    piles = {name: Pile(schema, folder) for name, schema in schemas.items()}
    texts = Pile(_TEXTS, folder)
    for batch in batches:
        seeds = rows_of(batch, "seeds")
        texts.add(pa.record_batch([seeds["seed_id"], batch["text"]], schema=_TEXTS))
        for name, pile in piles.items():
            pile.add(rows_of(batch, name))
    order = {**keys, "findings": ("seed_id", "finding_no")}
    tables = {name: _sorted(pile.table(), order[name], folder) for name, pile in piles.items()}
    return {**tables, "findings": _numbered(tables["findings"])}, Texts(texts.table())


def _sorted(table: pa.Table, by: Sequence[str], folder: Path | None) -> pa.Table:
    order = pc.sort_indices(table.select(list(by)), sort_keys=[(name, "ascending") for name in by])
    pile = Pile(table.schema, folder)
    for start in range(0, table.num_rows, _ROWS_AT_ONCE):
        for batch in table.take(order.slice(start, _ROWS_AT_ONCE)).combine_chunks().to_batches():
            pile.add(batch)
    return pile.table()


def _numbered(findings: pa.Table) -> pa.Table:
    column = findings.schema.get_field_index("finding_no")
    numbers = pa.array(range(1, findings.num_rows + 1), pa.int64())
    return findings.set_column(column, findings.schema.field(column), numbers)
