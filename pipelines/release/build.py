"""What a release was made from and with, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

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
