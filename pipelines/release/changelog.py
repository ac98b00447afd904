"""`CHANGELOG.md` at the root of the outputs: every release, the newest first, as the log and the index tell it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipelines.release.log import Event, Record

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
        yield f"**{standing_of(entry)}**\n"
    yield from (f"- {line}" for line in summary_of(changes, entry["rows"]))
    yield ""


def standing_of(entry: Record) -> str:
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
