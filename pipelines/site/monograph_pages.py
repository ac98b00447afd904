"""A page for each monograph, and the list of all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from string import ascii_uppercase
from typing import Any

from pipelines.release.shapes import TableShape
from pipelines.site import places
from pipelines.site.annotated import FINDING_ROWS, SECTION_ROWS, Reading, RowsByTable, document_of, readings
from pipelines.site.cells import text_of
from pipelines.site.content import Content, QueryRow
from pipelines.site.drug_pages import drug_of
from pipelines.site.rendering import SitePage
from pipelines.site.stamp import stamp_of
from pipelines.tables.sql import listed, quoted

_AT_ONCE = 400  # monographs whose rows are held in memory
_IN_A_LIST = 400
_BY_TITLE = """
    SELECT monograph_id, title, generic_name, coalesce(s.count, 0) AS strengths, coalesce(f.count, 0) AS findings
    FROM monographs
    LEFT JOIN (SELECT monograph_id, count(*) AS count FROM strengths GROUP BY monograph_id) s USING (monograph_id)
    LEFT JOIN (SELECT monograph_id, count(*) AS count FROM findings GROUP BY monograph_id) f USING (monograph_id)
    ORDER BY lower(title), monograph_id"""


def monograph_pages(content: Content) -> Iterator[SitePage]:
    """Every monograph of the latest release, and every one that was retired."""
    tables = readings(content.shapes)
    names = [SECTION_ROWS, *tables, FINDING_ROWS]
    without_words = [
        name
        for name, shape in content.shapes.items()
        if "monograph_id" in shape.key and len(shape.key) > 1 and name not in names
    ]
    drug = drug_of(content)
    section_names = {row["code"]: row["name"] for row in content.rows("SELECT code, name FROM section_codes")}
    known = _Known(tables, content.shapes, section_names)
    meaning = stamp_of(section_names)
    for batch in _batches(content, drug):
        rows = {name: _by_monograph(content, name, batch) for name in names}
        listed_rows = {name: _by_monograph(content, name, batch) for name in without_words}
        for monograph in batch:
            own = {name: rows[name].get(monograph["monograph_id"], []) for name in names}
            data = {name: listed_rows[name].get(monograph["monograph_id"], []) for name in without_words}
            values = partial(_values, known, monograph, own, data)
            stamp = stamp_of(meaning, monograph, own, data)
            yield SitePage(places.monograph(monograph["monograph_id"]), "monograph.html", values, stamp)
    for row in content.rows("SELECT * FROM retired ORDER BY monograph_id"):
        yield SitePage(places.monograph(row["monograph_id"]), "retired.html", {"row": row})


@dataclass(frozen=True, slots=True)
class _Known:
    """What pages of monographs have in common: tables of readings, shapes, names of sections."""

    tables: Mapping[str, Reading]
    shapes: Mapping[str, TableShape]
    section_names: Mapping[str, str]


def _values(known: _Known, monograph: QueryRow, rows: RowsByTable, data: RowsByTable) -> QueryRow:
    return {
        "monograph": monograph,
        "document": document_of(monograph, rows, known.tables),
        "section_names": known.section_names,
        "fda_letter": fda_letter(monograph["fda_pregnancy_category"], rows.get("pregnancy_categories", ())),
        "data": [_listed(known.shapes[name], own) for name, own in data.items() if own],
    }


def fda_letter(letter: str | None, stated: Iterable[Mapping[str, Any]]) -> str:
    """The most restrictive letter, and of which others it is that, if the text states several.

    >>> fda_letter("D", [{"system_code": "US_FDA", "category_code": letter} for letter in "DCD"])
    'D, the most restrictive of C and D'
    >>> fda_letter(None, [])
    'not stated'
    """
    if letter is None:
        return "not stated"
    letters = sorted(
        {row["category_code"] for row in stated if row["system_code"] == "US_FDA" and row["category_code"]}
    )
    if len(letters) < 2:  # noqa: PLR2004  (one letter is compared with none)
        return letter
    return f"{letter}, the most restrictive of {', '.join(letters[:-1])} and {letters[-1]}"


def _listed(shape: TableShape, rows: Sequence[Mapping[str, Any]]) -> QueryRow:
    """Rows that stand on no words of the text, with the columns that are not null in all of them."""
    told = [
        column.name
        for column in shape.columns
        if column.name != "monograph_id" and any(row[column.name] is not None for row in rows)
    ]
    lines = [[None if row[name] is None else text_of(row[name]) for name in told] for row in rows]
    return {"table": shape.name, "description": shape.description, "titles": told, "lines": lines}


def _batches(content: Content, drug: str) -> Iterator[list[QueryRow]]:
    query = f"""
        SELECT m.*, {drug} AS drug, s.source, s.licence, s.retrieved, s.sha256
        FROM monographs m JOIN seeds s USING (seed_id)
        WHERE monograph_id > ? ORDER BY monograph_id LIMIT ?"""  # noqa: S608  (a column)
    last = ""
    while batch := content.rows(query, [last, _AT_ONCE]):
        yield batch
        last = batch[-1]["monograph_id"]


def _by_monograph(content: Content, name: str, batch: Sequence[QueryRow]) -> dict[str, list[QueryRow]]:
    """The rows of a table that belong to a batch of monographs, in key order.

    Findings come without their numbers, which change with every release and would change every page.
    """
    key = listed(content.shapes[name].key)
    told = "* EXCLUDE (finding_no)" if name == FINDING_ROWS else "*"
    query = f"SELECT {told} FROM {quoted(name)} WHERE monograph_id BETWEEN ? AND ? ORDER BY {key}"  # noqa: S608
    found: dict[str, list[QueryRow]] = defaultdict(list)
    for row in content.rows(query, [batch[0]["monograph_id"], batch[-1]["monograph_id"]]):
        found[row["monograph_id"]].append(row)
    return found


def list_pages(content: Content) -> Iterator[SitePage]:
    """The list of all monographs by title: on one page, or page by page with a way to each letter."""
    total: int = content.manifest["tables"]["monographs"]["rows"]
    pages = -(-total // _IN_A_LIST)
    shown: list[QueryRow] = []
    lists: list[QueryRow] = []
    letters: dict[str, int] = {}
    for number, shown in enumerate(content.batches(_BY_TITLE, _IN_A_LIST), start=1):
        _mark_letters(shown, letters, number)
        if pages > 1:
            lists.append({"number": number, "first": shown[0]["title"], "last": shown[-1]["title"]})
            yield SitePage(places.monograph_list(number), "list.html", {"rows": shown, "number": number, "of": pages})
    values = {"total": total, "rows": [] if lists else shown, "lists": lists, "letters": letters}
    yield SitePage(places.MONOGRAPHS, "monographs.html", values)


def _mark_letters(rows: Sequence[QueryRow], letters: dict[str, int], number: int) -> None:
    """Marks the first title of each letter, and takes note of the page that it is on."""
    for row in rows:
        letter = letter_of(row["title"])
        row["begins"] = "" if letter in letters else letter
        letters.setdefault(letter, number)


def letter_of(title: str) -> str:
    """The letter of the alphabet that a title is found under; other signs are found together.

    >>> letter_of("aspirin"), letter_of("5-fluorouracil"), letter_of("")
    ('A', 'other', 'other')
    """
    first = title[:1].upper()
    return first if first and first in ascii_uppercase else "other"
