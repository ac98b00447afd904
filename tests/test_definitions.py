"""What Dagster loads: the graph, its keys, and that a broken table stops the release."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest

from pipelines.definitions import defs
from pipelines.defs import assets
from pipelines.defs.checks import CHECKS
from pipelines.defs.jobs import TablesRefusedError, run_release
from pipelines.defs.resources import Folders
from pipelines.engine.run import Readings, read_folder
from pipelines.release import Published
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
