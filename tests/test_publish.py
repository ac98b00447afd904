"""That publishing survives anything: nothing that was published moves, and nobody ever sees half a release."""

import errno
import json
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.engine.seed_metadata import metadata_digests
from pipelines.release import log, release_tables, unchanged_since
from pipelines.release.failures import (
    DamagedError,
    LogBrokenError,
    NoSuchReleaseError,
    OutputsUnusableError,
    ReleaseRefusedError,
    VersionTakenError,
)
from pipelines.release.layout import checksums, fact_of, facts_in
from pipelines.release.publish import head_fingerprint, publish, recover
from pipelines.release.publish.inputs import rules_digest
from pipelines.release.released import latest, read_index, read_release, read_tables
from pipelines.release.store import Folder
from pipelines.release.verify import verify
from tests.release_frames import BUILD, ROWS, Tables, edited, small_tables

CORRECTED = edited("strengths", "5 mg", numerator_value=10.0)
DERIVED = {"CHANGELOG.md", "VERSION", "dataset.jsonld", "feed.atom", "index.json"}
FRESH = multiprocessing.get_context("spawn")


@pytest.fixture
def outputs(first_release: Path, tmp_path: Path) -> Path:
    """A folder with the release 1.0.0 of the small tables."""
    return shutil.copytree(first_release, tmp_path / "outputs")


def _state(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Inode, time of change and bytes of every file."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes())
        for path in files
    }


def _problems(outputs: Path) -> list[str]:
    return [str(problem) for problem in verify(outputs, deep=True)]


# --- a run after a run -----------------------------------------------------------------------------------------------


def test_the_first_release_is_whole(outputs: Path) -> None:
    """Log, index, version and files agree, and coreutils say so too."""
    assert _problems(outputs) == []
    assert (outputs / "VERSION").read_text(encoding="utf-8") == "1.0.0\n"
    record, manifest = outputs / "log/00000001.json", outputs / "releases/1.0.0/release.json"
    assert record.read_bytes() == manifest.read_bytes()
    assert not record.samefile(manifest)
    assert json.loads((outputs / "index.json").read_text(encoding="utf-8")) == read_index(outputs)
    command = shutil.which("sha256sum")
    if command:
        checked = ["--check", "--strict", "--quiet", "SHA256SUMS"]
        subprocess.run([command, *checked], cwd=outputs / "releases/1.0.0", check=True)


def test_no_change_publishes_and_touches_nothing(outputs: Path) -> None:
    """The same tables again leave every file as it was, to the inode."""
    before = _state(outputs)
    again = publish(small_tables(), BUILD, outputs)
    assert (again.version, again.is_new) == ("1.0.0", False)
    assert _state(outputs) == before


def test_a_change_leaves_the_release_before_untouched(outputs: Path) -> None:
    """The new release stands beside the old one and names it."""
    before = _state(outputs / "releases")
    published = publish(small_tables(**CORRECTED), BUILD, outputs)
    assert (published.version, published.is_new) == ("1.0.1", True)
    assert [str(change) for change in published.changes] == [
        "patch: VALUES_CHANGED strengths.numerator_value (1). Values are corrected."
    ]
    after = _state(outputs / "releases")
    assert {name: after[name] for name in before} == before
    assert read_release(outputs, "1.0.1")["previous"] == "1.0.0"
    assert (latest(outputs), _problems(outputs)) == ("1.0.1", [])


def test_an_unchanged_table_keeps_its_bytes(outputs: Path) -> None:
    """What was downloaded of it need not be downloaded again."""
    folder = publish(small_tables(**CORRECTED), BUILD, outputs).folder
    for kind in ("parquet", "csv"):
        old, new = outputs / f"releases/1.0.0/data/sections.{kind}", folder / f"data/sections.{kind}"
        assert old.read_bytes() == new.read_bytes()


def test_a_readme_beside_the_releases_is_no_release(outputs: Path) -> None:
    """The folder has a README of its own, and people drop files."""
    (outputs / "README.md").write_text("hello", encoding="utf-8")
    (outputs / "log/.note").write_text("hello", encoding="utf-8")
    assert [entry["version"] for entry in read_index(outputs)["releases"]] == ["1.0.0"]
    assert _problems(outputs) == []


def test_the_fingerprint_of_the_head_is_that_of_its_build(outputs: Path) -> None:
    """So the next run knows before any work that there is none."""
    head = head_fingerprint(outputs)
    assert head is not None
    assert (head.version, head.fingerprint) == ("1.0.0", BUILD.fingerprint)
    assert head_fingerprint(outputs / "nothing") is None


def test_tables_are_read_as_they_were_published(outputs: Path) -> None:
    """The tables of a release are the tables that were given, beside those that a release makes of the ones before."""
    found, given = read_tables(outputs, "1.0.0"), small_tables()
    assert {name for name in found if not found[name].equals(given[name])} == {"monograph_history"}


def test_a_version_that_is_not_there_is_named(outputs: Path) -> None:
    """The message says where to look."""
    with pytest.raises(NoSuchReleaseError, match=r"no release 9\.9\.9"):
        read_release(outputs, "9.9.9")
    with pytest.raises(NoSuchReleaseError, match="no release yet"):
        read_release(outputs / "nothing")
    with pytest.raises(NoSuchReleaseError):
        verify(outputs, "9.9.9")


# --- yanked and withdrawn --------------------------------------------------------------------------------------------


def _append(outputs: Path, number: int, **record: object) -> None:
    path = outputs / f"log/{number:08d}.json"
    path.write_bytes(log.to_json(record))
    recover(outputs)


def test_a_yanked_release_stays_and_is_not_the_latest(outputs: Path) -> None:
    """The version before it is offered again, and the index says why."""
    publish(small_tables(**CORRECTED), BUILD, outputs)
    _append(outputs, 3, kind="yank", version="1.0.1", reason="Wrong dose.", replaced_by=None)
    assert latest(outputs) == "1.0.0"
    entry = read_index(outputs)["releases"][1]
    assert (entry["status"], entry["reason"]) == ("yanked", "Wrong dose.")
    assert publish(small_tables(), BUILD, outputs).version == "1.0.2"
    _append(outputs, 5, kind="unyank", version="1.0.1", reason="Right after all.")
    assert [entry["status"] for entry in read_index(outputs)["releases"]] == ["published"] * 3
    assert _problems(outputs) == []


def test_a_withdrawn_release_may_be_without_files(outputs: Path) -> None:
    """Its record stays, and its number is not used again."""
    publish(small_tables(**CORRECTED), BUILD, outputs)
    _append(outputs, 3, kind="withdraw", version="1.0.1", reason="No licence.")
    shutil.rmtree(outputs / "releases/1.0.1")
    recover(outputs)
    assert _problems(outputs) == []
    published = publish(small_tables(**CORRECTED), BUILD, outputs)
    assert (published.version, read_release(outputs)["changes"]["since"]) == ("1.0.2", "1.0.0")
    assert _problems(outputs) == []


def test_after_everything_was_withdrawn_comes_a_new_beginning(outputs: Path) -> None:
    """With nothing left to compare with, readers must begin again: MAJOR."""
    _append(outputs, 2, kind="withdraw", version="1.0.0", reason="No licence.")
    shutil.rmtree(outputs / "releases/1.0.0")
    recover(outputs)
    assert (latest(outputs), head_fingerprint(outputs)) == (None, None)
    assert publish(small_tables(), BUILD, outputs).version == "2.0.0"
    assert _problems(outputs) == []


# --- damage ----------------------------------------------------------------------------------------------------------


def _edit(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"5 mg", b"6 mg"))


def _edit_with_sums(folder: Path) -> None:
    """A forger who makes the checksums anew."""
    _edit(folder / "data/strengths.csv")
    (folder / "SHA256SUMS").unlink()
    (folder / "SHA256SUMS").write_bytes(checksums(facts_in(folder)))


def _edit_manifest(folder: Path) -> None:
    (folder / "release.json").unlink()
    (folder / "release.json").write_bytes(b"{}")
    (folder / "SHA256SUMS").unlink()
    (folder / "SHA256SUMS").write_bytes(checksums(facts_in(folder)))


_DAMAGE: list[tuple[str, Callable[[Path], object], str]] = [
    ("edited", lambda f: _edit(f / "data/strengths.csv"), "strengths.csv: does not have the SHA-256"),
    (
        "truncated",
        lambda f: (f / "data/seeds.parquet").write_bytes(b"PAR1"),
        "seeds.parquet: does not have the SHA-256",
    ),
    ("missing", lambda f: (f / "data/routes.csv").unlink(), "routes.csv: is missing"),
    ("extra", lambda f: (f / "data/notes.csv").write_bytes(b""), "notes.csv: is not named in SHA256SUMS"),
    ("no sums", lambda f: (f / "SHA256SUMS").unlink(), "SHA256SUMS: is missing"),
    ("forged", _edit_with_sums, "strengths.csv: is not the file that the log names"),
    ("other manifest", _edit_manifest, "release.json: is not the record log/00000001.json"),
    ("gone", shutil.rmtree, "releases/1.0.0: is missing"),
]


@pytest.mark.parametrize(("damage", "words"), [case[1:] for case in _DAMAGE], ids=[case[0] for case in _DAMAGE])
def test_damage_is_found(outputs: Path, damage: Callable[[Path], object], words: str) -> None:
    """Whatever was done to a release after it was published is named."""
    damage(outputs / "releases/1.0.0")
    assert any(words in problem for problem in _problems(outputs)), _problems(outputs)


def _seal_again(outputs: Path) -> None:
    """Makes every record of 1.0.0 agree with its files, as a careful forger would."""
    folder = outputs / "releases/1.0.0"
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    for part in described["resources"]:
        fact = fact_of(folder / part["path"])
        part.update({"hash": f"sha256:{fact.sha256}"} | ({"bytes": fact.bytes} if "bytes" in part else {}))
    (folder / "datapackage.json").write_bytes(log.to_json(described))
    record = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    record["files"] = {name: asdict(fact_of(folder / name)) for name in record["files"]}
    (folder / "release.json").write_bytes(log.to_json(record))
    (outputs / "log/00000001.json").write_bytes(log.to_json(record))
    built = json.loads((folder / "build.json").read_text(encoding="utf-8"))
    built["record_sha256"] = fact_of(folder / "release.json").sha256
    (folder / "build.json").write_bytes(log.to_json(built))
    (folder / "SHA256SUMS").unlink()
    (folder / "SHA256SUMS").write_bytes(checksums(facts_in(folder)))
    recover(outputs)


def test_a_forgery_of_all_records_is_found_deep(outputs: Path) -> None:
    """Where file, checksums, manifest and log were all forged, the content still does not have its digest."""
    _seal_again(outputs)
    assert _problems(outputs) == []
    _edit(outputs / "releases/1.0.0/data/strengths.csv")
    _seal_again(outputs)
    assert verify(outputs) == []
    assert _problems(outputs) == [
        "releases/1.0.0/data/strengths.csv: does not have the content that the manifest names"
    ]


def _rewrite(folder: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    path = folder / "data/strengths.parquet"
    table = change(pq.read_table(path))
    path.unlink()
    pq.write_table(table, path)


def _rewrite_csv(folder: Path, old: bytes, new: bytes) -> None:
    path = folder / "data/strengths.csv"
    path.write_bytes(path.read_bytes().replace(old, new))


def _rename_in_descriptor(folder: Path) -> None:
    path = folder / "datapackage.json"
    path.write_bytes(path.read_bytes().replace(b"Strength as printed.", b"Something else."))


_FORGERIES: list[tuple[Callable[[Path], object], str]] = [
    (lambda f: _rewrite(f, lambda t: t.slice(1)), "does not have the number of rows"),
    (lambda f: _rewrite(f, lambda t: t.take([0, 1, 1])), "more than one row has the key baclofen 1 1"),
    (lambda f: _rewrite(f, lambda t: t.drop_columns("ingredient")), "does not have the columns of datapackage.json"),
    (lambda f: _rewrite(f, lambda t: t.take([0, 1, 1])), "strengths.parquet: does not have the content"),
    (lambda f: _rewrite_csv(f, b",5.0,", b",five,"), "strengths.csv: cannot be read"),
    (lambda f: _rewrite_csv(f, b"ingredient", b"substance"), "strengths.csv: cannot be read"),
    (_rename_in_descriptor, "datapackage.json: describes other tables"),
]


@pytest.mark.parametrize(("forge", "words"), _FORGERIES)
def test_a_forgery_of_tables_is_found(outputs: Path, forge: Callable[[Path], object], words: str) -> None:
    """Rows, keys, columns and descriptions are checked against each other, even where all checksums agree."""
    forge(outputs / "releases/1.0.0")
    _seal_again(outputs)
    assert any(words in problem for problem in _problems(outputs)), _problems(outputs)


def test_what_the_log_says_of_itself_is_checked(outputs: Path) -> None:
    """A record that was edited no longer is what the next one follows."""
    publish(small_tables(**CORRECTED), BUILD, outputs)
    record = outputs / "log/00000001.json"
    record.write_bytes(record.read_bytes().replace(b'"previous": null', b'"previous": ""'))
    found = _problems(outputs)
    assert any("00000001.json: does not follow" in problem for problem in found)
    assert any("00000002.json: does not follow" in problem for problem in found)


def test_an_index_that_is_behind_is_found_and_made_again(outputs: Path) -> None:
    """What is derived can be lost without loss."""
    publish(small_tables(**CORRECTED), BUILD, outputs)
    whole = (outputs / "index.json").read_bytes()
    (outputs / "VERSION").write_bytes(b"1.0.0\n")
    (outputs / "index.json").unlink()
    assert {problem.split(":")[0] for problem in _problems(outputs)} == {"VERSION", "index.json"}
    recover(outputs)
    assert (outputs / "index.json").read_bytes() == whole
    assert _problems(outputs) == []


@pytest.mark.parametrize(
    "damage", [lambda p: p.unlink(), lambda p: p.write_bytes(b"{"), lambda p: p.write_bytes(b"[]")]
)
def test_a_broken_log_stops_publishing(outputs: Path, damage: Callable[[Path], object]) -> None:
    """A gap or an unreadable record is named, and nothing is built on it."""
    publish(small_tables(**CORRECTED), BUILD, outputs)
    damage(outputs / "log/00000001.json")
    with pytest.raises(LogBrokenError, match="00000001"):
        publish(small_tables(), BUILD, outputs)
    assert _problems(outputs)[0].startswith("log: ")


def test_files_of_a_release_that_are_gone_stop_publishing(outputs: Path) -> None:
    """Nothing can be compared with a release that is not there."""
    shutil.rmtree(outputs / "releases")
    with pytest.raises(DamagedError, match="Restore it"):
        publish(small_tables(**CORRECTED), BUILD, outputs)


# --- folders that cannot be used -------------------------------------------------------------------------------------


def test_outputs_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """The message names the path and another way."""
    path = tmp_path / "outputs"
    path.write_bytes(b"")
    with pytest.raises(OutputsUnusableError, match=r"outputs.*--outputs"):
        publish(small_tables(), BUILD, path)


_AS_ANYBODY = [
    "setpriv",
    "--bounding-set=-dac_override",
    "--inh-caps=-dac_override",
]  # root, held to the modes of files


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_refused(outputs: Path) -> None:
    """The message names the path and another way, and what is there can still be verified."""
    before = _state(outputs)
    folders = [outputs, *(path for path in outputs.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o500)
    command = [*(_AS_ANYBODY if os.geteuid() == 0 else ()), sys.executable, "-m", "pipelines.cli"]
    tried = [*command, "yank", "1.0.0", "--reason", "A reason.", "--outputs", str(outputs)]
    ran = subprocess.run(tried, capture_output=True, text=True, check=False)
    read = subprocess.run([*command, "verify", "--outputs", str(outputs)], capture_output=True, text=True, check=False)
    for folder in folders:
        folder.chmod(0o700)
    assert (ran.returncode, "--outputs" in ran.stderr, ran.stderr.count("\n")) == (1, True, 1)
    assert (read.returncode, _state(outputs)) == (0, before)


def test_two_releases_may_have_equal_content(outputs: Path) -> None:
    """Going back for a reason makes a third release of its own, with the content of the first; all are whole."""
    publish(small_tables(**CORRECTED), replace(BUILD, rules="newer"), outputs)
    third = publish(small_tables(), BUILD, outputs, accept_large_change="The correction was wrong.")
    assert third.is_new
    tables = [read_release(outputs, entry["version"])["tables"] for entry in read_index(outputs)["releases"]]
    digests = [{name: table["content_sha256"] for name, table in release.items()} for release in tables]
    differ = [{name for name in digests[0] if digests[0][name] != other[name]} for other in digests]
    assert differ == [set(), {"strengths", "monograph_history"}, {"monograph_history"}]
    assert (latest(outputs), _problems(outputs)) == (third.version, [])


def test_a_full_disk_publishes_nothing(outputs: Path) -> None:
    """The release before stays the latest, whole; with space again, the next run publishes."""

    def fill(step: str) -> None:
        if step == "wrote data/routes.csv":
            raise OSError(errno.ENOSPC, "No space left on device", str(outputs))

    with pytest.raises(OutputsUnusableError, match="disk is full"):
        publish(small_tables(**CORRECTED), BUILD, outputs, step=fill)
    assert (latest(outputs), _problems(outputs), list((outputs / ".scratch").iterdir())) == ("1.0.0", [], [])
    assert publish(small_tables(**CORRECTED), BUILD, outputs).version == "1.0.1"
    assert _problems(outputs) == []


def _publish_with_small_files(outputs: Path) -> str:
    """In a process whose files may have no more than 2,000 bytes, as if the disk were full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
    try:
        publish(small_tables(**CORRECTED), BUILD, outputs)
    except OutputsUnusableError as error:
        return str(error)
    return "published"


def test_writing_that_really_fails_publishes_nothing(outputs: Path) -> None:
    """An error of the system while a file is written is one sentence, and the release before stays."""
    with ProcessPoolExecutor(1, FRESH) as pool:
        message = pool.submit(_publish_with_small_files, outputs).result()
    assert str(outputs) in message
    assert (latest(outputs), _problems(outputs)) == ("1.0.0", [])


def test_a_store_that_gives_a_name_twice_is_refused(outputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Publishing rests on that a name is given once; a file system that does not keep it is found before any work."""

    def replacing_link(source: Path, target: Path) -> None:
        shutil.copyfile(source, target)

    monkeypatch.setattr(os, "link", replacing_link)
    with pytest.raises(OutputsUnusableError, match="gives one name to two files"):
        publish(small_tables(**CORRECTED), BUILD, outputs)


def test_refused_tables_leave_no_trace(outputs: Path) -> None:
    """Nothing is written before the tables are known to be good."""
    before = _state(outputs)
    with pytest.raises(ReleaseRefusedError):
        publish(small_tables(**edited("strengths", "a few", strength_text=None)), BUILD, outputs)
    assert _state(outputs) == before


# --- folders that no log names ---------------------------------------------------------------------------------------


def test_a_version_that_another_content_has_begun_is_left_alone(outputs: Path) -> None:
    """What a killed process began is not written over: other content takes the next version."""
    begun = outputs / "releases/1.0.1"
    begun.mkdir()
    (begun / "build.json").write_bytes(log.to_json({"record_sha256": "other"}))
    assert publish(small_tables(**CORRECTED), BUILD, outputs).version == "1.0.2"
    assert [path.name for path in begun.iterdir()] == ["build.json"]
    assert _problems(outputs) == []


def test_a_strange_file_in_the_new_folder_stops_the_release(outputs: Path) -> None:
    """Everything is read back before it counts, and the message names the folder to remove."""
    strange = outputs / "releases/1.0.1/data/strengths.csv"
    strange.parent.mkdir(parents=True)
    strange.write_bytes(b"mine")
    with pytest.raises(VersionTakenError, match=r"strengths\.csv.*remove .*1\.0\.1"):
        publish(small_tables(**CORRECTED), BUILD, outputs)
    assert strange.read_bytes() == b"mine"
    assert (latest(outputs), _problems(outputs)) == ("1.0.0", [])


# --- killed ----------------------------------------------------------------------------------------------------------


def _die_at(outputs: Path, wanted: str) -> None:
    """Publishes and kills its own process, without any clean-up, at a step."""

    def die(step: str) -> None:
        if step == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    publish(small_tables(**CORRECTED), BUILD, outputs, step=die)


def _killed_at(outputs: Path, step: str) -> None:
    process = FRESH.Process(target=_die_at, args=(outputs, step))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL


_STEPS = ["built", "claimed", "wrote CITATION.cff", "wrote data/sections.csv", "wrote release.json", "verified"]


@pytest.mark.slow
@pytest.mark.parametrize("step", _STEPS)
def test_killed_before_the_commit(outputs: Path, step: str) -> None:
    """Readers see the release before, whole; the next run completes the new one under its number."""
    before = _state(outputs)
    _killed_at(outputs, step)
    assert (latest(outputs), _problems(outputs)) == ("1.0.0", [])
    assert before.items() <= _state(outputs).items()
    published = publish(small_tables(**CORRECTED), BUILD, outputs)
    assert (published.version, published.is_new) == ("1.0.1", True)
    assert (_problems(outputs), list((outputs / ".scratch").iterdir())) == ([], [])


@pytest.mark.slow
def test_killed_after_the_commit(outputs: Path) -> None:
    """The new release is whole; the next run finds no change and makes the index agree."""
    _killed_at(outputs, "committed")
    assert latest(outputs) == "1.0.1"
    assert {problem.split(":")[0] for problem in _problems(outputs)} == DERIVED
    assert not publish(small_tables(**CORRECTED), BUILD, outputs).is_new
    assert _problems(outputs) == []


def test_the_folder_of_a_killed_run_is_completed_with_its_own_build(outputs: Path) -> None:
    """The second run has another clock: the release keeps the `build.json` that claimed it, and its checksums agree."""
    _killed_at(outputs, "wrote data/sections.csv")
    claimed = (outputs / "releases/1.0.1/build.json").read_bytes()
    later = replace(BUILD, built_at="2031-01-01T00:00:00+00:00")
    folder = publish(small_tables(**CORRECTED), later, outputs).folder
    assert (folder / "build.json").read_bytes() == claimed
    assert _problems(outputs) == []


# --- several at once -------------------------------------------------------------------------------------------------


def _publish_value(outputs: Path, value: float) -> tuple[str, bool]:
    published = publish(small_tables(**edited("strengths", "5 mg", numerator_value=value)), BUILD, outputs)
    return published.version, published.is_new


@pytest.mark.slow
@pytest.mark.parametrize("values", [[7.0] * 4, [7.0, 8.0, 9.0, 10.0]], ids=["same content", "different content"])
def test_publishers_at_once_make_releases_in_order(outputs: Path, values: list[float]) -> None:
    """One release for each content that was new when its turn came, each compared with the one before."""
    with ProcessPoolExecutor(len(values), FRESH) as pool:
        results = list(pool.map(_publish_value, [outputs] * len(values), values))
    new = [version for version, is_new in results if is_new]
    released = list(log.releases(log.read_log(Folder(outputs))))
    assert released == ["1.0.0", *sorted(new, key=lambda version: int(version.split(".")[2]))]
    assert len(new) == len(set(values))
    assert _problems(outputs) == []
    digests = [read_release(outputs, version)["content_sha256"] for version in released]
    assert all(one != other for one, other in pairwise(digests))


def test_who_comes_second_starts_again(outputs: Path) -> None:
    """A publisher that finds the log longer at its commit compares with the release that came first.

    The number that it had claimed is not used again: 1.0.1 was never released.
    """
    done: list[str] = []

    def overtake(step: str) -> None:
        if step == "verified" and not done:
            done.append("once")
            publish(small_tables(**CORRECTED), BUILD, outputs)

    other = edited("strengths", "5 mg", numerator_value=20.0)
    published = publish(small_tables(**other), BUILD, outputs, step=overtake)
    assert (published.version, read_release(outputs)["previous"]) == ("1.0.3", "1.0.2")
    assert _problems(outputs) == []


# --- from a folder of seeds ------------------------------------------------------------------------------------------


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A folder of two seeds with a list of sources."""
    folder = tmp_path / "seeds"
    folder.mkdir()
    for name in ("a.txt", "b.txt", "seeds.csv"):
        (folder / name).write_text("file,source,licence,retrieved\n", encoding="utf-8")
    return folder


def _tables_of(seeds: Path) -> Tables:
    """The small tables as if they had been read from these seeds."""
    hashes = {row["seed_id"]: fact_of(seeds / row["seed_id"]).sha256 for row in ROWS["seeds"]}
    return small_tables(seeds=[row | {"sha256": hashes[row["seed_id"]]} for row in ROWS["seeds"]])


def test_unchanged_seeds_need_no_work(seeds: Path, tmp_path: Path) -> None:
    """Before any reading it is known that nothing has changed; a lost index is made again on the way."""
    outputs = tmp_path / "outputs"
    assert unchanged_since(seeds, outputs) is None
    published = release_tables(_tables_of(seeds), metadata_digests(seeds), outputs)
    (outputs / "index.json").unlink()
    assert unchanged_since(seeds, outputs) == published.version == "1.0.0"
    assert _problems(outputs) == []


@pytest.mark.parametrize("name", ["a.txt", "seeds.csv", "corrections.csv", "c.txt"])
def test_any_changed_input_is_work(seeds: Path, tmp_path: Path, name: str) -> None:
    """A seed edited or added, a source or a correction: each is another input."""
    release_tables(_tables_of(seeds), metadata_digests(seeds), tmp_path / "outputs")
    (seeds / name).write_text("something else", encoding="utf-8")
    assert unchanged_since(seeds, tmp_path / "outputs") is None


@pytest.mark.parametrize("name", ["b.txt", "c.txt", "seeds.csv", "corrections.csv"])
def test_what_changes_while_seeds_are_read_is_work_for_the_next_run(seeds: Path, tmp_path: Path, name: str) -> None:
    """A release is of what was read, and says so: an edit that came later is not taken for part of it."""
    tables, beside = _tables_of(seeds), metadata_digests(seeds)
    (seeds / name).write_text("something else", encoding="utf-8")
    folder = release_tables(tables, beside, tmp_path / "outputs").folder
    built = json.loads((folder / "build.json").read_text(encoding="utf-8"))
    assert built["inputs"] == {row["seed_id"]: row["sha256"] for row in tables["seeds"].to_pylist()} | beside
    assert unchanged_since(seeds, tmp_path / "outputs") is None


def test_the_build_tells_what_it_was_made_with(seeds: Path, tmp_path: Path) -> None:
    """Inputs, libraries and the time are in `build.json`."""
    folder = release_tables(_tables_of(seeds), metadata_digests(seeds), tmp_path / "outputs").folder
    built = json.loads((folder / "build.json").read_text(encoding="utf-8"))
    assert set(built["inputs"]) == {"a.txt", "b.txt", "seeds.csv"}
    assert {"python", "pyarrow", "duckdb"} <= set(built["tools"])
    assert built["built_at"].endswith("+00:00")


def test_the_digest_of_rules_is_that_of_sources_and_code_tables(tmp_path: Path) -> None:
    """It is the same in another folder and follows every file but compiled ones."""
    for place in ("one", "two"):
        (tmp_path / place / "rules").mkdir(parents=True)
        (tmp_path / place / "rules" / "units.csv").write_text("mg", encoding="utf-8")
    one, two = tmp_path / "one" / "rules", tmp_path / "two" / "rules"
    (one / "units.pyc").write_bytes(b"compiled")
    assert rules_digest([one]) == rules_digest([two])
    (two / "units.csv").write_text("ug", encoding="utf-8")
    assert rules_digest([one]) != rules_digest([two])
