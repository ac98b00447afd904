"""Everything that follows from the log, made to agree with it: derived files, and downloads of the latest release.

    downloads/drug-monographs-<version>.duckdb   a view for each table, over the Parquet files of the release
    downloads/drug-monographs-<version>.zip      every file of the release, and a DuckDB file of views over them

DuckDB looks for the files of a view from the folder that it runs in, or from its `file_search_path`. Only a folder on a
local disk has downloads, and of a large release no ZIP.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import duckdb

from pipelines.release import log
from pipelines.release.dataset import DATASET
from pipelines.release.describe.derived import derived_files
from pipelines.release.failures import DamagedError, NoSuchReleaseError
from pipelines.release.layout import names_in
from pipelines.release.log import Event
from pipelines.release.released import edition_in
from pipelines.release.shapes import TableShape
from pipelines.release.store import Folder, Store
from pipelines.tables.sql import literal, quoted

_DOWNLOADS = "downloads"
_MOST_BYTES = 2**30  # of a ZIP: more is taken file by file
_ENDINGS = (".duckdb", ".zip")
_PACKED = (".csv", ".json", ".md", ".txt", ".cff", ".jsonl")  # the others are packed already
_DAY_ONE = (2000, 1, 1, 0, 0, 0)


def rewrite_derived(store: Store) -> None:
    """Makes what is derived agree with the log; repeats while others append to it. What agrees is not touched."""
    events = log.read_log(store)
    while events:
        for name, data in derived_files(store, events).items():
            if store.read(name) != data:
                store.replace(name, data)
        if isinstance(store, Folder):
            _refresh_downloads(store, events)
        written, events = len(events), log.read_log(store)
        if len(events) == written:
            return


def _refresh_downloads(store: Folder, events: Sequence[Event]) -> None:
    """Makes what is missing for the latest release, and removes what is of another; nothing of a damaged release."""
    version = log.latest_of(events)
    event = log.releases(events)[version] if version else None
    wanted = _names(event) if event else []
    for name in store.names(_DOWNLOADS):
        if f"{_DOWNLOADS}/{name}" not in wanted and name.startswith(f"{DATASET}-") and name.endswith(_ENDINGS):
            store.delete(f"{_DOWNLOADS}/{name}")
    if event and not all(store.path(name).is_file() for name in wanted):
        with suppress(
            NoSuchReleaseError, DamagedError, FileNotFoundError, duckdb.Error
        ):  # `verify` names what is wrong
            _make_downloads(store, event, wanted)


def _names(event: Event) -> list[str]:
    size = sum(fact["bytes"] for fact in event.record["files"].values())
    endings = _ENDINGS if size <= _MOST_BYTES else _ENDINGS[:1]
    return [f"{_DOWNLOADS}/{DATASET}-{event.version}{ending}" for ending in endings]


def _make_downloads(store: Folder, event: Event, wanted: Sequence[str]) -> None:
    folder, shapes = store.path(f"releases/{event.version}"), edition_in(store, event).shapes
    with store.scratch() as scratch:
        (scratch / "views").mkdir()
        made, inner = scratch / "views" / Path(wanted[0]).name, scratch / "inner.duckdb"
        (scratch / "releases").symlink_to(folder.parent.resolve())
        _write_views(made, shapes, f"../releases/{event.version}/data", made.parent)
        store.replace_by(wanted[0], made)
        if len(wanted) > 1:
            _write_views(inner, shapes, "data", folder)
            _write_zip(scratch / "all.zip", folder, {made.name: inner}, f"{DATASET}-{event.version}")
            store.replace_by(wanted[1], scratch / "all.zip")


def _write_views(path: Path, shapes: Mapping[str, TableShape], data: str, seen_from: Path) -> None:
    """A database with a view for each table; `data` is where the Parquet files are from where it will be used."""
    with duckdb.connect(str(path)) as database:
        database.execute(f"SET file_search_path = {literal(str(seen_from))}")
        for name, shape in shapes.items():
            file = literal(f"{data}/{name}.parquet")
            database.execute(f"CREATE VIEW {quoted(name)} AS SELECT * FROM read_parquet({file})")  # noqa: S608
            database.execute(f"COMMENT ON VIEW {quoted(name)} IS {literal(shape.description)}")


def _write_zip(path: Path, folder: Path, more: Mapping[str, Path], inside_as: str) -> None:
    """Every file of a folder, and some more, under one name; the same files give the same order and times."""
    files = {name: folder / name for name in names_in(folder)} | dict(more)
    with zipfile.ZipFile(path, "w", compresslevel=1) as packed:
        for name, source in files.items():
            entry = zipfile.ZipInfo(f"{inside_as}/{name}", _DAY_ONE)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED if name.endswith(_PACKED) else zipfile.ZIP_STORED
            with source.open("rb") as data, packed.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(data, target, 2**20)
