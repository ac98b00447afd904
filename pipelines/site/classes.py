"""Drug classes as printed, without regard to case: the list, and for each class its monographs."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.site import places
from pipelines.site.content import Content
from pipelines.site.rendering import Page

_MOST = 1000  # of a list that stands on one page


def class_pages(content: Content) -> Iterator[Page]:
    """The commonest classes, and a page for every class."""
    classes = content.rows("""
        SELECT lower(class_text) AS folded, min(class_text) AS name, count(DISTINCT monograph_id) AS count
        FROM drug_classes GROUP BY folded ORDER BY count DESC, folded""")
    shown = [row | {"place": places.drug_class(row["folded"])} for row in classes]
    yield Page(places.CLASSES, "classes.html", {"classes": shown[:_MOST], "total": len(shown)})
    for row in shown:
        monographs = content.rows(
            """SELECT DISTINCT m.monograph_id, m.title, m.generic_name, lower(m.title) AS folded
               FROM drug_classes c JOIN monographs m USING (monograph_id)
               WHERE lower(c.class_text) = ? ORDER BY folded, m.monograph_id LIMIT ?""",
            [row["folded"], _MOST],
        )
        yield Page(row["place"], "class.html", {"class": row, "monographs": monographs})
