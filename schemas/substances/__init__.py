"""Names of substances and their UNII, by which rows join with any other data on drugs.

`names.parquet` holds names of FDA's public list of Unique Ingredient Identifiers, folded as every other word of the
program is: `key`, `unii` and the `substance_name` that FDA prefers. Of substances that have an official name, a brand
name or a name in a book of medicines (`[INN]`), it holds the official, common and preferred names, and those of the
systematic names that are words of everyday speech (`adrenaline`). Left out are brand names, codes, and what no label
prints as a name: long names, formulas, impurities. A name is found as a whole and exactly, never by likeness. The
file's metadata says when FDA published it.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from schemas import codes
from schemas.codes.folding import fold

FILE = Path(__file__).parent / "names.parquet"
_KINDS = frozenset({"of", "cn"})  # official and common
_OF_MEDICINES = frozenset({"of", "bn"})
_SYSTEMATIC = "sys"
_COLUMNS = {"name": "Name", "kind": "TYPE", "unii": "UNII", "preferred": "Display Name"}
_PUBLISHED = b"published"
_MOST_KEPT = 65_536  # answers: documents ask for words that are no names, too
_LONGEST_NAME = 60  # characters
_BRACKETED = re.compile(r"(.+?)\s*\((?:as\s+)?([^()]+)\)", re.IGNORECASE)
_WORDS_ONLY = re.compile(r"[A-Z][A-Z' -]*", re.IGNORECASE)
_NOT_PRINTED = re.compile(r"\[ | \d[,'] | \bIMPURITY\b | \bCOMPONENT\b", re.IGNORECASE | re.VERBOSE)


class SubstancesError(ValueError):
    """A list of substances is not as FDA publishes it: names the file, the line and what to do."""


@dataclass(frozen=True, slots=True)
class Substance:
    """A substance: its Unique Ingredient Identifier and the name that FDA prefers."""

    unii: str
    name: str


@cache
def _names() -> tuple[pa.ChunkedArray, pa.ChunkedArray, pa.ChunkedArray]:
    table = pq.read_table(FILE).combine_chunks()
    return table["key"].chunk(0), table["unii"].chunk(0), table["substance_name"].chunk(0)


class _Keys:
    """The sorted keys as a sequence that is read where it is asked."""

    def __init__(self, keys: pa.Array) -> None:
        self._keys = keys

    def __len__(self) -> int:
        return len(self._keys)

    def __getitem__(self, at: int) -> str:
        return str(self._keys[at])


@lru_cache(_MOST_KEPT)
def find(name: str) -> Substance | None:
    """The substance that has a name, whatever its case and spaces; None if the list has no such name.

    >>> find("Acetaminophen").unii
    '362O9ITL9D'
    """
    keys, uniis, names = _names()
    key = fold(name)
    at = bisect_left(_Keys(keys), key)
    if at == len(keys) or str(keys[at]) != key:
        return None
    return Substance(str(uniis[at]), str(names[at]))


def find_printed(name: str) -> Substance | None:
    """The substance that a name means as documents print it, beyond what the list has letter for letter.

    Abbreviations of `name_abbreviations.csv` are spelled out. What stands in brackets behind a name of the list says
    more of it (`(inhaled)`, `(as mesilate)`), unless it is the name of another substance: then neither is meant.

    >>> find_printed("Cyclizine HCl").name, find_printed("adrenaline (epinephrine)").name
    ('CYCLIZINE HYDROCHLORIDE', 'EPINEPHRINE')
    >>> find_printed("valproic acid (divalproex)")
    """
    bracketed = _BRACKETED.fullmatch(name.strip())
    found = find(name) or find(_spelled_out(name))
    if found is not None or bracketed is None:
        return found
    before, inside = bracketed.groups()
    meant, other = find_printed(before), find_printed(inside)
    is_same = other is None or other == meant or fold(inside).startswith(f"{fold(before)} ")
    return meant if is_same else None


def is_substance(name: str) -> bool:
    """Whether the list has a name as documents print it."""
    return find_printed(name) is not None


def _spelled_out(name: str) -> str:
    """The name with each abbreviation in full."""
    full = codes.by_spelling("name_abbreviations")
    return " ".join(full[word]["name"] if word in full else word for word in fold(name).split(" "))


def published() -> str:
    """When FDA published the list, as `2024-12`."""
    metadata: dict[bytes, bytes] = pq.read_schema(FILE).metadata
    return metadata[_PUBLISHED].decode()


@dataclass(frozen=True, slots=True)
class FdaName:
    """A row of FDA's file: a name, its kind (`of`, `cn`, `sys`, `bn`, `cd`), its substance and the preferred name."""

    name: str
    kind: str
    unii: str
    preferred: str


def read_fda_file(path: Path) -> Iterator[FdaName]:
    """The rows of FDA's file of names (tab-separated; columns Name, TYPE, UNII, Display Name).

    Raises SubstancesError if a column is missing or a row has not as many cells.
    """
    with path.open(encoding="utf-8", errors="strict", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        missing = [column for column in _COLUMNS.values() if column not in (reader.fieldnames or ())]
        if missing:
            message = f"{path.name}:1: no column {missing[0]}; take UNII_Names from FDA's substance registration system"
            raise SubstancesError(message)
        for row in reader:
            if None in row.values():
                raise SubstancesError(f"{path.name}:{reader.line_num}: the row has too few cells; download it again")
            yield FdaName(*(row[column] for column in _COLUMNS.values()))


def write_names(rows: Iterable[FdaName], published_on: str, path: Path = FILE) -> int:
    """Writes `names.parquet` and returns how many names it holds.

    A name that two substances have is left out, since it tells neither, unless FDA prefers it for one of them.
    """
    every = list(rows)
    medicines = {row.unii for row in every if row.kind in _OF_MEDICINES or "[" in row.name}
    preferred: dict[str, str] = {}
    for row in sorted(every, key=lambda row: (len(row.preferred), row.preferred)):
        preferred.setdefault(row.unii, row.preferred)
    found: dict[str, set[str]] = {}
    for row in every:
        if row.unii in medicines and _is_printed(row):
            found.setdefault(fold(row.name), set()).add(row.unii)
    told = sorted((key, unii) for key, uniis in found.items() if (unii := _only(key, uniis, preferred)) is not None)
    table = pa.table(
        {
            "key": pa.array([key for key, _ in told], pa.string()),
            "unii": pa.array([unii for _, unii in told], pa.string()),
            "substance_name": pa.array([preferred[unii] for _, unii in told], pa.string()),
        }
    ).replace_schema_metadata({_PUBLISHED: published_on.encode()})
    pq.write_table(table, path, compression="zstd", compression_level=19)
    return len(told)


def _is_printed(row: FdaName) -> bool:
    """Whether a label would print a name, which is neither long nor a formula nor a brand."""
    if len(row.name) > _LONGEST_NAME or _NOT_PRINTED.search(row.name):
        return False
    is_word = row.kind == _SYSTEMATIC and _WORDS_ONLY.fullmatch(row.name) is not None
    return row.kind in _KINDS or is_word or row.name == row.preferred


def _only(key: str, uniis: set[str], preferred: dict[str, str]) -> str | None:
    """The substance that a name means, of those that have it; None if it could mean two."""
    own = uniis if len(uniis) == 1 else {unii for unii in uniis if fold(preferred[unii]) == key}
    return next(iter(own)) if len(own) == 1 else None
