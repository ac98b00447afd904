"""Checks of what is published: that every release is whole, and the log, and that they agree.

Without this tool, `sha256sum -c SHA256SUMS` in the folder of a release checks most of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipelines.release import log
from pipelines.release.compare.delta import broken_deltas
from pipelines.release.describe.data_package import shapes_in
from pipelines.release.describe.derived import derived_files
from pipelines.release.digest import content_digest, total_digest
from pipelines.release.failures import LogBrokenError, NoSuchReleaseError, using
from pipelines.release.files import read_csv, read_parquet
from pipelines.release.layout import (
    BUILD,
    CHANGES,
    EMPTY_FOLDER,
    MANIFEST,
    SIGNATURE,
    SUMS,
    FileFact,
    checksums,
    facts_in,
)
from pipelines.release.log import Event, Record, read_json, withdrawals
from pipelines.release.publish.cleanup import broken_tombstone
from pipelines.release.publish.head import broken_chain
from pipelines.release.publish.signature import why_not_signed
from pipelines.release.released import edition_in
from pipelines.release.shapes import Shapes, schema_digest
from pipelines.release.store import Place, Store, store_at
from pipelines.tables.keys import rows_that_lead_nowhere, rows_with_repeated_key

_LOG_REMEDY = (
    "Affects every release: nothing is published until the log is whole. Put the record back from a copy of the "
    "outputs; that of a release is also in its folder, as release.json, with the same bytes. Never number records anew."
)
_RELEASE_REMEDY = (
    "Affects whoever reads {version} or takes the step from it to the next; nothing is published on top of it. Put the "
    "file back from a copy; or remove {path} and run `monographs fetch SOURCE --to <outputs>/releases` for {version}, "
    "with a place where it is whole. If it is lost for good: `monographs withdraw {version} --reason WHY`."
)
Facts = Mapping[str, FileFact]


@dataclass(frozen=True, slots=True)
class Damage:
    """Something that is not as it was published: the file or folder, and what is wrong with it."""

    path: str
    why: str

    def __str__(self) -> str:
        return f"{self.path}: {self.why}"

    @property
    def remedy(self) -> str:
        """What the damage affects, and what to do about it."""
        place = self.path.split("/")
        if place[0] == "log":
            return _LOG_REMEDY
        if place[0] != "releases" or len(place) == 1:
            return "Affects only what is made from the log: `monographs rebuild-index` makes it again, from the log."
        version, name = place[1], "/".join(place[2:])
        if name == SIGNATURE:
            return f"Affects nothing that is in {version}: remove the file, and sign it again."
        if self.why.startswith(("is not named", "is a link", "is no file", "is a folder", "belongs to a withdrawn")):
            return (
                f"Remove {self.path}: no file of {version} has that name. Put the file back if something replaced it."
            )
        return _RELEASE_REMEDY.format(version=version, path=self.path)


def verify(
    outputs: Place, version: str | None = None, *, deep: bool = False, allowed_signers: Path | None = None
) -> list[Damage]:
    """Everything that is wrong; empty where all is whole. Of all releases, or of `version`.

    With `deep`, the rows of Parquet and of CSV are read and must have the digest of the manifest, and the release
    before with the delta must make the release. With `allowed_signers`, one of them must have signed each release.
    Raises NoSuchReleaseError where the log has no such version, or none.
    """
    with using(outputs):
        return list(_problems(store_at(outputs), version, allowed_signers, deep=deep))


def _problems(store: Store, version: str | None, signers: Path | None, *, deep: bool) -> Iterator[Damage]:
    try:
        events = log.read_log(store)
    except LogBrokenError as error:
        yield Damage("log", str(error))
        return
    known = log.releases(events)
    if not known or version not in (None, *known):
        message = f"{store.where()}: the log names no release{f' {version}' if version else ''}; see `monographs list`."
        raise NoSuchReleaseError(message)
    yield from (Damage(path, why) for path, why in broken_chain(events))
    yield from _derived(store, events)
    states = log.release_status(events)
    for event in [known[version]] if version else known.values():
        if states[event.version] == "withdrawn":
            withdrawal = withdrawals(events)[event.version]
            yield from (Damage(path, why) for path, why in broken_tombstone(store, event, withdrawal))
        else:
            damaged = list(_release(store, event, signers, deep=deep))
            yield from damaged
            base = known.get(event.record["changes"]["since"] or "")
            if deep and not damaged and base and states[base.version] != "withdrawn":
                yield from _step(store, base, event)


def _derived(store: Store, events: Sequence[Event]) -> Iterator[Damage]:
    for name, data in derived_files(store, events).items():
        if store.read(name) != data:
            yield Damage(name, "does not agree with the log; `monographs rebuild-index` makes it again")


def _release(store: Store, event: Event, signers: Path | None, *, deep: bool) -> Iterator[Damage]:
    """Files first; rows only where the files are those that were published."""
    folder = f"releases/{event.version}"
    if not store.names(folder):
        yield Damage(folder, "is missing")
        return
    strange = store.strange_names(folder)
    yield from (Damage(f"{folder}/{name}", f"is {what}; a release holds files only") for name, what in strange)
    if any(what != EMPTY_FOLDER for _, what in strange):
        return
    with store.local_folder(folder) as local:
        there = facts_in(local)
        there.pop(SIGNATURE, None)
        if signers and (why := why_not_signed(local, signers)):
            yield Damage(f"{folder}/{SIGNATURE}", why)
        is_of_log = SUMS not in there or _agree(event, _named_in_sums(local))
        damaged = list(_sums(folder, local, there)) if is_of_log else []
        damaged = damaged or list(_manifest(event, folder, local, there))
        yield from damaged
        if not damaged:
            yield from _tables(event, folder, local, deep=deep)


def _sums(folder: str, local: Path, facts: Facts) -> Iterator[Damage]:
    """`SHA256SUMS` both ways: every file it names is there and unchanged, and no other file is."""
    if SUMS not in facts:
        yield Damage(f"{folder}/{SUMS}", "is missing")
        return
    wanted = _named_in_sums(local)
    there = {name: fact for name, fact in facts.items() if name != SUMS}
    yield from (Damage(f"{folder}/{name}", "is missing") for name in wanted if name not in there)
    yield from (Damage(f"{folder}/{name}", f"is not named in {SUMS}") for name in there if name not in wanted)
    for name, sha256 in wanted.items():
        if name in there and there[name].sha256 != sha256:
            yield Damage(f"{folder}/{name}", f"does not have the SHA-256 that {SUMS} names")


def _named_in_sums(local: Path) -> dict[str, str]:
    """The SHA-256 of each file that `SHA256SUMS` names, by name."""
    lines = (local / SUMS).read_bytes().decode(errors="replace").splitlines()
    return {name: sha256 for sha256, _, name in (line.partition("  ") for line in lines)}


def _agree(event: Event, named: Mapping[str, str]) -> bool:
    """Whether checksums are those of the log: if not, they tell nothing of the files."""
    ours = {name: fact["sha256"] for name, fact in event.record["files"].items()}
    return ours.keys() | {MANIFEST, BUILD} == named.keys() and all(named[name] == ours[name] for name in ours)


def _manifest(event: Event, folder: str, local: Path, there: Facts) -> Iterator[Damage]:
    """The manifest is the log record, and the files are those that it names: `SHA256SUMS` alone could be made anew."""
    if _bytes(local / MANIFEST) != event.data:
        yield Damage(f"{folder}/{MANIFEST}", f"is not the record {log.name_of_event(event.number)}")
    built = read_json(_bytes(local / BUILD))
    if built.get("record_sha256") != hashlib.sha256(event.data).hexdigest():
        yield Damage(f"{folder}/{BUILD}", "belongs to another release")
    if (local / SUMS).read_bytes() != checksums({name: fact for name, fact in there.items() if name != SUMS}):
        yield Damage(f"{folder}/{SUMS}", "is not written as it was published")
    for name, fact in event.record["files"].items():
        if there.get(name) != FileFact(**fact):
            yield Damage(f"{folder}/{name}", "is not the file that the log names")
    expected = {*event.record["files"], MANIFEST, BUILD, SUMS}
    yield from (Damage(f"{folder}/{name}", "is not named in the log") for name in there if name not in expected)


def _bytes(path: Path) -> bytes:
    """Of a file that forged checksums may have left out."""
    return path.read_bytes() if path.is_file() else b"{}"


def _tables(event: Event, folder: str, local: Path, *, deep: bool) -> Iterator[Damage]:
    descriptor = read_json(_bytes(local / "datapackage.json"))
    shapes = shapes_in(descriptor)
    yield from _descriptor(folder, descriptor, shapes, event.record)
    tables: dict[str, pa.Table] = {}
    for name, shape in shapes.items():
        try:
            tables[name] = read_parquet(local / f"data/{name}.parquet", shape)
        except (ValueError, pa.ArrowException) as error:
            yield Damage(f"{folder}/data/{name}.parquet", f"does not have the columns of datapackage.json ({error})")
    if len(tables) < len(shapes):
        return
    yield from _rows(folder, tables, event.record)
    for name, why in broken_rules(shapes, tables.__getitem__):
        yield Damage(f"{folder}/data/{name}.parquet", why)
    if deep:
        yield from _content(folder, local, shapes, tables, event.record)


def _descriptor(folder: str, descriptor: Record, shapes: Shapes, record: Record) -> Iterator[Damage]:
    """The descriptor names the files and the schema that the manifest names."""
    path = f"{folder}/datapackage.json"
    if schema_digest(shapes) != record["schema_sha256"]:
        yield Damage(path, "describes other tables than the manifest")
    for resource in descriptor["resources"]:
        fact = record["files"].get(resource["path"], {})
        size = resource.get("bytes", fact.get("bytes"))
        if resource["hash"] != f"sha256:{fact.get('sha256')}" or size != fact.get("bytes"):
            yield Damage(path, f"describes another file {resource['path']}")


def _rows(folder: str, tables: Mapping[str, pa.Table], record: Record) -> Iterator[Damage]:
    if list(tables) != list(record["tables"]):
        yield Damage(f"{folder}/datapackage.json", "lists other tables than the manifest")
        return
    for name, table in tables.items():
        if table.num_rows != record["tables"][name]["rows"]:
            yield Damage(f"{folder}/data/{name}.parquet", "does not have the number of rows that the manifest names")


def _content(
    folder: str, local: Path, shapes: Shapes, tables: Mapping[str, pa.Table], record: Record
) -> Iterator[Damage]:
    """Parquet and CSV have the digest of the manifest, and the total is that of all tables."""
    digests = {name: table["content_sha256"] for name, table in record["tables"].items()}
    if total_digest(digests) != record["content_sha256"]:
        yield Damage(f"{folder}/{MANIFEST}", "content_sha256 is not the digest of its tables")
    for name, shape in shapes.items():
        if content_digest(tables[name], shape.key) != digests[name]:
            yield Damage(f"{folder}/data/{name}.parquet", "does not have the content that the manifest names")
        path = f"{folder}/data/{name}.csv"
        try:
            same = content_digest(read_csv(local / f"data/{name}.csv", shape), shape.key) == digests[name]
        except (ValueError, pa.ArrowException) as error:
            yield Damage(path, f"cannot be read as datapackage.json says ({error})")
            continue
        if not same:
            yield Damage(path, "does not have the content that the manifest names")


def _step(store: Store, base: Event, event: Event) -> Iterator[Damage]:
    """The release before and the delta make this release; one made before there were deltas has none."""
    folder = f"releases/{event.version}"
    if CHANGES not in event.record["files"]:
        return
    try:
        old, new = edition_in(store, base), edition_in(store, event)
        with store.local_folder(folder) as local:
            for path, why in broken_deltas(old, new, local, event.record):
                yield Damage(f"{folder}/{path}", why)
    except (NoSuchReleaseError, OSError, ValueError, pa.ArrowException) as error:
        yield Damage(f"{folder}/changes", f"cannot be tried on release {base.version} ({error})")


# --- Keys and references between the tables of one release, whatever its age


def broken_rules(shapes: Shapes, table: Callable[[str], pa.Table]) -> Iterator[tuple[str, str]]:
    """Tables with what is wrong in them: keys that stand twice, references that lead nowhere."""
    for name, shape in shapes.items():
        rows = table(name)
        for key in _shown(rows.select(shape.key).take(rows_with_repeated_key(rows, shape.key))):
            yield name, f"more than one row has the key {key}"
        for reference in shape.references:
            nowhere = rows_that_lead_nowhere(rows, reference, table(reference.target))
            for key in _shown(rows.select(list(reference.columns)).take(nowhere)):
                yield name, f"{', '.join(reference.columns)} {key} is not in {reference.target}"


_MOST_SHOWN = 3  # of one rule: enough to see what kind of thing is wrong


def _shown(keys: pa.Table) -> list[str]:
    order = [(name, "ascending") for name in keys.column_names]
    first = keys.sort_by(order).slice(0, _MOST_SHOWN).to_pylist()
    return [" ".join(str(part) for part in row.values()) for row in first]
