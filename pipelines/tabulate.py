"""Rows to Arrow tables, in the shape that `schemas.tables` describes.

A table is built from tuples in the order of its columns and an explicit schema, so a column without any value keeps
its type.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

from pipelines.records import SeedReading
from pipelines.rows import Row, Rows, seed_rows
from schemas import codes
from schemas.tables import CODE_LISTS, TABLES
from schemas.tables.base import arrow_schema, key_columns, name_of


def tabulate(readings: Iterable[SeedReading]) -> dict[str, pa.Table]:
    """All published tables, rows in key order. `retired` is empty: a release fills it from the one before."""
    rows: Rows = {name: [] for name in TABLES}
    for reading in readings:
        for name, added in seed_rows(reading).items():
            rows[name] += added
    rows["findings"] = [(number, *row[1:]) for number, row in enumerate(rows["findings"], start=1)]
    tables = {name: _table(name, rows[name]) for name in TABLES}
    return tables | code_lists()


def _table(name: str, rows: list[Row]) -> pa.Table:
    schema = arrow_schema(TABLES[name])
    values: Iterable[tuple[object, ...]] = zip(*rows, strict=True) if rows else ((),) * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(values, schema, strict=True)]
    table = pa.Table.from_arrays(arrays, schema=schema)
    return table.sort_by([(key, "ascending") for key in key_columns(TABLES[name])])


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
