"""What must hold for the tables together before they may be released, and which rows do not hold it.

Each rule is a function of the tables that gives the rows that break it; an empty answer means that the rule holds. A
row is named by its key and, if it was read from a seed, by seed, line and column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pandera.errors
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.tables.keys import rows_that_lead_nowhere, rows_with_repeated_key
from schemas.tables import TABLES
from schemas.tables.base import arrow_schema, columns, key_columns, references

Tables = Mapping[str, pa.Table]
SeedTexts = Mapping[str, str]  # the text of each seed, by seed_id
_ROWS_AT_ONCE = 65_536
MOST_SHOWN = 20  # rows of one rule that a person is shown; the count is always whole


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that breaks a rule: its table, its key, its place in a seed (`file:line:column`) and why."""

    table: str
    key: str
    place: str
    why: str

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.table} ({self.key}): {self.why}"


def matches_schema(name: str, tables: Tables, texts: SeedTexts) -> list[BrokenRow]:
    """Columns, types, nulls and allowed values are those of the Pandera model."""
    table, model = tables[name], TABLES[name]
    if table.schema.names != arrow_schema(model).names or table.schema.types != arrow_schema(model).types:
        return [BrokenRow(name, "all rows", "", f"columns are {table.schema.to_string()}, not those of the model")]
    found: list[BrokenRow] = []
    for start in range(0, max(table.num_rows, 1), _ROWS_AT_ONCE):
        try:
            model.validate(table.slice(start, _ROWS_AT_ONCE).to_pandas(types_mapper=pd.ArrowDtype), lazy=True)
        except pandera.errors.SchemaErrors as errors:
            found += [_failure(name, tables, texts, start, case) for case in errors.failure_cases.itertuples()]
    return found


def _failure(name: str, tables: Tables, texts: SeedTexts, start: int, case: object) -> BrokenRow:
    row = getattr(case, "index", None)
    column, cell, broken = (getattr(case, name, "") for name in ("column", "failure_case", "check"))
    why = f"{column} is {cell!r}, which breaks {broken}"
    if row is None or pd.isna(row):
        return BrokenRow(name, "all rows", "", why)
    return _broken(name, tables, texts, start + int(row), why)


def has_unique_key(name: str, tables: Tables, texts: SeedTexts) -> list[BrokenRow]:
    """No two rows have one key."""
    repeated = rows_with_repeated_key(tables[name], key_columns(TABLES[name])).to_pylist()
    return [_broken(name, tables, texts, row, "another row has the same key") for row in repeated]


def refers_to_rows(name: str, tables: Tables, texts: SeedTexts) -> list[BrokenRow]:
    """Every reference leads to a row; a reference with a null part leads nowhere and is left alone."""
    found: list[BrokenRow] = []
    for reference in references(TABLES[name]):
        why = f"{' and '.join(reference.columns)}: no such row in {reference.target}"
        rows = rows_that_lead_nowhere(tables[name], reference, tables[reference.target]).to_pylist()
        found += [_broken(name, tables, texts, row, why) for row in rows]
    return found


def quotes_the_seed(name: str, tables: Tables, texts: SeedTexts) -> list[BrokenRow]:
    """`seed_text[start:end]` is exactly the printed text of the row."""
    found: list[BrokenRow] = []
    for words, start, end in QUOTED.get(name, ()):
        at, text = None, ""
        for row, (seed_id, quoted, begins, ends) in enumerate(_cells(tables[name], tables, words, start, end)):
            if seed_id != at:
                at, text = seed_id, texts.get(seed_id, "")
            if quoted is not None and text[begins:ends] != quoted:
                found.append(_broken(name, tables, texts, row, f"{words} is not what stands at {begins}:{ends}"))
    return found


def _cells(table: pa.Table, tables: Tables, *names: str) -> Iterator[tuple[Any, ...]]:
    """The seed of each row, and its cells of some columns; a part of the table at a time."""
    for start in range(0, table.num_rows, _ROWS_AT_ONCE):
        part = table.slice(start, _ROWS_AT_ONCE)
        yield from zip(_seed_ids(part, tables), *(part[name].to_pylist() for name in names), strict=True)


QUOTED: dict[str, tuple[tuple[str, str, str], ...]] = {
    "monographs": (("title", "title_start", "title_end"), ("overview_text", "overview_start", "overview_end")),
    "sections": (("body_text", "text_start", "text_end"), ("heading_text", "heading_start", "heading_end")),
    "brand_names": (("brand_name", "text_start", "text_end"),),
    "drug_classes": (("class_text", "text_start", "text_end"),),
    "dosage_forms": (("form_text", "text_start", "text_end"),),
    "routes": (("route_text", "text_start", "text_end"),),
    "strengths": (("strength_text", "text_start", "text_end"),),
    "pregnancy_categories": (("statement_text", "text_start", "text_end"),),
    "indications": (("statement_text", "text_start", "text_end"),),
    "contraindications": (("statement_text", "text_start", "text_end"),),
    "adverse_reactions": (("reaction_text", "text_start", "text_end"),),
    "findings": (("seed_text", "text_start", "text_end"),),
}


def explains_nulls(name: str, tables: Tables, texts: SeedTexts) -> list[BrokenRow]:
    """Every null of a column that promises an explanation has a finding on its row."""
    found: list[BrokenRow] = []
    for column, described in columns(TABLES[name]).items():
        if described.metadata["explained"]:
            why = f"{column} is null and no finding says why"
            found += [_broken(name, tables, texts, row, why) for row in _unexplained(name, column, tables)]
    return found


def _unexplained(name: str, column: str, tables: Tables) -> list[int]:
    ordinal = key_columns(TABLES[name])[1]
    nulls = _numbered(tables[name])
    nulls = nulls.filter(pc.is_null(nulls[column])).select(["monograph_id", ordinal, "row"])
    findings = tables["findings"]
    findings = findings.filter(pc.equal(findings["table_name"], name)).select(["monograph_id", "row_no"])
    missing = nulls.join(findings, ["monograph_id", ordinal], ["monograph_id", "row_no"], join_type="left anti")
    return sorted(missing["row"].to_pylist())


Rule = Callable[[str, Tables, SeedTexts], list[BrokenRow]]

RULES: dict[str, Rule] = {
    "matches_schema": matches_schema,
    "has_unique_key": has_unique_key,
    "refers_to_rows": refers_to_rows,
    "quotes_the_seed": quotes_the_seed,
    "explains_nulls": explains_nulls,
}


def said(rule: Rule) -> str:
    """The rule in one sentence."""
    return " ".join((rule.__doc__ or "").split())


def rules_for(name: str) -> Iterator[str]:
    """The rules that say anything about a table."""
    yield from ("matches_schema", "has_unique_key")
    if references(TABLES[name]):
        yield "refers_to_rows"
    if name in QUOTED:
        yield "quotes_the_seed"
    if any(described.metadata["explained"] for described in columns(TABLES[name]).values()):
        yield "explains_nulls"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """A rule that was applied to a table, and every row that breaks it; none if the table holds it."""

    table: str
    rule: str
    problems: tuple[BrokenRow, ...]


def apply_rules(tables: Tables, texts: SeedTexts) -> list[RuleResult]:
    """Every table against every rule that speaks of it; `texts` are the seeds by name."""
    return [
        RuleResult(name, rule, tuple(RULES[rule](name, tables, texts))) for name in TABLES for rule in rules_for(name)
    ]


def _numbered(table: pa.Table) -> pa.Table:
    return table.append_column("row", pa.array(np.arange(table.num_rows)))


def _seed_ids(table: pa.Table, tables: Tables) -> list[str]:
    if "seed_id" in table.column_names:
        return [str(seed_id) for seed_id in table["seed_id"].to_pylist()]
    monographs = tables["monographs"]
    rows = pc.index_in(table["monograph_id"], value_set=monographs["monograph_id"].combine_chunks())
    return [seed_id or "" for seed_id in monographs["seed_id"].take(rows).to_pylist()]


def _broken(name: str, tables: Tables, texts: SeedTexts, row: int, why: str) -> BrokenRow:
    one = tables[name].slice(row, 1)
    key = ", ".join(f"{column} {one[column][0]}" for column in key_columns(TABLES[name]))
    return BrokenRow(name, key, _place(one, tables, texts), why)


def _place(one: pa.Table, tables: Tables, texts: SeedTexts) -> str:
    if not {"seed_id", "monograph_id"} & set(one.column_names):
        return ""
    seed_id = _seed_ids(one, tables)[0]
    start = next((one[c][0].as_py() for c in ("text_start", "title_start") if c in one.column_names), None)
    text = texts.get(seed_id, "")
    if start is None or not 0 <= start <= len(text):
        return seed_id
    line_start = text.rfind("\n", 0, start) + 1
    return f"{seed_id}:{text.count(chr(10), 0, start) + 1}:{start - line_start + 1}"
