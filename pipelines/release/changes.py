"""What a release changed and why, in one record: `changes/changes.json`, and what `monographs diff` prints.

from, to       versions, and `content_sha256` of both
bump           how the version moved
counts         by change code
reasons        each change: code, meaning, table, column, count, and examples
tables         of each changed table: rows before and after, rows by what happened, and its delta
findings       how many of each code, before and after, where that differs
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.release.changes_page import clipped, page_of
from pipelines.release.compare import FINDINGS
from pipelines.release.delta import Delta, write_deltas
from pipelines.release.difference import Difference, difference
from pipelines.release.digest import total_digest
from pipelines.release.edition import Edition
from pipelines.release.log import Record, to_json
from pipelines.release.shapes import ColumnShape
from pipelines.release.version import CODES, Change, bump_of

CHANGES = "changes/changes.json"
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


def write_changes(old: Edition, new: Edition, changes: Sequence[Change], told: Record, folder: Path) -> None:
    """Writes `changes/` into the folder of a release; `told` goes first into the record."""
    target = (folder / CHANGES).parent
    target.mkdir()
    with TemporaryDirectory(dir=folder.parent) as scratch, difference(old, new, changes, Path(scratch)) as found:
        found.write(target)
        deltas = dict(write_deltas(found.database, old, new, folder))
        record = told | _record(old, new, changes, found, deltas)
    (target / "changes.json").write_bytes(to_json(record))
    (target / "changes.md").write_bytes("\n".join([*page_of(record), ""]).encode())


def changes_between(old: Edition, new: Edition, changes: Sequence[Change], told: Record) -> Record:
    """The same record for two editions that need not follow each other; without deltas."""
    with TemporaryDirectory() as scratch, difference(old, new, changes, Path(scratch)) as found:
        return told | _record(old, new, changes, found, {})


def _record(
    old: Edition, new: Edition, changes: Sequence[Change], found: Difference, deltas: Mapping[str, Delta]
) -> Record:
    ordered = sorted(changes, key=lambda change: -change.bump)  # stable: within a bump, tables in order
    changed = [name for name in new.shapes if name in deltas or old.digests.get(name) != new.digests[name]]
    return {
        "content_sha256_from": total_digest(old.digests),
        "content_sha256": total_digest(new.digests),
        "computed": bump_of(changes).name.lower(),
        "counts": counts_of(changes),
        "reasons": [_reason(change, old, new, found) for change in ordered],
        "tables": [_table(name, old, new, found, deltas.get(name)) for name in changed],
        "findings": _findings(old, new),
    }


def _reason(change: Change, old: Edition, new: Edition, found: Difference) -> Record:
    told = {"bump": change.bump.name.lower(), **asdict(change), "meaning": CODES[change.code][1]}
    fact = _COLUMN_FACTS.get(change.code)
    if fact and change.column:
        sides = {side: _column(edition, change) for side, edition in (("old", old), ("new", new))}
        told |= {side: getattr(column, fact) for side, column in sides.items()}
    return told | {"examples": [_clipped(example) for example in found.examples(change, _MOST_EXAMPLES)]}


def _column(edition: Edition, change: Change) -> ColumnShape:
    return next(column for column in edition.shapes[change.table].columns if column.name == change.column)


def _clipped(example: Record) -> Record:
    return {
        name: clipped(value, _LONGEST_EXAMPLE) if isinstance(value, str) else value for name, value in example.items()
    }


def _table(name: str, old: Edition, new: Edition, found: Difference, delta: Delta | None) -> Record:
    return {
        "table": name,
        "rows_before": old.table(name).num_rows if name in old.shapes else 0,
        "rows_after": new.table(name).num_rows,
        **found.counts(name),
        "delta": asdict(delta) if delta else None,
    }


def _findings(old: Edition, new: Edition) -> list[Record]:
    before, after = _findings_by_code(old), _findings_by_code(new)
    codes = sorted({*before, *after})
    return [
        {"finding_code": code, "before": before[code], "after": after[code]}
        for code in codes
        if before[code] != after[code]
    ]


def _findings_by_code(edition: Edition) -> Counter[str]:
    if FINDINGS not in edition.shapes:
        return Counter()
    counted = edition.table(FINDINGS)["finding_code"].value_counts()
    return Counter({entry["values"]: entry["counts"] for entry in counted.to_pylist()})
