"""Lines of a document, and what their layout tells: bullets, indents, gaps, hard wraps, dates and rules.

    line   white space, words, white space; ends where Python's `str.splitlines` ends it
    date   `23 June, 2023` | `June 23, 2023` | `2023-06-23` | `23/06/2023` | `23.06.2023`
    rule   three or more of one kind of mark: `---`, `===`, `***`

A month is any word between a day and a year: what matters is that the line is no part of a monograph.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from pipelines.records import Passage

BULLETS = "-*+•·‣◦▪●○"

_DATE = re.compile(
    r"""
    (?: \d{1,2} (?:st|nd|rd|th)? [ ] [^\W\d_]{3,9} [.]? ,? [ ]     # 23 June,
      | [^\W\d_]{3,9} [.]? [ ] \d{1,2} (?:st|nd|rd|th)? ,? [ ]     # June 23,
      | \d{1,2} [/.] \d{1,2} [/.]                                  # 23/06/
    ) (?: 19 | 20 ) \d{2} (?!\d)
    | (?: 19 | 20 ) \d{2} - \d{2} - \d{2} (?!\d)                   # 2023-06-23
    """,
    re.VERBOSE,
)
_RULE = re.compile(r"([-=_*~#—–])[ ]?(?:\1[ ]?)+\1")
_BULLET = re.compile(rf"[{re.escape(BULLETS)}][ \t\xa0]")
_ENTITY = re.compile(r"&[#\w]{2,10};\Z")
_MARKS_BESIDE_A_DATE = " \t\xa0,.;:|·-–—"

# Text is wrapped by hand or by a mailer at 50 to 120 columns; longer or only shorter lines show that a file is not.
_NARROWEST_WRAP, _WIDEST_WRAP = 50, 120
_RAGGED_EDGE = 15
_FULL_LINES_OF_A_WRAPPED_TEXT = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank, without the white space at its ends.

    `indent` counts the characters before the words; `has_gap` tells that a blank line, or nothing, stands before.
    """

    words: Passage
    no: int
    indent: int
    has_gap: bool

    @property
    def text(self) -> str:
        """The words alone."""
        return self.words.text

    @property
    def is_bulleted(self) -> bool:
        """Whether the line is an item of a list."""
        return _BULLET.match(self.text) is not None

    @property
    def is_rule(self) -> bool:
        """Whether the line is drawn, not written."""
        return _RULE.fullmatch(self.text) is not None

    @property
    def ends_sentence(self) -> bool:
        """Whether a sentence, or its last bracket or quotation mark, closes here."""
        return self.text.rstrip("\"'”’)]*_").endswith((".", "!", "?"))

    @property
    def leads_on(self) -> bool:
        """Whether the line promises more: it ends with a colon, a comma or a semicolon."""
        return self.text.endswith((":", ",", ";")) and not _ENTITY.search(self.text)


def read_lines(text: str) -> tuple[Line, ...]:
    """The lines of a text that are not blank, in order."""
    found = []
    offset, has_gap = 0, True
    for no, raw in enumerate(text.splitlines(keepends=True), start=1):
        words = raw.strip()
        if words:
            indent = len(raw) - len(raw.lstrip())
            found.append(Line(Passage(words, offset + indent), no, indent, has_gap))
        has_gap = not words
        offset += len(raw)
    return tuple(found)


def leading_date(line: Line) -> Passage | None:
    """The date that the line begins with."""
    date = _DATE.match(line.text)
    return line.words.part(0, date.end()) if date else None


def trailing_date(line: Line) -> Passage | None:
    """The date that the line ends with."""
    for date in _DATE.finditer(line.text[-40:]):
        start = max(0, len(line.text) - 40) + date.start()
        if not line.text[start + len(date[0]) :].strip(_MARKS_BESIDE_A_DATE):
            return line.words.part(start, start + len(date[0]))
    return None


def after_date(line: Line) -> Passage:
    """What stands on the line after the date it begins with; the whole line where it begins with none."""
    date = leading_date(line)
    rest = line.words.part(len(date.text), len(line.text)) if date else line.words
    return rest.strip(_MARKS_BESIDE_A_DATE) if date else rest


def wrap_width(lines: tuple[Line, ...]) -> int | None:
    """The column at which the text was wrapped; None for a text whose paragraphs are single lines."""
    widest = max((line.indent + len(line.text) for line in lines), default=0)
    full = sum(line.indent + len(line.text) > widest - _RAGGED_EDGE for line in lines)
    return widest if _NARROWEST_WRAP <= widest <= _WIDEST_WRAP and full >= _FULL_LINES_OF_A_WRAPPED_TEXT else None


def is_wrapped(previous: Line | None, line: Line, width: int | None) -> bool:
    """Whether `line` goes on with the sentence of `previous`, because its first word had no room there."""
    if previous is None or width is None or line.has_gap or previous.ends_sentence or previous.leads_on:
        return False
    first_word = line.text.split(maxsplit=1)[0]
    return previous.indent + len(previous.text) + 1 + len(first_word) > width


def without_ends(
    lines: tuple[Line, ...], is_outer: Callable[[Line], bool]
) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """The lines without those at both ends for which `is_outer` holds, and these."""
    first, end = 0, len(lines)
    while first < end and is_outer(lines[first]):
        first += 1
    while end > first and is_outer(lines[end - 1]):
        end -= 1
    return lines[first:end], (*lines[:first], *lines[end:])
