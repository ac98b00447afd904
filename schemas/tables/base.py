"""How a published table is described: each column once, with everything that is to be said about it.

The description, the null meaning, the key, the references and the allowed values of a column stand in its Pandera
model and nowhere else. Validation, the Arrow schema, the data dictionary, the descriptors of a release and the
column schema in Dagster are all made from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, cast

import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
from pandera.typing import Series

TextColumn = Series[Annotated[pd.ArrowDtype, pa.string()]]
WholeColumn = Series[Annotated[pd.ArrowDtype, pa.int64()]]
NumberColumn = Series[Annotated[pd.ArrowDtype, pa.float64()]]
TruthColumn = Series[Annotated[pd.ArrowDtype, pa.bool_()]]


def column(  # noqa: PLR0913  (everything about a column is said in one place)
    description: str,
    *,
    null: str | None = None,
    key: bool = False,
    references: str | None = None,
    values: tuple[str, ...] | None = None,
    explained: bool = False,
    low: int | None = None,
    name: str | None = None,
) -> Any:  # noqa: ANN401  (pandera declares its own Field so)
    """A column. `description` ends with a full stop and names the unit.

    `null` says what a null means, and only a column that has it may hold one; with `explained`, each null also needs
    a row in `findings`. `references` is `table.column`; several columns that refer to one table form one reference.
    `values` lists what is allowed, `low` the least. `name` is for a column that Python's grammar cannot name here.
    """
    words = description if null is None else f"{description} Null: {null}"
    metadata = {"key": key, "references": references, "null": null, "explained": explained, "values": values}
    return pandera.Field(
        description=words, nullable=null is not None, isin=values, ge=low, metadata=metadata, alias=name
    )


def text_start(words: str = "the printed words") -> Any:  # noqa: ANN401
    """Where the printed words of a row begin."""
    return column(f"Where {words} begin in the seed, in code points from 0.", low=0)


def text_end(words: str = "the printed words") -> Any:  # noqa: ANN401
    """Where the printed words of a row end."""
    return column(f"Where {words} end in the seed, in code points, exclusive.", low=0)


class Table(pandera.DataFrameModel):
    """A published table: its columns in order, nothing else, nothing converted."""

    class Config:
        """Columns are exactly these, in this order, and are never coerced: coercion hides errors."""

        strict = True
        ordered = True
        coerce = False


TableModel = type[Table]


def name_of(table: TableModel) -> str:
    """The name in five places: asset, table, model, file stem and Data Package resource."""
    return cast("str", table.to_schema().name)


def describe(table: TableModel) -> str:
    """What one row of the table is, in the words of its docstring."""
    return " ".join((table.__doc__ or "").split())


def columns(table: TableModel) -> dict[str, pandera.Column]:
    """The columns by name, in published order."""
    return cast("dict[str, pandera.Column]", table.to_schema().columns)


def key_columns(table: TableModel) -> list[str]:
    """The columns that together identify a row."""
    return [name for name, c in columns(table).items() if c.metadata["key"]]


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key: `columns` of one table hold keys of `target` in `target_columns`, or are null."""

    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]


def references(table: TableModel) -> list[Reference]:
    """The foreign keys. Columns that refer to different columns of one table belong together."""
    found: list[Reference] = []
    for name, c in columns(table).items():
        target, _, target_column = (c.metadata["references"] or "").partition(".")
        begun = [r for r in found if r.target == target and target_column not in r.target_columns]
        if begun:
            found.remove(begun[0])
            found.append(
                Reference((*begun[0].columns, name), target, (*begun[0].target_columns, target_column)),
            )
        elif target:
            found.append(Reference((name,), target, (target_column,)))
    return found


def arrow_schema(table: TableModel) -> pa.Schema:
    """The explicit Arrow schema, so that a column without any value keeps its type."""
    return pa.schema(
        [pa.field(name, c.dtype.type.pyarrow_dtype, nullable=c.nullable) for name, c in columns(table).items()],
    )
