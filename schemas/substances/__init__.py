"""Names of substances and their UNII, by which rows join with any other data on drugs.

`names.parquet` holds the official and common names of FDA's public list of Unique Ingredient Identifiers (brand names
are left out), folded as every other word of the program is: `key`, `unii` and the `substance_name` that the list
calls official (of several, the shortest). A name is found as a whole and exactly, never by likeness. The file's
metadata says when FDA published it.
"""

from __future__ import annotations

import csv
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.codes.folding import fold

FILE = Path(__file__).parent / "names.parquet"
_KINDS = ("of", "cn")  # official names go before common ones
_COLUMNS = {"name": "Name", "kind": "TYPE", "unii": "UNII"}
_PUBLISHED = b"published"


class SubstancesError(ValueError):
    """A list of substances is not as FDA publishes it: names the file, the line and what to do."""


@dataclass(frozen=True, slots=True)
class Substance:
    """A substance: its Unique Ingredient Identifier and its official name."""

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


@cache
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


def published() -> str:
    """When FDA published the list, as `2024-12`."""
    metadata: dict[bytes, bytes] = pq.read_schema(FILE).metadata
    return metadata[_PUBLISHED].decode()


def read_fda_file(path: Path) -> Iterator[tuple[str, str, str]]:
    """Name, kind and UNII of each row of FDA's file of names (tab-separated; columns Name, TYPE, UNII).

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
            yield row[_COLUMNS["name"]], row[_COLUMNS["kind"]], row[_COLUMNS["unii"]]


def write_names(rows: Iterable[tuple[str, str, str]], published_on: str, path: Path = FILE) -> int:
    """Writes `names.parquet` from name, kind and UNII, and returns how many names it holds.

    A name that two substances have is left out: it tells neither.
    """
    kept = sorted((_KINDS.index(kind), name, unii) for name, kind, unii in rows if kind in _KINDS)
    official: dict[str, str] = {}
    for _, name, unii in sorted(kept, key=lambda row: (row[0], len(row[1]), row[1])):
        official.setdefault(unii, name)
    found: dict[str, set[str]] = {}
    for _, name, unii in kept:
        found.setdefault(fold(name), set()).add(unii)
    told = sorted((key, next(iter(uniis))) for key, uniis in found.items() if len(uniis) == 1)
    table = pa.table(
        {
            "key": pa.array([key for key, _ in told], pa.string()),
            "unii": pa.array([unii for _, unii in told], pa.string()),
            "substance_name": pa.array([official[unii] for _, unii in told], pa.string()),
        }
    ).replace_schema_metadata({_PUBLISHED: published_on.encode()})
    pq.write_table(table, path, compression="zstd", compression_level=19)
    return len(told)
