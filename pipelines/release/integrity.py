"""Keys and references between the tables of one release, whatever its age."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from pipelines.release.shapes import Shapes
from pipelines.tables.keys import rows_that_lead_nowhere, rows_with_repeated_key


def broken_rules(shapes: Shapes, table: Callable[[str], pa.Table]) -> Iterator[tuple[str, str]]:
    """Tables with what is wrong in them: keys that stand twice, references that lead nowhere."""
    for name, shape in shapes.items():
        rows = table(name)
        for key in _shown(rows.select(shape.key).take(rows_with_repeated_key(rows, shape.key))):
            yield name, f"more than one row has the key {key}"
        for reference in shape.references:
            nowhere = rows_that_lead_nowhere(rows, reference, table(reference.target))
            for key in _shown(rows.select(list(reference.columns)).take(nowhere)):
                yield name, f"{', '.join(reference.columns)} {key} is not in {reference.target}"


_MOST_SHOWN = 3  # of one rule: enough to see what kind of thing is wrong


def _shown(keys: pa.Table) -> list[str]:
    order = [(name, "ascending") for name in keys.column_names]
    first = keys.sort_by(order).slice(0, _MOST_SHOWN).to_pylist()
    return [" ".join(str(part) for part in row.values()) for row in first]
