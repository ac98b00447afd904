"""Text to records: the bytes of a seed become monographs, and monographs become headed sections with their places.

    bytes ─ text ─► text ─ lines ─► lines ─ outline ─► headings ─ monographs, sections ─► ParsedSeed

Headings come from `schemas/codes/section_titles.csv`, punctuation and layout from the modules here. Nothing depends
on the order of headings. Every line that is not blank ends in a title, in a section or in the place of a finding.
"""

from __future__ import annotations

from hashlib import sha256

from pipelines.parse.monographs import read_monographs
from pipelines.parse.text import read_text
from pipelines.records import Finding, ParsedSeed, Seed

__all__ = ["parse_seed"]


def parse_seed(seed_id: str, data: bytes) -> ParsedSeed:
    """The monographs of one seed, and a finding for every line that belongs to none of them.

    Never raises. Bytes that are no text, and text without one known heading, give no monograph and an error finding.
    Findings about a section name it by `table="sections"` and its ordinal in the monograph whose text holds `place`.
    """
    digest, size = sha256(data).hexdigest(), len(data)
    decoded = read_text(data)
    if isinstance(decoded, Finding):
        return ParsedSeed(Seed(seed_id, digest, size, None, ""), findings=(decoded,))
    seed = Seed(seed_id, digest, size, decoded.encoding, decoded.text)
    monographs, findings = read_monographs(decoded.text)
    return ParsedSeed(seed, monographs, findings)
