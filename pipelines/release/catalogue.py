"""What is published in a folder, for those who only read: versions, manifests, tables."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from pipelines.release import log
from pipelines.release.derived import index_of
from pipelines.release.edition import edition_in
from pipelines.release.errors import NoSuchReleaseError, WithdrawnError, using
from pipelines.release.log import Event, Record
from pipelines.release.store import Place, Store, store_at
from pipelines.release.tombstone import withdrawals


def latest(outputs: Place) -> str | None:
    """The newest version that is neither yanked nor withdrawn; None where there is none."""
    with using(outputs):
        return log.latest_of(log.read_log(store_at(outputs)))


def read_index(outputs: Place) -> Record:
    """What `index.json` says, made from the log itself: releases in order, each with its status."""
    store = store_at(outputs)
    with using(outputs):
        return index_of(store, log.read_log(store))


def read_release(outputs: Place, version: str | None = None) -> Record:
    """The manifest of a version, or of the latest; raises NoSuchReleaseError where there is none.

    Raises WithdrawnError, which says why, for a version that was withdrawn.
    """
    with using(outputs):
        return _released(store_at(outputs), version).record


def read_tables(outputs: Place, version: str | None = None, names: Sequence[str] = ()) -> dict[str, pa.Table]:
    """All tables, or those named, of a version, or of the latest; raises as `read_release` does."""
    store = store_at(outputs)
    with using(outputs):
        edition = edition_in(store, _released(store, version))
        return {name: edition.table(name) for name in names or edition.shapes}


def _released(store: Store, version: str | None) -> Event:
    events = log.read_log(store)
    wanted = version or log.latest_of(events)
    known = log.releases(events)
    if wanted not in known:
        named = f"no release {version}" if version else "no release yet"
        message = f"{store.where()}: {named}; `monographs list` names what there is, `monographs release` makes one."
        raise NoSuchReleaseError(message)
    withdrawal = withdrawals(events).get(wanted)
    if withdrawal:
        rows = sum(table["rows"] for table in known[wanted].record["tables"].values())
        message = f"{store.where()}: release {wanted} was withdrawn, all {rows} rows: {withdrawal.record.get('reason')}"
        raise WithdrawnError(message)
    return known[wanted]
