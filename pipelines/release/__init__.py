"""Tables to a release: versioned, immutable, and checkable by a stranger.

* `digest`: what makes two tables equal
* `prepare`: what has changed since the release before (`compare`), and which version that makes
* `changes`: what has changed, by code, row and cell, and the `delta` that makes one table from the other
* `write`: the files, Parquet and CSV, and what describes them
* `publish`: the protocol that survives anything; `store` and `log` are what it rests on
* `verify`: whether what is published is still what was published
* `catalogue`: what is published, for those who only read
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from pipelines.release.build import BuildInfo
from pipelines.release.catalogue import latest, read_index, read_release, read_tables
from pipelines.release.errors import ReleaseError, ReleaseRefusedError
from pipelines.release.inputs import build_info, inputs_in, inputs_read
from pipelines.release.publish import Published, head_fingerprint, publish, recover
from pipelines.release.quality import Check
from pipelines.release.store import Place
from pipelines.release.verify import Problem, verify
from pipelines.release.version import Bump

__all__ = [
    "BuildInfo",
    "Bump",
    "Check",
    "Problem",
    "Published",
    "ReleaseError",
    "ReleaseRefusedError",
    "head_fingerprint",
    "latest",
    "publish",
    "read_index",
    "read_release",
    "read_tables",
    "release_tables",
    "unchanged_since",
    "verify",
]


def unchanged_since(seeds: Path, outputs: Place) -> str | None:
    """The version that these seeds, this code and these libraries already made; None where there is work to do.

    Repairs what an interrupted run has left of the derived files.
    """
    head = head_fingerprint(outputs)
    if head is None or head.fingerprint != build_info(inputs_in(seeds)).fingerprint:
        return None
    recover(outputs)
    return head.version


def release_tables(  # noqa: PLR0913  (what `publish` takes)
    tables: Mapping[str, pa.Table],
    beside: Mapping[str, str],
    outputs: Place,
    checks: Sequence[Check] = (),
    *,
    accept_large_change: str | None = None,
    at_least: Bump = Bump.NONE,
) -> Published:
    """Publishes tables that were read from seeds; `beside` are the digests of the tables beside these. See `publish`.

    The release is of what was read: seeds that were edited meanwhile are those of the next one.
    """
    build = build_info(inputs_read(tables["seeds"], beside))
    return publish(tables, build, outputs, checks, accept_large_change=accept_large_change, at_least=at_least)
