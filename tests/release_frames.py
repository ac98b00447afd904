"""A small set of all tables that may be released, for tests to change one thing in."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from pipelines.release.publish.inputs import BuildInfo
from pipelines.release.shapes import ColumnShape, TableShape, published_shapes

Row = dict[str, Any]
Tables = dict[str, pa.Table]
_ANY: Mapping[str, object] = {"string": "words", "int64": 1, "double": 1.0, "bool": False}

ROWS: dict[str, list[Row]] = {
    "seeds": [
        {"seed_id": "a.txt", "sha256": "aa", "bytes": 10, "encoding": "utf-8"},
        {"seed_id": "b.txt", "sha256": "bb", "bytes": 20, "encoding": "utf-8"},
    ],
    "monographs": [
        {"monograph_id": "aspirin", "seed_id": "a.txt", "pronunciation": "AS-pir-in"},
        {"monograph_id": "baclofen", "seed_id": "b.txt", "pronunciation": "BAK-loe-fen"},
    ],
    "sections": [
        {"monograph_id": "aspirin", "section_no": 1, "section_code": "uses", "body_text": 'For pain,\r\n"as needed".'},
        {"monograph_id": "baclofen", "section_no": 1, "section_code": "uses", "body_text": ""},
    ],
    "dosage_forms": [
        {"monograph_id": "baclofen", "form_no": 1, "form_text": "Tablet", "dose_form_code": "C42998"},
        {"monograph_id": "baclofen", "form_no": 2, "form_text": "Wafer", "dose_form_code": None},
    ],
    "strengths": [
        {"monograph_id": "aspirin", "strength_no": 1, "component_no": 1, "strength_text": "0.1 mg",
         "numerator_value": 0.1, "numerator_unit_code": "mg"},
        {"monograph_id": "baclofen", "strength_no": 1, "component_no": 1, "strength_text": "5 mg",
         "numerator_value": 5.0, "numerator_unit_code": "mg"},
        {"monograph_id": "baclofen", "strength_no": 2, "component_no": 1, "strength_text": "a few"},
    ],
    "pregnancy_categories": [
        {"monograph_id": "aspirin", "category_no": 1, "system_code": "US_FDA", "category_code": None},
        {"monograph_id": "baclofen", "category_no": 1, "system_code": "US_FDA", "category_code": "C"},
    ],
    "findings": [
        {"finding_no": 1, "seed_id": "b.txt", "monograph_id": "baclofen", "finding_code": "UNREAD", "message": "What?"},
    ],
    "section_codes": [{"code": "uses"}],
    "route_codes": [{"code": "C38288"}],
    "dose_form_codes": [{"code": "C42998"}, {"code": "C42999"}],
    "unit_codes": [{"code": "mg"}],
    "pregnancy_category_codes": [{"system_code": "US_FDA", "code": "C"}],
    "finding_codes": [{"code": "UNREAD"}],
}  # fmt: skip

BUILD = BuildInfo(
    inputs=(("a.txt", "aa"), ("b.txt", "bb")),
    rules="rules",
    tools=(("python", "3"),),
    built_at="2026-01-01T00:00:00+00:00",
)


def small_tables(**changed: list[Row]) -> Tables:
    """All tables; those named in `changed` have these rows instead. Cells that a row leaves out are null or a word."""
    rows = ROWS | changed
    return {name: table_of(shape, rows.get(name, [])) for name, shape in published_shapes().items()}


def table_of(shape: TableShape, rows: list[Row]) -> pa.Table:
    """Rows as a table of that shape."""
    whole = [{column.name: row.get(column.name, _fill(column)) for column in shape.columns} for row in rows]
    return pa.Table.from_pylist(whole, shape.arrow_schema)


def _fill(column: ColumnShape) -> object:
    if column.nullable:
        return None
    return column.values[0] if column.values else _ANY[column.type]


def edited(name: str, key: str, **cells: object) -> dict[str, list[Row]]:
    """The rows of ROWS[name] with other cells in the one row whose `key` (first column or text) is named."""
    rows = [row | cells if key in row.values() else row for row in ROWS[name]]
    return {name: rows}
