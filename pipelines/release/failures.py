"""What can go wrong with a release, each as one sentence that names the place and the remedy."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.errors import MonographsError


class ReleaseError(MonographsError):
    """A release was not made or cannot be read."""


class OutputsUnusableError(ReleaseError):
    """The folder of releases cannot be written, is full, or does not keep the promise that publishing rests on."""


class LogBrokenError(ReleaseError):
    """The commit log has a gap or a record that cannot be read."""


class DamagedError(ReleaseError):
    """What a release builds on, or what is to be read, is not what was published."""


class VersionTakenError(ReleaseError):
    """The folder of a version holds something else than what was to be published there."""


class NoSuchReleaseError(ReleaseError):
    """No release has the version that was asked for, or its files are gone."""


class WithdrawnError(NoSuchReleaseError):
    """The release was withdrawn; the message says why."""


class EventRefusedError(ReleaseError):
    """What was to be said of a release cannot be said of it."""


class DownloadRefusedError(ReleaseError):
    """What a source offers is not what was published, or cannot be had."""


class SigningError(ReleaseError):
    """A signature cannot be made or checked."""


class ReleaseRefusedError(ReleaseError):
    """The tables must not be published; `reasons` says why, one sentence each."""

    def __init__(self, reasons: list[str]) -> None:
        """Keeps the reasons apart for callers that list them."""
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@contextmanager
def using(outputs: Path | str, outcome: str = "nothing was published") -> Iterator[None]:
    """Turns an error of the file system into OutputsUnusableError, which tells the outcome."""
    try:
        yield
    except duckdb.InterruptException:
        raise KeyboardInterrupt from None
    except RuntimeError as error:
        if str(error) == "Query interrupted":  # so DuckDB says it from Arrow
            raise KeyboardInterrupt from None
        raise
    except OSError as error:
        place = error.filename or outputs
        message = (
            f"{place}: cannot be used ({error.strerror or error}); allow it, or name another folder with --outputs."
        )
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            message = f"{place}: the disk is full; free some space and run again, {outcome}."
        raise OutputsUnusableError(message) from error
    except duckdb.IOException as error:
        message = f"{outputs}: cannot be written ({error}); {outcome}."
        raise OutputsUnusableError(message) from error
