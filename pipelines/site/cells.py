"""How the cells of a row are shown.

By their names, cells that say one thing stand in one: `x_code` and `x_name`; `x_value`, `x_high` and `x_unit_code`. A
code leads to its row in the list of codes, a monograph to its page, printed words to their place in the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.release.shapes import TableShape
from pipelines.site import places

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ShownCell:
    """`text` is None for a null; `note` stands behind it, smaller; `place` is where it leads."""

    text: str | None
    note: str = ""
    place: str = ""
    is_number: bool = False
    is_words: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A column of what is shown: its title, and the cell of a row."""

    title: str
    cell: Callable[[Values], ShownCell]
    columns: tuple[str, ...]


def words_column(shape: TableShape) -> str | None:
    """The column whose words the span of a row covers: the one before `text_start`."""
    names = [column.name for column in shape.columns]
    return names[names.index("text_start") - 1] if "text_start" in names else None


def row_anchor(shape: TableShape, row: Values) -> str:
    """What a row is called in the page of its monograph: `strengths-2-1`."""
    return "-".join([shape.name, *(str(row[name]) for name in shape.key if name != "monograph_id")])


def code_anchor(values: Sequence[object]) -> str:
    """What a row of a list of codes is called in its page."""
    return "-".join(["c", *map(str, values)])


def fields(shape: TableShape) -> list[Field]:
    """How a row is shown beside its words: its number, the words, and what they mean; the page says the rest."""
    words = words_column(shape)
    numbers = [name for name in shape.key if name != "monograph_id"]
    told = [c.name for c in shape.columns if c.name not in {*shape.key, "text_start", "text_end"}]
    first = [name for name in told if name == words]
    return [_number(numbers), *_fields(shape, [*first, *(name for name in told if name != words)], words)]


def _number(names: Sequence[str]) -> Field:
    """The ordinals of a row in one cell: `2`, or `2.1` where there are two."""
    return Field("no", lambda row: ShownCell(".".join(str(row[name]) for name in names), is_number=True), tuple(names))


def _fields(shape: TableShape, names: list[str], words: str | None) -> Iterator[Field]:
    for name in names:
        stem, _, ending = name.rpartition("_")
        if ending == "value" and f"{stem}_unit_code" in names:
            yield _quantity(stem, names)
        elif ending == "code" and f"{stem}_name" in names:
            yield Field(stem, _coded(shape, name, f"{stem}_name"), (name, f"{stem}_name"))
        elif not _is_told_with_another(stem, ending, names):
            yield Field(name, _plain(shape, name, is_words=name == words), (name,))


def _is_told_with_another(stem: str, ending: str, names: list[str]) -> bool:
    if ending == "name":
        return f"{stem}_code" in names
    if stem.endswith("_unit") and ending == "code":
        return f"{stem.removesuffix('_unit')}_value" in names
    return ending == "high" and f"{stem}_value" in names


def _quantity(stem: str, names: list[str]) -> Field:
    value, high, unit = f"{stem}_value", f"{stem}_high", f"{stem}_unit_code"

    def cell(row: Values) -> ShownCell:
        if row[value] is None:
            return ShownCell(None)
        amount = text_of(row[value])
        if high in names and row[high] is not None:
            amount += f" – {text_of(row[high])}"
        place = places.rows_with("unit_codes", code=row[unit])
        return ShownCell(amount, row[unit] or "", place if row[unit] else "", is_number=True)

    return Field(stem, cell, tuple(name for name in (value, high, unit) if name in names))


def _coded(shape: TableShape, code: str, name: str) -> Callable[[Values], ShownCell]:
    def cell(row: Values) -> ShownCell:
        return ShownCell(None) if row[code] is None else ShownCell(row[name], row[code], target(shape, code, row))

    return cell


def _plain(shape: TableShape, name: str, *, is_words: bool) -> Callable[[Values], ShownCell]:
    is_number = next(c.type for c in shape.columns if c.name == name) in ("int64", "double")

    def cell(row: Values) -> ShownCell:
        value = row[name]
        if value is None:
            return ShownCell(None)
        return ShownCell(text_of(value), "", target(shape, name, row), is_number, is_words)

    return cell


def target(shape: TableShape, name: str, row: Values) -> str:
    """Where a cell leads by the references of its table; nowhere where a part of the reference is null."""
    for reference in shape.references:
        values = [row[column] for column in reference.columns]
        if name not in reference.columns or None in values:
            continue
        if reference.target == "monographs":
            return places.monograph(str(values[0]))
        if reference.target.endswith("_codes"):
            return places.rows_with(reference.target, **dict(zip(reference.target_columns, values, strict=True)))
    return ""


def text_of(value: object) -> str:
    """A value as text: doubles in the shortest form that reads back, without a point where there is no need.

    >>> text_of(5.0), text_of(0.025), text_of(True)
    ('5', '0.025', 'true')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)
