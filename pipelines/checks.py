"""The rules of `validate` as blocking Dagster asset checks, one for each table and rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines.records import SeedReading
from pipelines.validate import MOST_SHOWN, RULES, Problem, rules_for, said
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
    readings: list[SeedReading] = inputs.pop("seed_readings")
    texts = {reading.parsed.seed.seed_id: reading.parsed.seed.text for reading in readings}
    for spec in CHECK_SPECS:
        problems = RULES[spec.name](spec.asset_key.to_user_string(), inputs, texts)
        yield _result(spec, problems)


def _result(spec: dg.AssetCheckSpec, problems: list[Problem]) -> dg.AssetCheckResult:
    shown = "\n".join(f"- {problem}" for problem in problems[:MOST_SHOWN])
    metadata: dict[str, Any] = {"problems": len(problems)}
    if problems:
        metadata["rows"] = dg.MetadataValue.md(shown)
    return dg.AssetCheckResult(
        passed=not problems,
        asset_key=spec.asset_key,
        check_name=spec.name,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata=metadata,
    )
