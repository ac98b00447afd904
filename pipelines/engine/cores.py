"""All cores of this machine: a pool of processes that hold nothing but the pure functions."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from types import ModuleType
from typing import Any

from pipelines.engine.limits import Limits, confine


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pool_of_processes(limits: Limits) -> Callable[[int], Executor]:
    """Gives new pools. Processes are forked from a server that has loaded what reading needs, and nothing else."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pipelines.engine.batch"])

    def new_pool(processes: int) -> Executor:
        return _Pool(processes, mp_context=context, initializer=confine, initargs=(limits,))

    return new_pool


class _Pool(ProcessPoolExecutor):
    """A pool whose processes do not load the program that started them, which may be Dagster or a test."""

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401  (what the pool itself takes)
        """Starts processes as long as there are too few, and that is when they would be told of the program."""
        program = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            return super().submit(*args, **kwargs)
        finally:
            sys.modules["__main__"] = program
