"""Whether what a new release builds on is still what was published: the log, and every file of the release before.

Differences are computed from the release before, and whoever takes the deltas starts from it. So nothing is published
on top of damage: it would make the damage look like an edit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from pipelines.release import log
from pipelines.release.failures import DamagedError, LogBrokenError
from pipelines.release.layout import BUILD, EMPTY_FOLDER, MANIFEST, SIGNATURE, SUMS, FileFact, checksums, facts_in
from pipelines.release.log import Event, read_json
from pipelines.release.store import Store

_MOST_NAMED = 5


def refuse_damage(store: Store, events: Sequence[Event], seen: int | None) -> None:
    """Raises DamagedError, or LogBrokenError if the index, read before the log, had `seen` events that it has not."""
    if (seen or 0) > len(events):
        message = (
            f"{store.where('log')}: has {len(events)} events and index.json knows {seen}; restore the log from a copy. "
            "Nothing was published."
        )
        raise LogBrokenError(message)
    damaged = [*broken_chain(events), *_broken_records(store, events)]
    standing = [event for event in log.releases(events).values() if _is_there(events, event)]
    damaged = damaged or [found for event in standing[-1:] for found in _broken_files(store, event)]
    if damaged:
        named = "; ".join(f"{store.where(path)} {why}" for path, why in damaged[:_MOST_NAMED])
        more = f"; and {len(damaged) - _MOST_NAMED} more" if len(damaged) > _MOST_NAMED else ""
        message = (
            f"Nothing was published, because what is there is damaged: {named}{more}. Restore it from a copy; "
            "`monographs verify --explain` says what is affected and what else can be done."
        )
        raise DamagedError(message)


def events_seen(store: Store) -> int | None:
    """How many events the index knows; None if it cannot be read."""
    try:
        return int(read_json(store.read("index.json") or b"")["log_head"])
    except (ValueError, KeyError, TypeError):
        return None


def _is_there(events: Sequence[Event], event: Event) -> bool:
    return log.release_status(events)[event.version] != "withdrawn"


def broken_chain(events: Sequence[Event]) -> Iterator[tuple[str, str]]:
    """Each release names the one before it and the digest of its record; other events name a release."""
    before: Event | None = None
    released: set[str] = set()
    for event in events:
        if event.kind == "release":
            expected = (before.version, hashlib.sha256(before.data).hexdigest()) if before else (None, None)
            if (event.record.get("previous"), event.record.get("previous_sha256")) != expected:
                yield (log.name_of_event(event.number), "does not follow from the release before it")
            before = event
            released.add(event.version)
        elif event.version not in released:
            yield (log.name_of_event(event.number), f"speaks of {event.version}, which was never released")


def _broken_records(store: Store, events: Sequence[Event]) -> Iterator[tuple[str, str]]:
    """Each release that has its data has its manifest, the same bytes as its record."""
    for event in log.releases(events).values():
        path = f"releases/{event.version}/{MANIFEST}"
        if _is_there(events, event) and store.read(path) != event.data:
            yield path, f"is not the record {log.name_of_event(event.number)}"


def _broken_files(store: Store, event: Event) -> Iterator[tuple[str, str]]:
    """Every file of a release is the one that its manifest names, and no other is there."""
    folder = f"releases/{event.version}"
    strange = store.strange_names(folder)
    yield from ((f"{folder}/{name}", f"is {what}") for name, what in strange)
    if any(what != EMPTY_FOLDER for _, what in strange):
        return
    with store.local_folder(folder) as local:
        there = facts_in(local)
        sums = (local / SUMS).read_bytes() if SUMS in there else b""
    there.pop(SIGNATURE, None)
    there.pop(SUMS, None)
    if sums != checksums(there):
        yield f"{folder}/{SUMS}", "does not name the files as they are"
    wanted = {name: FileFact(**fact) for name, fact in event.record["files"].items()}
    for name in sorted((wanted.keys() | there.keys()) - {MANIFEST, BUILD}):
        if wanted.get(name) != there.get(name):
            yield f"{folder}/{name}", "is not the file that was published" if name in wanted else "was not published"
