"""What every renderer writes on: the text of a document as it grows, its blocks, and where each stands in the original.

A block is a line, or a few lines if the page breaks it itself. A row of a table is a line too, its cells apart by tabs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pipelines.records import Block, Passage

_WHITE = re.compile(r"[ \t\n\r\f\v]+")
_AROUND_BREAK = re.compile(r"[^\S\n]*\n\s*")
_SEPARATORS = str.maketrans({"\x85": "\n", "\u2028": "\n", "\u2029": "\n"})
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

# Characters that are raised or lowered by themselves.
RAISED = str.maketrans(
    "0123456789+-−–=()abcdefghijklmnoprstuvwxyz",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ",
)
LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

BULLETS = "•◦▪·∙‣⁃●○■□-*–—\uf0b7\uf03c\uf0a7\uf02d"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its words, which may be several lines, the number of its column from 1, and its heading."""

    words: str
    column_no: int
    column: str | None = None


def flowing(words: str) -> str:
    """Words of a page in which white space, line ends too, is a space; controls that no text has are left out."""
    return _CONTROL.sub("", _WHITE.sub(" ", words))


def tidy_lines(pieces: Sequence[str]) -> str:
    """Flowing words and line feeds as the lines that a person sees: no white space at their ends, no empty line."""
    text = "".join(pieces).translate(_SEPARATORS)
    if "  " in text:
        text = _WHITE_BUT_BREAK.sub(" ", text)
    return _AROUND_BREAK.sub("\n", text).strip() if "\n" in text else text.strip()


_WHITE_BUT_BREAK = re.compile(r" {2,}")


def itemised(words: str) -> Iterator[tuple[str, str]]:
    """A paragraph whose bullets stand within a line, as a paragraph and items; any other as it is.

    >>> list(itemised("Do not use • in the eyes • on wounds"))
    [('paragraph', 'Do not use'), ('item', '• in the eyes'), ('item', '• on wounds')]
    """
    for part in _BEFORE_BULLET.split(words) if _IN_LINE.search(words) else [words]:
        if part.strip():
            yield ("item" if part[0] in _IN_LINE_BULLETS and part[1:2].isspace() else "paragraph"), part.strip()


_IN_LINE_BULLETS = "•▪■●◦\uf0b7\uf0a7"
# Between digits the sign multiplies.
_IN_LINE = re.compile(rf"[{_IN_LINE_BULLETS}]")
_BEFORE_BULLET = re.compile(rf"(?<=[^\s\d])\s+(?=[{_IN_LINE_BULLETS}]\s)|(?<=\d)\s+(?=[{_IN_LINE_BULLETS}]\s+\D)")


class Page:
    """A text that grows by one block at a time."""

    def __init__(self) -> None:
        """Begins with nothing."""
        self.blocks: list[Block] = []
        self.places: list[tuple[int, str]] = []
        self._pieces: list[str] = []
        self.length = 0
        self._is_blank = True
        self._in_furniture = 0

    @property
    def text(self) -> str:
        """What has been written; it ends with a line feed if there is anything."""
        return "".join(self._pieces)

    def blank(self) -> None:
        """Sets apart what follows by an empty line, but not at the beginning."""
        if not self._is_blank:
            self._append("\n")
            self._is_blank = True

    def write(  # noqa: PLR0913  (what a block is)
        self,
        kind: str,
        words: str,
        level: int = 0,
        *,
        code: str | None = None,
        key: str | None = None,
        place: str | None = None,
    ) -> Passage:
        """Adds a block; `words` are as `tidy` gives them. Without words a heading only says that a section begins."""
        start = self.length
        if place is not None:
            self.places.append((start, place))
        self._block(Block(kind, start, start + len(words), level, code=code, key=key))
        if words:
            self._append(f"{words}\n")
            self._is_blank = False
        return Passage(words, start)

    def row(self, cells: Sequence[Cell], level: int, place: str | None = None) -> None:
        """Adds a row of a table; columns without a cell stay empty, so that the same column has as many tabs before."""
        start = at = self.length
        pieces: list[str] = []
        blocks: list[Block] = []
        column_no = 1
        for cell in cells:
            tabs = "\t" * (cell.column_no - column_no)
            at, column_no = at + len(tabs), cell.column_no
            pieces += (tabs, cell.words)
            blocks.append(Block("cell", at, at + len(cell.words), cell.column_no, cell.column))
            at += len(cell.words)
        if at == start:
            return
        if place is not None:
            self.places.append((start, place))
        for block in (Block("row", start, at, level), *blocks):
            self._block(block)
        self._append(f"{''.join(pieces)}\n")
        self._is_blank = False

    @contextmanager
    def furniture(self) -> Iterator[None]:
        """All that is written meanwhile is one block of furniture."""
        start = self.length
        self._in_furniture += 1
        try:
            yield
        finally:
            self._in_furniture -= 1
        if self.length > start and not self._in_furniture:
            self.blocks.append(Block("furniture", start, self.length - 1))

    def _block(self, block: Block) -> None:
        if not self._in_furniture:
            self.blocks.append(block)

    def _append(self, words: str) -> None:
        self._pieces.append(words)
        self.length += len(words)
