"""Every version with its state, and for each one what it changed."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pipelines.release.log import Record
from pipelines.release.sql import literal
from pipelines.site import places
from pipelines.site.content import Content, Row
from pipelines.site.rendering import Page
from pipelines.site.tables import clipped

_MOST = 500  # rows and cells that a page lists
_CHANGES = "changes/changes.json"


def version_pages(content: Content) -> Iterator[Page]:
    """The list of versions, the newest first, and a page for each difference that is told."""
    entries = []
    for entry in reversed(content.index["releases"]):
        changes = content.release_json(entry["version"], _CHANGES) if entry["status"] != "withdrawn" else None
        entries.append(entry | {"has_difference": changes is not None})
        if changes is not None:
            yield _difference(content, entry["version"], changes)
    values = {
        "entries": entries,
        "latest": content.index["latest"],
        "has_feed": (content.outputs / "feed.atom").is_file(),
    }
    yield Page(places.VERSIONS, "versions.html", values)


def _difference(content: Content, version: str, changes: Record) -> Page:
    values = {
        "version": version,
        "changes": changes,
        "rows": [_told(content, row) for row in _listed(content, version, "rows")],
        "cells": [_told(content, row) for row in _listed(content, version, "cells")],
        "totals": {name: _total(content, version, name) for name in ("rows", "cells")},
        "most": _MOST,
    }
    return Page(places.difference(version), "difference.html", values)


def _from(content: Content, version: str, name: str) -> str:
    path = content.outputs / places.release_file(version, f"changes/{name}.parquet")
    return f"FROM read_parquet({literal(str(path))})"


def _listed(content: Content, version: str, name: str) -> list[Row]:
    return content.rows(f"SELECT * {_from(content, version, name)} LIMIT ?", [_MOST])


def _total(content: Content, version: str, name: str) -> int:
    total: int = content.rows(f"SELECT count(*) AS n {_from(content, version, name)}")[0]["n"]
    return total


def _told(content: Content, row: Row) -> Row:
    """With the key in parts, its place in the page of its monograph, and long values cut."""
    key = json.loads(row["key"])
    clip = {name: clipped(row[name]) for name in ("old", "new") if row.get(name) is not None}
    return row | clip | {"parts": [str(part) for part in key], "place": _place(content, row["table"], key)}


def _place(content: Content, table: str, key: list[object]) -> str:
    shape = content.shapes.get(table)
    if shape is None or shape.key[0] != "monograph_id":
        return ""
    gone = content.rows("SELECT 1 FROM monographs WHERE monograph_id = ?", [key[0]])
    if not gone:
        return ""
    return places.monograph(str(key[0]), "-".join(["r", table, *map(str, key[1:])]) if key[1:] else "")
