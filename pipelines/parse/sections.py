"""The lines of one monograph, cut into sections.

All text under a heading that stands alone on its line belongs to the section, up to the next heading. Under a heading
with text on its own line, a following line is a new paragraph, and no part of the section, if it is not bulleted,
not indented, does not go on with the sentence before, and

* a blank line stands before it, or
* it follows the last heading of a monograph whose other sections are single lines.

Under a heading that leads to a list (`Do not take it if you:`), what stands behind the items is a new paragraph.

In a section that holds a list, a line with a label, or with a number and no prose, stays. The paragraph and all lines
up to the next heading become a section `overview` without heading: extra prose read as data would be worse.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipelines.lexer import NUMBER, Tokens
from pipelines.parse.headings import LEAD, RUN_ON, Heading, after_repeated_title, is_furniture, is_label
from pipelines.parse.lines import Line, is_wrapped, without_ends
from pipelines.parse.outline import begins_product, list_sections, system_sections
from pipelines.records import Finding, FindingCode, Passage, Section, SectionCode

OVERVIEW = SectionCode("overview")

_FEWEST_WORDS_OF_PROSE = 6
_OF_NAMES = frozenset({"brand_names", "drug_class", "generic_name"})
_PACK = SectionCode("package_label")  # its heading tells which pack it is of, and all that is printed on it follows


@dataclass(frozen=True, slots=True)
class HeadedLines:
    """A heading, the line it stands on, and the lines up to the next heading."""

    heading: Heading
    line: Line
    body: tuple[Line, ...]

    @property
    def has_text_beside_heading(self) -> bool:
        """Whether the section's text begins on the heading's line and does not promise a list below."""
        _, after = self.heading.rest
        is_alone = self.line.tokens.keys[after - 1] != ":" and self.heading.role != RUN_ON
        return self.heading.has_rest and is_alone

    def hangs(self, line: Line) -> bool:
        """Whether the line is set under the heading, as an item or indented."""
        return line.is_bulleted or line.indent > self.line.indent


def read_headed_lines(lines: Sequence[Line], outline: Sequence[Heading | None]) -> tuple[HeadedLines, ...]:
    """Each heading of a monograph with the lines under it; lines before the first heading are left out."""
    at = [no for no, heading in enumerate(outline) if heading is not None]
    parts = []
    for no, end in zip(at, [*at[1:], len(lines)], strict=False):
        heading = outline[no]
        if heading is not None:
            parts.append(HeadedLines(heading, lines[no], tuple(lines[no + 1 : end])))
    return tuple(parts)


def read_sections(
    tokens: Tokens, preface: Sequence[Line], parts: Sequence[HeadedLines], width: int | None
) -> tuple[tuple[Section, ...], tuple[Finding, ...]]:
    """The sections of a monograph in reading order, and findings about them and about the page's lines among them.

    `preface` holds the lines between the title and the first heading.
    """
    report = _Report(tokens, [], [], set())
    report.add_overview(preface)
    is_one_line = all(all(map(part.hangs, part.body)) for part in parts[:-1] if part.has_text_beside_heading)
    for no, part in enumerate(parts):
        following = parts[no + 1].heading if no + 1 < len(parts) else None
        cut = _paragraph_start(part, width, closes_document=following is None and is_one_line)
        report.add_section(part, part.body[:cut], following)
        report.add_overview(part.body[cut:])
    return tuple(report.sections), tuple(report.findings)


def of_the_page(line: Line) -> Finding:
    """The finding for a line that belongs to the page."""
    message = f"line {line.no} belongs to the page; nothing was read from it"
    return Finding(FindingCode("PAGE_CHROME"), message, line.words)


@dataclass(frozen=True, slots=True)
class _Report:
    """The sections and findings of one monograph, as they are found."""

    tokens: Tokens
    sections: list[Section]
    findings: list[Finding]
    seen: set[SectionCode]

    def add_section(self, part: HeadedLines, body: Sequence[Line], following: Heading | None) -> None:
        """Add the section of a heading, with what is to say about it."""
        heading = part.heading
        inner = self._without_page(body)
        start = heading.rest[0] if heading.has_rest or not inner else inner[0].first
        end = inner[-1].after if inner else heading.rest[1]
        start = after_repeated_title(self.tokens, start, end, heading)
        passage = self.tokens.passage(start, end) if start < end else _after(heading.printed, self.tokens)
        self.sections.append(Section(heading.code, heading.printed, passage))
        self._remark(part, passage, following)
        self.seen.add(heading.code)

    def _without_page(self, lines: Sequence[Line]) -> tuple[Line, ...]:
        inner, outer = without_ends(lines, _is_of_the_page)
        self.findings.extend(map(of_the_page, outer))
        return inner

    def _remark(self, part: HeadedLines, passage: Passage, following: Heading | None) -> None:
        """Add what is to say about the last section: unknown, repeated or empty."""
        heading = part.heading
        printed = heading.printed
        words = f"{printed.text!r} on line {part.line.no}"
        if not heading.is_known:
            self._say("HEADING_UNKNOWN", f"{words} is no known heading; nothing was read under it", printed)
        elif heading.code in self.seen and heading.role != "label":
            self._say("HEADING_REPEATED", f"{words} repeats section {heading.code}; both are kept", printed)
        has_parts = following is not None and (following.is_part_of(heading) or following.role == "label")
        if not passage and not has_parts:
            self._say("SECTION_EMPTY", f"{words} has no text", printed)

    def add_overview(self, lines: Sequence[Line]) -> None:
        """Add the section of a paragraph without heading, if the lines hold one."""
        inner = self._without_page(lines)
        if not inner:
            return
        self.sections.append(Section(OVERVIEW, None, self.tokens.passage(inner[0].first, inner[-1].after)))
        message = f"the paragraph on line {inner[0].no} stands under no heading; it is kept as overview"
        self._say("PARAGRAPH_UNHEADED", message, inner[0].words)

    def _say(self, code: str, message: str, place: Passage) -> None:
        self.findings.append(Finding(FindingCode(code), message, place, "sections", len(self.sections)))


def _after(printed: Passage, tokens: Tokens) -> Passage:
    """The empty passage behind a heading that has no text."""
    return Passage(tokens.text.printed[printed.end : printed.end], printed.end)


def _paragraph_start(part: HeadedLines, width: int | None, *, closes_document: bool) -> int:
    """The number of body lines before a new paragraph begins."""
    if part.heading.role == LEAD:
        return _list_end(part, width)
    first_product = next(
        (no for no, line in enumerate(part.body) if _is_of_product(part.heading, line)), len(part.body)
    )
    if not part.has_text_beside_heading or part.heading.code == _PACK:
        return first_product
    previous = part.line
    for no, line in enumerate(part.body[:first_product]):
        is_apart = (line.has_gap or closes_document) and not part.hangs(line)
        is_item = _is_item(line, part.heading.code)
        if is_apart and not is_item and _is_new_paragraph(previous, line, width):
            return no
        previous = line
    return first_product


def _is_of_product(heading: Heading, line: Line) -> bool:
    """Whether a line in a section that holds no list is a form and its strengths; without a colon, among names only."""
    is_told = begins_product(line, label=":") or (heading.code in _OF_NAMES and begins_product(line))
    return is_told and heading.code not in list_sections()


def _list_end(part: HeadedLines, width: int | None) -> int:
    """The number of body lines before the paragraph that stands behind the list of a heading which leads to one."""
    previous, has_items = part.line, False
    for no, line in enumerate(part.body):
        is_item = line.is_bulleted or (line.begins_small and not line.has_gap)
        if has_items and not is_item and not part.hangs(line) and _is_new_paragraph(previous, line, width):
            return no
        has_items = has_items or is_item
        previous = line
    return len(part.body)


def _is_new_paragraph(previous: Line, line: Line, width: int | None) -> bool:
    goes_on = not previous.ends_sentence and (previous.leads_on or line.begins_small)
    return not goes_on and not is_wrapped(previous, line, width) and not line.is_rule


def _is_item(line: Line, section: SectionCode) -> bool:
    """Whether a line can be an item of its section: reactions under a label; or doses and forms, without prose."""
    if section in system_sections():
        return is_label(line)
    if section not in list_sections():
        return False
    is_prose = line.ends_sentence and len(line.text.split(maxsplit=_FEWEST_WORDS_OF_PROSE)) >= _FEWEST_WORDS_OF_PROSE
    kinds: Iterable[int] = line.tokens.kinds[line.first : line.after]
    return is_label(line) or (not is_prose and NUMBER in kinds)


def _is_of_the_page(line: Line) -> bool:
    return line.is_rule or is_furniture(line)
