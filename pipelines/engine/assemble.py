"""Batches to whole tables, in key order, with the text of every seed.

What is small stays in memory. What is large goes through files (see `mapped` and `reorder`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.engine.batch import Schemas, rows_of
from pipelines.tables.keys import in_key_order, is_in_key_order, order_by_key
from pipelines.tables.mapped import Pile, reordered
from schemas.tables import TABLES
from schemas.tables.base import arrow_schema

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
    in_order = _as_quoted(texts.table(), tables["monographs"], folder)
    return {**tables, "findings": _numbered(tables["findings"])}, Texts(in_order)


def _sorted(table: pa.Table, by: Sequence[str], folder: Path | None) -> pa.Table:
    if folder is None:
        return in_key_order(table, by).combine_chunks()
    return table if is_in_key_order(table, by) else reordered(table, order_by_key(table, by), folder)


def _as_quoted(texts: pa.Table, monographs: pa.Table, folder: Path | None) -> pa.Table:
    """The texts in the order in which rows quote them: a large file should be read from its beginning to its end."""
    if folder is None:
        return texts
    first = pc.index_in(texts["seed_id"], value_set=monographs["seed_id"].combine_chunks())
    return reordered(texts, pc.sort_indices(first), folder)


def drugs_of(monographs: pa.Table) -> pa.Table:
    """The table of drugs: each with the name that most of its monographs print, and how many there are."""
    named = monographs.select(["drug_id", "generic_name"]).filter(pc.is_valid(monographs["drug_id"]))
    counted = named.group_by(["drug_id", "generic_name"], use_threads=False).aggregate([([], "count_all")])
    order = [("drug_id", "ascending"), ("count_all", "descending"), ("generic_name", "ascending")]
    of_drug = counted.sort_by(order).group_by("drug_id", use_threads=False)
    drugs = of_drug.aggregate([("generic_name", "first"), ("count_all", "sum")])
    return pa.table(drugs.columns, schema=arrow_schema(TABLES["drugs"]))


def _numbered(findings: pa.Table) -> pa.Table:
    column = findings.schema.get_field_index("finding_no")
    numbers = pa.array(range(1, findings.num_rows + 1), pa.int64())
    return findings.set_column(column, findings.schema.field(column), numbers)
