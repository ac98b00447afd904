"""What Dagster loads: assets with their checks, and the job that runs them, by hand or by itself.

Settings come from the environment: MONOGRAPHS_SEEDS, MONOGRAPHS_OUTPUTS, MONOGRAPHS_ADDRESS, MONOGRAPHS_WORK and
MONOGRAPHS_ENGINE (see docs/operations.md).
"""

from __future__ import annotations

import dagster as dg

from pipelines.defs.assets import catalogue, code_tables, release, seed_documents, tables
from pipelines.defs.automation import RELEASE_JOB, every_day, lost_runs, seeds_changed
from pipelines.defs.resources import ArrowTables, Folders, Listener, ReadingEngine

WITH_BACK_OFF = dg.RetryPolicy(max_retries=3, delay=5, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)


def build_definitions(
    folders: Folders, reading: ReadingEngine | None = None, retries: dg.RetryPolicy | None = WITH_BACK_OFF
) -> dg.Definitions:
    """Everything, for the folders of a caller. `retries` is for what may pass by itself."""
    release_job = dg.define_asset_job(
        RELEASE_JOB,
        selection=dg.AssetSelection.all(),
        description="Reads the seeds, checks the tables and publishes a release, with its pages, of what has changed.",
        op_retry_policy=retries,
        executor_def=dg.in_process_executor,  # a step more in a process of its own imports everything once more
    )
    return dg.Definitions(
        assets=[seed_documents, code_tables, tables, release, catalogue],
        jobs=[release_job],
        sensors=[seeds_changed, lost_runs],
        schedules=[every_day],
        resources={
            "folders": folders,
            "reading": reading or ReadingEngine(),
            "listener": Listener(),
            "io_manager": ArrowTables(outputs=folders.outputs, work=folders.work),
        },
    )


def _setting(name: str, default: str) -> str:
    """A setting that Dagster shows as the variable that it comes from, if somebody has set it."""
    variable = dg.EnvVar(f"MONOGRAPHS_{name}")
    return default if variable.get_value() is None else variable


defs = build_definitions(
    Folders(
        seeds=_setting("SEEDS", "seeds"),
        outputs=_setting("OUTPUTS", "outputs"),
        address=_setting("ADDRESS", ""),
        work=_setting("WORK", ""),
    ),
    ReadingEngine(place=_setting("ENGINE", "local")),
)
