"""Which lines of a document open a section.

A known title opens one where it stands alone on its line, or begins it and a break follows. But

* a title without punctuation begins with a capital, and neither it nor one in small letters ends a wrapped sentence;
* a bulleted title opens a section only beside its equals: where the section before it is bulleted just so;
* a title without punctuation right under the heading of contraindications is one of them (`Pregnancy`);
* a title that is also a common label (`Children: 5 mg`) stays in a section that holds a list;
* before the first section, a title with a date under it is a link to another page.

A line that looks like a heading and is unknown closes the section before it, so that nothing is read from the wrong
place. It stays in the section where that holds a list of labels, where its number continues the section's number
(`5.1` under `5`), where it is indented or bulleted under the section's heading, and where it groups reactions (`GI`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pipelines.parse.headings import OTHER, Heading, read_known, read_unknown
from pipelines.parse.lines import Line, after_date, is_wrapped, leading_date, wrap_width
from pipelines.parse.titles import (
    begins_as_question,
    groups_reactions,
    list_sections,
    naming_sections,
    system_sections,
    title_key,
)

_SHORT_NAME = 80
_NUMBER = re.compile(r"\s\d")
_BETWEEN_NAMES = re.compile(r"[,;\[(]")
_CAPITALS = re.compile(r"[^\W\d_a-z]{3}")
_MOST_WORDS_IN_CAPITALS = 8
_MOST_WORDS_OF_A_QUESTION = 10


class DocumentNames:
    """The names that a document gives its drugs: its short lines, and what follows a heading that names the drug."""

    def __init__(self, lines: tuple[Line, ...]) -> None:
        """Remember the lines; they are read when a name is first asked for."""
        self._lines = lines
        self._keys: frozenset[str] | None = None

    def __contains__(self, key: object) -> bool:
        """Whether the document gives the name with this key."""
        if self._keys is None:
            self._keys = frozenset(title_key(name) for line in self._lines for name in _names_on(line))
        return key in self._keys


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
        return not self.section.rest and self.section.words.start >= self.previous.words.start

    @property
    def holds_list(self) -> bool:
        return self.section is not None and self.section.code in list_sections()


def read_outline(lines: tuple[Line, ...]) -> tuple[Heading | None, ...]:
    """For each line the heading that opens a section there, or None."""
    names, width = DocumentNames(lines), wrap_width(lines)
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
    if at.line.is_rule:
        return None
    known = read_known(at.line, names)
    if known is not None:
        return known if _known_opens(known, at) else None
    if at.section is None or at.ends_wrapped_sentence:
        return None
    unknown = read_unknown(at.line) or _as_question(at) or _in_capitals(at)
    return unknown if unknown is not None and _unknown_closes(unknown, at) else None


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
    is_whole = heading.form == "plain" and not heading.rest and not at.line.ends_sentence
    return is_whole and heading.is_capitalised and at.following is not None and not at.following.text[:1].islower()


def _unknown_closes(heading: Heading, at: _Setting) -> bool:
    section = at.section
    if section is None or heading.is_part_of(section):
        return False
    if section.code in system_sections() and groups_reactions(heading.words.text):
        return False
    if heading.is_bulleted:
        return section.is_bulleted and _is_beside_equal(heading, section) and not at.holds_list
    return heading.form == "marked" or (heading.indent <= section.indent and not at.holds_list)


def _is_beside_equal(heading: Heading, section: Heading | None) -> bool:
    return section is None or (section.is_bulleted and section.indent == heading.indent)


def _is_link_to_other_page(at: _Setting) -> bool:
    return at.section is None and at.following is not None and leading_date(at.following) is not None


def _as_question(at: _Setting) -> Heading | None:
    """A short line after a gap that begins as a question does: `How and when to use it`."""
    is_alone = at.line.has_gap and not at.line.is_bulleted and not (at.line.ends_sentence or at.line.leads_on)
    if not is_alone or not at.line.text[:1].isupper() or not begins_as_question(at.line.text):
        return None
    if "," in at.line.text or (at.following is not None and at.following.text[:1].islower()):
        return None  # the first line of a wrapped paragraph
    is_short = len(at.line.text.split()) <= _MOST_WORDS_OF_A_QUESTION
    return replace(_whole(at.line), form="marked", indent=at.line.indent) if is_short else None


def _in_capitals(at: _Setting) -> Heading | None:
    """A short line in capitals after a gap, in a section that already has text: an unknown heading without mark."""
    text = at.line.text
    if not at.line.has_gap or at.line.is_bulleted or not text.isupper() or at.line.ends_sentence or at.line.leads_on:
        return None
    if at.previous is None or at.previous.text.isupper() or (at.following and at.following.text.isupper()):
        return None
    if len(text.split()) > _MOST_WORDS_IN_CAPITALS or not _CAPITALS.search(text):
        return None
    return replace(_whole(at.line), indent=at.line.indent)


def _whole(line: Line) -> Heading:
    return Heading(OTHER, line.words, line.words.part(len(line.text), len(line.text)), form="plain")


def _names_on(line: Line) -> Iterator[str]:
    """Names that the line may give: all of a short line, or each item after a heading that names the drug."""
    if len(line.text) <= _SHORT_NAME:
        yield after_date(line).text
        yield _NUMBER.split(line.text, maxsplit=1)[0]  # `Exemplan 5 mg tablets`
    heading = read_known(line, ())
    if heading is not None and heading.code in naming_sections():
        yield from _BETWEEN_NAMES.split(heading.rest.text)
