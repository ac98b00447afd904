"""What has changed from one edition to the next, as codes with counts (see `version.CHANGE_CODES`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.release.compare.matching import RowCounts, count_rows, trim
from pipelines.release.compare.version import Change
from pipelines.release.dataset import LICENCE_FILE
from pipelines.release.released import Edition
from pipelines.release.shapes import ColumnShape, TableShape
from schemas.tables import CODE_LISTS
from schemas.tables.base import name_of

FINDINGS_TABLE = "findings"  # an account of the data with numbers of its own: how it changes breaks nobody
_CODE_LISTS = {name_of(table) for table in CODE_LISTS}
WIDENINGS = {("int32", "int64"), ("float", "double"), ("date32[day]", "timestamp[us]")}
_RULE_SHARE = 0.01  # a rule that moves fewer values than this corrects; one that moves more changes what to expect


Counts = Callable[[str], RowCounts | None]


def counts_between(old: Edition, new: Edition) -> Counts:
    """The difference of the rows of a table, by its name, counted once; None where rows have no common key."""
    return cache(partial(_row_counts, old=old, new=new))


def compare(old: Edition, new: Edition, counts: Counts | None = None) -> list[Change]:
    """Every change, tables in order; `counts` are those of the rows, where the caller has a use for them too."""
    counts = counts or counts_between(old, new)
    found = [Change("TABLE_REMOVED", name) for name in old.shapes if name not in new.shapes]
    found += [Change("TABLE_ADDED", name) for name in new.shapes if name not in old.shapes]
    for name in new.shapes:
        if name in old.shapes:
            found += compare_shapes(old.shapes[name], new.shapes[name])
            found += _compare_rows(name, old, new, counts)
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


def _compare_rows(name: str, old: Edition, new: Edition, counts_of: Counts) -> Iterator[Change]:
    if old.digests[name] == new.digests[name]:
        return
    if name == FINDINGS_TABLE:
        yield Change("FINDINGS_CHANGED", name, None, abs(new.table(name).num_rows - old.table(name).num_rows))
        return
    counts = counts_of(name)
    if counts is None:
        return
    yield from _row_changes(name, counts)
    yield from _first_nulls(name, old, new)
    if old.rules != new.rules:
        yield from (
            Change("RULE_CHANGED_COLUMN", name, column, count)
            for column, count in counts.cells.items()
            if count > _RULE_SHARE * counts.kept
        )


def _row_counts(name: str, old: Edition, new: Edition) -> RowCounts | None:
    values = comparable_columns(old.shapes[name], new.shapes[name])
    if values is None:
        return None
    key = new.shapes[name].key
    parts = trim(old.table(name), new.table(name), [*key, *values])
    counts = count_rows(parts.old, parts.new, key, values, retired_in(new))
    return replace(counts, kept=counts.kept + parts.alike)


def comparable_columns(old: TableShape, new: TableShape) -> list[str] | None:
    """The columns beside the key that both have with one type; None where rows have no common key."""
    types = {column.name: column.type for column in old.columns}
    same = [column.name for column in new.columns if types.get(column.name) == column.type]
    if old.key != new.key or not set(new.key) <= set(same):
        return None
    return [column for column in same if column not in new.key]


def retired_in(edition: Edition) -> pa.Table:
    """The monographs that an edition names as retired."""
    if "retired" not in edition.shapes:
        return pa.table({"monograph_id": pa.array([], pa.string())})
    return edition.table("retired").select(["monograph_id"])


def _row_changes(name: str, counts: RowCounts) -> Iterator[Change]:
    lost = counts.removed - counts.retired
    if counts.added:
        yield Change("ROWS_ADDED", name, None, counts.added)
    if counts.retired:
        yield Change("ROWS_RETIRED", name, None, counts.retired)
    if lost:
        yield Change(_code_for_lost_rows(name), name, None, lost)
    yield from (Change("VALUES_CHANGED", name, column, count) for column, count in counts.cells.items() if count)


def _code_for_lost_rows(name: str) -> str:
    if name in _CODE_LISTS:
        return "CODE_REMOVED"
    return "MONOGRAPH_LOST" if name == "monographs" else "ROWS_REMOVED"


def _first_nulls(name: str, old: Edition, new: Edition) -> Iterator[Change]:
    """Columns that were complete and have lost a value of a row that was published before.

    A null of a new row in a column that may be null is no break: the schema has announced it.
    """
    before, after, key = old.table(name), new.table(name), new.shapes[name].key
    if old.shapes[name].key != key or not before.num_rows:
        return
    for column in after.column_names:
        if column in before.column_names and not before[column].null_count and after[column].null_count:
            lost = after.filter(pc.is_null(after[column])).select(key)
            count = lost.join(before.select(key), key, join_type="left semi").num_rows
            if count:
                yield Change("FIRST_NULL", name, column, count)
