"""`quality.json`: which checks the tables passed, how much could be read, what was found, and what others list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import pyarrow as pa
import pyarrow.compute as pc

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
    """All accounts; coverage is of the columns in which every null has a finding."""
    return {
        "checks": [asdict(check) for check in checks],
        "coverage": [
            _coverage(name, column, tables[name])
            for name, model in TABLES.items()
            for column, described in columns(model).items()
            if described.metadata["explained"]
        ],
        "findings": _findings_by_code(tables["findings"]),
        "agreement": agreement_of(tables["listed_products"], tables["findings"]),
    }


def agreement_of(listed: pa.Table, findings: pa.Table) -> list[Record]:
    """How many of the strengths, forms and routes that labels list as data were read from their words."""
    of_listed = findings.filter(pc.equal(findings["table_name"], "listed_products"))
    counts = {row["values"]: row["counts"] for row in pc.value_counts(of_listed["finding_code"]).to_pylist()}
    strengths = len(listed) - listed["numerator_value"].null_count - counts.get("LISTED_NOT_COMPARABLE", 0)
    routes = pc.list_flatten(pc.split_pattern(listed["route_codes"], "; "))
    of_routes = listed["monograph_id"].take(pc.list_parent_indices(pc.split_pattern(listed["route_codes"], "; ")))
    known = {
        "strengths": (strengths, "STRENGTH_DIFFERS"),
        "dose_forms": (_distinct(listed["monograph_id"], listed["dose_form_code"]), "FORM_DIFFERS"),
        "routes": (_distinct(of_routes, routes), "ROUTE_DIFFERS"),
    }
    return [
        {
            "kind": kind,
            "listed": count,
            "read": count - counts.get(code, 0),
            "share": round((count - counts.get(code, 0)) / count, 4) if count else None,
        }
        for kind, (count, code) in known.items()
    ]


def _distinct(monographs: pa.ChunkedArray, codes: pa.ChunkedArray) -> int:
    """How many codes there are, each once for each monograph."""
    pairs = pa.table({"monograph_id": monographs, "code": codes})
    counted = pairs.filter(pc.is_valid(pairs["code"])).group_by(["monograph_id", "code"]).aggregate([])
    return int(counted.num_rows)


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
