"""The asset graph: what is given, one asset for each published table, the release and its catalogue.

Dagster looks at the annotations of `release` to find its options, so they are not postponed here.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
from pydantic import Field

from pipelines.defs.asset_pages import (
    OWNERS,
    catalogue_facts,
    page_of,
    problem_facts,
    release_facts,
    table_facts,
    table_page,
)
from pipelines.defs.checks import CHECK_SPECS, QUALITY, check_results, quality_table
from pipelines.defs.resources import RUN, Folders, Listener, ReadingEngine
from pipelines.engine.fingerprint import READS_AS
from pipelines.engine.progress import Progress, Report
from pipelines.engine.run import Readings, read_folder
from pipelines.errors import MonographsError
from pipelines.release import Bump, Check, Published, ReleaseRefusedError, read_index, read_release, release_tables
from pipelines.release.digest import content_digest
from pipelines.release.failures import OutputsUnusableError
from pipelines.release.publish.inputs import rules_now
from pipelines.release.shapes import published_shapes
from pipelines.tables.validate import apply_rules
from schemas.tables import TABLES

_SECONDS_A_LOG_LINE = 10
ACCEPTED = dg.AssetCheckSpec(
    "is_no_accident",
    asset="release",
    blocking=True,
    description="No table is broken, and none has lost or changed more rows than an edit would.",
)
# A run in the night is enough, also one that found nothing new; it may take an hour from its start at three o'clock.
DAILY = dg.FreshnessPolicy.cron("0 4 * * *", lower_bound_delta=timedelta(hours=24), timezone="UTC")
SEED_METADATA = "seed_metadata"

seed_documents = dg.AssetSpec(
    "seed_documents",
    description="The seeds folder: documents, `seeds.csv` and `corrections.csv`. The sensor says when it has changed.",
    group_name="given",
    kinds={"file"},
    owners=OWNERS,
)
code_tables = dg.AssetSpec(
    "code_tables",
    description="`schemas/codes`: what words mean. The sensor says when a table has changed.",
    group_name="given",
    kinds={"csv"},
    owners=OWNERS,
)
_BETWEEN = {
    QUALITY: "One row for each rule and table: how many rows break the rule, and the first of them.",
    SEED_METADATA: "One row for each of `seeds.csv` and `corrections.csv`: its SHA-256 as it was read.",
}


def _outputs() -> dict[str, dg.AssetOut]:
    """What one reading of the seeds gives: every published table, and two that go with them to the release."""
    pages = [table_page(name, model) for name, model in TABLES.items()]
    pages += [dg.AssetSpec(n, description=d, group_name="reading", owners=OWNERS) for n, d in _BETWEEN.items()]
    return {page.key.path[-1]: dg.AssetOut.from_spec(page.replace_attributes(code_version=READS_AS)) for page in pages}


@contextmanager
def _refusals() -> Iterator[None]:
    """An error that names a place and a remedy stays as it is however often the step is tried: it is not retried."""
    try:
        yield
    except OutputsUnusableError:
        raise  # a full disk or a store that is away may pass
    except MonographsError as error:
        raise dg.Failure(str(error), allow_retries=False) from error


# All tables come from one pass over the seeds and refer to each other, so none is made alone (can_subset).
@dg.multi_asset(outs=_outputs(), deps=[seed_documents, code_tables], check_specs=CHECK_SPECS)
def tables(
    folders: Folders, reading: ReadingEngine, listener: dg.ResourceParam[Listener]
) -> Iterator[dg.MaterializeResult[pa.Table] | dg.AssetCheckResult]:
    """Every seed read, all published tables made of it, and whether they hold their rules."""
    with _refusals():
        readings = read_folder(Path(folders.seeds), reading.as_engine(folders.kept), _told_twice(listener))
    listener.reading_ended()
    results = apply_rules(readings.tables, readings.texts)
    listener.checked(results)
    yield from _made(readings, folders)
    yield dg.MaterializeResult(asset_key=QUALITY, value=quality_table(results))
    yield dg.MaterializeResult(asset_key=SEED_METADATA, value=_digests(readings.metadata_digests))
    yield from check_results(results, readings.tables["findings"])


def _made(readings: Readings, folders: Folders) -> Iterator[dg.MaterializeResult[pa.Table]]:
    for name, shape in published_shapes().items():
        table = readings.tables[name]
        facts = table_facts(name, table, folders.outputs, folders.address)
        if name == "seeds":
            facts["read anew"] = readings.read
        version = dg.DataVersion(content_digest(table, shape.key))
        yield dg.MaterializeResult(asset_key=name, value=table, data_version=version, metadata=facts)


def _digests(digests: Mapping[str, str]) -> pa.Table:
    columns = {"name": list(digests), "sha256": list(digests.values())}
    return pa.table(columns, pa.schema({"name": pa.string(), "sha256": pa.string()}))


def _told_twice(listener: Listener) -> Report:
    """Progress for the one who waits, and now and then for the log."""
    log, logged = dg.get_dagster_logger(), 0.0

    def tell(progress: Progress) -> None:
        nonlocal logged
        listener.progress(progress)
        if progress.seconds - logged >= _SECONDS_A_LOG_LINE:
            logged = progress.seconds
            log.info(str(progress))

    return tell


class Decisions(dg.Config):
    """What a person decides about one release; a run that starts by itself decides nothing."""

    accept_large_change: str | None = Field(None, description="Why a large or destructive change is meant.")
    raised: str | None = Field(None, description="Move the version at least so far: minor or major.")


@dg.asset(
    ins={name: dg.AssetIn() for name in (*TABLES, *_BETWEEN)},
    group_name="release",
    kinds={"parquet", "csv"},
    owners=OWNERS,
    tags={"published": "true"},
    check_specs=[ACCEPTED],
    code_version=rules_now(),
    freshness_policy=DAILY,
)
def release(
    folders: Folders, config: Decisions, listener: dg.ResourceParam[Listener], **stored: pa.Table
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]:
    """An immutable, versioned release of all tables; nothing if the content is that of the last one."""
    try:
        with _refusals():
            published = _published(_of_one_run(stored), folders.outputs, config)
    except dg.Failure as failure:
        if isinstance(failure.__cause__, ReleaseRefusedError):
            facts = problem_facts(failure.__cause__.reasons)
            yield dg.AssetCheckResult(passed=False, check_name=ACCEPTED.name, metadata=facts)
        raise
    listener.published(published)
    yield dg.AssetCheckResult(passed=True, check_name=ACCEPTED.name, metadata=problem_facts([]))
    facts = release_facts(published, stored, folders.outputs, folders.address)
    version = dg.DataVersion(str(read_release(folders.outputs, published.version)["content_sha256"]))
    yield dg.MaterializeResult(data_version=version, metadata=facts)


class TablesOfTwoRunsError(MonographsError):
    """What is stored was made by more than one run."""


def _of_one_run(stored: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The tables as they are published; raises TablesOfTwoRunsError if two runs have stored them at one time."""
    if len({(table.schema.metadata or {}).get(RUN) for table in stored.values()}) > 1:
        raise TablesOfTwoRunsError("Two runs have stored their tables in one folder; run the whole job again.")
    return {name: table.replace_schema_metadata() for name, table in stored.items()}


def _published(stored: Mapping[str, pa.Table], outputs: str, config: Decisions) -> Published:
    checks = [
        Check(row["table_name"], row["rule"], row["broken_rows"], row["description"])
        for row in stored[QUALITY].to_pylist()
    ]
    return release_tables(
        {name: stored[name] for name in TABLES},
        dict(zip(*(stored[SEED_METADATA][column].to_pylist() for column in ("name", "sha256")), strict=True)),
        outputs,
        checks,
        accept_large_change=config.accept_large_change,
        at_least=Bump[config.raised.upper()] if config.raised else Bump.NONE,
    )


@dg.asset(deps=["release"], group_name="release", kinds={"html"}, owners=OWNERS, tags={"published": "true"})
def catalogue(folders: Folders) -> dg.MaterializeResult[Any]:
    """Pages to browse, search and download the latest release from; none are made in object storage."""
    if "://" in folders.outputs:
        return dg.MaterializeResult(
            metadata={"not made": "The outputs are in object storage; pages are made in a folder only."}
        )
    from pipelines.site import refresh_site  # noqa: PLC0415  (its templates are slow to load)
    from pipelines.site.places import HOME  # noqa: PLC0415

    began = time.monotonic()
    try:
        built = refresh_site(Path(folders.outputs))
    except MonographsError as error:
        may_pass = isinstance(error, OutputsUnusableError)
        message = f"The release stands; its catalogue was not refreshed, and `monographs site` makes it: {error}"
        raise dg.Failure(message, allow_retries=may_pass) from error
    shown = catalogue_facts(built, page_of(folders.outputs, folders.address, HOME), time.monotonic() - began)
    return dg.MaterializeResult(metadata={"version": read_index(folders.outputs)["latest"], **shown})
