"""The commit log: `log/00000001.json` and on, one file for each event, never edited.

A release counts once its record is here. Everything else (index, version, change log) is made from the log.

    release    the manifest of the version; the same bytes stand in its folder as `release.json`
    yank       `version`, `reason`, `replaced_by`: the data stays, and is no longer offered as the latest
    unyank     `version`, `reason`: takes a yank back
    withdraw   `version`, `reason`: the data is removed; the record stays
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.release.failures import LogBrokenError
from pipelines.release.store import Store

Record = dict[str, Any]
EVENT_KINDS = ("release", "yank", "unyank", "withdraw")
_STATUS = {"release": "published", "yank": "yanked", "unyank": "published", "withdraw": "withdrawn"}


@dataclass(frozen=True, slots=True)
class Event:
    """One file of the log: `data` are its bytes, `record` what they say."""

    number: int
    kind: str
    version: str
    record: Record
    data: bytes


def name_of_event(number: int) -> str:
    """Where an event stands."""
    return f"log/{number:08d}.json"


def to_json(record: object) -> bytes:
    """JSON for people and machines: the same bytes for the same record."""
    return (json.dumps(record, ensure_ascii=False, indent=2) + "\n").encode()


def read_json(data: bytes) -> Any:  # noqa: ANN401  (whatever the JSON holds)
    """What JSON says; raises ValueError if it is none, or nested so deeply that nobody wrote it."""
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError("brackets without end") from None


def read_log(store: Store) -> list[Event]:
    """All events in order; raises LogBrokenError for a gap or a record that cannot be read."""
    for name, what in store.strange_names("log"):
        message = f"{store.where(f'log/{name}')}: is {what}, and the log holds records only; remove it, and run again."
        raise LogBrokenError(message)
    names = [name for name in store.names("log") if name.endswith(".json")]
    expected = [name_of_event(number).removeprefix("log/") for number in range(1, len(names) + 1)]
    for name, wanted in zip(names, expected, strict=True):
        if name != wanted:
            message = f"{store.where('log')}: {wanted} is missing although {name} is there; restore it from a copy."
            raise LogBrokenError(message)
    return [_event(store, number) for number in range(1, len(names) + 1)]


def _event(store: Store, number: int) -> Event:
    data = store.read(name_of_event(number)) or b""
    try:
        record = read_json(data)
        kind, version = record["kind"], record["version"]
    except (ValueError, KeyError, TypeError):
        kind = version = None
    if kind not in EVENT_KINDS or not isinstance(version, str):
        message = f"{store.where(name_of_event(number))}: is no record of an event; restore it from a copy."
        raise LogBrokenError(message)
    return Event(number, kind, version, record, data)


def append(store: Store, number: int, source: Path) -> bool:
    """Commits the finished file `source` as event `number`; False where another event has that number."""
    committed = store.put_new(name_of_event(number), source)
    store.settle("log")
    return committed


def releases(events: Iterable[Event]) -> dict[str, Event]:
    """The event of each released version, in order of release."""
    return {event.version: event for event in events if event.kind == "release"}


def release_status(events: Iterable[Event]) -> dict[str, str]:
    """`published`, `yanked` or `withdrawn` for each version, in order of release."""
    found: dict[str, str] = {}
    for event in events:
        found[event.version] = _STATUS[event.kind]
    return found


def latest_of(events: Iterable[Event]) -> str | None:
    """The newest version that is neither yanked nor withdrawn."""
    offered = [version for version, state in release_status(events).items() if state == "published"]
    return offered[-1] if offered else None


def withdrawals(events: Sequence[Event]) -> dict[str, Event]:
    """The event that withdrew each withdrawn version."""
    return {event.version: event for event in events if event.kind == "withdraw"}
