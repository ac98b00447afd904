"""What was read before is not read again, and what is not certain is never believed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.engine.cache import Cache, CacheError
from pipelines.engine.fingerprint import files_that_read
from pipelines.engine.progress import Progress
from pipelines.engine.run import Engine, read_folder
from pipelines.release.digest import content_digest
from pipelines.release.shapes import published_shapes
from tests.generate import monographs
from tests.processes import running

ROOT = Path(__file__).parent.parent


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A folder of 20 generated seeds."""
    for name, text in monographs(20):
        (tmp_path / "seeds" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "seeds" / name).write_text(text, encoding="utf-8")
    return tmp_path / "seeds"


def read(seeds: Path, cache: Path | None) -> tuple[int, dict[str, str]]:
    """How many documents were read anew, and the digest of every table."""
    readings = read_folder(seeds, Engine(cache=cache))
    shapes = published_shapes()
    return readings.read, {name: content_digest(readings.tables[name], shapes[name].key) for name in shapes}


def test_nothing_is_read_twice(seeds: Path, tmp_path: Path) -> None:
    """The second time, everything comes from the cache, and makes the same tables as without one."""
    without = read(seeds, None)
    assert read(seeds, tmp_path / "cache") == without
    assert read(seeds, tmp_path / "cache") == (0, without[1])


def test_one_changed_seed_is_one_read(seeds: Path, tmp_path: Path) -> None:
    """A change, an addition and a removal cost one, one and none, and the tables are those of a fresh reading."""
    cache = tmp_path / "cache"
    read(seeds, cache)
    (seeds / "00/0000000.txt").write_text("Aspirin\nGeneric name: aspirin\n", encoding="utf-8")
    assert read(seeds, cache) == (1, read(seeds, None)[1])
    (seeds / "new.txt").write_text("Ibuprofen\nGeneric name: ibuprofen\n", encoding="utf-8")
    assert read(seeds, cache) == (1, read(seeds, None)[1])
    (seeds / "01/0000001.txt").unlink()
    assert read(seeds, cache) == (0, read(seeds, None)[1])


def test_large_tables_go_through_files(seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables that do not fit the memory are the same, and leave no file behind."""
    without = read(seeds, None)
    monkeypatch.setattr("pipelines.engine.cache.LARGE", 0)
    assert read(seeds, tmp_path / "cache") == without
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".arrows"]


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("seeds.csv", "file,source,licence,retrieved\n03/0000003.txt,example.org,CC0,\n"),
        ("corrections.csv", "seed,line,printed,means,reason\n03/0000003.txt,2,Generic,Generic,only a test\n"),
    ],
)
def test_what_is_said_of_a_seed_is_read_with_it(seeds: Path, tmp_path: Path, table: str, row: str) -> None:
    """A row beside the seeds reads the seed that it speaks of again."""
    read(seeds, tmp_path / "cache")
    (seeds / table).write_text(row, encoding="utf-8")
    assert read(seeds, tmp_path / "cache") == (1, read(seeds, None)[1])


def test_a_monograph_that_comes_free_is_read(seeds: Path, tmp_path: Path) -> None:
    """Where the seed that held an identifier goes, the other one has its monograph again."""
    twice = (seeds / "00/0000000.txt").read_text(encoding="utf-8")
    (seeds / "twice.txt").write_text(twice, encoding="utf-8")
    read(seeds, tmp_path / "cache")
    assert read(seeds, tmp_path / "cache")[0] == 0
    (seeds / "00/0000000.txt").unlink()
    assert read(seeds, tmp_path / "cache") == (0, read(seeds, None)[1])


def _cut(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def _flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut short": _cut,
    "one bit": _flipped,
    "its end": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "emptied": lambda _: b"",
    "something else": lambda data: b"PK" + data,
    "zeros": lambda data: bytes(len(data)),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cache_is_read_anew(seeds: Path, tmp_path: Path, damage: str) -> None:
    """Whatever happened to its files, the tables are those of a fresh reading, and the next run finds all again."""
    cache = tmp_path / "cache"
    whole = read(seeds, cache)
    for path in cache.iterdir():
        path.write_bytes(DAMAGES[damage](path.read_bytes()))
    assert read(seeds, cache)[1] == whole[1]
    assert read(seeds, cache) == (0, whole[1])


def test_every_bit_that_matters_is_checked(seeds: Path, tmp_path: Path) -> None:
    """A flipped bit anywhere in the file is never seen in a table."""
    cache = tmp_path / "cache"
    whole = read(seeds, cache)[1]
    (path,) = cache.iterdir()
    data = path.read_bytes()
    for at in range(0, len(data), len(data) // 25):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])
        assert read(seeds, cache)[1] == whole
        for other in cache.iterdir():
            other.unlink()


def test_what_other_code_has_read_is_not_believed(tmp_path: Path) -> None:
    """A file that was made by other code, or with other code tables, is taken away."""
    older = Cache(tmp_path, "older")
    older.add([bytes(32)], b"batch")
    older.close()
    newer = Cache(tmp_path, "newer")
    assert bytes(32) not in newer
    assert list(tmp_path.iterdir()) == []
    newer.close()


def test_everything_that_reads_is_in_the_fingerprint() -> None:
    """A process that reads a batch loads no file of ours that a change of would go unnoticed."""
    script = (
        "import sys, pipelines.engine.batch\n"
        "print(*(m.__file__ for n, m in sys.modules.items() if n.split('.')[0] in ('pipelines', 'schemas')), sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {Path(line) for line in done.stdout.split()}
    assert loaded <= set(files_that_read())


def test_the_cache_stays_small(seeds: Path, tmp_path: Path) -> None:
    """However often a seed changes, few files are left, and they are not full of what nobody wants."""
    cache = tmp_path / "cache"
    for number in range(30):
        (seeds / "often.txt").write_text(f"Aspirin {number}\nGeneric name: aspirin\n", encoding="utf-8")
        assert read(seeds, cache)[0] == (1 if number else 21)
    assert len(list(cache.iterdir())) <= 9
    assert read(seeds, cache) == (0, read(seeds, None)[1])


def test_a_cache_that_cannot_be_written_is_named(seeds: Path, tmp_path: Path) -> None:
    """A file where the folder should be is one sentence that names the way out."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(CacheError, match=r"file: the cache cannot be used .* --cache none"):
        read(seeds, tmp_path / "file")


def test_a_cache_that_is_a_link_is_not_followed(seeds: Path, tmp_path: Path) -> None:
    """Files of the cache are taken away when they are old, and that must not happen in somebody else's folder."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "old.arrows").touch()
    (tmp_path / "cache").symlink_to("elsewhere")
    with pytest.raises(CacheError, match="is a link"):
        read(seeds, tmp_path / "cache")
    assert (tmp_path / "elsewhere" / "old.arrows").exists()


def _below(pid: int) -> list[int]:
    """The processes that a process has started, and those that these have; none where the system does not tell."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    started = [int(child) for child in children.read_text(encoding="ascii").split()] if children.exists() else []
    return [*started, *(below for child in started for below in _below(child))]


def _all_end(processes: list[Path]) -> bool:
    """True as soon as none of the processes is there; False after a while."""
    for _ in range(200):
        if not any(process.exists() for process in processes):
            return True
        time.sleep(0.1)
    return False


STOPPED = {
    signal.SIGINT: (130, "monographs: interrupted; nothing is left half published. Run again to go on."),
    signal.SIGTERM: (130, "monographs: interrupted; nothing is left half published. Run again to go on."),
    signal.SIGKILL: (-signal.SIGKILL, ""),
}


@pytest.mark.slow
@pytest.mark.parametrize("how", STOPPED)
def test_a_run_that_is_stopped_is_continued(tmp_path: Path, how: signal.Signals) -> None:
    """After Ctrl-C or a kill in the middle of reading nothing runs on, and what was read is not read again."""
    seeds, cache = tmp_path / "seeds", tmp_path / "cache"
    seeds.mkdir()
    for number, (_, text) in enumerate(monographs(1500)):
        (seeds / f"{number}.txt").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pipelines.cli", "release", "--seeds", str(seeds), "--cache", str(cache)]
    command += ["--outputs", str(tmp_path / "outputs")]
    with running(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        while not sum(path.stat().st_size for path in cache.glob("*")) > 100_000:
            time.sleep(0.05)
            assert process.poll() is None
        reading = [Path(f"/proc/{pid}") for pid in _below(process.pid)]
        if how is signal.SIGINT:
            os.killpg(process.pid, how)  # as a terminal does: to the process and to all that it has started
        else:
            os.kill(process.pid, how)
        _, said = process.communicate()
        all_ended = _all_end(reading)
    code, sentence = STOPPED[how]
    assert (process.returncode, sentence in said, "Traceback" in said) == (code, True, False)
    assert all_ended
    told: list[Progress] = []
    read_folder(seeds, Engine(cache=cache), told.append)
    assert 0 < told[-1].read < 1500
    assert told[-1].documents == 1500
