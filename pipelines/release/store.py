"""Where releases are kept: what a folder on a disk (`folder`) and a bucket in an object store (`bucket`) both can do.

Files have names with `/` between parts. There are two ways to write, and no third: `put_new` never replaces anything,
and `replace` swaps a whole file. A reader sees a file whole or not at all.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from pipelines.release.folder import Folder

Place = str | Path
BUCKETS = ("s3", "gs", "az", "abfs", "abfss")  # schemes of the addresses of object stores


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
