"""Takes away what no reader needs: folders that were claimed and never committed, data that was withdrawn, scratch.

A folder may belong to somebody who is publishing now. So nothing is removed while anybody writes, nobody begins to
write until all is removed, and a folder must have rested for some days: a lock may not reach another computer, and a
bucket has none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.release import log
from pipelines.release.derived import derived_files, rewrite_derived
from pipelines.release.errors import LogBrokenError, NoSuchReleaseError, using
from pipelines.release.log import Event
from pipelines.release.store import Place, Store, store_at
from pipelines.release.tombstone import finish_withdrawals
from pipelines.release.write import BUILD

REST_DAYS = 7.0


@dataclass(frozen=True, slots=True)
class Collected:
    """What is gone: versions never committed, withdrawn versions whose data was still there, folders of scratch.

    `resting` are versions never committed that have rested for less than `rest_days`.
    """

    uncommitted: tuple[str, ...]
    withdrawn: tuple[str, ...]
    scratch: int
    resting: tuple[str, ...]
    rest_days: float


def collect(outputs: Place, older_than: float = REST_DAYS) -> Collected:
    """Removes what nobody needs; a folder must not have been written to for `older_than` days.

    Raises OutputsUnusableError where somebody is writing, LogBrokenError where the log has lost events.
    """
    store = store_at(outputs)
    with using(outputs):
        _refuse_nothing(store)
        with store.alone() as scratch:
            events = _whole_log(store)
            days = max(older_than, store.least_rest_days)
            begun = list(_uncommitted(store, events))
            rested = [version for version in begun if store.days_at_rest(f"releases/{version}") >= days]
            for version in rested:
                _remove(store, version)
        resting = tuple(version for version in begun if version not in rested)
        return Collected(tuple(rested), tuple(finish_withdrawals(store, events)), scratch, resting, days)


def rebuild_index(outputs: Place) -> list[str]:
    """Makes everything derived agree with the log; gives the names of the files that did not."""
    store = store_at(outputs)
    with using(outputs):
        events = _whole_log(store, even_without_index=True)
        if not events:
            _refuse_nothing(store)
            return []
        stale = [name for name, data in derived_files(store, events).items() if store.read(name) != data]
        rewrite_derived(store)
        return stale


def _refuse_nothing(store: Store) -> None:
    if not store.is_there():
        message = f"{store.where()}: no such folder. Name the folder that holds the releases with --outputs."
        raise NoSuchReleaseError(message)


def _whole_log(store: Store, *, even_without_index: bool = False) -> list[Event]:
    """The log; raises LogBrokenError where the index has seen events that the log no longer has at its end."""
    events = log.read_log(store)
    seen = _events_seen(store)
    if seen is None and not even_without_index and events:
        message = f"{store.where('index.json')}: cannot be read; `monographs rebuild-index` makes it again."
        raise LogBrokenError(message)
    if (seen or 0) > len(events):
        message = f"{store.where('log')}: has {len(events)} events and the index knows {seen}; restore it from a copy."
        raise LogBrokenError(message)
    return events


def _events_seen(store: Store) -> int | None:
    try:
        return int(json.loads(store.read("index.json") or b"")["log_head"])
    except (ValueError, KeyError, TypeError):
        return None


def _uncommitted(store: Store, events: Sequence[Event]) -> Iterator[str]:
    """Versions that have the claim of a publisher and no record; other folders are somebody's own."""
    committed = log.releases(events)
    folders = [name.split("/") for name in store.names("releases")]
    yield from (parts[0] for parts in folders if parts[1:] == [BUILD] and parts[0] not in committed)


def _remove(store: Store, version: str) -> None:
    """The claim goes last: what is left when this is killed is found again."""
    folder = f"releases/{version}"
    for name in [name for name in store.names(folder) if name != BUILD]:
        store.delete(f"{folder}/{name}")
    store.delete(f"{folder}/{BUILD}")
