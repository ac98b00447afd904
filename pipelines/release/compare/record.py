"""What a release changed and why, in one record: `changes/changes.json`, and what `monographs diff` prints.

from, to       versions, and `content_sha256` of both
bump           how the version moved
counts         by change code
reasons        each change: code, meaning, table, column, count, and examples
changed        how many monographs have rows to tell of, and how many seeds were edited, removed or are new
documents      what changed in each of them, in words; removed and rewritten ones first
tables         of each changed table: rows before and after, rows by what happened, and its delta
findings       how many of each code, before and after, where that differs
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.release import log
from pipelines.release.compare import changes_in
from pipelines.release.compare.changes_page import changes_page, shortened
from pipelines.release.compare.delta import Delta, write_deltas
from pipelines.release.compare.documents import documents_counted, documents_of, find_owners
from pipelines.release.compare.matching import FINDINGS_TABLE, OWNER, Comparison
from pipelines.release.compare.version import CHANGE_CODES, Change, bump_of
from pipelines.release.digest import total_digest
from pipelines.release.failures import using
from pipelines.release.layout import CHANGES
from pipelines.release.log import Record, to_json
from pipelines.release.released import Edition, edition_in, read_release
from pipelines.release.shapes import ColumnShape
from pipelines.release.store import Place, store_at
from pipelines.tables.sql import literal, write_query

_ROWS = pa.schema(
    [pa.field(name, pa.string(), nullable=name == "old_key") for name in ("table", "key", "op", "old_key")]
)
_CELLS = pa.schema(
    [
        pa.field(name, pa.string(), nullable=name in ("old", "new"))
        for name in ("table", "key", "column", "old", "new", "change_code")
    ]
)
_OPS_OF_CODE = {
    "ROWS_ADDED": ("add", "restore"),
    "ROWS_RETIRED": ("retire",),
    "ROWS_REMOVED": ("remove",),
    "CODE_REMOVED": ("remove",),
    "MONOGRAPH_LOST": ("remove",),
}
_OF_CELLS = ("VALUES_CHANGED", "RULE_CHANGED_COLUMN", "FIRST_NULL")
_MOST_EXAMPLES = 5
_LONGEST_EXAMPLE = 200  # characters: what is longer stands whole in cells.parquet
_COLUMN_FACTS = {
    "TYPE_NARROWED": "type",
    "TYPE_WIDENED": "type",
    "UNIT_CHANGED": "unit",
    "VALUE_ALLOWED": "values",
    "VALUE_DISALLOWED": "values",
    "DESCRIPTION_CHANGED": "description",
}


def counts_of(changes: Sequence[Change]) -> dict[str, int]:
    """Rows, cells or columns by code."""
    counts: Counter[str] = Counter()
    for change in changes:
        counts[change.code] += change.count
    return dict(sorted(counts.items()))


def write_changes(
    comparison: Comparison, new: Edition, changes: Sequence[Change], decided: Record, folder: Path
) -> None:
    """Writes `changes/` into the folder of a release; `decided` goes first into the record.

    `new` is the newer edition of the comparison, under the version that it is released as.
    """
    target = (folder / CHANGES).parent
    target.mkdir()
    _write_rows(comparison, changes, target)
    deltas = dict(write_deltas(comparison, new, folder))
    record = decided | _record(comparison, new, changes, deltas)
    (target / "changes.json").write_bytes(to_json(record))
    (target / "changes.md").write_bytes("\n".join([*changes_page(record), ""]).encode())


def _write_rows(comparison: Comparison, changes: Sequence[Change], target: Path) -> None:
    """Writes `rows.parquet` and `cells.parquet`, tables in order and rows by key."""
    rows = 'SELECT "table", key, op, old_key FROM told_rows ORDER BY number'
    write_query(comparison.database, rows, _ROWS, target / "rows.parquet", {})
    columns: dict[str, list[tuple[str, str]]] = {"RULE_CHANGED_COLUMN": [], "FIRST_NULL": []}
    for change in changes:
        if change.code in columns and change.column:
            columns[change.code].append((change.table, change.column))
    is_of = {code: _is_one_of(found) for code, found in columns.items()}
    cells = f"""
        SELECT "table", key, "column", old, new, CASE
            WHEN new IS NULL AND {is_of["FIRST_NULL"]} THEN 'FIRST_NULL'
            WHEN {is_of["RULE_CHANGED_COLUMN"]} THEN 'RULE_CHANGED_COLUMN' ELSE 'VALUES_CHANGED' END AS change_code
        FROM told_cells ORDER BY number"""  # noqa: S608  (names of tables and columns, as literals)
    write_query(comparison.database, cells, _CELLS, target / "cells.parquet", {})


def _is_one_of(columns: Sequence[tuple[str, str]]) -> str:
    pairs = ", ".join(f"({literal(table)}, {literal(column)})" for table, column in columns)
    return f'("table", "column") IN ({pairs})' if pairs else "false"


def _record(comparison: Comparison, new: Edition, changes: Sequence[Change], deltas: Mapping[str, Delta]) -> Record:
    old = comparison.old
    find_owners(comparison)
    ordered = sorted(changes, key=lambda change: -change.bump)  # stable: within a bump, tables in order
    changed = [name for name in new.shapes if name in deltas or old.digests.get(name) != new.digests[name]]
    return {
        "content_sha256_from": total_digest(old.digests),
        "content_sha256": total_digest(new.digests),
        "computed": bump_of(changes).name.lower(),
        "changed": documents_counted(comparison),
        "documents": documents_of(comparison),
        "counts": counts_of(changes),
        "reasons": [_reason(change, comparison) for change in ordered],
        "tables": [_table(name, comparison, new, deltas.get(name)) for name in changed],
        "findings": _changed_findings(old, new),
    }


def _reason(change: Change, comparison: Comparison) -> Record:
    told = {"bump": change.bump.name.lower(), **asdict(change), "meaning": CHANGE_CODES[change.code][1]}
    fact = _COLUMN_FACTS.get(change.code)
    if fact and change.column:
        sides = {side: _column(edition, change) for side, edition in (("old", comparison.old), ("new", comparison.new))}
        told |= {side: getattr(column, fact) for side, column in sides.items()}
    return told | {"examples": [_clipped(example) for example in _examples(change, comparison)]}


def _examples(change: Change, comparison: Comparison) -> list[dict[str, Any]]:
    """The first rows, or the commonest pairs of old and new, that a change is about; a pair with its first key."""
    if change.code in _OPS_OF_CODE:
        query = """
            SELECT key, op FROM told_rows WHERE "table" = ? AND list_contains(?, op) ORDER BY number LIMIT ?"""
        return comparison.found(query, [change.table, list(_OPS_OF_CODE[change.code]), _MOST_EXAMPLES])
    if change.code not in _OF_CELLS:
        return []
    only = "AND new IS NULL" if change.code == "FIRST_NULL" else ""
    query = f"""
        SELECT arg_min(key, number) AS key, old, new, count(*) AS count
        FROM told_cells WHERE "table" = ? AND "column" = ? {only}
        GROUP BY old, new ORDER BY count DESC, min(number) LIMIT ?"""  # noqa: S608  (a constant)
    return comparison.found(query, [change.table, change.column, _MOST_EXAMPLES])


def _column(edition: Edition, change: Change) -> ColumnShape:
    return next(column for column in edition.shapes[change.table].columns if column.name == change.column)


def _clipped(example: Record) -> Record:
    return {
        name: shortened(value, _LONGEST_EXAMPLE) if isinstance(value, str) else value for name, value in example.items()
    }


def _table(name: str, comparison: Comparison, new: Edition, delta: Delta | None) -> Record:
    return {
        "table": name,
        "rows_before": comparison.old.table(name).num_rows if name in comparison.old.shapes else 0,
        "rows_after": new.table(name).num_rows,
        "is_of_monographs": OWNER in new.shapes[name].key,
        **comparison.ops(name),
        "delta": asdict(delta) if delta else None,
    }


def _changed_findings(old: Edition, new: Edition) -> list[Record]:
    before, after = _findings_by_code(old), _findings_by_code(new)
    codes = sorted({*before, *after})
    return [
        {"finding_code": code, "before": before[code], "after": after[code]}
        for code in codes
        if before[code] != after[code]
    ]


def _findings_by_code(edition: Edition) -> Counter[str]:
    if FINDINGS_TABLE not in edition.shapes:
        return Counter()
    counted = edition.table(FINDINGS_TABLE)["finding_code"].value_counts()
    return Counter({entry["values"]: entry["counts"] for entry in counted.to_pylist()})


def rehearsed(comparison: Comparison, new: Edition, changes: Sequence[Change], most: int) -> Record:
    """The record of a release that nobody makes, with its first rows and cells: at most so many of each."""
    record = _record(comparison, new, changes, {})
    rows = 'SELECT "table", key, op, old_key FROM told_rows ORDER BY number LIMIT ?'
    cells = 'SELECT "table", key, "column", old, new FROM told_cells ORDER BY number LIMIT ?'
    return record | {"rows": comparison.found(rows, [most]), "cells": comparison.found(cells, [most])}


# --- The difference of any two released versions, whichever came first


def difference_of(outputs: Place, older: str, newer: str) -> Record:
    """The record of `changes`, from `older` to `newer`; raises as `read_release` does for each of the two."""
    old, new = _edition(outputs, older), _edition(outputs, newer)
    with using(outputs):
        comparison = Comparison(old, new)
        return {"from": older, "to": newer} | _record(comparison, new, changes_in(comparison), {})


def _edition(outputs: Place, version: str) -> Edition:
    read_release(outputs, version)
    store = store_at(outputs)
    with using(outputs):
        return edition_in(store, log.releases(log.read_log(store))[version])
