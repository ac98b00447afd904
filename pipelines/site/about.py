"""What a reader must know of the dataset: licences, method, how to cite it."""

from __future__ import annotations

from pipelines.site import places
from pipelines.site.charts import over_versions
from pipelines.site.content import Content
from pipelines.site.rendering import Page

_MOST_SOURCES = 200
_SOURCES = """
    SELECT coalesce(source, '') AS source, coalesce(licence, '') AS licence, count(*) AS seeds,
        min(retrieved) AS first, max(retrieved) AS last
    FROM seeds GROUP BY ALL ORDER BY seeds DESC, source, licence LIMIT ?"""


def about_page(content: Content) -> Page:
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
    return Page(places.ABOUT, "about.html", values)


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
