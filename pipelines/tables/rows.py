"""Readings to rows: what one seed adds to each published table, as tuples in the order of the table's columns.

Plain Python values and no frames, so that the processes that read documents load neither pandas nor Pandera.
Decimals become floats here and nowhere earlier.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from math import isinf

from pipelines.normalize.pregnancy_categories import most_restrictive
from pipelines.parse.monographs import slug
from pipelines.records import (
    Component,
    DoseForm,
    Finding,
    FindingCode,
    MonographReading,
    Passage,
    Quantity,
    Seed,
    SeedReading,
    Strength,
)
from schemas import codes
from schemas.substances import find_printed, published

TableRow = tuple[object, ...]
Rows = dict[str, list[TableRow]]
_CELL_LIKE_FORMULA = FindingCode("CELL_LIKE_FORMULA")
_UNREAD = FindingCode("STRENGTH_UNREAD")
_SUBSTANCE_UNKNOWN = FindingCode("SUBSTANCE_UNKNOWN")
_LIKE_FORMULA = ("=", "@", "\t", "\r")


def seed_rows(reading: SeedReading) -> Rows:
    """The rows of one seed by table; `finding_no` counts the findings of the seed, from 1."""
    seed = reading.parsed.seed
    rows: Rows = {name: [] for name in ("seeds", "monographs", *_CHILDREN, "strengths", "products", "ingredients")}
    rows["seeds"].append(
        (
            seed.seed_id, seed.sha256, seed.size, seed.format, seed.encoding, seed.renderer,
            sha256(seed.text.encode()).hexdigest() if seed.renderer else None, len(reading.monographs),
            seed.source, seed.licence, seed.retrieved,
        )
    )  # fmt: skip
    findings = [(_holder(reading, finding), finding) for finding in reading.parsed.findings]
    for monograph in map(_within_a_double, reading.monographs):
        monograph_id = monograph.monograph.monograph_id
        findings += [(monograph_id, finding) for finding in monograph.findings]
        ingredients, unknown = _ingredients(monograph)
        rows["ingredients"] += [(monograph_id, number, *row) for number, row in enumerate(ingredients, start=1)]
        findings += [(monograph_id, finding) for finding in unknown]
        rows["products"] += [
            (monograph_id, number, *row) for number, row in enumerate(_products(monograph, seed), start=1)
        ]
        for name, row in _monograph_rows(seed.seed_id, monograph):
            rows[name].append(row)
            findings += [(monograph_id, finding) for finding in _like_formula(name, row)]
    numbered = enumerate(_finding_rows(seed.seed_id, seed.text, findings), start=1)
    rows["findings"] = [(number, *row) for number, row in numbered]
    return rows


def _within_a_double(reading: MonographReading) -> MonographReading:
    """The reading without amounts that a column of doubles cannot hold; a finding says so of each."""
    too_large = [
        (number, component)
        for number, strength in enumerate(reading.strengths, start=1)
        for component in strength.components
        if any(isinf(value) for q in (component.numerator, component.normalized) for value in _quantity(q)[:2] if value)
    ]
    if not too_large:
        return reading
    said = "The number is larger than a table can hold; the strength is not read"
    findings = tuple(Finding(_UNREAD, said, c.place, "strengths", number) for number, c in too_large)
    unread = {id(c): replace(c, numerator=None, denominator=None, normalized=None, rxnorm=None) for _, c in too_large}
    strengths = tuple(
        replace(strength, components=tuple(unread.get(id(c), c) for c in strength.components))
        for strength in reading.strengths
    )
    return replace(reading, strengths=strengths, findings=(*reading.findings, *findings))


def _holder(reading: SeedReading, finding: Finding) -> str | None:
    """The monograph whose section a finding of the parser speaks of."""
    if finding.table is None or finding.place is None:
        return None
    for read in reading.monographs:
        sections = read.monograph.sections
        if any((s.heading or s.body).start <= finding.place.start <= s.body.end for s in sections):
            return read.monograph.monograph_id
    return None


def _monograph_rows(seed_id: str, reading: MonographReading) -> Iterator[tuple[str, TableRow]]:
    monograph_id = reading.monograph.monograph_id
    yield "monographs", _monograph_row(seed_id, reading)
    for name, build in _CHILDREN.items():
        for number, row in enumerate(build(reading), start=1):
            yield name, (monograph_id, number, *row)
    for number, strength in enumerate(reading.strengths, start=1):
        for component_no, component in enumerate(strength.components, start=1):
            yield "strengths", (monograph_id, number, component_no, *_strength_row(strength, component))


def _monograph_row(seed_id: str, reading: MonographReading) -> TableRow:
    title, overview = reading.monograph.title, reading.overview
    return (
        reading.monograph.monograph_id,
        drug_id(reading.name.generic_name),
        seed_id,
        title.text,
        reading.name.generic_name or None,
        reading.name.pronunciation,
        most_restrictive(reading.pregnancy_categories),
        reading.has_lactation_statement,
        overview.text if overview else None,
        reading.monograph.stated.document_version,
        reading.monograph.stated.effective_date,
        title.start,
        title.end,
        *(_span(overview) if overview else (None, None)),
    )


_BETWEEN_INGREDIENTS = re.compile(r"\s*(?:[,;/+&]|\band\b|\bwith\b)\s*", re.IGNORECASE)


def drug_id(generic_name: str | None) -> str | None:
    """The drug that a generic name means, whatever the order of its ingredients; None for a name without Latin letters.

    >>> drug_id("Hydrochlorothiazide and Lisinopril") == drug_id("lisinopril/hydrochlorothiazide")
    True
    """
    slugs = sorted({slug(part) for part in _BETWEEN_INGREDIENTS.split(generic_name or "")} - {""})
    return "-and-".join(slugs) or None


def _span(place: Passage) -> tuple[int, int]:
    return place.start, place.end


def _words(place: Passage) -> tuple[str, int, int]:
    return place.text, place.start, place.end


def _named(table: str, code: str | None) -> tuple[str | None, str | None]:
    """A code and its standard name."""
    return (code, codes.by_code(table)[code]["name"]) if code is not None else (None, None)


def _sections(reading: MonographReading) -> Iterator[TableRow]:
    for section in reading.monograph.sections:
        heading = section.heading
        yield (
            section.code,
            codes.by_code("sections")[section.code]["loinc_code"] or None,
            heading.text if heading else None,
            *_words(section.body),
            *(_span(heading) if heading else (None, None)),
        )


def _pregnancy_categories(reading: MonographReading) -> Iterator[TableRow]:
    for category in reading.pregnancy_categories:
        condition = category.condition.text if category.condition else None
        yield (
            category.system,
            category.code,
            category.code is not None,
            category.condition_kind,
            condition,
            *_words(category.place),
            category.system in _LEGACY_SYSTEMS,
        )


def _listed_products(reading: MonographReading) -> Iterator[TableRow]:
    for row in reading.listed:
        yield (
            row.part_no,
            row.ndc,
            row.product_name,
            row.dose_form_code,
            row.dose_form_name,
            "; ".join(row.route_codes) or None,
            row.ingredient,
            row.unii,
            row.strength_basis,
            _double(row.numerator_value),
            row.numerator_unit,
            _double(row.denominator_value),
            row.denominator_unit,
            row.origin,
        )


def _double(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


_LEGACY_SYSTEMS = {row["system_code"] for row in codes.rows("pregnancy_categories") if row["is_legacy"] == "true"}

_CHILDREN: dict[str, Callable[[MonographReading], Iterable[TableRow]]] = {
    "sections": _sections,
    "brand_names": lambda r: (_words(brand) for brand in r.brands),
    "drug_classes": lambda r: ((*_words(c.place), c.kind) for c in r.drug_classes),
    "dosage_forms": lambda r: (
        (*_words(f.place), *_named("dose_forms", f.code), f.is_declared, f.has_strength, f.route) for f in r.forms
    ),
    "routes": lambda r: ((*_words(x.place), *_named("routes", x.code), x.is_declared) for x in r.routes),
    "listed_products": _listed_products,
    "pregnancy_categories": _pregnancy_categories,
    "indications": lambda r: ((*_words(i.place), i.is_off_label) for i in r.indications),
    "contraindications": lambda r: ((*_words(c.place), c.kind) for c in r.contraindications),
    "adverse_reactions": lambda r: (
        (a.name, *_words(a.place), a.severity, a.frequency, a.evidence) for a in r.adverse_reactions
    ),
}


def _strength_row(strength: Strength, component: Component) -> TableRow:
    form = strength.form
    return (
        form.place.text if form else None,
        *_named("dose_forms", form.code if form else None),
        component.ingredient,
        *_words(component.place),
        component.kind,
        *_quantity(component.numerator),
        *_quantity(component.denominator)[::2],
        *_quantity(component.normalized),
        component.rxnorm,
        component.unit,
        component.basis,
        *_quantity(component.alternate)[::2],
        component.alternate_kind,
    )


def _quantity(quantity: Quantity | None) -> tuple[float | None, float | None, str | None]:
    """Value, high end and unit."""
    if quantity is None:
        return None, None, None
    return float(quantity.value), None if quantity.high is None else float(quantity.high), quantity.unit


def _ingredients(reading: MonographReading) -> tuple[list[TableRow], list[Finding]]:
    """The ingredients of the generic name: the whole if a substance has that name, else its parts."""
    name = reading.name
    whole = find_printed(name.generic_name) if name.generic_name else None
    if whole is not None and name.place is not None:
        return [(*_words(name.place), whole.unii, whole.name, "exact")], []
    rows: list[TableRow] = []
    findings: list[Finding] = []
    link = "split" if len(name.parts) > 1 else "exact"
    for part in name.parts:
        substance = find_printed(part.text)
        if substance is None:
            message = f"FDA's list of substances of {published()} has no name {part.text!r}"
            findings.append(Finding(_SUBSTANCE_UNKNOWN, message, part, "ingredients", len(rows) + 1))
        known = (substance.unii, substance.name, link) if substance else (None, None, None)
        rows.append((*_words(part), *known))
    return rows, findings


def _products(reading: MonographReading, seed: Seed) -> Iterator[TableRow]:
    """A row for each strength, in the order of strengths, and then for each form without one."""
    routes = {route.code for route in reading.routes if route.code}
    only_route = next(iter(routes)) if len(routes) == 1 else None
    about = (
        drug_id(reading.name.generic_name),
        reading.monograph.title.text,
        reading.name.generic_name or None,
        "; ".join(brand.text for brand in reading.brands) or None,
        "; ".join(each.place.text for each in reading.drug_classes) or None,
    )
    of_document = (most_restrictive(reading.pregnancy_categories), seed.seed_id, seed.source)
    seen = set()
    for strength in reading.strengths:
        form = strength.form
        seen.add(form.code if form else None)
        yield (*about, *_form_and_route(form, only_route), *_in_words(strength), *of_document)
    for form in reading.forms:
        if form.code not in seen:
            seen.add(form.code)
            yield (*about, *_form_and_route(form, only_route), None, None, None, 0, *of_document)


def _form_and_route(form: DoseForm | None, only_route: str | None) -> tuple[str | None, str | None]:
    route = (form.route if form else None) or only_route
    return _named("dose_forms", form.code if form else None)[1], _named("routes", route)[1]


def _in_words(strength: Strength) -> tuple[str | None, float | None, str | None, int]:
    """The comparable strength in words; its value and unit if it has one component; how many components there are."""
    amounts = [component.normalized for component in strength.components]
    if any(amount is None for amount in amounts):
        return None, None, None, 0
    words = " + ".join(_amount(amount) for amount in amounts if amount is not None)
    value, _, unit = _quantity(amounts[0]) if len(amounts) == 1 else (None, None, None)
    return words, value, unit, len(amounts)


def _amount(amount: Quantity) -> str:
    """`5 mg`, `5 to 10 mg`: in digits, never with an exponent."""
    low = f"{amount.value.normalize():f}"
    return f"{low} {amount.unit}" if amount.high is None else f"{low} to {amount.high.normalize():f} {amount.unit}"


def _like_formula(name: str, row: TableRow) -> Iterator[Finding]:
    if any(isinstance(cell, str) and cell.startswith(_LIKE_FORMULA) for cell in row):
        row_no = row[1] if isinstance(row[1], int) else None
        message = "A cell of this row begins like a formula; it is published as printed."
        yield Finding(_CELL_LIKE_FORMULA, message, None, name, row_no)


def _finding_rows(seed_id: str, text: str, findings: list[tuple[str | None, Finding]]) -> Iterator[TableRow]:
    """Findings in reading order, those without a place first."""
    line_starts = [0, *(found.end() for found in re.finditer("\n", text))] if findings else [0]
    for monograph_id, finding in sorted(findings, key=lambda item: item[1].place.start if item[1].place else -1):
        place = finding.place
        where: TableRow = (None,) * 5
        if place is not None:
            line = bisect_right(line_starts, place.start)
            where = (*_words(place), line, place.start - line_starts[line - 1] + 1)
        severity = codes.by_code("finding_codes")[finding.code]["severity"]
        yield (
            seed_id, monograph_id, severity, finding.code, finding.table, finding.row_no, *where, finding.sentence,
        )  # fmt: skip
