"""The published lists of codes as tables, from the code tables of `schemas.codes`."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from schemas import codes
from schemas.tables import CODE_LISTS, TABLES
from schemas.tables.base import arrow_schema, key_columns, name_of

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
