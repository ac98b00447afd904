"""From tables to a release that is ready to be written: what has changed, and which version that makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from pipelines.release.build import BuildInfo
from pipelines.release.compare import compare, counts_between
from pipelines.release.describe import licence_digest
from pipelines.release.digest import content_digest, total_digest
from pipelines.release.edition import Edition
from pipelines.release.errors import ReleaseRefusedError
from pipelines.release.log import Event
from pipelines.release.quality import Check, failed
from pipelines.release.refusals import broken_tables, large_changes
from pipelines.release.retired import with_tombstones
from pipelines.release.shapes import published_shapes
from pipelines.release.version import FIRST, Bump, Change, bump_of, next_version
from pipelines.tables.keys import in_key_order

Tables = Mapping[str, pa.Table]


@dataclass(frozen=True, slots=True)
class Previous:
    """The release before, and the one to compare with: the newest that still has its data, which may be none."""

    last: Event
    base: Event | None
    edition: Edition | None


@dataclass(frozen=True, slots=True)
class Release:
    """A release that is ready to be written. `given` are the tables without what this release retires.

    `raised` is the least bump that a person asks for.
    """

    version: str
    given: Tables
    edition: Edition
    changes: Sequence[Change]
    build: BuildInfo
    checks: Sequence[Check]
    previous: Previous | None
    accepted: str | None
    raised: Bump = Bump.NONE

    @property
    def content_sha256(self) -> str:
        """The digest of all tables."""
        return total_digest(self.edition.digests)

    @property
    def bump(self) -> Bump:
        """What the changes make of the version, or what a person raised that to."""
        return max(bump_of(self.changes), self.raised)


@dataclass(frozen=True, slots=True)
class Unchanged:
    """These tables are those of the version `since`."""

    since: str


def prepare_release(  # noqa: PLR0913  (what is released, what it follows, and what a person decided)
    tables: Tables,
    previous: Previous | None,
    build: BuildInfo,
    checks: Sequence[Check] = (),
    accepted: str | None = None,
    *,
    raised: Bump = Bump.NONE,
) -> Release | Unchanged:
    """What these tables would be released as after `previous`.

    Raises ReleaseRefusedError where a check failed, a rule is broken, or a large change is not `accepted`, which is
    the reason why it is meant. `raised` moves the version further than the changes do, and never less far.
    """
    shapes = published_shapes()
    _refuse(failed(checks) or broken_tables(shapes, tables))
    given = {name: in_key_order(tables[name], shape.key) for name, shape in shapes.items()}
    digests = {name: content_digest(given[name], shape.key) for name, shape in shapes.items()}
    edition = Edition(shapes, digests, given.__getitem__, build.rules, licence_digest())
    release = Release(FIRST, given, edition, (), build, checks, previous, accepted, raised)
    return release if previous is None else _after(previous, release)


def _after(previous: Previous, release: Release) -> Release | Unchanged:
    """The release with its changes and its version; which version a tombstone names changes neither."""
    last = previous.last.version
    if previous.base is None or previous.edition is None:
        return at_version(release, next_version(last, Bump.MAJOR))
    release = at_version(release, next_version(last, Bump.PATCH))
    counts = counts_between(previous.edition, release.edition)
    changes = compare(previous.edition, release.edition, counts)
    if not changes:
        return Unchanged(previous.base.version)
    if not release.accepted:
        _refuse(large_changes(previous.edition, release.edition, counts))
    release = replace(release, changes=changes)
    return at_version(release, next_version(last, release.bump))


def at_version(release: Release, version: str) -> Release:
    """The same release under another version, which its tombstones name."""
    if release.previous is None or release.previous.edition is None:
        return replace(release, version=version)
    before = {name: release.previous.edition.table(name) for name in ("monographs", "retired")}
    tables = with_tombstones(release.given, before, version)
    retired = content_digest(tables["retired"], release.edition.shapes["retired"].key)
    digests = {**release.edition.digests, "retired": retired}
    edition = replace(release.edition, digests=digests, table=tables.__getitem__)
    return replace(release, version=version, edition=edition)


def _refuse(reasons: list[str]) -> None:
    if reasons:
        raise ReleaseRefusedError(reasons)
