"""Everything that one seed states."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.corrections import Correction, corrected, read_back
from pipelines.engine.beside import Source, read_beside
from pipelines.engine.seeds import SeedFile
from pipelines.lexer import cut, read_text
from pipelines.normalize import read_monograph
from pipelines.parse import parse_seed
from pipelines.records import Finding, FindingCode, Monograph, ParsedSeed, Passage, Seed, SeedReading

_CLASH = FindingCode("MONOGRAPH_CLASH")


@dataclass(frozen=True, slots=True)
class Holder:
    """The monograph that has an identifier: the seed that it stands in, and its title."""

    seed_id: str
    title: str


def read_seeds(folder: Path, seeds: Iterable[SeedFile]) -> list[SeedReading]:
    """Everything that a few seeds state, in the order given; where two have one monograph_id, the first keeps it."""
    beside = read_beside(folder)
    holders: dict[str, Holder] = {}
    return [
        read_seed(seed, beside.corrections.get(seed.seed_id, ()), beside.source_of(seed.seed_id), holders)
        for seed in seeds
    ]


def read_seed(
    seed: SeedFile,
    corrections: Iterable[Correction] = (),
    source: Source | None = None,
    holders: dict[str, Holder] | None = None,
) -> SeedReading:
    """Everything that one seed states, without monographs whose identifier is taken.

    `holders` are the identifiers that are taken; those of this seed are added.
    """
    if seed.data is None:
        findings = (seed.problem,) if seed.problem else ()
        return SeedReading(ParsedSeed(Seed(seed.seed_id, None, None, None, ""), findings=findings))
    data, edits = corrected(seed.seed_id, seed.data, tuple(corrections))
    parsed = parse_seed(seed.seed_id, data)
    tokens = cut(read_text(parsed.seed.text))
    reading = SeedReading(parsed, tuple(read_monograph(monograph, tokens) for monograph in parsed.monographs))
    if edits:
        reading = read_back(reading, seed.data, edits)
    return _without_clashes(_with_source(reading, source), {} if holders is None else holders)


def _with_source(reading: SeedReading, source: Source | None) -> SeedReading:
    if source is None:
        return reading
    seed = replace(
        reading.parsed.seed,
        source=source.source or None,
        licence=source.licence or None,
        retrieved=source.retrieved or None,
    )
    return replace(reading, parsed=replace(reading.parsed, seed=seed))


def _without_clashes(reading: SeedReading, holders: dict[str, Holder]) -> SeedReading:
    """The reading without monographs whose identifier another has; a finding names both places."""
    kept = []
    clashes: list[Finding] = []
    for read in reading.monographs:
        monograph_id = read.monograph.monograph_id
        if monograph_id not in holders:
            holders[monograph_id] = Holder(reading.parsed.seed.seed_id, read.monograph.title.text)
            kept.append(read)
            continue
        clashes.append(_clash(reading.parsed.seed, read.monograph, holders[monograph_id]))
    if not clashes:
        return reading
    parsed = replace(reading.parsed, findings=(*reading.parsed.findings, *clashes))
    return SeedReading(parsed, tuple(kept))


def _clash(seed: Seed, monograph: Monograph, holder: Holder) -> Finding:
    message = (
        f"The monograph_id {monograph.monograph_id!r} is already that of {holder.title!r} in {holder.seed_id}; "
        "give one of the two another title, or take one seed away."
    )
    return Finding(_CLASH, message, _whole(seed, monograph))


def _whole(seed: Seed, monograph: Monograph) -> Passage:
    """The monograph from its first character to its last, so that no line is left out without a word."""
    ends = [section.body.end for section in monograph.sections]
    starts = [(section.heading or section.body).start for section in monograph.sections]
    start, end = min(monograph.title.start, *starts), max(monograph.title.end, *ends)
    return Passage(seed.text[start:end], start)
