"""Processes that tests start are gone when the test goes on, however stubborn they are."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.processes import running

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
started = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
print(started.pid, flush=True)
time.sleep(1000)
"""


def _is_over(pid: int) -> bool:
    """True if a process has ended, also if nobody has asked for its code yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system does not tell of its processes")
def test_what_does_not_end_is_killed_and_waited_for() -> None:
    """A process that Ctrl-C does not end is waited for after its kill, and what it has started is killed with it."""
    with running([sys.executable, "-c", STUBBORN], patience=0.1, stdout=subprocess.PIPE, text=True) as process:
        started = int(process.stdout.readline()) if process.stdout else 0
    assert process.returncode == -signal.SIGKILL
    ends = time.monotonic() + 600  # the system kills in its own time
    while not _is_over(started) and time.monotonic() < ends:
        time.sleep(0.01)
    assert _is_over(started)


def test_what_ends_by_itself_is_let_alone() -> None:
    """The code of a process that has ended is its own."""
    with running([sys.executable, "-c", "raise SystemExit(3)"]) as process:
        process.wait()
    assert process.returncode == 3
