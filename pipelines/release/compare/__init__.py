"""What has changed from one edition to the next, as codes with counts (see `version.CHANGE_CODES`)."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.release.compare.documents import find_owners
from pipelines.release.compare.matching import (
    FINDINGS_TABLE,
    HISTORY_TABLE,
    SEEDS_TABLE,
    WIDENINGS,
    Comparison,
    RowCounts,
)
from pipelines.release.compare.version import Change
from pipelines.release.dataset import LICENCE_FILE
from pipelines.release.released import Edition
from pipelines.release.shapes import ColumnShape, TableShape
from schemas.tables import CODE_LISTS
from schemas.tables.base import name_of

_CODE_LISTS = {name_of(table) for table in CODE_LISTS}
_RULE_SHARE = 0.01  # a rule that moves fewer values than this corrects; one that moves more changes what to expect


def changes_in(comparison: Comparison) -> list[Change]:
    """Every change, tables in order."""
    old, new = comparison.old, comparison.new
    found = [Change("TABLE_REMOVED", name) for name in old.shapes if name not in new.shapes]
    found += [Change("TABLE_ADDED", name) for name in new.shapes if name not in old.shapes]
    for name in new.shapes:
        if name in old.shapes:
            found += compare_shapes(old.shapes[name], new.shapes[name])
            found += _compare_rows(name, comparison)
    if None not in (old.licence, new.licence) and old.licence != new.licence:
        found.append(Change("LICENCE_CHANGED", LICENCE_FILE))
    return found


# --- columns ---------------------------------------------------------------------------------------------------------


def compare_shapes(old: TableShape, new: TableShape) -> Iterator[Change]:
    """Changes of what is said about a table."""
    before = {column.name: column for column in old.columns}
    after = {column.name: column for column in new.columns}
    kept = [name for name in before if name in after]
    yield from (Change("COLUMN_REMOVED", new.name, name) for name in before if name not in after)
    yield from (Change("COLUMN_APPENDED", new.name, name) for name in after if name not in before)
    yield from (Change("COLUMN_MOVED", new.name, name) for name in _moved(list(before), list(after)))
    if old.key != new.key:
        yield Change("KEY_CHANGED", new.name)
    yield from (Change("REFERENCE_REMOVED", new.name, r.columns[0]) for r in old.references if r not in new.references)
    yield from (Change("REFERENCE_ADDED", new.name, r.columns[0]) for r in new.references if r not in old.references)
    if old.description != new.description:
        yield Change("DESCRIPTION_CHANGED", new.name)
    for name in kept:
        yield from (Change(code, new.name, name) for code in _column_codes(before[name], after[name]))


def _moved(before: list[str], after: list[str]) -> list[str]:
    """Columns that stand elsewhere, and not only because columns before them are gone."""
    kept = [name for name in before if name in after]
    return [name for name in kept if after.index(name) not in (before.index(name), kept.index(name))]


def _column_codes(old: ColumnShape, new: ColumnShape) -> Iterator[str]:
    if old.type != new.type:
        yield "TYPE_WIDENED" if (old.type, new.type) in WIDENINGS else "TYPE_NARROWED"
    if old.unit != new.unit:
        yield "UNIT_CHANGED"
    if new.nullable and not old.nullable:
        yield "NULLS_ALLOWED"
    looser = old.low is not None and (new.low is None or new.low < old.low)
    if looser or (old.values and (new.values is None or set(new.values) - set(old.values))):
        yield "VALUE_ALLOWED"
    if old.values and new.values and set(old.values) - set(new.values):
        yield "VALUE_DISALLOWED"
    closer = (old.nullable and not new.nullable) or (new.values and not old.values)
    closer = closer or (new.low is not None and (old.low is None or new.low > old.low))
    if old.description != new.description or closer:
        yield "DESCRIPTION_CHANGED"


# --- rows ------------------------------------------------------------------------------------------------------------


def _compare_rows(name: str, comparison: Comparison) -> Iterator[Change]:
    old, new = comparison.old, comparison.new
    if old.digests[name] == new.digests[name] or name == HISTORY_TABLE:
        return
    if name == FINDINGS_TABLE:
        yield Change("FINDINGS_CHANGED", name, None, abs(new.table(name).num_rows - old.table(name).num_rows))
        return
    counts = comparison.counts(name)
    if counts is None:
        return
    yield from _row_changes(name, counts)
    yield from _first_nulls(name, counts, old)
    if old.rules != new.rules:
        yield from (
            Change("RULE_CHANGED_COLUMN", name, column, count)
            for column, count in _cells_of_same_documents(name, comparison).items()
            if count > _RULE_SHARE * counts.kept
        )


def _cells_of_same_documents(name: str, comparison: Comparison) -> dict[str, int]:
    """How many values of each column changed although nobody edited their document: the code did it."""
    find_owners(comparison)
    query = """
        SELECT "column", count(*) AS count FROM told_cells LEFT JOIN owners USING (owner)
        WHERE "table" = ? AND coalesce(state, 'same') = 'same' GROUP BY "column" ORDER BY min(number)"""
    return {found["column"]: found["count"] for found in comparison.found(query, [name])}


def _row_changes(name: str, counts: RowCounts) -> Iterator[Change]:
    lost = counts.removed - counts.retired
    if counts.added:
        yield Change("ROWS_ADDED", name, None, counts.added)
    if counts.retired:
        yield Change("ROWS_RETIRED", name, None, counts.retired)
    if lost:
        yield Change(_code_for_lost_rows(name), name, None, lost)
    yield from (Change("VALUES_CHANGED", name, column, count) for column, count in counts.cells.items() if count)
    if counts.moved:
        yield Change("SEEDS_EDITED" if name == SEEDS_TABLE else "ROWS_MOVED", name, None, counts.moved)


def _code_for_lost_rows(name: str) -> str:
    if name in _CODE_LISTS:
        return "CODE_REMOVED"
    return "MONOGRAPH_LOST" if name == "monographs" else "ROWS_REMOVED"


def _first_nulls(name: str, counts: RowCounts, old: Edition) -> Iterator[Change]:
    """Columns that were complete and have lost a value of a row that was published before.

    A null of a new row in a column that may be null is no break: the schema has announced it.
    """
    before = old.table(name)
    for column, lost in counts.nulls.items():
        if lost and not before[column].null_count:
            yield Change("FIRST_NULL", name, column, lost)
