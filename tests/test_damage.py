"""Damage is named in a sentence and never built upon, and nothing is done through a link."""

import errno
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.release import publish as publish_module
from pipelines.release.failures import DamagedError, DownloadRefusedError, LogBrokenError, OutputsUnusableError
from pipelines.release.fetch import fetch
from pipelines.release.fetch.source import LEAST_BYTES_A_SECOND, PATIENCE_SECONDS, LeastRate
from pipelines.release.publish import publish
from pipelines.release.publish.cleanup import collect
from pipelines.release.publish.events import withdraw
from pipelines.release.released import latest, read_tables
from pipelines.release.verify import verify
from tests.release_frames import BUILD, edited, small_tables

HEAD = "releases/1.0.1"
NEXT = small_tables(**edited("strengths", "5 mg", numerator_value=20.0))


def _flip(path: Path) -> None:
    """Changes one bit in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _edit_record(path: Path) -> None:
    record = json.loads(path.read_text(encoding="utf-8"))
    record["content_sha256"] = "0" * 64
    path.write_text(json.dumps(record), encoding="utf-8")


def _state(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and ".scratch" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


# --- nothing is published on top of damage ---------------------------------------------------------------------------

DAMAGE: dict[str, Callable[[Path], object]] = {
    "Parquet": lambda outputs: _flip(outputs / HEAD / "data/strengths.parquet"),
    "CSV": lambda outputs: _flip(outputs / HEAD / "data/strengths.csv"),
    "descriptor": lambda outputs: _flip(outputs / HEAD / "datapackage.json"),
    "checksums": lambda outputs: _flip(outputs / HEAD / "SHA256SUMS"),
    "manifest": lambda outputs: _flip(outputs / HEAD / "release.json"),
    "first record": lambda outputs: _edit_record(outputs / "log/00000001.json"),
    "latest record": lambda outputs: _edit_record(outputs / "log/00000002.json"),
    "a file gone": lambda outputs: (outputs / HEAD / "data/strengths.csv").unlink(),
    "a file more": lambda outputs: (outputs / HEAD / "data/note.txt").write_text("Hello."),
    "a link to an equal file": lambda outputs: _link_to_equal(outputs / HEAD / "data/strengths.csv"),
    "the older release gone": lambda outputs: shutil.rmtree(outputs / "releases/1.0.0"),
    "the latest release gone": lambda outputs: shutil.rmtree(outputs / HEAD),
}


def _link_to_equal(path: Path) -> None:
    moved = path.rename(path.parents[4] / "moved.csv")
    path.symlink_to(moved)


@pytest.mark.parametrize("kind", DAMAGE)
def test_nothing_is_published_on_top_of_damage(outputs: Path, kind: str) -> None:
    """The sentence names the file and how to go on, nothing else is written, and verification finds the same."""
    DAMAGE[kind](outputs)
    before = _state(outputs)
    with pytest.raises(DamagedError, match="verify --explain"):
        publish(NEXT, BUILD, outputs)
    assert _state(outputs) == before
    assert verify(outputs, deep=True) != []


def test_a_log_that_is_older_than_its_index_is_not_gone_on_with(outputs: Path) -> None:
    """A log restored from a backup would number a new event like one that readers have seen."""
    (outputs / "log/00000002.json").unlink()
    with pytest.raises(LogBrokenError, match=r"has 1 events and index\.json knows 2"):
        publish(NEXT, BUILD, outputs)


def test_what_is_lost_for_good_is_withdrawn_and_the_next_release_follows(outputs: Path) -> None:
    """The way out that the explanation names leads out."""
    DAMAGE["Parquet"](outputs)
    withdraw(outputs, "1.0.1", "Its data is lost.")
    assert publish(NEXT, BUILD, outputs).is_new
    assert verify(outputs, deep=True) == []


@pytest.mark.parametrize("name", ["data/strengths.parquet", "datapackage.json"])
def test_reading_what_is_damaged_is_a_sentence(outputs: Path, name: str) -> None:
    """Whatever byte is wrong, the file is named, and no library speaks."""
    (outputs / HEAD / name).write_bytes(b"{}")
    with pytest.raises(DamagedError, match="is not what was published"):
        read_tables(outputs)


def test_every_damage_is_explained(outputs: Path) -> None:
    """Each line of verification has one that says what is affected and what to do."""
    DAMAGE["CSV"](outputs)
    (outputs / "VERSION").write_text("9.9.9\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["verify", "--explain", "--outputs", str(outputs)])
    lines = result.output.splitlines()
    assert result.exit_code == 1
    assert "rebuild-index" in lines[1]
    assert "withdraw 1.0.1" in lines[3]


def test_damaged_checksums_speak_against_no_file(outputs: Path) -> None:
    """What is in the log stands above them, so that nobody is told to remove a file that is whole."""
    _flip(outputs / HEAD / "SHA256SUMS")
    assert {problem.path for problem in verify(outputs)} == {f"{HEAD}/SHA256SUMS"}


def test_a_disk_that_is_full_after_the_commit_is_said_so(outputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The release stands, though its downloads could not be made; the next run makes them."""

    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(publish_module, "_repair", lambda *_: None)
        patched.setattr(publish_module, "rewrite_derived", full)
        with pytest.raises(OutputsUnusableError, match=r"the disk is full.*1\.0\.2 is published"):
            publish(NEXT, BUILD, outputs)
    assert latest(outputs) == "1.0.2"
    assert not publish(NEXT, BUILD, outputs).is_new
    assert verify(outputs) == []


# --- what is no file -------------------------------------------------------------------------------------------------


def test_a_log_of_brackets_is_no_record(outputs: Path) -> None:
    """However deep they are nested."""
    (outputs / "log/00000003.json").write_text("[" * 200_000, encoding="utf-8")
    with pytest.raises(LogBrokenError, match="is no record of an event"):
        publish(NEXT, BUILD, outputs)
    assert [problem.path for problem in verify(outputs)] == ["log"]


def test_a_folder_named_like_a_record_stops_the_publisher_with_a_sentence(outputs: Path) -> None:
    """It holds the next number for ever; verification names it, too."""
    (outputs / "log/00000003.json").mkdir()
    with pytest.raises(LogBrokenError, match=r"00000003\.json: is a folder without a file"):
        publish(NEXT, BUILD, outputs)
    assert [problem.path for problem in verify(outputs)] == ["log"]


@pytest.mark.parametrize("deep", [False, True])
def test_a_pipe_in_a_release_is_named_and_not_waited_for(outputs: Path, deep: bool) -> None:  # noqa: FBT001
    """As is a folder without a file."""
    os.mkfifo(outputs / HEAD / "data/pipe")
    (outputs / HEAD / "data/empty").mkdir()
    assert {(problem.path, problem.why) for problem in verify(outputs, deep=deep)} == {
        (f"{HEAD}/data/pipe", "is no file; a release holds files only"),
        (f"{HEAD}/data/empty", "is a folder without a file; a release holds files only"),
    }


def test_a_link_to_an_equal_file_is_no_file_of_a_release(outputs: Path) -> None:
    """What it leads to may change without anybody who looks at the release."""
    DAMAGE["a link to an equal file"](outputs)
    assert [str(problem) for problem in verify(outputs, deep=True)] == [
        f"{HEAD}/data/strengths.csv: is a link; a release holds files only"
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_an_answer_that_cannot_be_written_is_a_sentence(outputs: Path) -> None:
    """On a full disk there is one line, and no traceback."""
    command = [sys.executable, "-m", "pipelines.cli", "list", "--outputs", str(outputs)]
    with Path("/dev/full").open("wb") as full:
        found = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, text=True)
    assert found.returncode == 1
    assert found.stderr.startswith("monographs: The answer cannot be written (No space left on device)")
    assert len(found.stderr.splitlines()) == 1


# --- links -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["releases/1.0.2", "releases", "log", ".scratch", "index.json"])
def test_nothing_is_written_through_a_link(outputs: Path, tmp_path: Path, place: str) -> None:
    """The folder or file that a link leads to stays as it was, and the link is named."""
    outside = tmp_path / "outside"
    outside.mkdir()
    if (outputs / place).is_dir():
        shutil.rmtree(outside)
        (outputs / place).rename(outside)
    elif (outputs / place).is_file():
        outside = (outputs / place).rename(tmp_path / "outside.json")
    (outputs / place).symlink_to(outside)
    before = _state(tmp_path)
    with pytest.raises((OutputsUnusableError, LogBrokenError), match="is a link"):
        publish(NEXT, BUILD, outputs)
    assert _state(tmp_path) == before


def test_nothing_is_removed_through_a_link(outputs: Path, tmp_path: Path) -> None:
    """What was begun in a folder elsewhere is not ours to take away."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "build.json").write_text("{}", encoding="utf-8")
    (outputs / "releases/1.0.9").symlink_to(outside)
    collect(outputs, older_than=0)
    assert (outside / "build.json").is_file()


def test_the_catalogue_is_not_written_through_a_link(outputs: Path, tmp_path: Path) -> None:
    """Nor is a page removed that stands where the link leads."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "keep.html").write_text("Mine.", encoding="utf-8")
    (outputs / "site").symlink_to(outside)
    result = CliRunner().invoke(app, ["site", "--outputs", str(outputs)])
    assert result.exit_code == 1
    assert isinstance(result.exception, OutputsUnusableError)
    assert [path.name for path in outside.iterdir()] == ["keep.html"]


def test_a_download_does_not_follow_a_link(outputs: Path, tmp_path: Path) -> None:
    """Where the folder of the version is to be, a link is refused."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "to").mkdir()
    (tmp_path / "to/1.0.1").symlink_to(tmp_path / "outside")
    with pytest.raises(DownloadRefusedError, match="is a link"):
        fetch(str(outputs), tmp_path / "to")
    assert list((tmp_path / "outside").iterdir()) == []


# --- hosts -----------------------------------------------------------------------------------------------------------


def test_a_password_is_never_repeated(tmp_path: Path) -> None:
    """An address that holds one is refused, by the name of the host alone."""
    with pytest.raises(DownloadRefusedError) as refused:
        fetch("http://user:SECRET@127.0.0.1:1/x", tmp_path)
    assert "SECRET" not in str(refused.value)
    assert "user" not in str(refused.value)


def test_a_source_has_as_much_time_as_its_bytes_need() -> None:
    """Half a minute to begin with, and then at least so many bytes a second."""
    now = [0.0]
    rate = LeastRate(lambda: now[0])
    now[0] = PATIENCE_SECONDS
    rate.count(1)
    rate.count(100 * LEAST_BYTES_A_SECOND)
    now[0] += 100
    rate.count(0)
    now[0] += 1
    with pytest.raises(DownloadRefusedError, match="too slow"):
        rate.count(0)


@pytest.fixture
def trickle() -> Iterator[str]:
    """A host that sends a byte of a header that never ends, ten times a second."""
    listener, stop = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while not stop.wait(0.1):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    stop.set()
    thread.join()
    listener.close()


def test_headers_that_do_not_end_are_cut_off(tmp_path: Path, trickle: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though every single read has an answer in time."""
    monkeypatch.setattr("pipelines.release.fetch.source.MOST_SECONDS_OF_HEADERS", 0.5)
    with pytest.raises(DownloadRefusedError, match="does not come to the point"):
        fetch(trickle, tmp_path)


def test_what_is_no_index_is_not_repeated(outputs: Path, tmp_path: Path) -> None:
    """Packed bytes, for instance, would fill the terminal."""
    (outputs / "index.json").write_bytes(b"\x1f\x8b" + bytes(range(256)))
    with pytest.raises(DownloadRefusedError, match="nothing that this tool publishes") as refused:
        fetch(str(outputs), tmp_path)
    assert "\\x" not in str(refused.value)


def test_an_undamaged_folder_is_published_to(outputs: Path) -> None:
    """All the looking finds nothing where nothing is wrong."""
    assert publish(NEXT, BUILD, outputs).is_new
    assert latest(outputs) == "1.0.2"
    assert pq.read_metadata(outputs / "releases/1.0.2/data/strengths.parquet").num_rows == 3
