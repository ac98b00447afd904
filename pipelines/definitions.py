"""What Dagster loads: assets, checks and the job that makes a release."""

from __future__ import annotations

import dagster as dg

from pipelines.assets import Folders, release, seed_readings, tables
from pipelines.checks import tables_hold_their_rules

RELEASE_JOB = "release_job"

release_job = dg.define_asset_job(
    RELEASE_JOB,
    selection=dg.AssetSelection.all(),
    description="Reads the seeds, checks the tables and publishes a release where the content has changed.",
)


def build_definitions(folders: Folders | None = None, **resources: object) -> dg.Definitions:
    """Everything, for the folders of a caller; `resources` may replace others, such as the IO manager in a test."""
    return dg.Definitions(
        assets=[seed_readings, tables, release],
        asset_checks=[tables_hold_their_rules],
        jobs=[release_job],
        resources={"folders": folders or Folders(), **resources},
        executor=dg.in_process_executor,
    )


defs = build_definitions()
