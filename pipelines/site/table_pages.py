"""A page for each table of the latest release: what a row is, its rows, what is in each column, how to have it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipelines.release.shapes import ColumnShape, TableShape
from pipelines.site import places
from pipelines.site.cells import ShownCell, code_anchor, row_anchor, target, text_of, words_column
from pipelines.site.content import Content, QueryRow
from pipelines.site.rendering import SitePage
from pipelines.tables.sql import listed, quoted

_FIRST_ROWS = 20
_ALL_CODES = 2000
_EXAMPLE = """\
SELECT dose_form_name, normalized_unit_code, COUNT(*) AS strengths
FROM strengths
WHERE normalized_value IS NOT NULL
GROUP BY dose_form_name, normalized_unit_code
ORDER BY strengths DESC
LIMIT 20"""
_LONGEST_CELL = 90  # characters
_MOST_VALUES = 6
_FEW = 40  # distinct values of a column that is a list of kinds
_LONG = 60  # characters: longer values are prose, and counting them says nothing


def is_code_table(name: str) -> bool:
    """True for a list of codes: its name says so."""
    return name.endswith("_codes")


def table_pages(content: Content) -> Iterator[SitePage]:
    """The list of tables, the list of code tables, and a page for each."""
    entries = [_entry(content, shape) for shape in content.shapes.values()]
    data = [entry for entry in entries if not entry["is_codes"]]
    codes = [entry for entry in entries if entry["is_codes"]]
    yield SitePage(places.TABLE_LIST, "tables.html", {"tables": data, "version": content.version})
    yield SitePage(places.CODES, "codes.html", {"tables": codes})
    yield SitePage(places.SQL, "sql.html", {"version": content.version, "shapes": content.shapes, "example": _EXAMPLE})
    for entry in entries:
        yield SitePage(
            places.table(entry["name"]), "table.html", entry | _details(content, content.shapes[entry["name"]])
        )


def _entry(content: Content, shape: TableShape) -> dict[str, Any]:
    return {
        "name": shape.name,
        "is_codes": is_code_table(shape.name),
        "description": shape.description,
        "rows": content.manifest["tables"][shape.name]["rows"],
        "columns": len(shape.columns),
        "files": [content.file(f"data/{shape.name}.{ending}") for ending in ("parquet", "csv")],
    }


def _details(content: Content, shape: TableShape) -> dict[str, Any]:
    is_codes = is_code_table(shape.name)
    most = _ALL_CODES if is_codes else _FIRST_ROWS
    query = f"SELECT * FROM {quoted(shape.name)} ORDER BY {listed(shape.key)} LIMIT {most}"  # noqa: S608
    return {
        "version": content.version,
        "shape": shape,
        "sheets": [content.file(name) for name in content.manifest["files"] if name.endswith(".xlsx")],
        "targets": _targets(content, shape),
        "profiles": profiles_of(content, shape),
        "shown": [
            (_anchor(shape, row), [_cell(shape, row, c.name) for c in shape.columns]) for row in content.rows(query)
        ],
        "most": most,
    }


def _targets(content: Content, shape: TableShape) -> dict[str, str]:
    """The table that each column refers to."""
    found = {name: reference.target for reference in shape.references for name in reference.columns}
    return {name: table for name, table in found.items() if table in content.shapes}


def _anchor(shape: TableShape, row: QueryRow) -> str:
    return code_anchor([row[name] for name in shape.key]) if is_code_table(shape.name) else ""


def _cell(shape: TableShape, row: QueryRow, name: str) -> ShownCell:
    if row[name] is None:
        return ShownCell(None)
    text = text_of(row[name])
    is_number = isinstance(row[name], int | float) and not isinstance(row[name], bool)
    shown = text if is_code_table(shape.name) else clipped(text)
    return ShownCell(shown, "", _place(shape, row, name), is_number, name.endswith("_text"))


def _place(shape: TableShape, row: QueryRow, name: str) -> str:
    if name == words_column(shape) and "monograph_id" in shape.key and shape.name != "sections":
        return places.monograph(row["monograph_id"], f"r-{row_anchor(shape, row)}")
    if shape.name == "monographs" and name == "monograph_id":
        return places.monograph(row["monograph_id"])
    return target(shape, name, row)


def clipped(text: str) -> str:
    """The beginning of a long text, on one line."""
    flat = " ".join(text.split()) if "\n" in text or "\r" in text else text
    return flat if len(flat) <= _LONGEST_CELL else f"{flat[: _LONGEST_CELL - 1]}…"


# ---- what is in each column


@dataclass(frozen=True, slots=True)
class Profile:
    """`nulls` and `share` count rows without a value; `common` are values and how many rows have them."""

    column: ColumnShape
    rows: int
    nulls: int
    distinct: int
    low: str
    middle: str
    high: str
    common: tuple[tuple[str, int], ...]

    @property
    def share_null(self) -> float:
        """Rows without a value, as a part of all rows; 0 where there is no row."""
        return self.nulls / self.rows if self.rows else 0.0


def profiles_of(content: Content, shape: TableShape) -> list[Profile]:
    """A profile for each column, in published order."""
    wanted = ", ".join(part for column in shape.columns for part in _aggregates(column))
    query = f"SELECT count(*) AS n, {wanted} FROM {quoted(shape.name)}"  # noqa: S608  (names of a shape, quoted)
    facts = content.rows(query)[0]
    return [_profile(content, shape, column, facts) for column in shape.columns]


def _aggregates(column: ColumnShape) -> Iterator[str]:
    """Number of values and of distinct ones; least, middle and greatest number, or length of text."""
    name = quoted(column.name)
    of = f"len({name})" if column.type == "string" else name
    yield f"count({name}) AS {quoted('n ' + column.name)}"
    yield f"count(DISTINCT {name}) AS {quoted('d ' + column.name)}"
    if column.type != "bool":
        yield f"min({of}) AS {quoted('low ' + column.name)}"
        yield f"quantile_disc({of}, 0.5) AS {quoted('middle ' + column.name)}"
        yield f"max({of}) AS {quoted('high ' + column.name)}"


def _profile(content: Content, shape: TableShape, column: ColumnShape, facts: dict[str, object]) -> Profile:
    name = column.name
    rows, values, distinct = (int(str(facts[key])) for key in ("n", f"n {name}", f"d {name}"))
    low, middle, high = (_told(facts.get(f"{part} {name}")) for part in ("low", "middle", "high"))
    is_of_kinds = column.type == "bool" or (column.type == "string" and int(high or 0) <= _LONG)
    is_worth_counting = is_of_kinds and not column.is_key and (distinct <= _FEW or name.endswith(("_code", "_name")))
    common = tuple(_common(content, shape.name, name)) if is_worth_counting else ()
    return Profile(column, rows, rows - values, distinct, low, middle, high, common)


def _told(value: object) -> str:
    return "" if value is None else text_of(value)


def _common(content: Content, table: str, column: str) -> Iterator[tuple[str, int]]:
    name = quoted(column)
    query = f"""
        SELECT {name} AS value, count(*) AS count FROM {quoted(table)} WHERE {name} IS NOT NULL
        GROUP BY ALL ORDER BY count(*) DESC, 1 LIMIT {_MOST_VALUES}"""  # noqa: S608
    for row in content.rows(query):
        yield text_of(row["value"]), row["count"]
