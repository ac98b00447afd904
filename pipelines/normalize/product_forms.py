"""The forms of a product: those of the field, the title and the lists, each told once and as exactly as it is told.

The dosage-form field counts before all else. Without one, a form of a list is called what the title, the pack or a
description calls it more exactly (`tablet`, `film-coated tablet`). Sentences that only say how the product is supplied
count if nothing else names a form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from pipelines.lexer import NUMBER, WORD, Span, Tokens, cut_words
from pipelines.lexicon import with_role
from pipelines.normalize.distinct_strengths import (
    all_quantified,
    is_quantified,
)
from pipelines.normalize.dose_forms import (
    FormName,
    find_forms,
    in_drops,
    injected,
    injection,
    joined,
    may_name_forms,
    read_forms,
)
from pipelines.normalize.dose_lists import DoseListReading, is_less
from pipelines.normalize.product_marks import (
    ends_routes,
    marks_of,
    sentences_of,
    tells_look,
)
from pipelines.normalize.product_places import CONTENTS, DESCRIBED, GIVEN, LISTS, SUPPLIED, ProductPlaces
from pipelines.normalize.quantities import (
    Unit,
    unit_at,
)
from pipelines.normalize.strengths import states_amount
from pipelines.records import (
    DoseForm,
    DoseFormCode,
    Finding,
    Monograph,
    Route,
    Strength,
    UnitCode,
)
from schemas import codes
from schemas.codes import fold

_NAMES_FORMS = ("dosage_administration", "package_label", "warnings", "otc_purpose", "indications", "overview", "other")
_SHORTEST_FORM = 4  # letters of a form that is believed wherever it stands
_DROP = UnitCode("{drop}")


@dataclass(frozen=True, slots=True)
class ProductForms:
    """The forms that a monograph declares and those of its title, and where others may be told."""

    places: ProductPlaces
    declared: tuple[DoseForm, ...]
    in_title: tuple[DoseForm, ...]
    findings: tuple[Finding, ...]

    @property
    def monograph(self) -> Monograph:
        """The monograph that is read."""
        return self.places.monograph

    @property
    def tokens(self) -> Tokens:
        """Its tokens."""
        return self.places.tokens

    def findings_with(self, lists: Iterable[DoseListReading]) -> list[Finding]:
        """Why forms have no code, those of fields and those of lists."""
        listed = [finding for reading in lists for finding in reading.findings if finding.table == "dosage_forms"]
        return [*self.findings, *listed]

    def distinct(self, lists: Sequence[DoseListReading], strengths: Iterable[Strength]) -> tuple[DoseForm, ...]:
        """One row for each code, or for each spelling without one; what either print says of it is kept.

        A form that says less than another one (`tablet` beside `film-coated tablet`) is that one, unless it has
        strengths of its own or both stand in the field.
        """
        listed = [form for reading in lists for form in reading.forms]
        told = [*self.declared, *listed]
        told += self.in_title if not any(form.code for form in told) else ()
        told += self.in_names()
        told = told or self._forms_in_passing() or self._only_form()
        found: dict[str, DoseForm] = {}
        for form in sorted(told, key=lambda form: form.place.start):
            key = form.code or fold(form.place.text)
            first = found.setdefault(key, form)
            if _says_more(form, first):
                found[key] = replace(
                    first,
                    is_declared=first.is_declared or form.is_declared,
                    has_strength=first.has_strength or form.has_strength,
                    route=first.route or form.route,
                )
        having = {strength.form.code for strength in strengths if strength.form and is_quantified(strength)}
        open_ = [form for form in found.values() if form.code not in having]
        less = _that_say_less(open_, found.values(), lists) if open_ else set()
        return tuple(form for form in found.values() if form not in less)

    def in_names(self) -> list[DoseForm]:
        """The forms of a document of several products, if lines beside the title name one each: `Xyl tablets`."""
        title = self.tokens.span(self.monograph.title)
        lines = [
            span for span in self.places.lines_of_front() if self.tokens.keys[span[0]] == self.tokens.keys[title[0]]
        ]
        named: dict[str, DoseForm] = {}
        for span in (*self.places.above_title(), title, *lines):
            found = [n for n in joined(self.tokens, find_forms(self.tokens, *span), is_name=True) if n.code]
            if len(found) == 1:
                named.setdefault(found[0].code or "", found[0].form(self.tokens))
        forms = list(named.values())
        is_apart = not any(is_less(form, other) for form in forms for other in forms)
        return forms if len(forms) > 1 and is_apart else []

    def _forms_in_passing(self) -> list[DoseForm]:
        """The forms of sentences that say how the product is supplied, if nothing else names one."""
        for source in (CONTENTS, SUPPLIED, DESCRIBED):
            found: list[DoseForm] = []
            for _, first, after in self.places.spans(*source):
                for start, end in sentences_of(self.tokens, first, after):
                    found += _supplied_forms(self.tokens, start, end)
            if found:
                return found
        return []

    def _only_form(self) -> list[DoseForm]:
        """The form that the document names, if it names one alone: `Dissolve pellets …`, but not `10 drops`."""
        found: dict[str, DoseForm] = {}
        for _, first, after in self.places.spans(*_NAMES_FORMS):
            for name in find_forms(self.tokens, first, after):
                is_counted = self.tokens.kinds[name.first - 1] == NUMBER
                is_other = self.tokens.keys[name.first - 1] == "for"  # bottles for pellets
                if (
                    name.code
                    and not is_other
                    and not _is_short(self.tokens, name)
                    and not (is_counted and name.basis == "liquid")
                ):
                    found.setdefault(name.code, replace(name.form(self.tokens), route=None))
        kept = [form for form in found.values() if not any(is_less(form, other) for other in found.values())]
        return kept if len(kept) == 1 else []

    def more_exact(self, lists: list[DoseListReading]) -> list[DoseListReading]:
        """Lists in which a form is the one that the name of the product, its pack or a description tells better.

        A form of a field stays. Of several forms only an injection is told better: a tablet beside a film-coated
        tablet is another one.
        """
        told = {form.code: form for reading in lists for form in _forms_of(reading) if form.code}
        if self.declared or not told:
            return lists
        if len({form.code for form in self.in_title}) == 1:  # the title names the one form that there is
            title = self.in_title[0]
            for form in told.values():
                exact = title if is_less(form, title) else injected(title, form)
                if exact is not None:
                    lists = [_with_form(reading, form, exact) for reading in lists]
            told = {form.code: form for reading in lists for form in _forms_of(reading) if form.code}
        if len(told) == 1 and self._is_given_in_drops():
            form = next(iter(told.values()))
            exact = in_drops(form)
            if exact is not None:
                return [_with_form(reading, form, exact) for reading in lists]
        plain = next(iter(told.values())) if len(told) == 1 else told.get(injection())
        if plain is None or any(is_less(form, plain) for form in told.values()):
            return lists
        names = self._more_exact(plain)
        if len({name.code for name in names}) == 1:
            form = names[0].form(self.tokens)
            lists = [_with_form(reading, plain, form) for reading in lists]
        return lists

    def _is_given_in_drops(self) -> bool:
        """Whether doses are counted in drops: `one drop in each eye`, and not `1 mg/drop`."""
        for _, first, after in self.places.spans(*GIVEN, *LISTS):
            for at in range(first, after):
                unit = unit_at(self.tokens, at, after) if self.tokens.kinds[at] == WORD else None
                if (
                    unit is not None
                    and self.tokens.keys[at - 1] not in ("/", "per")
                    and isinstance(unit[0], Unit)
                    and unit[0].code == _DROP
                ):
                    return True
        return False

    def _more_exact(self, plain: DoseForm) -> list[FormName]:
        """What the document calls a form more exactly, the surest source first.

        A powder or a solution that is called an injection beside it is one.
        """
        lines = [self.tokens.span(self.monograph.title), self.places.front()]
        lines += [(first, after) for _, first, after in self.places.spans("package_label")]
        for spans in (lines, self._product_sentences(*LISTS), self._product_sentences(*SUPPLIED, *DESCRIBED)):
            named = [joined(self.tokens, find_forms(self.tokens, *span), is_name=True) for span in spans]
            found = [name for names in named for name in names if is_less(plain, name)]
            if found:
                return found
        return []

    def _product_sentences(self, *section_codes: str) -> Iterator[Span]:
        """The sentences that say what the product is, and may name a form."""
        for _, first, after in self.places.spans(*section_codes):
            for start, end in sentences_of(self.tokens, first, after):
                if _telling().isdisjoint(self.tokens.keys[start:end]) or not may_name_forms(self.tokens, start, end):
                    continue
                kinds = {mark.kind for mark in marks_of(self.tokens, start, end)}
                if kinds & {"states", "whole", "look", "imprint"} and not kinds & {"instruction", "excipients"}:
                    yield start, end


def read_product_forms(places: ProductPlaces) -> ProductForms:
    """The forms of the dosage-form field, if it is a field and states no strength, and those of the title."""
    tokens = places.tokens
    declared: list[DoseForm] = []
    findings: list[Finding] = []
    for _, first, after in places.spans("dosage_form"):
        if not states_amount(tokens, first, after):
            found, reasons = _of_field(tokens, first, after)
            declared += (replace(form, is_declared=True) for form in found)
            findings += reasons
    named = joined(tokens, find_forms(tokens, *tokens.span(places.monograph.title)), is_name=True)
    in_title = tuple(found.form(tokens) for found in named if found.code)
    return ProductForms(places, tuple(declared), in_title, tuple(findings))


def _of_field(tokens: Tokens, first: int, after: int) -> tuple[tuple[DoseForm, ...], tuple[Finding, ...]]:
    """A field is read whole; of prose, what names a form at the beginning counts, and not how it looks."""
    forms, findings = read_forms(tokens, first, after)
    sentences = list(sentences_of(tokens, first, after))
    if all(finding.code != "FORM_UNKNOWN" for finding in findings):
        return _without_looks(tokens, forms, sentences[1:]), findings
    if len(sentences) == 1 and not has_verb(tokens, first, after):
        return forms, findings
    found, reasons = read_forms(tokens, *sentences[0])
    if all(finding.code != "FORM_UNKNOWN" for finding in reasons):
        return found, reasons
    marks = marks_of(tokens, first, after)
    among = [name.form(tokens) for mark in marks for name in mark.names if name.code]
    among = [form for form in among if not any(is_less(form, other) for other in among)]
    return (tuple(among), ()) if among else (forms, findings)


def _without_looks(tokens: Tokens, forms: tuple[DoseForm, ...], sentences: list[Span]) -> tuple[DoseForm, ...]:
    """The forms of a field without those of sentences behind it that tell how it looks."""
    looks = [tokens.passage(*span) for span in sentences if tells_look(tokens, *span)]
    kept = [form for form in forms if not any(look.start <= form.place.start < look.end for look in looks)]
    return tuple(kept or forms)


def _that_say_less(
    forms: Iterable[DoseForm], others: Iterable[DoseForm], lists: Iterable[DoseListReading]
) -> set[DoseForm]:
    """The forms that say less than another one, which has all the strengths that are stated of them."""
    stated: dict[DoseFormCode | None, list[Strength]] = {}
    for strength in (strength for reading in lists for strength in reading.strengths):
        if strength.form:
            stated.setdefault(strength.form.code, []).append(strength)
    told = {code: all_quantified(strengths) for code, strengths in stated.items()}
    return {
        form
        for form in forms
        if any(
            is_less(form, other)
            and not (form.is_declared and other.is_declared)
            and told.get(form.code, set()) <= told.get(other.code, set())
            for other in others
        )
    }


def _supplied_forms(tokens: Tokens, first: int, after: int) -> Iterator[DoseForm]:
    if _supplying().isdisjoint(tokens.keys[first:after]):
        return
    marks = marks_of(tokens, first, after)
    kinds = {mark.kind for mark in marks}
    if "instruction" not in kinds and kinds & {"states", "imprint"}:
        for mark in marks:
            told = (name for name in mark.names if name.code and not mark.is_inside)
            yield from (name.form(tokens) for name in told if not _is_short(tokens, name))


def _is_short(tokens: Tokens, name: FormName) -> bool:
    """Whether a form in passing is a few letters, which may be another word: the `cap` of a bottle."""
    return name.after - name.first == 1 and len(tokens.keys[name.first]) < _SHORTEST_FORM


def _says_more(form: DoseForm, first: DoseForm) -> bool:
    """Whether a form that is told again says something that its first print does not."""
    is_declared = form.is_declared and not first.is_declared
    return is_declared or (form.has_strength and not first.has_strength) or bool(form.route and not first.route)


def _forms_of(reading: DoseListReading) -> list[DoseForm]:
    return [*reading.forms, *(strength.form for strength in reading.strengths if strength.form)]


def _with_form(reading: DoseListReading, plain: DoseForm, exact: DoseForm) -> DoseListReading:
    """A reading with one form for another, as printed where it is told more precisely."""
    forms = (
        replace(exact, has_strength=form.has_strength) if form.code == plain.code else form for form in reading.forms
    )
    strengths = (
        replace(strength, form=exact) if strength.form and strength.form.code == plain.code else strength
        for strength in reading.strengths
    )
    told = (form for form in reading.forms if form.code == plain.code and form.route and not exact.route)
    routes = (*reading.routes, *(Route(form.place, form.route) for form in told))  # `for oral suspension`
    return replace(reading, forms=tuple(forms), strengths=tuple(strengths), routes=routes)


@cache
def _supplying() -> frozenset[str]:
    """The words one of which stands in a sentence on how the product is supplied."""
    return _first_words("states", "imprint")


@cache
def _telling() -> frozenset[str]:
    """The words one of which stands in a sentence that says what the product is."""
    return _first_words("states", "each", "look", "imprint")


def _first_words(*roles: str) -> frozenset[str]:
    return frozenset(cut_words(row["text"])[0] for row in codes.rows("product_words") if row["roles"] in roles)


def has_verb(tokens: Tokens, first: int, after: int) -> bool:
    """Whether words are a sentence: they hold a verb, and not one that only says how the drug is given."""
    verbs = with_role("sentence_words", "sentence")
    return any(
        tokens.kinds[at] == WORD and verbs.longest(tokens, at, at + 1) and not ends_routes(tokens, at)
        for at in range(first, after)
    )
