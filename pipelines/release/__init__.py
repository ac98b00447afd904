"""Tables to a release: versioned, immutable, and checkable by a stranger.

* `compare`: what has changed since the release before, and which version that makes
* `describe`: what tells people and machines what the tables are, from the README to the Excel workbook
* `publish`: the only room that writes: a protocol that survives anything, and what is said of a release later
* `fetch`: a release downloaded, and nothing let in that was not published
* `verify` and `reproduce`: whether what is published is still what was published, and still follows from the seeds

All rest on `store` and `log`: where releases are kept, and the log that alone says which there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from pipelines.release.compare.version import Bump
from pipelines.release.describe.quality import Check
from pipelines.release.failures import ReleaseError, ReleaseRefusedError
from pipelines.release.publish import Published, head_fingerprint, recover
from pipelines.release.publish import publish as publish_tables  # the rooms keep their names: `publish`, `verify`
from pipelines.release.publish.inputs import BuildInfo, build_info, inputs_in, inputs_read
from pipelines.release.released import latest, read_changes, read_index, read_release, read_tables
from pipelines.release.store import Place
from pipelines.release.verify import Damage

__all__ = [
    "BuildInfo",
    "Bump",
    "Check",
    "Damage",
    "Published",
    "ReleaseError",
    "ReleaseRefusedError",
    "head_fingerprint",
    "latest",
    "read_changes",
    "read_index",
    "read_release",
    "read_tables",
    "release_tables",
    "unchanged_since",
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
    seed_metadata: Mapping[str, str],
    outputs: Place,
    checks: Sequence[Check] = (),
    *,
    accept_large_change: str | None = None,
    at_least: Bump = Bump.NONE,
) -> Published:
    """Publishes tables that were read from seeds, with the digests of the tables of `seed_metadata`. See `publish`.

    The release is of what was read: seeds that were edited meanwhile are those of the next one.
    """
    build = build_info(inputs_read(tables["seeds"], seed_metadata))
    return publish_tables(tables, build, outputs, checks, accept_large_change=accept_large_change, at_least=at_least)
