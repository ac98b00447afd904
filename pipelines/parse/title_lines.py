"""Lines before the first heading: which is the title, and which belong to the page.

    title line   [`#`] [date] words [date]     (a date beside the words is glued to them and no part of the title)
    page line    a rule | page furniture | a date | a few words and a date

A title is short, is no sentence and no label. A line with a date under it is a link to another page, unless there is no
other. Among several the title is the one that is the drug's name, else holds it, else the first after the last date.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.parse.headings import is_furniture, is_label
from pipelines.parse.lines import Line, after_date, leading_date, trailing_date
from pipelines.parse.titles import title_key
from pipelines.records import Passage

IS_NAME, HOLDS_NAME = 2, 1

_LONGEST_TITLE = 120
_MOST_WORDS_OF_A_TITLE = 12
_LONGEST_DATED_LINE = 60
_MARKDOWN = "#*_ \t\xa0"


@dataclass(frozen=True, slots=True)
class TitleLine:
    """The words that are the title, the date glued to them, and the number of the line in its stretch."""

    at: int
    words: Passage
    glued: Passage | None

    def relation(self, name: str) -> int:
        """IS_NAME where the words are the name with this key, HOLDS_NAME where one holds the other, else 0."""
        key = title_key(self.words.text)
        if not name:
            return 0
        if key == name:
            return IS_NAME
        return HOLDS_NAME if f" {name} " in f" {key} " or f" {key} " in f" {name} " else 0


def is_page_line(line: Line) -> bool:
    """Whether a line before the first heading belongs to the page."""
    if line.is_rule or is_furniture(line.text):
        return True
    if leading_date(line) and not after_date(line):
        return True
    return len(line.text) <= _LONGEST_DATED_LINE and _is_dated(line)


def read_title_line(line: Line, at: int = 0) -> TitleLine | None:
    """The title that the line can be, or None."""
    if is_page_line(line) or line.is_bulleted:
        return None
    words, glued = line.words, leading_date(line)
    if glued:
        words = after_date(line)
    elif ending := trailing_date(line):
        words, glued = line.words.part(0, ending.start - line.words.start), ending
    words = words.strip(_MARKDOWN)
    return TitleLine(at, words, glued) if _is_title_like(words, line) else None


def choose_title(lines: tuple[Line, ...], name: str) -> TitleLine | None:
    """The title among the lines before the first heading; `name` is the key of the drug's name, or empty."""
    found = [title for at, line in enumerate(lines) if (title := read_title_line(line, at))]
    own = [title for title in found if not _is_followed_by_date(lines, title.at)] or found
    for relation in (IS_NAME, HOLDS_NAME):
        related = [title for title in own if title.relation(name) == relation]
        if related:
            return related[-1]
    last_date = max((at for at, line in enumerate(lines) if leading_date(line)), default=-1)
    after_dates = [title for title in own if title.at >= last_date]
    return next(iter(after_dates or own), None)


def _is_dated(line: Line) -> bool:
    """Whether words and a date after them stand on the line, and a space between."""
    ending = None if leading_date(line) else trailing_date(line)
    return ending is not None and line.text[: ending.start - line.words.start][-1:].isspace()


def _is_title_like(words: Passage, line: Line) -> bool:
    is_short = len(words.text) <= _LONGEST_TITLE and len(words.text.split()) <= _MOST_WORDS_OF_A_TITLE
    has_word = any(character.isalnum() for character in words.text)
    return is_short and has_word and not (line.ends_sentence or line.leads_on or is_label(line))


def _is_followed_by_date(lines: tuple[Line, ...], at: int) -> bool:
    return at + 1 < len(lines) and leading_date(lines[at + 1]) is not None
