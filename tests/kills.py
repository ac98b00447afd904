"""Processes that end in the middle of their work, as a kill or a power cut would end them.

MONOGRAPHS_KILLS says how many random moments are tried, 20 where it says nothing. From 100 on, the step after each
single file is tried too.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator

KILLS = int(os.environ.get("MONOGRAPHS_KILLS", "20"))
_MANY = 100
RACES = range(-(-KILLS // 50))  # how often each race is run
# Each child is a real process of its own; the libraries are loaded once, in the server that they come from.
CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(
    ["pipelines.release.publish.events", "pipelines.release.bucket", "tests.release_frames"]
)


TRIED: Counter[str] = Counter()
_ENDED: Counter[str] = Counter()


def tried(what: str, *, has_ended: bool = True) -> None:
    """Counts a process that was killed or raced, and whether it came to its end in the middle of its work."""
    TRIED[what] += 1
    _ENDED[what] += has_ended


def table() -> Iterator[str]:
    """What was tried in this process of the tests, a line for each kind."""
    yield f"{'':<44}{'tried':>8}{'in the middle':>16}"
    for what, count in sorted(TRIED.items()):
        yield f"{what:<44}{count:>8,}{_ENDED[what]:>16,}"


def dying_at(wanted: int) -> Callable[[str], None]:
    """Told of each step, kills its own process without any clean-up at the step of that number, from 1."""
    steps = 0

    def step(_: str) -> None:
        nonlocal steps
        steps += 1
        if steps == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    return step


def numbers_to_die_at(told: list[str], every: int) -> list[int]:
    """Numbers of the steps to be killed at: all; in a short run, of those for one file each, one of `every`."""
    every = 1 if KILLS >= _MANY else every
    return [number for number, step in enumerate(told, start=1) if " " not in step or number % every == 0]
