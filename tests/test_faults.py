"""Killed at any step and at any moment, raced by others, damaged: nothing that was published is lost."""

import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import pairwise
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from pipelines.release import log
from pipelines.release.failures import EventRefusedError, LogBrokenError
from pipelines.release.publish import Step, publish
from pipelines.release.publish.cleanup import collect, rebuild_index
from pipelines.release.publish.events import unyank, withdraw, yank
from pipelines.release.released import latest, read_index, read_release
from pipelines.release.store import Folder
from pipelines.release.verify import verify
from tests.kills import CHILDREN, KILLS, RACES, dying_at, numbers_to_die_at, tried
from tests.release_frames import BUILD, edited, small_tables

OTHERS = 8


def _publish(outputs: Path, step: Step) -> None:
    publish(small_tables(**edited("strengths", "5 mg", numerator_value=20.0)), BUILD, outputs, step=step)


def _yank(outputs: Path, step: Step) -> None:
    yank(outputs, "1.0.1", "Wrong dose.", "1.0.0", step=step)


def _withdraw(outputs: Path, step: Step) -> None:
    withdraw(outputs, "1.0.1", "No licence.", step=step)


Work = Callable[[Path, Step], None]
WORK: dict[str, Work] = {"publish": _publish, "yank": _yank, "withdraw": _withdraw}


def _files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def _problems(outputs: Path, *, deep: bool = False) -> list[str]:
    return [str(problem) for problem in verify(outputs, deep=deep)]


# --- killed ----------------------------------------------------------------------------------------------------------


def _die_at(work: Work, outputs: Path, wanted: int) -> None:
    work(outputs, dying_at(wanted))


def _work(work: Work, outputs: Path, begun: Event) -> None:
    begun.set()
    work(outputs, lambda _: None)


def _assert_nothing_is_lost(name: str, before: dict[str, bytes], outputs: Path) -> None:
    """Readers see the state before or after, whole; what a killed process leaves undone is known by name."""
    events = log.read_log(Folder(outputs))
    is_done = len(events) == 3
    assert [event.kind for event in events[:2]] == ["release", "release"]
    withdrawn = "releases/1.0.1/" if is_done and name == "withdraw" else "none"
    problems = [problem for problem in verify(outputs) if not problem.path.startswith(withdrawn)]
    assert [problem for problem in problems if "/" in problem.path or not is_done] == []  # derived files are at the top
    may_go = (".scratch/", "downloads/", withdrawn)  # downloads are of the latest release only
    kept = {f: data for f, data in before.items() if not f.startswith(may_go) and ("/" in f or not is_done)}
    assert kept.items() <= _files(outputs).items()
    expected = {"publish": "1.0.2", "yank": "1.0.0", "withdraw": "1.0.0"}[name] if is_done else "1.0.1"
    assert latest(outputs) == expected


def _assert_the_next_run_repairs(name: str, outputs: Path) -> None:
    """The same call again, by somebody who does not know how far the other came."""
    WORK[name](outputs, lambda _: None)
    assert _problems(outputs) == []
    assert len(log.read_log(Folder(outputs))) == 3
    assert list((outputs / ".scratch").iterdir()) == []
    assert latest(outputs) == {"publish": "1.0.2", "yank": "1.0.0", "withdraw": "1.0.0"}[name]


def _killed(process: multiprocessing.process.BaseProcess) -> bool:
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def _steps(published: Path, outputs: Path, work: Work) -> list[int]:
    """Numbers of the steps to be killed at: all; in a short run, of those for one file each, some."""
    told: list[str] = []
    work(shutil.copytree(published, outputs), told.append)
    shutil.rmtree(outputs)
    return numbers_to_die_at(told, every=12)


@pytest.mark.slow
@pytest.mark.parametrize("name", WORK)
def test_killed_at_every_step(published: Path, tmp_path: Path, name: str) -> None:
    """Whatever step was the last: the old state whole or the new one whole, and the next run ends well."""
    before = _files(published)
    steps = _steps(published, tmp_path / "counted", WORK[name])
    assert len(steps) >= 3
    for number in steps:
        outputs = shutil.copytree(published, tmp_path / str(number))
        child = CHILDREN.Process(target=_die_at, args=(WORK[name], outputs, number))
        child.start()
        assert _killed(child)
        tried(f"{name}, killed at a step")
        _assert_nothing_is_lost(name, before, outputs)
        _assert_the_next_run_repairs(name, outputs)
        shutil.rmtree(outputs)


def _moments(published: Path, tmp_path: Path, work: Work) -> Iterator[float]:
    """Moments, without end, spread over the seconds that the work takes."""
    outputs = shutil.copytree(published, tmp_path / "measured")
    began = time.monotonic()
    work(outputs, lambda _: None)
    took = time.monotonic() - began
    shutil.rmtree(outputs)
    share = 0.0
    while True:
        share = (share + 0.618034) % 1
        yield share * took * 1.1


@pytest.mark.slow
@pytest.mark.parametrize("name", WORK)
def test_killed_at_random_moments(published: Path, tmp_path: Path, name: str) -> None:
    """A signal from outside, at moments that no code has chosen."""
    before = _files(published)
    moments = _moments(published, tmp_path, WORK[name])
    for number in range(-(-KILLS // len(WORK))):
        outputs = shutil.copytree(published, tmp_path / str(number))
        begun = CHILDREN.Event()
        child = CHILDREN.Process(target=_work, args=(WORK[name], outputs, begun))
        child.start()
        begun.wait()
        time.sleep(next(moments))
        child.kill()
        tried(f"{name}, killed at a random moment", has_ended=_killed(child))
        _assert_nothing_is_lost(name, before, outputs)
        _assert_the_next_run_repairs(name, outputs)
        shutil.rmtree(outputs)


# --- several at once -------------------------------------------------------------------------------------------------


def _publish_value(outputs: Path, value: float) -> bool:
    tables = small_tables(**edited("strengths", "5 mg", numerator_value=value))
    return publish(tables, BUILD, outputs).is_new


@pytest.mark.slow
@pytest.mark.parametrize("again", RACES)
@pytest.mark.parametrize("kinds", [1, OTHERS], ids=["same content", "different content"])
def test_eight_publishers_at_once(outputs: Path, kinds: int, again: int) -> None:
    """One release for each content, in order, each from the one before; index equal to log."""
    values = [100.0 + again + number % kinds for number in range(OTHERS)]
    with ProcessPoolExecutor(OTHERS, CHILDREN) as pool:
        new = sum(pool.map(_publish_value, [outputs] * OTHERS, values))
    tried("a race of eight publishers")
    released = list(log.releases(log.read_log(Folder(outputs))))
    assert (new, len(released)) == (kinds, 2 + kinds)
    assert [read_release(outputs, after)["previous"] for after in released[1:]] == released[:-1]
    digests = [read_release(outputs, version)["content_sha256"] for version in released]
    assert all(one != other for one, other in pairwise(digests))
    assert _problems(outputs, deep=True) == []


def _speak(outputs: Path, number: int) -> bool:
    """True where this one was first; one says the opposite of the next."""
    try:
        say = yank if number % 2 else withdraw
        return say(outputs, "1.0.1", "A reason.").is_new
    except EventRefusedError:
        return False


@pytest.mark.slow
@pytest.mark.parametrize("again", RACES)
def test_eight_who_speak_of_one_release_at_once(outputs: Path, again: int) -> None:
    """It is withdrawn once, and yanked once before that or not at all; a publisher between them loses nothing."""
    with ProcessPoolExecutor(OTHERS + 1, CHILDREN) as pool:
        other = pool.submit(_publish_value, outputs, 100.0 + again)
        new = sum(pool.map(_speak, [outputs] * OTHERS, range(OTHERS)))
        tried("a race of eight who speak of one release")
        other.result()  # also where the release that it compares with is withdrawn under its eyes
    _publish_value(outputs, 100.0 + again)
    assert list(log.releases(log.read_log(Folder(outputs)))) == ["1.0.0", "1.0.1", latest(outputs)]
    kinds = [event.kind for event in log.read_log(Folder(outputs))[2:] if event.kind != "release"]
    assert (len(kinds), kinds[-1], kinds.count("withdraw")) == (new, "withdraw", 1)
    assert read_index(outputs)["releases"][1]["status"] == "withdrawn"
    assert latest(outputs) == read_release(outputs)["version"]
    assert _problems(outputs) == []


# --- log, clock, files -----------------------------------------------------------------------------------------------

_WRITERS: list[Callable[[Path], object]] = [
    lambda o: publish(small_tables(), BUILD, o),
    lambda o: yank(o, "1.0.1", "A reason."),
    lambda o: unyank(o, "1.0.1", "A reason."),
    lambda o: withdraw(o, "1.0.1", "A reason."),
    rebuild_index,
    lambda o: collect(o, older_than=0),
]


@pytest.mark.parametrize("write", _WRITERS)
def test_nothing_is_written_on_a_log_with_a_gap(outputs: Path, write: Callable[[Path], object]) -> None:
    """The gap is named, and every file stays as it was."""
    (outputs / "log/00000001.json").unlink()
    before = _files(outputs)
    with pytest.raises(LogBrokenError, match="00000001"):
        write(outputs)
    assert _files(outputs) == before
    assert _problems(outputs)[0].startswith("log: ")


def test_a_clock_that_goes_backwards_changes_nothing(outputs: Path) -> None:
    """Order is that of the log; content, version and every file but `build.json` know no time."""
    earlier = replace(BUILD, built_at="1999-12-31T23:59:59+00:00")
    tables = small_tables(**edited("strengths", "5 mg", numerator_value=20.0))
    twin = shutil.copytree(outputs, outputs.with_name("twin"))
    folders = [publish(tables, build, place).folder for build, place in ((BUILD, twin), (earlier, outputs))]
    one, other = ({n: d for n, d in _files(f).items() if n not in ("build.json", "SHA256SUMS")} for f in folders)
    assert one == other
    assert [entry["version"] for entry in read_index(outputs)["releases"]] == ["1.0.0", "1.0.1", "1.0.2"]
    assert (latest(outputs), publish(tables, BUILD, outputs).is_new, _problems(outputs)) == ("1.0.2", False, [])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


_DAMAGE: dict[str, Callable[[Path], object]] = {
    "truncated": lambda path: os.truncate(path, path.stat().st_size - 1),
    "edited": _flip,
    "missing": Path.unlink,
    "extra": lambda path: shutil.copyfile(path, path.with_name(path.name + ".bak")),
}


@pytest.mark.parametrize("damage", _DAMAGE)
def test_damage_of_any_file_is_found(published: Path, outputs: Path, damage: str) -> None:
    """Every file of a release, one after the other; `verify` names the file, or the checksums that it was."""
    folder = outputs / "releases/1.0.1"
    for name in _files(folder):
        _DAMAGE[damage](folder / name)
        found = [str(problem) for problem in verify(outputs, "1.0.1")]
        assert any(Path(name).name in problem or "SHA256SUMS" in problem for problem in found), name
        shutil.rmtree(folder)
        shutil.copytree(published / "releases/1.0.1", folder)
    assert _problems(outputs) == []
