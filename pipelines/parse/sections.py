"""The lines of one monograph, cut into sections.

All text under a heading that stands alone on its line belongs to the section, up to the next heading. Under a heading
with text on its own line, a following line is a new paragraph, and no part of the section, where it is not bulleted,
not indented, does not go on with the sentence before, and

* a blank line stands before it, or
* it follows the last heading of a monograph whose other sections are single lines.

In a section that holds a list, a line with a label, or with a number and no prose, stays. The paragraph and all lines
up to the next heading become a section `overview` without heading: extra prose read as data would be worse.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.parse.headings import Heading, is_furniture, is_label
from pipelines.parse.lines import Line, is_wrapped, without_ends
from pipelines.parse.titles import list_sections, system_sections
from pipelines.records import Finding, FindingCode, Passage, Section, SectionCode

OVERVIEW = SectionCode("overview")

_FEWEST_WORDS_OF_PROSE = 6


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, the line it stands on, and the lines up to the next heading."""

    heading: Heading
    line: Line
    body: tuple[Line, ...]

    @property
    def has_text_beside_heading(self) -> bool:
        """Whether the section's text begins on the heading's line and does not promise a list below."""
        return bool(self.heading.rest) and not self.heading.rest.text.endswith(":")

    def hangs(self, line: Line) -> bool:
        """Whether the line is set under the heading, as an item or indented."""
        return line.is_bulleted or line.indent > self.line.indent


def read_blocks(lines: tuple[Line, ...], outline: tuple[Heading | None, ...]) -> tuple[Block, ...]:
    """Each heading of a monograph with the lines under it; lines before the first heading are left out."""
    at = [no for no, heading in enumerate(outline) if heading is not None]
    ends = [*at[1:], len(lines)] if at else []
    blocks = []
    for no, end in zip(at, ends, strict=True):
        heading = outline[no]
        if heading is not None:
            blocks.append(Block(heading, lines[no], lines[no + 1 : end]))
    return tuple(blocks)


def read_sections(
    text: str, preface: tuple[Line, ...], blocks: tuple[Block, ...], width: int | None
) -> tuple[tuple[Section, ...], tuple[Finding, ...]]:
    """The sections of a monograph in reading order, and findings about them and about the page's lines among them.

    `preface` holds the lines between the title and the first heading.
    """
    report = _Report(text, [], [], set())
    report.add_overview(preface)
    is_one_line = all(all(map(block.hangs, block.body)) for block in blocks[:-1] if block.has_text_beside_heading)
    for no, block in enumerate(blocks):
        following = blocks[no + 1].heading if no + 1 < len(blocks) else None
        cut = _paragraph_start(block, width, closes_document=following is None and is_one_line)
        report.add_section(block, block.body[:cut], following)
        report.add_overview(block.body[cut:])
    return tuple(report.sections), tuple(report.findings)


def chrome(line: Line) -> Finding:
    """The finding for a line that belongs to the page."""
    message = f"line {line.no} belongs to the page; nothing was read from it"
    return Finding(FindingCode("PAGE_CHROME"), message, line.words)


@dataclass(frozen=True, slots=True)
class _Report:
    """The sections and findings of one monograph, as they are found."""

    text: str
    sections: list[Section]
    findings: list[Finding]
    seen: set[SectionCode]

    def add_section(self, block: Block, body: tuple[Line, ...], following: Heading | None) -> None:
        """Add the section of a heading, with what is to say about it."""
        heading = block.heading
        inner, outer = without_ends(body, _is_furniture)
        self.findings.extend(map(chrome, outer))
        start = heading.rest.start if heading.rest or not inner else inner[0].words.start
        end = inner[-1].words.end if inner else heading.rest.end
        passage = Passage(self.text[start:end], start).strip()
        self.sections.append(Section(heading.code, heading.words, passage))
        self._remark(block, passage, following)
        self.seen.add(heading.code)

    def _remark(self, block: Block, passage: Passage, following: Heading | None) -> None:
        """Add what is to say about the last section: unknown, repeated or empty."""
        heading = block.heading
        words = f"{heading.words.text!r} on line {block.line.no}"
        if not heading.is_known:
            self._say("HEADING_UNKNOWN", f"{words} is no known heading; nothing was read under it", heading.words)
        elif heading.code in self.seen and heading.role != "label":
            self._say("HEADING_REPEATED", f"{words} repeats section {heading.code}; both are kept", heading.words)
        has_parts = following is not None and (following.is_part_of(heading) or following.role == "label")
        if not passage and not has_parts:
            self._say("SECTION_EMPTY", f"{words} has no text", heading.words)

    def add_overview(self, lines: tuple[Line, ...]) -> None:
        """Add the section of a paragraph without heading, where the lines hold one."""
        inner, outer = without_ends(lines, _is_furniture)
        self.findings.extend(map(chrome, outer))
        if not inner:
            return
        start, end = inner[0].words.start, inner[-1].words.end
        self.sections.append(Section(OVERVIEW, None, Passage(self.text[start:end], start)))
        message = f"the paragraph on line {inner[0].no} stands under no heading; it is kept as overview"
        self._say("PARAGRAPH_UNHEADED", message, inner[0].words)

    def _say(self, code: str, message: str, place: Passage) -> None:
        self.findings.append(Finding(FindingCode(code), message, place, "sections", len(self.sections)))


def _paragraph_start(block: Block, width: int | None, *, closes_document: bool) -> int:
    """The number of body lines before a new paragraph begins."""
    if not block.has_text_beside_heading:
        return len(block.body)
    previous = block.line
    for no, line in enumerate(block.body):
        is_apart = (line.has_gap or closes_document) and not block.hangs(line)
        is_item = _is_item(line, block.heading.code)
        if is_apart and not is_item and _is_new_paragraph(previous, line, width):
            return no
        previous = line
    return len(block.body)


def _is_new_paragraph(previous: Line, line: Line, width: int | None) -> bool:
    goes_on = not previous.ends_sentence and (previous.leads_on or line.text[:1].islower())
    return not goes_on and not is_wrapped(previous, line, width) and not line.is_rule


def _is_item(line: Line, section: SectionCode) -> bool:
    """Whether a line can be an item of its section: reactions under a label; or doses and forms, without prose."""
    if section in system_sections():
        return is_label(line)
    if section not in list_sections():
        return False
    is_prose = line.ends_sentence and len(line.text.split(maxsplit=_FEWEST_WORDS_OF_PROSE)) >= _FEWEST_WORDS_OF_PROSE
    return is_label(line) or (not is_prose and any(map(str.isdigit, line.text)))


def _is_furniture(line: Line) -> bool:
    return line.is_rule or is_furniture(line.text)
