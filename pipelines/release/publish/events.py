"""What is said of a release after it was published: yanked, offered again, or withdrawn.

    check      the version was released, and what is to be said of it is news
    commit     log/<n+1>.json        create-only: from here on it counts
    derive     index.json, VERSION
    remove     the data, where it is withdrawn: never before the commit

A process that is killed before the commit has said nothing. The same call again finishes what one after it has left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.release import log
from pipelines.release.failures import EventRefusedError, NoSuchReleaseError, using
from pipelines.release.log import Event, Record, withdrawals
from pipelines.release.publish import Step
from pipelines.release.publish.cleanup import remove_data
from pipelines.release.publish.derive import rewrite_derived
from pipelines.release.store import Place, Store, store_at

_POSSIBLE_FOR = {"yank": ("published",), "unyank": ("yanked",), "withdraw": ("published", "yanked")}


@dataclass(frozen=True, slots=True)
class ReleaseStatus:
    """What holds for a version now: `is_new` where this call said so. `latest` is what is offered now, if any."""

    version: str
    status: str
    is_new: bool
    latest: str | None


def yank(
    outputs: Place, version: str, reason: str, replaced_by: str | None = None, *, step: Step = lambda _: None
) -> ReleaseStatus:
    """Offers a version no longer; its data stays. Raises a ReleaseError where that cannot be said of it."""
    event = {"kind": "yank", "version": version, "reason": reason, "replaced_by": replaced_by}
    return _say(outputs, event, step)


def unyank(outputs: Place, version: str, reason: str, *, step: Step = lambda _: None) -> ReleaseStatus:
    """Offers a yanked version again. Raises a ReleaseError where that cannot be said of it."""
    return _say(outputs, {"kind": "unyank", "version": version, "reason": reason}, step)


def withdraw(outputs: Place, version: str, reason: str, *, step: Step = lambda _: None) -> ReleaseStatus:
    """Removes the data of a version for good; manifest and reason stay. Raises a ReleaseError as `yank` does."""
    return _say(outputs, {"kind": "withdraw", "version": version, "reason": reason}, step)


def _say(outputs: Place, record: Record, step: Step) -> ReleaseStatus:
    store = store_at(outputs)
    with using(outputs):
        is_new = _commit(store, record, step)
    with using(outputs, "what was said is published"):
        rewrite_derived(store)
        step("derived")
        events = log.read_log(store)
        if record["kind"] == "withdraw":
            remove_data(store, withdrawals(events)[record["version"]], step)
        status = log.release_status(events)[record["version"]]
        return ReleaseStatus(record["version"], status, is_new, log.latest_of(events))


def _commit(store: Store, record: Record, step: Step) -> bool:
    """True where the record now is the newest event; False where it had been said before."""
    while True:
        events = log.read_log(store)
        is_news = _is_news(store, events, record)
        store.probe()  # clears away too what a killed call has left, when it had said all there was to say
        if not is_news:
            return False
        with store.scratch() as scratch:
            source = scratch / "record.json"
            source.write_bytes(log.to_json(record))
            step("written")
            if log.append(store, len(events) + 1, source):
                step("committed")
                return True


def _is_news(store: Store, events: Sequence[Event], record: Record) -> bool:
    """False where exactly this was the last thing said of the version; an error where it cannot be said."""
    version = record["version"]
    if version not in log.releases(events):
        message = f"{store.where()}: no release {version}; `monographs list` names what there is."
        raise NoSuchReleaseError(message)
    last = [event for event in events if event.version == version][-1]
    if last.record == record:
        return False
    states = log.release_status(events)
    _refuse_unless_possible(record, states[version], last.record.get("reason"))
    if record.get("replaced_by"):
        _refuse_bad_replacement(version, record["replaced_by"], states)
    return True


def _refuse_unless_possible(record: Record, state: str, said: str | None) -> None:
    if not record["reason"].strip():
        raise EventRefusedError(f"{record['version']}: say why with --reason; it is published with the version.")
    if state not in _POSSIBLE_FOR[record["kind"]]:
        why = f" ({said})" if said else ""
        message = f"{record['version']} is {state}{why}: there is nothing to {record['kind']}; nothing was changed."
        raise EventRefusedError(message)


def _refuse_bad_replacement(version: str, replaced_by: str, states: dict[str, str]) -> None:
    if replaced_by == version or states.get(replaced_by) != "published":
        state = "the same version" if replaced_by == version else states.get(replaced_by, "no release")
        message = f"{replaced_by} is {state} and cannot take the place of {version}; name a published version."
        raise EventRefusedError(message)
