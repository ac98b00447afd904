"""`croissant.json`: the tables as record sets for machine learning, in Croissant 1.1.

Each record set reads the Parquet file of its table; the CSV files are named too. Units, limits and what a null means
are in the words of each description. Which column refers to which table is in `datapackage.json` alone: mlcroissant
takes a reference for a join to be made, and fails.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipelines.release.dataset import CREATOR, DATASET, DESCRIPTION, KEYWORDS, LICENCE, TITLE
from pipelines.release.layout import FileFact
from pipelines.release.log import Record
from pipelines.release.shapes import Shapes, TableShape

_TYPES = {"string": "sc:Text", "int64": "cr:Int64", "double": "cr:Float64", "bool": "sc:Boolean"}
_MEDIA_TYPES = {"csv": "text/csv", "parquet": "application/x-parquet"}  # the name by which loaders know Parquet
_CONTEXT = Path(__file__).parent / "texts" / "croissant-context.json"  # as the standard gives it


def croissant(version: str, content_sha256: str, shapes: Shapes, files: Mapping[str, FileFact]) -> Record:
    """The descriptor of a release; `files` are the facts of the data files.

    It has no date of publication: of a release, only `build.json` knows a clock. `dataset.jsonld` has the date.
    """
    return {
        "@context": json.loads(_CONTEXT.read_text(encoding="utf-8")),
        "@type": "sc:Dataset",
        "name": DATASET,
        "alternateName": TITLE,
        "description": DESCRIPTION,
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "version": version,
        "license": LICENCE,
        "creator": {"@type": "sc:Organization", "name": CREATOR},
        "citeAs": f"{CREATOR}: {TITLE}, version {version}, sha256:{content_sha256}",
        "keywords": list(KEYWORDS),
        "url": "README.md",
        "isLiveDataset": False,
        "distribution": [_file(f"data/{name}.{kind}", files) for name in shapes for kind in ("csv", "parquet")],
        "recordSet": [_record_set(shape) for shape in shapes.values()],
    }


def _file(path: str, files: Mapping[str, FileFact]) -> Record:
    return {
        "@type": "cr:FileObject",
        "@id": path,
        "name": path.removeprefix("data/"),
        "contentUrl": path,
        "contentSize": f"{files[path].bytes} B",
        "encodingFormat": _MEDIA_TYPES[path.rpartition(".")[2]],
        "sha256": files[path].sha256,
    }


def _record_set(shape: TableShape) -> Record:
    return {
        "@type": "cr:RecordSet",
        "@id": shape.name,
        "name": shape.name,
        "description": shape.description,
        "key": [{"@id": f"{shape.name}/{column}"} for column in shape.key],
        "field": list(_fields(shape)),
    }


def _fields(shape: TableShape) -> Iterator[Record]:
    for column in shape.columns:
        source = {"fileObject": {"@id": f"data/{shape.name}.parquet"}, "extract": {"column": column.name}}
        yield {
            "@type": "cr:Field",
            "@id": f"{shape.name}/{column.name}",
            "name": column.name,
            "description": column.description,
            "dataType": _TYPES[column.type],
            "source": source,
        }
