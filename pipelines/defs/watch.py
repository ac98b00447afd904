"""What folders hold, by content, found out in steps that stay short however many files there are.

A file is hashed when it is first seen, and again only if its stamp has moved. What was hashed is noted in an SQLite
file that may be lost or broken at any time: that costs time, never truth.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from pipelines.errors import MonographsError

_UNREADABLE = "unreadable"
_BATCH = 500  # files that are hashed before the notes are saved and the clock is asked
_TABLES = """
    CREATE TABLE IF NOT EXISTS noted (name BLOB PRIMARY KEY, stamp TEXT, sha256 TEXT) WITHOUT ROWID;
    CREATE TEMP TABLE seen (name BLOB PRIMARY KEY, path BLOB, stamp TEXT) WITHOUT ROWID;
"""
_FORGET_WHAT_MOVED = """
    DELETE FROM noted
    WHERE NOT EXISTS (SELECT 1 FROM seen WHERE seen.name = noted.name AND seen.stamp = noted.stamp)
"""
_NOT_NOTED = "FROM seen WHERE NOT EXISTS (SELECT 1 FROM noted WHERE noted.name = seen.name)"


class FolderUnreadableError(MonographsError):
    """A folder cannot be listed, so that nobody knows what was added to it or taken away."""


class WatchedFile(NamedTuple):
    """A file by its name below the watched folder. Whatever is written to it moves its stamp."""

    name: bytes
    path: bytes
    stamp: str


def files_in(folder: Path, name: str) -> Iterator[WatchedFile]:
    """Every file in a folder or below it, under the name that the folder is given; raises FolderUnreadableError."""
    return _below(os.fsencode(folder), name.encode() + b"/", is_root=True)


def _below(folder: bytes, prefix: bytes, *, is_root: bool = False) -> Iterator[WatchedFile]:
    for entry in _entries(folder, is_root=is_root):
        name = prefix + entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path, name + b"/")
        else:
            yield WatchedFile(name, entry.path, _stamp(entry))


def _entries(folder: bytes, *, is_root: bool) -> list[os.DirEntry[bytes]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not is_root:
            return []  # taken away since the folder above it was listed
        message = (
            f"{os.fsdecode(folder)}: cannot be listed ({error.strerror}); make it readable, or name another folder."
        )
        raise FolderUnreadableError(message) from error


def _stamp(entry: os.DirEntry[bytes]) -> str:
    """The time of the last change of any kind cannot be set back, unlike that of the last writing."""
    try:
        facts = entry.stat()
    except OSError:
        return _UNREADABLE
    return f"{facts.st_size} {facts.st_mtime_ns} {facts.st_ctime_ns} {facts.st_ino}"


def stamp_of_files(files: Iterable[WatchedFile]) -> str:
    """One digest of all names and stamps: equal if nothing has moved."""
    return _digest((file.name, file.stamp) for file in files)


class Notes:
    """What is known of the content of files: hashed in steps, kept from one step to the next."""

    def __init__(self, path: Path) -> None:
        """Notes in a file that is made if it is missing, and made anew if it is broken."""
        self._path = path

    def learn(self, files: Callable[[], Iterable[WatchedFile]], seconds: float) -> tuple[dict[str, str], int]:
        """Hashes what has moved for about so many seconds.

        Gives the digest of names and contents of each folder, and how many files are still to be hashed: as long as
        there are some, there are no digests.
        """
        try:
            return self._learn(files(), seconds)
        except sqlite3.DatabaseError:
            self._path.unlink(missing_ok=True)
            return self._learn(files(), seconds)

    def _learn(self, files: Iterable[WatchedFile], seconds: float) -> tuple[dict[str, str], int]:
        ends = time.monotonic() + seconds
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path)) as notes:
            notes.executescript(_TABLES)
            notes.executemany("INSERT INTO seen VALUES (?, ?, ?)", files)
            notes.execute(_FORGET_WHAT_MOVED)
            moved = notes.execute(f"SELECT name, path, stamp {_NOT_NOTED} ORDER BY name")
            while batch := moved.fetchmany(_BATCH):
                rows = [(name, stamp, _content(path)) for name, path, stamp in batch]
                notes.executemany("INSERT INTO noted VALUES (?, ?, ?)", rows)
                notes.commit()
                if time.monotonic() > ends:
                    break
            (left,) = notes.execute(f"SELECT count(*) {_NOT_NOTED}").fetchone()
            notes.commit()
            noted = notes.execute("SELECT name, sha256 FROM noted ORDER BY name")
            return ({} if left else _digests(noted)), left


def _content(name: bytes) -> str:
    """SHA-256 of a file; what cannot be read is said so, for the run makes a finding of it."""
    try:
        path = Path(os.fsdecode(name))
        if not path.is_file():
            return _UNREADABLE
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return _UNREADABLE


def _digests(noted: Iterable[tuple[bytes, str]]) -> dict[str, str]:
    """By folder; rows come by name."""
    folders = groupby(noted, lambda pair: pair[0].partition(b"/")[0])
    return {folder.decode(): _digest(pairs) for folder, pairs in folders}


def _digest(pairs: Iterable[tuple[bytes, str]]) -> str:
    whole = hashlib.sha256()
    for name, said in pairs:
        whole.update(b"%d %b %b\n" % (len(name), name, said.encode()))
    return whole.hexdigest()
