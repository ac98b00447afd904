"""Drugs with what their documents say side by side, and drug classes as printed, each with its monographs."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby, islice
from operator import itemgetter

from pipelines.site import places
from pipelines.site.cells import text_of, words_column
from pipelines.site.content import Content, QueryRow
from pipelines.site.rendering import SitePage
from pipelines.site.stamp import stamp_of
from pipelines.tables.sql import literal, quoted

_MOST = 1000  # of a list that stands on one page
_AT_ONCE = 10_000
_SIDE_BY_SIDE = 8  # documents
_DOTS_FROM, _DOTS_WIDE = 2.0, 96.0  # of a hundred

# What documents of one drug are compared in: title, table, what makes two rows the same.
_COMPARED = (
    ("Brand names", "brand_names", "brand_name"),
    ("Drug classes", "drug_classes", "lower(class_text)"),
    ("Dose forms", "dosage_forms", "coalesce(dose_form_name, form_text)"),
    ("Routes of administration", "routes", "coalesce(route_name, route_text)"),
    (
        "Strengths",
        "strengths",
        """concat_ws(', ', coalesce(dose_form_name, form_text, 'form not stated'),
            coalesce(rxnorm_strength,
                regexp_replace(normalized_value || '', '[.]0$', '') || ' ' || normalized_unit_code,
                strength_text), ingredient)""",
    ),
    ("Pregnancy categories", "pregnancy_categories", "concat_ws(' ', system_code, coalesce(category_code, 'none'))"),
)


@dataclass(frozen=True, slots=True)
class Dots:
    """Strengths of one form in one unit: for each its place from 0 to 100 by its logarithm, its amount, its rows."""

    form: str
    unit: str
    dots: tuple[tuple[str, str, str], ...]


def drug_of(content: Content) -> str:
    """The column, or what stands for it, that monographs of one drug have in common."""
    names = {column.name for column in content.shapes["monographs"].columns}
    return "drug_id" if "drug_id" in names else "nullif(lower(trim(generic_name)), '')"


def drug_pages(content: Content) -> Iterator[SitePage]:
    """The list of drugs, those with most documents first where there are many, and a page for each drug."""
    drug = drug_of(content)
    counted = f"""
        SELECT {drug} AS drug, coalesce(arg_min(generic_name, monograph_id), arg_min(title, monograph_id)) AS name,
            count(*) AS count FROM monographs WHERE {drug} IS NOT NULL GROUP BY {drug}"""  # noqa: S608  (our own words)
    total = content.rows(f"SELECT count(*) AS total FROM ({counted})")[0]["total"]  # noqa: S608
    most = content.rows(f"{counted} ORDER BY count DESC, drug LIMIT ?", [_MOST])
    values = {"drugs": sorted(most, key=lambda row: str(row["name"]).lower()), "total": total}
    yield SitePage(places.DRUGS, "drugs.html", values)
    rows = chain.from_iterable(content.batches(_side_by_side(content, drug), _AT_ONCE))
    for name, group in groupby(rows, key=itemgetter("drug")):
        told = list(group)
        yield SitePage(places.drug(name), "drug.html", partial(_drug, told), stamp_of(told))


def _side_by_side(content: Content, drug: str) -> str:
    """The query for every fact of every document, drug by drug; a row without a fact stands for the document itself."""
    facts = [_facts(content, no, *compared) for no, compared in enumerate(_COMPARED) if compared[1] in content.shapes]
    documents = "SELECT monograph_id, -1, NULL, NULL, NULL, NULL, NULL, NULL FROM monographs"
    known = " UNION ALL ".join([documents, *facts])
    return f"""
        WITH facts (monograph_id, fact, value, words, anchor, form, amount, unit) AS ({known})
        SELECT {drug} AS drug, m.monograph_id, m.title, m.generic_name, s.source, fact, value, words, anchor, form,
            amount, unit
        FROM facts JOIN monographs m USING (monograph_id) JOIN seeds s USING (seed_id)
        WHERE {drug} IS NOT NULL ORDER BY drug, fact, form, unit, amount, value, m.monograph_id, anchor"""  # noqa: S608


def _facts(content: Content, no: int, title: str, table: str, same: str) -> str:
    shape = content.shapes[table]
    own = [f"CAST({quoted(name)} AS VARCHAR)" for name in shape.key if name != "monograph_id"]
    anchor = " || '-' || ".join([literal(f"r-{table}"), *own])
    amounts = "coalesce(dose_form_name, form_text, 'form not stated'), normalized_value, normalized_unit_code"
    numbers = amounts if title == "Strengths" else "NULL, NULL, NULL"
    return f"""SELECT monograph_id, {no}, {same}, {quoted(words_column(shape) or shape.key[-1])}, {anchor}, {numbers}
        FROM {quoted(table)}"""  # noqa: S608  (our own words)


def _drug(rows: Sequence[QueryRow]) -> dict[str, object]:
    documents = [row for row in rows if row["fact"] == -1]
    shown = documents[:_SIDE_BY_SIDE]
    facts = []
    for no, group in groupby((row for row in rows if row["fact"] >= 0), key=itemgetter("fact")):
        facts.append((_COMPARED[no][0], _COMPARED[no][1], [_line(same, shown) for same in _by_value(group)]))
    return {
        "name": documents[0]["generic_name"] or documents[0]["title"],
        "documents": documents,
        "shown": shown,
        "facts": facts,
        "dots": list(_dots([row for row in rows if row["amount"] is not None])),
    }


def _by_value(rows: Iterable[QueryRow]) -> list[list[QueryRow]]:
    found: dict[str, list[QueryRow]] = defaultdict(list)
    for row in rows:
        found[row["value"]].append(row)
    return list(found.values())


def _line(same: Sequence[QueryRow], shown: Sequence[QueryRow]) -> QueryRow:
    """A value, and for each document that is shown the first words that say it."""
    by_document: dict[str, QueryRow] = {}
    for row in same:
        by_document.setdefault(row["monograph_id"], row)
    cells = [by_document.get(document["monograph_id"]) for document in shown]
    return {"value": same[0]["value"], "cells": cells, "count": len(by_document)}


def _dots(rows: Sequence[QueryRow]) -> Iterator[Dots]:
    """One line for each form and unit; all lines of one unit have one scale."""
    amounts: dict[tuple[str, str], dict[float, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        amounts[row["unit"], row["form"]][row["amount"]].add(row["monograph_id"])
    for (unit, form), known in sorted(amounts.items()):
        scale = _scale([amount for (other, _), found in amounts.items() if other == unit for amount in found])
        dots = tuple(
            (f"{scale(amount):.1f}", text_of(amount), _rows_of(unit, amount, known[amount])) for amount in sorted(known)
        )
        yield Dots(form, unit, dots)


def _scale(amounts: Sequence[float]) -> Callable[[float], float]:
    logs = [math.log(amount) for amount in amounts if amount > 0] or [0.0]
    low, wide = min(logs), max(logs) - min(logs)

    def place(amount: float) -> float:
        part = (math.log(amount) - low) / wide if amount > 0 and wide else 0.5 * (not wide)
        return _DOTS_FROM + part * _DOTS_WIDE

    return place


def _rows_of(unit: str, amount: float, monographs: Iterable[str]) -> str:
    filters: Mapping[str, object] = {
        "monograph_id": sorted(monographs),
        "normalized_value": text_of(amount),
        "normalized_unit_code": unit,
    }
    return places.rows_with("strengths", **filters)


# ---- drug classes

_CLASSES = """
    SELECT lower(class_text) AS folded, min(class_text) AS name, count(DISTINCT monograph_id) AS count
    FROM drug_classes GROUP BY folded"""
_COMMONEST = f"{_CLASSES} ORDER BY count DESC, folded LIMIT ?"
_MONOGRAPHS = f"""
    SELECT DISTINCT c.folded, c.name, c.count, m.monograph_id, m.title, lower(m.title) AS by_title
    FROM drug_classes d JOIN ({_CLASSES}) c ON lower(d.class_text) = c.folded JOIN monographs m USING (monograph_id)
    ORDER BY c.folded, by_title, m.monograph_id"""  # noqa: S608  (a constant)


def class_pages(content: Content) -> Iterator[SitePage]:
    """The commonest classes, and a page for every class."""
    total = content.rows("SELECT count(DISTINCT lower(class_text)) AS total FROM drug_classes")[0]["total"]
    commonest = content.rows(_COMMONEST, [_MOST])
    yield SitePage(places.CLASSES, "classes.html", {"classes": commonest, "total": total})
    rows = chain.from_iterable(content.batches(_MONOGRAPHS, _AT_ONCE))
    for folded, monographs in groupby(rows, key=itemgetter("folded")):
        shown = list(islice(monographs, _MOST))
        yield SitePage(places.drug_class(folded), "class.html", {"class": shown[0], "monographs": shown})
