"""What the drug is sold as: the forms, routes and strengths of a monograph, put together from its sections.

Sources of strengths, in this order; the next is asked only if those before leave something open:

    lists        the dose list, the dosage forms and strengths: every entry counts
    names        the title, the product's name and the lines below it: `Xyl 5 mg film-coated tablets`
    contents     composition and active ingredients: `Each tablet contains 5 mg of xyl`
    supplied     how supplied, what the pack contains
    description  what it is, the label of the pack

Outside of lists a sentence counts only if it says what the product is: it names a form or unit and what that holds
(`tablets containing 5 mg`), or it is no sentence but a name. What it says to do (`store`, `dilute`) is none.

A form, a route and a strength are one row however often they are printed. A form that stands only beside a strength,
and a route that stands only in a form, a title or a sentence, are kept and said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby, pairwise, takewhile

from pipelines.lexer import BREAK, BULLET, NUMBER, SOFT_BREAK, WORD, Span, Tokens, cut_words
from pipelines.normalize.distinct_strengths import (
    distinct_strengths,
    is_quantified,
    one_list,
    parts_of,
    stated_only,
    without_others,
)
from pipelines.normalize.dose_forms import (
    find_forms,
    is_injected,
    may_name_forms,
    words_of_code,
)
from pipelines.normalize.dose_lists import DoseListReading, is_less, read_dose_list
from pipelines.normalize.generic_names import longest_substance
from pipelines.normalize.name_words import as_printed
from pipelines.normalize.product_forms import ProductForms, has_verb, read_product_forms
from pipelines.normalize.product_marks import (
    Mark,
    begins_content,
    begins_excipients,
    entries_of,
    holds_code,
    marks_of,
    sentences_of,
    speaks_of_strength,
    with_contents,
)
from pipelines.normalize.product_places import CONTENTS, DESCRIBED, LISTS, SUPPLIED, ProductPlaces
from pipelines.normalize.product_routes import routes_of_product
from pipelines.normalize.product_tables import (
    ProductRow,
    ProductTable,
    first_cells,
    flat_table,
    product_tables,
    tokens_of,
    unit_of_column,
)
from pipelines.normalize.quantities import (
    AMBIGUOUS,
    UNIT_UNKNOWN,
    UNREAD,
    Unit,
    denominator,
    unit_at,
    writes_decimal_commas,
)
from pipelines.normalize.routes import all_routes, routes_in
from pipelines.normalize.strength_ingredients import (
    SHORTEST_WORD,
    halves_of_combinations,
    ingredients_of,
    with_ingredients,
    without_amounts,
    words_beside,
)
from pipelines.normalize.strengths import Around, speaks_of_doses, states_amount
from pipelines.records import (
    Block,
    Component,
    DoseForm,
    Finding,
    FindingCode,
    Monograph,
    Name,
    Passage,
    Quantity,
    Route,
    Section,
    Strength,
)
from schemas.codes import fold

_MAY_HOLD_TABLES = ("overview", "introduction", "other", "composition", "inactive_ingredients")
_PER = frozenset({"/", "per", "in"})
_OF_AMOUNTS = frozenset({"amount", "number", "form"})
_PACK_UNITS = frozenset({"g", "kg"})  # of a powder, gel or cream: how much is sold
_SOLID = frozenset({"solid", "patch"})  # the bases of forms of which each piece holds the amount
_KIT = frozenset({"kit"})  # the words of the FDA name of several products in one package
_SHORTEST_NAME = 5  # letters of a word of the drug's name
_MOST_BESIDE = 3  # tokens of a line beside its amounts that may be anything
_LONGEST_NAME = 12  # tokens of a form, or of an amount with its denominator
_NEAR = 6  # tokens behind an amount that may say that it is given
_LONGEST_LINE = 8  # tokens of a line that is a form and its strength
_MOST_DISTANT = 8  # tokens between a heading's `in each` and its unit

_HALF = "Not read as a strength: it is of one ingredient of a combination, and nothing tells them together."
_NO_NUMBER = "no number that is understood stands in these words"
_FORM_NOT_DECLARED = FindingCode("FORM_NOT_DECLARED")
_NOT_STRENGTH = FindingCode("DOSE_NOT_STRENGTH")
_STRENGTH_MISSING = FindingCode("STRENGTH_MISSING")
_ROUTE_NOT_DECLARED = FindingCode("ROUTE_NOT_DECLARED")

_Cutter = Callable[[Tokens, int, int], Iterator[Span]]


@dataclass(frozen=True, slots=True)
class ProductReading:
    """Forms, routes and strengths in reading order, and findings whose `row_no` counts within the monograph."""

    forms: tuple[DoseForm, ...]
    routes: tuple[Route, ...]
    strengths: tuple[Strength, ...]
    findings: tuple[Finding, ...]


def read_products(
    monograph: Monograph, name: Name, tokens: Tokens, blocks: tuple[Block, ...] = (), names: Iterable[str] = ()
) -> ProductReading:
    """The products that a monograph names. `names` are what else the drug is called, such as its brands."""
    places = ProductPlaces(monograph, tokens)
    told = read_product_forms(places)
    called = frozenset(fold(words) for words in names if words)
    reading = _Reading(monograph, tokens, name, called, places, told, blocks)
    reading.read_strengths()
    lists = told.more_exact(reading.lists)
    found, findings = distinct_strengths(lists)
    forms = told.distinct(lists, found)
    listed = (route for each in lists for route in each.routes)
    routes, route_findings = routes_of_product(places, forms, told.in_title, listed)
    strengths = with_ingredients(found, name, reading.of_others)
    halves = set(halves_of_combinations(strengths, name))
    return ProductReading(
        forms,
        routes,
        tuple(
            without_amounts(strength) if no in halves else strength for no, strength in enumerate(strengths, start=1)
        ),
        (
            *_on_rows(told.findings_with(lists), "dosage_forms", [form.place for form in forms]),
            *_on_rows(route_findings, "routes", [route.place for route in routes]),
            *findings,
            *(
                Finding(AMBIGUOUS, _HALF, strengths[no - 1].components[0].place, "strengths", no)
                for no in sorted(halves)
            ),
            *_not_declared_forms(forms),
            *_not_declared_routes(routes),
            *(() if strengths else (_no_strength(monograph),)),
        ),
    )


@dataclass(slots=True)
class _Reading:
    """What has been read of a monograph's products so far."""

    monograph: Monograph
    tokens: Tokens
    name: Name
    names: frozenset[str]
    places: ProductPlaces
    forms: ProductForms
    blocks: tuple[Block, ...] = ()
    lists: list[DoseListReading] = field(default_factory=list)
    of_others: set[Passage] = field(default_factory=set)
    in_excipients: bool = False

    def read_strengths(self) -> None:
        """Asks one kind of source after the other, until every amount that was found is understood."""
        around = self._around()
        stated: list[Strength] = []
        for read in (self._lists, self._names, self._contents, self._supplied, self._description):
            found = list(read(around))
            self.lists += found
            told = (strength for each in found for strength in each.strengths if is_quantified(strength))
            stated += (strength for strength in told if _is_comparable(strength))
            is_whole = bool(stated) and (self.forms.declared or any(strength.form for strength in stated))
            is_whole = is_whole and self._has_all_forms(stated)
            if is_whole and read != self._names and (read != self._lists or self._has_list()):
                return

    def _has_all_forms(self, stated: list[Strength]) -> bool:
        """Whether each of the forms that lines beside the title name has a strength."""
        forms = [strength.form for strength in stated if strength.form]
        return all(
            any(form.code == named.code or is_less(form, named) or is_less(named, form) for form in forms)
            for named in self.forms.in_names()
        )

    def _has_list(self) -> bool:
        """Whether the document lists its strengths, and does not only say how one of them looks."""
        return any(code != "dosage_form" for code in (section.code for section, *_ in self.places.spans(*LISTS)))

    def _around(self) -> Around:
        tokens, called = self.tokens, (self.monograph.title.text, self.name.generic_name, *ingredients_of(self.name))
        return Around(
            ingredients=len(ingredients_of(self.name)),
            is_one_drug=len(ingredients_of(self.name)) == 1 and tokens.is_substance(self.name.generic_name),
            decimal_comma=any(
                writes_decimal_commas(tokens, *tokens.span(section.body)) for section in self.monograph.sections
            ),
            names=frozenset(fold(words) for words in called if words) | self.names,
        )

    def _lists(self, around: Around) -> Iterator[DoseListReading]:
        for section, first, after in self.places.spans(*LISTS):
            if section.code != "dosage_form" or states_amount(self.tokens, first, after):
                tables = list(product_tables(self.tokens, self.blocks, first, after))
                ranges = self._outside(tables, first, after, entries_of)
                listed = self._without_other_drugs(read_dose_list(self.tokens, ranges, self.forms.declared, around))
                yield one_list((listed, *self._by_column(tables, around)))
        for _, first, after in self.places.spans(*_MAY_HOLD_TABLES):
            tables = [table for table in product_tables(self.tokens, self.blocks, first, after) if table.is_sure]
            listed = read_dose_list(self.tokens, self._cells(tables), self.forms.declared, around)
            yield one_list((listed, *self._by_column(tables, around)))
        flat = flat_table(self.tokens, self.monograph.sections)
        if flat is not None:
            listed = read_dose_list(self.tokens, self._cells([flat]), self.forms.declared, around)
            yield one_list((listed, *self._by_column([flat], around)))
        yield one_list(self._torn_rows(around))

    def _without_other_drugs(self, reading: DoseListReading) -> DoseListReading:
        """A list of a drug of one ingredient without the lines that begin with another substance, as of a kit."""
        if len(ingredients_of(self.name)) != 1 or not self.tokens.is_substance(self.name.generic_name):
            return reading
        own = {word for word in cut_words(fold(self.name.generic_name)) if len(word) >= _SHORTEST_NAME}
        others = []
        for part in parts_of(reading):
            at = self.tokens.span(part.place)[0]
            begin = max(self.tokens.kinds.rfind(BREAK, 0, at), self.tokens.kinds.rfind(BULLET, 0, at)) + 1
            named = longest_substance(self.tokens, begin, at) if begin < at else None
            others += [part] if named is not None and own.isdisjoint(self.tokens.keys[begin:at]) else []
        told = without_others(reading, others, _NOT_STRENGTH, "its line is of another drug") if others else reading
        return told if parts_of(told) else reading

    # --- tables ----------------------------------------------------------------------------------------------------

    def _torn_rows(self, around: Around) -> Iterator[DoseListReading]:
        """`Oral Tablets / 50 mg lactose`: rows of a table of route, form and strength that ran into lines.

        row = route form "/" amount [ ( "/" | "per" | "in" ) denominator ]
        """
        keys, kinds = self.tokens.keys, self.tokens.kinds
        for at in (place for place, key in enumerate(keys[:-1]) if key == "/"):
            begin = max(0, at - _LONGEST_NAME)
            if kinds[at - 1] != WORD or kinds[at + 1] != NUMBER or not may_name_forms(self.tokens, begin, at):
                continue
            breaks = (no + 1 for no in range(at - 1, begin, -1) if kinds[no] in (BREAK, SOFT_BREAK))
            named = find_forms(self.tokens, next(breaks, begin), at)
            form = next((name for name in named if name.after == at and name.code and name.route), None)
            end = self._end_of_amount(at + 1) if form is not None else None
            if form is None or end is None or speaks_of_doses(self.tokens, at, min(len(self.tokens), end + _NEAR)):
                continue
            routes = routes_in(self.tokens, form.first, at)
            told = replace(form.form(self.tokens), has_strength=True)
            cell = tokens_of(self.tokens, (at + 1, end))
            if routes and self.tokens.span(routes[0].place)[0] == form.first:
                yield DoseListReading(forms=(told,), routes=routes)
                yield read_dose_list(cell, [(0, len(cell))], (told,), around)

    def _end_of_amount(self, first: int) -> int | None:
        """The token after an amount and its denominator; None if none begins here."""
        limit = min(len(self.tokens), first + _LONGEST_NAME)
        mark = next(iter(marks_of(self.tokens, first, limit)), None)
        if mark is None or mark.kind != "amount":
            return None
        end = mark.after  # behind the name of the substance: `604.72 mg exemplum/mL`
        end = next(
            (at for at in range(end, limit) if self.tokens.kinds[at] != WORD or self.tokens.keys[at] in _PER), limit
        )
        if end < limit and self.tokens.keys[end] in _PER:
            found = denominator(self.tokens, end + 1, limit, decimal_comma=False)
            return found[2] if found is not None else None
        return mark.after

    def _outside(
        self, tables: Sequence[ProductTable], first: int, after: int, cut_in: _Cutter, *, with_cells: bool = True
    ) -> Iterator[Span]:
        """The entries of a text, with the cells of tables that tell a strength and whose row names no form."""
        begun = first
        for table in tables:
            yield from cut_in(self.tokens, begun, table.first)
            yield from self._cells([table]) if with_cells else ()
            begun = table.after
        yield from cut_in(self.tokens, begun, after)

    def _cells(self, tables: Iterable[ProductTable]) -> Iterator[Span]:
        for table in tables:
            for row in table.rows:
                if not self._forms_of_row(table, row) and unit_of_column(self.tokens, table.heads) is None:
                    yield from row.strengths

    def _by_column(self, tables: Iterable[ProductTable], around: Around) -> Iterator[DoseListReading]:
        """The strengths of rows that name their form, or whose unit the heading tells, and the routes of all rows."""
        for table in tables:
            unit = unit_of_column(self.tokens, table.heads)
            for row in table.rows:
                forms = self._forms_of_row(table, row)
                routes = all_routes(self.tokens, *row.route) if row.route else ()
                own = tuple(replace(form, has_strength=True) for form in forms)
                yield DoseListReading(forms=own, routes=routes)
                for span in row.strengths if forms or unit else ():
                    cell, size = tokens_of(self.tokens, span, unit), span[1] - span[0]
                    told = replace(around, unit=(size, len(cell)) if unit else None)
                    read = read_dose_list(cell, [(0, size)], forms or self._sole_forms(), told)
                    yield read
                    if not read.strengths and not read.findings:
                        yield DoseListReading(findings=tuple(_no_number(self.tokens, *span)))

    def _forms_of_row(self, table: ProductTable, row: ProductRow) -> tuple[DoseForm, ...]:
        """The one form that a row names in a column of its own, or that the heading of its strengths names."""
        for span in (*([row.form] if row.form else ()), *table.heads):
            forms = [name.form(self.tokens) for name in find_forms(self.tokens, *span) if name.code]
            if len(forms) == 1:
                return tuple(forms)
        return ()

    def _names(self, around: Around) -> Iterator[DoseListReading]:
        """The title if it is no ingredient of a list, the lines beside it, and the field of the product's name."""
        title = self.tokens.span(self.monograph.title)
        inside = [span for _, *span in self.places.spans(*CONTENTS) if span[0] <= title[0] < span[1]]
        front = self.places.front()
        ranges = [*self.places.above_title(), *([] if inside else [title]), front]
        ranges += [(first, after) for _, first, after in self.places.spans("product_name")]
        for first, after in ranges:
            tables = list(product_tables(self.tokens, self.blocks, first, after))
            spans = self._outside(tables, first, after, entries_of, with_cells=False)
            lines = [span for span in self._without_contents(spans) if self._is_name(*span)]
            others = [span for span in lines if (first, after) == front and not self._is_of_product(*span)]
            lines = [span for span in lines if span not in others]
            yield DoseListReading(findings=tuple(self._passed_over(others)))
            read = stated_only(read_dose_list(self.tokens, lines, self.forms.declared, around, "names"))
            is_one = any(len(strength.components) > 1 for strength in read.strengths)
            yield read if is_one else self._own(read)  # a name tells all that is in it

    def _without_contents(self, spans: Iterable[Span]) -> Iterator[Span]:
        """The lines up to one that leads to a list of contents: `Each 5 ml contains:`."""
        return takewhile(lambda span: not begins_content(self.tokens, *span), spans)

    def _is_of_product(self, first: int, after: int) -> bool:
        """Whether words name a form or the drug, or say little else than an amount: not `15 mg/L for infections`."""
        marks = marks_of(self.tokens, first, after)
        told = {at for mark in marks if mark.kind in ("amount", "gap") for at in range(mark.first, mark.after)}
        beside = [at for at in range(first, after) if at not in told]
        sized = {at for mark in marks if mark.kind == "number" for at in range(mark.first, mark.after)}
        words = [at for at in beside if at not in sized and self.tokens.kinds[at] == WORD]
        is_short = len(beside) <= _MOST_BESIDE or len(words) <= 1  # `12,500 units/250 mL (50 units/mL)`
        return is_short or any(mark.names for mark in marks) or self._names_drug(first, after)

    def _contents(self, around: Around) -> Iterator[DoseListReading]:
        self.in_excipients = False
        for section, first, after in (*self.places.spans(*CONTENTS), *self._below_purpose()):
            yield self._content(section, first, after, around)

    def _below_purpose(self) -> Iterator[tuple[Section, int, int]]:
        """Active ingredients whose heading and that of the purposes stand on two lines above both, with their words."""
        for section, below in pairwise(self.monograph.sections):
            if section.code == "active_ingredient" and not section.body and below.code == "otc_purpose" and below.body:
                yield section, *self.tokens.span(below.body)

    def _content(self, section: Section, first: int, after: int, around: Around) -> DoseListReading:
        """A composition, or active ingredients, under a heading that may say what they are in: `in each 5 mL`."""
        begin = self.tokens.span(section.heading)[0] if section.heading else first
        per, forms, first = self._in_each(section, first, after)
        is_unread = per is None and self._counts_units(begin, first)
        around = replace(around, per=per or around.per, is_active=section.code == "active_ingredient")
        declared = forms or self._sole_forms()
        if section.code == "active_ingredient":
            tokens = first_cells(self.tokens, first, after)
            ranges: list[Span] = [(0, len(tokens))]
            others: list[Span] = []
        else:
            tokens = self.tokens
            heading = tokens.span(section.heading) if section.heading else (0, 0)
            is_begun = heading[0] < heading[1] and begins_content(tokens, *heading)
            sentences = list(with_contents(tokens, sentences_of(tokens, first, after), is_begun=is_begun))
            active = self._before_excipients(sentences)
            ranges = [span for span in active if self._is_content(*span)]
            others = [span for span in sentences if span not in ranges]
        read = stated_only(read_dose_list(tokens, ranges, declared, around, "contents"))
        if is_unread:
            read = without_others(read, parts_of(read), UNREAD, "what each of its units is was not understood")
        elif section.code != "active_ingredient":
            read = self._own(read)
        elif any(finding.code in (UNREAD, UNIT_UNKNOWN) for finding in read.findings) or self._is_half(read):
            read = without_others(read, parts_of(read), UNREAD, "an ingredient beside it could not be read")
        else:
            self.of_others |= {part.place for part in self._of_others(parts_of(read))}
        read = replace(read, findings=(*read.findings, *self._passed_over(others)))
        return replace(read, forms=(*read.forms, *forms)) if read.strengths else read

    def _before_excipients(self, sentences: Iterable[Span]) -> list[Span]:
        """The sentences of a composition without those on excipients: from one that begins so to one on the drug.

        `Excipients with known effect:` speaks for the lines below it, also in a section of its own heading.
        """
        kept: list[Span] = []
        for first, after in sentences:
            if begins_excipients(self.tokens, first, after):
                self.in_excipients = True
            elif self.in_excipients and self._names_drug(first, after):
                kinds = {mark.kind for mark in marks_of(self.tokens, first, after)}
                self.in_excipients = kinds.isdisjoint({"form", "states", "whole"})
            if not self.in_excipients:
                kept.append((first, after))
        return kept

    def _is_half(self, reading: DoseListReading) -> bool:
        """Whether some amounts of a drug of several ingredients were read, and others were not."""
        return len(ingredients_of(self.name)) > 1 and any(part.numerator is None for part in parts_of(reading))

    def _of_others(self, parts: list[Component]) -> list[Component]:
        """The amounts of active ingredients that are not told to be of the drug: all, if one has another name.

        Of those that are not read as a number, nothing tells whose they are.
        """
        own = {word for word in cut_words(fold(self.name.generic_name)) if len(word) >= SHORTEST_WORD}
        is_other = any(words and not own & words for words in map(words_beside, parts))
        return [part for part in parts if is_other or part.numerator is None]

    def _own(self, reading: DoseListReading) -> DoseListReading:
        """What was read of a drug of one ingredient, without amounts of other substances beside that of its own.

        `6 mg of the drug, 2 mg citric acid` states one strength; the name must stand with an amount, or nothing is left
        out.
        """
        if len(ingredients_of(self.name)) != 1:
            return self._of_all(reading)
        own = {word for word in cut_words(fold(self.name.generic_name)) if len(word) >= _SHORTEST_NAME}
        parts = parts_of(reading)
        is_kit = any(words_of_code(form.code) == _KIT for form in reading.forms if form.code)
        others = [part for part in parts if _is_of_other(part, own, is_kit=is_kit) or self._is_behind_other(part, own)]
        is_named = any(own & words_beside(part) or self._is_behind(part, own) for part in parts)
        if not is_named:  # then only what is told to be of another substance of the list
            others = [part for part in others if self._is_of_substance(part)]
        if not others:
            return reading
        for strength in reading.strengths:  # two of three with a word in common with the name: a part of a combination
            kept = [part for part in strength.components if part not in others]
            others += kept if 1 < len(kept) < len(strength.components) else []
        return without_others(reading, others, _NOT_STRENGTH, "it is of another substance than the drug")

    def _is_of_substance(self, part: Component) -> bool:
        """Whether the words beside an amount are a substance of the list, and the drug's name is one, too."""
        is_known = self.tokens.is_substance(self.name.generic_name)
        return is_known and any(self.tokens.is_substance(words) for words in part.beside)

    def _is_behind(self, part: Component, own: set[str]) -> bool:
        """Whether the drug's name stands right before an amount, with a comma between: `exemplum, 2 mcg`."""
        begin = self.tokens.span(part.place)[0]
        return begin > 1 and self.tokens.keys[begin - 1] == "," and self.tokens.keys[begin - 2] in own

    def _is_behind_other(self, part: Component, own: set[str]) -> bool:
        """Whether the name and form of another substance stand before an amount: `Xyl Bicarbonate Injection 5%`."""
        at = self.tokens.span(part.place)[0]
        forms = find_forms(self.tokens, max(0, at - _LONGEST_NAME), at)
        if words_beside(part) or not forms or forms[-1].after != at:
            return False
        end = forms[-1].first
        names = (as_printed(self.tokens, first, end) for first in range(max(0, end - _MOST_BESIDE), end))
        named = next((name for name in names if self.tokens.is_substance(name)), None)
        return named is not None and own.isdisjoint(cut_words(fold(named)))

    def _of_all(self, reading: DoseListReading) -> DoseListReading:
        """What was read of a drug of several ingredients, without a combination of other substances beside its own.

        `66% (w/v) of a salt and 10% of another, 370 mg iodine and 4 mg sodium` states one strength.
        """
        own = {word for word in cut_words(fold(self.name.generic_name)) if len(word) >= _SHORTEST_NAME}
        pairs = [strength for strength in reading.strengths if len(strength.components) > 1]
        named = [all(own & words_beside(part) for part in pair.components) for pair in pairs]
        others = [
            part
            for pair, is_own in zip(pairs, named, strict=True)
            if not is_own and all(words_beside(part) for part in pair.components)
            for part in pair.components
        ]
        if not others or not any(named):
            return reading
        return without_others(reading, others, _NOT_STRENGTH, "it is of other substances than the drug")

    def _in_each(self, section: Section, first: int, after: int) -> tuple[Quantity | None, tuple[DoseForm, ...], int]:
        """What a heading, or its first bracket, says that the ingredients are in: a volume, a form; where to go on."""
        begin, end = self.tokens.span(section.heading) if section.heading else (first, first)
        if first < after and self.tokens.keys[first] in "([":
            end = next((at for at in range(first, after) if self.tokens.keys[at] in ")]"), first)
            if any(self.tokens.keys[at] in ("each", "per", "every") for at in range(first, min(end, first + 4))):
                return (*self._unit_of(first, end), end + 1)
            return None, (), first
        return (*self._unit_of(begin, end), first)

    def _counts_units(self, first: int, after: int) -> bool:
        """Whether a heading says that amounts are in a number of units, which is not one: `(in each 2 tablets)`."""
        keys, kinds = self.tokens.keys, self.tokens.kinds
        each = (at for at in range(first, after - 1) if keys[at] in ("each", "per", "every"))
        return any(kinds[at + 1] == NUMBER and keys[at + 1] != "1" for at in each)

    def _unit_of(self, first: int, after: int) -> tuple[Quantity | None, tuple[DoseForm, ...]]:
        each = next((at for at in range(first, after) if self.tokens.keys[at] in ("each", "per", "every")), None)
        if each is None:
            return None, ()
        found = denominator(self.tokens, each + 1, after, decimal_comma=False)
        size, unit = found[:2] if found is not None else (None, None)
        is_each = isinstance(unit, Unit) and (unit.dimension == "volume" or (unit.code == "g" and size == 1))
        if is_each and isinstance(size, Decimal) and isinstance(unit, Unit):
            return Quantity(size, unit.code), ()
        names = find_forms(self.tokens, each + 1, min(after, each + _MOST_DISTANT))
        told = (name for name in names if name.code and "drops" not in words_of_code(name.code))  # a throat drop
        return None, tuple(name.form(self.tokens) for name in told)[:1]

    def _sole_forms(self) -> tuple[DoseForm, ...]:
        return self.forms.declared or tuple(
            self.forms.in_title[:1] if len({f.code for f in self.forms.in_title}) == 1 else ()
        )

    def _supplied(self, around: Around) -> Iterator[DoseListReading]:
        yield from self._in_sentences(SUPPLIED, around)

    def _description(self, around: Around) -> Iterator[DoseListReading]:
        yield from self._in_sentences(DESCRIBED, around)

    def _in_sentences(self, section_codes: tuple[str, ...], around: Around) -> Iterator[DoseListReading]:
        for section, first, after in self.places.spans(*section_codes):
            tables = list(product_tables(self.tokens, self.blocks, first, after))
            cells = set(self._cells(tables))
            sentences = list(with_contents(self.tokens, self._outside(tables, first, after, sentences_of)))
            forms_of = self._introduced(sentences) if section_codes == SUPPLIED else {}
            if section.code == "package_label":
                forms_of = self._on_label(sentences)
                # `Display panel - 40 mg Syringe Carton` only names the pack, if the pack says more below
                sentences = [span for span in sentences if not (forms_of and self._is_beside_heading(section, *span))]
            is_told = self._is_concentration if section.code in SUPPLIED else self._is_product
            kept = [s for s in sentences if s in cells or s in forms_of or self._is_product(*s) or is_told(*s)]
            yield one_list(self._by_column(tables, around))
            for forms, group in groupby(kept, forms_of.get):
                read = read_dose_list(self.tokens, list(group), forms or self._sole_forms(), around, "sentences")
                read = self._own(stated_only(read))
                yield replace(read, forms=(*read.forms, *forms)) if forms and read.strengths else read
            if section_codes == SUPPLIED:
                yield DoseListReading(findings=tuple(self._passed_over(span for span in sentences if span not in kept)))

    def _introduced(self, sentences: Iterable[Span]) -> dict[Span, tuple[DoseForm, ...]]:
        """Lines that begin with an amount below `Xyl tablets are available as:`, with the form that is named there."""
        found: dict[Span, tuple[DoseForm, ...]] = {}
        forms: tuple[DoseForm, ...] = ()
        for first, after in sentences:
            begins = first + (self.tokens.kinds[first] == BULLET)
            marks = marks_of(self.tokens, begins, after)
            kinds = {mark.kind for mark in marks}
            named = [name for mark in marks if not mark.is_inside for name in mark.names if name.code]
            if self.tokens.keys[after - 1] == ":":
                is_one = "states" in kinds and len({name.code for name in named}) == 1
                forms = (named[0].form(self.tokens),) if is_one else ()
            elif "instruction" in kinds:
                forms = ()
            elif forms and not named and marks and (marks[0].kind, marks[0].first) == ("amount", begins):
                is_size = self._is_pack_size(marks[0]) and not is_injected(forms[0])
                found |= {} if is_size else {(first, after): forms}
        return found

    def _on_label(self, lines: Iterable[Span]) -> dict[Span, tuple[DoseForm, ...]]:
        """Lines of a pack that are an amount and no more, below one that names the drug: `Xyl` / `Tablets` / `5 mg`.

        Their form is the one that the lines between them name. An amount of a liquid or a cream needs what it is in,
        unless it is a percentage or what is injected; grams are what is sold.
        """
        found: dict[Span, tuple[DoseForm, ...]] = {}
        forms, is_named = self._sole_forms(), False
        for first, after in lines:
            marks = marks_of(self.tokens, first, after)
            kinds = {mark.kind for mark in marks}
            named = [name for mark in marks if not mark.is_inside for name in mark.names if name.code]
            if is_named and forms and self._is_amount_alone(first, after, marks):
                is_of_all = self.tokens.keys[marks[0].after - 1] == "%" or all(form.basis in _SOLID for form in forms)
                is_in = not {"/", "per"}.isdisjoint(self.tokens.keys[first:after])
                is_told = is_in or (is_of_all and not self._is_pack_size(marks[0]))
                if is_told or any(map(is_injected, forms)):
                    found[first, after] = forms
            elif "amount" not in kinds:
                is_named = is_named or self._names_drug(first, after)
                forms = (named[0].form(self.tokens),) if len({name.code for name in named}) == 1 else forms
        return found

    def _is_beside_heading(self, section: Section, first: int, after: int) -> bool:
        begin = self.tokens.span(section.heading)[0] if section.heading else first
        return begin < first and BREAK not in self.tokens.kinds[begin:after]

    def _is_amount_alone(self, first: int, after: int, marks: list[Mark]) -> bool:
        """Whether a line is an amount, with what it is in and what it equals: `100 mg/20 mL (5 mg/mL)`."""
        if not marks or (marks[0].kind, marks[0].first) != ("amount", first):
            return False
        told = {at for mark in marks if mark.kind in _OF_AMOUNTS for at in range(mark.first, mark.after)}
        beside = (at for at in range(first, after) if at not in told and self.tokens.kinds[at] == WORD)
        return all(self.tokens.keys[at] == "per" or unit_at(self.tokens, at, after) is not None for at in beside)

    def _is_concentration(self, first: int, after: int) -> bool:
        """Whether a line of what is supplied is an amount and the volume that it is in, and no more: `250 mcg/mL`."""
        begin = first + (self.tokens.kinds[first] == BULLET)
        has_volume = not _PER.isdisjoint(self.tokens.keys[begin:after])
        return has_volume and begin + 1 < after and self._end_of_amount(begin) == after

    def _is_pack_size(self, amount: Mark) -> bool:
        unit = unit_at(self.tokens, amount.first + 1, amount.after)
        return unit is not None and isinstance(unit[0], Unit) and unit[0].code in _PACK_UNITS

    def _passed_over(self, sentences: Iterable[tuple[int, int]]) -> Iterator[Finding]:
        """Amounts in sentences that do not say what the product is, and numbers beside a form without a unit."""
        for first, after in sentences:
            has_number = any(self.tokens.kinds[at] == NUMBER for at in range(first, after))
            is_code = after - first <= _LONGEST_LINE and holds_code(self.tokens, first, after)
            if not has_number and not is_code and not speaks_of_strength(self.tokens, first, after):
                continue
            marks = marks_of(self.tokens, first, after)
            kinds = {mark.kind for mark in marks}
            is_of_form = "form" in kinds and not kinds & {"pack", "look", "verb", "imprint", "price"}
            for mark in marks:
                if mark.kind in ("amount", "masked"):
                    why = "Not read as a strength: its sentence does not say what the product is."
                    yield Finding(_NOT_STRENGTH, why, self.tokens.passage(mark.first, mark.after))
                elif mark.kind == "number" and is_of_form and self.tokens.kinds[mark.after - 1] == NUMBER:
                    why = "Not read as a strength: the number has no unit that is known."
                    yield Finding(UNREAD, why, self.tokens.passage(mark.first, mark.after))
            if not has_number and is_of_form:
                why = f"Not read as a strength: {_NO_NUMBER}."
                yield Finding(UNREAD, why, self.tokens.passage(first, after))

    # --- which sentences speak of the product ----------------------------------------------------------------------

    def _kinds(self, first: int, after: int) -> tuple[set[str], list[Mark]] | None:
        """The kinds of marks of a sentence that states an amount and gives no dose; None for any other."""
        if NUMBER not in self.tokens.kinds[first:after]:
            return None
        marks = marks_of(self.tokens, first, after)
        kinds = {mark.kind for mark in marks}
        is_stated = "amount" in kinds or (
            {"number", "form"} <= kinds and not kinds & {"pack", "look", "verb", "states"}
        )
        rest = next((mark.after for mark in marks if mark.kind == "whole"), first)  # behind `Each 0.5-mL dose contains`
        if "reconstituted" in kinds and any(map(is_injected, self._sole_forms())):
            return None  # what the pharmacist makes of it
        if not is_stated or "instruction" in kinds or self._speaks_of_doses(rest, after, marks):
            return None
        return kinds, marks

    def _speaks_of_doses(self, first: int, after: int, marks: list[Mark]) -> bool:
        """Whether words say that something is to be given; `for IM or IV use` says what the product is."""
        named = [mark for mark in marks if mark.kind in ("form", "route") and mark.first >= first]
        begins = [first, *(mark.after for mark in named)]
        ends = [*(mark.first for mark in named), after]
        return any(speaks_of_doses(self.tokens, *span) for span in zip(begins, ends, strict=True))

    def _is_product(self, first: int, after: int) -> bool:
        """Whether a sentence says what the product is, or is a name such as `Xyl tablets 5 mg`."""
        told = self._kinds(first, after)
        if told is None:
            return False
        kinds, marks = told
        is_whole = "whole" in kinds or self._is_in_each(after, marks)
        is_of_drug = is_whole and self._names_drug(first, after)
        names = [name for mark in marks for name in mark.names]
        if not (is_whole or "form" in kinds) or not (is_of_drug or names):
            return self._begins_with_drug(first, marks) and self._is_name(first, after)
        if names and all(name.is_container and name.basis is None for name in names):
            amounts = [mark for mark in marks if mark.kind == "amount"]
            if all(map(self._is_pack_size, amounts)) and not any(map(is_injected, self._sole_forms())):
                return False  # `510 g bottle`
        return bool(kinds & {"states", "whole", "look", "imprint"}) or self._is_name(first, after)

    def _begins_with_drug(self, first: int, marks: list[Mark]) -> bool:
        """Whether a line begins with a name of the drug and an amount behind it: `Exempla 15 mg, NDC 11111-222-30`.

        In a liquid the amount may be in any volume.
        """
        amount = next((mark.first for mark in marks if mark.kind == "amount"), first)
        is_near = first < amount <= first + _MOST_BESIDE and self.tokens.kinds[first] == WORD
        is_solid = any(form.basis in _SOLID for form in self._sole_forms())
        return is_near and is_solid and self._names_drug(first, amount)

    def _is_in_each(self, after: int, marks: list[Mark]) -> bool:
        """Whether the amount that something contains is said to be in each of a volume: `500 units in each mL`."""
        states = next((mark.after for mark in marks if mark.kind == "states"), after)
        amount = next((mark.after for mark in marks if mark.kind == "amount" and mark.first >= states), after)
        return any(
            self.tokens.keys[at] == "each" and self._unit_of(at, after)[0] is not None for at in range(amount, after)
        )

    def _names_drug(self, first: int, after: int) -> bool:
        """Whether words name the drug: a word of its name, of a brand or of the title stands among them."""
        called = (self.name.generic_name, self.monograph.title.text, *self.names)
        own = {word for words in called for word in cut_words(fold(words)) if len(word) >= _SHORTEST_NAME}
        return not own.isdisjoint(self.tokens.keys[first:after])

    def _is_content(self, first: int, after: int) -> bool:
        told = self._kinds(first, after)
        return told is not None and (bool(told[0] & {"states", "whole"}) or self._is_name(first, after))

    def _is_name(self, first: int, after: int) -> bool:
        """Whether words are no sentence: they hold no verb."""
        return self._kinds(first, after) is not None and not has_verb(self.tokens, first, after)


# --- strengths that are one row --------------------------------------------------------------------------------------


def _is_comparable(strength: Strength) -> bool:
    """Whether a strength is more than a percent of which nobody knows what it is of."""
    return any(part.normalized is not None for part in strength.components)


def _is_of_other(part: Component, own: set[str], *, is_kit: bool) -> bool:
    """Whether a name of another substance stands beside an amount; in a kit, whether the drug's own does not."""
    beside = words_beside(part)
    return part.numerator is not None and (is_kit or bool(beside)) and not beside & own


def _no_number(tokens: Tokens, first: int, after: int) -> Iterator[Finding]:
    """A cell for a strength that speaks of one without a number: `one million units`."""
    if speaks_of_strength(tokens, first, after) or holds_code(tokens, first, after):
        yield Finding(UNREAD, f"Not read as a strength: {_NO_NUMBER}.", tokens.passage(first, after))


# --- findings --------------------------------------------------------------------------------------------------------


def _no_strength(monograph: Monograph) -> Finding:
    return Finding(_STRENGTH_MISSING, "No section states a strength of the product.", monograph.title, "monographs")


def _on_rows(findings: Iterable[Finding], table: str, places: list[Passage]) -> Iterator[Finding]:
    """Findings with the ordinal of the row that shows them."""
    rows = {fold(place.text): number for number, place in reversed(list(enumerate(places, start=1)))}
    for finding in findings:
        row = rows.get(fold(finding.place.text)) if finding.place else None
        yield replace(finding, table=table, row_no=row)


def _not_declared_forms(forms: tuple[DoseForm, ...]) -> Iterator[Finding]:
    if any(form.is_declared for form in forms):
        for number, form in enumerate(forms, start=1):
            if not form.is_declared:
                message = f"{form.place.text!r} has doses and does not stand in the dosage-form field."
                yield Finding(_FORM_NOT_DECLARED, message, form.place, "dosage_forms", number)


def _not_declared_routes(routes: tuple[Route, ...]) -> Iterator[Finding]:
    if any(route.is_declared for route in routes):
        for number, route in enumerate(routes, start=1):
            if not route.is_declared:
                message = f"{route.place.text!r} stands outside the route field."
                yield Finding(_ROUTE_NOT_DECLARED, message, route.place, "routes", number)
