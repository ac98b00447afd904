"""What became of each row from one edition to the next, found once by DuckDB, for counts, rows, cells and deltas.

A row is one that it was before if it says the same. In a table whose key ends in an ordinal (`…_no`), rows of one
monograph are matched in this order, among those that differ:

1. by everything that they say: the row has only *moved*, to another ordinal or another place in its document
2. by the words that they were read from (`…_text`): the row was *modified*
3. by their order among what is left, if they agree in a code and in more than half of their cells, where a code counts
   twice: *modified*, too. So no reaction becomes another, and a form or a category may

What is left is *added*, *removed*, *retired* (with its monograph) or *restored*. In all other tables the key alone
matches rows. Ordinals, places, sizes and digests are nothing that a row says: see `is_said`.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from pipelines.release.released import Edition
from pipelines.release.shapes import TableShape
from pipelines.tables.sql import any_differs, connected, listed, literal, quoted, same_key, seeing

SEEDS_TABLE = "seeds"
OWNER = "monograph_id"
# Accounts of the data, numbered or dated anew in each release: how they change breaks nobody, and is no news.
FINDINGS_TABLE, HISTORY_TABLE = "findings", "monograph_history"
_ACCOUNTS = (FINDINGS_TABLE, HISTORY_TABLE)
OPS = ("add", "modify", "move", "retire", "remove", "restore")
WIDENINGS = {("int32", "int64"), ("float", "double"), ("date32[day]", "timestamp[us]")}
_PLACES = re.compile(r".*_(start|end|no)|(.*_)?(sha256|bytes)")
ROW = "row number"  # a name that no column of a table has


def is_said(column: str) -> bool:
    """False for the columns of a row that tell where it stands or how large something is, and nothing of a drug."""
    return _PLACES.fullmatch(column) is None


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Rows in the new table only, in the old only, in both, and in both but moved or with another value.

    `retired` of the removed rows belong to a monograph that is named as retired. `cells` tells how many values of a
    column changed, and `nulls` how many of them are lost.
    """

    added: int
    removed: int
    retired: int
    kept: int
    moved: int
    changed: int
    cells: dict[str, int]
    nulls: dict[str, int]


class Trimmed(NamedTuple):
    """What is left of the older and of the newer table, and how many rows of each are not: those are equal.

    Of the rows that are not, `first` stand before what is left.
    """

    old: pa.Table
    new: pa.Table
    alike: int
    first: int

    @property
    def sizes(self) -> tuple[int, int]:
        """Rows that are left of the older and of the newer table."""
        return self.old.num_rows, self.new.num_rows


class _Joined(NamedTuple):
    """The numbers of the rows that are not equal in these columns: a table of DuckDB, and which rows were numbered."""

    table: str
    columns: set[str]
    first: int
    old_rows: int
    new_rows: int


def trim(old: pa.Table, new: pa.Table, columns: Sequence[str]) -> Trimmed:
    """Leaves out the rows that both tables begin and end with: mostly, one document of many has changed.

    Compares `columns`, which both tables have with one type and which hold the key; both are in key order.
    """
    before, after = old.select(list(columns)), new.select(list(columns))
    shorter = min(old.num_rows, new.num_rows)

    def begin_alike(start: int, rows: int) -> bool:
        return _are_equal(before.slice(start, rows), after.slice(start, rows))

    def end_alike(start: int, rows: int) -> bool:
        done = start + rows
        return _are_equal(before.slice(old.num_rows - done, rows), after.slice(new.num_rows - done, rows))

    first = _longest(begin_alike, shorter)
    last = _longest(end_alike, shorter - first)
    left, right = (table.slice(first, table.num_rows - first - last) for table in (old, new))
    return Trimmed(left, right, first + last, first)


def _longest(are_alike: Callable[[int, int], bool], most: int) -> int:
    """How many rows are alike from row 0 on, `most` at most; each row is looked at about twice."""
    alike = 0
    while alike < most:
        half = (most - alike + 1) // 2
        if are_alike(alike, half):
            alike += half
        else:
            most = alike + half - 1
    return alike


def _are_equal(one: pa.Table, other: pa.Table) -> bool:
    return all(a.equals(b) for a, b in zip(one.columns, other.columns, strict=True))


def comparable_columns(old: TableShape, new: TableShape) -> list[str] | None:
    """The columns beside the key that both have with one type; None if rows have no common key."""
    types = {column.name: column.type for column in old.columns}
    same = [column.name for column in new.columns if types.get(column.name) == column.type]
    if old.key != new.key or not set(new.key) <= set(same):
        return None
    return [column for column in same if column not in new.key]


def retired_in(edition: Edition) -> pa.Table:
    """The monographs that an edition names as retired."""
    if "retired" not in edition.shapes:
        return pa.table({OWNER: pa.array([], pa.string())})
    return edition.table("retired").select([OWNER])


def step_mode(name: str, old: Edition, new: Edition) -> str:
    """`apply` if rows of the older table can be kept in the newer one, else `replace`."""
    before, after = old.shapes.get(name), new.shapes[name]
    if before is None or before.key != after.key:
        return "replace"
    types = {column.name: column.type for column in before.columns}
    pairs = [(types.get(column.name, column.type), column.type) for column in after.columns]
    return "apply" if all(was == now or (was, now) in WIDENINGS for was, now in pairs) else "replace"


def base_of(name: str, old: Edition, new: Edition) -> pa.Table:
    """The older table in the columns of the newer one; empty if its rows cannot be kept."""
    schema = pa.schema([field.with_nullable(nullable=True) for field in new.shapes[name].arrow_schema])
    if step_mode(name, old, new) == "replace":
        return schema.empty_table()
    rows = old.table(name)
    columns = [
        rows[field.name].cast(field.type) if field.name in rows.column_names else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


class Comparison:
    """Two editions, compared row by row when it is made.

    Two tables of `database` have what is told:

    told_rows    number, table, key, op, old_key, owner, said, said_before
    told_cells   number, table, key, column, old, new, owner

    A key is a list in JSON: `["baclofen",2,1]`; `old_key` is that of the release before if it was another. `said` is by
    what a person would name the row. Moves are counted, and are not among the rows. Values are text as in CSV. Rows are
    told of tables that have changed and that both editions have with one key; a whole new table or column is told by
    its code alone.
    """

    def __init__(self, old: Edition, new: Edition) -> None:
        """Compares every table that both have and that is not the same."""
        self.old, self.new = old, new
        scratch = tempfile.mkdtemp(prefix="monographs-")
        weakref.finalize(self, shutil.rmtree, scratch, ignore_errors=True)
        self.database = connected(Path(scratch))
        self.database.execute("SET enable_progress_bar = false")
        self.database.execute(_TABLES)
        self._moved: dict[str, int] = {}
        self._joined: dict[str, _Joined] = {}
        with seeing(self.database, retired_before=retired_in(old), retired_now=retired_in(new)):
            for name in new.shapes:
                if name in old.shapes and old.digests[name] != new.digests[name] and name not in _ACCOUNTS:
                    self._compare(name)

    def is_compared(self, table: str) -> bool:
        """True if rows of the table could be told apart."""
        return table in self._moved

    def ops(self, table: str) -> dict[str, int | None]:
        """Rows of a table by what happened to them; None if they could not be told apart."""
        if table not in self._moved:
            return dict.fromkeys(OPS)
        query = 'SELECT op, count(*) FROM told_rows WHERE "table" = ? GROUP BY op'
        found = dict(self.database.execute(query, [table]).fetchall()) | {"move": self._moved[table]}
        return {op: found.get(op, 0) for op in OPS}

    def counts(self, table: str) -> RowCounts | None:
        """The same in numbers, with cells by column; None if rows could not be told apart."""
        if table not in self._moved:
            return None
        ops = {op: count or 0 for op, count in self.ops(table).items()}
        query = 'SELECT "column", count(*), count(*) - count(new) FROM told_cells WHERE "table" = ? GROUP BY ALL'
        cells = {column: (count, lost) for column, count, lost in self.database.execute(query, [table]).fetchall()}
        ordered = [column.name for column in self.new.shapes[table].columns if column.name in cells]
        removed = ops["remove"] + ops["retire"]
        return RowCounts(
            added=ops["add"] + ops["restore"],
            removed=removed,
            retired=ops["retire"],
            kept=self.old.table(table).num_rows - removed,
            moved=ops["move"],
            changed=ops["modify"],
            cells={name: cells[name][0] for name in ordered},
            nulls={name: cells[name][1] for name in ordered},
        )

    def found(self, query: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
        """The rows of a query, by column."""
        cursor = self.database.execute(query, list(values))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    @contextmanager
    def differing(self, name: str, new: Edition) -> Iterator[str]:
        """The tables `old` and `new`, and the name of one with the numbers of their rows that are not equal.

        `old_row` or `new_row` is null if there is no row with that key. The columns are those of the newer table, and
        its rows are those of the edition `new`, whose version may be another than that of the comparison.
        """
        base, after, shape = base_of(name, self.old, new), new.table(name), new.shapes[name]
        names = shape.arrow_schema.names
        known = self._joined.get(name)
        if known is None or step_mode(name, self.old, new) == "replace" or known.columns != set(names):
            parts = trim(base, after, names)
            known = _Joined(f"differing_{len(self._joined)}_{name}", set(names), parts.first, *parts.sizes)
            with seeing(self.database, old=_numbered(parts.old), new=_numbered(parts.new)):
                self.database.execute(_differing(known.table, shape.key, [n for n in names if n not in shape.key]))
        left, right = base.slice(known.first, known.old_rows), after.slice(known.first, known.new_rows)
        with seeing(self.database, old=_numbered(left), new=_numbered(right)):
            yield quoted(known.table)

    def _compare(self, name: str) -> None:
        shape = self.new.shapes[name]
        columns = comparable_columns(self.old.shapes[name], shape)
        if columns is None:
            return
        names = [*shape.key, *columns]
        parts = trim(self.old.table(name).select(names), self.new.table(name).select(names), names)
        said = [column for column in columns if is_said(column)]
        joined = _Joined(f"differing_{len(self._joined)}_{name}", set(names), parts.first, *parts.sizes)
        self._joined[name] = joined
        with seeing(self.database, old=_numbered(parts.old), new=_numbered(parts.new)):
            self.database.execute(_differing(joined.table, shape.key, columns))
            by_content = [column for column in shape.key if column.endswith("_no")]
            differing = quoted(joined.table)
            matches = _by_content(shape, said, differing) if by_content and said else _by_key(said, differing)
            for query in matches:
                self.database.execute(query)
            self.database.execute(_rows_query(name, shape, said))
            self.database.execute(_cells_query(name, shape, said))
            ((self._moved[name],),) = self.database.execute("SELECT count(*) FROM pairs WHERE op = 'move'").fetchall()


_TABLES = """
    CREATE SEQUENCE numbers;
    CREATE TABLE told_rows (
        number BIGINT DEFAULT nextval('numbers'), "table" VARCHAR, key VARCHAR, op VARCHAR, old_key VARCHAR,
        owner VARCHAR, said VARCHAR, said_before VARCHAR);
    CREATE TABLE told_cells (
        number BIGINT DEFAULT nextval('numbers'), "table" VARCHAR, key VARCHAR, "column" VARCHAR, old VARCHAR,
        new VARCHAR, owner VARCHAR);
"""


def _numbered(table: pa.Table) -> pa.Table:
    return table.append_column(ROW, pa.array(np.arange(table.num_rows)))


# The queries below only name tables, columns and codes, all quoted.


def _differing(name: str, key: Sequence[str], values: Sequence[str]) -> str:
    """The one join of all rows: which have no row with their key, and which have one that is not equal."""
    row = quoted(ROW)
    return f"""
        CREATE OR REPLACE TEMP TABLE {quoted(name)} AS SELECT a.{row} AS old_row, b.{row} AS new_row
        FROM old a FULL JOIN new b ON {same_key(key)}
        WHERE a.{row} IS NULL OR b.{row} IS NULL OR {any_differs(values)}"""  # noqa: S608


def _by_key(said: Sequence[str], differing: str) -> Iterator[str]:
    row = quoted(ROW)
    yield f"""
        CREATE OR REPLACE TEMP TABLE pairs AS SELECT old_row, new_row, CASE
            WHEN old_row IS NULL OR new_row IS NULL THEN NULL
            WHEN {any_differs(said)} THEN 'modify' ELSE 'move' END AS op
        FROM {differing} LEFT JOIN old a ON a.{row} = old_row LEFT JOIN new b ON b.{row} = new_row"""  # noqa: S608


def _by_content(shape: TableShape, said: Sequence[str], differing: str) -> Iterator[str]:
    """Fills `pairs`: what is matched goes out of `gone` and `fresh`, and what stays there has no partner."""
    owner = [column for column in shape.key if not column.endswith("_no")]
    words = [column for column in said if column.endswith("_text")]
    for table, side, rows in (("gone", "old", "old_row"), ("fresh", "new", "new_row")):
        yield f"""
            CREATE OR REPLACE TEMP TABLE {table} AS SELECT {quoted(ROW)} AS row,
                {_hash(owner, if_all_null="0")} AS owner, {_hash(said, if_all_null="0")} AS everything,
                {_hash(words, if_all_null="NULL")} AS words
            FROM {side} WHERE {quoted(ROW)} IN (SELECT {rows} FROM {differing})"""  # noqa: S608
    yield "CREATE OR REPLACE TEMP TABLE pairs (old_row BIGINT, new_row BIGINT, op VARCHAR)"
    yield from _matches(["owner", "everything"], "move")
    if words:
        yield from _matches(["owner", "words"], "modify", "words IS NOT NULL")
    yield from _matches(["owner"], "modify", accepted=_mostly_equal(said))
    yield "INSERT INTO pairs SELECT row, NULL, NULL FROM gone UNION ALL SELECT NULL, row, NULL FROM fresh"


def _hash(columns: Sequence[str], *, if_all_null: str) -> str:
    """A number that is the same for the same cells."""
    if not columns:
        return "0::UBIGINT"
    filled = " OR ".join(f"{quoted(column)} IS NOT NULL" for column in columns)
    return f"CASE WHEN {filled} THEN hash({listed(columns)}) ELSE {if_all_null} END"


def _matches(by: Sequence[str], op: str, only: str = "true", accepted: str = "") -> Iterator[str]:
    """The first with the first, the second with the second, and so on, among rows that are the same in `by`."""
    numbered = f"SELECT *, row_number() OVER (PARTITION BY {', '.join(by)} ORDER BY row) AS n FROM"
    same = " AND ".join(f"g.{name} IS NOT DISTINCT FROM f.{name}" for name in [*by, "n"])
    yield f"""
        INSERT INTO pairs SELECT g.row, f.row, '{op}' FROM ({numbered} gone WHERE {only}) g
        JOIN ({numbered} fresh WHERE {only}) f ON {same} {accepted}"""  # noqa: S608
    yield "DELETE FROM gone WHERE row IN (SELECT old_row FROM pairs)"
    yield "DELETE FROM fresh WHERE row IN (SELECT new_row FROM pairs)"


def _mostly_equal(said: Sequence[str]) -> str:
    """That two rows agree in a code, and in more than half of the cells that either of them has."""
    codes = [column for column in said if column.endswith("_code")]
    if not codes:
        return "WHERE false"
    row, weighed = quoted(ROW), [*said, *codes]
    same = {c: f"coalesce(a.{quoted(c)} = b.{quoted(c)}, false)" for c in said}
    equal = " + ".join(f"{same[c]}::INT" for c in weighed)
    filled = " + ".join(f"(a.{quoted(c)} IS NOT NULL OR b.{quoted(c)} IS NOT NULL)::INT" for c in weighed)
    agrees = " OR ".join(same[c] for c in codes)
    return f"""JOIN old a ON a.{row} = g.row JOIN new b ON b.{row} = f.row
        WHERE ({agrees}) AND 2 * ({equal}) > ({filled})"""


def _rows_query(name: str, shape: TableShape, said: Sequence[str]) -> str:
    owner = quoted(OWNER) if OWNER in shape.key else "NULL"
    keys, row, named = _key_text(shape.key), quoted(ROW), named_by(shape, said)
    text = f"left({quoted(named)}::VARCHAR, 200)" if named else "NULL"
    told = f"{keys} AS key, row({listed(shape.key)}) AS place, {owner} AS owner, {text} AS said, {row} AS row"
    return f"""
        INSERT INTO told_rows ("table", key, op, old_key, owner, said, said_before)
        SELECT {literal(name)}, coalesce(b.key, a.key), CASE
            WHEN op IS NOT NULL THEN op
            WHEN old_row IS NULL AND b.owner IN (SELECT {OWNER} FROM retired_before) THEN 'restore'
            WHEN old_row IS NULL THEN 'add'
            WHEN a.owner IN (SELECT {OWNER} FROM retired_now) THEN 'retire'
            ELSE 'remove' END,
            CASE WHEN a.key <> b.key THEN a.key END, coalesce(b.owner, a.owner), coalesce(b.said, a.said), a.said
        FROM pairs LEFT JOIN (SELECT {told} FROM old) a ON a.row = old_row
        LEFT JOIN (SELECT {told} FROM new) b ON b.row = new_row
        WHERE op IS DISTINCT FROM 'move' ORDER BY coalesce(b.place, a.place), b.row IS NOT NULL"""  # noqa: S608


def _cells_query(name: str, shape: TableShape, said: Sequence[str]) -> str:
    row = quoted(ROW)
    owner = f"b.{quoted(OWNER)}" if OWNER in shape.key else "NULL"
    cells = ", ".join(
        f"{{'place': {place}, 'name': {literal(column)}, 'old': a.{quoted(column)}::VARCHAR, "
        f"'new': b.{quoted(column)}::VARCHAR, 'differs': {any_differs([column])}}}"
        for place, column in enumerate(said)
    )
    if not cells:
        return "SELECT 1"
    return f"""
        INSERT INTO told_cells ("table", key, "column", old, new, owner)
        SELECT {literal(name)}, key, cell.name, cell.old, cell.new, owner
        FROM (
            SELECT {_key_text(shape.key, "b.")} AS key, {owner} AS owner, new_row, unnest([{cells}]) AS cell
            FROM pairs JOIN old a ON a.{row} = old_row JOIN new b ON b.{row} = new_row WHERE op = 'modify'
        ) WHERE cell.differs ORDER BY new_row, cell.place"""  # noqa: S608


def named_by(shape: TableShape, said: Sequence[str]) -> str | None:
    """The column by which a person names a row: the words that it was read from, else its first words."""
    names = [column.name for column in shape.columns]
    ordinals = [column.removesuffix("_no") for column in shape.key if column.endswith("_no")]
    wanted = [*(f"{stem}_text" for stem in ordinals), *(f"{stem}_name" for stem in ordinals), "heading_text"]
    if "text_start" in names:
        wanted.append(names[names.index("text_start") - 1])
    texts = [column.name for column in shape.columns if column.type == "string" and column.name in said]
    return next((name for name in [*wanted, *texts] if name in said), None)


def _key_text(key: Sequence[str], prefix: str = "") -> str:
    return f"json_array({listed(key, prefix)})::VARCHAR"
