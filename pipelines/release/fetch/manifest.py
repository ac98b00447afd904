"""What a source offers to download, believed only as far as its parts agree with each other.

The index names the SHA-256 of the manifest, the manifest that of every file, and `SHA256SUMS` must say the same.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipelines.release.failures import DownloadRefusedError, NoSuchReleaseError, WithdrawnError
from pipelines.release.fetch.source import LeastRate, ReleaseSource, is_inside
from pipelines.release.layout import BUILD, MANIFEST, SIGNATURE, SUMS, FileFact
from pipelines.release.log import Record, read_json

_CHUNK = 2**18
_MOST_BYTES = 64 * 2**20  # of a file that describes: more is no index and no manifest
_VERSION = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class RemoteManifest:
    """A version with every file of its folder. `yanked` is the reason why it was."""

    version: str
    files: Mapping[str, FileFact]
    yanked: str | None
    replaced_by: str | None


def remote_manifest(source: ReleaseSource, version: str | None) -> RemoteManifest:
    """A version, or the latest; raises DownloadRefusedError, NoSuchReleaseError or WithdrawnError."""
    try:
        return _offer(source, version)
    except OSError as error:
        place = error.filename or source.where()
        raise DownloadRefusedError(f"{place}: cannot be had ({error.strerror or type(error).__name__}).") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f"{source.where()}: what stands there as index or manifest is nothing that this tool publishes."
        raise DownloadRefusedError(message) from error


def _offer(source: ReleaseSource, version: str | None) -> RemoteManifest:
    entry = _entry(read_json(_small(source, "index.json")), version)
    folder = f"releases/{entry['version']}"
    manifest = _small(source, f"{folder}/{MANIFEST}")
    _refuse_unless(
        _fact(manifest).sha256 == entry["manifest_sha256"], f"{MANIFEST} is not the one that the index names"
    )
    sums = _small(source, f"{folder}/{SUMS}")
    files = _facts(read_json(manifest), entry["version"]) | {
        MANIFEST: _fact(manifest),
        BUILD: _fact(_small(source, f"{folder}/{BUILD}")),
    }
    _refuse_unless(_summed(sums) == {name: fact.sha256 for name, fact in files.items()}, f"{SUMS} names other files")
    files |= _signature(source, f"{folder}/{SIGNATURE}")
    is_yanked = entry["status"] == "yanked"
    return RemoteManifest(
        entry["version"],
        files | {SUMS: _fact(sums)},
        str(entry.get("reason")) if is_yanked else None,
        entry.get("replaced_by") if is_yanked else None,
    )


def _signature(source: ReleaseSource, name: str) -> dict[str, FileFact]:
    """The signature, where there is one: no other file names it, and it proves itself."""
    try:
        return {SIGNATURE: _fact(_small(source, name))}
    except FileNotFoundError:
        return {}


def _entry(index: Record, version: str | None) -> Record:
    """What the index says of the version."""
    wanted = version or index["latest"]
    entry: Record | None = next((entry for entry in index["releases"] if entry["version"] == wanted), None)
    if entry is None:
        there = ", ".join(str(entry["version"]) for entry in index["releases"]) or "none"
        raise NoSuchReleaseError(f"The source offers no release {version or 'at all'}; it names {there}.")
    _refuse_unless(_VERSION.fullmatch(entry["version"]) is not None, f"{entry['version']!r} is no version")
    if entry["status"] == "withdrawn":
        raise WithdrawnError(f"Release {wanted} was withdrawn: {entry.get('reason')}")
    expected = f"releases/{wanted}/{MANIFEST}"
    _refuse_unless(entry["manifest"] == expected, f"the index names {entry['manifest']!r} and not {expected!r}")
    return entry


def _facts(manifest: Record, version: str) -> dict[str, FileFact]:
    _refuse_unless(manifest["version"] == version, f"{MANIFEST} is of version {manifest['version']!r}")
    _refuse_outside(manifest["files"])
    facts = {name: FileFact(int(fact["bytes"]), str(fact["sha256"])) for name, fact in manifest["files"].items()}
    is_right = all(fact.bytes >= 0 and _SHA256.fullmatch(fact.sha256) for fact in facts.values())
    _refuse_unless(is_right and not {MANIFEST, BUILD, SUMS} & facts.keys(), f"{MANIFEST} names files as none does")
    return facts


def _summed(sums: bytes) -> dict[str, str]:
    lines = [line.partition("  ") for line in sums.decode().splitlines()]
    _refuse_outside(name for _, _, name in lines)
    return {name: sha256 for sha256, _, name in lines}


def _refuse_outside(names: Iterable[str]) -> None:
    for name in names:
        _refuse_unless(is_inside(name), f"{name!r} is no name of a file in the folder of a release")


def _refuse_unless(is_right: bool, why: str) -> None:  # noqa: FBT001  (reads as a sentence)
    if not is_right:
        raise DownloadRefusedError(f"Nothing was downloaded: {why}.")


def _small(source: ReleaseSource, name: str) -> bytes:
    data, rate = bytearray(), LeastRate()
    with source.open(name) as (file, _):
        while len(data) <= _MOST_BYTES and (chunk := file.read1(_CHUNK)):
            rate.count(len(chunk))
            data += chunk
    _refuse_unless(len(data) <= _MOST_BYTES, f"{name} is larger than any that this tool publishes")
    return bytes(data)


def _fact(data: bytes) -> FileFact:
    return FileFact(len(data), hashlib.sha256(data).hexdigest())
