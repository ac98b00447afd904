"""All cores of this machine: a pool of processes that hold nothing but the pure functions."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor

from pipelines.engine.limits import Limits, confine


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pool_of_processes(limits: Limits) -> Callable[[int], Executor]:
    """Gives new pools. Processes are forked from a server that has loaded what reading needs, and nothing else."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pipelines.engine.batch"])

    def new_pool(processes: int) -> Executor:
        return ProcessPoolExecutor(processes, mp_context=context, initializer=confine, initargs=(limits,))

    return new_pool
