"""Where each page stands in the outputs, and how one leads to another.

A place is a path from the folder of outputs, with `/` between parts and perhaps `#` and an anchor. Links between places
are relative, so that the catalogue works from a folder, in a bucket and below any path.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from functools import lru_cache
from urllib.parse import quote, urlencode

HOME = "index.html"
DOWNLOADS = "downloads"
SITE = "site"
ASSETS = f"{SITE}/assets"
VENDOR = f"{ASSETS}/vendor"
SQL = f"{SITE}/sql.html"
SEARCH_PAGE = f"{SITE}/search.html"
SEARCH = f"{SITE}/search"
ROWS = f"{SITE}/rows"
NOTEBOOKS = f"{SITE}/notebooks"  # rendered by others; the catalogue only links them
TABLE_LIST = f"{SITE}/tables.html"
MONOGRAPHS = f"{SITE}/monographs.html"
DRUGS = f"{SITE}/drugs.html"
CLASSES = f"{SITE}/classes.html"
FINDINGS = f"{SITE}/findings.html"
VERSIONS = f"{SITE}/versions.html"
CODES = f"{SITE}/codes.html"
ABOUT = f"{SITE}/about.html"

_LONGEST_NAME = 120  # characters: some disks take 143 bytes at most
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789._-")
_SAFE_ANCHOR = re.compile(r"[A-Za-z0-9_.~/=&+%-]*")
_PLAIN_WORD = re.compile("[a-z0-9]+")


def table(name: str) -> str:
    """The page of a table."""
    return f"{SITE}/tables/{name}.html"


def monograph(monograph_id: str, anchor: str = "") -> str:
    """The page of a monograph, or a place in it."""
    return f"{SITE}/monographs/{_file_name(monograph_id)}.html" + (f"#{anchor}" if anchor else "")


def _file_name(identifier: str) -> str:
    """Letters, digits, `.`, `_` and `-` as they are, every other byte as `~` and two digits.

    So no two identifiers have one name. Capital letters are named too, for some disks do not tell
    them from small ones. `catalogue.js` does the same.
    """
    name = "".join(chr(byte) if byte in _PLAIN else f"~{byte:02x}" for byte in identifier.encode())
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 20]}~~{_sum_of(identifier)}"


def _sum_of(text: str) -> str:
    """FNV-1a in 64 bits: a digest that a page, too, can make in three lines."""
    digest = 0xCBF29CE484222325
    for byte in text.encode():
        digest = (digest ^ byte) * 0x100000001B3 % (1 << 64)
    return f"{digest:016x}"


def drug(identifier: str) -> str:
    """The page of a drug."""
    return f"{SITE}/drugs/{_file_name(identifier)}.html"


def rows_with(table_name: str, **filters: object) -> str:
    """The rows of a table that have these values; a list of values stands for any of them."""
    if len(filters) == 1:
        ((name, value),) = filters.items()
        if isinstance(value, str):
            return _rows_of_one_value(table_name, name, value)
    return f"{table(table_name)}#{urlencode(filters, doseq=True)}"


@lru_cache(maxsize=4096)  # of a code, most of all
def _rows_of_one_value(table_name: str, column: str, value: str) -> str:
    return f"{table(table_name)}#{urlencode({column: value})}"


def monograph_list(number: int) -> str:
    """A page of the list of all monographs, from 1."""
    return f"{SITE}/lists/{number}.html"


def drug_class(folded: str) -> str:
    """The page of a class, by its words without regard to case."""
    words = "-".join(_PLAIN_WORD.findall(folded))[:60]
    return f"{SITE}/classes/{words}-{_short_digest(folded)}.html"


def finding_code(code: str) -> str:
    """The page of a kind of finding."""
    return f"{SITE}/findings/{code}.html"


def difference(version: str) -> str:
    """The page of what a version changed."""
    return f"{SITE}/versions/{version}.html"


def release_file(version: str, name: str) -> str:
    """A file of a release."""
    return f"releases/{version}/{name}"


def link_between(page: str, place: str) -> str:
    """The address of a place as seen from a page."""
    path, mark, anchor = place.partition("#")
    quoted = anchor if _SAFE_ANCHOR.fullmatch(anchor) else quote(anchor, safe="/=&+%")
    return _relative(posixpath.dirname(page), path) + mark + quoted


@lru_cache(maxsize=4096)  # pages of one folder share most of their links
def _relative(folder: str, path: str) -> str:
    return quote(posixpath.relpath(path, folder or "."))


def _short_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
