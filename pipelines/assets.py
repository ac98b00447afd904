"""The asset graph: seeds, what was read from them, one asset for each published table, and the release."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from pipelines import engine, tabulate
from pipelines.records import SeedReading
from pipelines.release import Bump, Check, Published, release_tables
from pipelines.validate import RULES, rules_for, said
from schemas.tables import CODE_LISTS, TABLES
from schemas.tables.base import TableModel, columns, describe

_PREVIEW_ROWS = 10
# The checks are blocking: where the release is made, every one of them has passed.
PASSED = [Check(name, rule, 0, said(RULES[rule])) for name in TABLES for rule in rules_for(name)]


class Folders(dg.ConfigurableResource[None]):
    """Where seeds are read from and releases are written to."""

    seeds: str = "seeds"
    outputs: str = "outputs"
    accept_large_change: str | None = None
    raised: str | None = None


@dg.asset(group_name="read", kinds={"python"})
def seed_readings(folders: Folders) -> dg.MaterializeResult[list[SeedReading]]:
    """Every seed with the monographs, sections, values and findings that were read from it."""
    folder = Path(folders.seeds)
    readings = engine.read_seeds(folder, engine.load_seeds(folder))
    return dg.MaterializeResult(value=readings, metadata={"seeds": len(readings)})


def _out(table: TableModel) -> dg.AssetOut:
    schema = [
        dg.TableColumn(
            name,
            str(c.dtype),
            c.description,
            constraints=dg.TableColumnConstraints(nullable=c.nullable),
        )
        for name, c in columns(table).items()
    ]
    return dg.AssetOut(
        description=describe(table),
        group_name="code_lists" if table in CODE_LISTS else "tables",
        kinds={"arrow"},
        metadata={"dagster/column_schema": dg.TableSchema(columns=schema)},
    )


@dg.multi_asset(outs={name: _out(table) for name, table in TABLES.items()})
def tables(seed_readings: list[SeedReading]) -> Iterator[dg.Output[pa.Table]]:
    """All published tables, made in one pass over the readings."""
    for name, table in tabulate.tabulate(seed_readings).items():
        yield dg.Output(table, name, metadata=_shown(name, table))


def _shown(name: str, table: pa.Table) -> dict[str, Any]:
    """What a person wants to see of a table."""
    preview = table.slice(0, _PREVIEW_ROWS).to_pandas().to_markdown(index=False)
    shown: dict[str, Any] = {"dagster/row_count": table.num_rows, "preview": dg.MetadataValue.md(preview)}
    if name == "findings":
        counts = pc.value_counts(table["finding_code"]).to_pylist()
        shown |= {str(count["values"]): count["counts"] for count in counts}
    return shown


@dg.asset(ins={name: dg.AssetIn(name) for name in TABLES}, group_name="release", kinds={"parquet", "csv"})
def release(folders: Folders, **inputs: pa.Table) -> dg.MaterializeResult[Published]:
    """An immutable, versioned release of all tables; nothing where the content is that of the last one."""
    published = release_tables(
        inputs,
        Path(folders.seeds),
        folders.outputs,
        PASSED,
        accept_large_change=folders.accept_large_change,
        at_least=Bump[folders.raised.upper()] if folders.raised else Bump.NONE,
    )
    shown: dict[str, Any] = {"version": published.version, "is_new": published.is_new, "folder": published.where}
    return dg.MaterializeResult(value=published, metadata=shown)
