"""What is made from the log and can be made again by anyone.

These are `index.json`, `VERSION`, `CHANGELOG.md`, `feed.atom` and `dataset.jsonld`. Only the time of a release comes
from elsewhere, from its `build.json`, and the columns from its descriptor.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from pipelines.release import log
from pipelines.release.about import DATASET
from pipelines.release.changelog import changelog_of
from pipelines.release.dataset_page import dataset_page
from pipelines.release.feed import feed_of
from pipelines.release.log import Event, Record
from pipelines.release.store import Store


def derived_files(store: Store, events: Sequence[Event]) -> dict[str, bytes]:
    """Every derived file by name, as it must be for these events."""
    index, releases = index_of(store, events), log.releases(events)
    latest = index["latest"]
    version = f"{latest or ''}\n"  # an empty line where nothing is offered: the file must not lie
    files = {"index.json": log.to_json(index), "VERSION": version.encode()}
    files["CHANGELOG.md"] = changelog_of(index, releases).encode()
    released_at = next((entry["released_at"] for entry in index["releases"] if entry["version"] == latest), None)
    files["dataset.jsonld"] = log.to_json(dataset_page(store, releases.get(latest), released_at))
    feed = feed_of(index, releases)
    return files | ({"feed.atom": feed} if feed else {})


def rewrite_derived(store: Store) -> None:
    """Makes the derived files agree with the log; repeats while others append to it. Agreeing files are not touched."""
    events = log.read_log(store)
    while events:
        for name, data in derived_files(store, events).items():
            if store.read(name) != data:
                store.replace(name, data)
        written, events = len(events), log.read_log(store)
        if len(events) == written:
            return


def index_of(store: Store, events: Sequence[Event]) -> Record:
    """Every release in order, and which is the latest."""
    states = log.standing(events)
    entries = [_entry(store, event, states[event.version]) for event in log.releases(events).values()]
    notes = {event.version: event.record for event in events if event.kind in ("yank", "withdraw")}
    for entry in entries:
        if entry["status"] != "published":
            note = notes[entry["version"]]
            entry |= {"reason": note.get("reason"), "replaced_by": note.get("replaced_by")}
    return {
        "dataset": DATASET,
        "latest": log.latest_of(events),
        "log_head": len(events),
        "releases": entries,
    }


def _entry(store: Store, event: Event, status: str) -> Record:
    folder = f"releases/{event.version}"
    built = store.read(f"{folder}/build.json")
    return {
        "version": event.version,
        "status": status,
        "released_at": _built_at(built),
        "bump": event.record["changes"]["bump"],
        "rows": sum(table["rows"] for table in event.record["tables"].values()),
        "content_sha256": event.record["content_sha256"],
        "manifest": f"{folder}/release.json",
        "manifest_sha256": hashlib.sha256(event.data).hexdigest(),
    }


def _built_at(built: bytes | None) -> str | None:
    """None where nobody can read it any more: one damaged file must not hide all releases."""
    try:
        told: str = json.loads(built or b"")["built_at"]
    except (ValueError, KeyError, TypeError):
        return None
    return told
