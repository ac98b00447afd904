"""Bar charts that are tables: each bar stands in the row of its number, so that nothing has to be said twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipelines.site.content import Content

_FULL = 100.0


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


def counted(content: Content, query: str, place: str = "") -> Iterator[tuple[str, int, str]]:
    """Rows of a query for `label` and `count`, all leading to one place."""
    for row in content.rows(query):
        yield str(row["label"]), row["count"], place
