"""From tables to a release that is ready to be written: what has changed, and which version that makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.release import log
from pipelines.release.compare import changes_in
from pipelines.release.compare.documents import find_owners
from pipelines.release.compare.matching import FINDINGS_TABLE, HISTORY_TABLE, SEEDS_TABLE, Comparison
from pipelines.release.compare.version import FIRST, Bump, Change, bump_of, next_version
from pipelines.release.describe import licence_digest
from pipelines.release.describe.quality import Check, failed
from pipelines.release.digest import content_digest, total_digest
from pipelines.release.failures import ReleaseRefusedError
from pipelines.release.log import Event
from pipelines.release.publish.inputs import BuildInfo
from pipelines.release.released import Edition
from pipelines.release.shapes import Shapes, published_shapes
from pipelines.tables.keys import in_key_order
from schemas.tables.account import MonographHistory, Retired
from schemas.tables.base import arrow_schema

_Tables = Mapping[str, pa.Table]


@dataclass(frozen=True, slots=True)
class Previous:
    """The release before, and the one to compare with: the newest that still has its data, which may be none."""

    last: Event
    base: Event | None
    edition: Edition | None


@dataclass(frozen=True, slots=True)
class Release:
    """A release that is ready to be written. `given` are the tables without what this release retires.

    `raised` is the least bump that a person asks for. `comparison` is with the edition of the release before.
    """

    version: str
    given: _Tables
    edition: Edition
    changes: Sequence[Change]
    build: BuildInfo
    checks: Sequence[Check]
    previous: Previous | None
    accepted: str | None
    raised: Bump = Bump.NONE
    comparison: Comparison | None = None

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
    tables: _Tables,
    previous: Previous | None,
    build: BuildInfo,
    checks: Sequence[Check] = (),
    accepted: str | None = None,
    *,
    raised: Bump = Bump.NONE,
) -> Release | Unchanged:
    """What these tables would be released as after `previous`.

    `checks` are the rules as they were applied to these tables. Raises ReleaseRefusedError where one found a row that
    breaks it, where the tables are not those of the schema, or where a large change is not `accepted`, which is
    the reason why it is meant. `raised` moves the version further than the changes do, and never less far.
    """
    shapes = published_shapes()
    _refuse(list(_not_of_the_schema(shapes, tables)) or failed(checks))
    given = {name: in_key_order(tables[name], shape.key) for name, shape in shapes.items()}
    digests = {name: content_digest(given[name], shape.key) for name, shape in shapes.items()}
    edition = Edition(shapes, digests, given.__getitem__, build.rules, licence_digest())
    release = Release(FIRST, given, edition, (), build, checks, previous, accepted, raised)
    return at_version(release, FIRST) if previous is None else _after(previous, release)


def _after(previous: Previous, release: Release) -> Release | Unchanged:
    """The release with its changes and its version; which version a tombstone names changes neither."""
    last = previous.last.version
    if previous.base is None or previous.edition is None:
        return at_version(release, next_version(last, Bump.MAJOR))
    release = at_version(release, next_version(last, Bump.PATCH))
    comparison = Comparison(previous.edition, release.edition)
    changes = changes_in(comparison)
    if not changes:
        return Unchanged(previous.base.version)
    if not release.accepted:
        _refuse(large_changes(_renamed(previous.edition, release.edition) or comparison))
    release = replace(release, changes=changes, comparison=comparison)
    return at_version(release, next_version(last, release.bump))


def at_version(release: Release, version: str) -> Release:
    """The same release under another version, which its tombstones and the history of its monographs name."""
    tables, base = dict(release.given), release.previous.base if release.previous else None
    if release.previous and release.previous.edition:
        before = {name: release.previous.edition.table(name) for name in ("seeds", "monographs", "retired")}
        tables = with_tombstones(release.given, before, version)
    tables[HISTORY_TABLE] = _history(release, tables["monographs"], base.version if base else None, version)
    shapes = release.edition.shapes
    made = {name: content_digest(tables[name], shapes[name].key) for name in ("retired", HISTORY_TABLE)}
    edition = replace(release.edition, digests={**release.edition.digests, **made}, table=tables.__getitem__)
    return replace(release, version=version, edition=edition)


def _history(release: Release, monographs: pa.Table, base: str | None, version: str) -> pa.Table:
    if base is None or release.previous is None or release.previous.edition is None:
        return monograph_history(monographs, None, base, version, pa.array([], pa.string()))
    edition, changed = release.previous.edition, pa.array([], pa.string())
    if release.comparison:
        owners = release.comparison.found("SELECT DISTINCT owner FROM told_rows WHERE owner IS NOT NULL")
        changed = pa.array([row["owner"] for row in owners], pa.string())
    if HISTORY_TABLE in edition.shapes:
        return monograph_history(monographs, edition.table(HISTORY_TABLE), base, version, changed)
    begun = monograph_history(edition.table("monographs"), None, None, base, changed.slice(0, 0))
    return monograph_history(monographs, begun, base, version, changed)


def monograph_history(
    monographs: pa.Table, before: pa.Table | None, base: str | None, version: str, changed: pa.Array
) -> pa.Table:
    """Every monograph of this release or of one before; `before` is the history that the release `base` has.

    Those that are `changed` changed in `version`, as do those that are new or come back.
    """
    known = (before if before is not None else _HISTORY.empty_table()).cast(_HISTORY)
    present = monographs.select(["monograph_id", "seed_id"])
    rows = present.join(known.drop_columns("seed_id"), "monograph_id", join_type="left outer")
    is_same = pc.and_(pc.is_null(rows["last_version"]), pc.is_valid(rows["first_version"]))
    is_same = pc.and_(is_same, pc.invert(pc.is_in(rows["monograph_id"], value_set=changed)))
    columns = {
        "monograph_id": rows["monograph_id"],
        "first_version": pc.fill_null(rows["first_version"], version),
        "last_version": pa.nulls(rows.num_rows, pa.string()),
        "changed_version": pc.if_else(is_same, rows["changed_version"], version),
        "seed_id": rows["seed_id"],
    }
    gone = _without(known, present["monograph_id"])
    last = gone.schema.get_field_index("last_version")
    gone = gone.set_column(last, _HISTORY.field(last), pc.fill_null(gone["last_version"], base or version))
    return pa.concat_tables([pa.table(columns).cast(_HISTORY), gone]).sort_by("monograph_id")


def _refuse(reasons: list[str]) -> None:
    if reasons:
        raise ReleaseRefusedError(reasons)


# --- Tombstones: a monograph that an earlier release held and this one does not stays named in `retired`


_SCHEMA = arrow_schema(Retired)
_HISTORY = arrow_schema(MonographHistory)


def with_tombstones(tables: _Tables, previous: _Tables, version: str) -> dict[str, pa.Table]:
    """The tables with everything that is retired, in `version` or before.

    `previous` has `seeds`, `monographs` and `retired`. A row that the tables already have for a monograph is kept. A
    monograph that has come back has no tombstone. One whose document is known by another name now has a successor.
    """
    present = tables["monographs"]["monograph_id"]
    given = tables["retired"]
    earlier = _without(previous["retired"], given["monograph_id"])
    gone = _without(previous["monographs"], given["monograph_id"])
    gone = _without(_without(gone, earlier["monograph_id"]), present)
    successors = successors_of(gone, previous, tables)
    buried = _tombstones(gone, successors, tables["seeds"]["seed_id"], version)
    rows = _without(pa.concat_tables([given, earlier.cast(_SCHEMA), buried]), present)
    followed = _mapped(rows["replaced_by"], successors)
    rows = rows.set_column(
        rows.schema.get_field_index("replaced_by"), _SCHEMA.field("replaced_by"), _still(followed, present)
    )
    return {**tables, "retired": rows.sort_by("monograph_id").cast(_SCHEMA)}


def _without(table: pa.Table, ids: pa.ChunkedArray) -> pa.Table:
    return table.filter(pc.invert(pc.is_in(table["monograph_id"], value_set=ids.combine_chunks())))


def successors_of(gone: pa.Table, previous: _Tables, tables: _Tables) -> dict[str, str]:
    """For monographs that are gone, the new one of the same document: of its seed, or of a seed with the same bytes.

    Of several in one document, that of the same title. What is not certain has no successor.
    """
    if not gone.num_rows:
        return {}
    fresh = _without(tables["monographs"], previous["monographs"]["monograph_id"])
    told = ["monograph_id", "seed_id", "title"]
    new, old = (_by_seed(table.select(told).to_pylist()) for table in (fresh, gone))
    digests = dict(zip(*(previous["seeds"][name].to_pylist() for name in ("seed_id", "sha256")), strict=True))
    moved: dict[str, list[str]] = {}
    for seed_id, digest in zip(*(tables["seeds"][name].to_pylist() for name in ("seed_id", "sha256")), strict=True):
        if seed_id not in digests and seed_id in new:
            moved.setdefault(digest, []).append(seed_id)
    found: dict[str, str] = {}
    for seed_id, monographs in old.items():
        elsewhere = moved.get(digests.get(seed_id) or "", [])
        place = seed_id if seed_id in new else elsewhere[0] if len(elsewhere) == 1 else None
        if place is not None:
            found.update(_paired(monographs, new[place]))
    return found


def _by_seed(monographs: list[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for monograph in monographs:
        found.setdefault(monograph["seed_id"], []).append(monograph)
    return found


def _paired(old: list[dict[str, str]], new: list[dict[str, str]]) -> Iterator[tuple[str, str]]:
    """Old and new identifiers of the monographs of one document."""
    if len(old) == len(new) == 1:
        yield old[0]["monograph_id"], new[0]["monograph_id"]
        return
    for monograph in old:
        same = [each["monograph_id"] for each in new if each["title"] == monograph["title"]]
        if len(same) == 1 and sum(each["title"] == monograph["title"] for each in old) == 1:
            yield monograph["monograph_id"], same[0]


def _mapped(ids: pa.ChunkedArray, successors: Mapping[str, str]) -> pa.ChunkedArray:
    """The identifiers, those that have a successor as its own."""
    if not successors:
        return ids
    at = pc.index_in(ids, value_set=pa.array(list(successors), pa.string()))
    return pc.coalesce(pa.array(list(successors.values()), pa.string()).take(at.combine_chunks()), ids)


def _renamed(old: Edition, new: Edition) -> Comparison | None:
    """The same comparison if monographs with a successor had had its name already; None if there are none."""
    names = ("seeds", "monographs", "retired")
    before, now = ({name: edition.table(name) for name in names} for edition in (old, new))
    gone = _without(before["monographs"], now["monographs"]["monograph_id"])
    successors = successors_of(gone, before, now)
    if not successors:
        return None

    def table(name: str) -> pa.Table:
        rows = old.table(name)
        if name == "retired" or "monograph_id" not in rows.schema.names:
            return rows
        at = rows.schema.get_field_index("monograph_id")
        renamed = rows.set_column(at, rows.schema.field(at), _mapped(rows["monograph_id"], successors))
        return in_key_order(renamed, old.shapes[name].key)

    digests = {name: f"{digest} renamed" for name, digest in old.digests.items()}
    return Comparison(replace(old, digests=digests, table=cache(table)), new)


def _tombstones(gone: pa.Table, successors: Mapping[str, str], seed_ids: pa.ChunkedArray, version: str) -> pa.Table:
    there = pc.is_in(gone["seed_id"], value_set=seed_ids.combine_chunks())
    replaced_by = [successors.get(monograph_id) for monograph_id in gone["monograph_id"].to_pylist()]
    why = pc.if_else(there, " no longer holds it.", " was taken away.")
    known = pc.is_valid(pa.array(replaced_by, pa.string()))
    why = pc.if_else(known, pc.if_else(there, " gives it another name.", " has another place."), why)
    columns = {
        "monograph_id": gone["monograph_id"],
        "retired_in": pa.array([version] * gone.num_rows, pa.string()),
        "reason": pc.binary_join_element_wise("Its seed ", gone["seed_id"], why, ""),
        "replaced_by": pa.array(replaced_by, pa.string()),
    }
    return pa.table(columns).cast(_SCHEMA)


def _still(replaced_by: pa.ChunkedArray, present: pa.ChunkedArray) -> pa.ChunkedArray:
    """Null where the monograph that took the place is gone too."""
    known = pc.is_in(replaced_by, value_set=present.combine_chunks())
    return pc.if_else(known, replaced_by, pa.scalar(None, pa.string()))


# --- When tables must not be released, in sentences that name the table and the remedy


_MAY_BECOME_EMPTY = (FINDINGS_TABLE, "retired")  # no finding and no loss are good news
_SMALLEST_TABLE = 100  # rows: in a smaller table a few rows are a large share, and a person can read them all
_MOST_REMOVED = 0.05  # of the rows of a table: more is rather a lost folder of seeds than an edit
_MOST_CHANGED = 0.20  # of the rows of a table: more is rather a broken rule than a correction
_SMALLEST_FOLDER = 10  # seeds: of fewer, a person takes most away by hand
_MOST_SEEDS = 0.50  # of the seeds of the release before
_MOST_OF_ONE = 0.50  # of the rows of one document: more is no correction of a rule, but another reading
_FEW_ROWS = 3  # of a document: so many may be the whole of it
_MOST_NAMED = 5  # monographs
_ACCEPT = 'if that is meant, say why: --accept-large-change "why".'


def _not_of_the_schema(shapes: Shapes, tables: Mapping[str, pa.Table]) -> Iterator[str]:
    for name, shape in shapes.items():
        if name not in tables:
            yield f"The table {name} is missing; a release holds every table of schemas/tables."
        elif not tables[name].schema.equals(shape.arrow_schema):
            yield f"The table {name} has other columns or types than schemas/tables says."
        elif any(tables[name][c.name].null_count for c in shape.columns if not c.nullable):
            yield f"The table {name} has a null where schemas/tables allows none."
    yield from (f"The table {name} is not described in schemas/tables." for name in tables if name not in shapes)


def large_changes(comparison: Comparison) -> list[str]:
    """What is more likely an accident than an edit: a person must say that it is meant.

    Rows of a document that was rewritten or removed do not count: whoever did that meant it.
    """
    find_owners(comparison)
    tables = (why for name in comparison.new.shapes for why in _large_change(name, comparison))
    return [*_lost_folder(comparison), *_read_otherwise(comparison), *tables]


def _large_change(name: str, comparison: Comparison) -> Iterator[str]:
    if not comparison.is_compared(name) or name in _MAY_BECOME_EMPTY:
        return
    rows = comparison.old.table(name).num_rows
    query = """
        SELECT count(*) FILTER (op IN ('remove', 'retire')) AS removed, count(*) FILTER (op = 'modify') AS changed
        FROM told_rows LEFT JOIN owners USING (owner) WHERE "table" = ? AND coalesce(state, 'same') = 'same'
        AND ("table" <> ? OR op = 'modify')"""
    (found,) = comparison.found(query, [name, SEEDS_TABLE])
    if found["removed"] and not comparison.new.table(name).num_rows:
        yield f"{name}: all {rows} rows are gone; {_ACCEPT}"
    elif rows >= _SMALLEST_TABLE:
        if found["removed"] > _MOST_REMOVED * rows:
            yield f"{name}: {found['removed']} of {rows} rows are gone, more than {_MOST_REMOVED:.0%}; {_ACCEPT}"
        if found["changed"] > _MOST_CHANGED * rows:
            yield f"{name}: {found['changed']} of {rows} rows have changed, more than {_MOST_CHANGED:.0%}; {_ACCEPT}"


def _lost_folder(comparison: Comparison) -> Iterator[str]:
    """Most seeds at once are not removed one by one: a folder was lost, or another one named."""
    rows = comparison.old.table(SEEDS_TABLE).num_rows
    (found,) = comparison.found("SELECT count(*) AS removed FROM seed_states WHERE state = 'removed'")
    if rows >= _SMALLEST_FOLDER and found["removed"] > _MOST_SEEDS * rows:
        yield f"{found['removed']} of {rows} seeds are gone, more than {_MOST_SEEDS:.0%}; {_ACCEPT}"


def _read_otherwise(comparison: Comparison) -> Iterator[str]:
    """A document is the same, and what was read from it vanished or is mostly other: our code did that."""
    query = f"""
        FROM owners WHERE state = 'same'
        AND (is_gone OR emptied IS NOT NULL OR (lost >= {_FEW_ROWS} AND lost > {_MOST_OF_ONE} * before))
        ORDER BY owner"""
    found = comparison.found(query)
    for row in found[:_MOST_NAMED]:
        what = (
            "the monograph is gone" if row["is_gone"] else f"{row['lost']} of {row['before']} rows changed or are gone"
        )
        yield f"{row['owner']}: its document {row['seed_id']} is the same, and {what}; {_ACCEPT}"
    if len(found) > _MOST_NAMED:
        yield f"So it is with {len(found) - _MOST_NAMED} more monographs."


# --- Inputs that were released before, when something newer has been released since


def refuse_stale(events: Sequence[Event], fingerprint: str) -> None:
    """Raises ReleaseRefusedError where the inputs are those of an older release that the last one replaced.

    A last release that is no longer offered may be replaced by one that is.
    """
    made = {version: event.record["input_fingerprint"] for version, event in log.releases(events).items()}
    older = [version for version, known in made.items() if known == fingerprint]
    if not older or fingerprint == list(made.values())[-1]:
        return
    states = log.release_status(events)
    last = list(made)[-1]
    if states[last] != "published" and states[older[-1]] == "published":
        return
    message = (
        f"These seeds and this code made {older[-1]} already, and {last} came after it: is this an old copy of the "
        'seeds? If going back is meant, say why: --accept-large-change "why".'
    )
    raise ReleaseRefusedError([message])
