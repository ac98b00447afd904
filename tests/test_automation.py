"""What starts a release by itself: the sensor tick by tick, and what becomes of a run that fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from pipelines.definitions import build_definitions, defs
from pipelines.defs import automation
from pipelines.defs.asset_pages import page_of
from pipelines.defs.assets import catalogue
from pipelines.defs.automation import RELEASE_JOB, every_day, lost_runs, seeds_changed
from pipelines.defs.lost_runs import run_marked
from pipelines.defs.resources import Folders
from pipelines.defs.watch import FolderUnreadableError, Notes, files_in, stamp_of_files
from schemas import codes
from schemas.tables import TABLES
from tests.processes import running

ROOT = Path(__file__).parent.parent
SEED = "Aspirin\nGeneric name: aspirin\nAvailable Dose:\n- Tablets: 75 mg\n"
OTHER = SEED.replace("75 mg", "76 mg")


class Daemon:
    """Looks at a folder as the daemon does: the cursor goes from one tick to the next."""

    def __init__(self, folder: Path, instance: dg.DagsterInstance) -> None:
        """Nothing was looked at yet."""
        self.seeds, self.outputs, self.instance = folder / "seeds", folder / "outputs", instance
        self.folders = Folders(seeds=str(self.seeds), outputs=str(self.outputs), work=str(folder / "work"))
        self.cursor: str | None = None
        self.versions: dict[str, str] = {}  # of what is given, by asset

    def tick(self) -> list[dg.RunRequest]:
        """What one look asks for."""
        with dg.build_sensor_context(self.instance, self.cursor, resources={"folders": self.folders}) as context:
            result = seeds_changed(context)
        assert isinstance(result, dg.SensorResult)
        self.cursor = result.cursor
        for event in result.asset_events:
            assert isinstance(event, dg.AssetMaterialization)
            self.versions[event.asset_key.path[-1]] = (event.tags or {})["dagster/data_version"]
        return list(result.run_requests or [])

    def ticks(self, count: int = 3) -> list[dg.RunRequest]:
        """What so many looks ask for together."""
        return [request for _ in range(count) for request in self.tick()]

    def run(self, retries: dg.RetryPolicy | None = None) -> dg.ExecuteInProcessResult:
        """The run that was asked for."""
        job = build_definitions(self.folders, retries=retries).resolve_job_def(RELEASE_JOB)
        return job.execute_in_process(instance=self.instance, raise_on_error=False)


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """A daemon that has asked for the release of what stands in the folders."""
    tables = shutil.copytree(codes.FOLDER, tmp_path / "codes", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(codes, "FOLDER", tables)
    (tmp_path / "seeds" / "more").mkdir(parents=True)
    for name in ("a.txt", "b.txt", "more/c.txt"):
        (tmp_path / "seeds" / name).write_text(SEED.replace("Aspirin", name), encoding="utf-8")
    with dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}}) as instance:
        looking = Daemon(tmp_path, instance)
        assert len(looking.ticks()) == 1
        yield looking


def _same_size_and_time(seeds: Path) -> None:
    """An edit that neither size nor time of writing shows."""
    before = (seeds / "a.txt").stat()
    (seeds / "a.txt").write_text((seeds / "a.txt").read_text(encoding="utf-8").replace("75", "76"), encoding="utf-8")
    os.utime(seeds / "a.txt", ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES: dict[str, Callable[[Path], object]] = {
    "added": lambda seeds: (seeds / "more" / "d.txt").write_text(SEED, encoding="utf-8"),
    "changed": lambda seeds: (seeds / "a.txt").write_text(OTHER, encoding="utf-8"),
    "changed, with the size and time of before": _same_size_and_time,
    "removed": lambda seeds: (seeds / "b.txt").unlink(),
    "renamed": lambda seeds: (seeds / "b.txt").rename(seeds / "d.txt"),
    "a folder removed": lambda seeds: shutil.rmtree(seeds / "more"),
    "corrected": lambda seeds: (seeds / "corrections.csv").write_text("seed,line\n", encoding="utf-8"),
    "a code table changed": lambda seeds: (seeds.parent / "codes" / "routes.csv").write_text("", encoding="utf-8"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_each_kind_of_change_makes_one_run(daemon: Daemon, change: Callable[[Path], object]) -> None:
    """Whatever a release is made from: one change asks for one run, and then there is rest."""
    change(daemon.seeds)
    assert len(daemon.ticks(6)) == 1


def test_what_has_changed_is_a_version_of_what_is_given(daemon: Daemon) -> None:
    """The seeds have another version after an edit, the code tables have that of before."""
    before = dict(daemon.versions)
    (daemon.seeds / "a.txt").write_text(OTHER, encoding="utf-8")
    assert len(daemon.ticks()) == 1
    assert set(before) == {"seed_documents", "code_tables"}
    assert [name for name in before if daemon.versions[name] != before[name]] == ["seed_documents"]


def test_without_a_change_nothing_runs(daemon: Daemon) -> None:
    """Looking again and again asks for nothing."""
    assert daemon.ticks() == []


def test_a_touched_but_equal_file_makes_no_run(daemon: Daemon) -> None:
    """New times, a new inode and the same bytes are no change, also for what comes after."""
    (daemon.seeds / "a.txt").touch()
    shutil.copy(daemon.seeds / "b.txt", daemon.seeds / "copy")
    (daemon.seeds / "copy").replace(daemon.seeds / "b.txt")
    assert daemon.ticks() == []


def test_a_burst_makes_one_run(daemon: Daemon) -> None:
    """While files keep coming nothing is asked for; when they rest, one run takes them all."""
    for number in range(5):
        (daemon.seeds / f"new {number}.txt").write_text(SEED, encoding="utf-8")
        assert daemon.tick() == []
    assert len(daemon.ticks()) == 1


def test_files_that_never_rest_are_released_in_the_end(daemon: Daemon) -> None:
    """A file that is written to without end holds up the others for some ticks only."""
    asked = []
    for number in range(automation._LONGEST_WAIT + 1):  # noqa: SLF001  (how long it may take)
        (daemon.seeds / "a.txt").write_text(f"{SEED}{number}", encoding="utf-8")
        asked += daemon.tick()
    assert len(asked) == 1


def test_a_change_that_is_taken_back_is_a_change(daemon: Daemon) -> None:
    """Going back to an earlier content is released too: no two requests have one key."""
    keys = set()
    for text in (OTHER, SEED, OTHER, SEED):
        (daemon.seeds / "a.txt").write_text(text, encoding="utf-8")
        keys |= {request.run_key for request in daemon.ticks()}
    assert len(keys) == 4


def test_a_tick_that_is_repeated_asks_for_the_same_run(daemon: Daemon) -> None:
    """A daemon that dies before it has kept the cursor asks with the key of before, which Dagster runs once."""
    (daemon.seeds / "a.txt").write_text(OTHER, encoding="utf-8")
    assert daemon.tick() == []
    before = daemon.cursor
    first = daemon.tick()
    daemon.cursor = before
    assert [request.run_key for request in daemon.tick()] == [request.run_key for request in first] != []


def test_a_change_during_a_run_is_seen_after_it(daemon: Daemon) -> None:
    """What was written after the request was made is a change of its own."""
    (daemon.seeds / "a.txt").write_text(OTHER, encoding="utf-8")
    assert len(daemon.ticks()) == 1
    (daemon.seeds / "a.txt").write_text(SEED + "More.\n", encoding="utf-8")
    assert daemon.run().success
    assert len(daemon.ticks()) == 1


def test_a_failed_run_never_hides_the_next_change(daemon: Daemon) -> None:
    """After a run that failed the next change is asked for, runs and is released."""
    rows = "seed,line,printed,means,reason\na.txt,1,Asprin,Aspirin,misprint\n"
    (daemon.seeds / "corrections.csv").write_text(rows, encoding="utf-8")
    assert len(daemon.ticks()) == 1
    assert not daemon.run().success
    assert daemon.ticks() == []
    (daemon.seeds / "corrections.csv").unlink()
    assert len(daemon.ticks()) == 1
    assert daemon.run().success
    assert (daemon.outputs / "VERSION").read_text(encoding="utf-8").strip() == "1.0.0"


def test_a_missing_folder_is_named(daemon: Daemon) -> None:
    """Where the seeds are gone the tick fails and says so; it never takes them for removed."""
    daemon.seeds.rename(daemon.seeds.parent / "away")
    with pytest.raises(Exception, match=r"seeds: cannot be listed"):
        daemon.tick()
    (daemon.seeds.parent / "away").rename(daemon.seeds)
    assert daemon.ticks() == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list every folder")
def test_an_unreadable_folder_is_named(daemon: Daemon) -> None:
    """A folder below that cannot be listed is not taken for empty."""
    (daemon.seeds / "more").chmod(0)
    with pytest.raises(Exception, match=r"more: cannot be listed"):
        daemon.tick()


def test_ticks_are_short_and_go_on_where_the_last_one_stopped(tmp_path: Path) -> None:
    """However many files there are, each step hashes some of them, and none of them twice."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(1200):
        (folder / f"{number}.txt").touch()
    notes = Notes(tmp_path / "notes.sqlite")
    steps = [notes.learn(lambda: files_in(folder, "seeds"), seconds=0) for _ in range(4)]
    assert [left for _, left in steps] == [700, 200, 0, 0]
    assert steps[2] == steps[3] != ({}, 0)


def test_broken_notes_are_made_anew(tmp_path: Path) -> None:
    """Notes that cannot be read cost time and change nothing."""
    notes = Notes(tmp_path / "notes.sqlite")
    whole = notes.learn(lambda: files_in(codes.FOLDER, "codes"), seconds=60)
    (tmp_path / "notes.sqlite").write_bytes(b"nothing that SQLite could read" * 100)
    assert notes.learn(lambda: files_in(codes.FOLDER, "codes"), seconds=60) == whole


def test_links_pipes_and_names_of_any_bytes_are_watched(tmp_path: Path) -> None:
    """A link that leads nowhere, a pipe and a name that is no text stop nothing and hold nothing up."""
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "gone").symlink_to("nowhere")
    os.mkfifo(folder / "pipe")
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xff.txt"))).write_text(SEED, encoding="utf-8")
    assert len({file.name for file in files_in(folder, "seeds")}) == 3
    digests, left = Notes(tmp_path / "notes.sqlite").learn(lambda: files_in(folder, "seeds"), seconds=60)
    assert (list(digests), left) == (["seeds"], 0)


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """What cannot be listed is named, with what to do."""
    (tmp_path / "file").touch()
    with pytest.raises(FolderUnreadableError, match=r"file: cannot be listed .*; make it readable"):
        stamp_of_files(files_in(tmp_path / "file", "seeds"))


def test_all_run_without_being_switched_on() -> None:
    """Where the daemon runs, the sensors and the schedule do."""
    assert {sensor.default_status for sensor in (seeds_changed, lost_runs)} == {dg.DefaultSensorStatus.RUNNING}
    assert every_day.default_status is dg.DefaultScheduleStatus.RUNNING
    assert {defs.resolve_job_def(RELEASE_JOB).name} == {seeds_changed.job_name, every_day.job_name}


# --- a run whose process is gone --------------------------------------------------------------------------------------

HELD = """
import sys, time
from pathlib import Path
from pipelines.defs.lost_runs import run_marked

with run_marked(Path(sys.argv[1]), sys.argv[2]):
    print("lives", flush=True)
    time.sleep(600)
"""


def _begun(daemon: Daemon) -> str:
    """A run that has started, and of which nobody says how it ended."""
    job = build_definitions(daemon.folders).resolve_job_def(RELEASE_JOB)
    return daemon.instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED).run_id


def _looked_at(daemon: Daemon, run_id: str) -> dg.DagsterRunStatus:
    with dg.build_sensor_context(daemon.instance, resources={"folders": daemon.folders}) as context:
        lost_runs(context)
    run = daemon.instance.get_run_by_id(run_id)
    assert run is not None
    return run.status


def test_a_run_whose_process_was_killed_has_failed(daemon: Daemon) -> None:
    """While its process lives it is left alone; once that is killed, the run has failed and leaves nothing."""
    run_id = _begun(daemon)
    command = [sys.executable, "-c", HELD, str(daemon.folders.kept), run_id]
    with running(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "lives\n"
        assert _looked_at(daemon, run_id) is dg.DagsterRunStatus.STARTED
        process.kill()
    assert _looked_at(daemon, run_id) is dg.DagsterRunStatus.FAILURE
    assert list((daemon.folders.kept / "runs").iterdir()) == []


def test_a_run_that_ended_is_left_as_it_is(daemon: Daemon) -> None:
    """Neither one that ended well nor one that nobody marked is ended again."""
    unmarked, ended = _begun(daemon), daemon.run().run_id
    assert _looked_at(daemon, unmarked) is dg.DagsterRunStatus.STARTED
    assert _looked_at(daemon, ended) is dg.DagsterRunStatus.SUCCESS


def test_a_run_that_cannot_be_marked_goes_on(tmp_path: Path) -> None:
    """What is wrong with the folder is told by the steps of the run."""
    (tmp_path / "file").touch()
    with run_marked(tmp_path / "file", "one"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


# --- what Dagster shows of a run that was refused --------------------------------------------------------------------


def _evaluations(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    return {check.check_name: check for check in result.get_asset_check_evaluations()}


def _retries(result: dg.ExecuteInProcessResult) -> list[dg.DagsterEvent]:
    return [event for event in result.all_events if event.event_type is dg.DagsterEventType.STEP_UP_FOR_RETRY]


def test_a_large_change_is_a_failed_check(daemon: Daemon) -> None:
    """A release that is refused fails a check that holds the reasons, is not tried again, and publishes nothing."""
    for number in range(60):
        (daemon.seeds / f"{number}.txt").write_text(SEED.replace("Aspirin", f"Drug {number}"), encoding="utf-8")
    assert daemon.run().success
    for number in range(50):
        (daemon.seeds / f"{number}.txt").unlink()
    result = daemon.run(dg.RetryPolicy(max_retries=3, delay=0.01))
    check = _evaluations(result)["is_no_accident"]
    assert (result.success, check.passed, _retries(result)) == (False, False, [])
    assert "seeds are gone" in str(check.metadata["rows"].value)
    assert "seeds are gone" in str(check.metadata["the first"].value)
    assert (daemon.outputs / "VERSION").read_text(encoding="utf-8").strip() == "1.0.0"


def test_a_seed_that_cannot_be_read_is_a_warning_with_its_name(daemon: Daemon) -> None:
    """The release is made without the seed, and a failed check names it."""
    (daemon.seeds / "bad.txt").write_bytes(b"\xff\xfe\x00")
    result = daemon.run()
    check = _evaluations(result)["leaves_no_seed_out"]
    assert (result.success, check.passed, check.severity) == (True, False, dg.AssetCheckSeverity.WARN)
    assert "bad.txt" in str(check.metadata["rows"].value)


def test_what_may_pass_is_tried_again(daemon: Daemon) -> None:
    """Outputs that cannot be used are tried again, as often as the policy says."""
    daemon.outputs.write_text("a file, where a folder should be", encoding="utf-8")
    result = daemon.run(dg.RetryPolicy(max_retries=2, delay=0.01))
    assert (result.success, len(_retries(result))) == (False, 2)


# --- the catalogue that follows ---------------------------------------------------------------------------------------


def _told_of(result: dg.ExecuteInProcessResult, asset: str) -> dict[str, object]:
    (made,) = result.asset_materializations_for_node(asset)
    return {name: told.value for name, told in made.metadata.items()}


def test_a_release_is_followed_by_its_pages(daemon: Daemon) -> None:
    """The catalogue names the new version and says what was written; a second run finds it current."""
    first, again = daemon.run(), daemon.run()
    told = _told_of(first, "catalogue")
    assert (told["version"], told["first page"]) == ("1.0.0", str(daemon.outputs / "index.html"))
    files = [daemon.outputs / "index.html", *(path for path in (daemon.outputs / "site").rglob("*") if path.is_file())]
    assert (told["files written"], told["files unchanged"]) == (len(files), 0)
    assert told["bytes"] == sum(file.stat().st_size for file in files)
    assert _told_of(again, "catalogue")["files written"] == 0
    assert _told_of(first, "release")["page in the catalogue"] == str(daemon.outputs / "site" / "versions.html")


def test_the_page_of_a_release_says_what_changed_and_what_was_left_out(daemon: Daemon) -> None:
    """By document, and by seed with the reason."""
    first = _told_of(daemon.run(), "release")
    assert "this is the first release" in str(first["changes"])
    (daemon.seeds / "a.txt").write_text(OTHER.replace("Aspirin", "a.txt"), encoding="utf-8")
    (daemon.seeds / "bad.txt").touch()
    second = _told_of(daemon.run(), "release")
    assert "a.txt" in str(second["changes"])
    assert "bad.txt: " in str(second["left out"])


def test_every_table_leads_to_its_page(daemon: Daemon) -> None:
    """The page that the asset of a table names is there once the catalogue has been made."""
    made = daemon.run().asset_materializations_for_node("tables")
    linked = [table.metadata["page in the catalogue"] for table in made if table.asset_key.path[-1] in TABLES]
    pages = [Path(str(link.value)) for link in linked]
    assert len(pages) == len(TABLES)
    assert all(page.is_file() for page in pages)


def test_pages_that_cannot_be_made_leave_the_release(daemon: Daemon) -> None:
    """The release is there and shown as made; the step of the pages says so, and only it is tried again."""
    daemon.outputs.mkdir()
    (daemon.outputs / "site").write_text("a file, where a folder should be", encoding="utf-8")
    result = daemon.run(dg.RetryPolicy(max_retries=2, delay=0.01))
    assert [event.step_key for event in _retries(result)] == ["catalogue", "catalogue"]
    assert _told_of(result, "release")["version"] == "1.0.0"
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    error = str(failure.step_failure_data.error)
    assert "The release stands; its catalogue was not refreshed" in error
    assert "nothing was published" not in error


def test_outputs_with_an_address_are_linked() -> None:
    """Where others see the outputs on the web, the pages of assets lead there."""
    shown = page_of("outputs", "https://data.example.org/drugs/", "site/versions.html#1.0.0")
    assert shown == dg.MetadataValue.url("https://data.example.org/drugs/site/versions.html#1.0.0")


def test_a_bucket_gets_no_pages() -> None:
    """The asset says that none are made, and asks no bucket."""
    made = catalogue(Folders(outputs="s3://bucket/drugs"))
    assert isinstance(made, dg.MaterializeResult)
    assert list(made.metadata or {}) == ["not made"]
