"""A sheet of the Excel edition: words as text, numbers as numbers, and nothing that is evaluated.

What a sheet cannot hold is never cut: a notice that names the file with the whole stands in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

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
