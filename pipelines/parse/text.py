"""Bytes to text: UTF-8, with or without a byte order mark. Line ends stay as they are, so that offsets hold."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from pipelines.records import Finding, FindingCode

# A whole product summary has about 300 000 characters, so one line of a million is no document's.
LONGEST_LINE = 1_000_000

# Tab, line feed, vertical tab, form feed, carriage return and next line (U+0085) occur in documents; no other does.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")


@dataclass(frozen=True, slots=True)
class DecodedText:
    """The text without its byte order mark, and how the bytes were read: `utf-8` or `utf-8-sig`."""

    text: str
    encoding: str


def read_text(data: bytes) -> DecodedText | Finding:
    """The text of a seed, or the error finding that says where it is no text and what to do."""
    encoding = "utf-8-sig" if data.startswith(codecs.BOM_UTF8) else "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        return _not_utf8(data, error.start + (len(codecs.BOM_UTF8) if encoding == "utf-8-sig" else 0))
    return _fault(text) or DecodedText(text, encoding)


def _not_utf8(data: bytes, offset: int) -> Finding:
    message = (
        f"byte {offset} (0x{data[offset]:02X}, line {_line_no(data[:offset])}) is not UTF-8; "
        "find out the file's encoding and save it as UTF-8"
    )
    return Finding(FindingCode("SEED_NOT_UTF8"), message)


def _fault(text: str) -> Finding | None:
    if not text.strip():
        return Finding(FindingCode("SEED_EMPTY"), "the file holds no text; fill it or take it away")
    control = _CONTROL.search(text)
    if control:
        message = (
            f"control character U+{ord(control[0]):04X} at offset {control.start()} (line "
            f"{_line_no(text[: control.start()])}); give the document as plain text, saved as UTF-8"
        )
        return Finding(FindingCode("SEED_BINARY"), message)
    for line_no, line in enumerate(text.splitlines(), start=1):
        if len(line) > LONGEST_LINE:
            message = f"line {line_no} has {len(line)} characters, more than {LONGEST_LINE}; break it into lines"
            return Finding(FindingCode("SEED_TOO_LONG"), message)
    return None


def _line_no(before: str | bytes) -> int:
    return 1 + (before.count("\n") if isinstance(before, str) else before.count(b"\n"))
