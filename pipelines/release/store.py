"""Where releases are kept: a folder on a local disk, or a bucket in an object store (`bucket`).

Files have names with `/` between parts. There are two ways to write, and no third: `put_new` never replaces anything,
and `replace` swaps a whole file. A reader sees a file whole or not at all: in a folder, files are finished and flushed
in `.scratch` and then linked or renamed into place.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipelines.locks import lock, locked
from pipelines.release.failures import OutputsUnusableError
from pipelines.release.layout import inside, names_in, open_file, strange_names_in

Place = str | Path


class Store(Protocol):
    """Files by name. Each raises OSError or OutputsUnusableError where the place cannot be used."""

    @property
    def least_rest_days(self) -> float:
        """Days for which a file that nobody needs must have rested, at least, before it may be removed."""

    def where(self, name: str = "") -> str:
        """A file, or the whole place, as a person would name it."""

    def is_there(self) -> bool:
        """False where a person has named a place that does not exist."""

    def read(self, name: str) -> bytes | None:
        """The bytes of a file; None where there is none."""

    def names(self, prefix: str) -> list[str]:
        """Every file below `prefix`, relative to it, by code point."""

    def strange_names(self, prefix: str) -> list[tuple[str, str]]:
        """What is no file below `prefix`, relative to it, with what it is."""

    def local_file(self, name: str) -> AbstractContextManager[Path]:
        """A file on a local disk, to be read only; FileNotFoundError, now or when it is read, where there is none."""

    def local_folder(self, prefix: str) -> AbstractContextManager[Path]:
        """Every file below `prefix` on a local disk, to be read only; a folder that may not exist where there is none.

        These are the bytes that a reader would get now.
        """

    def days_at_rest(self, prefix: str) -> float:
        """Days since anything below `prefix` was last written, by the clock of the place."""

    def put_new(self, name: str, source: Path) -> bool:
        """Gives the finished file `source` its name; False, and nothing done, where the name is taken."""

    def replace(self, name: str, data: bytes) -> None:
        """Puts a whole file in the place of another."""

    def delete(self, name: str) -> None:
        """Takes a file away."""

    def settle(self, prefix: str) -> None:
        """Returns when the names below `prefix`, and `prefix` itself, would outlive a loss of power."""

    def probe(self) -> None:
        """Raises OutputsUnusableError where a name can be given twice: publishing rests on that it cannot."""

    def scratch(self) -> AbstractContextManager[Path]:
        """A folder on a local disk of one's own, gone afterwards."""

    def alone(self) -> AbstractContextManager[int]:
        """As far as the place can tell, nobody else writes until it ends; gives how much scratch was cleared away."""


def store_at(place: Place) -> Store:
    """The store at a URL such as `s3://bucket/prefix`, or in a folder."""
    if isinstance(place, str) and "://" in place:
        from pipelines.release.bucket import bucket_at  # noqa: PLC0415  (slow, and a folder does not need it)

        return bucket_at(place)
    return Folder(Path(place))


# --- Releases in a folder on a local disk


_SCRATCH = ".scratch"
_SECONDS_A_DAY = 86_400


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
        return str(self.root / name)

    def is_there(self) -> bool:
        """True where the folder has been made."""
        return self.root.is_dir()

    def path(self, name: str) -> Path:
        """The file of that name on disk; raises OutputsUnusableError if it is reached through a link."""
        return inside(self.root, name)

    def read(self, name: str) -> bytes | None:
        """The bytes of a file; None where there is none."""
        try:
            with open_file(self.path(name)) as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def names(self, prefix: str) -> list[str]:
        """Every file below `prefix`, relative to it."""
        return names_in(self.path(prefix))

    def strange_names(self, prefix: str) -> list[tuple[str, str]]:
        """Links, pipes, devices and folders without a file below `prefix`."""
        return sorted(strange_names_in(self.path(prefix)))

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
            if target.is_file():
                return False
            message = f"{target}: is no file, and a release needs that name; remove it, and run again."
            raise OutputsUnusableError(message) from None
        return True

    def replace(self, name: str, data: bytes) -> None:
        """Puts a whole file in the place of another."""
        with self.scratch() as scratch:
            source = scratch / "file"
            source.write_bytes(data)
            _flush(source)
            source.replace(self.path(name))
        _flush(self.path(name).parent)

    def replace_by(self, name: str, source: Path) -> None:
        """Puts the finished file `source`, which is in `scratch`, in the place of another."""
        target = self.path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        _flush(source)
        source.replace(target)
        _flush(target.parent)

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
        with locked(parent):
            _remove_abandoned(parent)
            own = Path(tempfile.mkdtemp(dir=parent))
            handle = lock(own)
        try:
            yield own
        finally:
            shutil.rmtree(own, ignore_errors=True)
            os.close(handle)

    @contextmanager
    def alone(self) -> Iterator[int]:
        """Nobody else writes until it ends. Gives how many folders of scratch killed processes had left, now gone.

        Raises OutputsUnusableError where somebody is writing.
        """
        parent = self.path(_SCRATCH)
        parent.mkdir(parents=True, exist_ok=True)
        with locked(parent):
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


def _remove_abandoned(parent: Path) -> None:
    for folder in parent.iterdir():
        with suppress(BlockingIOError, FileNotFoundError), locked(folder, wait=False):
            shutil.rmtree(folder, ignore_errors=True)
