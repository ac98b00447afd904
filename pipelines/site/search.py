"""The search index: files of script that a browser loads as somebody types, since it may not read other files.

`parts.js` names the parts. A part is named by the letters that words of its entries begin with; a part that is whole
has all of them, any other the first few, and parts with longer names beside it; a space at the end stands for the end
of the word. So one part answers a word, and none grows with the number of monographs. An entry is
`[label, kind, address from the folder of pages, note]`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby

from pipelines.site import places
from pipelines.site.content import Content

_WHOLE = 800  # entries of a part that need no parts beside it
_FIRST = 40  # entries of a part that is not whole
_MOST = 3000  # entries of a word that is in too many
_AT_ONCE = 10_000

Posting = tuple[str, str, str, str, str]  # word, label, kind, address, note

_POSTINGS = r"""
    WITH entries AS (
        SELECT title AS label, 'monograph' AS kind, monograph_id AS target, '' AS anchor,
            CASE WHEN lower(generic_name) = lower(title) THEN '' ELSE generic_name END AS note,
            title || ' ' || generic_name AS words
        FROM monographs
        UNION ALL
        SELECT brand_name, 'brand', monograph_id, 'r-brand_names-' || brand_no, title, brand_name
        FROM brand_names JOIN monographs USING (monograph_id)
        UNION ALL
        SELECT min(class_text), 'class', lower(class_text), '', count(DISTINCT monograph_id) || '', min(class_text)
        FROM drug_classes GROUP BY lower(class_text)
    )
    SELECT DISTINCT left(unnest(regexp_extract_all(strip_accents(lower(words)), '[\p{L}\p{N}]+')), 20) AS word,
        label, kind, target, anchor, note
    FROM entries
    ORDER BY word, kind DESC, label, target, anchor, note"""


def search_files(content: Content) -> Iterator[tuple[str, bytes]]:
    """Place and bytes of each part, and last of the list of parts."""
    names = []
    for letter, postings in groupby(_postings(content), key=lambda posting: posting[0][0]):
        for name, is_whole, entries in _parts(letter, list(postings)):
            names.append(name)
            yield f"{places.SEARCH}/{file_name(name)}", _script("part", name, is_whole, entries)
    yield f"{places.SEARCH}/parts.js", _script("parts", names)


def _postings(content: Content) -> Iterator[Posting]:
    for row in chain.from_iterable(content.batches(_POSTINGS, _AT_ONCE)):
        target, kind = row["target"], row["kind"]
        page = places.drug_class(target) if kind == "class" else places.monograph(target, row["anchor"])
        yield row["word"], row["label"], kind, page.removeprefix(f"{places.SITE}/"), row["note"]


def _parts(prefix: str, postings: Sequence[Posting]) -> Iterator[tuple[str, bool, list[list[str]]]]:
    """Name, whether it is whole, and entries, of the part of these letters and of those beside it."""
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
    """Each entry once, in the order of its first word."""
    return [list(entry) for entry in dict.fromkeys(posting[1:] for posting in postings)]


def file_name(part: str) -> str:
    """The file of a part: letters and digits as they are, any other character by its number."""
    plain = "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in part)
    return f"w-{plain}.js"


def _script(function: str, *values: object) -> bytes:
    """A call with values in JSON, in ASCII, and without a character that HTML could take for a mark."""
    told = ",".join(json.dumps(value, ensure_ascii=True, separators=(",", ":")) for value in values)
    safe = told.replace("<", r"\u003c")
    return f"catalogue.{function}({safe});\n".encode()
