"""Known errors of a seed: what is printed, and what it means.

A seed is never edited. A correction replaces the printed words before they are read, and every place that was read is
then led back to the seed as it is, so that offsets and `…_text` are still the printed ones.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar

from pipelines.errors import MonographsError
from pipelines.records import Finding, FindingCode, Passage, SeedReading

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


@dataclass(frozen=True, slots=True)
class Edit:
    """Where a correction was made: the offset in the seed as printed, and the correction."""

    start: int
    correction: Correction


def corrected(seed_id: str, data: bytes, corrections: tuple[Correction, ...]) -> tuple[bytes, list[Edit]]:
    """The seed's bytes as they are meant, and the edits in order of place.

    Raises CorrectionError where a line does not hold the printed words exactly once.
    """
    if not corrections:
        return data, []
    text = data.decode("utf-8", errors="surrogateescape")
    bom = len(text) - len(text.removeprefix("\ufeff"))
    edits = sorted((_edit(seed_id, text, c) for c in corrections), key=lambda edit: edit.start)
    meant, at = [], 0
    for edit in edits:
        meant += [text[at : edit.start], edit.correction.means]
        at = edit.start + len(edit.correction.printed)
    meant.append(text[at:])
    shifted = [replace(edit, start=edit.start - bom) for edit in edits]
    return "".join(meant).encode("utf-8", errors="surrogateescape"), shifted


def _edit(seed_id: str, text: str, correction: Correction) -> Edit:
    lines = text.split("\n")
    line = lines[correction.line - 1] if correction.line <= len(lines) else ""
    if line.count(correction.printed) != 1:
        message = (
            f"corrections.csv: line {correction.line} of {seed_id} holds {correction.printed!r} "
            f"{line.count(correction.printed)} times, not once. The seed has changed: mend or remove the correction."
        )
        raise CorrectionError(message)
    before = sum(len(earlier) + 1 for earlier in lines[: correction.line - 1])
    return Edit(before + line.index(correction.printed), correction)


def read_back(reading: SeedReading, data: bytes, edits: list[Edit]) -> SeedReading:
    """The reading of a corrected seed, with every place led back to the seed as printed."""
    parsed = reading.parsed
    printed = data.decode("utf-8", errors="surrogateescape").removeprefix("\ufeff")
    moved = _moved(reading, _Way(printed, edits))
    findings = (*moved.parsed.findings, *(_applied(edit) for edit in edits))
    seed = replace(parsed.seed, text=printed, sha256=_sha256(data), size=len(data))
    return replace(moved, parsed=replace(moved.parsed, seed=seed, findings=findings))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _applied(edit: Edit) -> Finding:
    correction = edit.correction
    message = f"Read as {correction.means!r}: {correction.reason}"
    return Finding(_APPLIED, message, Passage(correction.printed, edit.start))


class _Way:
    """From offsets of the corrected text to offsets of the printed one."""

    def __init__(self, printed: str, edits: list[Edit]) -> None:
        self.printed = printed
        self.starts: list[int] = []
        self.steps: list[tuple[int, int, int]] = []  # start of the meant words, their end, shift after them
        shift = 0
        for edit in edits:
            start = edit.start + shift
            end = start + len(edit.correction.means)
            shift += len(edit.correction.means) - len(edit.correction.printed)
            self.starts.append(start)
            self.steps.append((start, end, shift))

    def back(self, offset: int, *, is_end: bool) -> int:
        """The printed offset; inside corrected words, where those begin or end."""
        at = bisect_right(self.starts, offset - is_end) - 1
        if at < 0:
            return offset
        start, end, shift = self.steps[at]
        before = self.steps[at - 1][2] if at else 0
        if offset >= end:
            return offset - shift
        return end - shift if is_end else start - before

    def passage(self, place: Passage) -> Passage:
        start = self.back(place.start, is_end=False)
        end = max(start, self.back(place.end, is_end=True)) if place else start
        return Passage(self.printed[start:end], start)


T = TypeVar("T")


def _moved(value: T, way: _Way) -> T:
    """A copy of a record in which every passage is led back."""
    moved: Any = value
    if isinstance(value, Passage):
        moved = way.passage(value)
    elif isinstance(value, tuple):
        moved = tuple(_moved(item, way) for item in value)
    elif is_dataclass(value) and not isinstance(value, type):
        moved = replace(value, **{f.name: _moved(getattr(value, f.name), way) for f in fields(value)})
    return moved  # type: ignore[no-any-return]
