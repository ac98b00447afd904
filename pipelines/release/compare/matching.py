"""Which rows of a table were added, removed and changed, counted by DuckDB and not by a loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pyarrow as pa

from pipelines.tables.sql import any_differs, same_key, seeing, spilling_to


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Rows in the new table only, in the old only, in both, and in both with another value; and cells by column.

    `retired` of the removed rows belong to a monograph that is named as retired.
    """

    added: int
    removed: int
    retired: int
    kept: int
    changed: int
    cells: dict[str, int]


def count_rows(old: pa.Table, new: pa.Table, key: Sequence[str], values: Sequence[str], retired: pa.Table) -> RowCounts:
    """Compares the columns `values` of rows with one key. `retired` has the column `monograph_id`."""
    differs = {name: f"({any_differs([name])})" for name in values}
    gone = "a.monograph_id IN (SELECT monograph_id FROM retired)" if "monograph_id" in key else "false"
    both = "a.is_row AND b.is_row"
    counted = [
        "count(*) FILTER (a.is_row IS NULL)",
        "count(*) FILTER (b.is_row IS NULL)",
        f"count(*) FILTER (b.is_row IS NULL AND {gone})",
        f"count(*) FILTER ({both})",
        f"count(*) FILTER ({both} AND ({' OR '.join(differs.values()) or 'false'}))",
        *(f"count(*) FILTER ({both} AND {condition})" for condition in differs.values()),
    ]
    query = (
        f"SELECT {', '.join(counted)} FROM (SELECT *, true AS is_row FROM old) a "  # noqa: S608  (names are quoted)
        f"FULL JOIN (SELECT *, true AS is_row FROM new) b ON {same_key(key)}"
    )
    with (
        TemporaryDirectory() as scratch,
        spilling_to(Path(scratch)) as database,
        seeing(database, old=old, new=new, retired=retired),
    ):
        found = database.execute(query).fetchall()[0]
    added, removed, gone_too, kept, changed = found[:5]
    return RowCounts(added, removed, gone_too, kept, changed, dict(zip(differs, found[5:], strict=True)))


# --- The rows in which two tables may differ, found without joining them: what both begin and end with is left out


class Trimmed(NamedTuple):
    """What is left of the older and of the newer table, and how many rows of each are not: those are equal."""

    old: pa.Table
    new: pa.Table
    alike: int


def trim(old: pa.Table, new: pa.Table, columns: Sequence[str]) -> Trimmed:
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
    return Trimmed(left, right, first + last)


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
