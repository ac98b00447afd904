"""Code tables: what a word means, as rows that a pharmacist can read and extend.

Two kinds of CSV file stand in this folder:

* a list of codes, `code,name,definition,source,…` (routes, dose forms, units, sections …);
* the spellings that lead to them, `text,code,…,note`. An empty code means: known, and deliberately not mapped.

A look-up has three outcomes: a row with a code, a row without one, or no row. There is no default and no
approximate match. Text is folded once, by the same function, when a table is loaded and when it is asked.
"""

from __future__ import annotations

import csv
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent

# NFKC turns "2½" into "21⁄2" and "10¹³" into "1013", so these are written out before it sees them.
_FRACTIONS = {ord(c): f" {n}/{d}" for c, n, d in (
    ("½", 1, 2), ("⅓", 1, 3), ("⅔", 2, 3), ("¼", 1, 4), ("¾", 3, 4), ("⅕", 1, 5), ("⅖", 2, 5), ("⅗", 3, 5),
    ("⅘", 4, 5), ("⅙", 1, 6), ("⅚", 5, 6), ("⅛", 1, 8), ("⅜", 3, 8), ("⅝", 5, 8), ("⅞", 7, 8),
)}  # fmt: skip
_SUPERSCRIPTS = {ord(c): f"^{d}" for c, d in zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True)}
_DASHES = {ord(c): "-" for c in "‐‑‒–—―−"}
_BEFORE_NFKC = _FRACTIONS | _SUPERSCRIPTS | _DASHES | {ord("’"): "'", ord("‘"): "'"}

Row = dict[str, str]


class CodeTableError(ValueError):
    """A code table is broken: names the file, the line and what to do."""


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """The key under which a spelling is kept: no case, no width, one kind of dash, quote and space.

    >>> fold("  Film‑Coated\u00a0TABLET ")
    'film-coated tablet'
    >>> fold("µg") == fold("μg")
    True
    """
    if text.isascii():
        return " ".join(text.casefold().split())
    return " ".join(unicodedata.normalize("NFKC", text.translate(_BEFORE_NFKC)).casefold().split())


@cache
def rows(name: str) -> tuple[Row, ...]:
    """Every row of `<name>.csv`, in file order; raises CodeTableError where a line has too few or too many cells."""
    path = FOLDER / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        found = []
        for row in reader:
            if None in row or None in row.values():
                expected = f"expected {len(reader.fieldnames or ())} cells; quote a cell that holds a comma"
                message = f"schemas/codes/{path.name}:{reader.line_num}: {expected}"
                raise CodeTableError(message)
            found.append(row)
    return tuple(found)


@cache
def by_code(name: str) -> dict[str, Row]:
    """The rows of a list of codes, by code."""
    return {row["code"]: row for row in rows(name)}


@cache
def by_spelling(name: str) -> dict[str, Row]:
    """The rows of a list of spellings, by folded text; raises CodeTableError where two rows fold to one key."""
    found: dict[str, Row] = {}
    for row in rows(name):
        key = fold(row["text"])
        if key in found:
            message = (
                f"schemas/codes/{name}.csv: {row['text']!r} and {found[key]['text']!r} are one spelling; keep one row"
            )
            raise CodeTableError(message)
        found[key] = row
    return found
