"""What a batch may cost: a process that takes more memory gets an error, one that takes more time is ended."""

from __future__ import annotations

import faulthandler
import gc
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from pipelines.engine.batch import ReadBatch, ReadTask

Work = Callable[[Sequence[ReadTask]], ReadBatch]


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for a batch, whatever it holds, and for each MiB of it; bytes of memory for one process.

    Reading takes some seconds for a MiB, and a slow machine ten times as many.
    """

    seconds: float = 30
    seconds_a_mib: float = 30
    memory: int = 2**30

    def seconds_for(self, documents: Sequence[ReadTask]) -> float:
        """How long the documents may take."""
        return self.seconds + self.seconds_a_mib * sum(len(d.seed.data or b"") for d in documents) / 2**20


class TooSlowError(Exception):
    """What was being done has taken too long."""


def can_stop_itself() -> bool:
    """True in the thread that is told of an alarm: in another one, nothing but another process can stop a reader."""
    return threading.current_thread() is threading.main_thread()


@contextmanager
def stopped_after(seconds: float) -> Iterator[None]:
    """Raises TooSlowError in the middle of whatever is being done, a regular expression too; needs the main thread."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlowError(f"it took more than {seconds:.0f} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def confine(limits: Limits) -> None:
    """Sets the limits of a process that does nothing but read, and ends it with the one that waits for it."""
    threading.Thread(target=_end_with_the_one_that_waits, daemon=True).start()
    gc.freeze()  # what is loaded by now stays: looking through it for garbage costs a tenth of reading
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a broken pool ends its processes so, whatever its own ignores
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory, resource.RLIM_INFINITY))


def _end_with_the_one_that_waits() -> None:
    waits = multiprocessing.parent_process()
    if waits is not None:
        waits.join()
        os._exit(1)  # it was killed: nobody is there to read for


def in_time(work: Work, limits: Limits, documents: Sequence[ReadTask]) -> ReadBatch:
    """The work; the process is ended if it takes too long.

    The clock is a thread that needs nothing of the interpreter, so that no loop, in Python or below it, can stop it.
    """
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123  (it is no path of ours)
        faulthandler.dump_traceback_later(limits.seconds_for(documents), exit=True, file=nowhere)
        try:
            return work(documents)
        finally:
            faulthandler.cancel_dump_traceback_later()
