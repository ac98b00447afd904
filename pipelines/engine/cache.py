"""What was read before: a folder of a few Arrow files, each a stream of batches under the keys of their documents.

    <folder>/*.arrows    metadata `reads_as`; columns  keys: list of binary(32), sha256: binary(32), batch: binary

A row is one batch as `read_batch` gave it; `sha256` is that of keys and batch. Rows are flushed as they come, so that a
process that is killed loses what it was reading and nothing else. A row that is cut or altered is passed over, and a
file of other code, other code tables or another origin is taken away: what is not certain is read again.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa

from pipelines.engine.batch import rows_in
from pipelines.errors import MonographsError

_KEY = 32
_SCHEMA = pa.schema({"keys": pa.list_(pa.binary(_KEY)), "sha256": pa.binary(_KEY), "batch": pa.large_binary()})
_SUFFIX = ".arrows"
_MOST_FILES = 8
LARGE = 2**25  # bytes as they are kept, compressed: about eight times as many as tables
_Kept = tuple[list[bytes], bytes]  # the keys of documents, and the batch that they were read to


class CacheError(MonographsError):
    """The folder of the cache cannot be used: names it, and what to do."""


class Cache:
    """Batches by the keys of their documents: keys in memory, batches on disk."""

    def __init__(self, folder: Path, reads_as: str) -> None:
        """Opens a folder, or makes it. `reads_as` is the fingerprint of what reads; batches of another are not kept."""
        self._folder = folder
        self._schema = _SCHEMA.with_metadata({b"reads_as": reads_as.encode()})
        self._files: dict[Path, BinaryIO] = {}
        self._passing: list[_Kept] = []
        self._stream: pa.RecordBatchStreamWriter | None = None
        if folder.is_symlink():
            raise CacheError(f"{folder}: is a link, and nothing is written through one; name its folder with --cache.")
        with _using(folder):
            folder.mkdir(parents=True, exist_ok=True)
            for path in sorted(folder.glob(f"*{_SUFFIX}")):
                self._open(path)
            self._keys = {key for keys, _ in self._rows(list(self._files)) for key in keys}

    def _open(self, path: Path) -> None:
        """Keeps the file open, so that nobody who tidies up meanwhile takes it away from us."""
        file = path.open("rb")
        if _schema_of(file) == self._schema.metadata:
            self._files[path] = file
        else:
            file.close()
            path.unlink(missing_ok=True)

    def __contains__(self, key: bytes) -> bool:
        """True if the document of that key need not be read again."""
        return key in self._keys

    def add(self, keys: Sequence[bytes], batch: bytes, *, is_lasting: bool = True) -> None:
        """Keeps a batch, for this run alone if it is not lasting."""
        self._keys.update(keys)
        if not is_lasting:
            self._passing.append((list(keys), batch))
            return
        with _using(self._folder):
            self._stream = self._stream or self._new_stream()
            self._stream.write_batch(_row(keys, batch))
            list(self._files.values())[-1].flush()

    def _new_stream(self) -> pa.RecordBatchStreamWriter:
        handle, name = tempfile.mkstemp(_SUFFIX, dir=self._folder)
        file = os.fdopen(handle, "w+b")
        self._files[Path(name)] = cast("BinaryIO", file)
        return pa.ipc.new_stream(file, self._schema)

    def batches(self, wanted: Collection[bytes]) -> Iterator[pa.RecordBatch]:
        """What was read of the documents of these keys, each once; raises CacheError if one has been lost."""
        left = set(wanted)
        for keys, data in self._rows(list(self._files)):
            rows = [number for number, key in enumerate(keys) if key in left]
            left.difference_update(keys)
            if rows:
                batch = rows_in(data)
                yield batch if len(rows) == len(keys) else batch.take(pa.array(rows))
        if left:
            message = f"{self._folder}: was changed by somebody else while it was in use; run again."
            raise CacheError(message)

    def _rows(self, paths: Sequence[Path]) -> Iterator[_Kept]:
        for path in paths:
            yield from _whole_rows(self._files[path])
        yield from self._passing

    def tidy(self, wanted: Collection[bytes]) -> None:
        """Puts many files into one, and leaves out what is no longer wanted if that is most of it."""
        if len(self._files) <= _MOST_FILES and len(self._keys) <= 2 * len(wanted):
            return
        before, left = list(self._files), set(wanted)
        self._stream = None
        for keys, batch in self._rows(before):
            if left.intersection(keys):
                self.add(keys, batch)
                left.difference_update(keys)
        with _using(self._folder):
            for path in before:
                self._files.pop(path).close()
                path.unlink(missing_ok=True)

    def room_for_tables(self) -> Path | None:
        """The folder, if what it holds makes tables that should not stay in memory."""
        size = sum(os.fstat(file.fileno()).st_size for file in self._files.values())
        return self._folder if size > LARGE else None

    def close(self) -> None:
        """Lets go of the files."""
        with _using(self._folder):
            for file in self._files.values():
                file.close()
        self._files.clear()


def _row(keys: Sequence[bytes], batch: bytes) -> pa.RecordBatch:
    row = {"keys": list(keys), "sha256": _sha256(keys, batch), "batch": batch}
    return pa.RecordBatch.from_pylist([row], schema=_SCHEMA)


def _sha256(keys: Sequence[bytes], batch: bytes) -> bytes:
    digest = hashlib.sha256(b"".join(keys))
    digest.update(batch)
    return digest.digest()


def _schema_of(file: BinaryIO) -> object:
    """What the file says of itself; None if it is none of ours."""
    try:
        schema = pa.ipc.open_stream(file).schema
    except (pa.ArrowException, OSError, EOFError):
        return None
    return schema.metadata if schema.equals(_SCHEMA) else None


def _whole_rows(file: BinaryIO) -> Iterator[_Kept]:
    """The rows of a file that are what was written; none after a cut."""
    file.seek(0)
    try:
        stream = pa.ipc.open_stream(file)
        for batch in stream:
            batch.validate(full=True)
            keys, sha256, data = (batch[name][0].as_py() for name in _SCHEMA.names)
            if _sha256(keys, data) == sha256:
                yield keys, data
    except (pa.ArrowException, OSError, EOFError, TypeError, IndexError):
        return
    finally:
        file.seek(0, os.SEEK_END)


@contextmanager
def _using(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = (
            f"{folder}: the cache cannot be used ({error.strerror or error}); mend that, name another folder with "
            "--cache, or go without one with --cache none."
        )
        raise CacheError(message) from error
