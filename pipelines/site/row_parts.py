"""The rows of every table as files of script, column by column, so that a page on a disk can filter and sort them.

`rows/<table>/table.js` says what there is: columns, how their values are kept, and where each part begins. A part is
`rows/<table>/<column>-<number>.js` and holds `[values, codes]`: `codes` are indices into `values`, as the base64 of
little-endian integers of 1, 2 or 4 bytes, and null if `values` are the cells themselves. A column of few values has
them in `table.js`, the commonest first with how many rows each has; its parts hold codes only, 0 for null.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.release.shapes import ColumnShape, TableShape
from pipelines.site import places
from pipelines.site.cells import words_column
from pipelines.site.content import Content
from pipelines.site.rendering import script
from pipelines.tables.sql import quoted

_FEW = 1000  # distinct values that stand in `table.js`
_SHORT = 120  # characters: longer values are prose, whose kinds nobody counts
_MOST_ROWS = 65_536  # of a part
_MOST_CHARACTERS = 1_000_000  # of a part, about
_SHOWN = 9  # columns at first


@dataclass(frozen=True, slots=True)
class _Column:
    """How a column is kept: `few` are its values with their numbers of rows, None if they are too many to list."""

    shape: ColumnShape
    few: Sequence[tuple[object, int]] | None
    values: int
    longest: int
    rows_in_a_part: int


def row_files(content: Content) -> Iterator[tuple[str, bytes]]:
    """Place and bytes of every part of every table, one column in memory at once."""
    tables = {
        shape.name: {
            "rows": content.manifest["tables"][shape.name]["rows"],
            "columns": [column.name for column in shape.columns],
        }
        for shape in content.shapes.values()
    }
    yield f"{places.ROWS}/tables.js", script("rows/tables", tables)
    for shape in content.shapes.values():
        rows = content.manifest["tables"][shape.name]["rows"]
        columns = [_column(content, shape, column, rows) for column in shape.columns]
        starts = {}
        for column in columns:
            begun: list[int] = []
            for start, cells in _pieces(content, shape.name, column) if rows else ():
                yield _place(shape.name, f"{column.shape.name}-{len(begun)}"), _part(shape.name, column, begun, cells)
                begun.append(start)
            starts[column.shape.name] = begun
        yield _place(shape.name, "table"), script(f"rows/{shape.name}/table", _table(content, shape, columns, starts))


def _place(table: str, name: str) -> str:
    return f"{places.ROWS}/{table}/{name}.js"


def _column(content: Content, shape: TableShape, column: ColumnShape, rows: int) -> _Column:
    name, table = quoted(column.name), quoted(shape.name)
    length = f"len({name})" if column.type == "string" else "8"
    facts = content.rows(
        f"SELECT count({name}) AS n, approx_count_distinct({name}) AS kinds, coalesce(max({length}), 0) AS longest, "  # noqa: S608
        f"coalesce(sum({length}), 0) AS characters FROM {table}"
    )[0]
    few = None
    if column.type in ("string", "bool") and facts["longest"] <= _SHORT and facts["kinds"] <= _FEW:
        counted = content.rows(
            f"SELECT {name} AS value, count(*) AS n FROM {table} WHERE {name} IS NOT NULL "  # noqa: S608
            "GROUP BY ALL ORDER BY n DESC, 1"
        )
        few = [(row["value"], row["n"]) for row in counted] if len(counted) <= _FEW else None
    at_most = _MOST_CHARACTERS // max(1, int(facts["characters"]) // max(rows, 1))
    in_a_part = _MOST_ROWS if few is not None else min(_MOST_ROWS, max(64, 1 << at_most.bit_length() - 1))
    return _Column(column, few, facts["n"], facts["longest"], in_a_part)


def _pieces(content: Content, table: str, column: _Column) -> Iterator[tuple[int, pa.Array]]:
    """The cells of a column in the order of the file, cut into parts, each with the number of its first row."""
    start = 0
    with pq.ParquetFile(content.outputs / places.release_file(content.version, f"data/{table}.parquet")) as file:
        for group in range(file.metadata.num_row_groups):
            cells = file.read_row_group(group, columns=[column.shape.name]).column(0).combine_chunks()
            cells = cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
            for at in range(0, len(cells), column.rows_in_a_part):
                piece = cells[at : at + column.rows_in_a_part]
                yield start, piece
                start += len(piece)


def _part(table: str, column: _Column, begun: Sequence[int], cells: pa.Array) -> bytes:
    return script(f"rows/{table}/{column.shape.name}-{len(begun)}", _packed(column, cells))


def _packed(column: _Column, cells: pa.Array) -> list[object]:
    """`[values, codes]` of a part."""
    if column.few is not None:
        known = pa.array([value for value, _ in column.few], type=cells.type)
        codes = pc.fill_null(pc.index_in(cells, value_set=known, skip_nulls=True), -1).to_numpy() + 1
        return [None, _base64(codes, len(column.few))]
    coded = cells.dictionary_encode()
    if len(coded.dictionary) * 2 > len(cells):
        return [cells.to_pylist(), None]
    codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False) + 1
    return [[None, *coded.dictionary.to_pylist()], _base64(codes, len(coded.dictionary))]


def _base64(codes: np.ndarray[Any, Any], most: int) -> str:
    kind = next(kind for kind in ("<u1", "<u2", "<u4") if most <= np.iinfo(kind).max)
    return base64.b64encode(codes.astype(kind).tobytes()).decode("ascii")


def _table(
    content: Content, shape: TableShape, columns: Sequence[_Column], starts: dict[str, list[int]]
) -> dict[str, object]:
    """What `table.js` says. Columns come in the order that serves a reader, `shown` are the first of them."""
    ordered = sorted(columns, key=lambda column: _usefulness(shape, column))
    shown = [column.shape.name for column in ordered if column.values and _usefulness(shape, column)[0] < _LATER]
    return {
        "name": shape.name,
        "rows": content.manifest["tables"][shape.name]["rows"],
        "key": shape.key,
        "words": words_column(shape),
        "shown": shown[:_SHOWN],
        "published": [column.name for column in shape.columns],
        "references": [
            {"columns": reference.columns, "table": reference.target, "key": reference.target_columns}
            for reference in shape.references
            if reference.target in content.shapes
        ],
        "columns": [
            {
                "name": column.shape.name,
                "type": column.shape.type,
                "values": column.values,
                "few": None if column.few is None else [[value, n] for value, n in column.few],
                "starts": starts[column.shape.name],
                "bytes": _bytes(column),
            }
            for column in ordered
        ],
    }


_LATER = 50  # from here on a column is not shown before somebody asks for it


def _bytes(column: _Column) -> int:
    """Of a code in a part of a column of few values."""
    return 1 if len(column.few or ()) <= np.iinfo("u1").max else 2


def _usefulness(shape: TableShape, column: _Column) -> tuple[int, int]:
    """A rank by what the name says: whose row it is, its words and names, then what explains them."""
    names = [known.name for known in shape.columns]
    name = column.shape.name
    stem, _, ending = name.rpartition("_")
    kinds = {
        0: name in ("code", "title") or (name == "monograph_id" and "title" not in names),
        5: name == words_column(shape),
        60: ending in ("start", "end", "sha256", "no") or name == "sha256",
        55: ending == "code" and f"{stem}_name" in names,
        10: ending == "name" or name == "name",
        15: stem in ("normalized", "rxnorm") or stem == "normalized_unit",
        30: ending in ("value", "high"),
    }
    return next((rank for rank, is_so in kinds.items() if is_so), 20), names.index(name)
