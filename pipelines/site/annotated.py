"""A monograph as a person reads it: its text in order, the words that were read marked, and beside each part its rows.

Spans may nest, cross and coincide. The text is cut wherever a span begins or ends, so that every piece has one set of
readings. A piece leads to the shortest of its spans; a reading that no piece leads to, because others cover all its
words, is told beside the piece that it ends with.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipelines.release.shapes import TableShape
from pipelines.site.cells import Field, ShownCell, Values, fields, row_anchor, words_column

FINDING_ROWS, SECTION_ROWS = "findings", "sections"
RowsByTable = Mapping[str, Sequence[Values]]


@dataclass(frozen=True, slots=True)
class Reading:
    """How rows of a table are shown in a document."""

    shape: TableShape
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of one table that were read from one part: titles, and for each row its anchor and cells."""

    table: str
    titles: tuple[str, ...]
    rows: tuple[tuple[str, tuple[ShownCell, ...]], ...]


@dataclass(slots=True)
class Part:
    """A section: its heading and body in pieces, what was read from it, and what was found in it."""

    section: Values
    heading: Sequence[MarkedPiece] = ()
    body: Sequence[MarkedPiece] = ()
    grids: list[Grid] = field(default_factory=list)
    findings: list[Values] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """The parts in reading order, and `elsewhere` what was read from no part that is shown.

    `title` is empty where the title is printed in a section. `marked` are the anchors whose words are in the text.
    """

    title: Sequence[MarkedPiece]
    parts: Sequence[Part]
    elsewhere: Part
    marked: frozenset[str]


def readings(shapes: Mapping[str, TableShape]) -> dict[str, Reading]:
    """The tables whose rows stand on words of a monograph, but sections and findings."""
    return {
        name: Reading(shape, tuple(fields(shape)))
        for name, shape in shapes.items()
        if "monograph_id" in shape.key and words_column(shape) and name != SECTION_ROWS
    }


def document_of(monograph: Values, rows: RowsByTable, tables: Mapping[str, Reading]) -> AnnotatedText:
    """Puts together what all tables hold of a monograph; `rows` are its rows by table, in key order."""
    sections = rows[SECTION_ROWS]
    findings = list(_named(rows[FINDING_ROWS]))
    spans = [*_spans_of_rows(rows, tables), *map(_span_of_finding, findings)]
    title, *blocks = mark(list(_blocks(monograph, sections)), spans)
    parts = [Part(s, heading, body) for s, heading, body in zip(sections, blocks[::2], blocks[1::2], strict=True)]
    elsewhere = Part({})
    home = {span.name: parts[no] if no is not None else elsewhere for span, no in _places(sections, spans)}
    for name, reading in tables.items():
        for part, grid in _grids(reading, rows[name], home):
            part.grids.append(grid)
    for finding in findings:
        home[finding["anchor"]].findings.append(finding)
    marked = frozenset(span.name for block in (title, *blocks) for piece in block for span in piece.first)
    return AnnotatedText(title, parts, elsewhere, marked)


def _blocks(monograph: Values, sections: Sequence[Values]) -> Iterator[tuple[str, int]]:
    """Title, and heading and body of each section, each with its place in the seed; one that is not there is empty."""
    start = monograph["title_start"]
    printed_in_a_section = any(_begin(s) <= start < s["text_end"] for s in sections)
    yield ("", 0) if printed_in_a_section else (monograph["title"], start)
    for section in sections:
        yield section["heading_text"] or "", section["heading_start"] or 0
        yield section["body_text"], section["text_start"]


def _begin(section: Values) -> int:
    start: int = section["text_start"] if section["heading_start"] is None else section["heading_start"]
    return start


def _spans_of_rows(rows: RowsByTable, tables: Mapping[str, Reading]) -> Iterator[MarkedSpan]:
    for name, reading in tables.items():
        for row in rows[name]:
            yield MarkedSpan(row_anchor(reading.shape, row), name, row["text_start"], row["text_end"])


def _named(findings: Sequence[Values]) -> Iterator[Values]:
    """With anchors made of code and place: the numbers of findings change with every release, and so would the page."""
    seen = Counter[str]()
    for row in findings:
        name = f"finding-{row['finding_code']}-{row['text_start']}"
        seen[name] += 1
        yield {**row, "anchor": f"{name}-{seen[name]}"}


def _span_of_finding(row: Values) -> MarkedSpan:
    """A finding without a place has an empty span before the text."""
    if row["text_start"] is None:
        return MarkedSpan(row["anchor"], FINDING_ROWS, -1, -1)
    return MarkedSpan(row["anchor"], FINDING_ROWS, row["text_start"], row["text_end"])


def _places(sections: Sequence[Values], spans: Iterable[MarkedSpan]) -> Iterator[tuple[MarkedSpan, int | None]]:
    """Each span with the number of the section that its words begin in; None for one that begins in none."""
    at = -1
    for span in sorted(spans, key=lambda span: span.start):
        while at + 1 < len(sections) and _begin(sections[at + 1]) <= span.start:
            at += 1
        yield span, at if at >= 0 and span.start < sections[at]["text_end"] else None


def _grids(reading: Reading, rows: Sequence[Values], home: Mapping[str, Part]) -> Iterator[tuple[Part, Grid]]:
    by_part: dict[int, list[tuple[str, Values]]] = defaultdict(list)
    for row in rows:
        anchor = row_anchor(reading.shape, row)
        by_part[id(home[anchor])].append((anchor, row))
    for named in by_part.values():
        yield home[named[0][0]], _grid(reading, named)


def _grid(reading: Reading, named: Sequence[tuple[str, Values]]) -> Grid:
    """Columns that are null in all rows are left out."""
    told = [field for field in reading.fields if any(row[field.columns[0]] is not None for _, row in named)]
    rows = tuple((anchor, tuple(field.cell(row) for field in told)) for anchor, row in named)
    return Grid(reading.shape.name, tuple(field.title for field in told), rows)


# ---- words that were read, marked in the text


@dataclass(frozen=True, slots=True)
class MarkedSpan:
    """Code points of the seed, half-open, that a reading stands on; `name` is its anchor, `kind` its table."""

    name: str
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MarkedPiece:
    """A stretch of text and the spans that lie over it, the shortest first.

    `first` are the spans whose words begin here, `also` those that end here and that no piece leads to.
    """

    text: str
    spans: tuple[MarkedSpan, ...] = ()
    first: tuple[MarkedSpan, ...] = ()
    also: tuple[MarkedSpan, ...] = ()


def mark(blocks: Sequence[tuple[str, int]], spans: Iterable[MarkedSpan]) -> list[list[MarkedPiece]]:
    """Each block of text, given with its place in the seed, as pieces. Every span is `first` once at most."""
    ordered = sorted((span for span in spans if span.start < span.end), key=lambda span: (span.start, -span.end))
    cut = [list(_cut(text, offset, ordered)) for text, offset in blocks]
    led_to = {over[0].name for block in cut for _, _, over in block if over}
    begun: set[str] = set()
    return [[_piece(text, end, over, begun, led_to) for text, end, over in block] for block in cut]


def _piece(text: str, end: int, over: tuple[MarkedSpan, ...], begun: set[str], led_to: set[str]) -> MarkedPiece:
    first = tuple(span for span in reversed(over) if span.name not in begun)
    begun.update(span.name for span in first)
    return MarkedPiece(text, over, first, tuple(span for span in over if span.end == end and span.name not in led_to))


def _cut(text: str, offset: int, ordered: Sequence[MarkedSpan]) -> Iterator[tuple[str, int, tuple[MarkedSpan, ...]]]:
    """Text, end in the seed, and spans of each piece."""
    end = offset + len(text)
    within = [span for span in ordered if span.start < end and span.end > offset]
    edges = {edge for span in within for edge in (span.start, span.end) if offset < edge < end}
    over: list[MarkedSpan] = []
    at = 0
    begin = offset
    for edge in [*sorted(edges), end] if text else []:
        while at < len(within) and within[at].start <= begin:
            over.append(within[at])
            at += 1
        over = [span for span in over if span.end > begin]
        yield text[begin - offset : edge - offset], edge, tuple(sorted(over, key=_shortest_first))
        begin = edge


def _shortest_first(span: MarkedSpan) -> tuple[int, bool, str]:
    return span.end - span.start, span.kind == "findings", span.name
