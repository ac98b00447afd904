"""How far the reading of a folder is."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pipelines.engine.seeds import SeedFile

EVERY = 0.5  # seconds between two reports


@dataclass(frozen=True, slots=True)
class Progress:
    """Documents done, of which so many were read now and not before; bytes done of all; findings by code.

    `rate` is in documents a second, `remaining` in seconds; both None as long as nobody can tell.
    """

    documents: int
    read: int
    share: float
    seconds: float
    findings: Mapping[str, int]

    @property
    def rate(self) -> float | None:
        """Documents a second, since the beginning."""
        return self.documents / self.seconds if self.seconds else None

    @property
    def remaining(self) -> float | None:
        """Seconds to go, where the rest takes as long as what is done."""
        return self.seconds * (1 - self.share) / self.share if self.share else None

    def __str__(self) -> str:
        told = f"{self.documents:,} documents ({self.share:.0%})"
        if self.rate is not None and self.remaining is not None:
            told += f", {self.rate:,.0f} a second, {_clock(self.remaining)} to go"
        found = sum(self.findings.values())
        most = ", ".join(f"{code} {count:,}" for code, count in Counter(self.findings).most_common(3))
        return f"{told}; {self.read:,} read anew, with {found:,} findings{f' ({most})' if most else ''}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"


Report = Callable[[Progress], None]


@dataclass(slots=True)
class Meter:
    """Counts what is done and reports it from time to time."""

    report: Report
    whole: int  # bytes of all files
    every: float = EVERY
    documents: int = 0
    read: int = 0
    size: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    begun: float = field(default_factory=time.monotonic)
    last: float = field(default_factory=time.monotonic)

    def done(self, seed: SeedFile, *, was_read: bool) -> None:
        """Counts a document."""
        self.documents += 1
        self.read += was_read
        self.size += seed.size
        if time.monotonic() - self.last >= self.every:
            self.tell()

    def tell(self) -> None:
        """Reports now."""
        self.last = time.monotonic()
        share = min(self.size / self.whole, 1.0) if self.whole else 1.0
        self.report(Progress(self.documents, self.read, share, self.last - self.begun, self.findings))
