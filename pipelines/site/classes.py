"""Drug classes as printed, without regard to case: the list, and for each class its monographs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, groupby, islice
from operator import itemgetter

from pipelines.site import places
from pipelines.site.content import Content
from pipelines.site.rendering import Page

_MOST = 1000  # of a list that stands on one page
_AT_ONCE = 10_000

_CLASSES = """
    SELECT lower(class_text) AS folded, min(class_text) AS name, count(DISTINCT monograph_id) AS count
    FROM drug_classes GROUP BY folded"""
_COMMONEST = f"{_CLASSES} ORDER BY count DESC, folded LIMIT ?"
_MONOGRAPHS = f"""
    SELECT DISTINCT c.folded, c.name, c.count, m.monograph_id, m.title, lower(m.title) AS by_title
    FROM drug_classes d JOIN ({_CLASSES}) c ON lower(d.class_text) = c.folded JOIN monographs m USING (monograph_id)
    ORDER BY c.folded, by_title, m.monograph_id"""  # noqa: S608  (a constant)


def class_pages(content: Content) -> Iterator[Page]:
    """The commonest classes, and a page for every class."""
    total = content.rows("SELECT count(DISTINCT lower(class_text)) AS total FROM drug_classes")[0]["total"]
    commonest = content.rows(_COMMONEST, [_MOST])
    yield Page(places.CLASSES, "classes.html", {"classes": commonest, "total": total})
    rows = chain.from_iterable(content.batches(_MONOGRAPHS, _AT_ONCE))
    for folded, monographs in groupby(rows, key=itemgetter("folded")):
        shown = list(islice(monographs, _MOST))
        yield Page(places.drug_class(folded), "class.html", {"class": shown[0], "monographs": shown})
