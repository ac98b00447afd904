"""`monographs release`: seeds to a release, inside Dagster."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow.compute as pc

from pipelines.command import Answer
from pipelines.defs.assets import Reading
from pipelines.defs.jobs import TablesRefusedError, run_release
from pipelines.engine.progress import Report
from pipelines.release import Published, read_release, read_tables
from pipelines.tables.validate import MOST_SHOWN

_SHOWN = ("monographs", "strengths", "dosage_forms", "routes", "pregnancy_categories", "adverse_reactions", "findings")


def build_and_publish(  # noqa: PLR0913, PLR0917  (what a person may say of a release)
    seeds: Path,
    outputs: str,
    accept_large_change: str | None,
    raised: str | None,
    reading: Reading,
    report: Report,
) -> Answer:
    """One run: reads, checks and publishes; refuses tables that break a rule, and shows the rows."""
    try:
        return _published(outputs, run_release(str(seeds), outputs, accept_large_change, raised, reading, report))
    except TablesRefusedError as refused:
        return _refusal(refused)


def _refusal(refused: TablesRefusedError) -> Answer:
    lines = [str(refused)]
    for broken in refused.broken:
        lines += [f"{broken.table}: {broken.rule}", broken.rows]
    return Answer(lines, {"broken": [[broken.table, broken.rule] for broken in refused.broken]}, 1)


def _published(outputs: str, published: Published) -> Answer:
    """What was released, in a few lines: rows of the main tables, findings by severity, and where it is."""
    version = published.version
    if not published.is_new:
        same = f"The content is that of {version}: no release was made."
        return Answer([same], {"version": version, "is_new": False})
    tables = read_release(outputs, version)["tables"]
    rows = {name: tables[name]["rows"] for name in _SHOWN}
    findings = read_tables(outputs, version, ["findings"])["findings"]
    counts = Counter(findings["severity"].to_pylist())
    refused = findings.filter(pc.equal(findings["severity"], "error"))
    lines = [f"Released {version} in {published.where}"]
    lines += [f"  {name:<22}{count:>8} rows" for name, count in rows.items()]
    lines += [f"  findings: {', '.join(f'{counts[s]} {s}' for s in ('error', 'warning', 'info'))}"]
    lines += [f"  left out: {row['seed_id']}: {row['message']}" for row in refused.slice(0, MOST_SHOWN).to_pylist()]
    if refused.num_rows > MOST_SHOWN:
        lines.append(f"  left out: {refused.num_rows - MOST_SHOWN:,} more; see the errors in the table findings")
    lines += [f"  {change}" for change in published.changes]
    return Answer(
        lines, {"version": version, "is_new": True, "folder": published.where, "rows": rows, "findings": counts}
    )
