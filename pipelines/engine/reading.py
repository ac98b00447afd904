"""Everything that one seed states."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256

from pipelines.corrections import Correction, replacements
from pipelines.documents import render
from pipelines.engine.seed_file import SeedFile
from pipelines.engine.seed_metadata import Provenance
from pipelines.lexer import Tokens, cut, read_text
from pipelines.normalize.listed import differences
from pipelines.normalize.monograph import read_monograph
from pipelines.parse.monographs import read_monographs
from pipelines.records import (
    Document,
    Finding,
    FindingCode,
    Monograph,
    MonographReading,
    ParsedSeed,
    Passage,
    Seed,
    SeedReading,
)
from schemas import codes
from schemas.substances import is_substance

_LANGUAGE = FindingCode("SEED_LANGUAGE")
_READ, _ENOUGH_WORDS, _FEWEST_WORDS, _TIMES = "English", 5_000, 8, 3
_CLASH = FindingCode("MONOGRAPH_CLASH")
_OF_THE_PAGE = FindingCode("PAGE_CHROME")
_OLDER = FindingCode("LABEL_REPLACED")


@dataclass(frozen=True, slots=True)
class Holder:
    """The monograph that has an identifier: the seed that it stands in, its title, and which version of it this is."""

    seed_id: str
    title: str
    document_version: str | None = None
    effective_date: str | None = None

    @property
    def rank(self) -> tuple[int, str]:
        """The greater, the later."""
        version = self.document_version or ""
        return int(version) if re.fullmatch("[0-9]{1,9}", version) else -1, self.effective_date or ""


Taken = Mapping[str, Holder]  # identifiers that other seeds have


def already_taken(monographs: Iterable[tuple[str, Holder]]) -> dict[str, dict[str, Holder]]:
    """By seed, the identifiers that another seed has: the latest version keeps it, of equal ones the first by seed_id.

    `monographs` are identifiers, each with the monograph that could have it.
    """
    holders: dict[str, Holder] = {}
    every = sorted(monographs, key=lambda given: given[1].seed_id)
    for monograph_id, holder in every:
        if monograph_id not in holders or holder.rank > holders[monograph_id].rank:
            holders[monograph_id] = holder
    taken: dict[str, dict[str, Holder]] = {}
    for monograph_id, holder in every:
        if holder.seed_id != holders[monograph_id].seed_id:
            taken.setdefault(holder.seed_id, {})[monograph_id] = holders[monograph_id]
    return taken


def read_seed(
    seed: SeedFile,
    corrections: Iterable[Correction] = (),
    provenance: Provenance | None = None,
    taken: Taken | None = None,
) -> SeedReading:
    """Everything that one seed states, without monographs whose identifier is `taken`, or that it states twice."""
    if seed.data is None:
        problems = (seed.problem,) if seed.problem else ()
        return SeedReading(ParsedSeed(Seed(seed.seed_id, None, None, None, ""), findings=problems))
    digest, size = sha256(seed.data).hexdigest(), len(seed.data)
    document = render(seed.data, seed.seed_id)
    if not document.text.strip():
        unread = Seed(seed.seed_id, digest, size, None, "", document.format)
        return SeedReading(ParsedSeed(unread, findings=document.findings))
    read_as, applied = replacements(seed.seed_id, document.text, corrections)
    tokens = cut(read_text(document.text, read_as), document.furniture, is_substance)
    named = provenance.monograph_id if provenance else ""
    monographs, findings = read_monographs(document, tokens, seed.seed_id, named)
    given = Seed(
        seed.seed_id, digest, size, document.encoding, document.text, document.format, document.renderer or None
    )
    about = (*document.findings, *_language(tokens, document), *_of_the_page(document))
    parsed = ParsedSeed(given, monographs, (*about, *findings, *applied))
    reading = SeedReading(parsed, tuple(_read(each, tokens, document) for each in monographs))
    return _without_clashes(_with_provenance(reading, provenance), taken or {})


def _language(tokens: Tokens, document: Document) -> Iterator[Finding]:
    """A finding for a document that is written in another language, unless its format says so itself."""
    spoken = _words_of_languages()
    found = Counter(spoken[key] for key in tokens.keys[:_ENOUGH_WORDS] if key in spoken)
    (language, count), *_ = found.most_common(1) or [(_READ, 0)]
    is_told = any(finding.code == _LANGUAGE for finding in document.findings)
    if language != _READ and not is_told and count >= _FEWEST_WORDS and count > _TIMES * found[_READ]:
        yield Finding(_LANGUAGE, f"the document seems to be in {language}; only English is read: give the English one")


@cache
def _words_of_languages() -> dict[str, str]:
    return {codes.fold(row["text"]): row["language"] for row in codes.rows("language_words")}


def _of_the_page(document: Document) -> Iterator[Finding]:
    """A finding for each stretch that the document's own structure, or what repeats on each page, sets apart."""
    for start, end in document.furniture:
        place = Passage(document.text[start:end], start).strip()
        if place.text:
            yield Finding(_OF_THE_PAGE, "the words belong to the page; nothing was read from them", place)


def _read(monograph: Monograph, tokens: Tokens, document: Document) -> MonographReading:
    """What a monograph states in words, and what its format lists beside them."""
    read = read_monograph(monograph, tokens, document.blocks)
    listed = tuple(row for row in document.listed if row.start == monograph.stated.start)
    return replace(read, listed=listed, findings=(*read.findings, *differences(read, listed))) if listed else read


def _with_provenance(reading: SeedReading, provenance: Provenance | None) -> SeedReading:
    if provenance is None:
        return reading
    seed = replace(
        reading.parsed.seed,
        source=provenance.source or None,
        licence=provenance.licence or None,
        retrieved=provenance.retrieved or None,
    )
    return replace(reading, parsed=replace(reading.parsed, seed=seed))


def _without_clashes(reading: SeedReading, taken: Taken) -> SeedReading:
    """The reading without monographs whose identifier another has; a finding names both places."""
    holders = dict(taken)
    kept = []
    clashes: list[Finding] = []
    for read in reading.monographs:
        monograph_id = read.monograph.monograph_id
        if monograph_id in holders:
            clashes.append(_clash(reading.parsed.seed, read.monograph, holders[monograph_id]))
        else:
            holders[monograph_id] = holder_of(reading.parsed.seed, read.monograph)
            kept.append(read)
    if not clashes:
        return reading
    parsed = replace(reading.parsed, findings=(*reading.parsed.findings, *clashes))
    return SeedReading(parsed, tuple(kept))


def holder_of(seed: Seed, monograph: Monograph) -> Holder:
    """What a monograph says when another one wants its identifier."""
    stated = monograph.stated
    return Holder(seed.seed_id, monograph.title.text, stated.document_version, stated.effective_date)


def _clash(seed: Seed, monograph: Monograph, holder: Holder) -> Finding:
    if holder.rank > holder_of(seed, monograph).rank:
        message = f"A later version of this label is read, that in {holder.seed_id}; take the older one away."
        return Finding(_OLDER, message, _whole(seed, monograph))
    message = (
        f"The monograph_id {monograph.monograph_id!r} is already that of {holder.title!r} in {holder.seed_id}; "
        "take one of the two away, or name one in seeds.csv."
    )
    return Finding(_CLASH, message, _whole(seed, monograph))


def _whole(seed: Seed, monograph: Monograph) -> Passage:
    """The monograph from its first character to its last, so that no line is left out without a word."""
    ends = [section.body.end for section in monograph.sections]
    starts = [(section.heading or section.body).start for section in monograph.sections]
    start, end = min(monograph.title.start, *starts), max(monograph.title.end, *ends)
    return Passage(seed.text[start:end], start)
