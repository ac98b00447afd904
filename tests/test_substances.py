"""Ingredients have the identifier of a substance by its exact name, and products answer a question without a join."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from pipelines.engine.reading import read_seed
from pipelines.engine.seed_file import SeedFile
from pipelines.tables.rows import seed_rows
from schemas.substances import SubstancesError, find, read_fda_file, write_names

INGREDIENTS = [
    ("Generic name: metformin hydrochloride", ["metformin hydrochloride|786Z46389E|exact"]),
    ("Generic name: METFORMIN", ["METFORMIN|9100L32L2N|exact"]),
    ("Generic name: baclofen and caffeine", ["baclofen|H789N3FKE8|split", "caffeine|3G6A5W338E|split"]),
    ("Generic name: zepharol", ["zepharol|None|None"]),
    ("Generic name: metformine", ["metformine|None|None"]),
    ("Generic name: levothyroxine", ["levothyroxine|Q51BO43MG4|exact"]),
    ("Generic name: Cyclizine HCl", ["Cyclizine HCl|W0O1NHP4WE|exact"]),
    ("Generic name: adrenaline (epinephrine)", ["adrenaline (epinephrine)|YKH834O4BH|exact"]),
    ("Generic name: caffeine (baclofen)", ["caffeine (baclofen)|None|None"]),
    (
        "Generic name: acetic acid, glacial; hydrocortisone",
        ["acetic acid, glacial|Q40Q9N063P|split", "hydrocortisone|WI4X0X7BPJ|split"],
    ),
    ("Active ingredient: Baclofen; Caffeine", ["Baclofen|H789N3FKE8|split", "Caffeine|3G6A5W338E|split"]),
    ("Generic name: zephar vaccine recombinant, adjuvanted", ["zephar vaccine recombinant, adjuvanted|None|None"]),
    ("Generic name: baclofen + zepharol", ["baclofen|H789N3FKE8|split", "zepharol|None|None"]),
]


@pytest.mark.parametrize(("field", "expected"), INGREDIENTS)
def test_an_ingredient_is_linked_by_its_exact_name(field: str, expected: list[str]) -> None:
    """The whole name or the parts of a combination are looked up, never a likeness; what is not found has a finding."""
    text = f"Title\n{field}\nUses: Pain.\n"
    rows = seed_rows(read_seed(SeedFile("a.txt", text.encode())))
    assert [f"{row[2]}|{row[5]}|{row[7]}" for row in rows["ingredients"]] == expected
    assert all(text[row[3] : row[4]] == row[2] for row in rows["ingredients"])  # type: ignore[index]
    unknown = [row for row in rows["findings"] if row[4] == "SUBSTANCE_UNKNOWN"]
    assert len(unknown) == sum("None" in each for each in expected)


def test_brand_names_are_no_substances() -> None:
    """A brand name in place of a generic one is not linked: the cell is wrong, and the finding says so."""
    assert find("Lantus") is None
    assert find("insulin glargine") is not None


MADE = """Name\tTYPE\tUNII\tDisplay Name
EXEMPLUM\tof\tAAAAAAAAAA\tEXEMPLUM
Ex-A\tcn\tAAAAAAAAAA\tEXEMPLUM
exemplaline\tsys\tAAAAAAAAAA\tEXEMPLUM
2,4-EXEMPLIDE\tsys\tAAAAAAAAAA\tEXEMPLUM
EXEMPLUM [INN]\tcn\tAAAAAAAAAA\tEXEMPLUM
Exemplan\tbn\tAAAAAAAAAA\tEXEMPLUM
SHARED\tcn\tAAAAAAAAAA\tEXEMPLUM
Shared\tof\tBBBBBBBBBB\tALTERUM
TERTIUM\tcn\tBBBBBBBBBB\tALTERUM
TERTIUM\tof\tCCCCCCCCCC\tTERTIUM
GRASS OF NO BOOK\tcn\tDDDDDDDDDD\tGRASS
"""


def test_the_list_is_made_from_the_file_that_fda_publishes(tmp_path: Path) -> None:
    """What a label may print of a medicine is kept; a name of two is its of whom it is preferred."""
    source, made = tmp_path / "UNII_Names.txt", tmp_path / "names.parquet"
    source.write_text(MADE, encoding="utf-8")
    assert write_names(read_fda_file(source), "2026-01", made) == 4
    assert [tuple(row.values()) for row in pq.read_table(made).to_pylist()] == [
        ("ex-a", "AAAAAAAAAA", "EXEMPLUM"),
        ("exemplaline", "AAAAAAAAAA", "EXEMPLUM"),
        ("exemplum", "AAAAAAAAAA", "EXEMPLUM"),
        ("tertium", "CCCCCCCCCC", "TERTIUM"),
    ]


def test_another_file_is_refused(tmp_path: Path) -> None:
    """A file without the columns of FDA's list is named, with what to do."""
    (tmp_path / "x.txt").write_text("a\tb\n", encoding="utf-8")
    with pytest.raises(SubstancesError, match=r"x\.txt:1: no column Name; take UNII_Names"):
        list(read_fda_file(tmp_path / "x.txt"))


CARD = """Exemplan
Generic name: exemplum
Brand names: Exemplan, Otheran
Pregnancy category: D
Dosage form: Tablet, Syrup
Route: Oral
Available dose:
- Tablets: 5 mg, 10 mg/2 mg
- Syrup: 5 mg/5 mL
"""


def test_one_select_without_a_join_answers_what_an_analyst_asks_first(tmp_path: Path) -> None:
    """Strengths in mg of oral tablets with FDA letter D."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "card.txt").write_text(CARD, encoding="utf-8")
    command = [str(Path(sys.executable).parent / "monographs"), "release", "--no-site"]
    folders = ["--seeds", str(tmp_path / "seeds"), "--outputs", str(tmp_path / "outputs")]
    subprocess.run([*command, *folders], check=True, capture_output=True)
    data = tmp_path / "outputs" / "releases" / "1.0.0" / "data"
    question = f"""
        SELECT strength, value FROM '{data}/products.parquet'
        WHERE dose_form_name = 'TABLET' AND route_name = 'ORAL' AND fda_pregnancy_category = 'D' AND unit_code = 'mg'
    """  # noqa: S608
    with duckdb.connect() as connection:
        assert connection.execute(question).fetchall() == [("5 mg", 5.0)]
        every = f"SELECT dose_form_name, strength, component_count FROM '{data}/products.parquet'"  # noqa: S608
        told = connection.execute(every).fetchall()
    assert told == [("TABLET", "5 mg", 1), ("TABLET", "10 mg + 2 mg", 2), ("SYRUP", "1 mg/mL", 1)]
