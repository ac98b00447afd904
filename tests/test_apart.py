"""That leaving out what two tables share changes nothing that is said about their difference."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipelines.release.compare.matching import count_rows, trim
from pipelines.tables.keys import in_key_order, is_in_key_order

ROWS = st.dictionaries(st.integers(0, 30), st.sampled_from(["a", "b", None]), max_size=20)
NOBODY = pa.table({"monograph_id": pa.array([], pa.string())})


def _table(rows: dict[int, str | None], cut: int = 0) -> pa.Table:
    """Rows by key; in two chunks where `cut` lies between the first and the last row."""
    keys = sorted(rows)
    whole = pa.table({"k": pa.array(keys, pa.int64()), "v": pa.array([rows[key] for key in keys], pa.string())})
    return pa.concat_tables([whole.slice(0, cut), whole.slice(cut)])


@given(ROWS, ROWS, st.integers(0, 20))
def test_rows_at_the_ends_are_left_out_and_no_difference_is_lost(
    before: dict[int, str | None], after: dict[int, str | None], cut: int
) -> None:
    """The rest and the rows left out are the table, and the rest differs as the whole tables do."""
    old, new = _table(before, cut), _table(after)
    parts = trim(old, new, ["k", "v"])
    assert (parts.old.num_rows + parts.alike, parts.new.num_rows + parts.alike) == (old.num_rows, new.num_rows)
    whole, rest = (count_rows(a, b, ["k"], ["v"], NOBODY) for a, b in ((old, new), (parts.old, parts.new)))
    assert (rest.added, rest.removed, rest.changed) == (whole.added, whole.removed, whole.changed)
    assert rest.kept + parts.alike == whole.kept


@given(ROWS, ROWS)
def test_what_is_left_begins_and_ends_with_a_difference(
    before: dict[int, str | None], after: dict[int, str | None]
) -> None:
    """Otherwise more could have been left out; nothing is left of equal tables."""
    old, new, _ = trim(_table(before), _table(after), ["k", "v"])
    rows, others = old.to_pylist(), new.to_pylist()
    if rows and others:
        assert rows[0] != others[0]
        assert rows[-1] != others[-1]
    assert bool(rows or others) == (before != after)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3))))
def test_tables_in_key_order_are_known_and_stay(keys: list[tuple[str, int]]) -> None:
    """Order is that of Python's tuples; equal keys are in order, though not strictly."""
    table = pa.table(
        {"a": pa.array([a for a, _ in keys], pa.string()), "n": pa.array([n for _, n in keys], pa.int64())}
    )
    assert is_in_key_order(table, ["a", "n"]) == (keys == sorted(keys))
    assert is_in_key_order(table, ["a", "n"], strictly=True) == (keys == sorted(set(keys)))
    assert [tuple(row.values()) for row in in_key_order(table, ["a", "n"]).to_pylist()] == sorted(keys)


def test_a_key_without_a_value_is_in_no_order() -> None:
    """Nulls cannot be compared, so that such a table is sorted."""
    assert not is_in_key_order(pa.table({"n": pa.array([1, None], pa.int64())}), ["n"])
