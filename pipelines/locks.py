"""Locks of files and folders that end with their process, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def lock(path: Path, *, wait: bool = True) -> int:
    """Holds a file or folder until the handle is closed or the process dies.

    Raises:
        BlockingIOError: Another process holds it, and `wait` is false.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(handle)
        raise
    return handle


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Holds a file or folder for a block of code; errors as of `lock`."""
    handle = lock(path, wait=wait)
    try:
        yield
    finally:
        os.close(handle)
