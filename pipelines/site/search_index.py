"""The search index: files of script that a browser loads as somebody types, since it may not read other files.

`search/parts.js` names the parts. There are four kinds, none of which grows with the number of monographs.

    w-…   named things (drugs, monographs, brands, classes, reactions, codes, columns) by the letters that their words
          begin with. A part that is whole has all of them, any other the first few, and parts with longer names beside
          it; a space at the end of a name stands for the end of the word. A thing is `[label, kind, address, note,
          also]`.
    t-…   words by their first character, and s-… by their second: here a page finds what a misspelt word means.
    x-…   words of the texts, by their first two characters, with how many monographs have the word, and where: the
          number of the monograph times 1000, plus the number of the section.
    m-…   identifier and title of each monograph by its number, a thousand to a file.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from pathlib import Path

from pipelines.site import places
from pipelines.site.content import Content
from pipelines.site.drug_pages import drug_of
from pipelines.site.rendering import script
from pipelines.site.table_pages import is_code_table
from pipelines.tables.sql import literal, quoted

_WHOLE = 800  # things of a part that need no parts beside it
_FIRST = 40  # things of a part that is not whole
_MOST = 3000  # things of a word that is in too many
_AT_ONCE = 10_000
_PLACES_OF_A_WORD = 40
_NAMES_IN_A_FILE = 1000
_WORDS = r"regexp_extract_all(strip_accents(lower({})), '[\p{{L}}\p{{N}}]+')"
_OTHER_NAMES = Path(__file__).parent / "other_names.csv"

Posting = tuple[str, str, str, str, str, str]  # word, label, kind, address, note, other words


def search_files(content: Content) -> Iterator[tuple[str, bytes]]:
    """Place and bytes of each part, and last of the list of parts."""
    things, texts = [], []
    terms: dict[str, set[str]] = defaultdict(set)
    for letter, group in groupby(_postings(content), key=lambda posting: posting[0][0]):
        postings = list(group)
        for name, is_whole, entries in _parts(letter, postings):
            things.append(name)
            yield _file(f"w-{plain_name(name)}", [is_whole, entries])
        for word in {posting[0] for posting in postings if not posting[0].isdecimal()}:
            terms[f"t-{plain_name(word[0])}"].add(word)
            terms[f"s-{plain_name(word[1:2])}"].add(word)
    for name, words in sorted(terms.items()):
        yield _file(name, sorted(words))
    for name, found in _texts(content):
        texts.append(name)
        yield _file(f"x-{plain_name(name)}", found)
    yield from _names(content)
    told = {"things": things, "terms": sorted(terms), "texts": texts, "hasSections": "sections" in content.shapes}
    yield _file("parts", told)


def _file(name: str, value: object) -> tuple[str, bytes]:
    return f"{places.SEARCH}/{name}.js", script(f"search/{name}", value)


def plain_name(name: str) -> str:
    """As it stands in the name of a file: letters and digits as they are, any other character by its number."""
    return "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in name)


# ---- named things


def _things(content: Content) -> Iterator[str]:
    """Queries for label, kind, table, target, note, and words that find it; one for each kind that the release has."""
    shapes = content.shapes
    if "monographs" in shapes:
        yield """SELECT title, 'monograph', '', monograph_id, '', CASE WHEN lower(generic_name) = lower(title) THEN ''
            ELSE coalesce(generic_name, '') END, concat_ws(' ', title, generic_name) FROM monographs"""
    if "monographs" in shapes:
        drug = drug_of(content)
        yield f"""SELECT arg_min(coalesce(generic_name, title), monograph_id), 'drug', '', {drug}, '', count(*) || '',
            arg_min(coalesce(generic_name, title), monograph_id)
            FROM monographs WHERE {drug} IS NOT NULL GROUP BY {drug} HAVING count(*) > 1"""  # noqa: S608  (our own words)
    if "brand_names" in shapes:
        yield """SELECT brand_name, 'brand', '', monograph_id, 'r-brand_names-' || brand_no, title, brand_name
            FROM brand_names JOIN monographs USING (monograph_id)"""
    if "drug_classes" in shapes:
        yield """SELECT min(class_text), 'class', '', lower(class_text), '', count(DISTINCT monograph_id) || '',
            min(class_text) FROM drug_classes GROUP BY lower(class_text)"""
    if "adverse_reactions" in shapes:
        yield """SELECT reaction, 'reaction', 'adverse_reactions', reaction, 'reaction',
            count(DISTINCT monograph_id) || '', reaction FROM adverse_reactions GROUP BY reaction"""
    for name, shape in shapes.items():
        columns = [column.name for column in shape.columns]
        if is_code_table(name) and shape.key == ["code"] and "name" in columns:
            yield f"""SELECT name, 'code', '{name}', code, 'code', code || ' in {name}', code || ' ' || name
                FROM {quoted(name)}"""  # noqa: S608  (names of shapes)


def _postings(content: Content) -> Iterator[Posting]:
    """Every named thing once for each of its words, in the order of the words."""
    things = " UNION ALL ".join([*_things(content), _columns(content)])
    query = f"""
        WITH things (label, kind, of, target, anchor, note, words) AS ({things})
        SELECT DISTINCT left(unnest({_WORDS.format("words")}), 20) AS word, label, kind, of, target, anchor, note
        FROM things ORDER BY word, kind DESC, label, target, anchor, note"""  # noqa: S608  (our own words)
    others = other_names()
    rows = chain.from_iterable(content.batches(query, _AT_ONCE))
    plain = (_posting(row["word"], row, others) for row in rows)
    return _merged(plain, _renamed(content, others))


def _columns(content: Content) -> str:
    """The query for the columns of all tables."""
    told = [
        (column.name, "column", "", shape.name, column.name, f"{shape.name}: {column.description.split('. ')[0]}")
        for shape in content.shapes.values()
        for column in shape.columns
    ]
    lines = [(*values, f"{values[0]} {values[0].replace('_', ' ')}") for values in told]
    return "VALUES " + ", ".join(f"({', '.join(map(literal, values))})" for values in lines)


def _posting(word: str, row: Mapping[str, str], others: Mapping[str, str]) -> Posting:
    kind, target = row["kind"], row["target"]
    if kind == "class":
        place = places.drug_class(target)
    elif kind == "drug":
        place = places.drug(target)
    elif kind == "column":
        place = f"{places.table(target)}#{row['anchor']}"
    elif row["of"]:
        place = places.rows_with(row["of"], **{row["anchor"]: target})
    else:
        place = places.monograph(target, row["anchor"])
    also = " ".join(others[it] for it in {row["label"].lower(), row["note"].lower()} if it in others)
    return word, row["label"], kind, place.removeprefix(f"{places.SITE}/"), row["note"], also


def other_names() -> dict[str, str]:
    """Names of one substance in other places: `paracetamol`, and `acetaminophen` in the United States."""
    found: dict[str, str] = {}
    with _OTHER_NAMES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["name"]], found[row["other_name"]] = row["other_name"], row["name"]
    return found


def _renamed(content: Content, others: Mapping[str, str]) -> list[Posting]:
    """Monographs under the other names of their substances."""
    query = """SELECT title AS label, 'monograph' AS kind, '' AS of, monograph_id AS target, '' AS anchor,
        CASE WHEN lower(generic_name) = lower(title) THEN '' ELSE generic_name END AS note, lower(generic_name) AS name
        FROM monographs WHERE list_contains(?, lower(generic_name)) OR list_contains(?, lower(title))"""
    rows = content.rows(query, [list(others), list(others)]) if "monographs" in content.shapes else []
    made = []
    for row in rows:
        other = others.get(row["name"] or "") or others.get(row["label"].lower(), "")
        said = row | {"note": " · ".join(part for part in (row["note"], f"also {other}") if part)}
        made += [(word, *_posting(word, said, {})[1:5], other) for word in other.split()]
    return sorted(made)


def _merged(plain: Iterable[Posting], more: Sequence[Posting]) -> Iterator[Posting]:
    """Both in the order of their words; `more` are few."""
    at = 0
    for posting in plain:
        while at < len(more) and more[at][0] <= posting[0]:
            yield more[at]
            at += 1
        yield posting
    yield from more[at:]


def _parts(prefix: str, postings: Sequence[Posting]) -> Iterator[tuple[str, bool, list[list[str]]]]:
    """Name, whether it is whole, and things, of the part of these letters and of those beside it."""
    entries = _entries(postings)
    if len(entries) <= _WHOLE or all(posting[0] == prefix for posting in postings):
        yield prefix, len(entries) <= _MOST, entries[:_MOST]
        return
    yield prefix, False, entries[:_FIRST]
    own = _entries(posting for posting in postings if posting[0] == prefix)
    if own:
        yield f"{prefix} ", len(own) <= _MOST, own[:_MOST]
    longer = (posting for posting in postings if posting[0] != prefix)
    for name, group in groupby(longer, key=lambda posting: posting[0][: len(prefix) + 1]):
        yield from _parts(name, list(group))


def _entries(postings: Iterable[Posting]) -> list[list[str]]:
    """Each thing once, in the order of its first word."""
    return [list(entry) for entry in dict.fromkeys(posting[1:] for posting in postings)]


# ---- words of the texts


def _texts(content: Content) -> Iterator[tuple[str, dict[str, list[object]]]]:
    """For each two characters the words that begin with them: number of monographs, and where the first ones are."""
    if "sections" not in content.shapes:
        return
    words = _WORDS.format("concat_ws(' ', heading_text, body_text)")
    query = f"""
        WITH numbered AS (SELECT monograph_id, row_number() OVER (ORDER BY monograph_id) - 1 AS number FROM monographs),
        found AS (
            SELECT unnest(list_distinct({words})) AS word, number, least(section_no, 999) AS section_no
            FROM sections JOIN numbered USING (monograph_id)),
        first AS (SELECT word, number, min(section_no) AS section_no FROM found WHERE len(word) BETWEEN 3 AND 40
            GROUP BY word, number)
        SELECT word, count(*) AS count, min(number * 1000 + section_no, {_PLACES_OF_A_WORD}) AS places
        FROM first WHERE NOT regexp_full_match(word, '\\d+') GROUP BY word ORDER BY word"""  # noqa: S608
    rows = chain.from_iterable(content.batches(query, _AT_ONCE))
    for name, group in groupby(rows, key=lambda row: row["word"][:2]):
        yield name, {row["word"]: [row["count"], *row["places"]] for row in group}


def _names(content: Content) -> Iterator[tuple[str, bytes]]:
    query = "SELECT monograph_id, title FROM monographs ORDER BY monograph_id"
    for number, rows in enumerate(content.batches(query, _NAMES_IN_A_FILE)):
        yield _file(f"m-{number}", [[row["monograph_id"], row["title"]] for row in rows])
