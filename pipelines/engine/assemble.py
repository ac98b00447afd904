"""Batches to whole tables, in key order, with the text of every seed.

What is small stays in memory. What is large is sorted by DuckDB, which needs no more memory than it is given, and
goes through files (see `mapped`).
"""

from __future__ import annotations

import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from pathlib import Path

import pyarrow as pa

from pipelines.engine.batch import Schemas, rows_of
from pipelines.key_order import in_key_order, is_in_key_order
from pipelines.mapped import Pile

_ROWS_AT_ONCE = 65_536
_MEMORY_TO_SORT = "256MB"
_TEXTS = pa.schema({"seed_id": pa.string(), "text": pa.large_string()})


class Texts(Mapping[str, str]):
    """The text of each seed, by seed_id, kept as Arrow and decoded when it is asked for."""

    def __init__(self, table: pa.Table) -> None:
        """Takes a table of seed_id and text."""
        self._table = table
        self._last = ("", "")
        # An index into a column of many chunks passes all of them.
        self._chunks = table["text"].chunks
        self._starts = [0, *accumulate(map(len, self._chunks))]

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {seed_id: row for row, seed_id in enumerate(self._table["seed_id"].to_pylist())}

    def _text(self, row: int) -> str:
        chunk = bisect_right(self._starts, row) - 1
        return str(self._chunks[chunk][row - self._starts[chunk]])

    def __getitem__(self, seed_id: str) -> str:
        """The text; rows of one seed follow each other, so the last one is kept."""
        if self._last[0] != seed_id:
            self._last = (seed_id, self._text(self._rows[seed_id]))
        return self._last[1]

    def __iter__(self) -> Iterator[str]:
        """Every seed_id."""
        return iter(self._rows)

    def __len__(self) -> int:
        """How many seeds there are."""
        return int(self._table.num_rows)


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
    if folder is None:
        return in_key_order(table, by).combine_chunks()
    return table if is_in_key_order(table, by) else _sorted_on_disk(table, by, folder)


def _sorted_on_disk(table: pa.Table, by: Sequence[str], folder: Path) -> pa.Table:
    from pipelines.sql import listed, seeing, spilling_to  # noqa: PLC0415  (DuckDB, which a few seeds do not need)

    pile = Pile(table.schema, folder)
    query = f"SELECT * FROM unsorted ORDER BY {listed(by)}"  # noqa: S608  (our own columns)
    with (
        tempfile.TemporaryDirectory(dir=folder) as spilled,
        spilling_to(Path(spilled), _MEMORY_TO_SORT) as database,
        seeing(database, unsorted=table),
    ):
        for batch in database.sql(query).to_arrow_reader(_ROWS_AT_ONCE):
            pile.add(batch.cast(table.schema))
    return pile.table()


def _numbered(findings: pa.Table) -> pa.Table:
    column = findings.schema.get_field_index("finding_no")
    numbers = pa.array(range(1, findings.num_rows + 1), pa.int64())
    return findings.set_column(column, findings.schema.field(column), numbers)
