"""The golden tables: what the pipeline publishes for each golden seed, kept under `tests/golden/<seed>/<table>.csv`.

`python -m tests.golden` (or `make golden`) writes them anew. Review the difference by eye, against the seed, before it
is committed: the files are what a pharmacist has agreed to, not what the code happens to print.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv

from pipelines.engine.run import read_folder
from schemas.tables import CODE_LISTS, TABLES
from schemas.tables.base import name_of

GOLDEN = Path(__file__).parent / "golden"
SEEDS = Path(__file__).parent.parent / "seeds"
# The documents that each folder of tables was read from: the project's own, and some of our words in other styles.
FOLDERS = {"seeds": SEEDS, "styles": GOLDEN / "styles" / "documents"}
CODE_LIST_NAMES = {name_of(table) for table in CODE_LISTS}


def golden_tables(seeds: Path) -> dict[str, pa.Table]:
    """The tables of a folder of seeds, without the code lists, which have their own review."""
    tables = read_folder(seeds).tables
    return {name: tables[name] for name in TABLES if name not in CODE_LIST_NAMES and tables[name].num_rows}


def as_csv(table: pa.Table) -> str:
    """The table as text that a person can review."""
    sink = pa.BufferOutputStream()
    pacsv.write_csv(table, sink, pacsv.WriteOptions(quoting_style="needed"))
    return str(sink.getvalue().to_pybytes(), "utf-8")


def main() -> None:
    """Writes the golden tables of the project's own seeds, and of the documents in other styles."""
    for place, seeds in FOLDERS.items():
        folder = GOLDEN / place
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.csv"):
            old.unlink()
        for name, table in golden_tables(seeds).items():
            (folder / f"{name}.csv").write_text(as_csv(table), encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
