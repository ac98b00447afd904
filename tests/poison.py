"""A reader that some documents break, as a fault in a reader would: each test of `spread` names it as the work."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Sequence

from pipelines.engine.batch import ReadBatch, ReadTask, read_batch
from pipelines.engine.run import SCHEMAS


def _hang() -> None:
    while True:
        pass


def _search() -> None:
    re.match("(a+)+b", "a" * 99)


def _end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _fill() -> None:
    bytearray(2**33)


def _fail() -> None:
    raise RecursionError("too deep")


BREAKS: dict[bytes, Callable[[], None]] = {
    b"HANG": _hang,
    b"SEARCH": _search,
    b"END": _end,
    b"FILL": _fill,
    b"FAIL": _fail,
}


def read_or_break(documents: Sequence[ReadTask]) -> ReadBatch:
    """What `read_batch` gives, as long as no document holds one of the words."""
    for document in documents:
        for word, breaks in BREAKS.items():
            if word in (document.seed.data or b""):
                breaks()
    return read_batch(SCHEMAS, documents)
