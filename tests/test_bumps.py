"""Which version each kind of change makes: a release, the change, the next release, and both verified.

Every line of the table of bumps has its cases here, of schema, rows, code and words. That a type is widened is tried in
`test_release.py` alone: none of the types that are published today is narrower than another.
"""

import dataclasses
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipelines.release import describe
from pipelines.release.publish import prepare, publish
from pipelines.release.publish.inputs import BuildInfo
from pipelines.release.released import read_release
from pipelines.release.shapes import ColumnShape, TableShape, published_shapes
from pipelines.release.verify import verify
from schemas.tables.base import Reference
from tests.release_frames import BUILD, ROWS, Row, Tables, edited, small_tables, table_of

Shapes = Mapping[str, TableShape]
SHAPES = published_shapes()
FORMS, STRENGTHS, MONOGRAPHS = (SHAPES[name] for name in ("dosage_forms", "strengths", "monographs"))
NOTE = ColumnShape("note", "string", nullable=True, is_key=False, description="A note. Null: there is none.")
TYPES = next(column.values for column in STRENGTHS.columns if column.name == "strength_type") or ()
TO_ITSELF = Reference(("form_text",), "dosage_forms", ("form_text",))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Version 1.0.0 of the small tables."""
    outputs = tmp_path_factory.mktemp("bumps") / "outputs"
    publish(_tables(SHAPES, {}), BUILD, outputs)
    return outputs


def _tables(shapes: Shapes, rows: Mapping[str, list[Row]]) -> Tables:
    """The small tables, with other rows, in other shapes: a cell that a shape does not rule out stays what it is."""
    whole = {name: table.to_pylist() for name, table in small_tables(**rows).items()}
    return {name: table_of(shape, whole.get(name, [])) for name, shape in shapes.items()}


def _with(*shapes: TableShape) -> Shapes:
    return {**SHAPES, **{shape.name: shape for shape in shapes}}


def _without(name: str) -> Shapes:
    return {other: shape for other, shape in SHAPES.items() if other != name}


def _columns(shape: TableShape, *names: str) -> TableShape:
    known = {column.name: column for column in (*shape.columns, NOTE)}
    return dataclasses.replace(shape, columns=tuple(known[name] for name in names))


def _said(shape: TableShape, column: str, /, **facts: object) -> TableShape:
    """The table with other facts about one column."""
    columns = (dataclasses.replace(c, **facts) if c.name == column else c for c in shape.columns)  # type: ignore[arg-type]
    return dataclasses.replace(shape, columns=tuple(columns))


def _first_of_each(cases: Mapping[str, tuple[object, ...]]) -> list[object]:
    """The names of all cases; those whose version and codes an earlier one has, too, are slow ones."""
    known = [case[-2:] for case in cases.values()]
    return [
        pytest.param(kind, marks=pytest.mark.slow if case[-2:] in known[:number] else ())
        for number, (kind, case) in enumerate(cases.items())
    ]


NAMES = FORMS.arrow_schema.names
LAST_TWO = (*NAMES[:-2], NAMES[-1], NAMES[-2])
OF_SCHEMA: dict[str, tuple[Shapes, str, set[str]]] = {
    "nothing": (SHAPES, "1.0.0", set()),
    "column appended": (_with(_columns(FORMS, *NAMES, "note")), "1.1.0", {"COLUMN_APPENDED"}),
    "column put between": (
        _with(_columns(FORMS, *NAMES[:-1], "note", NAMES[-1])), "2.0.0", {"COLUMN_APPENDED", "COLUMN_MOVED"}),
    "column removed": (
        _with(_columns(STRENGTHS, *[column.name for column in STRENGTHS.columns][:-1])), "2.0.0", {"COLUMN_REMOVED"}),
    "column removed from between": (_with(_columns(FORMS, *NAMES[:-2], NAMES[-1])), "2.0.0", {"COLUMN_REMOVED"}),
    "column renamed": (
        _with(_said(FORMS, "dose_form_name", name="form_name")), "2.0.0", {"COLUMN_REMOVED", "COLUMN_APPENDED"}),
    "columns reordered": (_with(_columns(FORMS, *LAST_TWO)), "2.0.0", {"COLUMN_MOVED"}),
    "column retyped": (_with(_said(FORMS, "text_start", type="double")), "2.0.0", {"TYPE_NARROWED"}),
    "unit changed": (_with(_said(STRENGTHS, "numerator_high", unit="mg")), "2.0.0", {"UNIT_CHANGED"}),
    "nulls allowed": (_with(_said(FORMS, "is_declared", nullable=True)), "2.0.0", {"NULLS_ALLOWED"}),
    "nulls disallowed": (_with(_said(MONOGRAPHS, "pronunciation", nullable=False)), "1.0.1", {"DESCRIPTION_CHANGED"}),
    "value allowed": (_with(_said(STRENGTHS, "strength_type", values=(*TYPES, "new"))), "1.1.0", {"VALUE_ALLOWED"}),
    "value disallowed": (_with(_said(STRENGTHS, "strength_type", values=TYPES[:-1])), "2.0.0", {"VALUE_DISALLOWED"}),
    "value renamed": (
        _with(_said(STRENGTHS, "strength_type", values=(*TYPES[:-1], "new"))), "2.0.0",
        {"VALUE_ALLOWED", "VALUE_DISALLOWED"}),
    "values reordered": (_with(_said(STRENGTHS, "strength_type", values=TYPES[::-1])), "1.0.0", set()),
    "any value allowed": (_with(_said(STRENGTHS, "strength_type", values=None)), "1.1.0", {"VALUE_ALLOWED"}),
    "limit loosened": (_with(_said(FORMS, "form_no", low=0)), "1.1.0", {"VALUE_ALLOWED"}),
    "limit lifted": (_with(_said(FORMS, "form_no", low=None)), "1.1.0", {"VALUE_ALLOWED"}),
    "limit tightened": (_with(_said(FORMS, "text_start", low=1)), "1.0.1", {"DESCRIPTION_CHANGED"}),
    "key widened": (_with(_said(FORMS, "form_text", is_key=True)), "2.0.0", {"KEY_CHANGED"}),
    "key narrowed": (_with(_said(STRENGTHS, "component_no", is_key=False)), "2.0.0", {"KEY_CHANGED"}),
    "reference removed": (_with(dataclasses.replace(FORMS, references=FORMS.references[:1])), "2.0.0",
                          {"REFERENCE_REMOVED"}),
    "reference added": (
        _with(dataclasses.replace(FORMS, references=(*FORMS.references, TO_ITSELF))), "1.1.0", {"REFERENCE_ADDED"}),
    "table added": (_with(dataclasses.replace(FORMS, name="other_forms")), "1.1.0", {"TABLE_ADDED"}),
    "table removed": (_without("drug_classes"), "2.0.0", {"TABLE_REMOVED"}),
    "table renamed": (
        {**_without("drug_classes"), "classes": dataclasses.replace(SHAPES["drug_classes"], name="classes")},
        "2.0.0", {"TABLE_REMOVED", "TABLE_ADDED"}),
    "tables reordered": (dict(reversed(SHAPES.items())), "1.0.0", set()),
    "column described": (_with(_said(FORMS, "form_text", description="Form.")), "1.0.1", {"DESCRIPTION_CHANGED"}),
    "table described": (_with(dataclasses.replace(FORMS, description="Forms.")), "1.0.1", {"DESCRIPTION_CHANGED"}),
}  # fmt: skip


@pytest.mark.parametrize("kind", _first_of_each(OF_SCHEMA))
def test_a_change_of_the_schema_makes_its_version(
    first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """The release has the codes of the change, its version is theirs, and it verifies with the step from the first."""
    shapes, version, codes = OF_SCHEMA[kind]
    outputs = shutil.copytree(first, tmp_path / "outputs")
    monkeypatch.setattr(prepare, "published_shapes", lambda: shapes)
    published = publish(_tables(shapes, {}), BUILD, outputs)
    assert (published.version, {change.code for change in published.changes}) == (version, codes)
    assert read_release(outputs)["schema_version"] == version
    assert verify(outputs, deep=True) == []


def _more(name: str, **cells: object) -> dict[str, list[Row]]:
    """One row more, like the last of the table but for these cells."""
    return {name: [*ROWS[name], ROWS[name][-1] | cells]}


def _fewer(name: str, key: str) -> dict[str, list[Row]]:
    return {name: [row for row in ROWS[name] if key not in row.values()]}


_NO_ASPIRIN = {name: _fewer(name, "aspirin")[name] for name in ROWS}
NEW_CODE = dataclasses.replace(BUILD, rules="new rules")
NEW_SEEDS = dataclasses.replace(BUILD, inputs=(("a.txt", "other"),))
OF_ROWS: dict[str, tuple[Mapping[str, list[Row]], BuildInfo, str, set[str]]] = {
    "code alone": ({}, NEW_CODE, "1.0.0", set()),
    "seeds alone": ({}, NEW_SEEDS, "1.0.0", set()),
    "row added": (_more("strengths", strength_no=3), BUILD, "1.1.0", {"ROWS_ADDED"}),
    "row removed": (_fewer("strengths", "a few"), BUILD, "1.1.0", {"ROWS_REMOVED"}),
    "row renumbered": (edited("strengths", "a few", strength_no=3), BUILD, "1.0.1", {"ROWS_MOVED"}),
    "value changed": (edited("strengths", "5 mg", numerator_value=10.0), BUILD, "1.0.1", {"VALUES_CHANGED"}),
    "null to value": (edited("strengths", "a few", numerator_value=1.0), BUILD, "1.0.1", {"VALUES_CHANGED"}),
    "value to null, as others": (edited("strengths", "5 mg", numerator_value=None), BUILD, "1.0.1", {"VALUES_CHANGED"}),
    "first null": (
        edited("monographs", "aspirin", pronunciation=None), BUILD, "2.0.0", {"VALUES_CHANGED", "FIRST_NULL"}),
    "null of a new row": (
        _more("monographs", monograph_id="zinc", pronunciation=None), BUILD, "1.1.0", {"ROWS_ADDED"}),
    "empty text to words": (edited("sections", "baclofen", body_text="Words."), BUILD, "1.0.1", {"VALUES_CHANGED"}),
    "licence of a seed": (edited("seeds", "a.txt", licence="CC0-1.0"), BUILD, "1.0.1", {"VALUES_CHANGED"}),
    "finding reworded": (edited("findings", "baclofen", message="Why?"), BUILD, "1.0.1", {"FINDINGS_CHANGED"}),
    "finding gone": ({"findings": []}, BUILD, "1.0.1", {"FINDINGS_CHANGED"}),
    "monograph retired": (
        _NO_ASPIRIN | edited("seeds", "a.txt", sha256="emptied"), BUILD, "1.1.0",
        {"ROWS_RETIRED", "ROWS_ADDED", "SEEDS_EDITED"}),
    "seed edited": (edited("seeds", "a.txt", sha256="other"), BUILD, "1.0.1", {"SEEDS_EDITED"}),
    "code added": (_more("unit_codes", code="g"), BUILD, "1.1.0", {"ROWS_ADDED"}),
    "code removed": (_fewer("dose_form_codes", "C42999"), BUILD, "2.0.0", {"CODE_REMOVED"}),
    "code renamed": (edited("dose_form_codes", "C42999", code="C1"), BUILD, "2.0.0", {"CODE_REMOVED", "ROWS_ADDED"}),
    "code defined anew": (edited("dose_form_codes", "C42999", definition="Gel."), BUILD, "1.0.1", {"VALUES_CHANGED"}),
    "rule moves a column": (
        edited("strengths", "5 mg", numerator_value=10.0), NEW_CODE, "1.1.0",
        {"VALUES_CHANGED", "RULE_CHANGED_COLUMN"}),
    "rule moves one in 101": (
        {"strengths": [ROWS["strengths"][1] | {"strength_no": n, "ingredient": "x" if n == 1 else None}
                       for n in range(1, 102)]}, NEW_CODE, "1.0.1", {"VALUES_CHANGED"}),
}  # fmt: skip
_MANY = {"strengths": [ROWS["strengths"][1] | {"strength_no": n} for n in range(1, 102)]}


@pytest.mark.parametrize("kind", _first_of_each(OF_ROWS))
def test_a_change_of_rows_makes_its_version(first: Path, tmp_path: Path, kind: str) -> None:
    """The same, and the version of the schema stands still."""
    rows, build, version, codes = OF_ROWS[kind]
    outputs = tmp_path / "outputs"
    if kind == "rule moves one in 101":
        publish(_tables(SHAPES, _MANY), BUILD, outputs)
    else:
        shutil.copytree(first, outputs)
    published = publish(_tables(SHAPES, rows), build, outputs)
    assert (published.version, {change.code for change in published.changes}) == (version, codes)
    assert read_release(outputs)["schema_version"] == "1.0.0"
    assert verify(outputs, deep=True) == []


def test_other_terms_of_use_are_a_release(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows and schema are the same, but who may use them how is not: a patch that says so."""
    outputs, texts = shutil.copytree(first, tmp_path / "outputs"), shutil.copytree(describe.TEXTS, tmp_path / "texts")
    (texts / "LICENSE.txt").write_text("Other terms.\n", encoding="utf-8")
    monkeypatch.setattr(describe, "TEXTS", texts)
    published = publish(_tables(SHAPES, {}), BUILD, outputs)
    assert (published.version, [str(change) for change in published.changes]) == (
        "1.0.1", ["patch: LICENCE_CHANGED LICENSE.txt (1). The terms of use are other words."]
    )  # fmt: skip
    assert (published.folder / "LICENSE.txt").read_text(encoding="utf-8") == "Other terms.\n"
    assert not publish(_tables(SHAPES, {}), BUILD, outputs).is_new
    assert verify(outputs, deep=True) == []
