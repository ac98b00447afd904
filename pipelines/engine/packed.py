"""Documents packed into one file: a table in Parquet, lines of JSON, or a tar archive, the latter two also with zstd.

    *.parquet                       columns `name` and `text`, one row for each document
    *.jsonl      *.jsonl.zst        an object with `name` and `text` on each line
    *.tar        *.tar.zst          a member for each document, named *.txt; other members are left alone

The seed_id of a document is the path of the packed file, `/`, and its name there. A packed file is read as a stream:
one that is cut short gives the documents before the cut, and an error finding under its own name.
"""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, TypeGuard, cast

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.engine.seed_file import LARGEST, UNREADABLE, SeedFile, cannot_open, refuse_if_gone, too_large
from pipelines.records import Finding, FindingCode

_BROKEN = FindingCode("SEED_PACK_BROKEN")
_REPEATED = FindingCode("SEED_NAME_REPEATED")
_ROWS_AT_ONCE = 256
_BLOCK = 512  # bytes: a tar file is made of these
_MEMBER = ".txt"
_LONGEST_LINE = 2 * LARGEST  # of JSON, in which a character may take six bytes

Packed = tuple[object, object]  # its name; its text, bytes, or the finding that says why there are none
Reader = Callable[[BinaryIO], Iterator[Packed]]


def packed_seeds(path: Path, seed_id: str) -> Iterator[SeedFile]:
    """The documents of one packed file, in the order they have there."""
    names: set[str] = set()
    number, at = 0, 0
    read = _reader_of(seed_id)
    try:
        with path.open("rb") as file:
            for number, document in enumerate(read(file), start=1):
                before, at = at, max(at, file.tell())
                yield _seed(seed_id, number, document, at - before, names)
    except FileNotFoundError as error:
        refuse_if_gone(path, error)
        yield SeedFile(seed_id, problem=cannot_open(seed_id, error))
    except (OSError, EOFError, pa.ArrowException, tarfile.TarError, UnicodeDecodeError, _PackError) as error:
        message = (
            f"The packed file {seed_id} cannot be read any further than document {number} ({_first_line(error)}); "
            "what follows is left out. Pack it again."
        )
        yield SeedFile(seed_id, problem=Finding(_BROKEN, message))


class _PackError(ValueError):
    """A packed file is not of its format."""


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".") or type(error).__name__


def _seed(pack: str, number: int, document: Packed, size: int, names: set[str]) -> SeedFile:
    """The document, or why it is left out; `names` are those of the documents before it."""
    name, text = document
    if not _is_name(name) or name in names:
        problem = text if isinstance(text, Finding) else _name_problem(pack, number, name)
        return SeedFile(f"{pack}/#{number}", problem=problem, size=size)
    names.add(name)
    seed_id = f"{pack}/{name}"
    if isinstance(text, Finding):
        return SeedFile(seed_id, problem=text, size=size)
    if not isinstance(text, str | bytes):
        message = f"Document {number} of {pack}, {name!r}, has no text; give it one or take it away."
        return SeedFile(seed_id, problem=Finding(UNREADABLE, message), size=size)
    data = text if isinstance(text, bytes) else text.encode("utf-8", errors="surrogatepass")
    if len(data) > LARGEST:
        return SeedFile(seed_id, problem=too_large(seed_id, len(data)), size=size)
    return SeedFile(seed_id, data, size=size)


def _name_problem(pack: str, number: int, name: object) -> Finding:
    if _is_name(name):
        message = f"Document {number} of {pack} has the name {name!r} of an earlier one; give it another name."
        return Finding(_REPEATED, message)
    message = f"Document {number} of {pack} has no usable name ({name!r}); give it a relative path."
    return Finding(UNREADABLE, message)


def _is_name(name: object) -> TypeGuard[str]:
    """True for a relative path that is written in the one way it can be written, and is no number of a document."""
    if not isinstance(name, str) or not name or name.startswith("#"):
        return False
    parts = PurePosixPath(name).parts
    return "/".join(parts) == name and ".." not in parts and name.isprintable()


def _rows_of_parquet(file: BinaryIO) -> Iterator[Packed]:
    table = pq.ParquetFile(file, page_checksum_verification=True)
    missing = {"name", "text"} - set(table.schema_arrow.names)
    if missing:
        raise _PackError(f"it has no column {' and '.join(sorted(missing))}")
    for batch in table.iter_batches(_ROWS_AT_ONCE, columns=["name", "text"]):
        yield from zip(batch["name"].to_pylist(), batch["text"].to_pylist(), strict=True)


def _lines_of_json(file: BinaryIO) -> Iterator[Packed]:
    while line := file.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise _PackError(f"a line has more than {_LONGEST_LINE} bytes")
        if line.strip():
            yield _json_document(line)


def _json_document(line: bytes) -> Packed:
    try:
        found = json.loads(line)
        return found["name"], found["text"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        message = f"A line is no JSON object with name and text ({type(error).__name__}: {error}); mend or remove it."
        return None, Finding(UNREADABLE, message)


def _members_of_tar(file: BinaryIO) -> Iterator[Packed]:
    # As a stream, so that no member is held but the one at hand.
    with tarfile.open(fileobj=file, mode="r|") as archive:
        for member in archive:
            archive.members = []  # type: ignore[attr-defined]  # tarfile keeps what it has passed, and a million members fill the memory
            if member.name.lower().endswith(_MEMBER):
                yield member.name.removeprefix("./"), _member_text(archive, member)


def _member_text(archive: tarfile.TarFile, member: tarfile.TarInfo) -> object:
    if not member.isreg():
        return Finding(UNREADABLE, f"The member {member.name} is a link or no file; pack the document itself.")
    if member.size > LARGEST:
        return too_large(member.name, member.size)
    held = archive.extractfile(member)
    data = held.read() if held else b""
    if len(data) != member.size:
        raise _PackError("unexpected end of data")
    return data


def _whole_tar(file: BinaryIO) -> Iterator[Packed]:
    """A tar ends with a block of zeros; without it, a cut between two members would look like an end."""
    yield from _members_of_tar(file)
    file.seek(-_BLOCK, os.SEEK_END)
    if any(file.read(_BLOCK)):
        raise _PackError("it has no end, so it was cut short")


def _unpacked(read: Reader) -> Reader:
    """A reader of what a zstd stream was made of."""

    def reader(file: BinaryIO) -> Iterator[Packed]:
        stream = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")
        yield from read(cast("BinaryIO", io.BufferedReader(stream)))

    return reader


_READERS: dict[str, Reader] = {
    ".parquet": _rows_of_parquet,
    ".jsonl": _lines_of_json,
    ".jsonl.zst": _unpacked(_lines_of_json),
    ".tar": _whole_tar,
    ".tar.zst": _unpacked(_members_of_tar),
}


def is_packed(name: str) -> bool:
    """True for the name of a file that holds many documents."""
    return name.lower().endswith(tuple(_READERS))


def _reader_of(name: str) -> Reader:
    return next(reader for suffix, reader in _READERS.items() if name.lower().endswith(suffix))
