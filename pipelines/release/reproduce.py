"""Whether seeds and the present code still make what was published: table by table, and file by file.

The release is built anew as if it followed the same release, with what a person decided then. With the same seeds, code
and libraries every file has the same bytes; else it is said which of them are others.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.engine.run import Readings, read_folder
from pipelines.release import log
from pipelines.release.compare.version import Bump
from pipelines.release.describe.provenance import inputs_and_tools
from pipelines.release.describe.quality import Check
from pipelines.release.digest import content_digest
from pipelines.release.failures import using
from pipelines.release.layout import BUILD, PROVENANCE, facts_in
from pipelines.release.log import Event, Record, read_json
from pipelines.release.publish.inputs import BuildInfo, build_info, inputs_in
from pipelines.release.publish.prepare import Previous, Release, at_version, prepare_release
from pipelines.release.publish.write import write_release
from pipelines.release.released import edition_in, read_release
from pipelines.release.shapes import published_shapes
from pipelines.release.store import Place, Store, store_at
from pipelines.tables.validate import RULES, apply_rules, said

_FOLLOW = ("retired", "monograph_history")  # they follow from the release before


@dataclass(frozen=True, slots=True)
class Reproduction:
    """What came out: `tables` says `same`, `differs`, `missing`, `new` or `unknown` for each table.

    A table is `unknown` if it follows from a release that was withdrawn since. `files` are those that have other bytes,
    or None if they could not be made. `inputs` are seeds and lists that are not those of the release, `tools` what else
    it was made with; `commit` is the code that made it.
    """

    version: str
    tables: Mapping[str, str]
    files: tuple[str, ...] | None
    inputs: tuple[str, ...]
    tools: tuple[str, ...]
    is_same_code: bool
    commit: str | None

    @property
    def is_same(self) -> bool:
        """True if every table is what was published."""
        return set(self.tables.values()) <= {"same"}


def reproduce(outputs: Place, seeds: Path, version: str | None = None) -> Reproduction:
    """Builds a version, or the latest, from seeds anew and compares; writes nothing.

    Raises NoSuchReleaseError if there is no such release, SeedsError if there are no seeds, ReleaseRefusedError if the
    tables break a rule now.
    """
    record = read_release(outputs, version)
    store = store_at(outputs)
    with using(outputs):
        built = read_json(store.read(f"releases/{record['version']}/{BUILD}") or b"{}")
        inputs, tools = _made_from(store, record, built)
        events = log.read_log(store)
    now, readings = build_info(inputs_in(seeds)), read_folder(seeds)
    with using(outputs):
        release = _rebuilt(store, events, record, readings, now)
        digests = _digests_now(readings, release)
        files = _differing_files(record, release) if release else None
    return Reproduction(
        record["version"],
        _outcomes(record, digests),
        files,
        tuple(_differing(inputs, dict(now.inputs))),
        tuple(_differing(tools, dict(now.tools))),
        record["rules_sha256"] == now.rules,
        built.get("commit"),
    )


def _made_from(store: Store, record: Record, built: Record) -> tuple[dict[str, str], dict[str, str]]:
    """Inputs and libraries as the provenance names them; of an older or a very large release, as build.json does."""
    statement = store.read(f"releases/{record['version']}/{PROVENANCE}")
    inputs, tools = inputs_and_tools(statement) if statement else (None, built.get("tools", {}))
    return built.get("inputs", {}) if inputs is None else inputs, tools


def _rebuilt(
    store: Store, events: Sequence[Event], record: Record, readings: Readings, build: BuildInfo
) -> Release | None:
    """The release made anew after the one that it followed; None if that was withdrawn since."""
    known, changes = log.releases(events), record["changes"]
    previous = None
    if record["previous"]:
        base = known[changes["since"]] if changes["since"] else None
        if base is None or log.release_status(events)[base.version] == "withdrawn":
            return None
        previous = Previous(known[record["previous"]], base, edition_in(store, base))
    rules = apply_rules(readings.tables, readings.texts)
    checks = [Check(rule.table, rule.rule, len(rule.problems), said(RULES[rule.rule])) for rule in rules]
    accepted = changes["accepted"] or "Only to compare."
    raised = Bump[(changes.get("raised") or "none").upper()]
    release = prepare_release(readings.tables, previous, build, checks, accepted, raised=raised)
    if not isinstance(release, Release):
        return None
    return at_version(replace(release, accepted=changes["accepted"]), record["version"])


def _digests_now(readings: Readings, release: Release | None) -> dict[str, str | None]:
    """The digest of each table; None for those that follow from a release that is not there."""
    if release:
        return dict(release.edition.digests)
    digests = {
        name: content_digest(readings.tables[name], shape.key)
        for name, shape in published_shapes().items()
        if name not in _FOLLOW
    }
    return digests | dict.fromkeys(_FOLLOW)


def _differing_files(record: Record, release: Release) -> tuple[str, ...]:
    """Files of the manifest that have other bytes now, and those that it does not name."""
    with tempfile.TemporaryDirectory(prefix="monographs-") as scratch:
        folder = Path(scratch) / "release"
        write_release(release, folder)
        now = {name: fact.sha256 for name, fact in facts_in(folder).items()}
    then = {name: fact["sha256"] for name, fact in record["files"].items()}
    now = {name: digest for name, digest in now.items() if name in then or name not in (BUILD, "release.json")}
    return tuple(_differing(then, now))


def _outcomes(record: Record, now: Mapping[str, str | None]) -> dict[str, str]:
    then = {name: table["content_sha256"] for name, table in record["tables"].items()}
    return {name: _outcome(then.get(name), now.get(name, "")) for name in dict.fromkeys((*then, *now))}


def _outcome(then: str | None, now: str | None) -> str:
    if now is None:
        return "unknown"
    if not now:
        return "missing"
    if then is None:
        return "new"
    return "same" if then == now else "differs"


def _differing(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return [name for name in sorted({*then, *now}) if then.get(name) != now.get(name)]
