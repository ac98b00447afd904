"""What is published, for those who only read: versions, manifests, and the tables of one release as an `Edition`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import pyarrow as pa

from pipelines.release import log
from pipelines.release.dataset import LICENCE_FILE
from pipelines.release.describe.data_package import shapes_in
from pipelines.release.describe.derived import index_of
from pipelines.release.failures import DamagedError, NoSuchReleaseError, WithdrawnError, using
from pipelines.release.files import read_parquet
from pipelines.release.layout import CHANGES
from pipelines.release.log import Event, Record, read_json, withdrawals
from pipelines.release.shapes import TableShape
from pipelines.release.store import Place, Store, store_at


@dataclass(frozen=True, slots=True)
class Edition:
    """`table` gives the rows of a table by name. `rules` is the digest of the code and code tables that made it.

    `licence` is the digest of the terms of use.
    """

    shapes: Mapping[str, TableShape]
    digests: Mapping[str, str]
    table: Callable[[str], pa.Table]
    rules: str | None = None
    licence: str | None = None


def edition_in(store: Store, event: Event) -> Edition:
    """A published release; raises NoSuchReleaseError where its descriptor is gone."""
    folder = f"releases/{event.version}"
    descriptor = store.read(f"{folder}/datapackage.json")
    if descriptor is None:
        message = f"{store.where(folder)}: the files of release {event.version} are gone; restore them from a copy."
        raise NoSuchReleaseError(message)
    try:
        shapes = shapes_in(read_json(descriptor))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _damaged(store, f"{folder}/datapackage.json") from None
    digests = {name: table["content_sha256"] for name, table in event.record["tables"].items()}

    @cache  # decoding takes longer than anything that is done with a table, and a large one is not kept in memory
    def table(name: str) -> pa.Table:
        with store.local_file(f"{folder}/data/{name}.parquet") as path:
            try:
                return read_parquet(path, shapes[name])
            except (ValueError, pa.ArrowException):
                raise _damaged(store, f"{folder}/data/{name}.parquet") from None
            except OSError as error:
                if error.errno is not None:
                    raise
                raise _damaged(store, f"{folder}/data/{name}.parquet") from None  # what Arrow says of broken pages

    licence = event.record["files"][LICENCE_FILE]["sha256"]
    return Edition(shapes, digests, table, event.record["rules_sha256"], licence)


def _damaged(store: Store, name: str) -> DamagedError:
    return DamagedError(
        f"{store.where(name)}: is not what was published; restore it from a copy. `monographs verify --explain` says "
        "what is affected and what else can be done."
    )


# --- What is published in a folder, for those who only read: versions, manifests, tables


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


def read_changes(outputs: Place, version: str) -> Record | None:
    """What a version says that it changed; None if it follows no other. Raises as `read_release` does."""
    store = store_at(outputs)
    with using(outputs):
        data = store.read(f"releases/{_released(store, version).version}/{CHANGES}")
    record: Record | None = read_json(data) if data is not None else None
    return record


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
