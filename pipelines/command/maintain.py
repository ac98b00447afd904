"""`monographs rebuild-index`, `gc`, `reproduce`, `substances`: the care of releases and of the list of substances."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from pipelines.command import Answer
from pipelines.errors import MonographsError
from pipelines.release.publish.cleanup import Collected, collect, rebuild_index
from pipelines.release.reproduce import Reproduction, reproduce
from pipelines.release.rxnorm import link_rxnorm
from schemas.substances import FILE, SubstancesError, read_fda_file, write_names


def index_rebuilt(outputs: str) -> Answer:
    """The derived files that did not agree with the log, and now do."""
    stale = rebuild_index(outputs)
    told = f"made again from the log: {', '.join(stale)}." if stale else "everything agrees with the log."
    return Answer([f"{outputs}: {told}"], {"rebuilt": stale})


def linked(outputs: str, version: str | None, names: Path) -> Answer:
    """Where the links to RxNorm stand, and how many names were found of all."""
    folder, found = link_rxnorm(outputs, version, names)
    told = [f"{folder}: links.parquet, links.csv"]
    told += [f"  {level:<12}{of[0]} of {of[1]} linked" for level, of in found.items()]
    return Answer(told, {"folder": str(folder), "linked": {level: list(of) for level, of in found.items()}})


def substances_taken(names: Path, published: str) -> Answer:
    """How many names of substances there are now; raises MonographsError for a file that is not FDA's."""
    try:
        count = write_names(read_fda_file(names), published)
    except (OSError, SubstancesError, UnicodeDecodeError) as error:
        raise MonographsError(f"{error}") from error
    return Answer(
        [f"{FILE.name}: {count} names, as published in {published}."], {"names": count, "published": published}
    )


def collected(outputs: str, older_than: float) -> Answer:
    """What was taken away, and what may go later."""
    gone = collect(outputs, older_than)
    return Answer([f"{outputs}: {line}" for line in _removed(gone)], asdict(gone))


def _removed(gone: Collected) -> list[str]:
    lines = [f"removed {version}, which was begun and never released." for version in gone.uncommitted]
    lines += [f"removed the data of {version}, which was withdrawn." for version in gone.withdrawn]
    lines += [f"removed {gone.scratch} folders of scratch that killed runs had left."] if gone.scratch else []
    lines = lines or ["nothing to remove."]
    return lines + [
        f"left {version}, begun and never released, but not older than {gone.rest_days:g} days."
        for version in gone.resting
    ]


def reproduced(outputs: str, seeds: Path, version: str | None) -> Answer:
    """Whether seeds and code make the release again; the exit code is 1 if a table differs."""
    result = reproduce(outputs, seeds, version)
    differing = [f"{name}: {_SAID[outcome]}" for name, outcome in result.tables.items() if outcome != "same"]
    verdict = f"{result.version} is not reproduced: {len(differing)} of {len(result.tables)} tables."
    if result.is_same:
        verdict = (
            f"{result.version} is reproduced: all {len(result.tables)} tables have the content that was published."
        )
    data = asdict(result) | {"tables": dict(result.tables), "is_same": result.is_same}
    return Answer([verdict, *differing, *_bytes(result), *_circumstances(result)], data, 0 if result.is_same else 1)


def _bytes(result: Reproduction) -> list[str]:
    if result.files is None:
        return []
    if not result.files:
        return ["Every file has the bytes that were published."]
    return [
        f"Files with other bytes: {', '.join(result.files[:_MOST_FILES])}{' …' if result.files[_MOST_FILES:] else ''}"
    ]


_MOST_FILES = 10


_SAID = {
    "differs": "has another content.",
    "missing": "is no longer made.",
    "new": "was not in the release.",
    "unknown": "cannot be compared: it follows from a release that was withdrawn.",
}


def _circumstances(result: Reproduction) -> list[str]:
    lines = [f"The seeds folder differs in {', '.join(result.inputs)}."] if result.inputs else []
    if not result.is_same_code:
        made_by = f", commit {result.commit}" if result.commit else ""
        lines.append(f"Code or code tables are not those that made {result.version}{made_by}.")
    return lines + ([f"Libraries differ: {', '.join(result.tools)}."] if result.tools else [])
