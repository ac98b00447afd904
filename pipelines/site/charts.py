"""Bar charts that are tables: each bar stands in the row of its number, so that nothing has to be said twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.site import places
from pipelines.site.content import Content

_FULL = 100.0
_MOST_VERSIONS = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """A label, where it leads, its number as printed, and the length of its bar from 0 to 100."""

    label: str
    told: str
    length: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """`of` says what the numbers count."""

    title: str
    of: str
    bars: tuple[Bar, ...]


def chart(title: str, of: str, rows: Iterable[tuple[str, int, str]]) -> Chart:
    """Labels with numbers and places; the greatest number has the full length."""
    known = list(rows)
    most = max((number for _, number, _ in known), default=0) or 1
    bars = tuple(Bar(label, f"{n:,}", f"{n / most * _FULL:.1f}", place) for label, n, place in known)
    return Chart(title, of, bars)


def shares(title: str, of: str, rows: Iterable[tuple[str, float, str]]) -> Chart:
    """Labels with parts of one; the full length is all."""
    bars = tuple(Bar(label, f"{n * _FULL:.1f} %", f"{n * _FULL:.1f}", place) for label, n, place in rows)
    return Chart(title, of, bars)


def counted(content: Content, query: str, table: str, column: str) -> Iterator[tuple[str, int, str]]:
    """Rows of a query for `label` and `count`; each leads to the rows of the table with this label in the column."""
    for row in content.rows(query):
        yield str(row["label"]), row["count"], places.rows(table, **{column: row["label"]})


def over_versions(content: Content) -> tuple[list[str], list[tuple[str, list[float | None]]]]:
    """The latest versions, and for each column that is measured its share of cells that were read in each."""
    entries = [entry["version"] for entry in content.index["releases"] if entry["status"] != "withdrawn"]
    versions = entries[-_MOST_VERSIONS:]
    shares_of: dict[str, dict[str, float]] = {}
    for version in versions:
        quality = content.release_json(version, "quality.json") or {}
        for entry in quality.get("coverage", []):
            if entry["rows"]:
                shares_of.setdefault(f"{entry['table']}.{entry['column']}", {})[version] = entry["share"]
        for name, share in _agreements(quality):
            shares_of.setdefault(name, {})[version] = share
    return versions, [(name, [found.get(version) for version in versions]) for name, found in shares_of.items()]


def _agreements(quality: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """How much of what documents list as data was found in their words, too, where the release measures it."""
    for entry in quality.get("agreement", []):
        if isinstance(entry, dict) and entry.get("share") is not None:
            yield f"{entry.get('table', '')}.{entry.get('column', '')} as listed", entry["share"]
