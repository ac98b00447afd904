"""One line read as a heading.

    heading   [bullet] [mark] [number] title [break] [text]
    mark      `#`, `##` …, or `**` and `__` around the title
    number    `4.6` | `1.` | `3` | `IV.`
    title     a title of `section_titles.csv`, with or without a bracketed remark; or an unknown one
    break     `:` | `?` | ` - ` | ` – ` | `—`

Only the line itself is looked at here; whether a heading there opens a section is decided in `outline`.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace

from pipelines.parse.lines import BULLETS, Line
from pipelines.parse.titles import SectionTitle, begins_as_question, find_title, is_sentence_word
from pipelines.records import Passage, SectionCode

OTHER = SectionCode("other")

_PREFIX = re.compile(
    rf"""
    (?P<bullet> [{re.escape(BULLETS)}] [ \t\xa0]+ )?
    (?P<mark>   \#{{1,6}} [ \t\xa0]* | \*\* | __ )?
    (?P<number> \d{{1,2}} (?: [.] \d{{1,2}} ){{1,3}} [.)]? [ \t\xa0]*
              | (?: \d{{1,2}} [.)]? | [IVX]{{1,4}} [.)] ) [ \t\xa0]+ )?
    (?P<bold>   \*\* | __ )?
    """,
    re.VERBOSE,
)
_BREAK = re.compile(r" : | \? | \s [-–—] (?=\s) | — | \*\* | __ ", re.VERBOSE)
_AFTER_BREAK = re.compile(r"(?: \*\* | __ )? [ \t\xa0]* (?: : | [-–—] (?=\s) )? [ \t\xa0]*", re.VERBOSE)
_AFTER_COLON = re.compile(r"(?: \*\* | __ )? [ \t\xa0]*", re.VERBOSE)
_REMARK = re.compile(r"\s*\([^()]{0,80}\)$")
_EDGES = " \t\xa0*_#:-–—"
_LONGEST_TITLE = 120
_MOST_BREAKS = 4

_LONGEST_LABEL = 60
_MOST_WORDS_OF_A_LABEL = 7
_MOST_WORDS_OF_A_QUESTION = 14
_VALUE = re.compile(r"\s (?= [A-Z] \d? (?: \s? [(,;/:.*_–—-] | \s* \Z ) )", re.VERBOSE)


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that can open a section.

    `words` is the heading as printed, with its number and without punctuation; `rest` the text on the same line.
    `form` tells how the print sets it apart: `marked` (`#`, a question, alone with a number or in capitals),
    `punctuated` (a break, bold), or `plain` (nothing but its words). `level` counts the `#` of a markdown heading.
    """

    code: SectionCode
    words: Passage
    rest: Passage
    form: str
    number: str = ""
    level: int = 0
    role: str = ""
    is_bulleted: bool = False
    indent: int = 0

    @property
    def is_known(self) -> bool:
        """Whether the title is in the vocabulary."""
        return self.code != OTHER

    def is_part_of(self, other: Heading) -> bool:
        """Whether the print makes this a part of `other`: `5.1` under `5`, or `###` under `##`."""
        continues_number = bool(other.number) and self.number.startswith(f"{other.number}.")
        return continues_number or self.level > other.level > 0

    @property
    def is_capitalised(self) -> bool:
        """Whether the first letter of the title is a capital; true for a script without capitals."""
        first = next((c for c in self.words.text if c.isalpha()), "")
        return not first.islower()


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A title that ends at `end` of the line, and the text that begins at `rest`."""

    end: int
    rest: int
    is_punctuated: bool


def read_known(line: Line, names: Container[str]) -> Heading | None:
    """The heading of the vocabulary that the line begins with or consists of. A title without code is none."""
    prefix = _PREFIX.match(line.text)
    if prefix is None:
        return None
    for candidate in _candidates(line.text, prefix.end()):
        words = line.text[prefix.end() : candidate.end]
        title = find_title(words, names)
        if title is None and words.endswith(")"):
            title = find_title(_REMARK.sub("", words), names)
        if title is not None:
            return _heading(line, prefix, candidate, title) if title.code else None
    return _valued(line, prefix, names)


def read_unknown(line: Line) -> Heading | None:
    """The heading that the line looks like, although its words are not in the vocabulary: a section `other`.

    A label that is known to open no section, such as `Note:`, is none.
    """
    prefix = _PREFIX.match(line.text)
    if prefix is None:
        return None
    whole = next(_candidates(line.text, prefix.end()), None)
    title = SectionTitle(OTHER, "")
    if whole and _stands_out(line.text[prefix.end() : whole.end], prefix):
        return _heading(line, prefix, whole, title)
    label = _label_end(line.text, prefix.end())
    if label is None or find_title(line.text[prefix.end() : label.end], ()) is not None:
        return None
    heading = _heading(line, prefix, label, title)
    return replace(heading, form="marked") if begins_as_question(heading.words.text) else heading


def is_furniture(text: str) -> bool:
    """Whether the words are known to belong to the page or to name the kind of document."""
    title = find_title(text.strip(_EDGES), ()) if len(text) <= _LONGEST_TITLE else None
    return title is not None and title.role == "furniture"


def is_label(line: Line) -> bool:
    """Whether the line begins with a short capitalised label and a colon."""
    prefix = _PREFIX.match(line.text)
    return prefix is not None and _label_end(line.text, prefix.end()) is not None


def _candidates(text: str, start: int) -> Iterator[_Candidate]:
    """Titles that the line may hold from `start`: the whole line, then each part that a break ends."""
    if len(text) - start <= _LONGEST_TITLE:
        end = max(start, len(text.rstrip(_EDGES)))
        if end > start:
            yield _Candidate(end, len(text), text.endswith((":", "-", "–", "—")))
    for no, found in enumerate(_BREAK.finditer(text, start, start + _LONGEST_TITLE)):
        if no == _MOST_BREAKS:
            return
        end = found.end() if found[0] == "?" else found.start()
        after = (_AFTER_COLON if found[0] == ":" else _AFTER_BREAK).match(text, found.end())
        if text[start:end].strip():
            yield _Candidate(end, after.end() if after else found.end(), is_punctuated=True)


def _heading(line: Line, prefix: re.Match[str], candidate: _Candidate, title: SectionTitle) -> Heading:
    start = prefix.start("number") if prefix["number"] else prefix.end()
    words = line.words.part(start, candidate.end).strip(_EDGES)
    mark = prefix["mark"] or prefix["bold"] or ""
    rest = line.words.part(candidate.rest, len(line.text)).strip()
    if mark and rest.text.endswith(mark) and mark not in rest.text[: -len(mark)]:
        rest = rest.part(0, len(rest.text) - len(mark)).strip()
    return Heading(
        code=title.code or OTHER,
        words=words,
        rest=rest,
        form=_form(line, prefix, candidate),
        number=(prefix["number"] or "").strip(" \t\xa0.)"),
        level=_level(prefix),
        role=title.role,
        is_bulleted=line.is_bulleted,
        indent=line.indent,
    )


def _form(line: Line, prefix: re.Match[str], candidate: _Candidate) -> str:
    title = line.text[prefix.end() : candidate.end]
    stands_alone = candidate.rest >= len(line.text)
    if _level(prefix) or title.endswith("?") or (stands_alone and (prefix["number"] or title.isupper())):
        return "marked"
    return "punctuated" if candidate.is_punctuated or prefix["mark"] or prefix["bold"] else "plain"


def _level(prefix: re.Match[str]) -> int:
    """The level of a markdown heading; 0 for a line that is none."""
    return (prefix["mark"] or "").count("#")


def _valued(line: Line, prefix: re.Match[str], names: Container[str]) -> Heading | None:
    """A heading whose value follows it on the line without punctuation: `Pregnancy Category B (oral), C (IV)`."""
    space = _VALUE.search(line.text, prefix.end(), prefix.end() + _LONGEST_LABEL)
    title = find_title(line.text[prefix.end() : space.start()], names) if space else None
    if space is None or title is None or title.role != "value":
        return None
    return _heading(line, prefix, _Candidate(space.start(), space.end(), is_punctuated=True), title)


def _stands_out(title: str, prefix: re.Match[str]) -> bool:
    """Whether an unknown title alone on its line can only be a heading."""
    words = title.split()
    if not title[:1].isupper() or len(words) > _MOST_WORDS_OF_A_QUESTION or title.endswith((".", ";", ",")):
        return False
    if title.endswith("?") or _level(prefix):
        return True
    if prefix["number"]:
        is_nested = "." in prefix["number"].strip(" \t\xa0.)")
        return is_nested or title.isupper() or begins_as_question(title)
    return bool(prefix["mark"]) and prefix["mark"] not in title


def _label_end(text: str, start: int) -> _Candidate | None:
    """The end of a label: capital first, few words, none that makes a sentence, and a colon with space or nothing."""
    colon = text.find(":", start, start + _LONGEST_LABEL)
    label = text[start:colon].rstrip(_EDGES) if colon > start else ""
    if not label[:1].isupper() or text[colon + 1 : colon + 2].strip() not in ("", "*", "_"):
        return None
    words = label.split()
    has_stop = any(mark in label for mark in (". ", "; ", ", ", "!", "?"))
    is_sentence = any(map(is_sentence_word, words)) and not begins_as_question(label)
    if len(words) > _MOST_WORDS_OF_A_LABEL or has_stop or is_sentence:
        return None
    after = _AFTER_COLON.match(text, colon + 1)
    return _Candidate(start + len(label), after.end() if after else colon + 1, is_punctuated=True)
