"""Code tables: what a word means, as rows that a pharmacist can read and extend.

Two kinds of CSV file stand in this folder:

* a list of codes, `code,name,definition,source,…` (routes, dose forms, units, sections …);
* the spellings that lead to them, `text,code,…,note`. An empty code means: known, and deliberately not mapped.

A look-up has three outcomes: a row with a code, a row without one, or no row. There is no default and no
approximate match. Text is folded once, by the same function, when a table is loaded and when it is asked.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TextIO

from schemas.codes.folding import fold

__all__ = [
    "FOLDER",
    "SPELLINGS",
    "CodeTableError",
    "Row",
    "by_code",
    "by_spelling",
    "fold",
    "require_codes",
    "require_whole_tables",
    "rows",
]

FOLDER = Path(__file__).parent

Row = dict[str, str]
_FIRST_COLUMNS = ("text", "code", "system_code")


class CodeTableError(ValueError):
    """A code table is broken: names the file, the line and what to do."""


@cache
def rows(name: str) -> tuple[Row, ...]:
    """Every row of `<name>.csv`, in file order; raises CodeTableError where the file is not a whole table."""
    path = FOLDER / f"{name}.csv"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return tuple(_rows(path.name, csv.DictReader(file, strict=True, delimiter=_delimiter(file))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        message = f"schemas/codes/{path.name}: {error}; save it as a CSV file in UTF-8, or take it from the repository"
        raise CodeTableError(message) from error


def _delimiter(file: TextIO) -> str:
    """A comma; a semicolon if the first line has only those, as a spreadsheet saves a CSV file in much of Europe."""
    first = file.readline()
    file.seek(0)
    return ";" if ";" in first and "," not in first else ","


def _rows(file: str, reader: csv.DictReader[str]) -> Iterator[Row]:
    if (reader.fieldnames or [""])[0] not in _FIRST_COLUMNS:
        message = (
            f"schemas/codes/{file}:1: the first line must name the columns, beginning with text, code or system_code"
        )
        raise CodeTableError(message)
    for row in reader:
        if None in row or None in row.values():
            expected = f"expected {len(reader.fieldnames or ())} cells; quote a cell that holds a comma"
            message = f"schemas/codes/{file}:{reader.line_num}: {expected}"
            raise CodeTableError(message)
        yield row


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


def require_codes(spellings: str, codes: str) -> None:
    """Raises CodeTableError where a spelling leads to a code that its list does not have, or to none without a note."""
    listed = by_code(codes)
    standard = {fold(row["name"]): row["code"] for row in rows(codes)} if codes in _NAMED_BY_A_STANDARD else {}
    for line, row in enumerate(rows(spellings), start=2):
        if row["code"] and row["code"] not in listed:
            meant = _meant(row["code"], codes)
            message = f"schemas/codes/{spellings}.csv:{line}: {codes}.csv has no code {row['code']!r}{meant}"
            raise CodeTableError(message)
        if standard.get(fold(row["text"]), row["code"]) != row["code"]:
            message = f"schemas/codes/{spellings}.csv:{line}: {row['text']!r} is the standard name of another code"
            raise CodeTableError(message)
        if not row["code"] and not row["note"]:
            message = f"schemas/codes/{spellings}.csv:{line}: say in the note why {row['text']!r} has no code"
            raise CodeTableError(message)


def _meant(written: str, codes: str) -> str:
    """The question that helps if a name was written for its code."""
    by_name = {fold(row["name"]): row["code"] for row in rows(codes)}
    near = get_close_matches(fold(written), by_name, n=1)
    return f"; did you mean {by_name[near[0]]} ({by_code(codes)[by_name[near[0]]]['name']})?" if near else ""


_NAMED_BY_A_STANDARD = ("dose_forms", "routes")
_TOLD_APART_BY_CASE = ("unit_synonyms",)  # MU and mU differ by a factor of 10^9

# Which list each table of spellings leads to.
SPELLINGS = {
    "dose_form_synonyms": "dose_forms",
    "route_synonyms": "routes",
    "section_titles": "sections",
    "unit_synonyms": "units",
}


def require_whole_tables() -> None:
    """Raises CodeTableError for the first table that is not whole: before a release, a wrong row is better loud."""
    for path in sorted(FOLDER.glob("*.csv")):
        rows(path.stem)
    for spellings, listed in SPELLINGS.items():
        require_codes(spellings, listed)
        if spellings not in _TOLD_APART_BY_CASE:
            by_spelling(spellings)
