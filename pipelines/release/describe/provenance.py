"""`provenance.intoto.jsonl`: what a release was made from and with, as an in-toto statement with a SLSA provenance.

    subject                 every file of the release, but for manifest, build.json and checksums, with its SHA-256
    externalParameters      the version, and what a person decided
    internalParameters      digests of code and schema, versions of the libraries
    resolvedDependencies    the seeds and the tables of seed metadata, and the release before

Like all of a release but build.json, it knows no clock and no host. `SHA256SUMS` names it, so that a signature of that
covers it. See https://in-toto.io/Statement/v1 and https://slsa.dev/provenance/v1.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from pipelines.release.dataset import DATASET
from pipelines.release.digest import fingerprint
from pipelines.release.layout import FileFact
from pipelines.release.log import Record, read_json

_MOST_INPUTS = 10_000  # that are named one by one; of more, build.json has the list, and here is its digest
_ALL_SEEDS = "all inputs, as build.json lists them"
_SHA256_LENGTH = 64


def provenance_of(
    files: Mapping[str, FileFact], decided: Record, made_with: Record, inputs: Iterable[tuple[str, str]], base: Record
) -> bytes:
    """The statement, on one line. `base` is the release before, as a dependency, or nothing."""
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": fact.sha256}} for name, fact in files.items()],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": f"urn:{DATASET}:release:1",
                "externalParameters": decided,
                "internalParameters": made_with,
                "resolvedDependencies": [*_dependencies(dict(inputs)), *([base] if base else [])],
            },
            "runDetails": {"builder": {"id": f"urn:{DATASET}:monographs-release"}},
        },
    }
    return (json.dumps(statement, ensure_ascii=False) + "\n").encode()


def _dependencies(inputs: Mapping[str, str]) -> list[Record]:
    if len(inputs) > _MOST_INPUTS:
        return [{"name": _ALL_SEEDS, "digest": {"sha256": fingerprint(dict(inputs))}}]
    return [{"uri": f"urn:{DATASET}:seed", "name": name, **_digest(inputs[name])} for name in sorted(inputs)]


def _digest(told: str) -> Record:
    """A seed that could not be opened has none."""
    return {"digest": {"sha256": told}} if len(told) == _SHA256_LENGTH else {"annotations": {"state": told}}


def inputs_and_tools(data: bytes) -> tuple[dict[str, str] | None, dict[str, str]]:
    """The inputs by name, or None if they are not named one by one, and the libraries; else ValueError."""
    try:
        definition = read_json(data)["predicate"]["buildDefinition"]
        told = [entry for entry in definition["resolvedDependencies"] if entry["name"] == _ALL_SEEDS]
        seeds = [entry for entry in definition["resolvedDependencies"] if entry.get("uri") == f"urn:{DATASET}:seed"]
        inputs = {
            entry["name"]: entry["digest"]["sha256"] if "digest" in entry else entry["annotations"]["state"]
            for entry in seeds
        }
        return None if told else inputs, dict(definition["internalParameters"]["tools"])
    except (KeyError, TypeError) as error:
        raise ValueError("no statement of provenance") from error
