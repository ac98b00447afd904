"""What is in each column of a table: nulls, distinct values, the range of numbers, the commonest words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.release.shapes import ColumnShape, TableShape
from pipelines.site.cells import text_of
from pipelines.site.content import Content
from pipelines.tables.sql import quoted

_MOST_VALUES = 6
_FEW = 40  # distinct values of a column that is a list of kinds
_LONG = 60  # characters: longer values are prose, and counting them says nothing


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
        GROUP BY value ORDER BY count DESC, value LIMIT {_MOST_VALUES}"""  # noqa: S608
    for row in content.rows(query):
        yield text_of(row["value"]), row["count"]
