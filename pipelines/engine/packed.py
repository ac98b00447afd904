"""Documents packed into one file: a table in Parquet, lines of JSON, an archive, or a bulk file of openFDA.

    *.parquet                           columns `name` and `text`, one row for each document
    *.jsonl   *.jsonl.zst               an object with `name` and `text` on each line
    *.tar     *.tar.zst     *.tar.gz    a member for each document; pictures and hidden files are left alone
    *.zip     *.gz                      the same, and archives in archives (see `documents.archive`)
    *.json                              a record for each document, if the file holds many

The seed_id of a document is the path of the packed file, `/`, and its name there, or `#` and its JSON pointer. A packed
file is read as a stream: one that is cut short gives the documents before the cut, and an error finding under its own
name.
"""

from __future__ import annotations

import json
import os
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Self, TypeGuard

import ijson
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.documents import archive, openfda
from pipelines.engine.seed_file import (
    LARGEST,
    UNREADABLE,
    NoFileError,
    SeedFile,
    cannot_open,
    opened,
    refuse_if_gone,
    too_large,
)
from pipelines.records import Finding, FindingCode

_BROKEN = FindingCode("SEED_PACK_BROKEN")
_REPEATED = FindingCode("SEED_NAME_REPEATED")
_EMPTY = FindingCode("SEED_PACK_EMPTY")
_UNSAFE = FindingCode("SEED_UNSAFE")
_ROWS_AT_ONCE = 256
_BEGINNING = 2**16
_LONGEST_HEADER = 2**16  # bytes of a name, or of what else a tar says of a member
_MOST_BLANK_LINES = 2**20
_BLOCK = 512  # bytes: a tar file is made of these
_LONGEST_LINE = 2 * LARGEST  # of JSON, in which a character may take six bytes

Packed = tuple[object, object]  # its name; its text, bytes, or the finding that says why there are none
Reader = Callable[[BinaryIO], Iterator[Packed]]


def packed_seeds(path: Path, seed_id: str) -> Iterator[SeedFile]:
    """The documents of one packed file, in the order they have there; a file that holds none is a finding."""
    names: set[str] = set()
    number = 0
    try:
        with opened(path) as (file, whole):
            for number, (document, size) in enumerate(_documents(file, seed_id), start=1):
                if number > whole:
                    raise archive.UnsafeError("it holds more documents than bytes")  # noqa: TRY301  (as those who read do)
                yield _seed(seed_id, number, document, size, names)
    except FileNotFoundError as error:
        refuse_if_gone(path, error)
        yield SeedFile(seed_id, problem=cannot_open(seed_id, error))
    except NoFileError as error:
        yield SeedFile(seed_id, problem=cannot_open(seed_id, error))
    except archive.UnsafeError as error:
        message = f"The archive {seed_id} is not read any further, since {error}; give its documents in another way."
        yield SeedFile(seed_id, problem=Finding(_UNSAFE, message))
    except _FAULTS as error:
        message = (
            f"The packed file {seed_id} cannot be read any further than document {number} ({_first_line(error)}); "
            "what follows is left out. Pack it again."
        )
        yield SeedFile(seed_id, problem=Finding(_BROKEN, message))
    else:
        if not number:
            message = f"The packed file {seed_id} holds no document; put documents into it, or take it away."
            yield SeedFile(seed_id, problem=Finding(_EMPTY, message))


class _PackError(ValueError):
    """A packed file is not of its format."""


# What the libraries that take files apart raise for bytes that nobody has packed so.
_FAULTS = (
    OSError,
    EOFError,
    ArithmeticError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
    pa.ArrowException,
    struct.error,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    ijson.JSONError,
)


def _documents(file: BufferedReader, pack: str) -> Iterator[tuple[Packed, int]]:
    """The documents of a file, each with the bytes that it takes of it."""
    reader = _reader_of(pack)
    if reader is None:
        found = archive.members(file, pack, LARGEST) if archive.is_archive(pack) else archive.records(file)
        yield from (((member.name, member.problem or member.data), member.size) for member in found)
        return
    at = 0
    for document in reader(file):
        before, at = at, max(at, file.tell())
        yield document, at - before


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".") or type(error).__name__


def _seed(pack: str, number: int, document: Packed, size: int, names: set[str]) -> SeedFile:
    """The document, or why it is left out; `names` are those of the documents before it."""
    name, text = document
    if name == "" and isinstance(text, Finding):
        return SeedFile(pack, problem=text)
    if not _is_name(name) or name in names:
        problem = text if isinstance(text, Finding) else _name_problem(pack, number, name)
        return SeedFile(f"{pack}/#{number}", problem=problem, size=size)
    names.add(name)
    seed_id = f"{pack}{name}" if name.startswith("#/") else f"{pack}/{name}"
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
    if not isinstance(name, str) or not name or (name.startswith("#") and not name.startswith("#/")):
        return False
    parts = PurePosixPath(name).parts
    return "/".join(parts) == name and ".." not in parts and name.isprintable()


def _rows_of_parquet(file: BinaryIO) -> Iterator[Packed]:
    missing = {"name", "text"} - set(pq.read_schema(file).names)
    if missing:
        raise _PackError(f"it has no column {' and '.join(sorted(missing))}")
    # Equal texts, which a file holds once, are held once here, too.
    table = pq.ParquetFile(file, page_checksum_verification=True, read_dictionary=["name", "text"])
    groups = (table.metadata.row_group(number) for number in range(table.num_row_groups))
    size = os.fstat(file.fileno()).st_size
    archive.Budget(size, LARGEST).spend(sum(group.total_byte_size for group in groups))
    budget = archive.Budget(size, LARGEST)
    for batch in table.iter_batches(_ROWS_AT_ONCE, columns=["name", "text"]):
        for name, text in zip(batch["name"], (text.as_py() for text in batch["text"]), strict=True):
            budget.spend(len(text or ""))
            yield name.as_py(), text


def _lines_of_json(file: BinaryIO) -> Iterator[Packed]:
    blank = 0
    while line := file.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise _PackError(f"a line has more than {_LONGEST_LINE} bytes")
        if line.strip():
            yield _json_document(line)
        elif (blank := blank + 1) > _MOST_BLANK_LINES:
            raise archive.UnsafeError("it holds a million blank lines")


def _json_document(line: bytes) -> Packed:
    try:
        found = json.loads(line)
        return found["name"], found["text"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        message = f"A line is no JSON object with name and text ({type(error).__name__}: {error}); mend or remove it."
        return None, Finding(UNREADABLE, message)


class _Member(tarfile.TarInfo):
    """A member whose name is read into memory only if it is as short as names are."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """The header of a member; raises UnsafeError."""
        member = super().frombuf(buf, encoding, errors)
        if member.type in _HEADERS and member.size > _LONGEST_HEADER:
            raise archive.UnsafeError(f"the name of a member has {member.size} bytes")
        return member


_HEADERS = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE, b"X")


def _members_of_tar(file: BinaryIO) -> Iterator[Packed]:
    # As a stream, so that no member is held but the one at hand.
    with tarfile.open(fileobj=file, mode="r|", tarinfo=_Member) as tar:
        for member in tar:
            tar.members = []  # type: ignore[attr-defined]  # tarfile keeps what it has passed, and a million members fill the memory
            if not member.isdir() and archive.is_document(member.name):
                yield member.name.removeprefix("./"), _member_text(tar, member)


def _member_text(tar: tarfile.TarFile, member: tarfile.TarInfo) -> object:
    if not member.isreg():
        return Finding(UNREADABLE, f"The member {member.name} is a link or no file; pack the document itself.")
    if member.size > LARGEST:
        return too_large(member.name, member.size)
    held = tar.extractfile(member)
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


def _unpacked(read: Reader, codec: str = "zstd") -> Reader:
    """A reader of what a compressed stream was made of."""

    def reader(file: BinaryIO) -> Iterator[Packed]:
        stream = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), codec)
        yield from read(archive.within_budget(stream, os.fstat(file.fileno()).st_size))

    return reader


_READERS: dict[str, Reader] = {
    ".parquet": _rows_of_parquet,
    ".jsonl": _lines_of_json,
    ".jsonl.zst": _unpacked(_lines_of_json),
    ".tar": _whole_tar,
    ".tar.zst": _unpacked(_members_of_tar),
    ".tar.gz": _unpacked(_members_of_tar, "gzip"),
    ".tgz": _unpacked(_members_of_tar, "gzip"),
}


def is_packed(path: Path) -> bool:
    """True for a file that holds many documents: by its name, or by its beginning if it is JSON."""
    if archive.is_archive(path.name) or _reader_of(path.name) is not None:
        return True
    return path.suffix.lower() == ".json" and _holds_records(path)


def _holds_records(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return openfda.holds_many(file.read(_BEGINNING))
    except OSError:
        return False  # it will be a finding when it is read


def _reader_of(name: str) -> Reader | None:
    return next((reader for suffix, reader in _READERS.items() if name.lower().endswith(suffix)), None)
