"""Processes that a test starts: each has ended, with all that it started, when the test goes on."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any


@contextmanager
def running(
    command: Sequence[str],
    patience: float = 30,
    **settings: Any,  # noqa: ANN401  (those of Popen)
) -> Iterator[subprocess.Popen[Any]]:
    """A process in a group of its own, until the block ends.

    One that still runs then is told to end as by Ctrl-C. What is left of its group after so many seconds is killed, and
    the process is waited for, however it ended.
    """
    with subprocess.Popen(command, start_new_session=True, **settings) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=patience)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
