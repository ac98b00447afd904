"""The rules of `validate` as Dagster asset checks: a blocking one for each table, and a warning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.defs.asset_pages import problem_facts, rows_of_rule
from pipelines.tables.validate import RULES, RuleResult, rules_for, said
from schemas.tables import TABLES

HOLDS = "holds_its_rules"
_LEAVES_OUT = dg.AssetCheckSpec(
    "leaves_no_seed_out",
    asset="findings",
    description="Every seed could be read; one that could not is left out, and the release is made without it.",
)


def _spec(name: str) -> dg.AssetCheckSpec:
    """One check for a table and not for each rule: every check costs a run several events."""
    rules = " ".join(said(RULES[rule]) for rule in rules_for(name))
    return dg.AssetCheckSpec(HOLDS, asset=name, blocking=True, description=rules)


CHECK_SPECS = [*(_spec(name) for name in TABLES), _LEAVES_OUT]


def check_results(results: Sequence[RuleResult], findings: pa.Table) -> Iterator[dg.AssetCheckResult]:
    """A check for each table; a broken rule is named with its rows, and stops the release."""
    for name in TABLES:
        yield _holds_its_rules(name, [result for result in results if result.table == name])
    yield _leaves_no_seed_out(findings)


def _holds_its_rules(name: str, results: Sequence[RuleResult]) -> dg.AssetCheckResult:
    broken = {result.rule: rows_of_rule(result.problems) for result in results if result.problems}
    return dg.AssetCheckResult(
        passed=not broken,
        asset_key=name,
        check_name=HOLDS,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={"rules": len(results), "problems": sum(len(result.problems) for result in results), **broken},
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
