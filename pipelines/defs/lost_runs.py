"""Runs whose process is gone: killed, or lost with the machine's power.

Dagster's own launcher cannot tell such a run from one that works, so it would stand as started for ever; and since
runs come one at a time, no other would ever begin. So each run holds a lock on a file of its own in the folder `work`
while it lives. The system frees the lock if the process dies, however it does; the sensor then says that the run has
failed, and Dagster starts it again as its settings say.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import dagster as dg

from pipelines.locks import lock

_MARKS = "runs"
_HIDDEN = "."  # begins the name of a mark that is not locked yet


@contextmanager
def run_marked(kept: Path, run_id: str) -> Iterator[None]:
    """Shows that a run lives, until the block or the process ends.

    If the mark cannot be written, the run goes on without it: its own steps tell best what is wrong with the folder.
    """
    try:
        handle = _marked(kept / _MARKS, run_id)
    except OSError:
        yield
        return
    try:
        yield
        (kept / _MARKS / run_id).unlink(missing_ok=True)
    finally:
        os.close(handle)


def _marked(marks: Path, run_id: str) -> int:
    marks.mkdir(parents=True, exist_ok=True)
    hidden = marks / f"{_HIDDEN}{run_id}"
    hidden.touch()
    handle = lock(hidden)
    hidden.rename(marks / run_id)  # nobody sees it free while the run lives
    return handle


def _lost(kept: Path) -> Iterator[Path]:
    """The marks that no living process holds."""
    for mark in sorted((kept / _MARKS).glob(f"[!{_HIDDEN}]*")):
        with suppress(FileNotFoundError, BlockingIOError):
            os.close(lock(mark, wait=False))
            yield mark


def end_lost_runs(instance: dg.DagsterInstance, kept: Path) -> list[str]:
    """Says of each run whose process is gone that it has failed; returns their names."""
    ended = []
    for mark in _lost(kept):
        run = instance.get_run_by_id(mark.name)
        if run and not run.is_finished:
            instance.report_run_failed(run, "The process of this run is gone: it was killed, or the machine went off.")
            ended.append(run.run_id)
        mark.unlink(missing_ok=True)
    return ended
