"""The routes of a product: those of the field, the title and the forms; else those that sentences state."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pipelines.lexer import NUMBER, Span
from pipelines.normalize.dose_forms import is_injected, may_name_forms
from pipelines.normalize.product_marks import marks_of
from pipelines.normalize.product_places import FRONT, GIVEN, LISTS, LONGEST_FIELD, ProductPlaces
from pipelines.normalize.routes import (
    all_routes,
    is_of_use,
    is_unspecific,
    read_routes,
    routes_named,
    routes_of_doses,
    routes_of_field,
    routes_of_lines,
    stated_routes,
)
from pipelines.records import DoseForm, Finding, Route
from schemas.codes import fold

_STATES_ROUTES = ("warnings", "how_supplied", "description", *FRONT, "package_label", *LISTS)


def routes_of_product(
    places: ProductPlaces, forms: tuple[DoseForm, ...], title_forms: Sequence[DoseForm], listed: Iterable[Route]
) -> tuple[tuple[Route, ...], list[Finding]]:
    """Those of the field; those of the title and of forms; those that sentences state if neither names one."""
    routes: list[Route] = []
    findings: list[Finding] = []
    for _, first, after in places.spans("route"):
        found, reasons = _route_field(places, first, after)
        routes += (replace(route, is_declared=True) for route in found)
        findings += reasons
    routes += _routes_of_title(places)
    is_told = any(route.code for route in routes)
    told = [form for form in title_forms if any(form.code == other.code for other in forms)]
    routes += (Route(form.place, form.route) for form in (*forms, *told) if form.route)
    routes += listed
    if not is_told:
        routes += _most_certain(places, list(_routes_in_sentences(places)))
    if not any(route.code for route in routes) and any(map(is_injected, forms)):
        routes += (route for span in _spans_of_use(places) for route in routes_named(places.tokens, *span))
    return _distinct_routes(_exact_routes(places, routes)), findings


def _exact_routes(places: ProductPlaces, routes: list[Route]) -> list[Route]:
    """Routes without those that say less than another one, unless they stand in the field."""
    unspecific = [r for r in routes if r.code and not r.is_declared and is_unspecific(places.tokens, r)]
    lost = {route.code for route in unspecific}
    is_told = any(route.code and route.code not in lost for route in routes)
    return [route for route in routes if route not in unspecific] if is_told else routes


def _spans_of_use(places: ProductPlaces) -> Iterator[Span]:
    return ((first, after) for _, first, after in places.spans(*GIVEN, *_STATES_ROUTES))


def _most_certain(places: ProductPlaces, told: list[Route]) -> list[Route]:
    """The routes of statements of use (`for oral use`) and of what stands with them; all, if there are none."""
    ends = [at for at, key in enumerate(places.tokens.keys) if key in (".", "\n")] if told else []
    sentences = [bisect_left(ends, places.tokens.span(route.place)[0]) for route in told]
    exact = {at: not is_unspecific(places.tokens, route) for at, route in zip(sentences, told, strict=True)}
    sure = {at for at, route in zip(sentences, told, strict=True) if exact[at] and is_of_use(places.tokens, route)}
    return [route for at, route in zip(sentences, told, strict=True) if at in sure] or told


def _route_field(places: ProductPlaces, first: int, after: int) -> tuple[tuple[Route, ...], tuple[Finding, ...]]:
    """A field is read whole; of prose, what it states counts."""
    routes, findings = read_routes(places.tokens, first, after)
    if not findings:
        return routes, findings
    told = routes_of_field(places.tokens, first, after)
    told = told or (*routes_of_lines(places.tokens, first, after), *stated_routes(places.tokens, first, after))
    if told or after - first <= LONGEST_FIELD:
        return (told, ()) if told else (routes, findings)
    return tuple(route for route in routes if route.code), findings[:1]


def _routes_of_title(places: ProductPlaces) -> Iterator[Route]:
    first, after = places.tokens.span(places.monograph.title)
    end = places.front()[1]
    yield from stated_routes(places.tokens, first, end)
    for begin, stop in places.lines_of_front():
        yield from _routes_behind_strengths(places, begin, stop)
    last = after - 1
    if last > first and places.tokens.keys[last] in ")]":
        opened = next((at for at in range(last, first, -1) if places.tokens.keys[at] in "(["), last)
        yield from all_routes(places.tokens, opened + 1, last)


def _routes_behind_strengths(places: ProductPlaces, first: int, after: int) -> tuple[Route, ...]:
    """The routes that end a line of a form and its strengths: `Tablets, 5 mg and 10 mg, Oral`."""
    comma = next((at for at in range(after - 1, first, -1) if places.tokens.keys[at] == ","), first)
    if (
        comma == first
        or NUMBER not in places.tokens.kinds[first:comma]
        or not may_name_forms(places.tokens, first, comma)
    ):
        return ()
    marks = {mark.kind for mark in marks_of(places.tokens, first, comma)}
    return all_routes(places.tokens, comma + 1, after) if {"form", "amount"} <= marks else ()


def _routes_in_sentences(places: ProductPlaces) -> Iterator[Route]:
    for section in places.monograph.sections:
        if section.heading:
            yield from stated_routes(places.tokens, *places.tokens.span(section.heading))
    for _, first, after in places.spans(*GIVEN):
        yield from stated_routes(places.tokens, first, after)
        yield from routes_of_lines(places.tokens, first, after)
    for _, first, after in places.spans(*GIVEN, *LISTS):
        yield from routes_of_doses(places.tokens, first, after)
    for _, first, after in places.spans(*_STATES_ROUTES):
        yield from stated_routes(places.tokens, first, after)


def _distinct_routes(routes: Iterable[Route]) -> tuple[Route, ...]:
    """One row for each code or spelling, the declared ones as they are printed in the field."""
    found: dict[str, Route] = {}
    for route in routes:
        found.setdefault(route.code or fold(route.place.text), route)
    return tuple(found.values())
