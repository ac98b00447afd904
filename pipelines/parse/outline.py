"""Which lines of a document open a section.

A heading by the document's own structure opens one. A known title opens one if it stands alone on its line, or begins
it and a break follows. But

* a title without punctuation begins with a capital, and neither it nor one in small letters ends a wrapped sentence;
* a bulleted title opens a section only beside its equals: if the section before it is bulleted just so;
* a title without punctuation right under the heading of contraindications is one of them (`Pregnancy`);
* a title that is also a common label (`Children: 5 mg`) stays in a section that holds a list;
* before the first section, a title with a date under it is a link to another page.

A line that looks like a heading and is unknown closes the section before it, so that nothing is read from the wrong
place. It stays in the section if that holds a list of labels, if its number continues the section's number (`5.1`
under `5`), if it is indented or bulleted under the section's heading, and if it groups reactions (`GI`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from pipelines.lexer import NUMBER
from pipelines.parse.headings import (
    OTHER,
    Heading,
    begins_as_question,
    classify,
    groups_reactions,
    read_unknown,
    structural,
    title_key,
)
from pipelines.parse.lines import Line, after_date, is_wrapped, leading_date
from pipelines.records import SectionCode
from schemas import codes

_SHORT_NAME = 80  # characters
_BETWEEN_NAMES = frozenset(",;[(")
_MOST_WORDS_IN_CAPITALS = 8
_FEWEST_CAPITALS = 3
_MOST_WORDS_OF_A_QUESTION = 10


@cache
def list_sections() -> frozenset[str]:
    """Codes of the sections that hold lists of labelled lines, such as strengths by form."""
    return frozenset(row["code"] for row in codes.rows("sections") if row["holds_list"])


@cache
def system_sections() -> frozenset[str]:
    """Codes of the sections that list reactions by part of the body."""
    return frozenset(row["code"] for row in codes.rows("sections") if row["holds_systems"])


@cache
def naming_sections() -> tuple[str, ...]:
    """Codes of the sections that name the drug, the surest first."""
    named = [row for row in codes.rows("sections") if row["title_rank"]]
    return tuple(row["code"] for row in sorted(named, key=lambda row: int(row["title_rank"])))


@cache
def opening_sections() -> frozenset[str]:
    """Codes of the sections that a monograph has once, and that begin the next one if they come again."""
    return frozenset(row["code"] for row in codes.rows("sections") if row["opens_monograph"])


@cache
def _by_loinc() -> dict[str, SectionCode]:
    return {row["loinc_code"]: SectionCode(row["code"]) for row in codes.rows("sections") if row["loinc_code"]}


class DocumentNames:
    """The names that a document gives its drugs: its short lines, and what follows a heading that names the drug."""

    def __init__(self, lines: Sequence[Line]) -> None:
        """Remember the lines; they are read when a name is first asked for."""
        self._lines = lines
        self._keys: frozenset[str] | None = None

    def __contains__(self, key: object) -> bool:
        """Whether the document gives the name with this key."""
        if self._keys is None:
            self._keys = frozenset(name for line in self._lines for name in _names_on(line))
        return key in self._keys


def _names_on(line: Line) -> Iterator[str]:
    """Names that the line may give: all of a short line, or each item after a heading that names the drug."""
    tokens = line.tokens
    if line.length <= _SHORT_NAME:
        first, after = after_date(line)
        yield title_key(tokens, first, after)
        number = next((at for at in range(line.first + 1, line.after) if tokens.kinds[at] == NUMBER), None)
        bracket = next((at for at in range(line.first + 1, line.after) if tokens.keys[at] in _BETWEEN_NAMES), None)
        for end in (number, bracket):
            if end is not None:
                yield title_key(tokens, line.first, end)  # `Exemplan 5 mg tablets`, `exemplum (Exemplan)`
    heading = classify(line, ())
    if heading is not None and heading.code in naming_sections():
        start = heading.rest[0]
        for at in range(*heading.rest):
            if tokens.keys[at] in _BETWEEN_NAMES:
                yield title_key(tokens, start, at)
                start = at + 1
        yield title_key(tokens, start, heading.rest[1])


@dataclass(frozen=True, slots=True)
class _Setting:
    """A line between its neighbours, and the section that is open there."""

    previous: Line | None
    line: Line
    following: Line | None
    section: Heading | None
    width: int | None

    @property
    def ends_wrapped_sentence(self) -> bool:
        return is_wrapped(self.previous, self.line, self.width)

    @property
    def begins_contraindications(self) -> bool:
        """Whether the line stands right under that heading, where `Pregnancy` is a contraindication."""
        if self.section is None or self.previous is None or self.section.code != "contraindications":
            return False
        return not self.section.has_rest and self.section.words[0] >= self.previous.first

    @property
    def holds_list(self) -> bool:
        return self.section is not None and self.section.code in list_sections()


def read_outline(lines: Sequence[Line], width: int | None) -> tuple[Heading | None, ...]:
    """For each line the heading that opens a section there, or None."""
    names = DocumentNames(lines)
    outline: list[Heading | None] = []
    section: Heading | None = None
    for no, line in enumerate(lines):
        previous = lines[no - 1] if no else None
        following = lines[no + 1] if no + 1 < len(lines) else None
        heading = _opening(_Setting(previous, line, following, section, width), names)
        outline.append(heading)
        section = heading or section
    return tuple(outline)


def _opening(at: _Setting, names: DocumentNames) -> Heading | None:
    given = structural(at.line, names, _by_loinc())
    if given is not None:
        return given if given.is_known or _unknown_closes(given, at) else None
    if at.line.is_rule or (at.line.block is not None and at.line.block.kind in ("furniture", "row")):
        return _cell_heading(at, names)
    known = classify(at.line, names)
    if known is not None:
        return known if _known_opens(known, at) else None
    if at.section is None or at.ends_wrapped_sentence:
        return None
    unknown = read_unknown(at.line) or _as_question(at) or _in_capitals(at)
    return unknown if unknown is not None and _unknown_closes(unknown, at) else None


def _cell_heading(at: _Setting, names: DocumentNames) -> Heading | None:
    """The heading of a table's row whose first cell is a known title and whose second is its text."""
    if at.line.block is None or at.line.block.kind != "row":
        return None
    known = classify(at.line, names)
    return known if known is not None and known.has_rest and known.role != "label" else None


def _known_opens(heading: Heading, at: _Setting) -> bool:
    is_set_off = heading.form != "plain" and heading.is_capitalised
    if not is_set_off and at.ends_wrapped_sentence and not _stands_apart(heading, at):
        return False
    if heading.form == "plain" and (heading.is_bulleted or not heading.is_capitalised or at.begins_contraindications):
        return False
    if heading.is_bulleted and not _is_beside_equal(heading, at.section):
        return False
    if heading.role == "label" and heading.form != "marked" and at.holds_list:
        return False
    return not _is_link_to_other_page(at)


def _stands_apart(heading: Heading, at: _Setting) -> bool:
    """Whether a title alone on its line is no end of a wrapped sentence: a capital begins it and the next line."""
    is_whole = heading.form == "plain" and not heading.has_rest and not at.line.ends_sentence
    return is_whole and heading.is_capitalised and at.following is not None and not at.following.begins_small


def _unknown_closes(heading: Heading, at: _Setting) -> bool:
    section = at.section
    if section is None or heading.is_part_of(section):
        return False
    if section.code in system_sections() and groups_reactions(title_key(heading.tokens, *heading.words)):
        return False
    if heading.is_bulleted:
        return section.is_bulleted and _is_beside_equal(heading, section) and not at.holds_list
    return heading.form == "marked" or (heading.indent <= section.indent and not at.holds_list)


def _is_beside_equal(heading: Heading, section: Heading | None) -> bool:
    return section is None or (section.is_bulleted and section.indent == heading.indent)


def _is_link_to_other_page(at: _Setting) -> bool:
    return at.section is None and at.following is not None and leading_date(at.following) > at.following.first


def _as_question(at: _Setting) -> Heading | None:
    """A short line after a gap that begins as a question does: `How and when to use it`."""
    line = at.line
    is_alone = line.has_gap and not line.is_bulleted and not (line.ends_sentence or line.leads_on)
    if not is_alone or not line.tokens.printed_case(line.first)[0].isupper():
        return None
    keys = line.tokens.keys[line.first : line.after]
    if len(keys) > _MOST_WORDS_OF_A_QUESTION or not begins_as_question(title_key(line.tokens, line.first, line.after)):
        return None
    if "," in keys or (at.following is not None and at.following.begins_small):
        return None  # the first line of a wrapped paragraph
    return replace(_whole(line), form="marked", indent=line.indent)


def _in_capitals(at: _Setting) -> Heading | None:
    """A short line in capitals after a gap, in a section that already has text: an unknown heading without mark."""
    line = at.line
    if not line.has_gap or line.is_bulleted or line.after - line.first > 2 * _MOST_WORDS_IN_CAPITALS:
        return None
    text = line.text
    if not text.isupper() or line.ends_sentence or line.leads_on or sum(map(str.isupper, text)) < _FEWEST_CAPITALS:
        return None
    if at.previous is None or at.previous.text.isupper() or (at.following and at.following.text.isupper()):
        return None
    is_short = len(text.split()) <= _MOST_WORDS_IN_CAPITALS
    has_word = any(len(word) >= _FEWEST_CAPITALS and word.isalpha() for word in text.split())
    return replace(_whole(line), indent=line.indent) if is_short and has_word else None


def _whole(line: Line) -> Heading:
    return Heading(OTHER, line.tokens, (line.first, line.after), (line.after, line.after), form="plain")
