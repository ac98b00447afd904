"""What the stages hand to each other: small frozen values, each tied to the characters it was read from.

Offsets are code points of the decoded seed, half-open, so that `seed.text[p.start:p.end] == p.text` for every
`Passage` p. Nothing here knows a file, a frame or Dagster.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NewType

SectionCode = NewType("SectionCode", str)
RouteCode = NewType("RouteCode", str)
DoseFormCode = NewType("DoseFormCode", str)
UnitCode = NewType("UnitCode", str)
FindingCode = NewType("FindingCode", str)


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a seed's text and the offset at which it begins."""

    text: str
    start: int = 0

    @property
    def end(self) -> int:
        """The offset just after the last character."""
        return self.start + len(self.text)

    def part(self, start: int, end: int) -> Passage:
        """The stretch from `start` to `end`, both counted from the beginning of this passage."""
        return Passage(self.text[start:end], self.start + start)

    def strip(self, characters: str | None = None) -> Passage:
        """This passage without white space (or `characters`) at its ends."""
        bare = self.text.strip(characters)
        if len(bare) == len(self.text):
            return self
        left = len(self.text) - len(self.text.lstrip(characters))
        return Passage(bare, self.start + left)

    def __bool__(self) -> bool:
        return bool(self.text)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the data cannot say for itself: what, where, and in which row it shows.

    `code` is a row of `schemas/codes/finding_codes.csv`, which also gives the severity. `table` and `row_no` name
    the published row (by its ordinal within the monograph) that the finding explains.
    """

    code: FindingCode
    message: str
    place: Passage | None = None
    table: str | None = None
    row_no: int | None = None

    @property
    def sentence(self) -> str:
        """The message as a sentence: a capital first, one full stop last."""
        return f"{self.message[:1].upper()}{self.message[1:].rstrip('.')}."

    def in_row(self, row_no: int | None) -> Finding:
        """This finding with the ordinal of the row that it is now on."""
        return self if self.row_no == row_no else Finding(self.code, self.message, self.place, self.table, row_no)


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a rendered text that the page's own structure, or its layout, sets apart.

    `kind` is `heading` (`level` from 1), `paragraph`, `item` (of a list; `level` is its depth, from 1), `row` and
    `cell` (of a table; a cell's `column` is the heading of its column, if it has one, and `level` the number of its
    column, from 1; the row that holds the headings is a row of level 1, each other row of level 0) or `furniture`
    (navigation, running headers and footers, page numbers, contents, copyright, cookie words), which nobody reads.
    `code` is the LOINC code that the format states for a heading's section, `key` what a field is called if the format
    names it (`indications_and_usage`). Blocks stand in order of `start`; a row comes before its cells.
    """

    kind: str
    start: int
    end: int
    level: int = 0
    column: str | None = None
    code: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Stated:
    """What a format states of one monograph of a document as data: where its text begins, and who it is.

    `title` is the place in the text of what the format says is the title, `generic_name` and `brand_name` those of what
    it says are the names of substance and product. `effective_date` is ISO 8601.
    """

    start: int = 0
    title: Passage | None = None
    generic_name: Passage | None = None
    brand_name: Passage | None = None
    set_id: str | None = None
    document_version: str | None = None
    effective_date: str | None = None


@dataclass(frozen=True, slots=True)
class ListedProduct:
    """One ingredient of a product as a structured format lists it (see the table `listed_products`).

    `start` is where the text of its monograph begins (that of a `Stated`). Numbers are as stated. `origin` is an XPath
    or a JSON pointer.
    """

    start: int
    origin: str
    part_no: int | None = None
    ndc: str | None = None
    product_name: str | None = None
    dose_form_code: str | None = None
    dose_form_name: str | None = None
    route_codes: tuple[str, ...] = ()
    ingredient: str | None = None
    unii: str | None = None
    strength_basis: str | None = None
    numerator_value: Decimal | None = None
    numerator_unit: str | None = None
    denominator_value: Decimal | None = None
    denominator_unit: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A seed as a person would see it: every span of the dataset points into `text`.

    `renderer` names the program that made the text and its version (`html@1`); for plain text the text is the decoded
    seed itself. `stated` are the monographs that the format itself tells apart (none: the reader finds them by their
    titles). `places` are, in order, offsets of the text with where what begins there stands in the original.
    """

    text: str
    format: str
    renderer: str
    encoding: str | None = None
    blocks: tuple[Block, ...] = ()
    stated: tuple[Stated, ...] = ()
    listed: tuple[ListedProduct, ...] = ()
    places: tuple[tuple[int, str], ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def furniture(self) -> tuple[tuple[int, int], ...]:
        """The stretches of the text that nobody reads, in order."""
        return tuple((block.start, block.end) for block in self.blocks if block.kind == "furniture")


@dataclass(frozen=True, slots=True)
class Seed:
    """One document as it was given: its bytes are named by `sha256`, its words are `text` as `renderer` gives them.

    `encoding` and `renderer` are None and `text` empty for bytes that give no text; `sha256` and `size` are None for a
    file that the system would not let us read. Either way a finding says so.
    """

    seed_id: str
    sha256: str | None
    size: int | None
    encoding: str | None
    text: str
    format: str = "unknown"
    renderer: str | None = None
    source: str | None = None
    licence: str | None = None
    retrieved: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A headed part of a monograph. `heading` is None for a paragraph that stands under no heading."""

    code: SectionCode
    heading: Passage | None
    body: Passage


@dataclass(frozen=True, slots=True)
class Monograph:
    """One drug's document: a title and sections in reading order, and what its format states of it, if anything."""

    monograph_id: str
    title: Passage
    sections: tuple[Section, ...]
    stated: Stated = Stated()


@dataclass(frozen=True, slots=True)
class ParsedSeed:
    """What `parse` gives for one seed: its monographs, and a finding for every line that is in none of them."""

    seed: Seed
    monographs: tuple[Monograph, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Name:
    """The generic name alone, empty if no words of the document tell it, and how it is said.

    `place` is where it is printed, `parts` are the ingredients that its words name, in order; one for a single one.
    """

    generic_name: str
    pronunciation: str | None = None
    place: Passage | None = None
    parts: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class DrugClass:
    """One class claim; `kind` is `therapeutic`, `mechanism`, `chemical` or unknown."""

    place: Passage
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class DoseForm:
    """A dose form as printed, its FDA SPL code where the words have one, and where the monograph names it.

    `route` is its own, if its words or its item say one; `basis` what a strength of it is measured by: a value of
    `strength_basis` in dose_forms.csv.
    """

    place: Passage
    code: DoseFormCode | None = None
    is_declared: bool = False
    has_strength: bool = False
    route: RouteCode | None = None
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """A route of administration as printed, its FDA SPL code where the words have one, and whether it is declared."""

    place: Passage
    code: RouteCode | None = None
    is_declared: bool = False


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, or a range of numbers, of one UCUM unit. `high` is set only for a range."""

    value: Decimal
    unit: UnitCode
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Component:
    """One ingredient's part of a strength: `numerator` per `denominator`, or per dose unit where that is None.

    `numerator` is None where no number can be read with certainty. `beside` are the words before and after the amount.
    `unit` are the words of the unit, or of the denominator, if they are printed apart from the number; `basis` says
    what the amount is of (`as hydrochloride`). `alternate` is the same strength said again, in comparable terms;
    `alternate_kind` is then `other_unit`, `base`, `salt`, `element` or `concentration`.
    """

    place: Passage
    kind: str
    numerator: Quantity | None = None
    denominator: Quantity | None = None
    normalized: Quantity | None = None
    rxnorm: str | None = None
    ingredient: str | None = None
    beside: tuple[str, ...] = ()
    unit: str | None = None
    basis: str | None = None
    alternate: Quantity | None = None
    alternate_kind: str | None = None


@dataclass(frozen=True, slots=True)
class Strength:
    """One printed strength: one component, or several for a combination."""

    components: tuple[Component, ...]
    form: DoseForm | None = None


@dataclass(frozen=True, slots=True)
class PregnancyCategory:
    """One stated category: `code` is None where the text says that none was assigned."""

    place: Passage
    system: str
    code: str | None
    condition_kind: str | None = None
    condition: Passage | None = None


@dataclass(frozen=True, slots=True)
class Indication:
    """A statement of use."""

    place: Passage
    is_off_label: bool


@dataclass(frozen=True, slots=True)
class Contraindication:
    """A statement of when not to use (`contraindicated`) or to take care (`caution`)."""

    place: Passage
    kind: str


@dataclass(frozen=True, slots=True)
class AdverseReaction:
    """One reaction: `name` is in lower case, `severity` is `serious` or `unspecified`.

    `evidence` is `list` (a plain list says that it is one), `term` (it is the name of a reaction) or `both`.
    """

    place: Passage
    name: str
    severity: str
    frequency: str | None = None
    evidence: str = "list"


@dataclass(frozen=True, slots=True)
class MonographReading:
    """Everything read from one monograph, and a finding for everything that could not be."""

    monograph: Monograph
    name: Name
    brands: tuple[Passage, ...] = ()
    drug_classes: tuple[DrugClass, ...] = ()
    forms: tuple[DoseForm, ...] = ()
    routes: tuple[Route, ...] = ()
    strengths: tuple[Strength, ...] = ()
    pregnancy_categories: tuple[PregnancyCategory, ...] = ()
    has_lactation_statement: bool = False
    indications: tuple[Indication, ...] = ()
    contraindications: tuple[Contraindication, ...] = ()
    adverse_reactions: tuple[AdverseReaction, ...] = ()
    overview: Passage | None = None
    findings: tuple[Finding, ...] = ()
    listed: tuple[ListedProduct, ...] = ()


@dataclass(frozen=True, slots=True)
class SeedReading:
    """A seed with everything read from it."""

    parsed: ParsedSeed
    monographs: tuple[MonographReading, ...] = ()
