"""The golden tables of the project's own seeds and of documents in other styles, as a pharmacist has agreed to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden import FOLDERS, GOLDEN, as_csv, golden_tables

TABLES = {place: golden_tables(seeds) for place, seeds in FOLDERS.items()}
AGREED = sorted((path.parent.name, path.stem) for path in GOLDEN.glob("*/*.csv"))


def test_no_table_is_without_its_golden_file() -> None:
    """Every table with rows has a file, and no file is left of a table that has none."""
    assert sorted((place, name) for place, tables in TABLES.items() for name in tables) == AGREED


@pytest.mark.parametrize(("place", "name"), AGREED)
def test_the_documents_are_read_as_agreed(place: str, name: str) -> None:
    """Each table is what its golden file says, to the character; `make golden` rebuilds them for review."""
    agreed = Path(GOLDEN, place, f"{name}.csv").read_bytes().decode("utf-8")
    assert as_csv(TABLES[place][name]) == agreed
