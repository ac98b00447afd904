"""Every version with its state, and for each one what it changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from pipelines.release.log import Record
from pipelines.site import places
from pipelines.site.annotated import SECTION_ROWS, readings
from pipelines.site.content import Content, QueryRow
from pipelines.site.rendering import SitePage
from pipelines.site.table_pages import clipped
from pipelines.tables.sql import listed, literal, quoted

_MOST = 500  # rows and cells that a page lists
_CHANGES = "changes/changes.json"
_MOST_TOLD = 3  # documents of a version in the list of versions
Key = tuple[object, ...]


def version_pages(content: Content) -> Iterator[SitePage]:
    """The list of versions, the newest first, and a page for each difference that is told."""
    entries = []
    for entry in reversed(content.index["releases"]):
        changes = content.release_json(entry["version"], _CHANGES) if entry["status"] != "withdrawn" else None
        told = changes["documents"] if changes and "documents" in changes else []
        entries.append(entry | {"has_difference": changes is not None, "told": told[:_MOST_TOLD], "more": len(told)})
        if changes is not None:
            yield _difference(content, entry["version"], changes)
    values = {
        "entries": entries,
        "latest": content.index["latest"],
        "has_feed": (content.outputs / "feed.atom").is_file(),
    }
    yield SitePage(places.VERSIONS, "versions.html", values)


def _difference(content: Content, version: str, changes: Record) -> SitePage:
    values = {
        "version": version,
        "changes": changes,
        "documents": _documents(content, changes.get("documents", [])),
        "rows": _told(content, _listed(content, version, "rows")),
        "cells": _told(content, _listed(content, version, "cells")),
        "totals": {name: _total(content, version, name) for name in ("rows", "cells")},
        "most": _MOST,
    }
    return SitePage(places.difference(version), "difference.html", values)


def _documents(content: Content, told: Sequence[Record]) -> list[QueryRow]:
    """What changed in each document, with its page, if the latest version has one."""
    there = _present(content, "monographs", [(document["monograph_id"],) for document in told])
    return [
        {
            **document,
            "place": places.monograph(document["monograph_id"]) if (document["monograph_id"],) in there else "",
        }
        for document in told
    ]


def _from(content: Content, version: str, name: str) -> str:
    path = content.outputs / places.release_file(version, f"changes/{name}.parquet")
    return f"FROM read_parquet({literal(str(path))})"


def _listed(content: Content, version: str, name: str) -> list[QueryRow]:
    return content.rows(f"SELECT * {_from(content, version, name)} LIMIT ?", [_MOST])


def _total(content: Content, version: str, name: str) -> int:
    total: int = content.rows(f"SELECT count(*) AS n {_from(content, version, name)}")[0]["n"]
    return total


def _told(content: Content, rows: Sequence[QueryRow]) -> list[QueryRow]:
    """With the key in parts, the place of the row in the page of its monograph, and long values cut."""
    keys = [tuple(json.loads(row["key"])) for row in rows]
    there = {table: _present(content, table, keys) for table in {row["table"] for row in rows}}
    return [
        {
            **row,
            **{name: clipped(row[name]) for name in ("old", "new") if row.get(name) is not None},
            "parts": [str(part) for part in key],
            "place": _place(row["table"], key) if key in there[row["table"]] else "",
        }
        for row, key in zip(rows, keys, strict=True)
    ]


def _present(content: Content, table: str, keys: Sequence[Key]) -> set[Key]:
    """Which rows of monographs are still in the latest version, and so have a page to stand on."""
    shape = content.shapes.get(table)
    if table not in {*readings(content.shapes), SECTION_ROWS, "monographs"} or shape is None:
        return set()
    query = f"SELECT {listed(shape.key)} FROM {quoted(table)} WHERE list_contains(?, monograph_id)"  # noqa: S608
    return {tuple(row.values()) for row in content.rows(query, [sorted({str(key[0]) for key in keys})])}


def _place(table: str, key: Key) -> str:
    return places.monograph(str(key[0]), "-".join(["r", table, *map(str, key[1:])]) if key[1:] else "")
