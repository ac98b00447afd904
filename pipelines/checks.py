"""The rules of `validate` as blocking Dagster asset checks, one for each table and rule, and a warning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.engine.run import Readings
from pipelines.product_page import problem_facts
from pipelines.validate import RULES, Problem, rules_for, said
from schemas.tables import TABLES


def _spec(rule: str, name: str) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        rule,
        asset=name,
        blocking=True,
        additional_deps=["seed_readings", *(other for other in TABLES if other != name)],
        description=said(RULES[rule]),
    )


CHECK_SPECS = [_spec(rule, name) for name in TABLES for rule in rules_for(name)]


@dg.multi_asset_check(
    name="tables_hold_their_rules",
    specs=CHECK_SPECS,
    ins={name: dg.AssetIn(name) for name in TABLES} | {"seed_readings": dg.AssetIn("seed_readings")},
)
def tables_hold_their_rules(**inputs: Any) -> Iterator[dg.AssetCheckResult]:  # noqa: ANN401  (Dagster passes tables by name)
    """Checks every table against every rule that speaks of it; a problem stops the release."""
    readings: Readings = inputs.pop("seed_readings")
    for spec in CHECK_SPECS:
        problems = RULES[spec.name](spec.asset_key.to_user_string(), inputs, readings.texts)
        yield _result(spec, problems)


@dg.asset_check(asset="findings")
def leaves_no_seed_out(findings: pa.Table) -> dg.AssetCheckResult:
    """Every seed could be read; one that could not is left out, and the release is made without it."""
    errors = findings.filter(pc.equal(findings["severity"], "error")).select(["seed_id", "message"]).to_pylist()
    problems = [f"{error['seed_id']}: {error['message']}" for error in errors]
    return dg.AssetCheckResult(
        passed=not problems, severity=dg.AssetCheckSeverity.WARN, metadata=problem_facts(problems)
    )


def _result(spec: dg.AssetCheckSpec, problems: list[Problem]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=not problems,
        asset_key=spec.asset_key,
        check_name=spec.name,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata=problem_facts(problems),
    )
