"""Where one document holds several monographs: the line at which each begins.

A new monograph begins at a heading that the one before has, too, where

* the heading gives the name of a drug, and the name differs (two drugs are never mixed), or a title line with that
  name or a title line apart from the text stands before it;
* or it names the drug in another way, or was the first of the monograph before, and a title line apart from the text
  stands before it. A gap, a rule or a date sets a line apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.parse.headings import Heading
from pipelines.parse.lines import Line, leading_date
from pipelines.parse.title_lines import IS_NAME, TitleLine, is_page_line, read_title_line
from pipelines.parse.titles import naming_sections, opening_sections, title_key
from pipelines.records import Passage

_END_OF_NAME = re.compile(r"[\[(\r\n]")


def drug_name(words: Passage) -> Passage:
    """The name at the beginning of a passage, without what follows in brackets or on other lines."""
    end = _END_OF_NAME.search(words.text)
    return (words.part(0, end.start()) if end else words).strip()


def monograph_starts(lines: tuple[Line, ...], outline: tuple[Heading | None, ...]) -> tuple[int, ...]:
    """The number of the first line of each monograph, counting the page's lines before its title to it."""
    starts = [0]
    seen: dict[str, str] = {}
    lowest = 0
    for at, heading in enumerate(outline):
        if heading is None:
            continue
        if heading.is_known:
            key, name = title_key(heading.words.text), _name_at(lines, outline, at)
            if key in seen:
                turn = _turn(lines, lowest, at, name)
                if _begins_again(heading, key, turn, seen):
                    starts.append(_start(lines, lowest, at, turn))
                    seen = {}
            seen.setdefault(key, name)
        lowest = at if not heading.is_known and not heading.rest else at + 1
    return tuple(starts)


@dataclass(frozen=True, slots=True)
class _Turn:
    """What stands at a heading: the key of the name that it may give, and the title line that may stand before it."""

    name: str
    title: TitleLine | None
    is_apart: bool


def _name_at(lines: tuple[Line, ...], outline: tuple[Heading | None, ...], at: int) -> str:
    """The key of the name that the heading at line `at` gives; empty where it is no heading for a name."""
    heading = outline[at]
    if heading is None or heading.code not in opening_sections():
        return ""
    is_below = not heading.rest and at + 1 < len(lines) and outline[at + 1] is None
    return title_key(drug_name(lines[at + 1].words if is_below else heading.rest).text)


def _turn(lines: tuple[Line, ...], lowest: int, at: int, name: str) -> _Turn:
    before = at - 1
    if before > lowest and lines[before].is_rule and len(lines[before].text) == len(lines[before - 1].text):
        before -= 1  # a title underlined
    title = read_title_line(lines[before], before) if before >= lowest else None
    is_apart = title is not None and (title.glued is not None or _is_apart(lines, before))
    return _Turn(name, title, is_apart)


def _is_apart(lines: tuple[Line, ...], at: int) -> bool:
    return lines[at].has_gap or (at > 0 and is_page_line(lines[at - 1]))


def _begins_again(heading: Heading, key: str, turn: _Turn, seen: dict[str, str]) -> bool:
    if heading.code in opening_sections():
        is_titled = turn.title is not None and (turn.is_apart or turn.title.relation(turn.name) > 0)
        return is_titled or (len(seen) > 1 and turn.name not in ("", seen[key]))
    return len(seen) > 1 and turn.is_apart and (key == next(iter(seen)) or heading.code in naming_sections())


def _start(lines: tuple[Line, ...], lowest: int, at: int, turn: _Turn) -> int:
    """The first line of the new monograph: its rule or title, with the page's lines before."""
    underline = turn.title.at + 1 if turn.title else at
    between = range(lowest, at)
    rules = [no for no in between if lines[no].is_rule and no != underline]
    named = [no for no in between if (line := read_title_line(lines[no])) and line.relation(turn.name) == IS_NAME]
    start = next((found[-1] for found in (rules, named) if found), turn.title.at if turn.title else at)
    while start > lowest and (leading_date(lines[start]) or is_page_line(lines[start - 1])):
        start -= 1
    return start
