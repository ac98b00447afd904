"""What a release was made from and with, as a value."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa

import pipelines
import schemas
from pipelines.engine.seed_metadata import metadata_digests
from pipelines.engine.seeds import seeds_in
from pipelines.release.digest import fingerprint


@dataclass(frozen=True)
class BuildInfo:
    """The inputs and the circumstances of a build.

    `inputs` are the seeds, and the tables beside them, with their SHA-256. `rules` is the digest of code, code tables
    and schemas. Neither `commit` nor anything after it decides whether work is done: they are only told.
    """

    inputs: tuple[tuple[str, str], ...]
    rules: str
    tools: tuple[tuple[str, str], ...]
    commit: str | None = None
    lock_file: str | None = None
    host: str | None = None
    built_at: str | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Equal for equal inputs, rules and libraries: then there is nothing to build."""
        return fingerprint({"inputs": sorted(self.inputs), "rules": self.rules, "tools": sorted(self.tools)})


# --- What a build starts from: seeds, the tables beside them, code and tools. Only here are time and host asked for


_LIBRARIES = ("duckdb", "pandas", "pandera", "pyarrow")
_UNREADABLE = "unreadable"
_SHOWS_ONLY = "pipelines/site/"  # pages show a release and have no say in what is in it


Inputs = Iterable[tuple[str, str]]  # names with their SHA-256


def inputs_in(folder: Path) -> Inputs:
    """What a folder of seeds holds now; raises SeedsError where it holds none."""
    yield from ((seed.seed_id, seed.sha256 or _UNREADABLE) for seed in seeds_in(folder))
    yield from metadata_digests(folder).items()


def inputs_read(seeds: pa.Table, metadata: Mapping[str, str]) -> Inputs:
    """What the table `seeds` was read from, and the digests of the tables of seed metadata as they were read.

    A seed that broke its reader counts as unreadable, so that the next run tries it again.
    """
    yield from zip(seeds["seed_id"].to_pylist(), seeds["sha256"].fill_null(_UNREADABLE).to_pylist(), strict=True)
    yield from metadata.items()


def build_info(inputs: Inputs) -> BuildInfo:
    """The build that the present code makes of these inputs."""
    root = Path(pipelines.__file__).parent.parent
    return BuildInfo(
        inputs=tuple(inputs),
        rules=rules_now(),
        tools=(("python", platform.python_version()), *((name, version(name)) for name in _LIBRARIES)),
        commit=_commit(root),
        lock_file=_sha256(root / "requirements.lock"),
        host=platform.node(),
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),  # noqa: TID251  (build.json alone knows a clock)
    )


def rules_now() -> str:
    """The digest of the present code, code tables and schemas."""
    return rules_digest(Path(package.__path__[0]) for package in (pipelines, schemas))


def rules_digest(packages: Iterable[Path]) -> str:
    """SHA-256 of every source file and code table that makes a release, whatever folder the packages stand in."""
    found = {
        f"{package.name}/{path.relative_to(package).as_posix()}": path
        for package in packages
        for path in package.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    return fingerprint({name: _sha256(path) for name, path in found.items() if not name.startswith(_SHOWS_ONLY)})


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _commit(root: Path) -> str | None:
    """The commit of the checkout that the code stands in, with `-dirty` where it was edited since."""
    if not (root / ".git").exists():
        return None
    described = ["git", "-C", str(root), "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"]
    try:
        told = subprocess.run(described, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return None
    return told.stdout.strip()
