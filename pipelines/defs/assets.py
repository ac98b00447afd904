"""The asset graph: seeds, what was read from them, one asset for each published table, and the release.

Dagster looks at the annotations of `release` to find its options, so they are not postponed here.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import dagster as dg
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
from pipelines.defs.checks import CHECK_SPECS, check_results
from pipelines.engine.progress import Progress, Report
from pipelines.engine.run import Engine, Readings, read_folder
from pipelines.errors import MonographsError
from pipelines.release import Bump, Check, Published, ReleaseRefusedError, read_index, release_tables
from pipelines.release.failures import OutputsUnusableError
from pipelines.tables.validate import RULES, RuleResult, apply_rules, said
from schemas.tables import TABLES

_SECONDS_A_LOG_LINE = 10
ACCEPTED = dg.AssetCheckSpec(
    "is_no_accident",
    asset="release",
    blocking=True,
    description="No table is broken, and none has lost or changed more rows than an edit would.",
)


class Folders(dg.ConfigurableResource[None]):
    """Where seeds are read from and releases are written to; the `address` is where others see the outputs, if any."""

    seeds: str = "seeds"
    outputs: str = "outputs"
    address: str = ""


class Decisions(dg.Config):
    """What a person decides about one release; a run that starts by itself decides nothing."""

    accept_large_change: str | None = Field(None, description="Why a large or destructive change is meant.")
    raised: str | None = Field(None, description="Move the version at least so far: minor or major.")


class Reading(dg.ConfigurableResource[None]):
    """Where seeds are read: `local` or `dask`, at the address of a `cluster`; the `cache` keeps what was read."""

    engine: Literal["local", "dask"] = "local"
    cluster: str | None = None
    cache: str | None = None

    def as_engine(self) -> Engine:
        """The same for those who know nothing of Dagster."""
        return Engine(self.engine, self.cluster, Path(self.cache) if self.cache else None)


def cache_beside(outputs: str) -> str | None:
    """Where what was read is kept unless someone says otherwise: beside the releases, where these are in a folder."""
    return None if "://" in outputs else str(Path(outputs) / ".cache")


@contextmanager
def _refusals() -> Iterator[None]:
    """An error that names a place and a remedy stays as it is however often the step is tried: it is not retried."""
    try:
        yield
    except OutputsUnusableError:
        raise  # a full disk or a store that is away may pass
    except MonographsError as error:
        raise dg.Failure(str(error), allow_retries=False) from error


@dg.asset(group_name="reading", kinds={"python"}, owners=OWNERS)
def seed_readings(
    folders: Folders, reading: Reading, report: dg.ResourceParam[Report]
) -> dg.MaterializeResult[Readings]:
    """Every seed with the monographs, sections, values and findings that were read from it."""
    told = _told_twice(report, dg.get_dagster_logger().info)
    with _refusals():
        readings = read_folder(Path(folders.seeds), reading.as_engine(), told)
    counts = {name: readings.tables[name].num_rows for name in ("seeds", "monographs")}
    return dg.MaterializeResult(value=readings, metadata={**counts, "read anew": readings.read})


def _told_twice(report: Report, log: Callable[[str], None]) -> Report:
    """Progress for the one who waits, and now and then for the log."""
    logged = 0.0

    def tell(progress: Progress) -> None:
        nonlocal logged
        report(progress)
        if progress.seconds - logged >= _SECONDS_A_LOG_LINE:
            logged = progress.seconds
            log(str(progress))

    return tell


@dg.asset(group_name="reading", kinds={"python"}, owners=OWNERS)
def rule_results(seed_readings: Readings) -> dg.MaterializeResult[list[RuleResult]]:
    """Every table against every rule, once: what the checks show, and what `quality.json` says of this run."""
    results = apply_rules(seed_readings.tables, seed_readings.texts)
    broken = sum(1 for result in results if result.problems)
    return dg.MaterializeResult(value=results, metadata={"rules": len(results), "broken": broken})


@dg.multi_asset(specs=[table_page(name, table) for name, table in TABLES.items()], check_specs=CHECK_SPECS)
def tables(
    folders: Folders, seed_readings: Readings, rule_results: list[RuleResult]
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """All published tables, and whether they hold their rules; the rows stay in `seed_readings`."""
    for name, table in seed_readings.tables.items():
        yield dg.MaterializeResult(asset_key=name, metadata=table_facts(name, table, folders.outputs, folders.address))
    yield from check_results(rule_results, seed_readings.tables["findings"])


@dg.asset(
    deps=list(TABLES),
    group_name="release",
    kinds={"parquet", "csv"},
    owners=OWNERS,
    tags={"published": "true"},
    check_specs=[ACCEPTED],
)
def release(
    folders: Folders, config: Decisions, seed_readings: Readings, rule_results: list[RuleResult]
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[Published]]:
    """An immutable, versioned release of all tables; nothing where the content is that of the last one."""
    try:
        with _refusals():
            published = _published(seed_readings, rule_results, folders.outputs, config)
    except dg.Failure as failure:
        if isinstance(failure.__cause__, ReleaseRefusedError):
            yield _refused(failure.__cause__)
        raise
    yield dg.AssetCheckResult(passed=True, check_name=ACCEPTED.name, metadata=problem_facts([]))
    facts = release_facts(published, seed_readings.tables, folders.outputs, folders.address)
    yield dg.MaterializeResult(value=published, metadata=facts)


def _published(readings: Readings, results: Sequence[RuleResult], outputs: str, config: Decisions) -> Published:
    checks = [Check(r.table, r.rule, len(r.problems), said(RULES[r.rule])) for r in results]
    return release_tables(
        readings.tables,
        readings.metadata_digests,
        outputs,
        checks,
        accept_large_change=config.accept_large_change,
        at_least=Bump[config.raised.upper()] if config.raised else Bump.NONE,
    )


def _refused(refusal: ReleaseRefusedError) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=False, check_name=ACCEPTED.name, metadata=problem_facts(refusal.reasons))


@dg.asset(deps=["release"], group_name="release", kinds={"html"}, owners=OWNERS, tags={"published": "true"})
def catalogue(folders: Folders) -> dg.MaterializeResult[Any]:
    """Pages to browse, search and download the latest release from; where it is in a bucket, none are made."""
    if "://" in folders.outputs:
        return dg.MaterializeResult(
            metadata={"not made": "The outputs are in a bucket; pages are made in a folder only."}
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
