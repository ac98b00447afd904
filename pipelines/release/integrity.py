"""Keys and references between the tables of one release, whatever its age."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.key_order import in_key_order
from pipelines.release.shapes import Shapes, TableShape
from schemas.tables.base import Reference


def broken_rules(shapes: Shapes, table: Callable[[str], pa.Table]) -> Iterator[tuple[str, str]]:
    """Tables with what is wrong in them: keys that stand twice, references that lead nowhere."""
    for name, shape in shapes.items():
        rows = table(name)
        for key in _repeated_keys(rows, shape):
            yield name, f"more than one row has the key {key}"
        for reference in shape.references:
            for key in _dangling(rows, table(reference.target), reference):
                yield name, f"{', '.join(reference.columns)} {key} is not in {reference.target}"


_MOST_SHOWN = 3  # of one rule: enough to see what kind of thing is wrong


def _repeated_keys(rows: pa.Table, shape: TableShape) -> list[str]:
    """In key order, equal keys are neighbours."""
    keys = in_key_order(rows.select(shape.key), shape.key)
    before, after = keys.slice(0, max(keys.num_rows - 1, 0)), keys.slice(1)
    is_same = reduce(pc.and_, (pc.equal(before[name], after[name]) for name in shape.key))
    return _shown(after.filter(is_same))


def _dangling(rows: pa.Table, target: pa.Table, reference: Reference) -> list[str]:
    """A reference with a null part leads nowhere and is left alone."""
    own = rows.select(list(reference.columns)).drop_null()
    known = target.select(list(reference.target_columns))
    missing = own.join(known, list(reference.columns), list(reference.target_columns), join_type="left anti")
    return _shown(missing)


def _shown(keys: pa.Table) -> list[str]:
    order = [(name, "ascending") for name in keys.column_names]
    first = keys.sort_by(order).slice(0, _MOST_SHOWN).to_pylist()
    return [" ".join(str(part) for part in row.values()) for row in first]
