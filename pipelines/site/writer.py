"""Writes the files of the catalogue: only those that have changed, each whole or not at all."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.release.layout import inside
from pipelines.site import places

_UNFINISHED = ".part"
_HEAD = 1024  # bytes: the stamp of a page stands among the first lines


@dataclass(slots=True)
class Writer:
    """Keeps account of what belongs to the catalogue; `finish` removes the rest of its folder."""

    outputs: Path
    written: int = 0
    size: int = 0
    _kept: set[str] = field(default_factory=set)

    @property
    def files(self) -> int:
        """How many files the catalogue has."""
        return len(self._kept)

    def put(self, place: str, data: bytes) -> None:
        """Gives the file at a place these bytes, and leaves it alone where it has them."""
        path = inside(self.outputs, place)
        self._kept.add(place)
        self.size += len(data)
        try:
            if path.stat().st_size == len(data) and path.read_bytes() == data:
                return
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(path.name + _UNFINISHED)
        unfinished.write_bytes(data)
        unfinished.replace(path)
        self.written += 1

    def keep(self, place: str, stamp: str) -> bool:
        """True, and the page stays, where it says at its beginning that it has this stamp."""
        try:
            with inside(self.outputs, place).open("rb") as file:
                is_same = stamp.encode() in file.read(_HEAD)
                size = os.fstat(file.fileno()).st_size
        except FileNotFoundError:
            return False
        if is_same:
            self._kept.add(place)
            self.size += size
        return is_same

    def finish(self) -> int:
        """Removes what the catalogue no longer holds, but no notebooks; gives how many files that were."""
        root = inside(self.outputs, places.SITE)
        gone = 0
        for parent, folders, names in os.walk(root):
            if Path(parent) == root:
                folders[:] = [name for name in folders if name != Path(places.NOTEBOOKS).name]
            for path in (Path(parent, name) for name in names):
                if path.relative_to(self.outputs).as_posix() not in self._kept:
                    path.unlink()
                    gone += 1
        return gone
