"""Tables as resources of a Data Package (version 2), and the shape of a table read back from one.

Each table is two resources: `<table>` is the CSV file, `<table>.parquet` the Parquet file. The Parquet resource has a
hash but no size, and takes "nan" for a missing integer: validators count the bytes of what they have parsed, and parse
a null integer as "nan". `arrowType`, `unit` and `partialForeignKeys` are our additions; the last are references that
need not hold where a part is null, which the standard does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipelines.release.layout import FileFact
from pipelines.release.log import Record
from pipelines.release.shapes import ColumnShape, TableShape
from schemas.tables.base import Reference

_TYPES = {"string": "string", "int64": "integer", "double": "number", "bool": "boolean"}


def resources_of(shape: TableShape, files: Mapping[str, FileFact]) -> Iterator[Record]:
    """The CSV and the Parquet resource of a table."""
    common = {"title": shape.name.replace("_", " ").capitalize(), "description": shape.description, "type": "table"}
    csv, parquet = f"data/{shape.name}.csv", f"data/{shape.name}.parquet"
    yield {
        "name": shape.name,
        "path": csv,
        **common,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": files[csv].bytes,
        "hash": f"sha256:{files[csv].sha256}",
        "dialect": {"header": True, "delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True},
        "schema": _schema(shape),
    }
    yield {
        "name": f"{shape.name}.parquet",
        "path": parquet,
        **common,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "hash": f"sha256:{files[parquet].sha256}",
        "schema": _with_nan(_schema(shape)),
    }


def _schema(shape: TableShape) -> Record:
    nullable = {column.name for column in shape.columns if column.nullable}
    keys: dict[str, list[Record]] = {"foreignKeys": [], "partialForeignKeys": []}
    for reference in shape.references:
        may_be_partial = len(reference.columns) > 1 and nullable.intersection(reference.columns)
        keys["partialForeignKeys" if may_be_partial else "foreignKeys"].append(_foreign_key(reference))
    fields = [_field(column) for column in shape.columns]
    told = {name: found for name, found in keys.items() if found}
    return {"fields": fields, "missingValues": [""], "primaryKey": shape.key, **told}


def _with_nan(schema: Record) -> Record:
    fields = [f | ({"missingValues": ["", "nan"]} if f["type"] == "integer" else {}) for f in schema["fields"]]
    return schema | {"fields": fields}


def _foreign_key(reference: Reference) -> Record:
    target = {"resource": reference.target, "fields": list(reference.target_columns)}
    return {"fields": list(reference.columns), "reference": target}


def _field(column: ColumnShape) -> Record:
    """A field. In a column of strings that is never null, an empty cell is an empty string and not a missing value."""
    constraints: Record = {} if column.nullable else {"required": True}
    if column.values:
        constraints["enum"] = list(column.values)
    if column.low is not None:
        constraints["minimum"] = column.low
    field: Record = {"name": column.name, "type": _TYPES[column.type], "description": column.description}
    field |= {"constraints": constraints} if constraints else {}
    field |= {"missingValues": []} if column.type == "string" and not column.nullable else {}
    return field | {"arrowType": column.type} | ({"unit": column.unit} if column.unit else {})


def shapes_in(descriptor: Record) -> dict[str, TableShape]:
    """The shape of each table that a descriptor describes."""
    return {r["name"]: _shape(r) for r in descriptor["resources"] if r["format"] == "csv"}


def _shape(resource: Record) -> TableShape:
    schema = resource["schema"]
    columns = tuple(_column(field, schema["primaryKey"]) for field in schema["fields"])
    references = tuple(
        Reference(tuple(key["fields"]), key["reference"]["resource"], tuple(key["reference"]["fields"]))
        for key in (*schema.get("foreignKeys", ()), *schema.get("partialForeignKeys", ()))
    )
    return TableShape(resource["name"], resource["description"], columns, references)


def _column(field: Record, key: list[str]) -> ColumnShape:
    constraints = field.get("constraints", {})
    values = constraints.get("enum")
    return ColumnShape(
        name=field["name"],
        type=field["arrowType"],
        nullable="required" not in constraints,
        is_key=field["name"] in key,
        description=field["description"],
        unit=field.get("unit"),
        values=tuple(values) if values else None,
        low=constraints.get("minimum"),
    )
