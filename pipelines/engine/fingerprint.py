"""What a reading depends on apart from its document: the code that reads, the code tables, the shape of the tables."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path

import pyarrow as pa

_ROOT = Path(__file__).parent.parent.parent
_READS = (
    "pipelines/parse",
    "pipelines/normalize",
    "pipelines/engine/batch.py",
    "pipelines/engine/reading.py",
    "pipelines/engine/seed_file.py",
    "pipelines/engine/seed_metadata.py",
    "pipelines/corrections.py",
    "pipelines/errors.py",
    "pipelines/records.py",
    "pipelines/tables/rows.py",
    "schemas/codes",
    "schemas/tables",
)


def files_that_read() -> list[Path]:
    """Every source file and code table that has a say in what is read of a document."""
    found = [path for name in _READS for path in (_ROOT / name, *(_ROOT / name).rglob("*"))]
    return sorted(path for path in found if path.suffix in {".py", ".csv"})


def _fingerprint() -> str:
    digest = hashlib.sha256(f"{platform.python_version()} {pa.__version__}\n".encode())
    for path in files_that_read():
        digest.update(
            f"{path.relative_to(_ROOT).as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
        )
    return digest.hexdigest()


# Taken once, when the code is loaded: a process that lives on while files are edited still reads as it was loaded.
READS_AS = _fingerprint()
