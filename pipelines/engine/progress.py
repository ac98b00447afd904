"""How far the reading of a folder is."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pipelines.engine.seed_file import SeedFile

EVERY = 0.5  # seconds between two reports
_REMEMBERED = 60  # reports: what was in the cache goes by in no time, and says nothing of what is still to be read


@dataclass(frozen=True, slots=True)
class Progress:
    """Documents done, of which so many were read now and not before; bytes done of all; findings by code.

    `rate` is in documents a second of late, `remaining` in seconds at that rate; both None as long as nobody can tell.
    """

    documents: int
    read: int
    share: float
    seconds: float
    rate: float | None
    remaining: float | None
    findings: Mapping[str, int]

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
_Mark = tuple[float, int, int]  # seconds of the clock, documents and bytes done by then


class Meter:
    """Counts what is done and reports it from time to time."""

    def __init__(self, report: Report, whole: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing is done yet of a folder of so many bytes."""
        self.read = 0
        self._report, self._whole, self._clock = report, max(1, whole), clock
        self._documents, self._size = 0, 0
        self._findings: Counter[str] = Counter()
        self._begun = clock()
        self._marks: deque[_Mark] = deque([(self._begun, 0, 0)], _REMEMBERED)

    def done(self, seeds: Sequence[SeedFile], findings: Mapping[str, int] | None = None) -> None:
        """Counts documents: `findings` is what was found in them, or None if they had been read before."""
        self._documents += len(seeds)
        self._size += sum(max(1, seed.size) for seed in seeds)
        if findings is not None:
            self.read += len(seeds)
            self._findings.update(findings)
        if self._clock() - self._marks[-1][0] >= EVERY:
            self.tell()

    def again(self, count: int) -> None:
        """Takes back so many documents, which are read once more."""
        self._documents -= count
        self.read = max(0, self.read - count)

    def tell(self) -> None:
        """Reports now."""
        now = self._clock()
        since, documents, size = self._marks[0]
        took, more = now - since, self._size - size
        self._marks.append((now, self._documents, self._size))
        left = max(0, self._whole - self._size)
        self._report(
            Progress(
                self._documents,
                self.read,
                min(self._size / self._whole, 1.0),
                now - self._begun,
                max(0, self._documents - documents) / took if took else None,
                took * left / more if more > 0 else None,
                self._findings,
            )
        )
