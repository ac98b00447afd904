"""Readings to Arrow tables, in the shape that `schemas.tables` describes.

A table is built from tuples in the order of its columns and an explicit schema, so a column without any value keeps
its type. Decimals become doubles here and nowhere earlier.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa

from pipelines.normalize.pregnancy import most_restrictive
from pipelines.records import (
    Component,
    Finding,
    FindingCode,
    MonographReading,
    Passage,
    Quantity,
    SeedReading,
    Strength,
)
from schemas import codes
from schemas.tables import CODE_LISTS, TABLES
from schemas.tables.base import arrow_schema, key_columns, name_of

Row = tuple[object, ...]
Rows = dict[str, list[Row]]
_CELL_LIKE_FORMULA = FindingCode("CELL_LIKE_FORMULA")
_LIKE_FORMULA = ("=", "@", "\t", "\r")


def tabulate(readings: Iterable[SeedReading]) -> dict[str, pa.Table]:
    """All published tables, rows in key order. `retired` is empty: a release fills it from the one before."""
    rows: Rows = {name: [] for name in TABLES}
    for reading in readings:
        _add_seed(rows, reading)
    rows["findings"] = [(number, *row) for number, row in enumerate(rows["findings"], start=1)]
    tables = {name: _table(name, rows[name]) for name in TABLES}
    return tables | code_lists()


def _table(name: str, rows: list[Row]) -> pa.Table:
    schema = arrow_schema(TABLES[name])
    values: Iterable[tuple[object, ...]] = zip(*rows, strict=True) if rows else ((),) * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(values, schema, strict=True)]
    table = pa.Table.from_arrays(arrays, schema=schema)
    return table.sort_by([(key, "ascending") for key in key_columns(TABLES[name])])


def _add_seed(rows: Rows, reading: SeedReading) -> None:
    seed = reading.parsed.seed
    rows["seeds"].append(
        (
            seed.seed_id, seed.sha256, seed.size, seed.encoding, len(reading.monographs),
            seed.source, seed.licence, seed.retrieved,
        )
    )  # fmt: skip
    findings = [(_holder(reading, finding), finding) for finding in reading.parsed.findings]
    for monograph in reading.monographs:
        monograph_id = monograph.monograph.monograph_id
        findings += [(monograph_id, finding) for finding in monograph.findings]
        for name, row in _monograph_rows(seed.seed_id, monograph):
            rows[name].append(row)
            findings += [(monograph_id, finding) for finding in _like_formula(name, row)]
    rows["findings"] += _finding_rows(seed.seed_id, seed.text, findings)


def _holder(reading: SeedReading, finding: Finding) -> str | None:
    """The monograph whose section a finding of the parser speaks of."""
    if finding.table is None or finding.place is None:
        return None
    for read in reading.monographs:
        sections = read.monograph.sections
        if any((s.heading or s.body).start <= finding.place.start <= s.body.end for s in sections):
            return read.monograph.monograph_id
    return None


def _monograph_rows(seed_id: str, reading: MonographReading) -> Iterator[tuple[str, Row]]:
    monograph_id = reading.monograph.monograph_id
    yield "monographs", _monograph_row(seed_id, reading)
    for name, build in _CHILDREN.items():
        for number, row in enumerate(build(reading), start=1):
            yield name, (monograph_id, number, *row)
    for number, strength in enumerate(reading.strengths, start=1):
        for component_no, component in enumerate(strength.components, start=1):
            yield "strengths", (monograph_id, number, component_no, *_strength_row(strength, component))


def _monograph_row(seed_id: str, reading: MonographReading) -> Row:
    title, overview = reading.monograph.title, reading.overview
    return (
        reading.monograph.monograph_id,
        seed_id,
        title.text,
        reading.name.generic_name,
        reading.name.pronunciation,
        most_restrictive(reading.pregnancy_categories),
        reading.has_lactation_statement,
        overview.text if overview else None,
        title.start,
        title.end,
        *(_span(overview) if overview else (None, None)),
    )


def _span(place: Passage) -> tuple[int, int]:
    return place.start, place.end


def _words(place: Passage) -> tuple[str, int, int]:
    return place.text, place.start, place.end


def _named(table: str, code: str | None) -> tuple[str | None, str | None]:
    """A code and its standard name."""
    return (code, codes.by_code(table)[code]["name"]) if code is not None else (None, None)


def _sections(reading: MonographReading) -> Iterator[Row]:
    for section in reading.monograph.sections:
        heading = section.heading
        yield (
            section.code,
            codes.by_code("sections")[section.code]["loinc_code"] or None,
            heading.text if heading else None,
            *_words(section.body),
            *(_span(heading) if heading else (None, None)),
        )


def _pregnancy_categories(reading: MonographReading) -> Iterator[Row]:
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


_LEGACY_SYSTEMS = {row["system_code"] for row in codes.rows("pregnancy_categories") if row["is_legacy"] == "true"}

_CHILDREN: dict[str, Callable[[MonographReading], Iterable[Row]]] = {
    "sections": _sections,
    "brand_names": lambda r: (_words(brand) for brand in r.brands),
    "drug_classes": lambda r: ((*_words(c.place), c.kind) for c in r.drug_classes),
    "dosage_forms": lambda r: (
        (*_words(f.place), *_named("dose_forms", f.code), f.is_declared, f.has_strength) for f in r.forms
    ),
    "routes": lambda r: ((*_words(x.place), *_named("routes", x.code), x.is_declared) for x in r.routes),
    "pregnancy_categories": _pregnancy_categories,
    "indications": lambda r: ((*_words(i.place), i.is_off_label) for i in r.indications),
    "contraindications": lambda r: ((*_words(c.place), c.kind) for c in r.contraindications),
    "adverse_reactions": lambda r: ((a.name, *_words(a.place), a.severity) for a in r.adverse_reactions),
}


def _strength_row(strength: Strength, component: Component) -> Row:
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
    )


def _quantity(quantity: Quantity | None) -> tuple[float | None, float | None, str | None]:
    """Value, high end and unit."""
    if quantity is None:
        return None, None, None
    return float(quantity.value), None if quantity.high is None else float(quantity.high), quantity.unit


def _like_formula(name: str, row: Row) -> Iterator[Finding]:
    if any(isinstance(cell, str) and cell.startswith(_LIKE_FORMULA) for cell in row):
        row_no = row[1] if isinstance(row[1], int) else None
        message = "A cell of this row begins like a formula; it is published as printed."
        yield Finding(_CELL_LIKE_FORMULA, message, None, name, row_no)


def _finding_rows(seed_id: str, text: str, findings: list[tuple[str | None, Finding]]) -> Iterator[Row]:
    """Findings in reading order, those without a place first."""
    line_starts = [0, *(found.end() for found in re.finditer("\n", text))] if findings else [0]
    for monograph_id, finding in sorted(findings, key=lambda item: item[1].place.start if item[1].place else -1):
        place = finding.place
        where: Row = (None,) * 5
        if place is not None:
            line = bisect_right(line_starts, place.start)
            where = (*_words(place), line, place.start - line_starts[line - 1] + 1)
        severity = codes.by_code("finding_codes")[finding.code]["severity"]
        yield (
            seed_id, monograph_id, severity, finding.code, finding.table, finding.row_no, *where, finding.sentence,
        )  # fmt: skip


_LISTS = {
    "section_codes": "sections",
    "route_codes": "routes",
    "dose_form_codes": "dose_forms",
    "unit_codes": "units",
    "pregnancy_category_codes": "pregnancy_categories",
    "finding_codes": "finding_codes",
}


def code_lists() -> dict[str, pa.Table]:
    """The published lists of codes, from the code tables; units also with the comparable units made of them."""
    return {name_of(table): _code_list(name_of(table)) for table in CODE_LISTS}


def _code_list(name: str) -> pa.Table:
    rows = [*codes.rows(_LISTS[name]), *(_comparable_units() if name == "unit_codes" else ())]
    schema = arrow_schema(TABLES[name])
    arrays = [_typed([row[field.name] or None for row in rows], field.type) for field in schema]
    table = pa.Table.from_arrays(arrays, schema=schema)
    return table.sort_by([(key, "ascending") for key in key_columns(TABLES[name])])


def _typed(cells: list[str | None], kind: pa.DataType) -> pa.Array:
    """Cells of a CSV file as an Arrow column; Arrow itself reads numbers and `true`/`false`."""
    return pa.array(cells, pa.string()).cast(kind)


def _comparable_units() -> Iterator[codes.Row]:
    """Every unit that a comparable amount may have: a base unit per 1 mL, 1 g, 1 h, 1 cm2 or 1 actuation."""
    units = codes.by_code("units")
    below = [units[code] for code in ("mL", "g", "h", "cm2", "{actuation}")]
    for top in units.values():
        if top["code"] == top["base_code"] and top["dimension"] not in _NEVER_DIVIDED:
            yield from (_quotient(top, unit) for unit in below)


_NEVER_DIVIDED = frozenset({"presentation", "time", "area", "fraction", "potency"})


def _quotient(top: codes.Row, unit: codes.Row) -> codes.Row:
    code = f"{top['code']}/{unit['code']}"
    return {
        "code": code,
        "name": f"{top['name']} per {unit['name']}",
        "definition": f"Amount in {top['code']} that is held in one {unit['name']}.",
        "source": "made of two units of this list",
        "dimension": f"{top['dimension']} per {unit['dimension']}",
        "base_code": code,
        "factor": "1",
        "rxnorm_unit": "",
    }
