"""Records of openFDA's drug/label, one by one or as openFDA ships them: a list, or `results` with its `meta`.

    record = title, { heading, { value }, { table } }

A field holds the sections of a label that have one LOINC code. Its name is its heading, unless its value begins with
a heading of its own (`1 INDICATIONS AND USAGE Zepharol is …`), which the file has glued to the text. The title is the
name in the block `openfda`, if that block speaks of the same label. Tables are SPL markup in the fields `…_table`.
What the block `openfda` says is listed beside the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from io import BufferedReader

import ijson
from lxml import etree
from lxml.html import HTMLParser

from pipelines.documents.markup import Flow
from pipelines.documents.page import Page, flowing, itemised, tidy_lines
from pipelines.documents.spl import TEXT, iso_date, write_title
from pipelines.records import Document, Finding, FindingCode, ListedProduct, Stated
from schemas import codes

RENDERER = "openfda@1"
_NUMBERED = re.compile(r"\d{1,2}(?:\.\d{1,2})?\.?$")
_MOST_WORDS = 9
_SPACE = b"\xef\xbb\xbf \t\r\n"
_HEAD = 2**16
_RESULTS = re.compile(rb'^\{\s*"(?:meta"\s*:\s*\{|results"\s*:\s*\[)')
_TABLE = "_table"

_Record = Mapping[str, object]


def holds_many(start: bytes) -> bool:
    """Whether a JSON file that begins so holds a list of records, or `results` with its `meta`."""
    begins = start.lstrip(_SPACE)
    return begins.startswith(b"[") or (begins.startswith(b"{") and _RESULTS.search(begins[:_HEAD]) is not None)


def records(file: BufferedReader) -> Iterator[tuple[str, bytes]]:
    """Each record of a list or of `results`, with its JSON pointer; raises ijson.JSONError if the file is broken."""
    start = file.peek(_HEAD)
    prefix, pointer = ("item", "") if start.lstrip(_SPACE).startswith(b"[") else ("results.item", "/results")
    for number, record in enumerate(ijson.items(file, prefix, use_float=True)):
        yield f"{pointer}/{number}", json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")


def is_record(record: object) -> bool:
    """Whether a JSON value is the record of one label."""
    return isinstance(record, dict) and ("set_id" in record or "openfda" in record or "spl_set_id" in record)


def render(data: bytes) -> Document:
    """The record as a person would read it; a finding says why it cannot be read."""
    try:
        record = json.loads(data)
    except (ValueError, RecursionError) as error:
        return _refused("SEED_BROKEN", f"the JSON cannot be read ({type(error).__name__}: {error}); fetch it again")
    if not is_record(record):
        return _refused("SEED_FORMAT_UNKNOWN", "the JSON is no record of an openFDA label; give one, or plain text")
    return _rendered(record)


def _refused(code: str, message: str) -> Document:
    return Document("", "openfda", RENDERER, "utf-8", findings=(Finding(FindingCode(code), message),))


def _rendered(record: _Record) -> Document:
    page, findings = Page(), []
    about = record.get("openfda")
    about = about if isinstance(about, dict) else {}
    set_id = _string(record.get("set_id"))
    of_others = [other for other in _strings(about.get("spl_set_id")) if other != set_id]
    if of_others:
        message = f"the block openfda is that of the label {of_others[0]}, not of {set_id}; nothing was taken from it"
        findings.append(Finding(FindingCode("LISTED_OF_ANOTHER"), message))
        about = {}
    title = generic_name = brand_name = None
    brand, generic = _name(about, "brand_name"), _name(about, "generic_name")
    if brand or generic:
        place = f"/openfda/{'brand_name' if brand else 'generic_name'}/0"
        title, generic_name, brand_name = write_title(page, brand, generic, is_title=True, place=place)
    for field, value in record.items():
        if isinstance(value, list) and not field.endswith(_TABLE):
            _write_field(page, field, value, record.get(f"{field}{_TABLE}"))
    for field, value in record.items():
        alone = field.removesuffix(_TABLE)
        if isinstance(value, list) and field.endswith(_TABLE) and not isinstance(record.get(alone), list):
            _write_field(page, alone, [], value)
    if not page.text:
        findings.append(Finding(FindingCode("SEED_EMPTY"), "the record has no field with text; take it away"))
    stated = Stated(
        title=title,
        generic_name=generic_name,
        brand_name=brand_name,
        set_id=set_id,
        document_version=_string(record.get("version")),
        effective_date=iso_date(_string(record.get("effective_time"))),
    )
    return Document(
        page.text,
        "openfda",
        RENDERER,
        "utf-8",
        tuple(page.blocks),
        (stated,),
        tuple(_listed(about)),
        tuple(page.places),
        tuple(findings),
    )


def _string(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _strings(value: object) -> list[str]:
    return [item.strip() for item in value if isinstance(item, str) and item.strip()] if isinstance(value, list) else []


def _name(about: _Record, field: str) -> str:
    """The first name of a field."""
    return tidy_lines([flowing(next(iter(_strings(about.get(field))), ""))]).replace("\n", " ")


def _write_field(page: Page, field: str, values: list[object], tables: object) -> None:
    known = codes.by_spelling("openfda_fields").get(codes.fold(field))
    if known and known["role"] == "furniture":
        page.blank()
        with page.furniture():
            _write_values(page, field, None, values)
        return
    section = codes.by_code("sections")[known["code"]] if known and known["code"] else None
    _write_values(page, field, section, values)
    for number, table in enumerate(tables if isinstance(tables, list) else ()):
        if isinstance(table, str):
            _write_table(page, table, f"/{field}{_TABLE}/{number}")


def _write_values(page: Page, field: str, section: Mapping[str, str] | None, values: list[object]) -> None:
    """The heading and the paragraphs of a field."""
    code = (section["loinc_code"] or None) if section else None
    name = field.replace("_", " ").capitalize()
    heading = ""
    for number, value in enumerate(values or [""]):
        words = tidy_lines([flowing(value)]) if isinstance(value, str) else ""
        own, rest = _own_heading(words, field, section["code"] if section else "")
        if (own or name) != heading:
            heading = own or name
            page.blank()
            page.write("heading", heading, 2, code=code, key=field, place=f"/{field}/{number}")
        elif own:
            rest = words
        for kind, part in itemised(rest):
            page.write(kind, part, 1 if kind == "item" else 0, place=f"/{field}/{number}")


def _own_heading(words: str, field: str, section: str) -> tuple[str, str]:
    """The heading that a value begins with, as printed, and the rest."""
    ends = [found.end() for found in re.finditer(r"\S+", words[:200])][: _MOST_WORDS + 1]
    begins = 1 if ends and _NUMBERED.match(words[: ends[0]]) else 0
    first = ends[0] if begins else 0
    for after in range(len(ends) - 1, begins, -1):
        title, rest = words[: ends[after - 1]], words[ends[after - 1] :].lstrip()
        key = codes.fold(title[first:]).rstrip(" .:?")
        if key in _titles(section) or key == field.replace("_", " "):
            is_set_off = begins or title.isupper() or title[-1] in ".:?" or not rest[0].islower()
            return (title, rest) if is_set_off else ("", words)
    return "", words


@cache
def _titles(section: str) -> frozenset[str]:
    """The folded titles of a section, without punctuation at their ends."""
    found = (codes.fold(row["text"]) for row in codes.rows("section_titles") if row["code"] == section)
    return frozenset(title.rstrip(" .:?") for title in found)


def _write_table(page: Page, markup: str, place: str) -> None:
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = etree.fromstring(markup.encode("utf-8", "replace"), parser)
    except etree.LxmlError:
        root = None
    if root is not None:
        Flow(page, TEXT).container(root, place)


def _listed(about: _Record) -> Iterator[ListedProduct]:
    """One row for each substance; a code belongs to it only if there is no other."""
    substances, uniis = _strings(about.get("substance_name")), _strings(about.get("unii"))
    ndcs, brands = _strings(about.get("product_ndc")), _strings(about.get("brand_name"))
    if not substances and not ndcs and not brands:
        return
    by_name = {row["name"].casefold(): row["code"] for row in codes.rows("routes")}
    routes = [by_name.get(route.casefold()) for route in _strings(about.get("route"))]
    for number, substance in enumerate(substances or [None]):
        yield ListedProduct(
            start=0,
            origin=f"/openfda/substance_name/{number}" if substance else "/openfda",
            ndc=ndcs[0] if len(ndcs) == 1 else None,
            product_name=brands[0] if brands else None,
            route_codes=tuple(dict.fromkeys(code for code in routes if code)),
            ingredient=substance,
            unii=uniis[0] if len(uniis) == len(substances) == 1 else None,
        )
