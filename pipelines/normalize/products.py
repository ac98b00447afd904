"""What the drug is sold as: the forms, routes and strengths of a monograph, put together from its sections.

A form or route is one row however often it is printed. A form that stands only in a dose list, and a route that stands
only inside a form, in a title or in a sentence of its own, are kept and said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pipelines.normalize.dose_form import read_dose_forms
from pipelines.normalize.dose_list import DoseListReading, read_dose_list
from pipelines.normalize.ingredients import ingredients_of, with_ingredients
from pipelines.normalize.quantities import writes_decimal_commas
from pipelines.normalize.route import find_routes, read_routes
from pipelines.normalize.route_statements import routes_in_sentences, routes_of_title
from pipelines.normalize.strengths import Around, states_amount, tokens_of
from pipelines.records import DoseForm, Finding, FindingCode, Monograph, Name, Passage, Route, Strength
from schemas.codes import fold

_DOSE_LISTS = ("available_dose", "dosage_forms_strengths")
_INSTEAD = ("active_ingredient", "composition", "how_supplied", "product_name")  # where no dose list states a strength

_FORM_NOT_DECLARED = FindingCode("FORM_NOT_DECLARED")
_STRENGTH_MISSING = FindingCode("STRENGTH_MISSING")
_ROUTE_NOT_DECLARED = FindingCode("ROUTE_NOT_DECLARED")


@dataclass(frozen=True, slots=True)
class Products:
    """Forms, routes and strengths in reading order, and findings whose `row_no` counts within the monograph."""

    forms: tuple[DoseForm, ...]
    routes: tuple[Route, ...]
    strengths: tuple[Strength, ...]
    findings: tuple[Finding, ...]


def read_products(monograph: Monograph, name: Name) -> Products:
    """The products that a monograph names."""
    declared, form_findings = _declared_forms(monograph)
    doses = _doses(monograph, declared, name)
    forms = _distinct_forms((*declared, *doses.forms))
    stated, route_findings = _declared_routes(monograph)
    inside = (route for form in (*declared, *doses.forms) for route in find_routes(form.place))
    elsewhere = (*routes_of_title(monograph.title), *_routes_in_sentences(monograph))
    routes = _distinct_routes((*stated, *inside, *elsewhere))
    return Products(
        forms,
        routes,
        with_ingredients(doses.strengths, name),
        (
            *_on_rows((*form_findings, *_unmapped_only(doses.findings)), "dosage_forms", [f.place for f in forms]),
            *_on_rows(route_findings, "routes", [r.place for r in routes]),
            *(finding for finding in doses.findings if finding.table != "dosage_forms"),
            *_not_declared_forms(forms),
            *_not_declared_routes(routes),
            *(() if doses.strengths else (_no_strength(monograph),)),
        ),
    )


def _no_strength(monograph: Monograph) -> Finding:
    return Finding(_STRENGTH_MISSING, "No section states a strength of the product.", monograph.title, "monographs")


def _unmapped_only(findings: Iterable[Finding]) -> Iterator[Finding]:
    return (finding for finding in findings if finding.table == "dosage_forms")


def _bodies(monograph: Monograph, section_codes: Iterable[str]) -> list[Passage]:
    return [section.body for section in monograph.sections if section.code in section_codes and section.body]


def _declared_forms(monograph: Monograph) -> tuple[tuple[DoseForm, ...], tuple[Finding, ...]]:
    forms: list[DoseForm] = []
    findings: list[Finding] = []
    for body in _bodies(monograph, ("dosage_form",)):
        if not states_amount(*tokens_of(body.text)):
            found, reasons = read_dose_forms(body)
            forms += (replace(form, is_declared=True) for form in found)
            findings += reasons
    return tuple(forms), tuple(findings)


def _doses(monograph: Monograph, declared: tuple[DoseForm, ...], name: Name) -> DoseListReading:
    """The dose lists; where they state nothing, the sections that state strengths beside other things."""
    comma = any(writes_decimal_commas(*tokens_of(section.body.text)) for section in monograph.sections)
    names = frozenset(
        fold(words) for words in (monograph.title.text, name.generic_name, *ingredients_of(name)) if words
    )
    around = Around(ingredients=len(ingredients_of(name)), decimal_comma=comma, names=names)
    bodies = _bodies(monograph, _DOSE_LISTS)
    bodies += [body for body in _bodies(monograph, ("dosage_form",)) if states_amount(*tokens_of(body.text))]
    read = _together([read_dose_list(body, declared, around) for body in bodies])
    for code in _INSTEAD:
        if read.strengths:
            return read
        found = [read_dose_list(body, declared, around) for body in _bodies(monograph, (code,))]
        read = _together([reading for reading in found if _states_strength(reading)] or [read])
    return read


def _states_strength(reading: DoseListReading) -> bool:
    return any(component.numerator for strength in reading.strengths for component in strength.components)


def _together(readings: list[DoseListReading]) -> DoseListReading:
    strengths: list[Strength] = []
    findings: list[Finding] = []
    for reading in readings:
        findings += (
            replace(finding, row_no=finding.row_no + len(strengths)) if finding.row_no else finding
            for finding in reading.findings
        )
        strengths += reading.strengths
    forms = tuple(form for reading in readings for form in reading.forms)
    return DoseListReading(tuple(strengths), forms, tuple(findings))


def _distinct_forms(forms: Iterable[DoseForm]) -> tuple[DoseForm, ...]:
    """One row for each code, or for each spelling without a code; what either print says of it is kept."""
    found: dict[str, DoseForm] = {}
    for form in sorted(forms, key=lambda form: form.place.start):
        key = form.code or fold(form.place.text)
        first = found.setdefault(key, form)
        found[key] = replace(
            first,
            is_declared=first.is_declared or form.is_declared,
            has_strength=first.has_strength or form.has_strength,
        )
    return tuple(found.values())


def _declared_routes(monograph: Monograph) -> tuple[tuple[Route, ...], tuple[Finding, ...]]:
    routes: list[Route] = []
    findings: list[Finding] = []
    for body in _bodies(monograph, ("route",)):
        found, reasons = read_routes(body)
        routes += (replace(route, is_declared=True) for route in found)
        findings += reasons
    return tuple(routes), tuple(findings)


def _routes_in_sentences(monograph: Monograph) -> Iterator[Route]:
    for body in _bodies(monograph, ("dosage_administration",)):
        yield from routes_in_sentences(body)


def _distinct_routes(routes: Iterable[Route]) -> tuple[Route, ...]:
    """One row for each code or spelling, the declared ones as they are printed in the field."""
    found: dict[str, Route] = {}
    for route in routes:
        found.setdefault(route.code or fold(route.place.text), route)
    return tuple(found.values())


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
