"""Once for real: Dagster runs, a document is put into the seeds folder, and its release appears."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from pipelines.release import read_index, read_tables
from pipelines.release.verify import verify
from tests.dagster_server import dagster_dev

SEED = "Aspirin\nGeneric name: aspirin\nAvailable Dose:\n- Tablets: 75 mg\n"
PATIENCE = 600  # seconds; a busy machine may be slow, and a good run takes a fraction


def _versions(outputs: Path) -> list[str]:
    return [release["version"] for release in read_index(outputs)["releases"]] if outputs.exists() else []


def _wait_until(is_there: Callable[[], bool], log: Path) -> None:
    """Waits for what must come; shows what Dagster said where it never does."""
    ends = time.monotonic() + PATIENCE
    while not is_there():
        if time.monotonic() > ends:
            pytest.fail(log.read_text(encoding="utf-8", errors="replace")[-5000:])
        time.sleep(0.2)


def _says(page: Path, words: str) -> bool:
    return page.exists() and words in page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_document_that_is_put_into_the_folder_is_released(tmp_path: Path) -> None:
    """Nobody calls a command: what stands there is released with its pages, and a new document makes a second one."""
    seeds, outputs = tmp_path / "seeds", tmp_path / "outputs"
    seeds.mkdir()
    (seeds / "a.txt").write_text(SEED, encoding="utf-8")
    with dagster_dev(tmp_path) as server:
        _wait_until(lambda: len(_versions(outputs)) == 1, server.log)
        (seeds / "b.txt").write_text(SEED.replace("Aspirin", "Other"), encoding="utf-8")
        _wait_until(lambda: len(_versions(outputs)) == 2, server.log)
        _wait_until(lambda: _says(outputs / "index.html", "1.1.0"), server.log)
    assert sorted(_versions(outputs)) == ["1.0.0", "1.1.0"]
    assert list(verify(outputs)) == []
    assert (outputs / "site" / "monographs" / "b.txt.html").exists()


# --- many changes, one after the other --------------------------------------------------------------------------------


def _new(seeds: Path, number: int) -> None:
    (seeds / f"new {number}.txt").write_text(SEED.replace("Aspirin", f"Drug {number}"), encoding="utf-8")


def _edit(seeds: Path, number: int) -> None:
    _first(seeds).write_text(SEED.replace("75 mg", f"{100 + number} mg"), encoding="utf-8")


def _first(seeds: Path) -> Path:
    return min(seeds.glob("*.txt"))


CHANGES: list[Callable[[Path, int], object]] = [
    _new,
    _edit,
    lambda seeds, _: _first(seeds).unlink(),
    lambda seeds, number: _first(seeds).rename(seeds / f"renamed {number}.txt"),
    lambda seeds, number: (seeds / f"bad {number}.txt").write_bytes(b"\x00" * (number + 1)),
]


def _as_released(outputs: Path) -> set[tuple[str, str]]:
    """Names and digests of the seeds that the latest release was made of."""
    version = read_index(outputs)["latest"] if (outputs / "index.json").exists() else None
    rows = read_tables(outputs, version, ["seeds"])["seeds"].to_pylist() if version else []
    return {(row["seed_id"], row["sha256"]) for row in rows}


def _as_given(seeds: Path) -> set[tuple[str, str]]:
    return {(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in seeds.iterdir()}


@pytest.mark.slow
def test_changes_in_any_order_make_one_release_each(tmp_path: Path) -> None:
    """Added, edited, removed, renamed, bad, touched, with the daemon stopped and started: none missed, none double."""
    seeds, outputs = tmp_path / "seeds", tmp_path / "outputs"
    seeds.mkdir()
    for number in range(6):
        _new(seeds, 1000 + number)
    count, done = int(os.environ.get("MONOGRAPHS_CHANGES", "20")), 0
    order = sorted(range(count), key=lambda number: hashlib.sha256(b"%d" % number).digest())
    while done < count:
        with dagster_dev(tmp_path) as server:
            _wait_until(lambda: _as_released(outputs) == _as_given(seeds), server.log)
            for number in order[done : done + 5]:
                _first(seeds).touch()  # which is no change
                CHANGES[number % len(CHANGES)](seeds, number)
                _wait_until(lambda: _as_released(outputs) == _as_given(seeds), server.log)
            done += 5
        if done < count:  # a change that nobody looks at
            _new(seeds, 2000 + done)
    missed = (count - 1) // 5
    with dg.DagsterInstance.from_config(str(tmp_path / "home")) as instance:
        runs = [record.dagster_run for record in instance.get_run_records()]
    assert len(_versions(outputs)) == 1 + count + missed
    asked_for = [run for run in runs if run.parent_run_id is None]  # one that was killed with its daemon is run again
    assert len(asked_for) == 1 + count + missed
    assert list(verify(outputs)) == []
