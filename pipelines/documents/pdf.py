"""PDF files: characters with their places become lines, columns, rows of tables and paragraphs.

    page      = { column }                a page whose lines all keep a gap free in the middle has two
    line      = segment { gap segment }   characters on one baseline; a gap is wider than words are apart
    row       = line with segments below or above those of other lines: its segments are cells
    paragraph = line { line }             each but the last was full: the next word had no room in it

Lines that stand at one place on many pages, with only numbers changing, are furniture, and so are page numbers and
entries of a table of contents. A word that was broken at the end of a line is whole again. Raised digits and letters
stay raised. A European assessment report is split into its summaries of product characteristics; its annexes on
conditions, labels and leaflets repeat them and are furniture. Programs in a file are never run.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from pipelines.documents.page import BULLETS, LOWERED, RAISED, Cell, Page, flowing, tidy_lines
from pipelines.documents.plain import is_contents_entry
from pipelines.records import Block, Document, Finding, FindingCode, Passage, Stated

RENDERER = "pdf@1"
_MOST_PAGES = 5_000
_MOST_CHARACTERS = 20_000_000
_FEWEST_ON_A_PAGE = 20  # characters: fewer are a stamp on the picture of a page

_GAP = 1.1  # ems between two segments: words are a third of one apart, justified ones up to an em
_SAME_LINE = 0.4  # ems between baselines
_RAISED_BY, _RAISED_SIZE = 0.15, 0.85
_OVERLAP, _SHIFT = 0.5, 0.7  # ems that a character may stand back, and off the baseline if it is small
_CLOSER = 1.12  # times the least pitch of a table
_NO_PITCH = 1e9
_CLOSE = 1.35  # ems between the baselines of lines of one cell
_PITCH = 1.75  # ems between the baselines of lines of one paragraph
_SAME_SIZE = 0.08
_DEEPEST_INDENT = 4  # ems of the lines of an item after its first
_FEWEST_OF_COLUMNS = 12  # lines on each side
_SHARE_OF_COLUMNS = 0.75
_TWO = 2
_WORDS_OF_COLUMNS = 25  # characters in a line of a column of text, as a rule
_FEWEST_PAGES = 3
_SAME_PLACE = 4.0  # points

_BROKEN_WORD = "\ue0ad"  # a character for private use, which no text has
_SYMBOLS = str.maketrans({
    "\uf0b7": "•", "\uf0a7": "▪", "\uf0a8": "◦", "\uf06f": "◦", "\uf0d8": "➢", "\uf0fc": "✓", "\uf02d": "-",
    "\uf0b3": "≥", "\uf0a3": "≤", "\uf0b1": "±", "\uf0b0": "°", "\uf0b4": "×", "\uf06d": "µ", "\uf061": "α",
    "\uf062": "β", "\uf067": "γ", "\uf0ae": "→", "\uf0e2": "®", "\uf0e4": "™",
    "\x02": _BROKEN_WORD, "\ufffe": _BROKEN_WORD, "\u00ad": _BROKEN_WORD, "\t": " ", "\u00a0": " ", "\x00": "",
})  # fmt: skip
_NUMBER = re.compile(r"\d+")
_MARKER = re.compile(
    rf"""[{re.escape(BULLETS)}o] | [A-D]\.
      | \(? (?: \d{{1,2}} | [a-z] | [ivx]{{1,4}} ) [.)] | \d{{1,2}} (?: \.\d{{1,2}} ){{0,4}} \.?""",
    re.VERBOSE,
)
_BEGINS_MARKED = re.compile(rf"(?:{_MARKER.pattern}) \s", re.VERBOSE)
_SUMMARY = re.compile(r"1\.?\s+NAME OF THE (?:VETERINARY )?MEDICINAL PRODUCT\b")
_ANNEX = re.compile(r"ANNEX (?P<number>I{1,3}|IV)\b")


@dataclass(slots=True)
class _Segment:
    """Characters beside each other on one baseline; `y` is the baseline, in points from the bottom of the page."""

    words: str
    left: float
    right: float
    y: float
    size: float


@dataclass(slots=True)
class _Line:
    """Segments on one baseline, from left to right, and the page that they stand on, from 1."""

    segments: list[_Segment]
    page: int
    is_furniture: bool = False
    edge: float = 0.0  # the right edge of the column

    @property
    def words(self) -> str:
        return " ".join(segment.words for segment in self.segments)

    @property
    def left(self) -> float:
        return self.segments[0].left

    @property
    def right(self) -> float:
        return self.segments[-1].right

    @property
    def y(self) -> float:
        return self.segments[0].y

    @property
    def size(self) -> float:
        return self.segments[0].size

    @property
    def place(self) -> str:
        """The page and the part of it, as RFC 8118 names them."""
        return f"page={self.page}&viewrect={self.left:.0f},{self.y:.0f},{self.right - self.left:.0f},{self.size:.0f}"


def render(data: bytes) -> Document:
    """The file as a person would read it; a finding says why it cannot be read."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            return _refused("SEED_ENCRYPTED", "the PDF wants a password; save it without one")
        return _refused("SEED_BROKEN", f"the PDF cannot be read ({error}); fetch it again, or save its text")
    try:
        return _rendered(document)
    except pdfium.PdfiumError as error:
        return _refused("SEED_BROKEN", f"a page of the PDF cannot be read ({error}); fetch it again, or save its text")
    finally:
        document.close()


def _refused(code: str, message: str) -> Document:
    return Document("", "pdf", RENDERER, findings=(Finding(FindingCode(code), message),))


def _rendered(document: pdfium.PdfDocument) -> Document:
    count = len(document)
    if count > _MOST_PAGES:
        return _refused("SEED_TOO_LARGE", f"the PDF has {count} pages, more than {_MOST_PAGES}; divide it")
    pages: list[list[_Line]] = []
    characters = 0
    for number in range(count):
        segments = list(_segments(document, number))
        characters += sum(len(segment.words) for segment in segments)
        if characters > _MOST_CHARACTERS:
            return _refused("SEED_TOO_LARGE", f"the PDF has more than {_MOST_CHARACTERS} characters; divide it")
        pages.append(_lines(segments, number + 1))
    if characters < _FEWEST_ON_A_PAGE * max(1, count):
        return _refused("SEED_WITHOUT_TEXT", "the PDF holds pictures of pages and no text; recognise its text first")
    _mark_running_lines(pages)
    return _written([line for page in pages for line in page])


# --- Characters to segments ------------------------------------------------------------------------------------------


def _segments(document: pdfium.PdfDocument, number: int) -> Iterator[_Segment]:
    """The segments of a page in the order of its content."""
    page = document[number]
    text = page.get_textpage()
    try:
        yield from _runs(text.raw, pdfium_c.FPDFText_CountChars(text.raw))
    finally:
        text.close()
        page.close()


def _runs(text: object, count: int) -> Iterator[_Segment]:
    """Joins characters as long as they go on from left to right on one baseline; raised ones stay with their word."""
    x, y = ctypes.c_double(), ctypes.c_double()
    box = pdfium_c.FS_RECTF()
    run: list[str] = []
    segment: _Segment | None = None
    for at in range(count):
        code = pdfium_c.FPDFText_GetUnicode(text, at)
        letter = chr(code).translate(_SYMBOLS) if code <= sys.maxunicode else ""
        if letter in ("\r", "\n", ""):
            continue
        if letter == " ":
            run.append(letter)
            continue
        pdfium_c.FPDFText_GetCharOrigin(text, at, x, y)
        pdfium_c.FPDFText_GetLooseCharBox(text, at, box)
        size = box.top - box.bottom or 1.0
        if segment is not None and _goes_on(segment, box.left, y.value, size):
            run.append(_shifted(letter, segment, y.value, size))
            segment.right = max(segment.right, box.right)
            continue
        if segment is not None:
            segment.words = "".join(run)
            yield segment
        segment, run = _Segment("", box.left, box.right, y.value, size), [letter]
    if segment is not None:
        segment.words = "".join(run)
        yield segment


def _goes_on(segment: _Segment, left: float, y: float, size: float) -> bool:
    em = max(segment.size, size)
    is_beside = -_OVERLAP * em < left - segment.right < _GAP * em
    return is_beside and abs(y - segment.y) < (_SAME_LINE if size > _RAISED_SIZE * segment.size else _SHIFT) * em


def _shifted(letter: str, segment: _Segment, y: float, size: float) -> str:
    """The letter, raised or lowered if it is small and off the baseline of a segment."""
    if size > _RAISED_SIZE * segment.size:
        return letter
    if y - segment.y > _RAISED_BY * segment.size:
        return letter.translate(RAISED)
    return letter.translate(LOWERED) if segment.y - y > _RAISED_BY / 2 * segment.size else letter


# --- Segments to lines and columns -----------------------------------------------------------------------------------


def _lines(segments: Sequence[_Segment], page: int) -> list[_Line]:
    """The lines of a page from top to bottom, column after column."""
    kept = [segment for segment in segments if segment.words.strip()]
    for segment in kept:
        segment.words = " ".join(flowing(segment.words).split())
    lines = [_Line(_joined(sorted(line, key=lambda each: each.left)), page) for line in _on_baselines(kept)]
    gutter = _gutter(lines)
    if gutter is not None:
        lines = list(_in_columns(lines, gutter))
    for line in lines:
        line.edge = line.edge or max((other.right for other in lines), default=0.0)
    return lines


def _on_baselines(segments: Iterable[_Segment]) -> Iterator[list[_Segment]]:
    line: list[_Segment] = []
    for segment in sorted(segments, key=lambda each: -each.y):
        if line and line[0].y - segment.y > _SAME_LINE * min(line[0].size, segment.size):
            yield line
            line = []
        line.append(segment)
    if line:
        yield line


def _joined(segments: list[_Segment]) -> list[_Segment]:
    """The segments of a line; a bullet or a number at its beginning belongs to the words after it."""
    found: list[_Segment] = []
    for segment in segments:
        before = found[-1] if found else None
        if before and (
            (len(found) == 1 and _MARKER.fullmatch(before.words)) or segment.left - before.right < _GAP * segment.size
        ):
            before.words = f"{before.words} {segment.words}"
            before.right = max(before.right, segment.right)
        else:
            found.append(segment)
    return found


def _gutter(lines: Sequence[_Line]) -> float | None:
    """Where the gap between two columns of text is, if the page has two."""
    split = [line for line in lines if len(line.segments) == _TWO]
    if len(split) < _FEWEST_OF_COLUMNS or len(split) < _SHARE_OF_COLUMNS * len(lines) / 2:
        return None
    gutter = sorted((line.segments[0].right + line.segments[1].left) / 2 for line in split)[len(split) // 2]
    every = [segment for line in lines for segment in line.segments]
    sides = [[segment for segment in every if (segment.left >= gutter) is is_right] for is_right in (False, True)]
    crossing = sum(segment.left < gutter < segment.right for segment in every)
    is_text = all(
        len(side) >= _FEWEST_OF_COLUMNS and sum(len(s.words) for s in side) >= _WORDS_OF_COLUMNS * len(side)
        for side in sides
    )
    return gutter if is_text and crossing <= (1 - _SHARE_OF_COLUMNS) * len(lines) else None


def _in_columns(lines: Sequence[_Line], gutter: float) -> Iterator[_Line]:
    """The lines of the left column, then those of the right one, between lines that cross the gap."""
    left: list[_Line] = []
    right: list[_Line] = []

    def columns() -> Iterator[_Line]:
        for column in (left, right):
            edge = max((line.right for line in column), default=0.0)
            for line in column:
                line.edge = edge
                yield line
            column.clear()

    for line in lines:
        if any(segment.left < gutter < segment.right for segment in line.segments):
            yield from columns()
            yield line
            continue
        for column, is_right in ((left, False), (right, True)):
            part = [segment for segment in line.segments if (segment.left >= gutter) is is_right]
            if part:
                column.append(_Line(part, line.page))
    yield from columns()


# --- Lines that belong to the page ------------------------------------------------------------------------------------


def _mark_running_lines(pages: Sequence[Sequence[_Line]]) -> None:
    """Marks what stands at one place of many pages with only numbers changing, and entries of a table of contents."""
    alike: dict[tuple[str, int], set[int]] = defaultdict(set)
    for page in pages:
        for line in page:
            for shift in (0, 1):
                alike[_running_key(line, shift)].add(line.page)
    for page in pages:
        for line in page:
            seen = max(len(alike[_running_key(line, shift)]) for shift in (0, 1))
            is_running = seen >= max(_FEWEST_PAGES, len(pages) // 5) and not _SUMMARY.match(line.words)
            line.is_furniture = is_running or is_contents_entry(line.words)
        for above, line, below in zip(page, page[1:], page[2:], strict=False):
            if is_contents_entry(above.words) and is_contents_entry(below.words):
                line.is_furniture = True  # the beginning of an entry of two lines


def _running_key(line: _Line, shift: int) -> tuple[str, int]:
    return _NUMBER.sub("#", line.words), int((line.y + shift * _SAME_PLACE / 2) / _SAME_PLACE)


# --- Lines to the page -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Writer:
    """Writes lines as paragraphs, items and rows; furniture waits until a paragraph is whole."""

    page: Page = field(default_factory=Page)
    words_of_text: Counter[str] = field(default_factory=Counter)
    starts: list[int] = field(default_factory=list)
    _open: list[_Line] = field(default_factory=list)
    _waiting: list[_Line] = field(default_factory=list)

    def lines(self, lines: Sequence[_Line]) -> None:
        """Writes lines; those of tables together."""
        flowing = [line for line in lines if not line.is_furniture]
        tables = _tables(flowing)
        at = 0
        for line in lines:
            if line.is_furniture:
                self._waiting.append(line)
                continue
            if at in tables:
                if tables[at]:
                    self.flush()
                    self._table(tables[at])
            elif self._open and _goes_on_below(self._open[-1], line, self._open[0]):
                self._open.append(line)
            else:
                self.flush()
                self._open = [line]
            at += 1
        self.flush()

    def flush(self) -> None:
        """Writes the paragraph that is open, and the furniture that came meanwhile."""
        if self._open:
            words = tidy_lines([self._paragraph(self._open)])
            if _SUMMARY.match(words):
                self.page.blank()
                self.starts.append(self.page.length)
            is_item = words[:1] in BULLETS and words[1:2] == " "
            self.page.write("item" if is_item else "paragraph", words, int(is_item), place=self._open[0].place)
            self._open = []
        waiting, self._waiting = self._waiting, []
        for line in waiting:
            with self.page.furniture():
                self.page.write("paragraph", line.words.replace(_BROKEN_WORD, "-"), place=line.place)

    def _paragraph(self, lines: Sequence[_Line]) -> str:
        words = lines[0].words
        for line in lines[1:]:
            if words.endswith((_BROKEN_WORD, "-")) and words[-2:-1].isalnum():
                words = words[:-1] + self._hyphen(words, line.words) + line.words
            else:
                words = f"{words} {line.words}"
        return words.replace(_BROKEN_WORD, "-")

    def _hyphen(self, before: str, after: str) -> str:
        """The hyphen between two parts of a word, if the word has one elsewhere or is no word without."""
        first, second = re.findall(r"\w+", before)[-1:], re.findall(r"\w+", after)[:1]
        if not first or not second or not before.endswith(_BROKEN_WORD) or not second[0][:1].islower():
            return "-"
        whole, apart = (first[0] + second[0]).casefold(), f"{first[0]}-{second[0]}".casefold()
        return "" if self.words_of_text[whole] > 0 or not self.words_of_text[apart] else "-"

    def _table(self, rows: Sequence[Sequence[tuple[int, str]]]) -> None:
        has_number = [any(_NUMBER.search(words) for _, words in row) for row in rows]
        is_headed = len(rows[0]) > 1 and not has_number[0] and any(has_number)
        headings = dict(rows[0]) if is_headed else {}
        for number, row in enumerate(rows):
            is_head = is_headed and number == 0
            cells = [(no, words.replace(_BROKEN_WORD, "-")) for no, words in row]
            self.page.row([Cell(words, no, None if is_head else headings.get(no)) for no, words in cells], int(is_head))


def _goes_on_below(line: _Line, below: _Line, first: _Line) -> bool:
    """Whether a line goes on with the paragraph of the one above: its first word had no room there."""
    if _BEGINS_MARKED.match(below.words):
        return False
    if abs(line.size - below.size) > _SAME_SIZE * line.size or len(line.segments) > 1 or len(below.segments) > 1:
        return False
    if line.page == below.page and not 0 < line.y - below.y < _PITCH * line.size:
        return False
    if not -1 < (below.left - first.left) / below.size < _DEEPEST_INDENT:
        return False
    word = below.words.split(" ", 1)[0]
    width = (below.right - below.left) / max(1, len(below.words)) * (len(word) + 1)
    return line.words.endswith((_BROKEN_WORD, "-")) or line.right + width > line.edge


_Row = list[tuple[int, str]]


def _tables(lines: Sequence[_Line]) -> dict[int, list[_Row]]:
    """The rows of each table by the number of its first line; for its other lines nothing."""
    found: dict[int, list[_Row]] = {}
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and _is_row(lines, end, at):
            end += 1
        if sum(len(line.segments) > 1 for line in lines[at:end]) > 1:
            found.update({no: [] for no in range(at, end)})
            found[at] = _rows(lines[at:end])
            at = end
        else:
            at += 1
    return found


def _is_row(lines: Sequence[_Line], at: int, first: int) -> bool:
    """Whether a line has cells, or is one cell under another of the row above."""
    line = lines[at]
    if len(line.segments) > 1:
        return True
    if at == first or at + 1 > len(lines):
        return False
    above = lines[at - 1]
    is_close = above.page == line.page and 0 < above.y - line.y < _PITCH * line.size
    columns = [segment.left for row in lines[max(first, at - 6) : at] for segment in row.segments[1:]]
    return is_close and any(abs(line.left - left) < line.size for left in columns)


def _rows(lines: Sequence[_Line]) -> list[_Row]:
    """The rows of a table: cells by the column that they stand in.

    A line goes on with the row above if it is close to it and has no first cell; or if it is closer than others are and
    has no words in a column in which the row has some: where rows are set apart, lines of one cell are closer.
    """
    columns = _columns([segment for line in lines for segment in line.segments])
    pitches = [above.y - line.y if above.page == line.page else _NO_PITCH for above, line in pairwise(lines)]
    closest = min((pitch for pitch in pitches if pitch > 0), default=_NO_PITCH)
    are_apart = any(closest * _CLOSER < pitch < _NO_PITCH for pitch in pitches)
    rows: list[dict[int, str]] = []
    first: set[int] = set()
    for pitch, line in zip([_NO_PITCH, *pitches], lines, strict=True):
        cells = _cells(line, columns)
        is_under = 1 not in cells and pitch < _CLOSE * line.size
        if rows and (is_under or (are_apart and pitch <= closest * _CLOSER and not first <= cells.keys())):
            for no, words in cells.items():
                rows[-1][no] = f"{rows[-1][no]} {words}" if no in rows[-1] else words
        else:
            rows.append(cells)
            first = set(cells)
    return [sorted(row.items()) for row in rows]


def _cells(line: _Line, columns: Sequence[float]) -> dict[int, str]:
    """The words of a line by the number of their column."""
    cells: dict[int, str] = {}
    for segment in line.segments:
        no = min(range(len(columns)), key=lambda column: abs(columns[column] - segment.left)) + 1
        cells[no] = f"{cells[no]} {segment.words}" if no in cells else segment.words
    return cells


def _columns(segments: Sequence[_Segment]) -> list[float]:
    """Where columns begin: left edges, those less than two ems apart as one."""
    found: list[float] = []
    for left, size in sorted((segment.left, segment.size) for segment in segments):
        if not found or left - found[-1] > 2 * size:
            found.append(left)
    return found


def _written(lines: Sequence[_Line]) -> Document:
    words = re.findall(r"\w+(?:-\w+)*", " ".join(line.words for line in lines).casefold())
    writer = _Writer(words_of_text=Counter(words))
    writer.lines(lines)
    page, text = writer.page, writer.page.text
    end = _end_of_summaries(text, page.blocks, writer.starts)
    if end is None:
        return Document(text, "pdf", RENDERER, None, tuple(page.blocks), (), (), tuple(page.places))
    starts = [start for start in writer.starts if start < end]
    stated = tuple(Stated(start if number else 0) for number, start in enumerate(starts))
    blocks = tuple(block for block in page.blocks if block.end <= end)
    findings: tuple[Finding, ...] = ()
    if end < len(text):
        blocks = (*blocks, Block("furniture", end, len(text.rstrip())))
        message = "the annexes on conditions, labels and leaflets repeat the summary of the product; they are not read"
        findings = (Finding(FindingCode("ANNEX_NOT_READ"), message, Passage(text[end:].partition("\n")[0], end)),)
    return Document(text, "pdf", RENDERER, None, blocks, stated, (), tuple(page.places), findings)


def _end_of_summaries(text: str, blocks: Sequence[Block], starts: Sequence[int]) -> int | None:
    """Where the first annex after the summaries of a European report begins; None for any other document."""
    annexes = [(block.start, found["number"]) for block in blocks if (found := _ANNEX.match(text, block.start))]
    if not starts or not annexes:
        return None
    return next((start for start, number in annexes if number != "I" and start > starts[0]), len(text))
