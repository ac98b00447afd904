"""The first page: what the dataset is, its latest version, how to have it, what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipelines.release.log import Record
from pipelines.site import places
from pipelines.site.charts import Chart, chart, counted, shares
from pipelines.site.content import Content
from pipelines.site.rendering import Page
from pipelines.site.table_pages import is_code_table

_MOST_BARS = 8
_FEWEST_BARS = 3
_MOST_SOURCES = 5
_FIRST_TABLES = ("products", "strengths", "monographs")
_SOURCES = """
    SELECT coalesce(source, 'not listed') AS source, coalesce(licence, 'not listed') AS licence, count(*) AS seeds
    FROM seeds GROUP BY ALL ORDER BY seeds DESC, source, licence LIMIT ?"""
_RETRIEVED = "SELECT min(retrieved) AS first, max(retrieved) AS last FROM seeds"
# Title, what is counted, table, column.
_COUNTED = (
    ("Routes of administration", "monographs", "routes", "route_name"),
    ("Dose forms", "monographs", "dosage_forms", "dose_form_name"),
    ("Kinds of strength", "strengths", "strengths", "strength_type"),
    ("FDA pregnancy letters", "monographs", "monographs", "fda_pregnancy_category"),
    ("Adverse reactions", "monographs", "adverse_reactions", "reaction"),
)


def home_page(content: Content) -> Page:
    """The page at the top of the outputs."""
    if not content.manifest:
        return Page(places.HOME, "nothing.html", {"releases": content.index["releases"]})
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
        "sources": content.rows(_SOURCES, [_MOST_SOURCES]),
        "retrieved": content.rows(_RETRIEVED)[0],
        "archives": _archives(content),
        "table_line": _line_for_curl(content),
    }
    return Page(places.HOME, "home.html", values)


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
            "What could be read with certainty", "Rows with a value; a bar leads to the rows without one.", rows
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
