"""The data dictionary: every column of every table, one row each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from pipelines.release.shapes import Shapes, TableShape

HEADER = ("table", "column", "type", "unit", "nullable", "key", "references", "values", "description")


def data_dictionary(shapes: Shapes) -> str:
    """The dictionary as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows(dictionary_rows(shapes))
    return text.getvalue()


def dictionary_rows(shapes: Shapes) -> Iterator[tuple[str, ...]]:
    """The cells below HEADER."""
    for shape in shapes.values():
        yield from _rows(shape)


def _rows(shape: TableShape) -> Iterator[tuple[str, ...]]:
    targets = {
        column: f"{reference.target}.{target}"
        for reference in shape.references
        for column, target in zip(reference.columns, reference.target_columns, strict=True)
    }
    for column in shape.columns:
        yield (
            shape.name,
            column.name,
            column.type,
            column.unit or "",
            "true" if column.nullable else "false",
            "true" if column.is_key else "false",
            targets.get(column.name, ""),
            " | ".join(column.values or ()),
            column.description,
        )
