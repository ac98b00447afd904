"""Bytes to documents: one module for each format, each with `render(data) -> Document`.

    plain   text                        spl      labels in HL7's Structured Product Labeling (XML)
    html    pages                       openfda  records of openFDA's drug/label (JSON)
    pdf     files of positioned text    archive  files in files: zip, gz, and records in one JSON file

The format is told by the content first and the ending of the name second.
"""

from __future__ import annotations

from pipelines.documents import html, openfda, pdf, plain, spl
from pipelines.records import Document, Finding, FindingCode

__all__ = ["format_of", "render"]

_SPACE = b"\xef\xbb\xbf \t\r\n\f"
# How files begin that hold words and are not read, with what they are and what to do.
_NOT_READ = (
    (b"{\\rtf", "a document in RTF", "save it as plain text"),
    (b"\xd0\xcf\x11\xe0", "a document of an old Word", "save it as plain text"),
    (b"PK\x03\x04", "a zip file or a document of Word", "unpack it, or save it as plain text"),
    (b"\x1f\x8b", "a file packed by gzip", "unpack it"),
    (b"\x89PNG", "a picture", "give the text that it shows"),
    (b"\xff\xd8\xff", "a picture", "give the text that it shows"),
    (b"GIF8", "a picture", "give the text that it shows"),
    (b"MIME-Version:", "a page saved as MHTML", "save it as HTML"),
    (b"From: <Saved by", "a page saved as MHTML", "save it as HTML"),
)


def format_of(data: bytes, name: str = "") -> str:
    """`spl`, `openfda`, `html`, `pdf`, `unknown` or, for everything else, `text`."""
    if spl.is_spl(data):
        return "spl"
    if html.is_html(data):
        return "html"
    if b"%PDF-" in data[:1024]:
        return "pdf"
    start = data[:1024].lstrip(_SPACE)
    if start.startswith(b"<?xml") or any(data.startswith(magic) for magic, _, _ in _NOT_READ):
        return "unknown"
    if start.startswith((b"{", b"[")) and (
        name.lower().endswith(".json") or b'"set_id"' in data or b'"openfda"' in data
    ):
        return "openfda"
    return "text"


def unknown(data: bytes) -> Document:
    """The document of a file that is not read: a finding says what it seems to be and what to do."""
    what, do = next(((what, do) for magic, what, do in _NOT_READ if data.startswith(magic)), ("", ""))
    if not what:
        what, do = "XML and no label in Structured Product Labeling", "give the label itself, or its text"
    finding = Finding(FindingCode("SEED_FORMAT_UNKNOWN"), f"the file is {what}, which is not read; {do}")
    return Document("", "unknown", "", findings=(finding,))


def render(data: bytes, name: str = "") -> Document:
    """The document of a file's bytes; `name` helps where the content does not tell the format."""
    found = format_of(data, name)
    if found == "spl":
        return spl.render(data)
    if found == "html":
        return html.render(data)
    if found == "openfda":
        return openfda.render(data)
    if found == "pdf":
        return pdf.render(data)
    if found == "unknown":
        return unknown(data)
    document = plain.render(data)
    return Document("", "text", plain.RENDERER, findings=(document,)) if isinstance(document, Finding) else document
