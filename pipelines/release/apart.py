"""The rows in which two tables may differ, found without joining them: what both begin and end with is left out.

Where one document of many has changed, a handful of rows is left to be joined, counted and shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pyarrow as pa


class Apart(NamedTuple):
    """What is left of the older and of the newer table, and how many rows of each are not: those are equal."""

    old: pa.Table
    new: pa.Table
    alike: int


def apart(old: pa.Table, new: pa.Table, columns: Sequence[str]) -> Apart:
    """Compares `columns`, which both tables have with one type and which hold the key; both are in key order."""
    before, after = old.select(list(columns)), new.select(list(columns))
    shorter = min(old.num_rows, new.num_rows)

    def begin_alike(start: int, rows: int) -> bool:
        return _are_equal(before.slice(start, rows), after.slice(start, rows))

    def end_alike(start: int, rows: int) -> bool:
        done = start + rows
        return _are_equal(before.slice(old.num_rows - done, rows), after.slice(new.num_rows - done, rows))

    first = _longest(begin_alike, shorter)
    last = _longest(end_alike, shorter - first)
    left, right = (table.slice(first, table.num_rows - first - last) for table in (old, new))
    return Apart(left, right, first + last)


def _longest(are_alike: Callable[[int, int], bool], most: int) -> int:
    """How many rows are alike from row 0 on, `most` at most; each row is looked at about twice."""
    alike = 0
    while alike < most:
        half = (most - alike + 1) // 2
        if are_alike(alike, half):
            alike += half
        else:
            most = alike + half - 1
    return alike


def _are_equal(one: pa.Table, other: pa.Table) -> bool:
    return all(a.equals(b) for a, b in zip(one.columns, other.columns, strict=True))
