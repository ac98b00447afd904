"""What a person who waits is shown: one bar for each phase on a terminal, a line each ten seconds elsewhere.

Colours are left out if NO_COLOR is set, as everywhere in Rich.
"""

from __future__ import annotations

import sys
import threading
import time
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

SECONDS_A_LINE = 10.0


class Phases(AbstractContextManager["Phases"]):
    """The phases of a command, one after the other; the last one ends with the `with` block."""

    def __init__(self) -> None:
        """Nothing has begun."""
        console = Console(stderr=True)
        columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TextColumn("{task.fields[told]}")
        self._bars = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._lines = threading.Thread(target=self._tell, daemon=True)
        self._ended = threading.Event()
        self._bar: TaskID | None = None
        self._name, self._told, self._began = "", "", time.monotonic()

    def __enter__(self) -> Self:
        """Begins to show."""
        self._bars.start()
        if self._bars.disable:
            self._lines.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Shows no more."""
        self._ended.set()
        self._bars.stop()

    def begin(self, name: str) -> None:
        """The phase before has ended, and this one goes on until the next."""
        self._end_bar()
        self._name, self._told, self._began = name, "", time.monotonic()
        self._bar = self._bars.add_task(name, total=None, told="")

    def _end_bar(self) -> None:
        if self._bar is not None:
            self._bars.update(self._bar, total=1, completed=1)

    def tell(self, told: object, share: float | None = None) -> None:
        """How far the phase is, in words and as a share of 1."""
        self._told = str(told)
        if self._bar is not None:
            self._bars.update(self._bar, told=self._told, total=None if share is None else 1, completed=share or 0)

    def _tell(self) -> None:
        while not self._ended.wait(SECONDS_A_LINE):
            seconds = time.monotonic() - self._began
            told = f": {self._told}" if self._told else ""
            sys.stderr.write(f"{self._name}{told} ({seconds:.0f} s)\n")
