"""What Dagster loads: assets with their checks, and the job that runs them, by hand or by itself."""

from __future__ import annotations

import os
from collections.abc import Sequence

import dagster as dg

from pipelines.defs.assets import (
    Folders,
    Reading,
    cache_beside,
    catalogue,
    release,
    rule_results,
    seed_readings,
    tables,
)
from pipelines.defs.automation import RELEASE_JOB, every_day, seeds_changed
from pipelines.engine.progress import Report

WITH_BACK_OFF = dg.RetryPolicy(max_retries=3, delay=5, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)


def build_definitions(
    folders: Folders,
    reading: Reading | None = None,
    report: Report = lambda _: None,
    retries: dg.RetryPolicy | None = None,
    pages: Sequence[dg.AssetsDefinition] = (catalogue,),
    **resources: object,
) -> dg.Definitions:
    """Everything, for the folders of a caller.

    `reading` says where seeds are read, and `report` is told how far it is. `retries` is for what may pass by itself,
    where nobody waits for the answer; `pages` are none for a caller who makes the catalogue at another moment.
    `resources` may replace others, such as the IO manager in a test.
    """
    release_job = dg.define_asset_job(
        RELEASE_JOB,
        selection=dg.AssetSelection.all(),
        description="Reads the seeds, checks the tables and publishes a release, with its pages, of what has changed.",
        op_retry_policy=retries,
    )
    return dg.Definitions(
        assets=[seed_readings, rule_results, tables, release, *pages],
        jobs=[release_job],
        sensors=[seeds_changed],
        schedules=[every_day],
        resources={"folders": folders, "reading": reading or Reading(), "report": report, **resources},
        executor=dg.in_process_executor,
    )


_OUTPUTS = os.environ.get("MONOGRAPHS_OUTPUTS", "outputs")

defs = build_definitions(
    Folders(
        seeds=os.environ.get("MONOGRAPHS_SEEDS", "seeds"),
        outputs=_OUTPUTS,
        address=os.environ.get("MONOGRAPHS_ADDRESS", ""),
    ),
    Reading(cache=cache_beside(_OUTPUTS)),
    retries=WITH_BACK_OFF,
)
