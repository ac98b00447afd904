"""Documents of Word (`.docx`): the part of Office Open XML that holds the words, as the elements of a page.

    document = { paragraph | table }
    paragraph = { run }      a heading by its style, an item by its numbering; raised and lowered runs stay so

Deleted words, instructions of fields, notes and what stands in headers and footers are not part of the text.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from lxml import etree

from pipelines.documents.html import page_roles
from pipelines.documents.markup import Flow, local
from pipelines.documents.page import Page
from pipelines.documents.spl import PARSER_RULES
from pipelines.records import Document, Finding, FindingCode

RENDERER = "docx@1"
_PART = "word/document.xml"
_LARGEST = 2**26
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STYLE = re.compile(r"(?:heading|title)\s*(\d?)", re.IGNORECASE)
_LEFT_OUT = frozenset(
    ("del", "instrText", "delText", "footnoteReference", "endnoteReference", "commentReference", "pict")
)


def is_docx(data: bytes) -> bool:
    """Whether a zip file holds the main part of a document of Word."""
    return data.startswith(b"PK\x03\x04") and _PART.encode() in data


def render(data: bytes) -> Document:
    """The document as a reader sees it; a finding says why it cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts, parts.open(_PART) as part:
            words = part.read(_LARGEST + 1)
        if len(words) > _LARGEST:
            return _refused("SEED_TOO_LARGE", f"the document has more than {_LARGEST} bytes of text; divide it")
        root = etree.fromstring(words, etree.XMLParser(**PARSER_RULES))
    except (zipfile.BadZipFile, KeyError, RuntimeError, zlib.error, EOFError, etree.XMLSyntaxError) as error:
        return _refused("SEED_BROKEN", f"the document of Word cannot be read ({error}); save it again, or as text")
    body = root.find(f"{_W}body")
    page = Page()
    if body is not None:
        Flow(page, page_roles()).container(_container(body, "body"), "/document/body")
    if not page.text.strip():
        return _refused("SEED_EMPTY", "the document of Word holds no text; fill it or take it away")
    return Document(page.text, "docx", RENDERER, "utf-8", tuple(page.blocks), places=tuple(page.places))


def _refused(code: str, message: str) -> Document:
    return Document("", "docx", RENDERER, findings=(Finding(FindingCode(code), message),))


def _container(element: etree._Element, name: str) -> etree._Element:
    """A body or a cell as an element of a page."""
    made = etree.Element(name)
    for child in element.iterchildren(f"{_W}p", f"{_W}tbl", f"{_W}sdt"):
        kind = local(child)
        if kind == "p":
            made.append(_paragraph(child))
        elif kind == "tbl":
            made.append(_table(child))
        else:
            content = child.find(f"{_W}sdtContent")
            made.extend(_container(content, "div") if content is not None else ())
    return made


def _paragraph(paragraph: etree._Element) -> etree._Element:
    made = etree.Element(_name(paragraph))
    for element in paragraph.iter(f"{_W}t", f"{_W}br", f"{_W}cr", f"{_W}tab", f"{_W}noBreakHyphen"):
        if any(etree.QName(above).localname in _LEFT_OUT for above in element.iterancestors()):
            continue
        kind = etree.QName(element).localname
        if kind in ("br", "cr"):
            etree.SubElement(made, "br")
        else:
            words = {"tab": " ", "noBreakHyphen": "-"}.get(kind, element.text or "")
            etree.SubElement(made, _shift(element)).text = words
    return made


def _name(paragraph: etree._Element) -> str:
    """The element of a page that a paragraph is: a heading by its style, an item if it is numbered."""
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    heading = _STYLE.match(style.get(f"{_W}val", "")) if style is not None else None
    if heading:
        return f"h{min(max(int(heading[1] or 1), 1), 6)}"
    return "li" if paragraph.find(f"{_W}pPr/{_W}numPr") is not None else "p"


def _shift(element: etree._Element) -> str:
    shift = element.getparent().find(f"{_W}rPr/{_W}vertAlign")
    return (
        {"superscript": "sup", "subscript": "sub"}.get(shift.get(f"{_W}val"), "span") if shift is not None else "span"
    )


def _table(table: etree._Element) -> etree._Element:
    made = etree.Element("table")
    for row in table.iterchildren(f"{_W}tr"):
        is_head = row.find(f"{_W}trPr/{_W}tblHeader") is not None
        into = etree.SubElement(made, "tr")
        for cell in row.iterchildren(f"{_W}tc"):
            held = _container(cell, "th" if is_head else "td")
            span = cell.find(f"{_W}tcPr/{_W}gridSpan")
            if span is not None:
                held.set("colspan", span.get(f"{_W}val", "1"))
            into.append(held)
    return made
