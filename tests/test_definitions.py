"""What Dagster loads: the graph, its keys, and that a broken table stops the release."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest

from pipelines.definitions import build_definitions, defs
from pipelines.defs import assets
from pipelines.defs.automation import RELEASE_JOB
from pipelines.defs.checks import CHECKS
from pipelines.defs.jobs import TablesRefusedError, run_release
from pipelines.defs.resources import RUN, Folders
from pipelines.engine.fingerprint import READS_AS
from pipelines.engine.run import Readings, read_folder
from pipelines.release import Published, read_release
from pipelines.tables.mapped import read_mapped, write_mapped
from pipelines.tables.validate import RULES, rules_for, said
from schemas.tables import TABLES

SEED = "Aspirin\nGeneric name: aspirin\nAvailable Dose:\n- Tablets: 75 mg\n"


def run(folder: Path) -> Published:
    """One run of the release job over a folder with one seed."""
    seeds = folder / "seeds"
    seeds.mkdir()
    (seeds / "a.txt").write_text(SEED, encoding="utf-8")
    return run_release(Folders(seeds=str(seeds), outputs=str(folder / "outputs")))


def test_assets_are_the_tables_and_what_is_before_and_after() -> None:
    """What is given, one asset for each published table, what goes with them to the release, and its pages."""
    keys = {key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys()}
    assert keys == {"seed_documents", "code_tables", *TABLES, "quality", "seed_metadata", "release", "catalogue"}


def test_every_table_has_blocking_checks() -> None:
    """Each table has at most three checks that stop what follows, and together they say every rule of it."""
    graph = defs.resolve_asset_graph()
    for name in TABLES:
        keys = [dg.AssetCheckKey(dg.AssetKey(name), check) for check in CHECKS]
        specs = [graph.get_check_spec(key) for key in keys if key in graph.asset_check_keys]
        assert all(spec.blocking for spec in specs)
        spoken = " ".join(spec.description or "" for spec in specs)
        assert all(said(RULES[rule]) in spoken for rule in rules_for(name))


def test_a_run_makes_a_release(tmp_path: Path) -> None:
    """The job reads, checks and publishes."""
    assert run(tmp_path).version == "1.0.0"
    assert (tmp_path / "outputs" / "releases" / "1.0.0" / "data" / "strengths.parquet").exists()


def test_a_command_makes_the_pages_itself(tmp_path: Path) -> None:
    """The run of a command leaves the catalogue to the command, which may be told to make none."""
    run(tmp_path)
    assert not (tmp_path / "outputs" / "index.html").exists()


def test_a_broken_table_stops_the_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a table breaks a rule, the check fails with the row, and nothing is published."""

    def broken(*args: Any) -> Readings:  # noqa: ANN401  (as it is called)
        readings = read_folder(*args)
        strengths = pa.concat_tables([readings.tables["strengths"]] * 2)
        return replace(readings, tables={**readings.tables, "strengths": strengths})

    monkeypatch.setattr(assets, "read_folder", broken)
    with pytest.raises(TablesRefusedError) as refused:
        run(tmp_path)
    assert [(b.table, b.rule) for b in refused.value.broken] == [("strengths", "has_unique_key")]
    assert "a.txt:4:12" in str(refused.value.broken[0].problems[0])
    assert not (tmp_path / "outputs" / "releases").exists()


def _stored(folder: Path) -> Folders:
    """The folders of a caller whose tables are stored."""
    (folder / "seeds").mkdir(exist_ok=True)
    (folder / "seeds" / "a.txt").write_text(SEED, encoding="utf-8")
    return Folders(seeds=str(folder / "seeds"), outputs=str(folder / "outputs"))


def _job(folders: Folders, instance: dg.DagsterInstance, *only: str) -> dg.ExecuteInProcessResult:
    """One run of the job as the daemon starts it, or of some assets of it."""
    job = build_definitions(folders, retries=None).resolve_job_def(RELEASE_JOB)
    selection = [dg.AssetKey(name) for name in only] or None
    return job.execute_in_process(instance=instance, asset_selection=selection, raise_on_error=False)


def test_what_is_released_is_what_is_stored(tmp_path: Path) -> None:
    """Each table is an Arrow file whose version is the digest that the manifest names; one set, however many runs."""
    folders = _stored(tmp_path)
    with dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}}) as instance:
        for _ in range(2):
            result = _job(folders, instance)
            assert result.success
        made = {event.asset_key.path[-1]: event for event in result.asset_materializations_for_node("tables")}
    record = read_release(folders.outputs)
    for name, table in record["tables"].items():
        if name in {"retired", "monograph_history"}:
            continue  # these follow from the release before
        stored = read_mapped(folders.kept / "tables" / f"{name}.arrow")
        assert stored.num_rows == table["rows"]
        assert (made[name].tags or {})["dagster/data_version"] == table["content_sha256"]
    assert len(list((folders.kept / "tables").iterdir())) == len(made)


def test_a_release_alone_takes_the_tables_of_the_last_run(tmp_path: Path) -> None:
    """It needs no seed; and tables that two runs have stored at one time are refused."""
    folders = _stored(tmp_path)
    with dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}}) as instance:
        assert _job(folders, instance).success
        (tmp_path / "seeds" / "a.txt").unlink()
        assert _job(folders, instance, "release").success
        of_another = folders.kept / "tables" / "routes.arrow"
        table = read_mapped(of_another)
        write_mapped(table.replace_schema_metadata({RUN: "another"}), of_another)
        refused = _job(folders, instance, "release")
    (failure,) = [event for event in refused.all_events if event.is_step_failure]
    assert "Two runs have stored their tables in one folder" in str(failure.step_failure_data.error)


def test_a_release_grows_stale_by_itself() -> None:
    """The page shows it if a day has passed without a run, and what code made each table."""
    graph = defs.resolve_asset_graph()
    release = graph.get(dg.AssetKey("release"))
    assert release.freshness_policy is not None
    assert all(graph.get(dg.AssetKey(name)).code_version == READS_AS for name in TABLES)
