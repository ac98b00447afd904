"""What is made from the log and can be made again by anyone.

These are `index.json`, `VERSION`, `CHANGELOG.md`, `feed.atom` and `dataset.jsonld`. Only the time of a release comes
from elsewhere, from its `build.json`, and the columns from its descriptor.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree as ET

from pipelines.release import log
from pipelines.release.dataset import CREATOR, DATASET, DESCRIPTION, KEYWORDS, LICENCE, TITLE
from pipelines.release.describe.data_package import shapes_in
from pipelines.release.log import Event, Record, read_json
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


def index_of(store: Store, events: Sequence[Event]) -> Record:
    """Every release in order, and which is the latest."""
    states = log.release_status(events)
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
        told: str = read_json(built or b"")["built_at"]
    except (ValueError, KeyError, TypeError):
        return None
    return told


# --- `CHANGELOG.md` at the root of the outputs: every release, the newest first, as the log and the index tell it


_HEAD = """# Changes by release

Made from the log. What changed row by row is in `releases/<version>/changes/`.
"""


def changelog_of(index: Record, releases: Mapping[str, Event]) -> str:
    """The page; `releases` are the events of the releases that the index lists."""
    lines = [_HEAD]
    for entry in reversed(index["releases"]):
        lines += _release(entry, releases[entry["version"]].record["changes"])
    return "\n".join(lines)


def _release(entry: Record, changes: Record) -> Iterator[str]:
    day = f", {entry['released_at'][:10]}" if entry["released_at"] else ""
    yield f"## {entry['version']}{day}\n"
    if entry["status"] != "published":
        yield f"**{_taken_back(entry)}**\n"
    yield from (f"- {line}" for line in summary_of(changes, entry["rows"]))
    yield ""


def _taken_back(entry: Record) -> str:
    """Why a release is not offered, and what to take instead."""
    instead = f" Take {entry['replaced_by']} instead." if entry.get("replaced_by") else ""
    reason = " ".join(str(entry["reason"]).split())
    return f"{entry['status'].capitalize()}: {reason.rstrip('.')}.{instead}"


def summary_of(changes: Record, rows: int) -> Iterator[str]:
    """A line for each change code of a release, and for what a person decided."""
    if changes["since"] is None:
        yield f"Complete in itself: {rows} rows, compared with no other release."
        return
    places: dict[tuple[str, str], list[str]] = {}
    for reason in sorted(changes["reasons"], key=_greatest_first):
        where = f"{reason['table']}.{reason['column']}" if reason["column"] else reason["table"]
        places.setdefault((reason["bump"], reason["code"]), []).append(f"{where} ({reason['count']})")
    yield from (f"{bump}: {code}: {', '.join(found)}" for (bump, code), found in places.items())
    if changes.get("raised"):
        yield f"{changes['raised']}: raised by a person from {changes['computed']}"
    if changes["accepted"]:
        yield f"A large change was accepted: {' '.join(changes['accepted'].split())}"


def _greatest_first(reason: Record) -> int:
    return ("major", "minor", "patch").index(reason["bump"])


# --- `feed.atom` at the root of the outputs: an entry for each release (Atom, RFC 4287), the newest first


_ATOM = "http://www.w3.org/2005/Atom"
_NO_TEXT_OF_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def feed_of(index: Record, releases: Mapping[str, Event]) -> bytes | None:
    """The feed; None where no release has a time."""
    entries = [entry for entry in reversed(index["releases"]) if entry["released_at"]]
    if not entries:
        return None
    feed = ET.Element("feed", xmlns=_ATOM)
    _say(feed, "id", f"urn:{index['dataset']}")
    _say(feed, "title", "Drug Monographs: releases")
    _say(feed, "updated", max(entry["released_at"] for entry in entries))
    _say(ET.SubElement(feed, "author"), "name", "The Drug Monographs contributors")
    ET.SubElement(feed, "link", rel="self", href="feed.atom")
    for entry in entries:
        _add_entry(feed, index["dataset"], entry, releases[entry["version"]].record["changes"])
    ET.indent(feed)
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True)) + b"\n"


def _add_entry(feed: ET.Element, dataset: str, told: Record, changes: Record) -> None:
    entry = ET.SubElement(feed, "entry")
    version, status = told["version"], told["status"]
    lines = list(summary_of(changes, told["rows"]))
    if status != "published":
        lines.insert(0, _taken_back(told))
    _say(entry, "id", f"urn:{dataset}:{version}:{told['content_sha256']}")
    _say(entry, "title", f"{version}{'' if status == 'published' else f' ({status})'}")
    _say(entry, "updated", told["released_at"])
    ET.SubElement(entry, "link", rel="alternate", href=f"releases/{version}/")
    _say(entry, "summary", "\n".join(lines))


def _say(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _NO_TEXT_OF_XML.sub("\ufffd", text)


# --- `dataset.jsonld`: the latest release as a schema.org Dataset, for search engines and the page of the dataset


_MEDIA_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def dataset_page(store: Store, latest: Event | None, released_at: str | None) -> Record:
    """The description; without a version or a file where no release is offered."""
    told = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": TITLE,
        "alternateName": DATASET,
        "description": DESCRIPTION,
        "keywords": list(KEYWORDS),
        "license": LICENCE,
        "creator": {"@type": "Organization", "name": CREATOR},
        "isAccessibleForFree": True,
    }
    return told | (_of_release(store, latest, released_at) if latest else {})


def _of_release(store: Store, latest: Event, released_at: str | None) -> Record:
    folder = f"releases/{latest.version}"
    return {
        "version": latest.version,
        **({"datePublished": released_at} if released_at else {}),
        "identifier": f"sha256:{latest.record['content_sha256']}",
        "url": f"{folder}/README.md",
        "distribution": list(_downloads(folder, latest.record)),
        "variableMeasured": list(_variables(store, folder, latest.record)),
    }


def _downloads(folder: str, record: Record) -> Iterator[Record]:
    """Each file that holds tables; what describes them is found beside them."""
    for path, fact in record["files"].items():
        kind = path.rpartition(".")[2]
        if path.startswith("data/") or kind == "xlsx":
            name = path.removeprefix("data/")
            table = record["tables"].get(name.partition(".")[0])
            yield {
                "@type": "DataDownload",
                "name": name,
                **({"description": f"{table['rows']} rows"} if table else {}),
                "contentUrl": f"{folder}/{path}",
                "encodingFormat": _MEDIA_TYPES[kind],
                "contentSize": f"{fact['bytes']} B",
                "sha256": fact["sha256"],
            }


def _variables(store: Store, folder: str, record: Record) -> Iterator[Record]:
    """Each column; none where the descriptor of the release is not the one that was published."""
    name = "datapackage.json"
    descriptor = store.read(f"{folder}/{name}") or b""
    if hashlib.sha256(descriptor).hexdigest() != record["files"][name]["sha256"]:
        return
    for shape in shapes_in(read_json(descriptor)).values():
        for column in shape.columns:
            unit = {"unitText": column.unit} if column.unit else {}
            title = f"{shape.name}.{column.name}"
            yield {"@type": "PropertyValue", "name": title, "description": column.description, **unit}
