"""Elements to text: what HTML and the text of an SPL have in common, whatever their elements are called.

    flow   = { inline | block }        words that stand in no block are a paragraph
    block  = heading | paragraph | list | table | container
    inline = words | break | raised | lowered | note

White space is a space, a break is a line end, a block is a line. Items have a bullet unless they print one themselves.
Raised digits and letters stay raised, so that a power is a power and the sign of a footnote touches no number. The
words of a footnote stand after the block that it belongs to. A table whose cells are parts of a page is no table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from lxml import etree

from pipelines.documents.page import BULLETS, LOWERED, RAISED, Cell, Page, flowing, itemised, tidy_lines

_SIGN = r"(?:\d{1,3}|[a-pr-z])[*†‡§¶#]*"
_POWER_OR_SIGN = re.compile(rf"[-+−–]?\d{{1,3}}[-+−–m]?|{_SIGN}(?:\s?,\s?(?:{_SIGN}|[*†‡§¶#]+))*|\((?:\d+|[a-pr-z])\)")
_ORDINALS = frozenset(("st", "nd", "rd", "th"))
MOST_DEPTH = 120  # of elements in each other: real pages have a third of it
_LONGEST_SPAN = 1_000  # columns or rows that a cell may span, as in HTML


@dataclass(frozen=True, slots=True)
class Roles:
    """What the elements of a format are: their local names by role; those of no role are inline.

    `skipped` are seen by nobody, `notes` are footnotes, `furniture` decides of a block whether it belongs to the page.
    """

    headings: Mapping[str, int]
    paragraphs: frozenset[str]
    containers: frozenset[str]
    lists: frozenset[str]
    items: frozenset[str]
    cells: frozenset[str]
    skipped: frozenset[str]
    notes: frozenset[str] = frozenset()
    captions: frozenset[str] = frozenset(("caption",))
    keeps_lines: frozenset[str] = frozenset()
    terms: frozenset[str] = frozenset()
    is_hidden: Callable[[etree._Element], bool] = lambda _: False
    is_furniture: Callable[[etree._Element], bool] = lambda _: False


def local(element: etree._Element) -> str:
    """The name of an element without its namespace, in small letters; "" for a comment and the like."""
    tag = element.tag
    return _name_of(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=1024)
def _name_of(tag: str) -> str:
    return tag.rpartition("}")[2].lower()


@lru_cache(maxsize=1024)
def _step_of(tag: str) -> str:
    return tag.rpartition("}")[2]


class TooDeepError(ValueError):
    """Elements stand in each other more deeply than in any page."""


@dataclass(slots=True)
class Flow:
    """Walks elements and writes them on a page; raises TooDeepError."""

    page: Page
    roles: Roles
    depth: int = 0
    _words: list[str] = field(default_factory=list)
    _notes: list[str] = field(default_factory=list)
    _kind: tuple[str, int] = ("paragraph", 0)
    _marker: str = ""
    _place: str = ""

    def container(self, element: etree._Element, place: str) -> None:
        """Writes what an element holds."""
        before, self._place = self._place, place
        self._inside(element, place)
        self.flush()
        self._place = before

    def _inside(self, element: etree._Element, place: str) -> None:
        if self.depth == MOST_DEPTH:
            raise TooDeepError(f"elements stand in each other more than {MOST_DEPTH} deep")
        self.depth += 1
        if element.text:
            self._add(element.text, element)
        for child, child_place in places_in(element, place):
            self._element(child, child_place)
            if child.tail:
                self._add(child.tail, element)
        self.depth -= 1

    def _add(self, words: str, element: etree._Element) -> None:
        if self.roles.keeps_lines and local(element) in self.roles.keeps_lines:
            self._words += ("\n".join(flowing(line) for line in words.split("\n")),)
        else:
            self._words.append(flowing(words))

    def _element(self, element: etree._Element, place: str) -> None:
        name, of = local(element), self.roles
        if not name or name in of.skipped or of.is_hidden(element):
            return
        if of.is_furniture(element):
            self.flush()
            with self.page.furniture():
                self._block(name, element, place)
                self.flush()
        elif name == "br":
            self._words.append("\n")
        elif name in ("sup", "sub"):
            self._words.append(self._shifted(name, element))
        elif name in of.notes:
            self._notes.append(tidy_lines([flowing("".join(element.itertext()))]))
        elif self._is_block(name):
            self.flush()
            self._block(name, element, place)
        else:
            self._inside(element, place)

    def _is_block(self, name: str) -> bool:
        of = self.roles
        return (
            name in of.paragraphs
            or name in of.containers
            or name in of.headings
            or name in of.lists
            or name in of.items
            or name in of.terms
            or name == "table"
        )

    def _block(self, name: str, element: etree._Element, place: str) -> None:
        of = self.roles
        if name in of.headings:
            self.page.blank()
            self._as(("heading", of.headings[name]), element, place)
        elif name in of.terms:
            self._as(("heading", max(of.headings.values(), default=0)), element, place)
        elif name in of.lists:
            self._list(element, place)
        elif name in of.items:
            self._item(element, place, 1)
        elif name == "table":
            self._table(element, place)
        else:
            self.container(element, place)

    def _as(self, kind: tuple[str, int], element: etree._Element, place: str) -> None:
        before, self._kind = self._kind, kind
        self.container(element, place)
        self._kind = before

    def flush(self) -> None:
        """Writes the words that wait as one block, and the footnotes after it."""
        words = tidy_lines(self._words)
        self._words.clear()
        if words:
            self._write(words)
        if self._notes:
            notes, self._notes = self._notes, []
            for note in filter(None, notes):
                self.page.write("paragraph", note, place=self._place)

    def _write(self, words: str) -> None:
        kind, level = self._kind
        if kind == "heading":
            self.page.write(kind, words, level, place=self._place)
            return
        begins_item = kind == "item" and bool(self._marker)
        for part_kind, part in itemised(words):
            marked = _marked(self._marker, part, level) if self._marker and kind == "item" else part
            is_item = part_kind == "item" or marked is not part
            depth = level + 1 if is_item and not begins_item else level
            self.page.write("item" if is_item else part_kind, marked, depth, place=self._place)
            self._marker = ""

    def _list(self, element: etree._Element, place: str) -> None:
        depth = self._kind[1] + 1 if self._kind[0] == "item" else 1
        outer = self._kind, self._marker
        for child, child_place in places_in(element, place):
            if local(child) in self.roles.items:
                self._item(child, child_place, depth)
            else:
                self._kind = ("paragraph", 0) if depth == 1 else outer[0]
                self._element(child, child_place)
                self.flush()
        self._kind, self._marker = outer

    def _item(self, element: etree._Element, place: str, depth: int) -> None:
        of = self.roles
        if of.is_hidden(element):
            return
        marker = next((c for c in element if local(c) in of.captions), None)
        outer = self._kind, self._marker
        self._kind, self._marker = ("item", depth), "•"
        if marker is not None:
            self._marker = tidy_lines([flowing("".join(marker.itertext()))]) or "•"
            marker.text, marker[:] = None, []
        if of.is_furniture(element):
            with self.page.furniture():
                self.container(element, place)
        else:
            self.container(element, place)
        self._kind, self._marker = outer

    def _shifted(self, name: str, element: etree._Element) -> str:
        """Raised or lowered words: as characters that are so by themselves if there are any."""
        words = flowing("".join(element.itertext()))
        bare = words.strip()
        before = next((piece[-1] for piece in reversed(self._words) if piece), "")
        if name == "sub":
            lowered = bare.translate(LOWERED) if bare.isdigit() else bare
            return f" {lowered}" if before.isdigit() and bare[:1].isdigit() else _in_place_of(bare, words, lowered)
        if bare in _ORDINALS or not (bare and _POWER_OR_SIGN.fullmatch(bare)):
            touches = before.isalnum() and bare[:1].isalnum() and bare not in _ORDINALS
            return f" {words.lstrip()}" if touches else words
        return _in_place_of(bare, words, bare.translate(RAISED))

    def _table(self, element: etree._Element, place: str) -> None:
        rows = list(_rows(element, place, self.roles))
        for caption in (child for child in element if local(child) in self.roles.captions):
            self._as(("paragraph", 0), caption, place)
        if not _is_table(rows, self.roles):
            for row in rows:
                for cell, cell_place in row.cells:
                    self.container(cell, cell_place)
            return
        self._write_table(rows)

    def _write_table(self, rows: Sequence[_Row]) -> None:
        headings: dict[int, str] = {}
        taken: dict[int, int] = {}
        for before, row in zip((None, *rows), rows, strict=False):
            if row.is_head and before and not before.is_head:
                headings.clear()
            placed = list(_placed(row, taken))
            written = [(self._cell_words(cell, place), no, span) for cell, place, no, span in placed]
            if row.is_foot and sum(bool(words) for words, _, _ in written) == 1:
                for words, _, _ in written:
                    if words:
                        self.page.write("paragraph", words, place=row.place)
            elif row.is_head:
                written = [(words.replace("\n", " "), no, span) for words, no, span in written]
                self.page.row([Cell(words, no) for words, no, _ in written], 1, row.place)
                _add_headings(headings, written)
            else:
                self.page.row([Cell(words, no, headings.get(no)) for words, no, _ in written], 0, row.place)
        self._write_notes()

    def _write_notes(self) -> None:
        notes, self._notes = self._notes, []
        for note in filter(None, notes):
            self.page.write("paragraph", note, place=self._place)

    def _cell_words(self, cell: etree._Element, place: str) -> str:
        inside = Flow(Page(), self.roles, self.depth)
        inside._inside(cell, place)
        self._notes += inside._notes
        inside._notes.clear()
        inside.flush()
        return inside.page.text.replace("\n\n", "\n").strip().replace("\t", " ")


def words_of(element: etree._Element, roles: Roles) -> str:
    """What an element says, on one line."""
    flow = Flow(Page(), roles)
    flow.container(element, "")
    return " ".join(flow.page.text.split("\n")).strip()


def _in_place_of(bare: str, words: str, shifted: str) -> str:
    return words.replace(bare, shifted, 1) if bare else words


def _marked(marker: str, words: str, depth: int) -> str:
    has_bullet = marker == "•" and words[0] in BULLETS and words[1:2].isspace()
    indent = "  " * (depth - 1)
    return f"{indent}{words}" if has_bullet else f"{indent}{marker} {words}"


def places_in(element: etree._Element, place: str) -> Iterator[tuple[etree._Element, str]]:
    """The elements in an element, each with its XPath."""
    counts: dict[object, int] = {}
    for child in element:
        tag = child.tag
        counts[tag] = no = counts.get(tag, 0) + 1
        yield child, f"{place}/{_step_of(tag) if isinstance(tag, str) else 'node()'}[{no}]"


@dataclass(frozen=True, slots=True)
class _Row:
    cells: list[tuple[etree._Element, str]]
    place: str
    is_head: bool
    is_foot: bool


def _rows(table: etree._Element, place: str, of: Roles) -> Iterator[_Row]:
    """The rows of a table, those of its foot last; a first row in bold type holds headings if no row says so."""
    found = list(_rows_below(table, place, of))
    if (
        len(found) > 1
        and not any(row.is_head for row in found)
        and _is_bold_row(found[0])
        and not _is_bold_row(found[1])
    ):
        found[0] = replace(found[0], is_head=True)
    yield from (row for row in found if not row.is_foot)
    yield from (row for row in found if row.is_foot)


def _rows_below(part: etree._Element, place: str, of: Roles) -> Iterator[_Row]:
    within = local(part)
    for child, child_place in places_in(part, place):
        name = local(child)
        if name in ("thead", "tbody", "tfoot"):
            yield from _rows_below(child, child_place, of)
        elif name == "tr" and not of.is_hidden(child):
            cells = [(cell, at) for cell, at in places_in(child, child_place) if local(cell) in of.cells]
            filled = [cell for cell, _ in cells if _has_words(cell)]
            all_heads = bool(filled) and len(filled) > 1 and all(local(cell) == "th" for cell in filled)
            yield _Row(cells, child_place, within == "thead" or (all_heads and within != "tfoot"), within == "tfoot")


def _is_bold_row(row: _Row) -> bool:
    """Whether a row has several cells with words, and all are in bold type."""
    filled = [cell for cell, _ in row.cells if _has_words(cell)]
    return len(filled) > 1 and all(_is_bold(cell) for cell in filled)


def _is_bold(element: etree._Element) -> bool:
    """Whether no word of an element stands outside bold type."""
    if local(element) in ("b", "strong") or "bold" in element.get("styleCode", "").lower():
        return True
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        return False
    return all(_is_bold(child) for child in element if _has_words(child))


def _has_words(element: etree._Element) -> bool:
    return any(words.strip() for words in element.itertext())


def _is_table(rows: Sequence[_Row], of: Roles) -> bool:
    """Whether rows have cells beside each other, and cells hold no part of a page."""
    if all(sum(_has_words(cell) for cell, _ in row.cells) <= 1 for row in rows):
        return False
    inner = {local(element) for row in rows for cell, _ in row.cells for element in cell.iter("*")}
    return "table" not in inner and not inner.intersection(of.headings)


def _placed(row: _Row, taken: dict[int, int]) -> Iterator[tuple[etree._Element, str, int, int]]:
    """The cells of a row with the number and the count of their columns; `taken` are columns of rows before."""
    column = 1
    busy = {no for no, rows in taken.items() if rows > 0}
    for no in busy:
        taken[no] -= 1
    for cell, place in row.cells:
        while column in busy:
            column += 1
        span, down = _span(cell, "colspan"), _span(cell, "rowspan")
        yield cell, place, column, span
        if down > 1:
            taken.update(dict.fromkeys(range(column, column + span), down - 1))
        column += span


def _span(cell: etree._Element, name: str) -> int:
    stated = cell.get(name, "").strip()
    return min(max(int(stated), 1), _LONGEST_SPAN) if re.fullmatch(r"[0-9]{1,4}", stated) else 1


def _add_headings(headings: dict[int, str], written: Sequence[tuple[str, int, int]]) -> None:
    for words, first, span in written:
        for no in range(first, first + span):
            if words:
                headings[no] = f"{headings[no]} {words}" if no in headings else words
