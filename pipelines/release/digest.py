"""Digests of content, which stay the same whoever writes the file.

`content_sha256` of a table is the SHA-256 of its rows in key order, each as one line of cells in the order of the
column names, with a comma between cells and a line feed at the end:

    cell   = "~" for a null, else  <bytes of text> ":" <text in UTF-8>
    text   = the string; an integer in decimal; `true` or `false`;
             a double as the decimal integer that has the same 64 bits (IEEE 754), with -0 as 0

Lengths make quoting needless, and bits make the text of a number needless: writers of JSON and CSV differ in both.
Keys are ordered by code point and by number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.tables.keys import in_key_order

_ROWS_AT_ONCE = 65_536


def fingerprint(parts: Mapping[str, object]) -> str:
    """SHA-256 of the inputs of a build, each under its name, as JSON with sorted names."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def content_digest(table: pa.Table, key: Sequence[str]) -> str:
    """SHA-256 of the rows of a table; raises ValueError where a double is not finite."""
    digest = hashlib.sha256()
    for batch in in_key_order(table, key).select(sorted(table.column_names)).to_batches(_ROWS_AT_ONCE):
        digest.update(_lines(batch))
    return digest.hexdigest()


def total_digest(digests: Mapping[str, str]) -> str:
    """SHA-256 of the digests of all tables: a line `<digest>  <table>` for each, by name."""
    lines = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    return hashlib.sha256(lines.encode()).hexdigest()


def _lines(batch: pa.RecordBatch) -> memoryview:
    rows = pc.binary_join_element_wise(*(_cells(column) for column in batch.columns), _text(","))
    ended = pc.binary_join_element_wise(rows, _text(""), _text("\n"))
    return memoryview(ended.buffers()[2] or b"")


def _cells(column: pa.Array) -> pa.Array:
    if column.null_count == len(column):
        return pa.repeat(_text("~"), len(column))
    text = _numbers_by_bits(column) if pa.types.is_floating(column.type) else column
    text = text.cast(pa.large_string())
    sizes = pc.binary_length(text).cast(pa.large_string())
    return pc.binary_join_element_wise(sizes, text, _text(":")).fill_null("~")


def _numbers_by_bits(column: pa.Array) -> pa.Array:
    if pc.all(pc.is_finite(column)).as_py() is False:
        raise ValueError("a number that is not finite has no place in a table; leave the cell null")
    return pc.add(column, 0.0).view(pa.int64())


def _text(text: str) -> pa.Scalar:
    return pa.scalar(text, pa.large_string())
