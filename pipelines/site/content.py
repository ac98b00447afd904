"""What there is to show: the index of all releases, and the tables of the latest one, open for queries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from pipelines.release import ReleaseError, read_index, read_release
from pipelines.release.describe.data_package import shapes_in
from pipelines.release.log import Record
from pipelines.release.shapes import TableShape
from pipelines.site import places
from pipelines.tables.sql import literal, quoted, spilling_to

QueryRow = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Content:
    """`manifest` is that of the latest version, and empty, like `shapes`, where none is offered.

    Each table of the latest version is a view of its name in `database`.
    """

    outputs: Path
    index: Record
    manifest: Record
    shapes: Mapping[str, TableShape]
    database: duckdb.DuckDBPyConnection

    @property
    def version(self) -> str:
        """The latest version."""
        return str(self.manifest["version"])

    def rows(self, query: str, values: Sequence[object] = ()) -> list[QueryRow]:
        """The rows of a query, as dictionaries."""
        found: list[QueryRow] = self.database.sql(query, params=list(values)).to_arrow_table().to_pylist()
        return found

    def batches(self, query: str, size: int) -> Iterator[list[QueryRow]]:
        """The rows of a query, so many at once: for those that are too many to hold."""
        cursor = self.database.cursor()  # other queries may run in between
        cursor.execute(query)
        names = [column[0] for column in cursor.description or ()]
        while rows := cursor.fetchmany(size):
            yield [dict(zip(names, row, strict=True)) for row in rows]

    def release_json(self, version: str, name: str) -> Record | None:
        """A JSON file of a release; None where the release has none."""
        path = self.outputs / places.release_file(version, name)
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None

    def file(self, name: str) -> QueryRow:
        """What the manifest says of a file of the latest release, and its place."""
        return {"name": name, "place": places.release_file(self.version, name), **self.manifest["files"][name]}


@contextmanager
def content_of(outputs: Path) -> Iterator[Content]:
    """Opens the latest release of a folder of outputs."""
    index = read_index(outputs)
    with TemporaryDirectory() as scratch, spilling_to(Path(scratch)) as database:
        if index["latest"] is None:
            yield Content(outputs, index, {}, {}, database)
            return
        manifest = read_release(outputs, index["latest"])
        folder = outputs / "releases" / index["latest"]
        shapes = shapes_in(json.loads((folder / "datapackage.json").read_text(encoding="utf-8")))
        for name in shapes:
            file = literal(str(folder / "data" / f"{name}.parquet"))
            database.execute(f"CREATE VIEW {quoted(name)} AS SELECT * FROM read_parquet({file})")  # noqa: S608  (quoted)
        try:
            yield Content(outputs, index, manifest, shapes, database)
        except (duckdb.BinderException, duckdb.CatalogException) as error:
            message = (
                f"{folder}: has other tables than these pages show ({error}); make a release with this code first."
            )
            raise ReleaseError(message) from error
