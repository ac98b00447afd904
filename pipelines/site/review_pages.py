"""What the data cannot say for itself, so that a person can clear it: the same words once, with the row that helps."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pyarrow as pa

from pipelines.site import places
from pipelines.site.content import Content, QueryRow
from pipelines.site.rendering import SitePage
from pipelines.site.table_pages import clipped
from pipelines.tables.sql import seeing
from schemas.codes import SPELLINGS
from schemas.codes import rows as code_rows

_REMEDIES = Path(__file__).parent / "remedies.csv"
_MOST_DOCUMENTS = 200
_MOST_GROUPS = 200  # of one code on its page
_EXAMPLES = 3
_LIKELY = 3
_UNMAPPED = "known, and deliberately without a code"
_AROUND = 70  # characters on either side of the words of an example

_CODES = """
    SELECT c.code, c.name, c.definition, c.severity, count(f.finding_no) AS count,
        count(DISTINCT f.seed_id) AS documents, count(DISTINCT lower(f.seed_text)) AS groups,
        CASE c.severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END AS rank
    FROM finding_codes c LEFT JOIN findings f ON f.finding_code = c.code
    GROUP BY ALL
    ORDER BY rank, count DESC, c.code"""
_DOCUMENTS = """
    SELECT f.seed_id, f.monograph_id, m.title, count(*) AS count,
        count(*) FILTER (severity = 'error') AS errors, count(*) FILTER (severity = 'warning') AS warnings,
        count(*) FILTER (severity = 'info') AS infos
    FROM findings f LEFT JOIN monographs m USING (monograph_id)
    GROUP BY ALL ORDER BY errors DESC, warnings DESC, infos DESC, f.seed_id, f.monograph_id LIMIT ?"""
_GROUPS = """
    SELECT lower(regexp_replace(trim(coalesce(seed_text, '')), '\\s+', ' ', 'g')) AS folded,
        min(seed_text) AS words, count(*) AS count, count(DISTINCT seed_id) AS documents, min(message) AS message,
        count(DISTINCT seed_text) = 1 AS is_one_spelling,
        min({{'finding_no': finding_no, 'seed_id': seed_id, 'monograph_id': monograph_id, 'line': {line},
            'text_start': text_start, 'text_end': text_end}}, {examples}) AS examples
    FROM findings WHERE finding_code = ? GROUP BY folded ORDER BY count DESC, folded LIMIT {most}"""
_CONTEXTS = """
    SELECT e.finding_no, any_value(m.title) AS title, first(
        CASE WHEN e.text_start >= s.text_start
            THEN substr(s.body_text, greatest(1, e.text_start - s.text_start + 1 - {around}),
                least(e.text_start - s.text_start, {around}))
            ELSE '' END ORDER BY s.section_no) AS before,
        first(CASE WHEN e.text_start >= s.text_start
            THEN substr(s.body_text, e.text_end - s.text_start + 1, {around})
            ELSE left(s.body_text, {around}) END ORDER BY s.section_no) AS after
    FROM examples e LEFT JOIN monographs m USING (monograph_id) LEFT JOIN sections s
        ON s.monograph_id = e.monograph_id AND e.text_start >= coalesce(s.heading_start, s.text_start)
        AND e.text_start < s.text_end
    GROUP BY e.finding_no"""
# Names and spellings of a list of codes that share words with what was printed, or are written much like it.
_NEAR = """
    WITH compared AS (
        SELECT g.folded, k.code, k.name, k.text,
            len(list_intersect(string_split(g.folded, ' '), string_split(k.text, ' '))) * 1.0
                / greatest(1, len(list_distinct(string_split(g.folded, ' ') || string_split(k.text, ' ')))) AS shared,
            jaro_winkler_similarity(g.folded, k.text) AS written
        FROM groups g CROSS JOIN known k)
    SELECT folded, code, any_value(name) AS name, max(0.6 * shared + 0.4 * written) AS likeness
    FROM compared WHERE shared >= 0.3 OR written >= 0.9 GROUP BY folded, code
    ORDER BY folded, likeness DESC, code"""


def review_pages(content: Content) -> Iterator[SitePage]:
    """Which kinds of finding there are, what nobody has to look at last, and a page for each kind."""
    codes = content.rows(_CODES)
    helped = remedies()
    values = {
        "codes": codes,
        "remedies": helped,
        "documents": content.rows(_DOCUMENTS, [_MOST_DOCUMENTS]),
        "most": _MOST_DOCUMENTS,
        "total": content.manifest["tables"]["findings"]["rows"],
    }
    yield SitePage(places.FINDINGS, "findings.html", values)
    for code in codes:
        spellings = helped.get(code["code"], "")
        groups = _groups(content, code["code"], spellings) if code["count"] else []
        yield SitePage(
            places.finding_code(code["code"]), "finding_code.html", {"code": code, "groups": groups, "file": spellings}
        )


@cache
def remedies() -> dict[str, str]:
    """Kinds of finding that a row of a table of spellings clears, and which table that is."""
    with _REMEDIES.open(encoding="utf-8", newline="") as file:
        return {row["finding_code"]: row["spellings"] for row in csv.DictReader(file)}


def _groups(content: Content, code: str, spellings: str) -> list[QueryRow]:
    """Findings of one kind by their words, the commonest first, with examples and the rows that would clear them."""
    line = "line_no" if any(c.name == "line_no" for c in content.shapes["findings"].columns) else "line"
    groups = content.rows(_GROUPS.format(line=line, examples=_EXAMPLES, most=_MOST_GROUPS), [code])
    contexts = _contexts(content, [example for group in groups for example in group["examples"]])
    likely = _likely(content, groups, SPELLINGS.get(spellings, "")) if spellings else {}
    for group in groups:
        group["is_short"] = bool(group["words"]) and len(group["words"]) <= _AROUND
        group["told"] = clipped(group["words"] or "")
        for example in group["examples"]:
            example.update(contexts[example["finding_no"]])
        group["likely"] = likely.get(group["folded"], [])[:_LIKELY]
        if spellings and group["is_short"]:
            choices = group["likely"] if spellings in SPELLINGS else _kinds(spellings)
            group["rows"] = [(near["name"], _row(spellings, group["folded"], near["code"])) for near in choices]
            if spellings in SPELLINGS:
                group["rows"].append((_UNMAPPED, _row(spellings, group["folded"], "")))
    return groups


def _contexts(content: Content, examples: Sequence[QueryRow]) -> dict[int, QueryRow]:
    """Title of the document, and what stands before and after the words, by number of the finding."""
    if not examples:
        return {}
    types = {"finding_no": pa.int64(), "text_start": pa.int64(), "text_end": pa.int64(), "monograph_id": pa.string()}
    named = pa.table({name: pa.array([row[name] for row in examples], kind) for name, kind in types.items()})
    with seeing(content.database, examples=named):
        found = content.rows(_CONTEXTS.format(around=_AROUND))
    return {row["finding_no"]: {name: row[name] or "" for name in ("title", "before", "after")} for row in found}


def _likely(content: Content, groups: Sequence[QueryRow], codes: str) -> dict[str, list[QueryRow]]:
    """By words, the codes whose names or spellings are most like them: for a person to choose from."""
    short = [group["folded"] for group in groups if group["folded"] and len(group["folded"]) <= _AROUND]
    known = _known(codes) if codes else []
    if not short or not known:
        return {}
    tables = {"groups": pa.table({"folded": short}), "known": pa.Table.from_pylist(known)}
    with seeing(content.database, **tables):
        near = content.rows(_NEAR)
    found: dict[str, list[QueryRow]] = {}
    for row in near:
        found.setdefault(row["folded"], []).append(row)
    return found


def _known(codes: str) -> list[QueryRow]:
    """Every name and spelling that leads to a code of a list."""
    names = {row["code"]: row["name"] for row in code_rows(codes)}
    told = [(row["code"], row["name"].lower()) for row in code_rows(codes)]
    for spellings, listed in SPELLINGS.items():
        if listed == codes:
            told += [(row["code"], row["text"].lower()) for row in code_rows(spellings) if row["code"]]
    return [{"code": code, "name": names[code], "text": text} for code, text in told if code in names]


def _kinds(spellings: str) -> list[QueryRow]:
    """The values that the second column of a table of words has: few, and each one is likely."""
    name = list(code_rows(spellings)[0])[1]
    return [{"code": kind, "name": ""} for kind in sorted({row[name] for row in code_rows(spellings)} - {""})]


def _row(spellings: str, words: str, code: str) -> str:
    """A row of a table of spellings: the words, the code, and where there is none, a note to be written."""
    names = list(code_rows(spellings)[0])
    cells = {"text": words, names[1]: code, "note": "" if code else "WHY IT HAS NO CODE"}
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([cells.get(name, "") for name in names])
    return line.getvalue()
