"""The release job, run in this process for someone who waits for its answer."""

from __future__ import annotations

import os
from dataclasses import dataclass

import dagster as dg

from pipelines.defs.assets import Decisions, Folders, Reading, release, rule_results, seed_readings, tables
from pipelines.engine.progress import Report
from pipelines.release import Published
from pipelines.tables.validate import RULES


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A check that failed: the table, the rule, and the rows as text."""

    table: str
    rule: str
    rows: str


class TablesRefusedError(Exception):
    """The tables break a rule, and nothing was released."""

    def __init__(self, broken: list[BrokenRule]) -> None:
        """Keeps each broken rule with its rows."""
        super().__init__("The tables break a rule; nothing was released.")
        self.broken = broken


def run_release(  # noqa: PLR0913, PLR0917  (what a person may say of a release)
    seeds: str,
    outputs: str,
    accept_large_change: str | None = None,
    raised: str | None = None,
    reading: Reading | None = None,
    report: Report = lambda _: None,
) -> Published:
    """One run of the job; without `reading`, nothing is cached. Run history is kept only where DAGSTER_HOME is set.

    It makes no pages: a command makes them once the release is signed, or where nothing was released. Raises
    TablesRefusedError where a check fails, and an error of reading or publishing as it was raised.
    """
    folders = Folders(seeds=seeds, outputs=outputs)
    resources = {"folders": folders, "reading": reading or Reading(), "report": report, "io_manager": dg.mem_io_manager}
    decisions = Decisions(accept_large_change=accept_large_change, raised=raised)
    config = dg.RunConfig(ops={"release": decisions}, loggers={"console": {"config": {"log_level": "CRITICAL"}}})
    with _instance() as instance:
        try:
            result = dg.materialize([seed_readings, rule_results, tables, release], config, instance, resources)
        except dg.Failure as failure:
            raise (failure.__cause__ or failure) from failure
        except dg.DagsterExecutionStepExecutionError as error:
            raise (error.user_exception or error) from error
        except dg.DagsterExecutionInterruptedError:
            raise KeyboardInterrupt from None
        except dg.DagsterError as error:
            raise TablesRefusedError(_broken_rules(instance)) from error
        published: Published = result.output_for_node("release")
        return published


def _instance() -> dg.DagsterInstance:
    if os.environ.get("DAGSTER_HOME"):
        return dg.DagsterInstance.get()
    return dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}})


def _broken_rules(instance: dg.DagsterInstance) -> list[BrokenRule]:
    """What the checks of the newest run that did not pass say of each rule."""
    run_id = instance.get_runs(limit=1)[0].run_id
    logged = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    events = [entry.dagster_event for entry in logged if entry.dagster_event is not None]
    checks = [event.asset_check_evaluation_data for event in events]
    return [
        BrokenRule(check.asset_key.to_user_string(), rule, str(rows.value))
        for check in checks
        if not check.passed and check.blocking
        for rule, rows in check.metadata.items()
        if rule in RULES
    ]
