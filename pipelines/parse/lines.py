"""Lines of a document as runs of tokens, and what their layout tells: bullets, indents, gaps, hard wraps, dates, rules.

    line   tokens between two line ends; a line without a token is blank
    date   `23 June, 2023` | `June 23, 2023` | `2023-06-23` | `23/06/2023` | `23.06.2023`
    rule   three or more of one kind of mark: `---`, `===`, `***`

A month is any word between a day and a year: what matters is that the line is no part of a monograph.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipelines.lexer import BREAK, BULLET, NARROWEST_WRAP, NUMBER, SOFT_BREAK, WIDEST_WRAP, WORD, Tokens
from pipelines.lexicon import vocabulary, with_role
from pipelines.records import Block, Passage

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
_LONGEST_DATE = 40  # characters
_TOKENS_TO_A_NUMBER = 3  # from the beginning of a date: `Sept. 23`
_MARKS_BESIDE_A_DATE = frozenset(".,;:|·-")
_RULE_MARKS = frozenset("-=_*~#")
_SENTENCE_ENDS = frozenset(".!?")
_CLOSING = frozenset("\"')]*_")
_LEADS_ON = frozenset(":,;")
_JOINS = frozenset({"and", "or", "plus", "+", "&"})
_MOST_WORDS_OF_A_NAME = 5  # the second one of a list whose amount stands on the next line

_RAGGED_EDGE = 15
_FULL_LINES_OF_A_WRAPPED_TEXT = 4
_FEWEST_MARKS_OF_A_RULE = 3


@dataclass(slots=True, eq=False)  # not frozen, since there is one for each line of a document
class Line:
    """A line that is not blank: the tokens from `first` up to `after`.

    `no` is its number in the printed text, from 1. `indent` counts the characters before the words; `has_gap` tells
    that a blank line, or nothing, stands before. `block` is what the document's own structure says of it, if anything.
    """

    tokens: Tokens
    first: int
    after: int
    no: int
    indent: int
    has_gap: bool
    block: Block | None = None

    @property
    def words(self) -> Passage:
        """The printed words, without white space at their ends."""
        return self.tokens.passage(self.first, self.after)

    @property
    def text(self) -> str:
        """The plain words."""
        return self.tokens.plain(self.first, self.after)

    @property
    def length(self) -> int:
        """How many characters the words take."""
        return self.tokens.ends[self.after - 1] - self.tokens.starts[self.first]

    @property
    def is_bulleted(self) -> bool:
        """Whether the line is an item of a list."""
        return self.tokens.kinds[self.first] == BULLET or (self.block is not None and self.block.kind == "item")

    @property
    def is_rule(self) -> bool:
        """Whether the line is drawn, not written."""
        keys = self.tokens.keys
        if keys[self.first] not in _RULE_MARKS or self.after - self.first < _FEWEST_MARKS_OF_A_RULE:
            return False
        return len(set(keys[self.first : self.after])) == 1

    @property
    def ends_sentence(self) -> bool:
        """Whether a sentence, or its last bracket or quotation mark, closes here."""
        keys, at = self.tokens.keys, self.after - 1
        while at > self.first and keys[at] in _CLOSING:
            at -= 1
        return keys[at] in _SENTENCE_ENDS or self.tokens.printed_case(at).endswith(".")

    @property
    def leads_on(self) -> bool:
        """Whether the line promises more: it ends with a colon, a comma or a semicolon."""
        return self.tokens.keys[self.after - 1] in _LEADS_ON

    @property
    def begins_small(self) -> bool:
        """Whether the line begins with a small letter."""
        return self.tokens.printed_case(self.first)[0].islower()


def read_lines(tokens: Tokens, blocks: Sequence[Block] = ()) -> tuple[Line, ...]:
    """The lines of a document that are not blank, in order."""
    found: list[Line] = []
    kinds, starts, ends = tokens.kinds, tokens.starts, tokens.ends
    first, no, line_start, has_gap = 0, 1, 0, True
    block_of = _block_of(tokens, blocks)
    for at in [*(at for at, kind in enumerate(kinds) if kind in (BREAK, SOFT_BREAK)), len(kinds)]:
        if at > first:
            indent = starts[first] - line_start
            found.append(Line(tokens, first, at, no, indent, has_gap, block_of(starts[first])))
        has_gap = at == first
        first, no = at + 1, no + 1
        line_start = ends[at] if at < len(kinds) else 0
    return tuple(found)


def _block_of(tokens: Tokens, blocks: Sequence[Block]) -> Callable[[int], Block | None]:
    """The innermost block that holds a place of the plain text, asked for places in order; cells count as their row."""
    position = tokens.text.plain.plain_position
    spans = [(position(block.start), position(block.end), block) for block in blocks if block.kind != "cell"]
    at = 0

    def find(place: int) -> Block | None:
        nonlocal at
        while at < len(spans) and spans[at][1] <= place:
            at += 1
        inner, found = at, None
        while inner < len(spans) and spans[inner][0] <= place:
            found = spans[inner][2] if place < spans[inner][1] else found
            inner += 1
        return found

    return find


def leading_date(line: Line) -> int:
    """The token after the date that the line begins with; its first token if it begins with none."""
    if NUMBER not in line.tokens.kinds[line.first : min(line.after, line.first + _TOKENS_TO_A_NUMBER)]:
        return line.first
    text = line.text
    date = _DATE.match(text) if text[:1].isalnum() else None
    return line.tokens.at_position(line.tokens.starts[line.first] + date.end() - 1) + 1 if date else line.first


def trailing_date(line: Line) -> int:
    """The first token of the date that the line ends with; the token after the line if it ends with none."""
    tokens, after = line.tokens, line.after
    while after > line.first and tokens.keys[after - 1] in _MARKS_BESIDE_A_DATE:
        after -= 1
    if after == line.first or not tokens.keys[after - 1][-1:].isdigit():
        return line.after
    text = tokens.plain(line.first, after)
    before = max(0, len(text) - _LONGEST_DATE)
    for date in _DATE.finditer(text, before):
        if date.end() == len(text):
            return tokens.at_position(tokens.starts[line.first] + date.start())
    return line.after


def after_date(line: Line) -> tuple[int, int]:
    """The tokens after the date that the line begins with, without marks beside it; all if it begins with none."""
    start, after = leading_date(line), line.after
    if start > line.first:
        while start < after and line.tokens.keys[start] in _MARKS_BESIDE_A_DATE:
            start += 1
    return start, after


def wrap_width(lines: Sequence[Line]) -> int | None:
    """The column at which the text was wrapped; None for a text whose paragraphs are single lines."""
    widest = max((line.indent + line.length for line in lines), default=0)
    if not NARROWEST_WRAP <= widest <= WIDEST_WRAP:
        return None
    full = sum(line.indent + line.length > widest - _RAGGED_EDGE for line in lines)
    return widest if full >= _FULL_LINES_OF_A_WRAPPED_TEXT else None


def is_wrapped(previous: Line | None, line: Line, width: int | None) -> bool:
    """Whether `line` goes on with the sentence of `previous`: no sentence ends there, or the word had no room there."""
    if previous is None or not _may_go_on(previous, line):
        return False
    if line.begins_small and (_is_open(line.tokens, previous.after - 1) or _goes_on(line.tokens, line.first)):
        return True
    if _is_torn(previous, line) or _goes_on_with_name(previous, line):
        return True
    if width is None:
        return False
    tokens, at = line.tokens, line.first + 1
    while at < line.after and tokens.is_tight(at):
        at += 1
    first_word = tokens.ends[at - 1] - tokens.starts[line.first]
    return previous.indent + previous.length + 1 + first_word > width


def _may_go_on(previous: Line, line: Line) -> bool:
    is_ended = previous.ends_sentence or previous.leads_on
    return not (line.has_gap or is_ended or line.block or previous.block)


def _is_open(tokens: Tokens, at: int) -> bool:
    """Whether a token is a word that no line ends with, unless the next one goes on: `10 mg of`, `xyl and`.

    Behind a mark `and` may end the last item but one of a list.
    """
    if tokens.keys[at] in _JOINS:
        return at > 0 and tokens.kinds[at - 1] in (WORD, NUMBER)
    return with_role("grammar_words", "goes on").is_word(tokens, at)


def _goes_on(tokens: Tokens, at: int) -> bool:
    """Whether a token is a word that no line begins with, unless it goes on from the one before: `per mL`."""
    return with_role("grammar_words", "follows").is_word(tokens, at)


def _is_torn(previous: Line, line: Line) -> bool:
    """Whether a line begins with an amount that goes on from the one before: `… and` / `850 mg`, `… and xyl` / `5 mg`.

    The line before ends with a joint or a preposition; or with the second name of a list whose first has its amount.
    """
    tokens, first, last = line.tokens, line.first, previous.after - 1
    if tokens.kinds[first] != NUMBER or first + 1 >= line.after or last <= previous.first:
        return False
    if _is_open(tokens, last) and tokens.keys[last] not in _JOINS and tokens.kinds[first + 1] == WORD:
        return True  # `aged` / `4 years and older`
    if vocabulary("unit_synonyms").longest(tokens, first + 1, line.after) is None:
        return False
    if _is_open(tokens, last) or tokens.keys[last] in _JOINS:
        return True
    near = range(last, max(previous.first, last - _MOST_WORDS_OF_A_NAME), -1)
    joint = next((at for at in near if tokens.keys[at] in _JOINS), None)
    is_name = joint is not None and all(
        tokens.kinds[at] == WORD and tokens.printed_case(at).islower() for at in range(joint, last + 1)
    )
    return is_name and joint is not None and NUMBER in tokens.kinds[previous.first : joint]


def _goes_on_with_name(previous: Line, line: Line) -> bool:
    """Whether the name behind an amount stands on the next line: `contains 518 mg of xyl, 1.21 mg` / `tromethamine`.

    The line before ends with an amount and has said `contains`, or has another amount; the name is no form.
    """
    tokens, first, last = line.tokens, line.first, previous.after - 1
    is_bracket = tokens.keys[first] == "(" and first + 1 < line.after and tokens.printed_case(first + 1)[0].islower()
    if not (is_bracket or (line.begins_small and tokens.kinds[first] == WORD)) or last - 2 < previous.first:
        return False
    units = vocabulary("unit_synonyms")
    number = next((at for at in (last - 1, last - 2) if tokens.kinds[at] == NUMBER), None)
    if number is None or units.whole(tokens, number + 1, last + 1) is None:
        return False
    if is_bracket:
        return tokens.keys[first + 1] == "as"  # `amoxicillin 125 mg` / `(as trihydrate) and …`
    is_list = NUMBER in tokens.kinds[previous.first : number] and "," in tokens.keys[previous.first : number]
    others = (vocabulary("dose_form_words"), units)
    return is_list and all(words.longest(tokens, first, line.after) is None for words in others)


def join_wrapped(lines: Sequence[Line], width: int | None) -> None:
    """Makes the line ends inside wrapped sentences soft, so that phrases are found across them.

    A line that does not begin with a word goes on only with an amount or a name, however wide the text is.
    """
    for previous, line in pairwise(lines):
        kinds, first = line.tokens.kinds, line.first
        if kinds[first - 1] != BREAK:
            continue
        if kinds[first] == WORD:
            is_joined = is_wrapped(previous, line, width)
        else:
            is_joined = _may_go_on(previous, line) and (_is_torn(previous, line) or _goes_on_with_name(previous, line))
        if is_joined:
            kinds[first - 1] = SOFT_BREAK


def without_ends(lines: Sequence[Line], is_outer: Callable[[Line], bool]) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """The lines without those at both ends for which `is_outer` holds, and these."""
    first, end = 0, len(lines)
    while first < end and is_outer(lines[first]):
        first += 1
    while end > first and is_outer(lines[end - 1]):
        end -= 1
    return tuple(lines[first:end]), (*lines[:first], *lines[end:])
