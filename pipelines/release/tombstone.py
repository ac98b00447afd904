"""What is left of a withdrawn release: its manifest, how it was built, and why it is gone. No data.

releases/<v>/release.json      the manifest, with the counts of rows; the same bytes as its record in the log
releases/<v>/build.json        when it was made
releases/<v>/withdrawn.json    the reason; the same bytes as the event in the log
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pipelines.release import log
from pipelines.release.log import Event
from pipelines.release.store import Store
from pipelines.release.write import BUILD, MANIFEST

REASON = "withdrawn.json"
_KEPT = (MANIFEST, BUILD, REASON)


def withdrawals(events: Sequence[Event]) -> dict[str, Event]:
    """The event that withdrew each withdrawn version."""
    return {event.version: event for event in events if event.kind == "withdraw"}


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
