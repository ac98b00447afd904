"""Publishing: readers see the release before, whole, or the new one, whole, whatever happens in between.

    build in scratch, compare            nothing is visible yet
    claim    releases/<v>/build.json     create-only: the folder is ours, or that of a twin with equal content
    write    every other file            create-only: nothing is ever written over
    verify   every file, read back
    commit   log/<n+1>.json              create-only: from here on the release counts
    derive   index.json, VERSION, …      until they agree with the log

A process that is killed leaves a folder that no log names. The next run with equal content completes it, one with other
content takes the next free version. Who comes second to the log starts again from the release that came first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipelines.release import log
from pipelines.release.compare.record import rehearsed
from pipelines.release.compare.version import Bump, Change, next_version
from pipelines.release.describe.quality import Check
from pipelines.release.failures import DamagedError, NoSuchReleaseError, VersionTakenError, using
from pipelines.release.layout import BUILD, MANIFEST, SIGNATURE, SUMS, FileFact, checksums, fact_of, facts_in
from pipelines.release.log import read_json
from pipelines.release.publish.cleanup import finish_withdrawals
from pipelines.release.publish.derive import rewrite_derived
from pipelines.release.publish.head import events_seen, refuse_damage
from pipelines.release.publish.inputs import BuildInfo
from pipelines.release.publish.prepare import (
    Previous,
    Release,
    Unchanged,
    at_version,
    large_changes,
    prepare_release,
    refuse_stale,
)
from pipelines.release.publish.write import write_release
from pipelines.release.released import edition_in
from pipelines.release.store import Place, Store, store_at

Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Published:
    """The release that now is the newest, and where it is: `is_new` where this call made it, and then what changed."""

    version: str
    is_new: bool
    where: str
    changes: tuple[Change, ...] = ()

    @property
    def folder(self) -> Path:
        """Its folder, where it is on a local disk."""
        return Path(self.where)


def publish(  # noqa: PLR0913  (two things to publish, one place, what may be left out)
    tables: Mapping[str, pa.Table],
    build: BuildInfo,
    outputs: Place,
    checks: Sequence[Check] = (),
    *,
    accept_large_change: str | None = None,
    at_least: Bump = Bump.NONE,
    step: Step = lambda _: None,
) -> Published:
    """Releases the tables where they differ from the last release.

    `accept_large_change` is the reason why a large change, or going back to older inputs, is meant. `at_least` raises
    the bump where the changes make a smaller one. Both are recorded. `step` is told what was just done.
    Raises a ReleaseError: the tables are refused, the folder cannot be used, or it holds something else.
    """
    store = store_at(outputs)
    with using(outputs):
        store.probe()
        while True:
            seen, events = events_seen(store), log.read_log(store)
            with _unless_overtaken(store, events):
                refuse_damage(store, events, seen)
                _repair(store, events)
                previous = last_release(store, events)
                release = prepare_release(tables, previous, build, checks, accept_large_change, raised=at_least)
                if isinstance(release, Unchanged):
                    return Published(release.since, is_new=False, where=_where(store, release.since))
                if not accept_large_change:
                    refuse_stale(events, build.fingerprint)
                published = _publish(store, release, len(events) + 1, step)
                if published is not None:
                    return published


def rehearse(  # noqa: PLR0913  (what `publish` takes)
    tables: Mapping[str, pa.Table],
    build: BuildInfo,
    outputs: Place,
    checks: Sequence[Check] = (),
    *,
    at_least: Bump = Bump.NONE,
    most: int = 1000,
) -> log.Record:
    """What a release of these tables would change: a record of changes with its first `rows` and `cells`.

    `refused` are the reasons why a person would have to accept it. `from` is None if there is no release to compare
    with, and `to` is `from` if nothing has changed. Writes nothing; raises as `publish` does if a rule is broken.
    """
    store = store_at(outputs)
    with using(outputs):
        previous = last_release(store, log.read_log(store))
        release = prepare_release(tables, previous, build, checks, "to see what it would change", raised=at_least)
        if isinstance(release, Unchanged):
            return {"from": release.since, "to": release.since, "reasons": [], "refused": [], "rows": [], "cells": []}
        told: log.Record = {"from": None, "to": release.version, "reasons": [], "refused": [], "rows": [], "cells": []}
        if release.comparison is None or previous is None or previous.base is None:
            return told
        told |= {"from": previous.base.version, "refused": large_changes(release.comparison)}
        return told | rehearsed(release.comparison, release.edition, release.changes, most)


@contextmanager
def _unless_overtaken(store: Store, events: Sequence[log.Event]) -> Iterator[None]:
    """Files that are gone are an error, but not where the log has grown: their release was withdrawn meanwhile."""
    try:
        yield
    except (NoSuchReleaseError, DamagedError, FileNotFoundError):
        if len(log.read_log(store)) == len(events):
            raise


def _repair(store: Store, events: Sequence[log.Event]) -> None:
    """Does what follows from the log: what a killed process has left to do."""
    rewrite_derived(store)
    finish_withdrawals(store, events)


@dataclass(frozen=True, slots=True)
class Head:
    """The last release, and the fingerprint of what it was made from."""

    version: str
    fingerprint: str


def head_fingerprint(outputs: Place) -> Head | None:
    """What the last release was made from; None where there is none, or it was withdrawn."""
    with using(outputs):
        events = log.read_log(store_at(outputs))
    last = [event for event in events if event.kind == "release"][-1:]
    if not last or log.release_status(events)[last[0].version] == "withdrawn":
        return None
    return Head(last[0].version, last[0].record["input_fingerprint"])


def recover(outputs: Place) -> None:
    """Finishes what a killed process has left to do after its commit."""
    store = store_at(outputs)
    with using(outputs):
        _repair(store, log.read_log(store))


def last_release(store: Store, events: Sequence[log.Event]) -> Previous | None:
    """The release before, and the newest one that still has its data, yanked or not."""
    known = list(log.releases(events).values())
    if not known:
        return None
    states = log.release_status(events)
    base = next((event for event in reversed(known) if states[event.version] != "withdrawn"), None)
    return Previous(known[-1], base, edition_in(store, base) if base else None)


def _where(store: Store, version: str) -> str:
    return store.where(f"releases/{version}")


def _publish(store: Store, release: Release, number: int, step: Step) -> Published | None:
    """The release under the first version that is free or ours; None where another was committed first."""
    while True:
        with store.scratch() as scratch:
            built, record = scratch / "release", scratch / "record.json"
            write_release(release, built)
            step("built")
            if not _claim(store, release.version, built):
                release = at_version(release, next_version(release.version, Bump.PATCH))
                continue
            step("claimed")
            files = _seal(built)
            _write(store, release.version, built, files, step)
            _read_back(store, release.version, files)
            step("verified")
            record.write_bytes((built / MANIFEST).read_bytes())
            if not log.append(store, number, record):
                return None
            step("committed")
        with using(store.where(), f"{release.version} is published"):
            rewrite_derived(store)
        step("derived")
        return Published(
            release.version, is_new=True, where=_where(store, release.version), changes=tuple(release.changes)
        )


def _claim(store: Store, version: str, built: Path) -> bool:
    """Makes the folder of a version ours; True too where a twin began it, whose `build.json` then is ours too."""
    name = f"releases/{version}/{BUILD}"
    if store.put_new(name, built / BUILD):
        return True
    there = store.read(name) or b"{}"
    if read_json(there).get("record_sha256") != fact_of(built / MANIFEST).sha256:
        return False
    (built / BUILD).write_bytes(there)
    return True


def _seal(built: Path) -> dict[str, FileFact]:
    """Writes `SHA256SUMS`; gives the facts of all files."""
    files = facts_in(built)
    (built / SUMS).write_bytes(checksums(files))
    return {**files, SUMS: fact_of(built / SUMS)}


def _write(store: Store, version: str, built: Path, files: Iterable[str], step: Step) -> None:
    for name in files:
        if name != BUILD:
            store.put_new(f"releases/{version}/{name}", built / name)
            step(f"wrote {name}")
    store.settle(f"releases/{version}")


def _read_back(store: Store, version: str, files: Mapping[str, FileFact]) -> None:
    """Raises VersionTakenError where the folder is not byte for byte what was built."""
    with store.local_folder(f"releases/{version}") as local:
        there = facts_in(local)
    there.pop(SIGNATURE, None)  # of a twin that has committed the same in the meantime
    for name in sorted({*there, *files}):
        if there.get(name) != files.get(name):
            place = _where(store, version)
            message = f"{place}/{name}: is not as it was built, and the release is not published yet; remove {place}."
            raise VersionTakenError(message)
