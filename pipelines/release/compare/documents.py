"""What changed, told document by document as a person would: `baclofen: strength 20 mg gone, brand Ozobax new`.

Documents that were removed or rewritten come first. Of a monograph that is new or gone, nothing else is told. Tables
that are made from others, and the sections that hold the words, are told only of documents of which there is nothing
else to tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from pipelines.release.compare.matching import OWNER, SEEDS_TABLE, Comparison
from pipelines.release.log import Record
from pipelines.release.released import Edition
from pipelines.release.shapes import TableShape
from pipelines.tables.sql import seeing

_MOST_DOCUMENTS = 200
_MOST_PHRASES = 6  # of one document
_MOST_NAMED = 3  # rows of one phrase
_FEW_ROWS = 4  # of a table and document: of fewer, half is one or two
_LONGEST = 40  # characters of a value
_WORDS = {"add": "new", "restore": "back", "retire": "gone", "remove": "gone"}
_STATES = """
    CREATE OR REPLACE TEMP TABLE seed_states AS
    SELECT coalesce(a.seed_id, b.seed_id) AS seed_id, CASE
        WHEN b.seed_id IS NULL THEN 'removed' WHEN a.seed_id IS NULL THEN 'new' ELSE 'edited' END AS state
    FROM seeds_before a FULL JOIN seeds_now b ON a.seed_id = b.seed_id
    WHERE a.sha256 IS DISTINCT FROM b.sha256 OR a.seed_id IS NULL OR b.seed_id IS NULL"""
_OWNERS = """
    CREATE OR REPLACE TEMP TABLE owners AS
    WITH told AS (
            SELECT owner,
                count(*) FILTER (op IN ('remove', 'retire', 'modify') AND list_contains($words, "table")) AS lost,
                bool_or("table" = 'monographs' AND op IN ('remove', 'retire')) AS is_gone
            FROM told_rows WHERE owner IS NOT NULL GROUP BY owner),
        held AS (SELECT * FROM monographs_now UNION ALL
            SELECT * FROM monographs_before a WHERE NOT EXISTS
                (FROM monographs_now b WHERE a.monograph_id = b.monograph_id))
    SELECT owner, h.seed_id, coalesce(state, 'same') AS state, lost, is_gone, 0::BIGINT AS before,
        NULL::VARCHAR AS emptied
    FROM told LEFT JOIN held h ON owner = h.monograph_id LEFT JOIN seed_states s ON s.seed_id = h.seed_id"""
_ADD_ROWS = """
    UPDATE owners SET before = before + n, emptied = CASE WHEN n >= $few AND 2 * gone > n THEN $table ELSE emptied END
    FROM (
        SELECT monograph_id, count(*) AS n FROM ids SEMI JOIN owners ON monograph_id = owner GROUP BY monograph_id
    ) LEFT JOIN (
        SELECT owner AS gone_of, count(*) AS gone FROM told_rows
        WHERE "table" = $table AND op IN ('remove', 'retire') GROUP BY owner
    ) ON gone_of = monograph_id
    WHERE owner = monograph_id"""
_REWRITTEN = "UPDATE owners SET state = 'rewritten' WHERE state = 'edited' AND 2 * lost > before"


def find_owners(comparison: Comparison) -> None:
    """Makes, once, the tables `seed_states` of seeds that are not the same, and `owners` of monographs with told rows.

    seed_states   seed_id, state                        edited, removed, new
    owners        owner, seed_id, state                 the same, or same, or rewritten: edited, and mostly another
                  lost, before, is_gone                 rows read from words that changed or went, of how many
                  emptied                               a table that lost more than half of the document's rows
    """
    old, new, database = comparison.old, comparison.new, comparison.database
    if comparison.found("SELECT 1 FROM duckdb_tables() WHERE table_name = 'owners'"):
        return
    seeds, monographs = ["seed_id", "sha256"], [OWNER, "seed_id"]
    shapes = [shape for shape in old.shapes.values() if OWNER in shape.key and is_read_from_words(shape)]
    with seeing(
        database,
        seeds_before=_columns(old, SEEDS_TABLE, seeds),
        seeds_now=_columns(new, SEEDS_TABLE, seeds),
        monographs_before=_columns(old, "monographs", monographs),
        monographs_now=_columns(new, "monographs", monographs),
    ):
        database.execute(_STATES)
        database.execute(_OWNERS, {"words": [shape.name for shape in shapes]})
    if comparison.found("FROM owners LIMIT 1"):
        for shape in shapes:
            with seeing(database, ids=old.table(shape.name).select([OWNER])):
                database.execute(_ADD_ROWS, {"table": shape.name, "few": _FEW_ROWS})
    database.execute(_REWRITTEN)


def _columns(edition: Edition, name: str, columns: list[str]) -> pa.Table:
    """Columns of words; no rows if the edition has no such table."""
    if name in edition.shapes:
        return edition.table(name).select(columns)
    return pa.schema([pa.field(column, pa.string()) for column in columns]).empty_table()


def documents_of(comparison: Comparison) -> list[Record]:
    """The documents to tell of, 200 at most: the monograph, its seed and how that changed, and what changed in it."""
    order = "ORDER BY list_position(['removed', 'rewritten', 'edited', 'new', 'same'], state), owner"
    owners = comparison.found(f"SELECT owner, seed_id, state FROM owners {order} LIMIT ?", [_MOST_DOCUMENTS])  # noqa: S608
    groups = _groups(comparison, [owner["owner"] for owner in owners])
    return [
        {
            "monograph_id": owner["owner"],
            "seed_id": owner["seed_id"],
            "seed": owner["state"],
            "changes": list(_phrases(groups.get(owner["owner"], []), comparison)),
        }
        for owner in owners
    ]


def documents_counted(comparison: Comparison) -> Record:
    """How many monographs have told rows, and how many seeds were edited, removed or are new."""
    (found,) = comparison.found("SELECT count(*) AS monographs FROM owners")
    states = comparison.found("SELECT state, count(*) AS count FROM seed_states GROUP BY state ORDER BY state")
    return {**found, "seeds": {row["state"]: row["count"] for row in states}}


def _groups(comparison: Comparison, owners: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """What happened to the rows of each owner: by table and operation, with the first rows of each."""
    query = f"""
        WITH first_cells AS (
            SELECT "table", key, count(*) AS cells,
                arg_min({{'column': "column", 'old': old, 'new': new}}, number) AS cell
            FROM told_cells WHERE list_contains(?, owner) GROUP BY "table", key)
        SELECT owner, r."table", op, count(*) AS count, list({{
            'said': said, 'said_before': said_before, 'cell': cell, 'cells': cells
            }} ORDER BY number)[1:{_MOST_NAMED}] AS rows
        FROM told_rows r LEFT JOIN first_cells c ON r."table" = c."table" AND r.key = c.key
        WHERE list_contains(?, owner) GROUP BY owner, r."table", op ORDER BY min(number)"""  # noqa: S608
    found: dict[str, list[dict[str, Any]]] = {}
    for group in comparison.found(query, [list(owners), list(owners)]):
        found.setdefault(group["owner"], []).append(group)
    return found


def _phrases(groups: Sequence[dict[str, Any]], comparison: Comparison) -> Iterator[str]:
    whole = next((g for g in groups if g["table"] == "monographs" and g["op"] != "modify"), None)
    if whole:
        rows = sum(group["count"] for group in groups if group["op"] == whole["op"])
        yield f"monograph {_WORDS[whole['op']]}, with {rows} {'row' if rows == 1 else 'rows'}"
        return
    shapes = comparison.new.shapes
    primary = [group for group in groups if is_read_from_words(shapes[group["table"]])]
    told = [phrase for group in primary or groups for phrase in _of_group(group, shapes[group["table"]])]
    yield from told[:_MOST_PHRASES]
    if len(told) > _MOST_PHRASES:
        yield f"and {len(told) - _MOST_PHRASES} more"


def is_read_from_words(shape: TableShape) -> bool:
    """False for a table that is made from others, and for the sections that the others are read from."""
    names = {column.name for column in shape.columns}
    return any(name.endswith("_start") for name in names) and "heading_start" not in names


def _of_group(group: dict[str, Any], shape: TableShape) -> Iterator[str]:
    noun, more = _noun(shape), group["count"] - len(group["rows"])
    if group["op"] == "modify":
        yield from (f"{noun} {_modified(row)}" for row in group["rows"])
        if more:
            yield f"{more} more of {shape.name}"
        return
    named = ", ".join(_shown(row["said"]) for row in group["rows"])
    yield f"{noun} {named}{f' and {more} more' if more else ''} {_WORDS[group['op']]}"


def _noun(shape: TableShape) -> str:
    """What one row of a table is: its first ordinal says it."""
    stems = [column.removesuffix("_no") for column in shape.key if column.endswith("_no")]
    return (stems[0] if stems else shape.name.removesuffix("s")).replace("_", " ")


def _modified(row: dict[str, Any]) -> str:
    before, after = _shown(row["said_before"]), _shown(row["said"])
    if before != after:
        return f"{before} → {after}"
    column, values = row["cell"]["column"], [row["cell"]["old"], row["cell"]["new"]]
    more = f" and {row['cells'] - 1} more" if row["cells"] > 1 else ""
    if any(value is not None and len(value) > _LONGEST for value in values):
        return f"{after}: {column} reworded{more}"
    return f"{after}: {column} {_shown(values[0])} → {_shown(values[1])}{more}"


def _shown(value: str | None) -> str:
    """On one line, and short."""
    if value is None:
        return "none"
    text = " ".join(value.split())
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"
