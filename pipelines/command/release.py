"""`monographs release`: seeds to a release, inside Dagster."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import dagster as dg
import pyarrow.parquet as pq

from pipelines.assets import Folders
from pipelines.command import Answer
from pipelines.command.errors import EXPECTED
from pipelines.definitions import RELEASE_JOB, build_definitions
from pipelines.release.publish import Published

_SHOWN = ("monographs", "strengths", "dosage_forms", "routes", "pregnancy_categories", "adverse_reactions", "findings")


def build_and_publish(seeds: Path, outputs: Path, accept_large_change: str | None) -> Answer:
    """One Dagster run: reads, checks and publishes; refuses tables that break a rule."""
    result = _run(Folders(seeds=str(seeds), outputs=str(outputs), accept_large_change=accept_large_change))
    if not result.success:
        return _refusal(result)
    return _published(result.output_for_node("release"))


def _run(folders: Folders) -> dg.ExecuteInProcessResult:
    """One run in this process; its history is kept only where DAGSTER_HOME is set."""
    job = build_definitions(folders, io_manager=dg.mem_io_manager).resolve_job_def(RELEASE_JOB)
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    if os.environ.get("DAGSTER_HOME"):
        return job.execute_in_process(instance=dg.DagsterInstance.get(), run_config=quiet, raise_on_error=False)
    with dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}}) as instance:
        return job.execute_in_process(instance=instance, run_config=quiet, raise_on_error=False)


def _refusal(result: dg.ExecuteInProcessResult) -> Answer:
    """The rows that break a rule; or the sentence of an error that a person can do something about."""
    broken = [e for e in result.get_asset_check_evaluations() if not e.passed]
    if not broken:
        return Answer([f"monographs: {_reason(result)}"], {"error": _reason(result)}, 1)
    lines = ["The tables break a rule; nothing was released."]
    for evaluation in broken:
        lines.append(f"{evaluation.asset_key.to_user_string()}: {evaluation.check_name}")
        lines.append(str(evaluation.metadata["rows"].value))
    return Answer(lines, {"broken": [[e.asset_key.to_user_string(), e.check_name] for e in broken]}, 1)


def _reason(result: dg.ExecuteInProcessResult) -> str:
    """The message of the first expected error among the causes of the failure; raises RuntimeError for any other."""
    expected = {error.__name__ for kind in EXPECTED for error in (kind, *kind.__subclasses__())}
    for event in result.filter_events(lambda event: event.is_step_failure):
        error = event.step_failure_data.error
        while error is not None:
            if error.cls_name in expected:
                return error.message.partition(": ")[2].strip()
            last, error = error, error.cause
        raise RuntimeError(last.to_string())
    message = "The run failed and no step says why."
    raise RuntimeError(message)


def _published(published: Published) -> Answer:
    """What was released, in a few lines: rows of the main tables, findings by severity, and where it is."""
    version, folder = published.version, published.folder
    if not published.is_new:
        same = f"The content is that of {version}: no release was made."
        return Answer([same], {"version": version, "is_new": False})
    rows = {name: pq.read_metadata(folder / "data" / f"{name}.parquet").num_rows for name in _SHOWN}
    findings = pq.read_table(folder / "data" / "findings.parquet", columns=["severity", "seed_id", "message"])
    counts = Counter(findings["severity"].to_pylist())
    refused = [row for row in findings.to_pylist() if row["severity"] == "error"]
    lines = [f"Released {version} in {folder}"]
    lines += [f"  {name:<22}{count:>8} rows" for name, count in rows.items()]
    lines += [f"  findings: {', '.join(f'{counts[s]} {s}' for s in ('error', 'warning', 'info'))}"]
    lines += [f"  left out: {row['seed_id']}: {row['message']}" for row in refused]
    lines += [
        f"  {change.bump.name.lower()}: {change.code} {change.table} ({change.count})" for change in published.changes
    ]
    return Answer(lines, {"version": version, "is_new": True, "folder": str(folder), "rows": rows, "findings": counts})
