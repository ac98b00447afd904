"""Plain text: bytes to a document whose text is the decoded seed itself.

UTF-8 with or without a byte order mark, UTF-16 and UTF-32 with one; line ends stay as they are, so that offsets hold.
What the layout shows becomes blocks, here and nowhere else:

    furniture   page numbers and running lines: lines that repeat down the document with only a counter changing, and
                lines that always stand beside these; entries of a table of contents (`Uses ....... 12`)
    row, cell   lines that pipes or tabs cut into cells, two or more below each other (`Route | Strength`)
"""

from __future__ import annotations

import codecs
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipelines.records import Block, Document, Finding, FindingCode

RENDERER = "text@1"

# A whole product summary has about 300 000 characters, so one line of a million is no document's.
LONGEST_LINE = 1_000_000

# Tab, line feed, vertical tab, form feed, carriage return and next line (U+0085) occur in documents; no other does.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_MARKED = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
           (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip

_LONGEST_RUNNING_LINE = 200
_FEWEST_PAGES = 3
_FEWEST_LINES_OF_A_PAGE = 8
_NUMBER = re.compile(r"\d+")
# A decimal number or a percentage alone is of a table or a section, and counts no pages: `12.3`, `9%`.
_QUANTITY = re.compile(r"[^a-z]* (?: \d[.,]\d | \d \s? % ) [^a-z]*", re.VERBOSE | re.IGNORECASE)
# A bullet or the number of a heading and a tab before the words: no row of a table.
_ITEM = re.compile(r"(?: [-–—•●▪◦○*·o] | \(?[a-z0-9]\) | \d{1,2} (?:\.\d{1,2})* \.? ) \t+ [^\t|]+", re.VERBOSE)
_CONTENTS_ENTRY = re.compile(r"\S.* (?: \.{4,} | (?: [ ]\. ){4,} | …{2,} ) [ .…]* \d{1,4}", re.VERBOSE)


def render(data: bytes) -> Document | Finding:
    """The document of a text, or the error finding that says why its bytes are no text and what to do."""
    encoding = next((name for mark, name in _MARKED if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        return _not_text(data, encoding, error.start + (len(codecs.BOM_UTF8) if encoding == "utf-8-sig" else 0))
    return _fault(text) or Document(text, "text", RENDERER, encoding, blocks=infer_blocks(text))


def _not_text(data: bytes, encoding: str, offset: int) -> Finding:
    if encoding.startswith("utf-8"):
        message = (
            f"byte {offset} (0x{data[offset]:02X}, line {1 + data[:offset].count(10)}) is not UTF-8; "
            "find out the file's encoding and save it as UTF-8"
        )
    else:
        message = f"byte {offset} is not {encoding.upper()}, which the file's first bytes promise; save it as UTF-8"
    return Finding(FindingCode("SEED_NOT_UTF8"), message)


def _fault(text: str) -> Finding | None:
    if not text.strip():
        return Finding(FindingCode("SEED_EMPTY"), "the file holds no text; fill it or take it away")
    control = _CONTROL.search(text)
    if control:
        line_no = 1 + text.count("\n", 0, control.start())
        message = (
            f"control character U+{ord(control[0]):04X} at offset {control.start()} (line {line_no}); "
            "give the document as plain text, saved as UTF-8"
        )
        return Finding(FindingCode("SEED_BINARY"), message)
    for line_no, line in enumerate(text.splitlines(), start=1):
        if len(line) > LONGEST_LINE:
            message = f"line {line_no} has {len(line)} characters, more than {LONGEST_LINE}; break it into lines"
            return Finding(FindingCode("SEED_TOO_LONG"), message)
    return None


@dataclass(slots=True)  # not frozen, since there is one for each line of a document
class _TextLine:
    """A line that is not blank: its number among all, its words without white space at the ends, and their place."""

    no: int
    words: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.words)


def infer_blocks(text: str) -> tuple[Block, ...]:
    """What the layout of a text shows: furniture, and the rows and cells of tables, in order."""
    lines = list(_lines(text))
    furniture = _running_lines(lines)
    furniture.update(line.no for line in lines if is_contents_entry(line.words))
    blocks = [Block("furniture", line.start, line.end) for line in lines if line.no in furniture]
    blocks += _tables([line for line in lines if line.no not in furniture])
    return tuple(sorted(blocks, key=lambda block: (block.start, -block.end)))


def _lines(text: str) -> Iterator[_TextLine]:
    offset = 0
    for no, raw in enumerate(text.splitlines(keepends=True)):
        words = raw.strip()
        if words:
            yield _TextLine(no, words, offset + len(raw) - len(raw.lstrip()))
        offset += len(raw)


def is_contents_entry(words: str) -> bool:
    """Whether a line is an entry of a table of contents: words, dots and the number of a page."""
    return (
        words[-1].isdigit() and len(words) <= 2 * _LONGEST_RUNNING_LINE and _CONTENTS_ENTRY.fullmatch(words) is not None
    )


def _running_lines(lines: Sequence[_TextLine]) -> set[int]:
    """The numbers of the lines that count pages, and of those that always stand beside one of them."""
    alike: dict[str, list[_TextLine]] = defaultdict(list)
    for line in lines:
        if len(line.words) <= _LONGEST_RUNNING_LINE and not _QUANTITY.fullmatch(line.words):
            alike[_NUMBER.sub("#", line.words)].append(line)
    running = {line.no for key, group in alike.items() if "#" in key and _counts_pages(group) for line in group}
    if not running:
        return running
    beside = {line.no for before, line in pairwise(lines) if before.no in running}
    beside |= {before.no for before, line in pairwise(lines) if line.no in running}
    for group in alike.values():
        is_repeated = len(group) >= _FEWEST_PAGES and len({line.words for line in group}) == 1
        if is_repeated and all(line.no in beside for line in group):
            running.update(line.no for line in group)
    return running


def _counts_pages(group: Sequence[_TextLine]) -> bool:
    """Whether lines that differ only in numbers stand a page apart, and one number goes up by one each time."""
    if len(group) < _FEWEST_PAGES:
        return False
    steps = [later.no - line.no for line, later in pairwise(group)]
    if sorted(steps)[len(steps) // 2] < _FEWEST_LINES_OF_A_PAGE:
        return False
    numbers = [[int(number[:9]) for number in _NUMBER.findall(line.words)] for line in group]
    for counter in zip(*numbers, strict=True):
        ups = sum(later == number + 1 for number, later in pairwise(counter))
        if ups >= (len(counter) - 1) * 3 // 4 and ups >= _FEWEST_PAGES - 1:
            return True
    return False


def _tables(lines: Sequence[_TextLine]) -> Iterable[Block]:
    """Rows and cells of the tables that pipes or tabs draw."""
    at = 0
    while at < len(lines):
        mark = next((mark for mark in "|\t" if mark in lines[at].words), None)
        if mark is None or _ITEM.fullmatch(lines[at].words):
            at += 1
            continue
        cells = _cells(lines[at], mark)
        end = at + 1
        while end < len(lines) and len(cells) > 1 and lines[end].no == lines[end - 1].no + 1:
            if len(_cells(lines[end], mark)) != len(cells) or _ITEM.fullmatch(lines[end].words):
                break
            end += 1
        if end - at > 1:
            yield from _table([_cells(line, mark) for line in lines[at:end]], lines[at:end])
        at = end


def _cells(line: _TextLine, mark: str) -> list[tuple[int, int]]:
    """The places of the cells of a line, without white space; pipes at its ends close it and are no cells."""
    cells = []
    offset = line.start
    for piece in line.words.split(mark):
        words = piece.strip()
        start = offset + len(piece) - len(piece.lstrip())
        cells.append((start, start + len(words)))
        offset += len(piece) + len(mark)
    if mark == "|" and cells[0][0] == cells[0][1]:
        cells = cells[1:]
    if mark == "|" and cells and cells[-1][0] == cells[-1][1]:
        cells = cells[:-1]
    return cells


def _table(rows: Sequence[Sequence[tuple[int, int]]], lines: Sequence[_TextLine]) -> Iterator[Block]:
    """The blocks of one table; its first row holds the headings if it alone has no number in any cell."""
    words = [[line.words[start - line.start : end - line.start] for start, end in row]
             for row, line in zip(rows, lines, strict=True)]  # fmt: skip
    has_number = [_NUMBER.search(" ".join(row)) is not None for row in words]
    is_headed = all(words[0]) and not has_number[0] and any(has_number)
    for no, (row, line) in enumerate(zip(rows, lines, strict=True)):
        yield Block("row", line.start, line.end, level=int(is_headed and no == 0))
        for column, (start, end) in enumerate(row):
            if start < end:
                heading = words[0][column] if is_headed and no else None
                yield Block("cell", start, end, level=column + 1, column=heading)
