"""Known errors of a seed: what is printed, and what it means.

A seed is never edited. The lexer reads the words of a correction in place of the printed ones, so that offsets and
`…_text` are still those of the printed text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipelines.errors import MonographsError
from pipelines.lexer import Replacement
from pipelines.records import Finding, FindingCode, Passage

_APPLIED = FindingCode("CORRECTION_APPLIED")


class CorrectionError(MonographsError):
    """A correction does not fit its seed any more: names the seed and line, and what to do."""


@dataclass(frozen=True, slots=True)
class Correction:
    """On `line` (from 1) of a seed, `printed` stands and `means` is meant, for a stated reason."""

    line: int
    printed: str
    means: str
    reason: str


def replacements(
    seed_id: str, text: str, corrections: Iterable[Correction]
) -> tuple[tuple[Replacement, ...], tuple[Finding, ...]]:
    """Where a seed's text is read as other words, in order of place, and a finding for each.

    Raises CorrectionError if a line does not hold the printed words exactly once.
    """
    found = sorted(
        ((_start(seed_id, text, correction), correction) for correction in corrections), key=lambda place: place[0]
    )
    return (
        tuple(Replacement(start, start + len(each.printed), each.means) for start, each in found),
        tuple(_applied(start, each) for start, each in found),
    )


def _start(seed_id: str, text: str, correction: Correction) -> int:
    lines = text.split("\n")
    line = lines[correction.line - 1] if correction.line <= len(lines) else ""
    if line.count(correction.printed) != 1:
        message = (
            f"corrections.csv: line {correction.line} of {seed_id} holds {correction.printed!r} "
            f"{line.count(correction.printed)} times, not once. The seed has changed: mend or remove the correction."
        )
        raise CorrectionError(message)
    before = sum(len(earlier) + 1 for earlier in lines[: correction.line - 1])
    return before + line.index(correction.printed)


def _applied(start: int, correction: Correction) -> Finding:
    message = f"Read as {correction.means!r}: {correction.reason}"
    return Finding(_APPLIED, message, Passage(correction.printed, start))
