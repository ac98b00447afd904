"""Headings inside lines: a line of several fields, of Drug Facts or of a text without line ends is cut before each.

    Name: Exemplan Class: Exempla                       before labels that are known titles
    Drug Facts … Uses … Warnings … Directions …         before the titles of Drug Facts
    … in adults. 4.3 Contraindications Gout.            before a number and a title, or a title in capitals

Whether a part is a heading is asked of it as of any line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, pairwise

from pipelines.lexer import NUMBER, WORD, Tokens
from pipelines.parse.headings import FEWEST_CAPITALS, FEWEST_WORDS_RUN_ON, HIGHEST_NUMBER
from pipelines.parse.lines import Line
from pipelines.parse.section_titles import (
    LONGEST_TITLE,
    MOST_TOKENS_BEFORE_A_TITLE,
    MOST_TOKENS_OF_A_TITLE,
    known_titles,
    title_key,
    words_with_role,
)
from pipelines.records import SectionCode

_FEWEST_LABELS = 3  # known titles with a colon in one line
_FEWEST_CAPITALS_AMID_WORDS = 8  # letters
_CHAPTERS_OF_FACTS = ("active_ingredient", "indications", "warnings", "dosage_administration")
_LONGEST_PARAGRAPH = 1000  # characters


def with_inline_headings(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines, with each heading in capitals or with a number inside a very long one as a line of its own.

    Text that was taken out of a PDF file may stand in one line: `… 4.1 THERAPEUTIC INDICATIONS Exemplan is used …`.
    A line with three known titles or more, each before a colon, is parted at them: `Generic name: … Brand name: …`;
    so is one that holds the chapters of American Drug Facts: `Active ingredient … Uses … Warnings … Directions …`.
    """
    return tuple(part for line in lines for part in _parts_of(line))


def _parts_of(line: Line) -> Iterable[Line]:
    facts = _at_facts(line)
    if facts:
        return facts
    labelled = _at_labels(line)
    if len(labelled) > 1 or line.length >= _LONGEST_PARAGRAPH:
        return chain.from_iterable(map(_parted, labelled))
    return labelled


def _at_facts(line: Line) -> Sequence[Line]:
    """The parts of a line that holds Drug Facts, each title as a line of its own; empty if it does not."""
    tokens = line.tokens
    if line.length <= LONGEST_TITLE or "directions" not in tokens.keys[line.first : line.after]:
        return ()
    found: list[tuple[int, int, SectionCode]] = []
    at = line.first
    while at < line.after:
        end, code = _fact_at(tokens, at, line.after)
        found += [(at, end, code)] if code else []
        at = max(end, at + 1)
    if [code for _, _, code in found if code in _CHAPTERS_OF_FACTS] != list(_CHAPTERS_OF_FACTS):
        return ()
    edges = sorted({line.first, line.after, *(edge for begin, end, _ in found for edge in (begin, end))})
    return [replace(line, first=a, after=b, has_gap=line.has_gap and no == 0) for no, (a, b) in _pairs(edges)]


def _fact_at(tokens: Tokens, at: int, after: int) -> tuple[int, SectionCode | None]:
    """The token after a title of Drug Facts, with its bracket, and its section; none if no such title begins here."""
    if tokens.kinds[at] != WORD or not tokens.printed_case(at)[0].isupper() or _begins_reference(tokens, at):
        return at, None
    for end in range(min(after, at + MOST_TOKENS_OF_A_TITLE), at, -1):
        title = known_titles().exact.get(title_key(tokens, at, end))
        code = title.code if title is not None else None
        if code is None or not (code in (*_CHAPTERS_OF_FACTS, "inactive_ingredients") or code.startswith("otc_")):
            continue
        close = next((no for no in range(end, after) if tokens.keys[no] == ")"), end - 1)
        has_bracket = end < after and tokens.keys[end] == "("
        return (close + 1 if has_bracket else end), code
    return at, None


def _at_labels(line: Line) -> Sequence[Line]:
    keys = line.tokens.keys
    if keys[line.first : line.after].count(":") < _FEWEST_LABELS or (line.block and line.block.kind != "paragraph"):
        return (line,)
    colons = [at for at in range(line.first + 1, line.after) if keys[at] == ":"]
    starts = [start for at in colons if (start := _label_start(line, at)) is not None]
    if len({keys[start] for start in starts}) < _FEWEST_LABELS:
        return (line,)
    edges = [line.first, *(start for start in starts if start > line.first), line.after]
    return [replace(line, first=at, after=end, has_gap=line.has_gap and no == 0) for no, (at, end) in _pairs(edges)]


def _pairs(edges: Sequence[int]) -> Iterator[tuple[int, tuple[int, int]]]:
    return enumerate(pairwise(edges))


def _label_start(line: Line, colon: int) -> int | None:
    """Where a known title begins that ends at a colon; a capital begins it, and a space stands on either side."""
    tokens = line.tokens
    if colon + 1 < line.after and tokens.is_tight(colon + 1):
        return None
    if tokens.ends[colon - 1] - tokens.starts[colon - 1] < FEWEST_CAPITALS:
        return None  # `95% CI: 0.6`
    for start in range(max(line.first, colon - MOST_TOKENS_BEFORE_A_TITLE), colon):
        title = known_titles().exact.get(title_key(tokens, start, colon)) if tokens.kinds[start] == WORD else None
        if title is not None and title.code and not title.role and tokens.printed_case(start)[0].isupper():
            is_apart = start == line.first or not tokens.is_tight(start)
            return start if is_apart and tokens.keys[start - 1] not in ("(", "[", "/") else None
    return None


def _parted(line: Line) -> Iterator[Line]:
    at = start = line.first
    while at < line.after:
        end = _inline_heading_end(line.tokens, at, line.after)
        if end > at:
            end += end < line.after and line.tokens.keys[end] == ":"
            first = _inline_number_start(line.tokens, at, start)
            for begin, after in ((start, first), (first, end)):
                if begin < after:
                    yield replace(line, first=begin, after=after, has_gap=line.has_gap and begin == line.first)
            start = at = end
        else:
            at += 1
    if start < line.after:
        yield replace(line, first=start, has_gap=line.has_gap and start == line.first)


def _begins_reference(tokens: Tokens, at: int) -> bool:
    """Whether what stands before a title refers to it: `see`, `in the`, an opening bracket."""
    before = tokens.keys[at - 1] if at else ""
    return before in ("[", "(", ",") or before in words_with_role("title_words", "before reference")


def _inline_heading_end(tokens: Tokens, at: int, after: int) -> int:
    """The token after a title amid other words, numbered or in capitals; else the same token.

    One word in capitals must be long and stand behind a full stop: `… of the eye. CONTRAINDICATIONS Glaucoma.`
    """
    if tokens.kinds[at] != WORD or tokens.keys[at] not in known_titles().first_words:
        return at
    is_numbered = _is_numbered_inside(tokens, at)
    if not (is_numbered or tokens.printed_case(at).isupper()) or _begins_reference(tokens, at):
        return at
    is_apart = at > 0 and tokens.keys[at - 1] == "." and len(tokens.keys[at]) >= _FEWEST_CAPITALS_AMID_WORDS
    for end in range(min(after, at + MOST_TOKENS_OF_A_TITLE), at + (not (is_numbered or is_apart)), -1):
        title = known_titles().exact.get(title_key(tokens, at, end))
        is_set_off = is_numbered and (end == after or not tokens.printed_case(end)[0].islower())
        if title is not None and title.code and (is_set_off or tokens.plain(at, end).isupper()):
            is_reference = end < after and tokens.keys[end] in ("(", ",", ")", "]")
            is_reference = is_reference or tokens.keys[end : end + 2] == [".", "."]  # `CONTRAINDICATIONS... 3`
            return at if is_reference else end
    return at


def _is_numbered_inside(tokens: Tokens, at: int) -> bool:
    """Whether a number of two parts that nothing refers to stands before a word with a capital: `… 4.1 Therapeutic`."""
    if at < FEWEST_WORDS_RUN_ON or not tokens.printed_case(at)[0].isupper() or tokens.kinds[at - 1] != NUMBER:
        return False
    chapter, _, part = tokens.keys[at - 1].partition(".")
    is_number = chapter.isdecimal() and part.isdecimal() and max(len(chapter), len(part)) <= HIGHEST_NUMBER
    return is_number and not _begins_reference(tokens, at - 1)


def _inline_number_start(tokens: Tokens, at: int, start: int) -> int:
    """The first token of the number before a heading, if one stands there."""
    if at - 1 > start and tokens.keys[at - 1] == "." and tokens.kinds[at - 2] == NUMBER and tokens.is_tight(at - 1):
        return at - 2
    return at - 1 if at - 1 >= start and tokens.kinds[at - 1] == NUMBER else at
