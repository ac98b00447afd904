"""`feed.atom` at the root of the outputs: an entry for each release (Atom, RFC 4287), the newest first.

An entry is known for good by its version and the digest of its content. Its time is that of its `build.json`; a release
that has none is left out, because Atom knows no entry without a time. Addresses are relative to the feed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree as ET

from pipelines.release.changelog import standing_of, summary_of
from pipelines.release.log import Event, Record

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
        lines.insert(0, standing_of(told))
    _say(entry, "id", f"urn:{dataset}:{version}:{told['content_sha256']}")
    _say(entry, "title", f"{version}{'' if status == 'published' else f' ({status})'}")
    _say(entry, "updated", told["released_at"])
    ET.SubElement(entry, "link", rel="alternate", href=f"releases/{version}/")
    _say(entry, "summary", "\n".join(lines))


def _say(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _NO_TEXT_OF_XML.sub("\ufffd", text)
