"""More machines than one: a Dask cluster, which runs the same function over the same batches."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager

from pipelines.engine.spread import NewExecutor
from pipelines.errors import MonographsError

_PATIENCE = 10  # seconds for a scheduler to answer


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
