"""Statements: the sentences and list items of a section, each with the words that lead to its list.

    body      = { paragraph | line | item }
    paragraph = line { wrapped line }                  a line goes on where it ends with a comma or a word like `and`;
                                                       or is 50 columns or longer and the next begins in lower case
    item      = bullet line { wrapped line }           `- ` `* ` `• ` `1. ` `a) `; a round bullet also inside a line
    sentence  = words ( "." | "!" | "?" )              not after an abbreviation, in a number or inside a bracket
    lead      = sentence ":"                           it leads to the lines or items below
              | line without a full stop, above a bullet
              | line that is only a share: `>10%`
              | numbered line without a full stop: `5.1 Bleeding`

Abbreviations and words that never end a line's thought are rows of `grammar_words.csv`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from pipelines.normalize.wording import top_level, wording, words_of
from pipelines.records import Passage
from schemas.codes import fold

_NARROWEST_WRAP = 50
_LONGEST_LEAD = 300  # characters; what stands farther from the list is not read with it
_SHORTEST_LAST_WORD = 5  # before a sentence that begins in lower case; a shorter word may be an abbreviation

_LINE = re.compile(r"(?P<round>[•‣◦▪●○]\s{0,9})?[^\n\r\v\f•‣◦▪●○]+")
_BULLET = re.compile(
    r"""\s* (?: [-*+] \s{0,9} (?=[^\W\d_] | ["'(]) | · \s{0,9} | (?: \d{1,2} | [a-z] ) [.)] \s{1,9} )""", re.VERBOSE
)
_NUMBERED = re.compile(r"\d{1,2}[.]\d{1,2}(?:[.]\d{1,2})?[.)]?\s{1,9}[^\W\d_]")
_TOKEN = re.compile(r"\S+?(?<=[a-z]{3}[.])(?=[A-Z][a-z])|\S+")
_CLOSING = "\"'”’)]"


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence or list item; `leads` stand above its list, the outermost first."""

    place: Passage
    leads: tuple[Passage, ...] = ()
    is_lead: bool = False


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that belong together; `has_gap` tells that a blank line stands before."""

    start: int
    end: int
    is_item: bool
    has_gap: bool


@lru_cache(maxsize=16)  # what gave no row is looked for in the statements of which rows were read
def read_statements(body: Passage) -> tuple[Statement, ...]:
    """Every sentence and list item that has a letter or is a lead, in order."""
    words = wording(body)
    blocks = list(_blocks(words.text))
    found: list[Statement] = []
    outer: tuple[Passage, ...] = ()
    leads: tuple[Passage, ...] = ()
    items = False
    for number, block in enumerate(blocks):
        above_item = number + 1 < len(blocks) and blocks[number + 1].is_item and not block.is_item
        if _ends_list(block, words.text, after_items=items):
            outer = leads = ()
        items = block.is_item
        for start, end in _sentences(words.text, block):
            is_lead = _is_lead(words.text[start:end], above_item=above_item and end == block.end)
            place = words.part(start, end)
            found.append(Statement(place, leads, is_lead))
            if is_lead:
                near = words.part(max(start, end - _LONGEST_LEAD), end)
                outer = outer if block.is_item else (near,)
                leads = (*outer, near) if block.is_item else outer
    return tuple(found)


def _ends_list(block: _Block, text: str, *, after_items: bool) -> bool:
    """Whether the words that led to a list say nothing of this block."""
    if block.is_item:
        return False
    return after_items or (block.has_gap and text[block.end - 1] in ".!?")


def _is_lead(text: str, *, above_item: bool) -> bool:
    if text.endswith(":") or not _says_anything(text):
        return True
    return text[-1] not in ".!?;," and (above_item or _NUMBERED.match(text) is not None)


def _says_anything(text: str) -> bool:
    return any(map(str.isalpha, text))


def _blocks(text: str) -> Iterator[_Block]:
    block: _Block | None = None
    last_line = ""
    for line in _lines(text):
        words = text[line.start : line.end]
        if block and _goes_on(block, last_line, line, words):
            block = replace(block, end=line.end)
        else:
            if block:
                yield block
            block = line
        last_line = words
    if block:
        yield block


def _lines(text: str) -> Iterator[_Block]:
    """Each line that has words, without its bullet and the white space at its ends."""
    at, has_gap = 0, False
    for line in _LINE.finditer(text):
        has_gap = has_gap or text.count("\n", at, line.start()) > 1
        at = line.end()
        words = line[0].rstrip()
        mark = line.end("round") - line.start() if line["round"] else 0
        bullet = _BULLET.match(words, mark)
        first = bullet.end() if bullet else mark + len(words[mark:]) - len(words[mark:].lstrip())
        if first < len(words):
            yield _Block(line.start() + first, line.start() + len(words), bool(mark or bullet), has_gap)
        has_gap = first >= len(words)


def _goes_on(block: _Block, last_line: str, line: _Block, words: str) -> bool:
    """Whether a line is a wrapped part of the block above it."""
    if line.is_item or line.has_gap or last_line[-1] in ".!?:;":
        return False
    last_word = last_line[-20:].rpartition(" ")[2]
    is_letter = last_word == "A"  # of vitamin A: an article at the end of a line is small
    if last_line[-1] == "," or (fold(last_word) in words_of("grammar_words", "goes on", "joins") and not is_letter):
        return True
    return (block.is_item or len(last_line) >= _NARROWEST_WRAP) and (words[0].islower() or words[0] == "(")


def _sentences(text: str, block: _Block) -> Iterator[tuple[int, int]]:
    """Where the sentences of a block begin and end; a lone number or mark joins no sentence and is left out."""
    tokens = list(_TOKEN.finditer(top_level(text[block.start : block.end])))
    first = 0
    for number, token in enumerate(tokens):
        is_last = number + 1 == len(tokens)
        if is_last or _ends_sentence(token[0], tokens[number + 1][0]):
            start, end = block.start + tokens[first].start(), block.start + token.end()
            if _says_anything(text[start:end]) or (first == 0 and is_last and "%" in text[start:end]):
                yield start, end
            first = number + 1


def _ends_sentence(last: str, after: str) -> bool:
    """Whether a sentence ends between two words."""
    bare = last.rstrip(_CLOSING)
    if bare[-1:] in ("!", "?"):
        return True
    if not bare.endswith("."):
        return False
    word = fold(bare.lstrip("\"'“‘(["))
    if word in words_of("grammar_words", "abbreviation"):
        return False
    if after[0].isdigit() and word in words_of("grammar_words", "before a number"):
        return False
    return not after[0].islower() or len(bare.rstrip(".")) >= _SHORTEST_LAST_WORD
