"""The Excel edition: a sheet that tells what it is, the dictionary, and one sheet for each table.

The file knows no clock: equal tables give equal bytes. Rows are written as they come and not held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.release.dataset import CREATOR, DATASET, LICENCE, TITLE
from pipelines.release.describe.dictionary import HEADER, dictionary_rows
from pipelines.release.shapes import Shapes

_DAY_ONE = datetime(2000, 1, 1, tzinfo=UTC)  # a workbook must say when it was made; this one says the same every day
MOST_CELLS = 1_000_000  # with a value: more takes longer to write than all else together, and longer to open
_ROWS_AT_ONCE = 8_192
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_ABOUT = (
    "One sheet for each table; the sheet dictionary explains every column.",
    "A cell without a value is a null; one with an empty text looks the same. Numbers have 16 digits.",
    "Not medical advice: the tables hold what documents state, right or wrong. Do not prescribe or dose from them.",
)


def name_of_workbook(version: str) -> str:
    """A name that says what the file is: it is carried away alone."""
    return f"{DATASET}-{version}.xlsx"


def is_for_excel(tables: Mapping[str, pa.Table]) -> bool:
    """True where a workbook of the tables is one that a person opens."""
    cells: int = sum(len(column) - column.null_count for table in tables.values() for column in table.columns)
    return cells <= MOST_CELLS


def write_workbook(
    path: Path, version: str, content_sha256: str, shapes: Shapes, tables: Mapping[str, pa.Table]
) -> None:
    """Writes the workbook; its scratch files go beside the folder of `path`."""
    import xlsxwriter  # noqa: PLC0415  (only a release needs it)
    from xlsxwriter.exceptions import FileCreateError  # noqa: PLC0415

    book = xlsxwriter.Workbook(str(path), {**_OPTIONS, "tmpdir": str(path.parent.parent)})
    book.set_properties({"title": f"{TITLE} {version}", "author": CREATOR, "created": _DAY_ONE})
    about = Sheet(book, "about", "README.md")
    _write_dictionary(book, shapes)
    notes = {name: _write_table(book, name, tables[name]) for name in shapes}
    about.write_rows(
        [[f"{TITLE} {version}"], [f"content_sha256: {content_sha256}"], [f"Licence: {LICENCE}"], *([s] for s in _ABOUT)]
    )
    about.write_header(("table", "rows", "left out here"), (0, 0, 0), len(shapes))
    about.write_rows((name, tables[name].num_rows, note) for name, note in notes.items())
    try:
        book.close()
    except FileCreateError as error:
        raise error.args[0] from error  # what the system said, such as that the disk is full


def _write_dictionary(book: Any, shapes: Shapes) -> None:  # noqa: ANN401  (xlsxwriter has no public type)
    rows = list(dictionary_rows(shapes))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    sheet = Sheet(book, "dictionary", "data-dictionary.csv")
    sheet.write_header(HEADER, widths, len(rows))
    sheet.write_rows(rows)


def _write_table(book: Any, name: str, table: pa.Table) -> str | None:  # noqa: ANN401
    """Writes the sheet of a table; gives what it had to leave out."""
    whole = f"data/{name}.csv"
    sheet = Sheet(book, name, whole)
    fits = table.num_rows < MOST_ROWS
    sheet.write_header(table.column_names, [_width(column) for column in table.columns], table.num_rows if fits else 0)
    if not fits:
        note = f"all rows, which are more than a sheet of Excel holds: see {whole}"
        sheet.write_rows([[note]])
        return note
    sheet.write_rows(_rows(table))
    return f"{sheet.left_out} texts that are too long for a cell: see {whole}" if sheet.left_out else None


def _rows(table: pa.Table) -> Iterator[Sequence[object]]:
    for batch in table.to_batches(_ROWS_AT_ONCE):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _width(column: pa.ChunkedArray) -> int:
    """How many characters the longest cell has; 0 where there is none."""
    longest = pc.max(pc.utf8_length(column.cast(pa.string()))).as_py()
    return longest or 0


# --- A sheet of the Excel edition: words as text, numbers as numbers, and nothing that is evaluated


MOST_ROWS = 1_048_576  # of a sheet of Excel, with the header
_MOST_CHARACTERS = 32_767  # of a cell of Excel, in units of UTF-16
_NARROWEST, _WIDEST = 8, 60  # of a column, in characters
_MAY_BE_EVALUATED = ("=", "+", "-", "@", "\t", "\r")


class Sheet:
    """Rows from the top down, each written once. `left_out` counts the texts that are too long for a cell."""

    def __init__(self, book: Any, name: str, whole: str) -> None:  # noqa: ANN401  (xlsxwriter has no public type)
        """`whole` is the file that has what the sheet cannot hold."""
        self._sheet = book.add_worksheet(name)
        self._bold, self._plain = book.add_format({"bold": True}), book.add_format()
        self._as_text = book.add_format({"quote_prefix": True})  # stays text when somebody edits the cell
        self._whole = whole
        self._row = 0
        self.left_out = 0

    def write_header(self, names: Sequence[str], widths: Sequence[int], rows: int) -> None:
        """Names that stay in sight, over columns as wide as their words; `rows` follow."""
        for place, (name, width) in enumerate(zip(names, widths, strict=True)):
            self._sheet.write_string(self._row, place, name, self._bold)
            self._sheet.set_column(place, place, min(max(width, len(name) + 3, _NARROWEST), _WIDEST))
        self._sheet.freeze_panes(self._row + 1, 0)
        self._sheet.autofilter(self._row, 0, self._row + rows, len(names) - 1)
        self._row += 1

    def write_rows(self, rows: Iterable[Sequence[object]]) -> None:
        """Cells by their type: text, number, truth; a null leaves its cell empty."""
        for row in rows:
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    self._write_text(place, cell)
                elif isinstance(cell, bool):
                    self._sheet.write_boolean(self._row, place, cell)
                elif cell is not None:
                    self._sheet.write_number(self._row, place, cell)
            self._row += 1

    def _write_text(self, place: int, text: str) -> None:
        if len(text) > _MOST_CHARACTERS // 2 and len(text.encode("utf-16-le")) // 2 > _MOST_CHARACTERS:
            self.left_out += 1
            text = f"[{len(text)} characters, more than a cell of Excel holds: see {self._whole}]"
        if text.startswith("<r>"):  # xlsxwriter takes such a text for its own markup and would write it unescaped
            self._sheet.write_rich_string(self._row, place, text[:1], self._plain, text[1:])
        else:
            style = self._as_text if text.startswith(_MAY_BE_EVALUATED) else None
            self._sheet.write_string(self._row, place, text, style)
