"""The items of a printed list of adverse reactions.

    list  = item { separator item }                        separator: "," ";" `and` `or` `including` …, outside brackets
    item  = quality { separator quality } rest             `fast or irregular heartbeat` is one item
          | rest { separator part }                        `swelling of the face, lips or tongue` is one item
          | rest preposition …                             `pain in the arms` is one item

Qualities, parts and the words of prose are rows of `reaction_words.csv`. A list that turns into a sentence ends there,
up to the next semicolon: an item left out is better than a fragment of a sentence called a reaction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.normalize.verbs import VERB
from pipelines.normalize.wording import phrases, top_level, words_of
from schemas.codes import fold

_LONGEST_ITEM = 12  # words; what is longer is a sentence
_LONGEST_WITH_PARTS = 200  # characters
_TABLE = "reaction_words"
_SHORTEST_WITH_ENDING = 6

_FLAGS = re.VERBOSE | re.IGNORECASE
_JOINER = phrases(_TABLE, "separator")
_SEPARATOR = re.compile(rf"\s{{0,9}} (?: [;,] (?: \s{{0,9}} {_JOINER} )? \s{{0,9}} | {_JOINER} \s{{0,9}} )", _FLAGS)
_WHOLE = re.compile(phrases(_TABLE, "whole"), _FLAGS)
_STOP = re.compile(f"{phrases(_TABLE, 'stop', 'effect')}|{VERB}", _FLAGS)
_WORD = re.compile(r"[^\W\d_][\w'-]*")
_ENDS = " \t\n\r.,;:*†‡§#\"'-"


@dataclass(slots=True)
class _Items:
    """The items found so far; `waiting` is where a quality stands that the next item completes."""

    text: str
    found: list[tuple[int, int]] = field(default_factory=list)
    waiting: int | None = None
    is_open: bool = False

    def add(self, start: int, end: int) -> None:
        """Takes in a piece: as an item, as a part of the item before, or as the beginning of the next."""
        words = _words(self.text[start:end])
        if self.is_open and self.waiting is None and self.completes_last(words):
            self.found[-1] = (self.found[-1][0], end)
        elif _is_incomplete(words):
            self.waiting = start if self.waiting is None else self.waiting
        else:
            self.found.append((start if self.waiting is None else self.waiting, end))
            self.waiting, self.is_open = None, True

    def completes_last(self, words: list[str]) -> bool:
        """Whether the words belong to the item before."""
        if len(self.text[slice(*self.found[-1])]) > _LONGEST_WITH_PARTS:
            return False
        if words[0] in words_of(_TABLE, "goes on"):
            return True
        before = _words(self.text[slice(*self.found[-1])])
        return _are(words, "part") and not words_of(_TABLE, "takes parts").isdisjoint(before)

    def close(self, end: int) -> None:
        """Ends the list; qualities that wait go with an item that asks for them: `feeling tired or weak`."""
        if self.waiting is not None and self.is_open:
            before = _words(self.text[slice(*self.found[-1])])
            if not words_of(_TABLE, "takes parts").isdisjoint(before):
                self.found[-1] = (self.found[-1][0], end)
        self.waiting, self.is_open = None, False


def list_items(text: str) -> list[tuple[int, int]]:
    """Where each reaction of a list begins and ends in `text`."""
    items = _Items(text)
    stopped = False
    last = 0
    for start, end, after_semicolon in _pieces(text):
        if after_semicolon:
            items.close(last)
            stopped = False
        words = _words(text[start:end])
        stopped = stopped or _is_prose(text[start:end], words)
        if stopped or not words or words[0] in words_of(_TABLE, "aside") or _is_nothing(text[start:end]):
            continue
        items.add(start, end)
        last = end
    items.close(last)
    return items.found


def _pieces(text: str) -> Iterator[tuple[int, int, bool]]:
    """The text between separators, and whether a semicolon stands before."""
    outside = _WHOLE.sub(lambda whole: "\0" * len(whole[0]), top_level(text))
    at, after_semicolon = 0, False
    for separator in _SEPARATOR.finditer(outside):
        yield *_trimmed(text, at, separator.start()), after_semicolon
        at, after_semicolon = separator.end(), ";" in separator[0]
    yield *_trimmed(text, at, len(text)), after_semicolon


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    words = text[start:end]
    left = len(words) - len(words.lstrip(_ENDS))
    return start + left, start + max(left, len(words.rstrip(_ENDS)))


def _words(text: str) -> list[str]:
    return [fold(word[0]) for word in _WORD.finditer(top_level(text))]


def _is_prose(text: str, words: list[str]) -> bool:
    return len(words) > _LONGEST_ITEM or _STOP.search(_WHOLE.sub(" ", top_level(text))) is not None


def _is_nothing(text: str) -> bool:
    return fold(text).strip(" .") in words_of(_TABLE, "nothing")


def _is_incomplete(words: list[str]) -> bool:
    """Whether the words only qualify, or lead to, what comes next: `chest tightness` does not."""
    if len(words) > 1 and words[-1] in words_of(_TABLE, "complaint"):
        return False
    return words[-1] in words_of(_TABLE, "goes on") or _are(words, "part") or _are(words, "quality")


def _are(words: list[str], *roles: str) -> bool:
    known = words_of(_TABLE, "article", *roles)
    return all(word in known or ("quality" in roles and _has_quality_ending(word)) for word in words)


def _has_quality_ending(word: str) -> bool:
    endings = tuple(ending.removeprefix("-") for ending in words_of(_TABLE, "quality ending"))
    return len(word) >= _SHORTEST_WITH_ENDING and word.endswith(endings) and word not in words_of(_TABLE, "noun")
