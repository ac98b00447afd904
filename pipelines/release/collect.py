"""Takes away what no reader needs: folders that were claimed and never committed, data that was withdrawn, scratch.

A folder may belong to somebody who is publishing now. So nothing is removed while anybody writes, nobody begins to
write until all is removed, and a folder must have rested for some days: a lock may not reach another computer.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.release import log
from pipelines.release.derived import derived_files, rewrite_derived
from pipelines.release.errors import LogBrokenError, NoSuchReleaseError, using
from pipelines.release.log import Event
from pipelines.release.store import Folder
from pipelines.release.tombstone import remove_data, withdrawals
from pipelines.release.write import BUILD

REST_DAYS = 7.0
_SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Collected:
    """What is gone: versions never committed, withdrawn versions whose data was still there, folders of scratch.

    `resting` are versions never committed that are too young to go.
    """

    uncommitted: tuple[str, ...]
    withdrawn: tuple[str, ...]
    scratch: int
    resting: tuple[str, ...]


def collect(outputs: Path, older_than: float = REST_DAYS) -> Collected:
    """Removes what nobody needs; a folder must not have been written to for `older_than` days.

    Raises OutputsUnusableError where somebody is writing, LogBrokenError where the log has lost events.
    """
    store = Folder(outputs)
    with using(outputs):
        _refuse_nothing(store)
        with store.alone() as scratch:
            events = _whole_log(store)
            begun = list(_uncommitted(store, events))
            rested = [version for version in begun if _days_since_written(store, version) >= older_than]
            for version in rested:
                _remove(store, version)
        resting = tuple(version for version in begun if version not in rested)
        return Collected(tuple(rested), tuple(_finish_withdrawals(store, events)), scratch, resting)


def rebuild_index(outputs: Path) -> list[str]:
    """Makes everything derived agree with the log; gives the names of the files that did not."""
    store = Folder(outputs)
    with using(outputs):
        events = _whole_log(store, even_without_index=True)
        if not events:
            _refuse_nothing(store)
            return []
        stale = [name for name, data in derived_files(store, events).items() if store.read(name) != data]
        rewrite_derived(store)
        return stale


def _refuse_nothing(store: Folder) -> None:
    if not store.root.is_dir():
        message = f"{store.root}: no such folder. Name the folder that holds the releases with --outputs."
        raise NoSuchReleaseError(message)


def _whole_log(store: Folder, *, even_without_index: bool = False) -> list[Event]:
    """The log; raises LogBrokenError where the index has seen events that the log no longer has at its end."""
    events = log.read_log(store)
    seen = _events_seen(store)
    if seen is None and not even_without_index and events:
        message = f"{store.path('index.json')}: cannot be read; `monographs rebuild-index` makes it again."
        raise LogBrokenError(message)
    if (seen or 0) > len(events):
        message = f"{store.path('log')}: has {len(events)} events and the index knows {seen}; restore it from a copy."
        raise LogBrokenError(message)
    return events


def _events_seen(store: Folder) -> int | None:
    try:
        return int(json.loads(store.read("index.json") or b"")["log_head"])
    except (ValueError, KeyError, TypeError):
        return None


def _uncommitted(store: Folder, events: Sequence[Event]) -> Iterator[str]:
    """Versions that have the claim of a publisher and no record; other folders are somebody's own."""
    committed = log.releases(events)
    folder = store.path("releases")
    versions = sorted(path.name for path in folder.iterdir() if not path.is_symlink()) if folder.is_dir() else []
    yield from (v for v in versions if v not in committed and store.path(f"releases/{v}/{BUILD}").is_file())


def _days_since_written(store: Folder, version: str) -> float:
    """By the clock of the disk that holds the files."""
    folder = store.path(f"releases/{version}")
    written = max(path.stat().st_mtime for path in (folder / name for name in store.names(f"releases/{version}")))
    with tempfile.TemporaryFile(dir=store.root) as now:
        return (os.fstat(now.fileno()).st_mtime - written) / _SECONDS_A_DAY


def _remove(store: Folder, version: str) -> None:
    """The claim goes last: what is left when this is killed is found again."""
    folder = f"releases/{version}"
    for name in [name for name in store.names(folder) if name != BUILD]:
        store.delete(f"{folder}/{name}")
    store.delete(f"{folder}/{BUILD}")


def _finish_withdrawals(store: Folder, events: Sequence[Event]) -> Iterator[str]:
    for version, event in withdrawals(events).items():
        if store.names(f"releases/{version}") and remove_data(store, event):
            yield version
