"""The files of a release, written into an empty folder.

`release.json` is the manifest: it names every other file with its size and SHA-256, but for `build.json`, which knows a
clock, and `SHA256SUMS`, which names `build.json` too. The bytes of all files but these two follow from the tables, the
inputs and the release before: any day, any folder, any host.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa

from pipelines.release.compare.record import counts_of, write_changes
from pipelines.release.compare.version import bump_of, next_version
from pipelines.release.dataset import DATASET
from pipelines.release.describe import descriptions
from pipelines.release.describe.provenance import provenance_of
from pipelines.release.describe.quality import quality_of
from pipelines.release.describe.workbook import is_for_excel, name_of_workbook, write_workbook
from pipelines.release.files import write_csvs, write_parquet
from pipelines.release.layout import BUILD, MANIFEST, PROVENANCE, FileFact, facts_in
from pipelines.release.log import Record, to_json
from pipelines.release.publish.prepare import Release
from pipelines.release.shapes import schema_digest

_FORMAT = 1  # of the manifest
_FIRST_SCHEMA = "1.0.0"


def write_release(release: Release, folder: Path) -> None:
    """Writes every file of a release but `SHA256SUMS`."""
    tables = {name: release.edition.table(name) for name in release.edition.shapes}
    schema_version = _schema_version(release)
    _write_tables(release, tables, folder, schema_version)
    rows = {name: table.num_rows for name, table in tables.items()}
    held = facts_in(folder)
    for name, data in descriptions(release.version, release.content_sha256, release.edition.shapes, rows, held):
        (folder / name).write_bytes(data)
    _write_changes(release, folder)
    (folder / "quality.json").write_bytes(to_json(quality_of(tables, release.checks)))
    (folder / PROVENANCE).write_bytes(_provenance(release, facts_in(folder)))
    manifest = to_json(_manifest(release, rows, schema_version, facts_in(folder)))
    (folder / MANIFEST).write_bytes(manifest)
    (folder / BUILD).write_bytes(to_json(_build(release, manifest)))


def _provenance(release: Release, files: Mapping[str, FileFact]) -> bytes:
    build, previous = release.build, release.previous
    decided = {"version": release.version, "accepted": release.accepted, "raised": release.raised.name.lower()}
    made_with = {
        "rules_sha256": build.rules,
        "schema_sha256": schema_digest(release.edition.shapes),
        "content_sha256": release.content_sha256,
        "tools": dict(sorted(build.tools)),
    }
    base = previous.base if previous else None
    before = {"name": f"release {base.version}", "digest": {"sha256": base.record["content_sha256"]}} if base else {}
    return provenance_of(files, decided, made_with, build.inputs, before)


def _write_tables(release: Release, tables: Mapping[str, pa.Table], folder: Path, schema_version: str) -> None:
    """Parquet, CSV, and Excel where that can hold them."""
    edition = release.edition
    (folder / "data").mkdir(parents=True)
    for name, shape in edition.shapes.items():
        facts = {"dataset": DATASET, "table": name, "schema_version": schema_version}
        facts |= {"content_sha256": edition.digests[name]}
        write_parquet(tables[name], shape, folder / f"data/{name}.parquet", facts)
    write_csvs(tables, folder / "data")
    if is_for_excel(tables):
        path = folder / name_of_workbook(release.version)
        write_workbook(path, release.version, release.content_sha256, edition.shapes, tables)


def _write_changes(release: Release, folder: Path) -> None:
    """Nothing if there is no release to compare with: the first one, or all before it were withdrawn."""
    if release.comparison is None or release.previous is None or release.previous.base is None:
        return
    decided = {"dataset": DATASET, "from": release.previous.base.version, "to": release.version, **_decided(release)}
    write_changes(release.comparison, release.edition, release.changes, decided, folder)


def _schema_version(release: Release) -> str:
    """A version of its own for the schema: it stands still where only rows have changed."""
    if release.previous is None:
        return _FIRST_SCHEMA
    last: str = (release.previous.base or release.previous.last).record["schema_version"]
    return next_version(last, bump_of(change for change in release.changes if change.is_of_schema))


def _manifest(release: Release, rows: Mapping[str, int], schema_version: str, files: Mapping[str, FileFact]) -> Record:
    edition, previous = release.edition, release.previous
    return {
        "format": _FORMAT,
        "kind": "release",
        "dataset": DATASET,
        "version": release.version,
        "previous": previous.last.version if previous else None,
        "previous_sha256": hashlib.sha256(previous.last.data).hexdigest() if previous else None,
        "content_sha256": release.content_sha256,
        "schema_version": schema_version,
        "schema_sha256": schema_digest(edition.shapes),
        "input_fingerprint": release.build.fingerprint,
        "rules_sha256": release.build.rules,
        "licence": "LICENSE.txt",
        "tables": {
            name: {"rows": rows[name], "columns": len(shape.columns), "content_sha256": edition.digests[name]}
            for name, shape in edition.shapes.items()
        },
        "changes": _changes(release),
        "files": {name: asdict(fact) for name, fact in files.items()},
    }


def _changes(release: Release) -> Record:
    base = release.previous.base if release.previous else None
    return {
        "since": base.version if base else None,
        **(_decided(release) if base else {"bump": "first", "accepted": release.accepted}),
        "counts": counts_of(release.changes),
        "reasons": [{**asdict(change), "bump": change.bump.name.lower()} for change in release.changes],
    }


def _decided(release: Release) -> Record:
    """How the version moved, how the changes alone would have moved it, and what a person said."""
    computed = bump_of(release.changes)
    return {
        "bump": release.bump.name.lower(),
        "computed": computed.name.lower(),
        "raised": release.raised.name.lower() if release.raised > computed else None,
        "accepted": release.accepted,
    }


def _build(release: Release, manifest: bytes) -> Record:
    """`build.json`; `record_sha256` says whose release the folder is."""
    build = release.build
    return {
        "version": release.version,
        "record_sha256": hashlib.sha256(manifest).hexdigest(),
        "built_at": build.built_at,
        "host": build.host,
        "commit": build.commit,
        "lock_file_sha256": build.lock_file,
        "rules_sha256": build.rules,
        "tools": dict(build.tools),
        "inputs": dict(sorted(build.inputs)),
    }
