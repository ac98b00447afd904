"""The rules of `tables.validate` as Dagster asset checks: at most three blocking ones for each table, and a warning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.defs.asset_pages import problem_facts, rows_of_rule
from pipelines.tables.validate import MOST_SHOWN, RULES, RuleResult, rules_for, said
from schemas.tables import TABLES

QUALITY = "quality"  # the asset that takes what the rules found to the release
# A check is one property of a table that a person would ask for; each costs a run several events.
CHECKS = {
    "shape": ("matches_schema", "has_unique_key"),
    "references": ("refers_to_rows", "quotes_the_seed"),
    "explained_nulls": ("explains_nulls",),
}
_LEAVES_OUT = dg.AssetCheckSpec(
    "leaves_no_seed_out",
    asset="findings",
    description="Every seed could be read; one that could not is left out, and the release is made without it.",
)


def _specs(name: str) -> Iterator[dg.AssetCheckSpec]:
    for check, rules in CHECKS.items():
        if spoken := [said(RULES[rule]) for rule in rules_for(name) if rule in rules]:
            yield dg.AssetCheckSpec(check, asset=name, blocking=True, description=" ".join(spoken))


CHECK_SPECS = [*(spec for name in TABLES for spec in _specs(name)), _LEAVES_OUT]
_QUALITY_SCHEMA = pa.schema(
    {
        "table_name": pa.string(),
        "rule": pa.string(),
        "broken_rows": pa.int64(),
        "description": pa.string(),
        "first_rows": pa.list_(pa.string()),
    }
)


def quality_table(results: Sequence[RuleResult]) -> pa.Table:
    """What the rules found, as a table."""
    rows = [
        (
            found.table,
            found.rule,
            len(found.problems),
            said(RULES[found.rule]),
            list(map(str, found.problems[:MOST_SHOWN])),
        )
        for found in results
    ]
    named = [dict(zip(_QUALITY_SCHEMA.names, row, strict=True)) for row in rows]
    return pa.Table.from_pylist(named, schema=_QUALITY_SCHEMA)


def check_results(results: Sequence[RuleResult], findings: pa.Table) -> Iterator[dg.AssetCheckResult]:
    """Every table by every check; a broken rule is named with its rows, and stops the release."""
    for name in TABLES:
        for check, rules in CHECKS.items():
            if found := [result for result in results if result.table == name and result.rule in rules]:
                yield _check(name, check, found)
    yield _leaves_no_seed_out(findings)


def _check(name: str, check: str, found: Sequence[RuleResult]) -> dg.AssetCheckResult:
    broken = {result.rule: rows_of_rule(result.problems) for result in found if result.problems}
    return dg.AssetCheckResult(
        passed=not broken,
        asset_key=name,
        check_name=check,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={"rules": len(found), "problems": sum(len(result.problems) for result in found), **broken},
    )


def _leaves_no_seed_out(findings: pa.Table) -> dg.AssetCheckResult:
    errors = findings.filter(pc.equal(findings["severity"], "error")).select(["seed_id", "message"]).to_pylist()
    problems = [f"{error['seed_id']}: {error['message']}" for error in errors]
    return dg.AssetCheckResult(
        passed=not problems,
        asset_key=_LEAVES_OUT.asset_key,
        check_name=_LEAVES_OUT.name,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=problem_facts(problems),
    )
