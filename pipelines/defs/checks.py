"""The rules of `validate` as Dagster asset checks: a blocking one for each table, and a warning."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.defs.asset_pages import problem_facts, rows_of_rule
from pipelines.engine.run import Readings
from pipelines.tables.validate import RULES, rules_for, said
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


def check_results(readings: Readings) -> Iterator[dg.AssetCheckResult]:
    """Every table against every rule that speaks of it; a broken rule is named with its rows, and stops the release."""
    for name in TABLES:
        yield _holds_its_rules(name, readings)
    yield _leaves_no_seed_out(readings.tables["findings"])


def _holds_its_rules(name: str, readings: Readings) -> dg.AssetCheckResult:
    found = {rule: RULES[rule](name, readings.tables, readings.texts) for rule in rules_for(name)}
    broken = {rule: rows_of_rule(problems) for rule, problems in found.items() if problems}
    return dg.AssetCheckResult(
        passed=not broken,
        asset_key=name,
        check_name=HOLDS,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={"rules": len(found), "problems": sum(map(len, found.values())), **broken},
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
