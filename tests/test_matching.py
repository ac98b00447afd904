"""Rows of two tables are matched as a person would match them, and what both share is left out first."""

import dataclasses
from collections import Counter

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipelines.release.compare.matching import Comparison, trim
from pipelines.release.digest import content_digest
from pipelines.release.released import Edition
from pipelines.release.shapes import published_shapes
from pipelines.tables.keys import in_key_order, is_in_key_order

ROWS = st.dictionaries(st.integers(0, 30), st.sampled_from(["a", "b", None]), max_size=20)


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
    rest, others = ({row["k"]: row["v"] for row in table.to_pylist()} for table in (parts.old, parts.new))
    left_out = before.keys() - rest.keys()
    assert left_out == after.keys() - others.keys()
    assert all(before[key] == after[key] for key in left_out)


@given(ROWS, ROWS)
def test_what_is_left_begins_and_ends_with_a_difference(
    before: dict[int, str | None], after: dict[int, str | None]
) -> None:
    """Otherwise more could have been left out; nothing is left of equal tables."""
    parts = trim(_table(before), _table(after), ["k", "v"])
    rows, others = parts.old.to_pylist(), parts.new.to_pylist()
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


# --- rows by what they say -------------------------------------------------------------------------------------------

REACTIONS = published_shapes()["adverse_reactions"]


def _reactions(words: list[str], **cells: object) -> Edition:
    """One monograph with these reactions, in this order, each at a place of its own."""
    rows = [
        {
            **dict.fromkeys(REACTIONS.arrow_schema.names),
            **{column.name: column.values[0] for column in REACTIONS.columns if column.values},
            "monograph_id": "baclofen", "reaction_no": number, "reaction": word, "reaction_text": word.title(),
            "text_start": number * 10, "text_end": number * 10 + len(word), **cells,
        }
        for number, word in enumerate(words, 1)
    ]  # fmt: skip
    shape = dataclasses.replace(
        REACTIONS,
        columns=tuple(dataclasses.replace(column, nullable=not column.is_key) for column in REACTIONS.columns),
    )
    table = pa.Table.from_pylist(rows, shape.arrow_schema)
    return Edition({shape.name: shape}, {shape.name: content_digest(table, shape.key)}, lambda _: table)


def _told(old: Edition, new: Edition) -> list[tuple[str, str | None, str | None]]:
    rows = Comparison(old, new).found("SELECT op, said_before, said FROM told_rows ORDER BY number")
    return [(row["op"], row["said_before"], row["said"]) for row in rows]


WORDS = st.lists(st.sampled_from(["dizziness", "headache", "nausea", "rash", "fatigue"]), max_size=7)


@given(WORDS, WORDS)
def test_a_reaction_never_becomes_another(before: list[str], after: list[str]) -> None:
    """Whatever the order, exactly the words that are gone are gone and those that are new are new."""
    told = _told(_reactions(before), _reactions(after))
    gone, new = Counter(before) - Counter(after), Counter(after) - Counter(before)
    assert Counter(str(was) for op, was, _ in told if op == "remove") == Counter(w.title() for w in gone.elements())
    assert Counter(str(now) for op, _, now in told if op == "add") == Counter(w.title() for w in new.elements())
    assert {op for op, _, _ in told} <= {"add", "remove"}


def test_a_value_read_otherwise_from_the_same_words_is_a_correction() -> None:
    """The row is found by its words although another stands before it now."""
    old, new = _reactions(["nausea"]), _reactions(["rash", "nausea"], severity="another")
    assert _told(old, new) == [("add", None, "Rash"), ("modify", "Nausea", "Nausea")]
