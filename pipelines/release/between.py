"""The difference of any two released versions, whichever came first."""

from __future__ import annotations

from pipelines.release import log
from pipelines.release.catalogue import read_release
from pipelines.release.changes import changes_between
from pipelines.release.compare import compare
from pipelines.release.edition import Edition, edition_in
from pipelines.release.errors import using
from pipelines.release.log import Record
from pipelines.release.store import Place, store_at


def difference_of(outputs: Place, older: str, newer: str) -> Record:
    """The record of `changes`, from `older` to `newer`; raises as `read_release` does for each of the two."""
    old, new = _edition(outputs, older), _edition(outputs, newer)
    with using(outputs):
        return changes_between(old, new, compare(old, new), {"from": older, "to": newer})


def _edition(outputs: Place, version: str) -> Edition:
    read_release(outputs, version)
    store = store_at(outputs)
    with using(outputs):
        return edition_in(store, log.releases(log.read_log(store))[version])
