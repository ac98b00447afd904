"""`monographs yank`, `unyank` and `withdraw`: what is said of a release after it was published."""

from __future__ import annotations

from dataclasses import asdict

from pipelines.command import Answer
from pipelines.command.site import refresh_if_there
from pipelines.release.publish.events import ReleaseStatus, unyank, withdraw, yank


def yanked(outputs: str, version: str, reason: str, replaced_by: str | None) -> Answer:
    """The version is no longer offered."""
    return _answer(
        outputs, yank(outputs, version, reason, replaced_by), "yanked: its data stays and it is no longer offered"
    )


def unyanked(outputs: str, version: str, reason: str) -> Answer:
    """The version is offered again."""
    return _answer(outputs, unyank(outputs, version, reason), "offered again")


def withdrawn(outputs: str, version: str, reason: str) -> Answer:
    """The data of the version is gone."""
    return _answer(
        outputs, withdraw(outputs, version, reason), "withdrawn: its data is removed; manifest and reason stay"
    )


def _answer(outputs: str, now: ReleaseStatus, said: str) -> Answer:
    refresh_if_there(outputs)
    latest = f"The latest is {now.latest}." if now.latest else "No release is offered now."
    already = "" if now.is_new else " That had been said before."
    return Answer([f"{now.version} is {said}. {latest}{already}"], asdict(now))
