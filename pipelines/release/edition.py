"""All tables of one release, published or about to be: shapes and digests at hand, rows read when asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import pyarrow as pa

from pipelines.release.about import LICENCE_FILE
from pipelines.release.errors import NoSuchReleaseError
from pipelines.release.files import read_parquet
from pipelines.release.log import Event
from pipelines.release.resources import shapes_in
from pipelines.release.shapes import TableShape
from pipelines.release.store import Store


@dataclass(frozen=True, slots=True)
class Edition:
    """`table` gives the rows of a table by name. `rules` is the digest of the code and code tables that made it.

    `licence` is the digest of the terms of use.
    """

    shapes: Mapping[str, TableShape]
    digests: Mapping[str, str]
    table: Callable[[str], pa.Table]
    rules: str | None = None
    licence: str | None = None


def edition_in(store: Store, event: Event) -> Edition:
    """A published release; raises NoSuchReleaseError where its descriptor is gone."""
    folder = f"releases/{event.version}"
    descriptor = store.read(f"{folder}/datapackage.json")
    if descriptor is None:
        message = f"{store.where(folder)}: the files of release {event.version} are gone; restore them from a copy."
        raise NoSuchReleaseError(message)
    shapes = shapes_in(json.loads(descriptor))
    digests = {name: table["content_sha256"] for name, table in event.record["tables"].items()}

    @cache  # decoding takes longer than anything that is done with a table, and a large one is not kept in memory
    def table(name: str) -> pa.Table:
        with store.local_file(f"{folder}/data/{name}.parquet") as path:
            return read_parquet(path, shapes[name])

    licence = event.record["files"][LICENCE_FILE]["sha256"]
    return Edition(shapes, digests, table, event.record["rules_sha256"], licence)
