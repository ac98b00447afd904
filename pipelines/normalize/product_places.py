"""Where a monograph speaks of its product: the sections of some kinds, and the lines beside the title."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.lexer import BREAK, Span, Tokens
from pipelines.records import Monograph, Passage, Section

LISTS = ("available_dose", "dosage_forms_strengths", "dosage_form")
CONTENTS = ("active_ingredient", "composition", "generic_name")
SUPPLIED = ("how_supplied", "pack_contents")
DESCRIBED = ("description", "introduction", "overview", "package_label")
GIVEN = ("dosage_administration", "indications_and_dosage")
FRONT = ("overview", "introduction", "drug_class", "marketing_authorisation")  # the highlights may stand below them
LONGEST_FIELD = 24  # tokens of a list of routes; what is longer and not understood is prose
_LONGEST_FRONT = 400  # tokens before the first heading that are looked at


@dataclass(frozen=True, slots=True)
class ProductPlaces:
    """A monograph and its tokens, asked for the places that tell of its product."""

    monograph: Monograph
    tokens: Tokens

    def spans(self, *section_codes: str) -> Iterator[tuple[Section, int, int]]:
        """The sections of some codes, with the tokens of their bodies."""
        for section in self.monograph.sections:
            if section.code in section_codes and section.body:
                yield section, *self.tokens.span(section.body)

    def front(self) -> tuple[int, int]:
        """The tokens between the title and the first heading."""
        first = self.tokens.span(self.monograph.title)[1]
        headings = [section.heading.start for section in self.monograph.sections if section.heading]
        after = self.tokens.span(Passage("", min(headings)))[0] if headings else first
        return first, max(first, min(after, first + _LONGEST_FRONT))

    def lines_of_front(self) -> Iterator[Span]:
        """The short lines between the title and the first heading."""
        begun, after = self.front()
        for at in range(begun, after + 1):
            if at == after or self.tokens.kinds[at] == BREAK:
                if begun < at <= begun + LONGEST_FIELD:
                    yield begun, at
                begun = at + 1

    def above_title(self) -> list[Span]:
        """The lines right above the title that begin as it does: `Xyl 5 mg`, `Xyl 10 mg`, of which one is the title."""
        keys, kinds = self.tokens.keys, self.tokens.kinds
        begin = self.tokens.span(self.monograph.title)[0]
        found: list[Span] = []
        end = begin - 1
        while end > 0 and kinds[end] == BREAK:
            first = next((at + 1 for at in range(end - 1, -1, -1) if kinds[at] == BREAK), 0)
            if first == end or keys[first] != keys[begin] or end - first > LONGEST_FIELD:
                break
            found.append((first, end))
            end = first - 1
        return found[::-1]
