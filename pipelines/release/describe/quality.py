"""`quality.json`: which checks the tables passed, how much could be read, and what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import pyarrow as pa

from pipelines.release.log import Record
from schemas.tables import TABLES
from schemas.tables.base import columns


@dataclass(frozen=True, slots=True)
class Check:
    """A rule that was applied to a table and how many rows broke it."""

    table: str
    name: str
    problems: int
    description: str


def quality_of(tables: Mapping[str, pa.Table], checks: Sequence[Check]) -> Record:
    """All three accounts; coverage is of the columns in which every null has a finding."""
    return {
        "checks": [asdict(check) for check in checks],
        "coverage": [
            _coverage(name, column, tables[name])
            for name, model in TABLES.items()
            for column, described in columns(model).items()
            if described.metadata["explained"]
        ],
        "findings": _findings_by_code(tables["findings"]),
    }


def _coverage(name: str, column: str, table: pa.Table) -> Record:
    rows, read = table.num_rows, table.num_rows - table[column].null_count
    share = round(read / rows, 4) if rows else None
    return {"table": name, "column": column, "rows": rows, "read": read, "share": share}


def _findings_by_code(findings: pa.Table) -> list[Record]:
    by = ["finding_code", "severity"]
    counted = findings.group_by(by).aggregate([([], "count_all")])
    ordered = counted.select([*by, "count_all"]).rename_columns([*by, "count"])
    found: list[Record] = ordered.sort_by([(name, "ascending") for name in by]).to_pylist()
    return found


def failed(checks: Sequence[Check]) -> list[str]:
    """A sentence for each check that did not pass."""
    return [f"{c.table}: {c.problems} rows break the rule {c.name}. {c.description}" for c in checks if c.problems]
