"""The golden tables of the project's own seeds, as a pharmacist has agreed to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden import GOLDEN, SEEDS, as_csv, golden_tables

TABLES = golden_tables(SEEDS)


def test_no_table_is_without_its_golden_file() -> None:
    """Every table with rows has a file, and no file is left of a table that has none."""
    assert sorted(TABLES) == sorted(path.stem for path in (GOLDEN / "seeds").glob("*.csv"))


@pytest.mark.parametrize("name", sorted(path.stem for path in (GOLDEN / "seeds").glob("*.csv")))
def test_the_seeds_are_read_as_agreed(name: str) -> None:
    """Each table is what its golden file says, to the character; `make golden` rebuilds them for review."""
    agreed = Path(GOLDEN, "seeds", f"{name}.csv").read_bytes().decode("utf-8")
    assert as_csv(TABLES[name]) == agreed
