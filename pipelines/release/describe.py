"""The files of a release that describe its tables: all made from the shapes, so none can disagree with another."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template

from pipelines.release.derived import DATASET
from pipelines.release.folder import FileFact
from pipelines.release.log import to_json
from pipelines.release.resources import resources_of
from pipelines.release.shapes import Shapes, TableShape

_TEXTS = Path(__file__).parent / "texts"
_DESCRIPTION = "Tables read from plain-text drug monographs, with the place of every value in its source."
_DICTIONARY = ("table", "column", "type", "unit", "nullable", "key", "references", "values", "description")


def descriptions(
    version: str, content_sha256: str, shapes: Shapes, rows: Mapping[str, int], files: Mapping[str, FileFact]
) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each describing file; `files` are the facts of the data files."""
    told = {"version": version, "content_sha256": content_sha256, "tables": _table_list(shapes, rows)}
    for name in ("README.md", "CITATION.cff", "LICENSE.txt"):
        yield name, Template((_TEXTS / name).read_text(encoding="utf-8")).substitute(told).encode()
    yield "data-dictionary.csv", data_dictionary(shapes).encode()
    yield "datapackage.json", to_json(data_package(version, shapes, files))


def data_package(version: str, shapes: Shapes, files: Mapping[str, FileFact]) -> dict[str, object]:
    """The Data Package descriptor, version 2."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": DATASET,
        "title": "Drug Monographs",
        "description": _DESCRIPTION,
        "version": version,
        "licenses": [{"path": "LICENSE.txt", "title": "Apache-2.0; quoted words keep the terms of their source"}],
        "contributors": [{"title": "The Drug Monographs contributors", "roles": ["creator"]}],
        "resources": [resource for shape in shapes.values() for resource in resources_of(shape, files)],
    }


def data_dictionary(shapes: Shapes) -> str:
    """Every column of every table, one line each."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_DICTIONARY)
    writer.writerows(row for shape in shapes.values() for row in _dictionary_rows(shape))
    return text.getvalue()


def _dictionary_rows(shape: TableShape) -> Iterator[tuple[str, ...]]:
    targets = {
        column: f"{reference.target}.{target}"
        for reference in shape.references
        for column, target in zip(reference.columns, reference.target_columns, strict=True)
    }
    for column in shape.columns:
        yield (
            shape.name,
            column.name,
            column.type,
            column.unit or "",
            "true" if column.nullable else "false",
            "true" if column.is_key else "false",
            targets.get(column.name, ""),
            " | ".join(column.values or ()),
            column.description,
        )


def _table_list(shapes: Shapes, rows: Mapping[str, int]) -> str:
    lines = [f"| `{name}` | {rows[name]} | {shape.description} |" for name, shape in shapes.items()]
    return "\n".join(["| table | rows | what |", "|---|---:|---|", *lines])
