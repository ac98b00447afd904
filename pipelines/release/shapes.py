"""The shape of a table: its columns, key and references as values that can be written, read back and compared.

The shape of a table of today comes from its Pandera model; that of an older release from its own descriptor. So an
old release can be checked and compared although its model is gone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import pandera.pandas as pandera
import pyarrow as pa

from schemas.tables import TABLES
from schemas.tables.base import Reference, TableModel, columns, describe, name_of, references


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """One column; `type` is the name of its Arrow type, `unit` a unit or the column that holds it."""

    name: str
    type: str
    nullable: bool
    is_key: bool
    description: str
    unit: str | None = None
    values: tuple[str, ...] | None = None
    low: int | None = None


@dataclass(frozen=True, slots=True)
class TableShape:
    """One table; columns in published order."""

    name: str
    description: str
    columns: tuple[ColumnShape, ...]
    references: tuple[Reference, ...]

    @property
    def key(self) -> list[str]:
        """The columns that together identify a row."""
        return [column.name for column in self.columns if column.is_key]

    @property
    def arrow_schema(self) -> pa.Schema:
        """Names, types and nullability, without metadata."""
        return pa.schema([pa.field(c.name, pa.type_for_alias(c.type), nullable=c.nullable) for c in self.columns])


Shapes = Mapping[str, TableShape]


def published_shapes() -> dict[str, TableShape]:
    """The shapes of all tables that a release holds today."""
    return {name: shape_of(model) for name, model in TABLES.items()}


def shape_of(model: TableModel) -> TableShape:
    """The shape that a Pandera model describes."""
    described = columns(model)
    found = tuple(_column(name, column, described) for name, column in described.items())
    return TableShape(name_of(model), describe(model), found, tuple(references(model)))


def _column(name: str, column: pandera.Column, siblings: Mapping[str, object]) -> ColumnShape:
    facts = column.metadata or {}
    lows = [check.statistics["min_value"] for check in column.checks if "min_value" in (check.statistics or {})]
    return ColumnShape(
        name=name,
        type=str(column.dtype.type.pyarrow_dtype),
        nullable=bool(column.nullable),
        is_key=bool(facts["key"]),
        description=str(column.description),
        unit=facts.get("unit") or _unit_column(name, siblings),
        values=facts["values"],
        low=lows[0] if lows else None,
    )


def _unit_column(name: str, siblings: Mapping[str, object]) -> str | None:
    """`numerator_value` and `numerator_high` are in the unit that `numerator_unit_code` names."""
    stem, _, kind = name.rpartition("_")
    unit = f"{stem}_unit_code"
    return f"see {unit}" if kind in ("value", "high") and unit in siblings else None


def schema_digest(shapes: Shapes) -> str:
    """SHA-256 of everything that is said about tables and columns."""
    said = {name: asdict(shape) for name, shape in shapes.items()}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
