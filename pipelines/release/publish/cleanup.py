"""What is taken away: withdrawn data, versions that were begun and never released, abandoned scratch.

Of a withdrawn release there stays a tombstone:

releases/<v>/release.json      the manifest, with the counts of rows; the same bytes as its record in the log
releases/<v>/build.json        when it was made
releases/<v>/withdrawn.json    the reason; the same bytes as the event in the log

A folder may belong to somebody who is publishing now. So nothing is removed while anybody writes, nobody begins to
write until all is removed, and a folder must have rested for some days: a lock may not reach another computer, and a
bucket has none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pipelines.release import log
from pipelines.release.describe.derived import derived_files
from pipelines.release.failures import LogBrokenError, NoSuchReleaseError, using
from pipelines.release.layout import BUILD, MANIFEST
from pipelines.release.log import Event, withdrawals
from pipelines.release.publish.derive import rewrite_derived
from pipelines.release.publish.head import events_seen
from pipelines.release.store import Place, Store, store_at

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
    seen = events_seen(store)
    if seen is None and not even_without_index and events:
        message = f"{store.where('index.json')}: cannot be read; `monographs rebuild-index` makes it again."
        raise LogBrokenError(message)
    if (seen or 0) > len(events):
        message = f"{store.where('log')}: has {len(events)} events and the index knows {seen}; restore it from a copy."
        raise LogBrokenError(message)
    return events


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


# --- What is left of a withdrawn release: its manifest, how it was built, and why it is gone. No data


REASON = "withdrawn.json"
_KEPT = (MANIFEST, BUILD, REASON)


def remove_data(store: Store, withdrawal: Event, step: Callable[[str], None] = lambda _: None) -> list[str]:
    """Leaves the tombstone of a withdrawn release; gives the names of the files that were removed."""
    folder = f"releases/{withdrawal.version}"
    with store.scratch() as scratch:
        source = scratch / REASON
        source.write_bytes(withdrawal.data)
        store.put_new(f"{folder}/{REASON}", source)
    removed = [name for name in store.names(folder) if name not in _KEPT]
    for name in removed:
        store.delete(f"{folder}/{name}")
        step(f"removed {name}")
    store.settle(folder)
    return removed


def finish_withdrawals(store: Store, events: Sequence[Event]) -> list[str]:
    """Removes what killed calls have left of withdrawn data; gives the versions of which something was left."""
    found = withdrawals(events).items()
    left = [version for version, _ in found if set(store.names(f"releases/{version}")) - set(_KEPT)]
    return [version for version, event in found if version in left and remove_data(store, event)]


def broken_tombstone(store: Store, release: Event, withdrawal: Event) -> Iterator[tuple[str, str]]:
    """Files of a withdrawn release that are not as they must be, with what is wrong. The folder may be gone."""
    folder = f"releases/{release.version}"
    for name in store.names(folder):
        if name not in _KEPT:
            yield f"{folder}/{name}", "belongs to a withdrawn release and is still there; `monographs gc` removes it"
    for name, event in ((MANIFEST, release), (REASON, withdrawal)):
        if store.read(f"{folder}/{name}") not in (None, event.data):
            yield f"{folder}/{name}", f"is not the record {log.name_of_event(event.number)}"
