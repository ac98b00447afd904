"""What is said of releases after they were published, and the care of the folder that holds them."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.engine.run import read_folder
from pipelines.release import log
from pipelines.release.failures import (
    EventRefusedError,
    LogBrokenError,
    NoSuchReleaseError,
    OutputsUnusableError,
    WithdrawnError,
)
from pipelines.release.publish import publish
from pipelines.release.publish.cleanup import collect, rebuild_index
from pipelines.release.publish.events import unyank, withdraw, yank
from pipelines.release.publish.inputs import build_info, inputs_in
from pipelines.release.released import latest, read_index, read_release, read_tables
from pipelines.release.reproduce import reproduce
from pipelines.release.store import Folder
from pipelines.release.verify import verify
from tests.release_frames import BUILD, edited, small_tables
from tests.test_command import monographs

CORRECTED = edited("strengths", "5 mg", numerator_value=10.0)
OTHER = edited("strengths", "5 mg", numerator_value=20.0)


def _problems(outputs: Path) -> list[str]:
    return [str(problem) for problem in verify(outputs, deep=True)]


def _entry(outputs: Path, version: str) -> dict[str, object]:
    found: dict[str, object] = next(e for e in read_index(outputs)["releases"] if e["version"] == version)
    return found


# --- yanked and offered again ----------------------------------------------------------------------------------------


def test_a_yanked_release_keeps_its_data_and_is_not_offered(outputs: Path) -> None:
    """The index says why and what to take instead; every file stays."""
    said = yank(outputs, "1.0.1", "Wrong dose.", "1.0.0")
    assert (said.status, said.is_new, said.latest, latest(outputs)) == ("yanked", True, "1.0.0", "1.0.0")
    assert _entry(outputs, "1.0.1") | {"reason": "Wrong dose.", "replaced_by": "1.0.0"} == _entry(outputs, "1.0.1")
    assert read_tables(outputs, "1.0.1")["strengths"].num_rows == 3
    assert _problems(outputs) == []


def test_a_yank_is_taken_back(outputs: Path) -> None:
    """The version is the latest again, and the log keeps both events."""
    yank(outputs, "1.0.1", "Wrong dose.")
    assert unyank(outputs, "1.0.1", "Right after all.").latest == "1.0.1"
    assert [event.kind for event in log.read_log(Folder(outputs))] == ["release", "release", "yank", "unyank"]
    assert _problems(outputs) == []


def test_what_was_said_is_not_said_twice(outputs: Path) -> None:
    """The same call again, as after a lost connection, adds nothing to the log."""
    for say in (yank, unyank, withdraw):
        assert [say(outputs, "1.0.1", "A reason.").is_new for _ in range(2)] == [True, False]
    assert len(log.read_log(Folder(outputs))) == 5


def test_version_is_empty_where_nothing_is_offered(outputs: Path) -> None:
    """A reader of `VERSION` is not sent to a release that was yanked."""
    yank(outputs, "1.0.0", "Wrong.")
    yank(outputs, "1.0.1", "Wrong.")
    assert ((outputs / "VERSION").read_bytes(), latest(outputs), _problems(outputs)) == (b"\n", None, [])


_REFUSED: list[tuple[Callable[[Path], object], str]] = [
    (lambda o: yank(o, "1.0.0", " "), "say why"),
    (lambda o: unyank(o, "1.0.0", "A reason."), "is published"),
    (lambda o: yank(o, "1.0.0", "A reason.", "1.0.0"), "the same version"),
    (lambda o: yank(o, "1.0.0", "A reason.", "7.0.0"), "7.0.0 is no release"),
    (lambda o: [yank(o, "1.0.1", "One."), yank(o, "1.0.1", "Another.")], r"is yanked \(One\.\)"),
    (lambda o: [yank(o, "1.0.1", "One."), yank(o, "1.0.0", "Two.", "1.0.1")], "1.0.1 is yanked"),
    (lambda o: [withdraw(o, "1.0.1", "One."), unyank(o, "1.0.1", "Two.")], "is withdrawn"),
]


@pytest.mark.parametrize(("say", "words"), _REFUSED)
def test_what_cannot_be_said_is_refused(outputs: Path, say: Callable[[Path], object], words: str) -> None:
    """The message names the version and what holds for it."""
    with pytest.raises(EventRefusedError, match=words):
        say(outputs)
    assert _problems(outputs) == []


def test_only_what_was_released_can_be_spoken_of(outputs: Path, tmp_path: Path) -> None:
    """A version that is not there, or a folder that is not there, is named and not made."""
    with pytest.raises(NoSuchReleaseError, match=r"no release 9\.9\.9"):
        yank(outputs, "9.9.9", "A reason.")
    with pytest.raises(NoSuchReleaseError):
        withdraw(tmp_path / "nothing", "1.0.0", "A reason.")
    assert not (tmp_path / "nothing").exists()


# --- withdrawn -------------------------------------------------------------------------------------------------------


def test_a_withdrawn_release_leaves_manifest_and_reason(outputs: Path) -> None:
    """No data stays; rows are still counted, and the folder itself says why."""
    withdraw(outputs, "1.0.1", "No licence.")
    folder = outputs / "releases/1.0.1"
    left = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    assert left == ["build.json", "release.json", "withdrawn.json"]
    assert json.loads((folder / "withdrawn.json").read_bytes())["reason"] == "No licence."
    assert json.loads((folder / "release.json").read_bytes())["tables"]["strengths"]["rows"] == 3
    assert (_entry(outputs, "1.0.1")["reason"], _problems(outputs)) == ("No licence.", [])


def test_reading_a_withdrawn_release_says_why(outputs: Path) -> None:
    """Manifest and tables alike; the other releases are read as before."""
    withdraw(outputs, "1.0.1", "No licence.")
    for read in (read_release, read_tables):
        with pytest.raises(WithdrawnError, match=r"1\.0\.1 was withdrawn.*No licence\."):
            read(outputs, "1.0.1")
    assert read_release(outputs)["version"] == "1.0.0"


def test_nothing_is_deleted_before_the_log_says_so(outputs: Path) -> None:
    """Where the event cannot be committed, all data stays."""
    before = sorted((outputs / "releases").rglob("*"))

    def fail(step: str) -> None:
        if step == "written":
            raise OSError(28, "No space left on device", str(outputs))

    with pytest.raises(OutputsUnusableError, match="full"):
        withdraw(outputs, "1.0.1", "No licence.", step=fail)
    assert sorted((outputs / "releases").rglob("*")) == before
    assert _problems(outputs) == []


def test_data_that_came_back_after_a_withdrawal_is_found_and_removed(outputs: Path) -> None:
    """A copy restored from a backup is named by `verify`; `gc` takes it away."""
    shutil.copytree(outputs / "releases/1.0.1", outputs / "backup")
    withdraw(outputs, "1.0.1", "No licence.")
    shutil.copytree(outputs / "backup", outputs / "releases/1.0.1", dirs_exist_ok=True)
    assert any("strengths.csv: belongs to a withdrawn release" in problem for problem in _problems(outputs))
    assert collect(outputs).withdrawn == ("1.0.1",)
    assert _problems(outputs) == []


def test_a_tombstone_that_was_edited_is_found(outputs: Path) -> None:
    """Manifest and reason must be what the log says."""
    withdraw(outputs, "1.0.1", "No licence.")
    for name in ("release.json", "withdrawn.json"):
        (outputs / "releases/1.0.1" / name).write_bytes(b"{}")
        assert any(f"{name}: is not the record" in problem for problem in _problems(outputs))


# --- care of the folder ----------------------------------------------------------------------------------------------


def _begin(outputs: Path, version: str) -> None:
    """What a publisher leaves that was killed before its commit."""
    shutil.copytree(outputs / "releases/1.0.0", outputs / "releases" / version)
    (outputs / ".scratch/abandoned").mkdir()


def test_what_was_never_committed_goes(outputs: Path) -> None:
    """Folder and scratch are gone; what was released, and what somebody else put there, stays."""
    _begin(outputs, "1.0.2")
    (outputs / "releases/notes").mkdir()
    (outputs / "releases/notes/mine.txt").write_bytes(b"")
    gone = collect(outputs, older_than=0)
    assert (gone.uncommitted, gone.scratch, gone.resting) == (("1.0.2",), 1, ())
    assert sorted(path.name for path in (outputs / "releases").iterdir()) == ["1.0.0", "1.0.1", "notes"]
    assert (_problems(outputs), list((outputs / ".scratch").iterdir())) == ([], [])
    assert publish(small_tables(**OTHER), BUILD, outputs).version == "1.0.2"


@pytest.mark.parametrize("days", [0, -30])
def test_what_is_young_stays(outputs: Path, days: int) -> None:
    """By the newest file in it, and also where a clock was wrong and it is from the future."""
    _begin(outputs, "1.0.2")
    now = (outputs / "releases/1.0.2/build.json").stat().st_mtime
    os.utime(outputs / "releases/1.0.2/README.md", (now - days * 86_400,) * 2)
    assert collect(outputs).resting == ("1.0.2",)
    assert (outputs / "releases/1.0.2").is_dir()


def test_nothing_is_collected_while_somebody_publishes(outputs: Path) -> None:
    """A folder that is being filled has no record yet, and looks abandoned."""
    refused: list[str] = []

    def meanwhile(step: str) -> None:
        if step == "verified":
            with pytest.raises(OutputsUnusableError, match="somebody is writing"):
                collect(outputs, older_than=0)
            refused.append(step)

    assert publish(small_tables(**OTHER), BUILD, outputs, step=meanwhile).version == "1.0.2"
    assert (refused, _problems(outputs)) == (["verified"], [])


@pytest.mark.parametrize("lost", ["log/00000001.json", "log/00000002.json", "index.json"])
def test_nothing_is_collected_without_the_whole_log(outputs: Path, lost: str) -> None:
    """A release whose record was lost, even the last, looks like one that was never committed."""
    (outputs / lost).unlink()
    with pytest.raises(LogBrokenError):
        collect(outputs, older_than=0)
    assert len(list((outputs / "releases").iterdir())) == 2


def test_the_index_is_made_again_from_the_log(outputs: Path) -> None:
    """Byte for byte; where all agrees nothing is touched, and a log that lost its end is not believed."""
    whole = (outputs / "index.json").read_bytes()
    (outputs / "index.json").write_bytes(b"{")
    (outputs / "VERSION").unlink()
    assert rebuild_index(outputs) == ["index.json", "VERSION"]
    assert ((outputs / "index.json").read_bytes(), rebuild_index(outputs)) == (whole, [])
    (outputs / "log/00000002.json").unlink()
    with pytest.raises(LogBrokenError, match="the index knows 2"):
        rebuild_index(outputs)


# --- made again ------------------------------------------------------------------------------------------------------

_SEED = "Aspirin\n\nUses\n\nFor pain.\n\nDosage Forms\n\nTablet: 5 mg\n"


def _release(seeds: Path, outputs: Path) -> None:
    ran = monographs("release", "--seeds", seeds, "--outputs", outputs)
    assert ran.returncode == 0, ran.stderr


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A folder with two seeds."""
    folder = tmp_path / "seeds"
    folder.mkdir()
    (folder / "a.txt").write_text(_SEED, encoding="utf-8")
    (folder / "b.txt").write_text(_SEED.replace("Aspirin", "Baclofen"), encoding="utf-8")
    return folder


@pytest.mark.slow
def test_the_same_seeds_and_code_reproduce_a_release(seeds: Path, tmp_path: Path) -> None:
    """Also one with tombstones, which follow from the release before; other seeds name the tables that differ."""
    outputs = tmp_path / "outputs"
    _release(seeds, outputs)
    (seeds / "b.txt").unlink()
    _release(seeds, outputs)
    again = reproduce(outputs, seeds)
    assert (again.is_same, again.files, again.inputs, again.is_same_code) == (True, (), (), True)
    other = reproduce(outputs, seeds, "1.0.0")
    assert (other.is_same, other.inputs, other.tables["monographs"]) == (False, ("b.txt",), "differs")
    assert other.tables["unit_codes"] == "same"


def test_code_that_differs_is_told_and_fails_nobody(seeds: Path, tmp_path: Path) -> None:
    """Another code that makes the same tables reproduces them."""
    tables = read_folder(seeds).tables
    publish(tables, replace(build_info(inputs_in(seeds)), rules="older", commit="abc"), tmp_path / "outputs")
    again = reproduce(tmp_path / "outputs", seeds)
    assert (again.is_same, again.is_same_code, again.commit) == (True, False, "abc")
    assert again.files == ("provenance.intoto.jsonl", "quality.json")


# --- as commands -----------------------------------------------------------------------------------------------------


def _run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result.exit_code, result.output


def test_commands_answer_with_words_json_and_exit_code(outputs: Path) -> None:
    """0 for what was done, 2 for a command without its reason."""
    code, words = _run("yank", "1.0.1", "--reason", "Wrong.", "--replaced-by", "1.0.0", "--outputs", outputs)
    assert (code, "1.0.1 is yanked" in words, "The latest is 1.0.0." in words) == (0, True, True)
    code, words = _run("unyank", "1.0.1", "--reason", "Right.", "--outputs", outputs, "--json")
    assert json.loads(words) == {"version": "1.0.1", "status": "published", "is_new": True, "latest": "1.0.1"}
    assert _run("withdraw", "1.0.1", "--outputs", outputs)[0] == 2
    assert "withdrawn" in _run("withdraw", "1.0.1", "--reason", "No licence.", "--outputs", outputs)[1]
    assert "agrees" in _run("rebuild-index", "--outputs", outputs)[1]
    _begin(outputs, "1.0.2")
    assert "left 1.0.2" in _run("gc", "--outputs", outputs)[1]
    assert "removed 1.0.2" in _run("gc", "--outputs", outputs, "--older-than", 0)[1]
    assert "nothing to remove" in _run("gc", "--outputs", outputs)[1]


@pytest.mark.slow
def test_the_command_reproduce_names_what_differs(seeds: Path, tmp_path: Path) -> None:
    """Exit code 0 where all is the same, 1 where a table is not."""
    _release(seeds, tmp_path / "outputs")
    asked = ("reproduce", "--seeds", seeds, "--outputs", tmp_path / "outputs")
    assert _run(*asked)[0] == 0
    (seeds / "a.txt").write_text(_SEED.replace("5 mg", "7 mg"), encoding="utf-8")
    code, words = _run(*asked)
    assert (code, "strengths: has another content." in words, "a.txt" in words) == (1, True, True)


def test_what_a_killed_call_left_is_cleared_by_the_next(outputs: Path) -> None:
    """Also where there is nothing more to say."""
    yank(outputs, "1.0.1", "wrong unit")
    left = outputs / ".scratch" / "left"
    left.mkdir()
    assert not yank(outputs, "1.0.1", "wrong unit").is_new
    assert not left.exists()


def test_a_withdrawal_that_was_interrupted_is_finished_by_the_next_release(outputs: Path) -> None:
    """Data that must go does not wait for somebody to remember it."""

    def interrupt(step: str) -> None:
        if step == "committed":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        withdraw(outputs, "1.0.0", "No licence.", step=interrupt)
    assert (outputs / "releases/1.0.0/data").is_dir()
    publish(small_tables(**OTHER), BUILD, outputs)
    assert not (outputs / "releases/1.0.0/data").exists()
    assert _problems(outputs) == []
