"""The monographs of a document: the line at which each begins, its title, its page's lines and its sections.

    document   monograph { monograph }
    monograph  { page line } [title] { overview line } section { section }

A monograph without a title line takes its title from the section that names the drug. Where a format tells monographs
apart itself (`Document.stated`), that counts. Else a new monograph begins at a heading that the one before has, too, if

* the heading gives the name of a drug, and the name differs (two drugs are never mixed), or a title line with that
  name or a title line apart from the text stands before it;
* or it names the drug in another way, or was the first of the monograph before, and a title line apart from the text
  stands before it. A gap, a rule or a date sets a line apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.lexer import NUMBER, Tokens
from pipelines.lexicon import with_role
from pipelines.parse.headings import Heading
from pipelines.parse.inline_headings import with_inline_headings
from pipelines.parse.lines import Line, join_wrapped, leading_date, read_lines, without_ends, wrap_width
from pipelines.parse.outline import names_in_titles, naming_sections, opening_sections, read_outline
from pipelines.parse.section_titles import may_open_key, title_key, words_with_role
from pipelines.parse.sections import HeadedLines, of_the_page, read_headed_lines, read_sections
from pipelines.parse.titles import IS_NAME, TitleLine, choose_title, is_page_line, read_subject, read_title_line
from pipelines.records import Document, Finding, FindingCode, Monograph, Passage, Stated
from schemas.codes.folding import plain

_TRADEMARKS = str.maketrans("", "", "®™©℠")
_WORD = re.compile(r"[a-z0-9]+")
_OPENS = frozenset("[(")
_MOST_WORDS_OF_A_NAME = 6
_LONGEST_TITLE = 120  # characters
_LINES_BEFORE_A_SUBJECT = 8
_MOST_WORDS_TO_A_KIND = 24
_MOST_WORDS_TO_A_FORM = 120

_Read = tuple[tuple[Monograph, ...], tuple[Finding, ...]]


def read_monographs(document: Document, tokens: Tokens, seed_id: str, named: str = "") -> _Read:
    """The monographs of a document in reading order, and findings in the order of their places.

    Their identifiers are made from what the format states, from the seed's path, or from the name that it was given.
    """
    lines = with_inline_headings(read_lines(tokens, document.blocks))
    width = wrap_width(lines) if document.format == "text" else None
    join_wrapped(lines, width)
    outline = read_outline(lines, width)
    if not any(heading and heading.is_known for heading in outline) and not _speaks_of_a_medicine(lines):
        message = "no line is a known section heading; add the headings of this kind of document to section_titles.csv"
        return (), (Finding(FindingCode("SEED_WITHOUT_HEADING"), message, lines[0].words if lines else None),)
    starts = _stated_starts(document.stated, lines) or _starts(lines, outline)
    monographs: list[Monograph] = []
    findings: list[Finding] = []
    for no, (start, end) in enumerate(zip(starts, (*starts[1:], len(lines)), strict=True)):
        stated = document.stated[no] if document.stated else None
        stretch = _Stretch(tokens, lines[start:end], outline[start:end], width, stated)
        set_id = stated.set_id if stated else None
        monograph, found = _read_stretch(stretch, monograph_id(seed_id, no + 1, set_id, named))
        findings.extend(found)
        if monograph is not None:
            monographs.append(monograph)
    findings.sort(key=lambda finding: finding.place.start if finding.place else 0)
    return tuple(monographs), tuple(findings)


def _speaks_of_a_medicine(lines: Sequence[Line]) -> bool:
    """Whether a document without a known heading begins as one on a drug: `Exemplan is a medicine that …`.

    So does one that names a known substance, or what each unit holds, and speaks of a medicine or a form soon.
    """
    if not lines:
        return False
    tokens, medicines = lines[0].tokens, words_with_role("title_words", "medicine")
    subject = read_subject(lines[:_LINES_BEFORE_A_SUBJECT])
    if subject is not None and not medicines.isdisjoint(tokens.keys[subject[1] : subject[1] + _MOST_WORDS_TO_A_KIND]):
        return True
    for line in lines[:_LINES_BEFORE_A_SUBJECT]:
        is_unit = tokens.keys[line.first] == "each" and line.after - line.first > 1
        if is_unit or _begins_with_substance(line):
            return not medicines.isdisjoint(tokens.keys[line.first : line.first + _MOST_WORDS_TO_A_FORM])
    return False


def _begins_with_substance(line: Line) -> bool:
    ends = range(line.first + 1, min(line.after, line.first + _MOST_WORDS_OF_A_NAME) + 1)
    return any(line.tokens.is_substance(line.tokens.passage(line.first, end).text) for end in ends)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The lines of one monograph, from the page's lines before its title to its end."""

    tokens: Tokens
    lines: Sequence[Line]
    outline: Sequence[Heading | None]
    width: int | None
    stated: Stated | None

    @property
    def place(self) -> Passage:
        """All of it."""
        return self.tokens.passage(self.lines[0].first, self.lines[-1].after)

    @property
    def preface(self) -> Sequence[Line]:
        """The lines before the first heading."""
        return self.lines[: self._first_heading]

    @property
    def parts(self) -> tuple[HeadedLines, ...]:
        """The headings with the lines under them."""
        first = self._first_heading
        return read_headed_lines(self.lines[first:], self.outline[first:])

    @property
    def _first_heading(self) -> int:
        """The number of the first line with a known heading: a line before it is a title, whatever it looks like."""
        known = (no for no, heading in enumerate(self.outline) if heading and heading.is_known)
        return next(known, len(self.lines))


def _read_stretch(stretch: _Stretch, identifier: str) -> tuple[Monograph | None, list[Finding]]:
    parts = stretch.parts
    name = _name_given(parts, naming_sections()[:2]) or _name_in_text(stretch) or _name_given(parts, naming_sections())
    title, before, after, findings = _read_preface(stretch, name)
    words = title or (stretch.tokens.passage(*name) if name else None)
    if words is None:
        words = _first_words(stretch.lines)
        message = "no line before the headings is a title, and no section gives a name; the first line stands in for it"
        findings.append(Finding(FindingCode("TITLE_MISSING"), message, words))
    if not slug(words.text):
        message = "the title holds no Latin letter and no digit"
        return None, [Finding(FindingCode("TITLE_UNREAD"), message, stretch.place)]
    sections, about_sections = read_sections(stretch.tokens, after, parts, stretch.width)
    monograph = Monograph(identifier, words, sections, stretch.stated or Stated())
    return monograph, [*map(of_the_page, before), *findings, *about_sections]


def _read_preface(
    stretch: _Stretch, name: tuple[int, int] | None
) -> tuple[Passage | None, tuple[Line, ...], tuple[Line, ...], list[Finding]]:
    """The title, the page's lines, the lines that describe the drug, and a finding for a date glued to the title."""
    lines = stretch.preface
    if stretch.stated is not None and stretch.stated.title is not None:
        after, around = without_ends([line for line in lines if not _holds(line, stretch.stated.title)], is_page_line)
        return stretch.stated.title, around, after, []
    key = title_key(stretch.tokens, *name) if name else ""
    title = choose_title(lines, key)
    is_product = name is not None and name == _name_given(stretch.parts, ("product_name",))
    if title is not None and is_product and not title.relation(key):
        title = None  # a field gives the name of the product, and the line is of the page
    first = title.at if title else 0
    behind = next((no for no, line in enumerate(lines) if line.first >= title.after), len(lines)) if title else 0
    after, around = without_ends(lines[max(behind, first + 1) if title else 0 :], is_page_line)
    before = (*lines[:first], *around)
    findings = []
    if title and title.glued:
        message = f"line {lines[title.at].no}: {title.glued.text!r} is glued to the title and no part of it"
        findings.append(Finding(FindingCode("TITLE_GLUED"), message, title.glued))
    return title.words if title else None, before, after, findings


def _holds(line: Line, place: Passage) -> bool:
    return line.words.start < place.end and place.start < line.words.end


def _name_in_text(stretch: _Stretch) -> tuple[int, int] | None:
    """The tokens of the name that headings agree on, or that a first sentence begins with."""
    lines = stretch.lines
    agreed = names_in_titles(lines)
    openings = {name.split(" ", 1)[0] for name in agreed}
    for line in lines if agreed else ():
        for first in range(line.first, line.after):
            if not may_open_key(stretch.tokens.keys[first], openings):
                continue
            for after in range(first + 1, min(line.after, first + _MOST_WORDS_OF_A_NAME) + 1):
                if title_key(line.tokens, first, after) in agreed:
                    return first, after
    without_headings = [
        line
        for line, heading in zip(lines, stretch.outline, strict=True)
        if heading is None and (line.block is None or line.block.kind != "row")
    ]
    return read_subject(without_headings[:_LINES_BEFORE_A_SUBJECT])


def _first_words(lines: Sequence[Line]) -> Passage:
    """The first line that is not the page's, or as much of it as a title may have."""
    line = next((line for line in lines if not is_page_line(line)), lines[0])
    title = read_title_line(line)
    if title is not None:
        return title.words
    after = line.after
    while line.tokens.ends[after - 1] - line.tokens.starts[line.first] > _LONGEST_TITLE and after > line.first + 1:
        after -= 1
    while after > line.first + 1 and line.tokens.keys[after - 1] == ":":
        after -= 1
    return line.tokens.passage(line.first, after)


def _name_given(parts: Sequence[HeadedLines], sections: Sequence[str]) -> tuple[int, int] | None:
    """The tokens of the drug's name in the section that gives it most surely, of those asked for."""
    for code in sections:
        for part in parts:
            if part.heading.code == code:
                first, after = _name_beside(part.heading, part.body)
                tokens = part.heading.tokens
                is_name = first < after and with_role("brand_words", "nothing").whole(tokens, first, after) is None
                if is_name and tokens.ends[after - 1] - tokens.starts[first] <= _LONGEST_TITLE:
                    return first, after
    return None


def _name_beside(heading: Heading, below: Sequence[Line]) -> tuple[int, int]:
    """The name after a heading or on the line below, without what follows in brackets."""
    tokens = heading.tokens
    first, after = heading.rest if heading.has_rest else next(((line.first, line.after) for line in below), (0, 0))
    if first + 1 < after and tokens.kinds[first] == NUMBER and tokens.keys[first + 1] in (".", ")"):
        first += 2  # the first item of a numbered list
    if heading.code == "product_name" and first < after and tokens.keys[first] == "[":
        return first, first  # a name that is to be filled in
    if heading.code == "product_name":
        return first, _before_repetition(tokens, first, after)
    end = next((at for at in range(first, after) if tokens.keys[at] in _OPENS), after)
    return first, end


def _before_repetition(tokens: Tokens, first: int, after: int) -> int:
    """The token after a product's name, of a field too long for a title that says it anew for each strength."""
    if first >= after or tokens.ends[after - 1] - tokens.starts[first] <= _LONGEST_TITLE:
        return after
    return next((at for at in range(first + 1, after) if tokens.keys[at] == tokens.keys[first]), after)


def monograph_id(seed_id: str, number: int = 1, set_id: str | None = None, named: str = "") -> str:
    """The identifier of a monograph, by the first of: the name it was given, the label's set, the path of its seed.

    `number` counts the monographs of the seed, from 1. No two of different seeds are equal, unless names or sets are.

    >>> monograph_id("a/b.txt"), monograph_id("a/b.txt", 2), monograph_id("a/b.txt#2")
    ('a/b.txt', 'a/b.txt#2', 'a/b.txt%232')
    >>> monograph_id("label.xml", set_id="00F66F25-3469")
    'setid:00f66f25-3469'
    """
    if set_id and not named:
        return f"setid:{set_id.lower()}"
    base = named or _AMBIGUOUS.sub(lambda found: f"%{ord(found[0]):02X}", seed_id)
    return base if number == 1 else f"{base}#{number}"


# What would make the path of a seed look like the identifier of something else.
_AMBIGUOUS = re.compile(r"%(?=[0-9A-F]{2}) | \#(?=\d+$) | (?<=^setid):", re.VERBOSE)


def slug(name: str) -> str:
    """The Latin words and numbers of a name in small letters, joined by hyphens.

    >>> slug("Lioresal® Intrathecal")
    'lioresal-intrathecal'
    """
    letters = unicodedata.normalize("NFKD", plain(name).text.translate(_TRADEMARKS).casefold())
    return "-".join(_WORD.findall(letters.encode("ascii", "ignore").decode("ascii")))


def _stated_starts(stated: Sequence[Stated], lines: Sequence[Line]) -> tuple[int, ...]:
    """The number of the first line of each monograph that the format itself tells apart."""
    starts: list[int] = []
    for each in stated:
        at = next((no for no, line in enumerate(lines) if line.words.start >= each.start), len(lines))
        starts.append(max(at, starts[-1] + 1) if starts else 0)
    return tuple(starts) if starts and starts[-1] < len(lines) else ()


def _starts(lines: Sequence[Line], outline: Sequence[Heading | None]) -> tuple[int, ...]:
    """The number of the first line of each monograph, counting the page's lines before its title to it."""
    starts = [0]
    seen: dict[str, str] = {}
    lowest = 0
    for at, heading in enumerate(outline):
        if heading is None:
            continue
        if heading.is_known:
            key, name = title_key(heading.tokens, *heading.words), _name_at(lines, outline, at)
            if key in seen:
                turn = _turn(lines, lowest, at, name)
                if _begins_again(heading, key, turn, seen):
                    starts.append(_start(lines, lowest, at, turn))
                    seen = {}
            seen.setdefault(key, name)
        lowest = at if not heading.is_known and not heading.has_rest else at + 1
    return tuple(starts)


@dataclass(frozen=True, slots=True)
class _Turn:
    """What stands at a heading: the key of the name that it may give, and the title line that may stand before it."""

    name: str
    title: TitleLine | None
    is_apart: bool


def _name_at(lines: Sequence[Line], outline: Sequence[Heading | None], at: int) -> str:
    """The key of the name that the heading at line `at` gives; empty if it is no heading for a name."""
    heading = outline[at]
    if heading is None or heading.code not in opening_sections():
        return ""
    is_below = at + 1 < len(lines) and outline[at + 1] is None
    return title_key(heading.tokens, *_name_beside(heading, lines[at + 1 : at + 2] if is_below else ()))


def _turn(lines: Sequence[Line], lowest: int, at: int, name: str) -> _Turn:
    before = at - 1
    if before > lowest and lines[before].is_rule and lines[before].length == lines[before - 1].length:
        before -= 1  # a title underlined
    title = read_title_line(lines[before], before) if before >= lowest else None
    is_apart = title is not None and (title.glued is not None or _is_apart(lines, before))
    return _Turn(name, title, is_apart)


def _is_apart(lines: Sequence[Line], at: int) -> bool:
    return lines[at].has_gap or (at > 0 and is_page_line(lines[at - 1]))


def _begins_again(heading: Heading, key: str, turn: _Turn, seen: dict[str, str]) -> bool:
    if heading.code in opening_sections():
        is_titled = turn.title is not None and (turn.is_apart or turn.title.relation(turn.name) > 0)
        return is_titled or (len(seen) > 1 and turn.name not in ("", seen[key]))
    return len(seen) > 1 and turn.is_apart and (key == next(iter(seen)) or heading.code in naming_sections())


def _start(lines: Sequence[Line], lowest: int, at: int, turn: _Turn) -> int:
    """The first line of the new monograph: its rule or title, with the page's lines before."""
    underline = turn.title.at + 1 if turn.title else at
    between = range(lowest, at)
    rules = [no for no in between if lines[no].is_rule and no != underline]
    named = [no for no in between if (line := read_title_line(lines[no])) and line.relation(turn.name) == IS_NAME]
    start = next((found[-1] for found in (rules, named) if found), turn.title.at if turn.title else at)
    while start > lowest and (leading_date(lines[start]) > lines[start].first or is_page_line(lines[start - 1])):
        start -= 1
    return start
