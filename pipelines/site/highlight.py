"""Words that were read, marked in the text: spans may nest, cross and coincide.

The text is cut wherever a span begins or ends, so that every piece has one set of readings. A piece leads to the
shortest of its spans; a reading that no piece leads to, because others cover all its words, is told beside the piece
that it ends with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Code points of the seed, half-open, that a reading stands on; `name` is its anchor, `kind` its table."""

    name: str
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text and the spans that lie over it, the shortest first.

    `first` are the spans whose words begin here, `also` those that end here and that no piece leads to.
    """

    text: str
    spans: tuple[Span, ...] = ()
    first: tuple[Span, ...] = ()
    also: tuple[Span, ...] = ()


def mark(blocks: Sequence[tuple[str, int]], spans: Iterable[Span]) -> list[list[Piece]]:
    """Each block of text, given with its place in the seed, as pieces. Every span is `first` once at most."""
    ordered = sorted((span for span in spans if span.start < span.end), key=lambda span: (span.start, -span.end))
    cut = [list(_cut(text, offset, ordered)) for text, offset in blocks]
    led_to = {over[0].name for block in cut for _, _, over in block if over}
    begun: set[str] = set()
    return [[_piece(text, end, over, begun, led_to) for text, end, over in block] for block in cut]


def _piece(text: str, end: int, over: tuple[Span, ...], begun: set[str], led_to: set[str]) -> Piece:
    first = tuple(span for span in reversed(over) if span.name not in begun)
    begun.update(span.name for span in first)
    return Piece(text, over, first, tuple(span for span in over if span.end == end and span.name not in led_to))


def _cut(text: str, offset: int, ordered: Sequence[Span]) -> Iterator[tuple[str, int, tuple[Span, ...]]]:
    """Text, end in the seed, and spans of each piece."""
    end = offset + len(text)
    within = [span for span in ordered if span.start < end and span.end > offset]
    edges = {edge for span in within for edge in (span.start, span.end) if offset < edge < end}
    over: list[Span] = []
    at = 0
    begin = offset
    for edge in [*sorted(edges), end] if text else []:
        while at < len(within) and within[at].start <= begin:
            over.append(within[at])
            at += 1
        over = [span for span in over if span.end > begin]
        yield text[begin - offset : edge - offset], edge, tuple(sorted(over, key=_shortest_first))
        begin = edge


def _shortest_first(span: Span) -> tuple[int, bool, str]:
    return span.end - span.start, span.kind == "findings", span.name
