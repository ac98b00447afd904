"""`monographs diff`: what changed from one released version to another, and why."""

from __future__ import annotations

from collections import Counter

from pipelines.command import Answer
from pipelines.release import read_release
from pipelines.release.compare.changes_page import changes_page, changes_told
from pipelines.release.compare.matching import FINDINGS_TABLE
from pipelines.release.compare.record import difference_of
from pipelines.release.log import Record


def difference_between(outputs: str, older: str, newer: str, table: str | None, *, full: bool = False) -> Answer:
    """A line for each document as lines, or the `full` page, and its record as data; of one table only, if named."""
    if table is not None:
        known = [*read_release(outputs, older)["tables"], *read_release(outputs, newer)["tables"]]
        if table not in known:
            why = f"Neither {older} nor {newer} has a table {table}; they have {', '.join(dict.fromkeys(known))}."
            return Answer([why], {"error": why}, 1)
    record = difference_of(outputs, older, newer)
    if table is not None:
        record = _only(record, table)
    lines = changes_page(record) if full or table else list(changes_told(record))
    return Answer(lines, record)


def _only(record: Record, table: str) -> Record:
    """What a record says of one table, and the bump that this alone would make."""
    own = {part: [entry for entry in record[part] if entry["table"] == table] for part in ("reasons", "tables")}
    counts = Counter[str]()
    for reason in own["reasons"]:
        counts[reason["code"]] += reason["count"]
    computed = own["reasons"][0]["bump"] if own["reasons"] else "none"
    return {
        **record,
        **own,
        "computed": computed,
        "counts": dict(sorted(counts.items())),
        "findings": record["findings"] if table == FINDINGS_TABLE else [],
    }
