"""Text to monographs: where each begins, what its title is, and which lines before it belong to the page.

    document   monograph { monograph }
    monograph  { page line } [title] { overview line } section { section }

A monograph without a title line takes its title from the section that names the drug.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass

from pipelines.parse.headings import Heading
from pipelines.parse.lines import Line, read_lines, without_ends, wrap_width
from pipelines.parse.outline import read_outline
from pipelines.parse.sections import Block, chrome, read_blocks, read_sections
from pipelines.parse.split import drug_name, monograph_starts
from pipelines.parse.title_lines import choose_title, is_page_line
from pipelines.parse.titles import naming_sections, title_key
from pipelines.records import Finding, FindingCode, Monograph, Passage

_TRADEMARKS = str.maketrans("", "", "®™©℠")
_WORD = re.compile(r"[a-z0-9]+")


def read_monographs(text: str) -> tuple[tuple[Monograph, ...], tuple[Finding, ...]]:
    """The monographs of a document in reading order, and findings in the order of their places."""
    lines = read_lines(text)
    outline = read_outline(lines)
    if not any(outline):
        message = "no line is a known section heading; add the headings of this kind of document to section_titles.csv"
        return (), (Finding(FindingCode("SEED_WITHOUT_HEADING"), message, lines[0].words if lines else None),)
    starts = monograph_starts(lines, outline)
    width = wrap_width(lines)
    monographs: dict[str, tuple[Monograph, _Stretch]] = {}
    findings: list[Finding] = []
    for start, end in zip(starts, (*starts[1:], len(lines)), strict=True):
        stretch = _Stretch(text, lines[start:end], outline[start:end], width)
        monograph, found = _read_stretch(stretch)
        earlier = monographs.get(monograph.monograph_id) if monograph else None
        if monograph is None:
            findings.extend(found)
        elif earlier is not None:
            findings.append(_clash(monograph, stretch, earlier[1]))
        else:
            monographs[monograph.monograph_id] = (monograph, stretch)
            findings.extend(found)
    findings.sort(key=lambda finding: finding.place.start if finding.place else 0)
    return tuple(monograph for monograph, _ in monographs.values()), tuple(findings)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The lines of one monograph, from the page's lines before its title to its end."""

    text: str
    lines: tuple[Line, ...]
    outline: tuple[Heading | None, ...]
    width: int | None

    @property
    def place(self) -> Passage:
        """All of it."""
        start, end = self.lines[0].words.start, self.lines[-1].words.end
        return Passage(self.text[start:end], start)

    @property
    def preface(self) -> tuple[Line, ...]:
        """The lines before the first heading."""
        return self.lines[: self._first_heading]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The headings with the lines under them."""
        first = self._first_heading
        return read_blocks(self.lines[first:], self.outline[first:])

    @property
    def _first_heading(self) -> int:
        """The number of the first line with a known heading: a line before it is a title, whatever it looks like."""
        return next(no for no, heading in enumerate(self.outline) if heading and heading.is_known)


def _read_stretch(stretch: _Stretch) -> tuple[Monograph | None, list[Finding]]:
    blocks = stretch.blocks
    name = _name_given(blocks)
    title, before, after, findings = _read_preface(stretch.preface, name)
    words = title or name
    identifier = monograph_id(words.text) if words else ""
    if words is None or not identifier:
        message = "no line before the headings is a title in Latin letters, and no section gives a name; add a title"
        return None, [Finding(FindingCode("TITLE_MISSING"), message, stretch.place)]
    sections, about_sections = read_sections(stretch.text, after, blocks, stretch.width)
    return Monograph(identifier, words, sections), [*map(chrome, before), *findings, *about_sections]


def _read_preface(
    lines: tuple[Line, ...], name: Passage | None
) -> tuple[Passage | None, tuple[Line, ...], tuple[Line, ...], list[Finding]]:
    """The title, the page's lines, the lines that describe the drug, and a finding for a date glued to the title."""
    title = choose_title(lines, title_key(name.text) if name else "")
    first = title.at if title else 0
    after, around = without_ends(lines[first + 1 if title else 0 :], is_page_line)
    before = (*lines[:first], *around)
    findings = []
    if title and title.glued:
        message = f"line {lines[title.at].no}: {title.glued.text!r} is glued to the title and no part of it"
        findings.append(Finding(FindingCode("TITLE_GLUED"), message, title.glued))
    return title.words if title else None, before, after, findings


def _name_given(blocks: tuple[Block, ...]) -> Passage | None:
    """The drug's name in the section that gives it most surely."""
    for code in naming_sections():
        for block in blocks:
            if block.heading.code == code:
                words = block.heading.rest or next((line.words for line in block.body), Passage(""))
                if name := drug_name(words):
                    return name
    return None


def _clash(monograph: Monograph, stretch: _Stretch, earlier: _Stretch) -> Finding:
    message = (
        f"the monographs on line {earlier.lines[0].no} and line {stretch.lines[0].no} both give "
        f"{monograph.monograph_id!r}; the later is left out: give one of them another title"
    )
    return Finding(FindingCode("MONOGRAPH_CLASH"), message, stretch.place)


def monograph_id(title: str) -> str:
    """The identifier that a title gives: its Latin words and numbers in small letters, joined by hyphens.

    >>> monograph_id("Lioresal® Intrathecal")
    'lioresal-intrathecal'
    """
    plain = unicodedata.normalize("NFKD", html.unescape(title).translate(_TRADEMARKS).casefold())
    return "-".join(_WORD.findall(plain.encode("ascii", "ignore").decode("ascii")))
