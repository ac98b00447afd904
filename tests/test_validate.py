"""Each rule finds the row that breaks it, and says where it was read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipelines.engine.run import read_folder
from pipelines.tables.validate import RULES

SEED = (
    "Aspirin\nGeneric name: aspirin\nDosage form: Tablet\nRoute of administration: Oral\n"
    "Available Dose:\n- Tablets: 75 mg, 300 mg\n"
)
Tables = dict[str, pa.Table]


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    """The tables of one small seed, which hold every rule."""
    (tmp_path / "a.txt").write_text(SEED, encoding="utf-8")
    return dict(read_folder(tmp_path).tables)


def replaced(table: pa.Table, column: str, values: list[object]) -> pa.Table:
    """The table with other values in one column."""
    at = table.column_names.index(column)
    return table.set_column(at, table.schema.field(column), pa.array(values, table.schema.field(column).type))


def strengths_with(column: str, values: list[object]) -> Callable[[Tables], pa.Table]:
    """Breaks one column of `strengths`."""
    return lambda tables: replaced(tables["strengths"], column, values)


def without_last_column(tables: Tables) -> pa.Table:
    """Takes a column away from `strengths`."""
    return tables["strengths"].drop(["rxnorm_strength"])


BREAKS: list[tuple[str, Callable[[Tables], pa.Table], str]] = [
    ("matches_schema", strengths_with("strength_type", ["dose", "dose"]), "strength_type is 'dose'"),
    ("matches_schema", without_last_column, "not those of the model"),
    ("has_unique_key", strengths_with("strength_no", [1, 1]), "another row has the same key"),
    ("refers_to_rows", strengths_with("numerator_unit_code", ["mg", "pint"]), "no such row in unit_codes"),
    ("refers_to_rows", strengths_with("monograph_id", ["aspirin", "other"]), "no such row in monographs"),
    ("quotes_the_seed", strengths_with("strength_text", ["75 mg", "30 mg"]), "strength_text is not what stands at"),
    ("explains_nulls", strengths_with("normalized_value", [75.0, None]), "normalized_value is null and no finding"),
]


@pytest.mark.parametrize(("rule", "break_it", "why"), BREAKS)
def test_a_broken_row_is_found(tables: Tables, rule: str, break_it: Callable[[Tables], pa.Table], why: str) -> None:
    """A row that breaks a rule is reported with the reason; the tables as read break none."""
    texts = {"a.txt": SEED}
    assert RULES[rule]("strengths", tables, texts) == []
    problems = RULES[rule]("strengths", tables | {"strengths": break_it(tables)}, texts)
    assert any(why in problem.why for problem in problems)


def test_a_problem_names_seed_line_and_column(tables: Tables) -> None:
    """The place of a problem is the printed place of its row."""
    broken = replaced(tables["strengths"], "normalized_value", [75.0, None])
    problem = RULES["explains_nulls"]("strengths", tables | {"strengths": broken}, {"a.txt": SEED})[0]
    assert str(problem).startswith("a.txt:6:19: strengths (monograph_id a.txt, strength_no 2, component_no 1): ")


def test_a_finding_explains_a_null(tables: Tables) -> None:
    """A null with a finding on its row is in order."""
    strengths = replaced(tables["strengths"], "normalized_value", [75.0, None])
    row = {
        "finding_no": 99,
        "seed_id": "a.txt",
        "monograph_id": "a.txt",
        "severity": "warning",
        "finding_code": "STRENGTH_UNREAD",
        "table_name": "strengths",
        "row_no": 2,
        "message": "Not read.",
    }
    schema = tables["findings"].schema
    finding = pa.Table.from_pylist([{name: row.get(name) for name in schema.names}], schema=schema)
    findings = pa.concat_tables([tables["findings"], finding])
    assert RULES["explains_nulls"]("strengths", tables | {"strengths": strengths, "findings": findings}, {}) == []
    assert pc.sum(pc.equal(findings["finding_no"], 99)).as_py() == 1
