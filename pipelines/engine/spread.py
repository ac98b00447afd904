"""Batches over processes, a bounded number at a time, and what becomes of a document that breaks its process.

A batch that fails or ends its process is tried again document by document, each where nothing else can be hurt. The
document that fails then too is left out with a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, replace
from functools import partial

from pipelines.engine.batch import ReadBatch, ReadTask
from pipelines.engine.limits import Limits, Work, in_time, stopped_after
from pipelines.engine.seed_file import SeedFile
from pipelines.errors import MonographsError
from pipelines.records import Finding, FindingCode

_NOT_READ = FindingCode("SEED_NOT_READ")
Batch = Sequence[ReadTask]
NewExecutor = Callable[[int], Executor]  # of so many processes


@dataclass(frozen=True, slots=True)
class Outcome:
    """Documents and what was read of them; `is_lasting` is False if another try may go better."""

    documents: Batch
    read: ReadBatch
    is_lasting: bool = True


def here(work: Work, batches: Iterable[Batch], new_executor: NewExecutor, limits: Limits) -> Iterator[Outcome]:
    """What is read of each batch, in this process as long as none fails or takes too long; needs the main thread."""
    for batch in batches:
        try:
            with stopped_after(limits.seconds_for(batch)):
                read = work(batch)
        except MonographsError:
            raise
        except Exception:  # noqa: BLE001  (whatever a document does to its reader, it does to itself alone)
            yield from one_by_one(work, batch, new_executor, limits)
        else:
            yield Outcome(batch, read)


def spread(
    work: Work, batches: Iterable[Batch], new_executor: NewExecutor, processes: int, limits: Limits
) -> Iterator[Outcome]:
    """What is read of each batch, in the order in which batches are done."""
    waiting, failed = iter(batches), True
    while failed:
        executor = new_executor(processes)
        try:
            broken = yield from _until_one_fails(partial(in_time, work, limits), waiting, executor, 2 * processes)
        finally:
            executor.shutdown()
        for batch in broken:
            yield from one_by_one(work, batch, new_executor, limits)
        failed = bool(broken)


def _until_one_fails(
    work: Work, waiting: Iterator[Batch], executor: Executor, at_once: int
) -> Generator[Outcome, None, list[Batch]]:
    """Gives what is read, and at last the batches that failed: if a process ends, all that were being read."""
    running: dict[Future[ReadBatch], Batch] = {}
    failed: list[Batch] = []
    try:
        while True:
            while not failed and len(running) < at_once and (batch := next(waiting, None)):
                running[executor.submit(work, batch)] = batch
            if not running:
                return failed
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                batch = running.pop(future)
                if _has_failed(future):
                    failed.append(batch)
                else:
                    yield Outcome(batch, future.result())
    finally:
        for future in running:
            future.cancel()


def _has_failed(future: Future[ReadBatch]) -> bool:
    """Raises what a person must mend."""
    error = future.exception()
    if isinstance(error, MonographsError):
        raise error
    return error is not None


def one_by_one(work: Work, batch: Batch, new_executor: NewExecutor, limits: Limits) -> Iterator[Outcome]:
    """Each document in a process that is given up when it fails."""
    executor = new_executor(1)
    for document in batch:
        future = executor.submit(in_time, work, limits, [document])
        if not _has_failed(future):
            yield Outcome([document], future.result())
            continue
        executor.shutdown()
        executor = new_executor(1)
        yield Outcome([document], work([_left_out(document, future, limits)]), is_lasting=False)
    executor.shutdown()


def _left_out(document: ReadTask, future: Future[ReadBatch], limits: Limits) -> ReadTask:
    seed, error = document.seed, future.exception()
    why = f"{type(error).__name__}: {error}".partition("\n")[0].rstrip(".")
    message = (
        f"The seed {seed.seed_id} could not be read within {limits.seconds_for([document]):.0f} seconds and "
        f"{limits.memory // 2**20} MiB of memory, or ended the process that read it ({why}); "
        "the seed is left out. Divide it, or report it."
    )
    return replace(document, seed=SeedFile(seed.seed_id, problem=Finding(_NOT_READ, message), size=seed.size))
