"""A page for each monograph, and the list of all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from pipelines.release.sql import listed, quoted
from pipelines.site import places
from pipelines.site.content import Content, Row
from pipelines.site.document import FINDINGS, SECTIONS, Reading, Rows, document_of, readings
from pipelines.site.rendering import Page
from pipelines.site.stamp import stamp_of

_AT_ONCE = 400  # monographs whose rows are held in memory
_IN_A_LIST = 400


def monograph_pages(content: Content) -> Iterator[Page]:
    """Every monograph of the latest release, and every one that was retired."""
    tables = readings(content.shapes)
    names = [SECTIONS, *tables, FINDINGS]
    section_names = {row["code"]: row["name"] for row in content.rows("SELECT code, name FROM section_codes")}
    meaning = stamp_of(section_names)
    for batch in _batches(content):
        rows = {name: _by_monograph(content, name, batch) for name in names}
        for monograph in batch:
            own = {name: rows[name].get(monograph["monograph_id"], []) for name in names}
            values = partial(_values, monograph, own, tables, section_names)
            stamp = stamp_of(meaning, monograph, own)
            yield Page(places.monograph(monograph["monograph_id"]), "monograph.html", values, stamp)
    for row in content.rows("SELECT * FROM retired ORDER BY monograph_id"):
        yield Page(places.monograph(row["monograph_id"]), "retired.html", {"row": row})


def _values(monograph: Row, rows: Rows, tables: Mapping[str, Reading], section_names: Mapping[str, str]) -> Row:
    document = document_of(monograph, rows, tables)
    return {"monograph": monograph, "document": document, "section_names": section_names}


def _batches(content: Content) -> Iterator[list[Row]]:
    query = """
        SELECT m.*, s.source, s.licence, s.retrieved, s.sha256 FROM monographs m JOIN seeds s USING (seed_id)
        WHERE monograph_id > ? ORDER BY monograph_id LIMIT ?"""
    last = ""
    while batch := content.rows(query, [last, _AT_ONCE]):
        yield batch
        last = batch[-1]["monograph_id"]


def _by_monograph(content: Content, name: str, batch: Sequence[Row]) -> dict[str, list[Row]]:
    """The rows of a table that belong to a batch of monographs, in key order.

    Findings come without their numbers, which change with every release and would change every page.
    """
    key = listed(content.shapes[name].key)
    told = "* EXCLUDE (finding_no)" if name == FINDINGS else "*"
    query = f"SELECT {told} FROM {quoted(name)} WHERE monograph_id BETWEEN ? AND ? ORDER BY {key}"  # noqa: S608
    found: dict[str, list[Row]] = defaultdict(list)
    for row in content.rows(query, [batch[0]["monograph_id"], batch[-1]["monograph_id"]]):
        found[row["monograph_id"]].append(row)
    return found


def list_pages(content: Content) -> Iterator[Page]:
    """The list of all monographs by title: on one page where it is short, else page by page."""
    total: int = content.manifest["tables"]["monographs"]["rows"]
    numbers = range(1, -(-total // _IN_A_LIST) + 1)
    if total <= _IN_A_LIST:
        rows = _listed(content, 1) if total else []
        yield Page(places.MONOGRAPHS, "monographs.html", {"total": total, "rows": rows, "lists": []})
        return
    lists = []
    for number in numbers:
        rows = _listed(content, number)
        around = {"before": number - 1, "after": number + 1 if number < len(numbers) else 0}
        lists.append({"number": number, "first": rows[0]["title"], "last": rows[-1]["title"]})
        yield Page(
            places.monograph_list(number), "list.html", {"rows": rows, "number": number, "of": len(numbers), **around}
        )
    yield Page(places.MONOGRAPHS, "monographs.html", {"total": total, "rows": [], "lists": lists})


def _listed(content: Content, number: int) -> list[Row]:
    query = """
        SELECT monograph_id, title, generic_name,
            (SELECT count(*) FROM strengths s WHERE s.monograph_id = m.monograph_id) AS strengths,
            (SELECT count(*) FROM findings f WHERE f.monograph_id = m.monograph_id) AS findings
        FROM (SELECT * FROM monographs ORDER BY lower(title), monograph_id LIMIT ? OFFSET ?) m
        ORDER BY lower(title), monograph_id"""
    return content.rows(query, [_IN_A_LIST, (number - 1) * _IN_A_LIST])
