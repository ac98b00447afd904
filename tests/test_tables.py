"""The description of the published tables: complete, and the same wherever it is used."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest

from schemas.tables import TABLES
from schemas.tables.base import arrow_schema, columns, describe, key_columns, name_of, references

COLUMNS = [(name, column) for name, table in TABLES.items() for column in columns(table)]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_column_is_described(table: str, column: str) -> None:
    """A description ends with a full stop, and a nullable column says what null means."""
    described = columns(TABLES[table])[column]
    assert described.description
    assert described.description.endswith(".")
    assert described.nullable == ("Null: " in described.description)


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_names_keep_the_conventions(table: str, column: str) -> None:
    """Lower case; `_code` leads to a code list or is one; `_value` has a unit beside it; booleans say is or has."""
    described = columns(TABLES[table])[column]
    assert re.fullmatch(r"[a-z][a-z0-9_]*", column)
    if column.endswith("_code") and not table.endswith("_codes"):
        assert described.metadata["references"] or column == "loinc_code"
    if column.endswith("_value"):
        units = {column.replace("_value", unit) for unit in ("_unit_code", "_unit")}  # as read, or as others list it
        assert units & columns(TABLES[table]).keys()
    if arrow_schema(TABLES[table]).field(column).type == pa.bool_():
        assert column.startswith(("is_", "has_"))


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_one_name_a_key_and_a_sentence(name: str) -> None:
    """Each table has its name, says what a row is, and has key columns that are never null."""
    table = TABLES[name]
    assert name_of(table) == name
    assert describe(table).startswith("One row for each ")
    assert key_columns(table)
    assert not any(columns(table)[key].nullable for key in key_columns(table))


@pytest.mark.parametrize("name", TABLES)
def test_references_lead_to_keys(name: str) -> None:
    """A reference names columns of the target that are its key, of the same type."""
    for reference in references(TABLES[name]):
        target = TABLES[reference.target]
        assert list(reference.target_columns) == key_columns(target)
        own = [arrow_schema(TABLES[name]).field(c).type for c in reference.columns]
        assert own == [arrow_schema(target).field(c).type for c in reference.target_columns]


def test_the_contract_keeps_its_order() -> None:
    """The columns of `strengths` are those of the public contract, in its order."""
    assert list(columns(TABLES["strengths"])) == [
        "monograph_id", "strength_no", "component_no", "form_text", "dose_form_code", "dose_form_name", "ingredient",
        "strength_text", "text_start", "text_end", "strength_type", "numerator_value", "numerator_high",
        "numerator_unit_code", "denominator_value", "denominator_unit_code", "normalized_value", "normalized_high",
        "normalized_unit_code", "rxnorm_strength", "unit_text", "basis_text", "alternate_value", "alternate_unit_code",
        "alternate_kind",
    ]  # fmt: skip
