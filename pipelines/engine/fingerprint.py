"""What a reading depends on apart from its document: the code that reads, the code tables, the shape of the tables."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path

import pyarrow as pa

_ROOT = Path(__file__).parent.parent.parent
# Rooms that come after the tables and have no say in what is read; a new room counts until it is named here.
_COMES_AFTER = ("cli.py", "command", "definitions.py", "defs", "release", "site")


def files_that_read() -> list[Path]:
    """Every source file and code table that may have a say in what is read of a document."""
    rooms = (path for path in (_ROOT / "pipelines").iterdir() if path.name not in _COMES_AFTER)
    found = [path for room in (*rooms, _ROOT / "schemas") for path in (room, *room.rglob("*"))]
    return sorted(path for path in found if path.suffix in {".py", ".csv", ".parquet"})


def _fingerprint() -> str:
    digest = hashlib.sha256(f"{platform.python_version()} {pa.__version__}\n".encode())
    for path in files_that_read():
        digest.update(
            f"{path.relative_to(_ROOT).as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
        )
    return digest.hexdigest()


# Taken once, when the code is loaded: a process that lives on while files are edited still reads as it was loaded.
READS_AS = _fingerprint()
