"""Releases in a folder on a local disk.

A reader sees a file whole or not at all, because files are finished and flushed in `.scratch` and then linked or
renamed into place.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from pipelines.release.errors import OutputsUnusableError

_SCRATCH = ".scratch"
_SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class FileFact:
    """What a checksum file says of a file."""

    bytes: int
    sha256: str


def fact_of(path: Path) -> FileFact:
    """Size and SHA-256 of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return FileFact(file.tell(), digest.hexdigest())


def names_in(folder: Path) -> list[str]:
    """Every file below a folder, by code point; none where there is no such folder."""
    if not folder.is_dir():
        return []
    found = (Path(parent) / name for parent, _, names in os.walk(folder, onerror=_refuse) for name in names)
    return sorted(path.relative_to(folder).as_posix() for path in found)


def _refuse(error: OSError) -> None:
    """A folder that cannot be read is not an empty one."""
    raise error


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder; see `Store` for what each method promises."""

    root: Path

    @property
    def least_rest_days(self) -> float:
        """None at all: a lock tells who is writing."""
        return 0.0

    def where(self, name: str = "") -> str:
        """The path of a file."""
        return str(self.path(name))

    def is_there(self) -> bool:
        """True where the folder has been made."""
        return self.root.is_dir()

    def path(self, name: str) -> Path:
        """The file of that name on disk."""
        return self.root / name

    def read(self, name: str) -> bytes | None:
        """The bytes of a file; None where there is none."""
        try:
            return self.path(name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def names(self, prefix: str) -> list[str]:
        """Every file below `prefix`, relative to it."""
        return names_in(self.path(prefix))

    def local_file(self, name: str) -> AbstractContextManager[Path]:
        """The file itself."""
        return nullcontext(self.path(name))

    def local_folder(self, prefix: str) -> AbstractContextManager[Path]:
        """The folder itself."""
        return nullcontext(self.path(prefix))

    def days_at_rest(self, prefix: str) -> float:
        """By the clock of the disk that holds the files."""
        written = max((self.path(prefix) / name).stat().st_mtime for name in self.names(prefix))
        with tempfile.TemporaryFile(dir=self.root) as now:
            return (os.fstat(now.fileno()).st_mtime - written) / _SECONDS_A_DAY

    def put_new(self, name: str, source: Path) -> bool:
        """Gives the finished file `source` its name; False, and nothing done, where the name is taken."""
        target = self.path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        _flush(source)
        try:
            os.link(source, target)
        except FileExistsError:
            return False
        return True

    def replace(self, name: str, data: bytes) -> None:
        """Puts a whole file in the place of another."""
        with self.scratch() as scratch:
            source = scratch / "file"
            source.write_bytes(data)
            _flush(source)
            source.replace(self.path(name))
        _flush(self.path(name).parent)

    def delete(self, name: str) -> None:
        """Takes a file away, and the folders that it leaves empty."""
        path = self.path(name)
        path.unlink(missing_ok=True)
        with suppress(OSError):
            for parent in path.relative_to(self.root).parents[:-1]:
                self.path(parent.as_posix()).rmdir()

    def settle(self, prefix: str) -> None:
        """Returns when the names below `prefix`, and `prefix` itself, would outlive a loss of power."""
        for parent, _, _ in os.walk(self.path(prefix)):
            _flush(Path(parent))
        _flush(self.path(prefix).parent)
        _flush(self.root)

    def probe(self) -> None:
        """Raises OutputsUnusableError where a name can be given twice: publishing rests on that it cannot."""
        with self.scratch() as scratch:
            source, target = scratch / "probe", scratch / "taken"
            source.write_bytes(b"")
            os.link(source, target)
            with suppress(FileExistsError):
                os.link(source, target)
                message = f"{self.root}: this file system gives one name to two files; name a folder on another one."
                raise OutputsUnusableError(message)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder of one's own on the same disk, gone afterwards. What killed processes left there goes too."""
        parent = self.path(_SCRATCH)
        parent.mkdir(parents=True, exist_ok=True)
        with _locked(parent):
            _remove_abandoned(parent)
            own = Path(tempfile.mkdtemp(dir=parent))
            lock = _lock(own)
        try:
            yield own
        finally:
            shutil.rmtree(own, ignore_errors=True)
            os.close(lock)

    @contextmanager
    def alone(self) -> Iterator[int]:
        """Nobody else writes until it ends. Gives how many folders of scratch killed processes had left, now gone.

        Raises OutputsUnusableError where somebody is writing.
        """
        parent = self.path(_SCRATCH)
        parent.mkdir(parents=True, exist_ok=True)
        with _locked(parent):
            before = len(list(parent.iterdir()))
            _remove_abandoned(parent)
            if any(parent.iterdir()):
                message = f"{self.root}: somebody is writing there; run again when that is done."
                raise OutputsUnusableError(message)
            yield before


def _flush(path: Path) -> None:
    """Asks the system to write a file, or the names in a folder, to the disk now."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _lock(folder: Path, *, wait: bool = True) -> int:
    """Holds a folder until the handle is closed or the process dies; BlockingIOError where another holds it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(handle)
        raise
    return handle


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    handle = _lock(folder)
    try:
        yield
    finally:
        os.close(handle)


def _remove_abandoned(parent: Path) -> None:
    for folder in parent.iterdir():
        with suppress(BlockingIOError, FileNotFoundError):
            handle = _lock(folder, wait=False)
            shutil.rmtree(folder, ignore_errors=True)
            os.close(handle)
