"""The files of a release that describe its tables: all made from the shapes, so none can disagree with another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template

from pipelines.release.dataset import CREATOR, DATASET, DESCRIPTION, KEYWORDS, LICENCE, LICENCE_FILE, TITLE
from pipelines.release.describe.croissant import croissant
from pipelines.release.describe.data_package import resources_of
from pipelines.release.describe.dictionary import data_dictionary
from pipelines.release.describe.workbook import MOST_CELLS, name_of_workbook
from pipelines.release.layout import FileFact
from pipelines.release.log import to_json
from pipelines.release.shapes import Shapes

TEXTS = Path(__file__).parent / "texts"
# So Hugging Face `datasets` finds each table; unless it is told, it takes the size of a batch from the first rows.
_CONFIG = "- config_name: {name}\n  data_files: data/{name}.parquet\n  batch_size: 65536"
_EXCEL = (
    "Excel edition: a sheet for each table, and the dictionary; what a sheet cannot hold is named in its sheet `about`"
)
_NO_EXCEL = f"not made: more than {MOST_CELLS:,} cells have a value, which is more than Excel opens with ease"


def descriptions(
    version: str, content_sha256: str, shapes: Shapes, rows: Mapping[str, int], files: Mapping[str, FileFact]
) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each describing file; `files` are the facts of the files that hold the tables."""
    told = {"version": version, "content_sha256": content_sha256, "tables": _table_list(shapes, rows)}
    told["configs"] = "\n".join(_CONFIG.format(name=name) for name in shapes)
    told["excel"] = _EXCEL if name_of_workbook(version) in files else _NO_EXCEL
    for name in ("README.md", "CITATION.cff"):
        yield name, Template((TEXTS / name).read_text(encoding="utf-8")).substitute(told).encode()
    yield LICENCE_FILE, (TEXTS / LICENCE_FILE).read_bytes()
    yield "data-dictionary.csv", data_dictionary(shapes).encode()
    yield "datapackage.json", to_json(data_package(version, shapes, files))
    yield "croissant.json", to_json(croissant(version, content_sha256, shapes, files))


def licence_digest() -> str:
    """SHA-256 of the terms of use, as a release would have them."""
    return hashlib.sha256((TEXTS / LICENCE_FILE).read_bytes()).hexdigest()


def data_package(version: str, shapes: Shapes, files: Mapping[str, FileFact]) -> dict[str, object]:
    """The Data Package descriptor, version 2."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": DATASET,
        "title": TITLE,
        "description": DESCRIPTION,
        "version": version,
        "licenses": [{"path": LICENCE_FILE, "title": LICENCE}],
        "contributors": [{"title": CREATOR, "roles": ["creator"]}],
        "keywords": list(KEYWORDS),
        "resources": [resource for shape in shapes.values() for resource in resources_of(shape, files)],
    }


def _table_list(shapes: Shapes, rows: Mapping[str, int]) -> str:
    lines = [f"| `{name}` | {rows[name]} | {shape.description} |" for name, shape in shapes.items()]
    return "\n".join(["| table | rows | what |", "|---|---:|---|", *lines])
