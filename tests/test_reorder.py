"""Tables larger than memory in another order: the rows that Arrow gives, whatever their number, size and order."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.tables import mapped
from pipelines.tables.keys import in_key_order, order_by_key
from pipelines.tables.mapped import reordered

SCHEMA = pa.schema({"key": pa.string(), "number": pa.int64(), "text": pa.large_string()})
ROWS = st.lists(st.tuples(st.text(max_size=3), st.integers(0, 5), st.none() | st.text(max_size=200)), max_size=60)


def _table(rows: Sequence[tuple[str, int, str | None]], chunk: int) -> pa.Table:
    batches = [
        pa.record_batch(
            [pa.array(column, field.type) for column, field in zip(zip(*part, strict=True), SCHEMA, strict=True)],
            SCHEMA,
        )
        for part in (rows[start : start + chunk] for start in range(0, len(rows), chunk))
    ]
    return pa.Table.from_batches(batches, SCHEMA)


@given(ROWS, st.integers(1, 20), st.integers(1, 1000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_as_in_memory(tmp_path: Path, rows: list[tuple[str, int, str | None]], chunk: int, part: int) -> None:
    """However small the parts are, the rows come in the order asked for, and nothing is left in the folder."""
    table = _table(rows, chunk)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(mapped, "_BYTES_IN_A_PART", part)
        found = reordered(table, order_by_key(table, ["key", "number"]), tmp_path)
    assert found.equals(in_key_order(table, ["key", "number"]))
    assert list(tmp_path.iterdir()) == []


def test_long_texts(tmp_path: Path) -> None:
    """Rows of 100 KB, as whole documents are, need no more memory than a few parts."""
    rows = [(f"{number * 7919 % 3000:04}", number, f"{number}" + "word " * 20_000) for number in range(3000)]
    table = _table(rows, 128)
    before = pa.default_memory_pool().max_memory()
    found = reordered(table, order_by_key(table, ["key"]), tmp_path)
    assert found["key"].to_pylist() == sorted(key for key, _, _ in rows)
    assert found["text"][0].as_py() == rows[0][2]
    assert pa.default_memory_pool().max_memory() - before < table.nbytes
