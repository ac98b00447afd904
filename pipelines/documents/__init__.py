"""Bytes to documents: one module for each format, each with `render(data) -> Document`.

    plain   text                        spl      labels in HL7's Structured Product Labeling (XML)
    html    pages                       openfda  records of openFDA's drug/label (JSON)
    pdf     files of positioned text    docx     documents of Word
    archive files in files: zip, gz, and records in one JSON file

The format is told by the content first and the ending of the name second.
"""

from __future__ import annotations

from collections.abc import Callable

from pipelines.documents import docx, html, openfda, pdf, plain, spl
from pipelines.documents.markup import TooDeepError
from pipelines.records import Document, Finding, FindingCode

__all__ = ["format_of", "render"]

_SAVED_PAGE = (b"MIME-Version:", b"From: <Saved by")  # with its pictures, in one file
_SPACE = b"\xef\xbb\xbf \t\r\n\f"
# How files begin that hold words and are not read, with what they are and what to do.
_NOT_READ = (
    (b"{\\rtf", "a document in RTF", "save it as plain text"),
    (b"\xd0\xcf\x11\xe0", "a document of an old Word", "save it as plain text"),
    (b"PK\x03\x04", "a zip file of another kind", "unpack it, or save it as plain text"),
    (b"\x1f\x8b", "a file packed by gzip", "unpack it"),
    (b"\x89PNG", "a picture", "give the text that it shows"),
    (b"\xff\xd8\xff", "a picture", "give the text that it shows"),
    (b"GIF8", "a picture", "give the text that it shows"),
)


def _is_page(data: bytes) -> bool:
    return html.is_html(data) or data.startswith(_SAVED_PAGE)


def _is_pdf(data: bytes) -> bool:
    return b"%PDF-" in data[:1024]


def _is_unknown(data: bytes) -> bool:
    begins = data[:1024].lstrip(_SPACE)
    return begins.startswith(b"<?xml") or any(data.startswith(magic) for magic, _, _ in _NOT_READ)


_FORMATS: dict[str, Callable[[bytes], bool]] = {
    "spl": spl.is_spl,
    "html": _is_page,
    "docx": docx.is_docx,
    "pdf": _is_pdf,
    "unknown": _is_unknown,
}


def format_of(data: bytes, name: str = "") -> str:
    """`spl`, `html`, `docx`, `pdf`, `openfda`, `unknown` or, for everything else, `text`."""
    found = next((kind for kind, is_it in _FORMATS.items() if is_it(data)), "text")
    is_json = found == "text" and data[:1024].lstrip(_SPACE).startswith((b"{", b"["))
    if is_json and (name.lower().endswith(".json") or b'"set_id"' in data or b'"openfda"' in data):
        return "openfda"
    return found


def _unknown(data: bytes) -> Document:
    """The document of a file that is not read: a finding says what it seems to be and what to do."""
    what, do = next(((what, do) for magic, what, do in _NOT_READ if data.startswith(magic)), ("", ""))
    if not what:
        what, do = "XML and no label in Structured Product Labeling", "give the label itself, or its text"
    finding = Finding(FindingCode("SEED_FORMAT_UNKNOWN"), f"the file is {what}, which is not read; {do}")
    return Document("", "unknown", "", findings=(finding,))


def _page(data: bytes) -> Document:
    return html.render_archive(data) if data.startswith(_SAVED_PAGE) else html.render(data)


def _text(data: bytes) -> Document:
    document = plain.render(data)
    return Document("", "text", plain.RENDERER, findings=(document,)) if isinstance(document, Finding) else document


_RENDERERS: dict[str, Callable[[bytes], Document]] = {
    "spl": spl.render,
    "html": _page,
    "docx": docx.render,
    "pdf": pdf.render,
    "openfda": openfda.render,
    "unknown": _unknown,
    "text": _text,
}


def render(data: bytes, name: str = "") -> Document:
    """The document of a file's bytes; `name` helps if the content does not tell the format."""
    found = format_of(data, name)
    try:
        return _RENDERERS[found](data)
    except TooDeepError as error:
        finding = Finding(
            FindingCode("SEED_UNSAFE"), f"the document is no page that anybody wrote: {error}; save its text"
        )
        return Document("", found, "", findings=(finding,))
