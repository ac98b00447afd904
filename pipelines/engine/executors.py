"""Where batches are read: processes of this machine that hold nothing but the pure functions, or a Dask cluster.

Both run the same function over the same batches.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any

from pipelines.engine.limits import Limits, confine
from pipelines.engine.spread import NewExecutor
from pipelines.errors import MonographsError

_PATIENCE = 10  # seconds for a scheduler to answer


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


class ClusterError(MonographsError):
    """There is no cluster to read on: names it, and what to do."""


@contextmanager
def cluster(address: str | None, processes: int) -> Iterator[tuple[NewExecutor, int]]:
    """Executors of the cluster at an address and its threads; without one, of so many processes of this machine."""
    try:
        import dask  # noqa: PLC0415  (an optional part)
        from distributed import Client, LocalCluster  # noqa: PLC0415
    except ImportError as error:
        message = "The engine dask is not installed; install it with: pip install --editable '.[cluster]'."
        raise ClusterError(message) from error
    # A batch that ends its worker is tried again by us, document by document.
    settings = {"distributed.scheduler.allowed-failures": 0}
    with ExitStack() as stack:
        stack.enter_context(dask.config.set(settings))
        try:
            at = address or stack.enter_context(
                LocalCluster(n_workers=processes, threads_per_worker=1, dashboard_address="127.0.0.1:0")  # type: ignore[no-untyped-call]
            )
            client = stack.enter_context(Client(at, timeout=_PATIENCE))  # type: ignore[no-untyped-call]
        except OSError as error:
            raise ClusterError(
                f"No Dask scheduler answers at {address} ({error}); start it or name another."
            ) from error

        def executor(_: int) -> Executor:
            return client.get_executor(pure=False)  # type: ignore[no-any-return]

        yield executor, sum(client.nthreads().values()) or 1
