"""The release made in this process, for someone who waits for its answer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Protocol

import dagster as dg

from pipelines.defs.assets import Decisions, code_tables, release, seed_documents, tables
from pipelines.defs.resources import Folders, Listener, ReadingEngine
from pipelines.engine.progress import Progress
from pipelines.release import Published
from pipelines.tables.validate import RuleResult


class TablesRefusedError(Exception):
    """The tables break a rule, and nothing was released."""

    def __init__(self, broken: list[RuleResult]) -> None:
        """Keeps each broken rule with its rows."""
        super().__init__("The tables break a rule; nothing was released.")
        self.broken = broken


class Waiting(Protocol):
    """Shows the phases of a run to the one who waits; a phase goes on until the next begins."""

    def begin(self, name: str) -> None:
        """The name of the phase."""

    def tell(self, told: object, share: float | None = None) -> None:
        """How far it is."""


class _Answer(Listener):
    """What the one who waits wants to know."""

    def __init__(self, waiting: Waiting | None) -> None:
        self._waiting = waiting
        self.broken: list[RuleResult] = []
        self.made: Published | None = None

    def progress(self, progress: Progress) -> None:
        if self._waiting:
            self._waiting.tell(progress, progress.share)

    def reading_ended(self) -> None:
        self._begin("Checking the tables")

    def checked(self, results: Sequence[RuleResult]) -> None:
        self.broken = [result for result in results if result.problems]
        self._begin("Publishing")

    def published(self, published: Published) -> None:
        self.made = published

    def _begin(self, phase: str) -> None:
        if self._waiting:
            self._waiting.begin(phase)


def run_release(
    folders: Folders,
    decisions: Decisions | None = None,
    reading: ReadingEngine | None = None,
    waiting: Waiting | None = None,
) -> Published:
    """One run of the assets up to the release. Run history is kept only if DAGSTER_HOME is set.

    Tables stay in memory from one step to the next. Raises TablesRefusedError if a check fails, and an error of reading
    or publishing as it was raised.
    """
    answer = _Answer(waiting)
    resources = {
        "folders": folders,
        "reading": reading or ReadingEngine(keeps=False),
        "listener": answer,
        "io_manager": dg.mem_io_manager,
    }
    quiet = {"console": {"config": {"log_level": "CRITICAL"}}}
    config = dg.RunConfig(ops={"release": decisions or Decisions(accept_large_change=None, raised=None)}, loggers=quiet)
    if waiting:
        waiting.begin("Reading the seeds")
    with _instance() as instance:
        try:
            dg.materialize([seed_documents, code_tables, tables, release], config, instance, resources)
        except dg.Failure as failure:
            raise (failure.__cause__ or failure) from failure
        except dg.DagsterExecutionStepExecutionError as error:
            raise (error.user_exception or error) from error
        except dg.DagsterExecutionInterruptedError:
            raise KeyboardInterrupt from None
        except dg.DagsterError as error:
            if not answer.broken:
                raise
            raise TablesRefusedError(answer.broken) from error
    if answer.made is None:
        raise dg.DagsterInvariantViolationError("The run ended well and made no release.")
    return answer.made


def _instance() -> dg.DagsterInstance:
    if os.environ.get("DAGSTER_HOME"):
        return dg.DagsterInstance.get()
    return dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}})
