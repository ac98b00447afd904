"""The Excel edition: every cell as in the tables, nothing evaluated, nothing cut, and the same bytes on any day."""

import dataclasses
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape  # type: ignore[import-untyped]

from pipelines.release.describe import workbook
from pipelines.release.publish import publish
from pipelines.release.released import read_tables
from pipelines.release.shapes import published_shapes
from tests.release_frames import BUILD, ROWS, Row, Tables, small_tables

SHAPES = published_shapes()
HOSTILE = (
    '=HYPERLINK("http://example.org","5 mg")', "=1+1", "+1", "-5 to 10", "@SUM(A1)", "\t=1", "\r=1",
    "=cmd|' /C calc'!A0", "0012", "1E5", "1.10", "TRUE", "NA", "#N/A", "2023-06-23", "http://example.org", "'quoted",
    "a\r\nb\nc", " led", "fed ", "<r><t>5 g</t></r>", "<r>", "<b>&amp;</b>", "_x000D_", "\x01\x1f", "\ufffe", "😀", "",
)  # fmt: skip


def _sections(*texts: str) -> Tables:
    rows: list[Row] = [
        {"monograph_id": "baclofen", "section_no": no, "section_code": "uses", "body_text": text}
        for no, text in enumerate(texts, start=1)
    ]
    return small_tables(sections=rows)


def _cells(path: Path, name: str) -> Iterator[list[Any]]:
    """The rows below the header, as openpyxl reads them; it leaves to its caller to spell out control characters."""
    rows = openpyxl.load_workbook(path)[name].iter_rows(min_row=2, values_only=True)
    for row in rows:
        yield [unescape(cell) if isinstance(cell, str) else cell for cell in row]


def _written(tables: Tables, folder: Path) -> Path:
    path = folder / "release" / "book.xlsx"
    path.parent.mkdir(parents=True)
    shapes = {name: shape for name, shape in SHAPES.items() if name in tables}
    workbook.write_workbook(path, "1.0.0", "cafe", shapes, tables)
    return path


def test_every_cell_of_a_release_is_in_its_workbook(tmp_path: Path) -> None:
    """Of every table: columns in order, words as words, numbers as numbers, nulls as empty cells."""
    published = publish(_sections(*HOSTILE), BUILD, tmp_path)
    path = published.folder / "drug-monographs-1.0.0.xlsx"
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["about", "dictionary", *SHAPES]
    for name, table in read_tables(tmp_path).items():
        assert [cell.value for cell in book[name][1]] == table.column_names
        expected = [list(row.values()) for row in table.to_pylist()]
        found = list(_cells(path, name))
        assert found == expected
        assert [[isinstance(cell, bool) for cell in row] for row in found] == [
            [isinstance(cell, bool) for cell in row] for row in expected
        ]


def test_nothing_is_evaluated(tmp_path: Path) -> None:
    """No cell is a formula, an error or a link, and one that looks like a formula stays text when it is edited."""
    path = _written(_sections(*HOSTILE), tmp_path)
    book = openpyxl.load_workbook(path)
    place = SHAPES["sections"].arrow_schema.names.index("body_text")
    cells = [row[place] for row in book["sections"].iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    marked = {unescape(cell.value) for cell in cells if cell.quotePrefix}
    assert marked == {text for text in HOSTILE if text and text[0] in "=+-@\t\r"}
    with zipfile.ZipFile(path) as file:
        sheets = [file.read(name) for name in file.namelist()]
    assert not any(b"<f>" in data or b"<hyperlink" in data for data in sheets)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    """Whatever the characters."""
    path = _written({"sections": _sections(*texts)["sections"]}, tmp_path_factory.mktemp("texts"))
    place = SHAPES["sections"].arrow_schema.names.index("body_text")
    assert [row[place] for row in _cells(path, "sections")] == texts


def _about(path: Path) -> dict[str, tuple[Any, ...]]:
    rows = openpyxl.load_workbook(path)["about"].iter_rows(values_only=True)
    return {str(row[0]): row[1:] for row in rows}


def test_a_text_that_is_too_long_is_named_and_not_cut(tmp_path: Path) -> None:
    """The limit of Excel is in units of UTF-16, of which an emoji takes two; `about` counts what is left out."""
    path = _written(_sections("a" * 32_767, "a" * 32_768, "😀" * 16_384, "😀" * 16_383), tmp_path)
    place = SHAPES["sections"].arrow_schema.names.index("body_text")
    notice = "[{} characters, more than a cell of Excel holds: see data/sections.csv]"
    found = [row[place] for row in _cells(path, "sections")]
    assert found == ["a" * 32_767, notice.format(32_768), notice.format(16_384), "😀" * 16_383]
    assert _about(path)["sections"] == (4, "2 texts that are too long for a cell: see data/sections.csv")


def test_a_table_that_is_too_long_is_named_and_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the limit set low: no row of it is there, and the sheet and `about` say where they are."""
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    path = _written(small_tables(), tmp_path)
    notice = "all rows, which are more than a sheet of Excel holds: see data/strengths.csv"
    assert [row[0] for row in _cells(path, "strengths")] == [notice]
    assert _about(path)["strengths"] == (3, notice)
    assert _about(path)["monographs"] == (2, None)


def test_the_limit_of_rows_is_that_of_excel() -> None:
    """With the header."""
    assert workbook.MOST_ROWS == 2**20


def test_tables_that_are_too_many_cells_have_no_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the limit set low: the release is made without one, and its README says why."""
    monkeypatch.setattr(workbook, "MOST_CELLS", 10)
    folder = publish(small_tables(), BUILD, tmp_path).folder
    assert not list(folder.glob("*.xlsx"))
    assert "| `drug-monographs-1.0.0.xlsx` | not made: more than" in (folder / "README.md").read_text(encoding="utf-8")


def test_the_dictionary_is_in_the_workbook(tmp_path: Path) -> None:
    """Every column of every table, with its words."""
    rows = _cells(_written(small_tables(), tmp_path), "dictionary")
    expected = [(name, column.name, column.description) for name, shape in SHAPES.items() for column in shape.columns]
    assert [(row[0], row[1], row[-1]) for row in rows] == expected


def test_the_header_stays_in_sight(tmp_path: Path) -> None:
    """And columns are as wide as their words, within reason."""
    book = openpyxl.load_workbook(_written(_sections("a" * 500, "b"), tmp_path))
    assert book["sections"].freeze_panes == "A2"
    widths = [column.width for column in book["sections"].column_dimensions.values()]
    assert all(8 <= width <= 61 for width in widths)


def test_the_same_tables_make_the_same_workbook(tmp_path: Path) -> None:
    """In another folder and on another day."""
    later = dataclasses.replace(BUILD, host="elsewhere", built_at="2031-05-06T07:08:09+00:00")
    books = [
        publish(small_tables(), build, tmp_path / str(no)).folder / "drug-monographs-1.0.0.xlsx"
        for no, build in enumerate((BUILD, later))
    ]
    assert books[0].read_bytes() == books[1].read_bytes()
    assert {info.date_time[:3] for info in zipfile.ZipFile(books[0]).infolist()} == {(1980, 1, 31)}


def test_numbers_keep_their_digits(tmp_path: Path) -> None:
    """Amounts as they are printed come back exactly."""
    amounts = [0.1, 0.025, 1e-9, 123456.789, 1e22]
    rows = [ROWS["strengths"][0] | {"strength_no": no, "numerator_value": n} for no, n in enumerate(amounts, start=1)]
    place = SHAPES["strengths"].arrow_schema.names.index("numerator_value")
    path = _written(small_tables(strengths=rows), tmp_path)
    assert [row[place] for row in _cells(path, "strengths")] == amounts


def test_a_table_without_rows_has_its_header(tmp_path: Path) -> None:
    """And nothing else."""
    table = small_tables()["retired"]
    assert table.num_rows == 0
    assert pa.types.is_string(table.schema.field("reason").type)
    assert list(_cells(_written(small_tables(), tmp_path), "retired")) == []
