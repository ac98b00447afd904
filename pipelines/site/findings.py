"""What the data cannot say for itself: by code, and by document."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.site import places
from pipelines.site.content import Content
from pipelines.site.rendering import Page
from pipelines.site.table_pages import clipped

_MOST_DOCUMENTS = 200
_MOST_OF_A_CODE = 400

_CODES = """
    SELECT c.code, c.name, c.definition, c.severity, count(f.finding_no) AS count,
        count(DISTINCT f.seed_id) AS documents
    FROM finding_codes c LEFT JOIN findings f ON f.finding_code = c.code
    GROUP BY ALL ORDER BY count DESC, c.code"""
_DOCUMENTS = """
    SELECT f.seed_id, f.monograph_id, m.title, count(*) AS count,
        count(*) FILTER (severity = 'error') AS errors, count(*) FILTER (severity = 'warning') AS warnings,
        count(*) FILTER (severity = 'info') AS infos
    FROM findings f LEFT JOIN monographs m USING (monograph_id)
    GROUP BY ALL ORDER BY errors DESC, warnings DESC, infos DESC, f.seed_id, f.monograph_id LIMIT ?"""
_OF_A_CODE = """
    SELECT f.*, m.title FROM findings f LEFT JOIN monographs m USING (monograph_id)
    WHERE finding_code = ? ORDER BY finding_no LIMIT ?"""


def finding_pages(content: Content) -> Iterator[Page]:
    """The list of codes and documents, and a page for each code that was found."""
    codes = content.rows(_CODES)
    values = {
        "codes": codes,
        "documents": content.rows(_DOCUMENTS, [_MOST_DOCUMENTS]),
        "most": _MOST_DOCUMENTS,
        "total": content.manifest["tables"]["findings"]["rows"],
    }
    yield Page(places.FINDINGS, "findings.html", values)
    for code in codes:
        rows = content.rows(_OF_A_CODE, [code["code"], _MOST_OF_A_CODE])
        shown = [row | {"words": clipped(row["seed_text"] or "")} for row in rows]
        yield Page(places.finding_code(code["code"]), "finding_code.html", {"code": code, "rows": shown})
