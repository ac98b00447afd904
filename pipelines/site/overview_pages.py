"""The pages about the dataset as a whole: the first page with its charts, and what a reader must know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.release.log import Record
from pipelines.site import places
from pipelines.site.content import Content
from pipelines.site.rendering import SitePage
from pipelines.site.table_pages import is_code_table

_MOST_BARS = 8
_FEWEST_BARS = 3
_FIRST_SOURCES = 5  # on the first page
_MOST_SOURCES = 200
_SOURCES = """
    SELECT coalesce(source, '') AS source, coalesce(licence, '') AS licence, count(*) AS seeds,
        min(retrieved) AS first, max(retrieved) AS last
    FROM seeds GROUP BY ALL ORDER BY seeds DESC, source, licence LIMIT ?"""
_FIRST_TABLES = ("products", "strengths", "monographs")
_RETRIEVED = "SELECT min(retrieved) AS first, max(retrieved) AS last FROM seeds"
# Title, what is counted, table, column.
_COUNTED = (
    ("Routes of administration", "monographs", "routes", "route_name"),
    ("Dose forms", "monographs", "dosage_forms", "dose_form_name"),
    ("Kinds of strength", "strengths", "strengths", "strength_type"),
    ("FDA pregnancy letters", "monographs", "monographs", "fda_pregnancy_category"),
    ("Adverse reactions", "monographs", "adverse_reactions", "reaction"),
)


def home_page(content: Content) -> SitePage:
    """The page at the top of the outputs."""
    if not content.manifest:
        return SitePage(places.HOME, "nothing.html", {"releases": content.index["releases"]})
    tables = [
        {"name": name, "rows": content.manifest["tables"][name]["rows"], "description": shape.description}
        for name, shape in content.shapes.items()
    ]
    values = {
        "version": content.version,
        "entry": next(e for e in content.index["releases"] if e["version"] == content.version),
        "data_tables": [t for t in tables if not is_code_table(t["name"])],
        "code_tables": [t for t in tables if is_code_table(t["name"])],
        "charts": [*_coverage(content), *_charts(content)],
        "notebooks": notebooks_in(content.outputs),
        "sources": content.rows(_SOURCES, [_FIRST_SOURCES]),
        "retrieved": content.rows(_RETRIEVED)[0],
        "archives": _archives(content),
        "table_line": _line_for_curl(content),
    }
    return SitePage(places.HOME, "home.html", values)


def _archives(content: Content) -> list[Record]:
    """Files that hold the whole release, the smallest kind of download first: those of its version that are there."""
    found = []
    for path in sorted((content.outputs / places.DOWNLOADS).glob(f"*{content.version}*")):
        if path.suffix == ".zip" and path.is_file():
            place = f"{places.DOWNLOADS}/{path.name}"
            found.append({"name": path.name, "place": place, "bytes": path.stat().st_size})
    return found


def _line_for_curl(content: Content) -> str:
    """The table whose CSV a first line fetches: the flat one of products, if there is one."""
    name = next(name for name in (*_FIRST_TABLES, *content.shapes) if name in content.shapes)
    return places.release_file(content.version, f"data/{name}.csv")


def _coverage(content: Content) -> Iterator[Chart]:
    """How much of each column could be read, where every null has a finding."""
    quality = content.release_json(content.version, "quality.json")
    told = [entry for entry in quality["coverage"] if entry["rows"]] if quality else []
    if told:
        rows = [
            (f"{t['table']}.{t['column']}", t["share"], f"{places.table(t['table'])}#null={t['column']}") for t in told
        ]
        yield shares(
            "What could be read with certainty", "RowsByTable with a value; a bar leads to the rows without one.", rows
        )


def _charts(content: Content) -> Iterator[Chart]:
    for title, of, table, column in _COUNTED:
        what = "DISTINCT monograph_id" if of == "monographs" else "*"
        query = f"""
            SELECT {column} AS label, count({what}) AS count FROM {table} WHERE label IS NOT NULL
            GROUP BY label ORDER BY count DESC, label LIMIT {_MOST_BARS}"""  # noqa: S608  (our own names)
        bars = list(counted(content, query, table, column))
        if len(bars) >= _FEWEST_BARS and bars[0][1] > 1:  # else the chart would say nothing
            yield chart(title, f"Number of {of}, the commonest first.", bars)


def notebooks_in(outputs: Path) -> list[Record]:
    """The rendered notebooks that stand in the folder of notebooks: file name without ending, and place."""
    found = sorted((outputs / places.NOTEBOOKS).glob("*.html"))
    return [{"title": path.stem.replace("_", " "), "place": f"{places.NOTEBOOKS}/{path.name}"} for path in found]


# ---- about the dataset


def about_page(content: Content) -> SitePage:
    """One page; the citation is the one that the release carries."""
    citation = content.outputs / places.release_file(content.version, "CITATION.cff")
    values = {
        "version": content.version,
        "entry": next(e for e in content.index["releases"] if e["version"] == content.version),
        "sources": content.rows(_SOURCES, [_MOST_SOURCES]),
        "citation": citation.read_text(encoding="utf-8"),
        "bibtex": _bibtex(content),
        "over": over_versions(content),
        "files": [content.file(name) for name in content.manifest["files"] if "/" not in name],
    }
    return SitePage(places.ABOUT, "about.html", values)


def _bibtex(content: Content) -> str:
    """The dataset as an entry of BibTeX, by version and digest."""
    entry = next(e for e in content.index["releases"] if e["version"] == content.version)
    year = f"  year = {{{entry['released_at'][:4]}}},\n" if entry.get("released_at") else ""
    return (
        f"@misc{{drug-monographs-{content.version},\n"
        "  author = {{The Drug Monographs contributors}},\n"
        "  title = {Drug Monographs},\n"
        f"{year}"
        f"  version = {{{content.version}}},\n"
        f"  note = {{content SHA-256 {entry['content_sha256']}}}\n"
        "}"
    )


# ---- charts that are tables: each bar stands in the row of its number, so that nothing has to be said twice

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
        yield str(row["label"]), row["count"], places.rows_with(table, **{column: row["label"]})


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
        if entry["share"] is not None:
            yield f"{entry['kind'].replace('_', ' ')} that documents list, found in their words", entry["share"]
