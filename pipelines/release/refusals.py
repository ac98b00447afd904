"""When tables must not be released, in sentences that name the table and the remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa

from pipelines.release.compare import FINDINGS, Counts
from pipelines.release.edition import Edition
from pipelines.release.integrity import broken_rules
from pipelines.release.shapes import Shapes

_MAY_BECOME_EMPTY = (FINDINGS, "retired")  # no finding and no loss are good news
_SMALLEST_TABLE = 100  # rows: in a smaller table a few rows are a large share, and a person can read them all
_MOST_REMOVED = 0.05  # of the rows of a table: more is rather a lost folder of seeds than an edit
_MOST_CHANGED = 0.20  # of the rows of a table: more is rather a broken rule than a correction
_ACCEPT = 'if that is meant, say why: --accept-large-change "why".'


def broken_tables(shapes: Shapes, tables: Mapping[str, pa.Table]) -> list[str]:
    """What makes tables no release at all: a table or column is missing, a key stands twice, a reference dangles."""
    return list(_not_of_the_schema(shapes, tables)) or [
        f"{name}: {why}." for name, why in broken_rules(shapes, tables.__getitem__)
    ]


def _not_of_the_schema(shapes: Shapes, tables: Mapping[str, pa.Table]) -> Iterator[str]:
    for name, shape in shapes.items():
        if name not in tables:
            yield f"The table {name} is missing; a release holds every table of schemas/tables."
        elif not tables[name].schema.equals(shape.arrow_schema):
            yield f"The table {name} has other columns or types than schemas/tables says."
        elif any(tables[name][c.name].null_count for c in shape.columns if not c.nullable):
            yield f"The table {name} has a null where schemas/tables allows none."
    yield from (f"The table {name} is not described in schemas/tables." for name in tables if name not in shapes)


def large_changes(old: Edition, new: Edition, counts: Counts) -> list[str]:
    """What is more likely an accident than an edit: a person must say that it is meant."""
    return [why for name in new.shapes if name in old.shapes for why in _large_change(name, old, new, counts)]


def _large_change(name: str, old: Edition, new: Edition, counts_of: Counts) -> Iterator[str]:
    if old.digests[name] == new.digests[name] or name in _MAY_BECOME_EMPTY:
        return
    rows = old.table(name).num_rows
    if rows and not new.table(name).num_rows:
        yield f"{name}: all {rows} rows are gone; {_ACCEPT}"
        return
    counts = counts_of(name) if rows >= _SMALLEST_TABLE else None
    if counts and counts.removed > _MOST_REMOVED * rows:
        yield f"{name}: {counts.removed} of {rows} rows are gone, more than {_MOST_REMOVED:.0%}; {_ACCEPT}"
    if counts and counts.changed > _MOST_CHANGED * rows:
        yield f"{name}: {counts.changed} of {rows} rows have changed, more than {_MOST_CHANGED:.0%}; {_ACCEPT}"
