"""Inputs that were released before, when something newer has been released since.

Two people who publish in turn from different copies of the seeds would undo each other's work for ever. A folder of
seeds has no clock that could be trusted, so only this is known for certain: these very inputs made an older release.
A copy that is old and was never released is not noticed.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.release import log
from pipelines.release.errors import ReleaseRefusedError
from pipelines.release.log import Event


def refuse_stale(events: Sequence[Event], fingerprint: str) -> None:
    """Raises ReleaseRefusedError where the inputs are those of an older release that the last one replaced.

    A last release that is no longer offered may be replaced by one that is.
    """
    made = {version: event.record["input_fingerprint"] for version, event in log.releases(events).items()}
    older = [version for version, known in made.items() if known == fingerprint]
    if not older or fingerprint == list(made.values())[-1]:
        return
    states = log.standing(events)
    last = list(made)[-1]
    if states[last] != "published" and states[older[-1]] == "published":
        return
    message = (
        f"These seeds and this code made {older[-1]} already, and {last} came after it: is this an old copy of the "
        'seeds? If going back is meant, say why: --accept-large-change "why".'
    )
    raise ReleaseRefusedError([message])
