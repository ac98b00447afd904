"""What products a document lists, from its text to its forms, routes and strengths.

A case writes strengths as they are compared (`normalized_*`): `mg` or `mg/mL`, a combination with `+`.
"""

from __future__ import annotations

import csv
from itertools import groupby
from pathlib import Path

import pytest

from pipelines.engine.run import read_folder

CASES = Path(__file__).parent / "cases" / "products.csv"
with CASES.open(encoding="utf-8", newline="") as _file:
    ROWS = list(csv.DictReader(_file))
COLUMNS = ("forms", "routes", "strengths")
FEW = 50  # documents, which are read in this process: what the readers cover is seen


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """What was read of every case, by its file and column, some at a time."""
    found: dict[str, dict[str, str]] = {}
    for begin in range(0, len(ROWS), FEW):
        folder = tmp_path_factory.mktemp("seeds")
        for number, case in enumerate(ROWS[begin : begin + FEW], start=begin):
            (folder / f"{number}.txt").write_text(case["text"], encoding="utf-8")
        found |= _read(folder)
    return found


def _read(folder: Path) -> dict[str, dict[str, str]]:
    tables = {name: table.to_pylist() for name, table in read_folder(folder).tables.items()}
    found: dict[str, dict[str, str]] = {}
    for monograph in tables["monographs"]:
        own = {
            name: [row for row in tables[name] if row["monograph_id"] == monograph["monograph_id"]]
            for name in ("dosage_forms", "routes", "strengths")
        }
        strengths = groupby(own["strengths"], lambda row: row["strength_no"])
        found[monograph["seed_id"]] = {
            "forms": " | ".join(row["dose_form_name"] or "?" for row in own["dosage_forms"]),
            "routes": " | ".join(row["route_name"] or "?" for row in own["routes"]),
            "strengths": " | ".join(" + ".join(map(_figure, parts)) for _, parts in strengths),
        }
    return found


def _figure(row: dict[str, object]) -> str:
    """A comparable amount with four figures."""
    value = row["normalized_value"]
    return "?" if value is None else f"{float(str(value)):.4g} {row['normalized_unit_code']}"


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[case["why"] for case in ROWS])
def test_products_of_a_document(number: int, readings: dict[str, dict[str, str]]) -> None:
    """The forms, routes and strengths of each small document are what its row says, and no more."""
    case = ROWS[number]
    assert readings[f"{number}.txt"] == {column: case[column] for column in COLUMNS}


@pytest.mark.parametrize(
    ("active", "ingredients"),
    [
        ("Exemplanum 6X, 12X, Alternix radix 6X", ["Exemplanum", None]),
        ("Alternix 6X", ["Alternix"]),
        ("Zephalide 6X, 12X", ["Zephalide", "Zephalide"]),
        ("Zephalide sodium 5 mg", ["Zephalide"]),
    ],
    ids=["a list of others", "the only one names the drug", "its own potencies", "its salt"],
)
def test_an_amount_beside_another_name_is_not_of_the_drug(
    active: str, ingredients: list[str | None], tmp_path: Path
) -> None:
    """In a list of active ingredients the name beside an amount says whose it is, and not the title."""
    (tmp_path / "a.txt").write_text(f"Zephalide\n\nActive ingredient\nACTIVE INGREDIENTS: {active}\n", encoding="utf-8")
    assert [row["ingredient"] for row in read_folder(tmp_path).tables["strengths"].to_pylist()] == ingredients
