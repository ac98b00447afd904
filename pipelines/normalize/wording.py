"""Printed words made ready to be read, with the way back to where they stand; and words of a table as one pattern."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from pipelines.normalize.plain import Plain, plain
from pipelines.records import Passage
from schemas import codes

_BRACKET = re.compile(r"[()\[\]]")
_ENTITY = re.compile(r"&\#?\w{1,10};")
_OPENS = {")": "(", "]": "["}
_BLANK = "\0"


@dataclass(frozen=True, slots=True)
class Wording:
    """A passage and its text as readers want it; positions are counted in `text`."""

    printed: Passage
    plain: Plain

    @property
    def text(self) -> str:
        """The text to read."""
        return self.plain.text

    def part(self, start: int, end: int) -> Passage:
        """The printed words from `start` to `end`."""
        if end <= start:
            return self.printed.part(0, 0)
        return self.printed.part(self.plain.back(start), self.plain.back_end(end))


def wording(printed: Passage) -> Wording:
    """A passage ready to be read."""
    return Wording(printed, plain(printed.text))


def tidy(text: str) -> str:
    r"""Words as a cell holds them: entities resolved, one kind of space, NFC.

    >>> tidy("Stevens&ndash;Johnson \n syndrome")
    'Stevens–Johnson syndrome'
    """
    return " ".join(unicodedata.normalize("NFC", html.unescape(text)).split())


def top_level(text: str) -> str:
    """The text with each closed bracket, and what it holds, blanked out, so that no position moves.

    >>> top_level("a (b, c), d").replace(chr(0), "_")
    'a ______, d'
    """
    if ")" not in text and "]" not in text:
        return text
    pieces: list[str] = []
    at = 0
    for start, end in _closed_brackets(text):
        pieces += (text[at:start], _BLANK * (end - max(start, at)))
        at = max(at, end)
    return "".join(pieces) + text[at:]


def without_entities(text: str) -> str:
    """The text with each HTML entity as its character, so that no position moves and its semicolon parts nothing.

    >>> without_entities("NSAID &mdash; oral").replace(chr(0), "_")
    'NSAID —______ oral'
    """
    return _ENTITY.sub(lambda entity: html.unescape(entity[0])[:1].ljust(len(entity[0]), _BLANK), text)


def _closed_brackets(text: str) -> list[tuple[int, int]]:
    opened: dict[str, list[int]] = {"(": [], "[": []}
    closed = []
    for mark in _BRACKET.finditer(text):
        if mark[0] in opened:
            opened[mark[0]].append(mark.start())
        elif opened[_OPENS[mark[0]]]:
            closed.append((opened[_OPENS[mark[0]]].pop(), mark.end()))
    return sorted(closed)


@cache
def words_of(table: str, *roles: str) -> frozenset[str]:
    """The folded spellings of the rows of a table that have one of the roles; `roles` are written with `; ` between."""
    asked = set(roles)
    return frozenset(text for text, row in codes.by_spelling(table).items() if asked & set(row["roles"].split("; ")))


@cache
def phrases(table: str, *roles: str) -> str:
    """A regular expression for the rows of a table that have one of the roles: whole words, the longest first."""
    return any_of(words_of(table, *roles))


def any_of(spellings: Iterable[str]) -> str:
    """A regular expression for folded spellings: whole words, the longest first."""
    longest_first = sorted(spellings, key=lambda spelling: (-len(spelling), spelling))
    return rf"(?<!\w)(?:{'|'.join(map(_pattern, longest_first))})(?!\w)"


def _pattern(spelling: str) -> str:
    return re.escape(spelling).replace(r"\ ", r"\s{1,9}")
