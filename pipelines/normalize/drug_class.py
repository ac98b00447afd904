"""Drug classes: the class claims of a field, and what kind of claim each is.

    field = item { separator item }              "," ";" new line, bullet; `and` where the words before it have a kind
    item  = [ label ":" ] [ … opening ] { lead } class [ tail ]     specifically a GABA_B receptor agonist
    class = words                                the last word with a kind decides: `thiazide diuretic` is therapeutic

An item that only describes the class before (`Skeletal muscle relaxant, centrally acting`) is part of it. The kind of a
word is a row of `class_words.csv`, where `anti*` is a beginning and `*mimetic` an ending; whole words go before those.
A label such as `Therapeutic class:` gives its kind. Labels, openings, leads and tails are rows of
`class_list_words.csv`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from pipelines.normalize.wording import phrases, tidy, top_level, without_entities, words_of
from pipelines.records import DrugClass, Finding, FindingCode, Passage
from schemas.codes import by_spelling, fold

_CLASS_UNKNOWN = FindingCode("CLASS_UNKNOWN")
_TABLE = "class_list_words"
_KIND_LABELS = {"therapeutic label": "therapeutic", "chemical label": "chemical", "mechanism label": "mechanism"}
_LONGEST_PHRASE = 5
_FARTHEST_KIND = 40  # characters before an `and`

_FLAGS = re.VERBOSE | re.IGNORECASE
_SEPARATOR = re.compile(
    rf"[,;|\r\n•‣◦▪●○]+ | \s[–—-][\0\s]+ | \.\s | \s (?P<word>{phrases(_TABLE, 'separator')}) \s", _FLAGS
)
_LEAD = re.compile(
    rf"(?: .{{0,80}}? {phrases(_TABLE, 'opening')} (?=\s) )? (?: \s{{0,9}} {phrases(_TABLE, 'lead')} (?=\s) ){{0,4}}",
    _FLAGS | re.DOTALL,
)
_TAIL = re.compile(rf"\s {phrases(_TABLE, 'tail')} (?=\s|\Z)", _FLAGS)
_ATC_CODE = re.compile(r"[A-V]\d\d(?:[A-Z](?:[A-Z](?:\d\d)?)?)?")
_WORD = re.compile(r"[^\W_][\w'-]*")
_ENDS = " \t\r\n.:;,-*+•·–"


def read_drug_classes(text: Passage) -> tuple[tuple[DrugClass, ...], tuple[Finding, ...]]:
    """The classes in order, each spelling once, and a finding for each whose kind the words do not tell."""
    found: dict[str, DrugClass] = {}
    for drug_class in _classes(text):
        found.setdefault(fold(drug_class.place.text), drug_class)
    classes = tuple(found.values())
    findings = tuple(
        Finding(_CLASS_UNKNOWN, "No row of class_words.csv tells its kind.", each.place, "drug_classes", no)
        for no, each in enumerate(classes, start=1)
        if each.kind is None
    )
    return classes, findings


def _classes(text: Passage) -> Iterator[DrugClass]:
    label_kind: str | None = None
    last: DrugClass | None = None
    for start, end in _items(text.text):
        item = text.part(start, end)
        colon = top_level(item.text).find(":")
        if colon >= 0:
            label_kind = _kind_of_label(item.text[:colon])
            if fold(item.text[:colon]).strip(_ENDS) in words_of(_TABLE, "other label"):
                continue
        place = _bare(item.part(colon + 1, len(item.text)))
        if not any(map(str.isalpha, place.text)) or _is_nothing(place.text):
            continue
        if last and colon < 0 and _only_describes(place.text):
            last = DrugClass(text.part(last.place.start - text.start, place.end - text.start), last.kind)
            continue
        if last:
            yield last
        last = DrugClass(place, label_kind or _kind(place.text))
    if last:
        yield last


def _items(text: str) -> Iterator[tuple[int, int]]:
    """Where the items stand: `and` parts two of them only where the words before it have a kind."""
    outside = top_level(without_entities(text))
    at = 0
    for separator in _SEPARATOR.finditer(outside):
        if separator["word"] and _kind(text[max(at, separator.start() - _FARTHEST_KIND) : separator.start()]) is None:
            continue
        yield at, separator.start()
        at = separator.end()
    yield at, len(text)


def _is_nothing(text: str) -> bool:
    return fold(text) in words_of(_TABLE, "nothing") or _ATC_CODE.fullmatch(text) is not None


def _kind_of_label(label: str) -> str | None:
    name = fold(label).strip(_ENDS)
    return next((kind for role, kind in _KIND_LABELS.items() if name in words_of(_TABLE, role)), None)


def _bare(item: Passage) -> Passage:
    """An item without bullet, leads and tail."""
    stripped = item.strip(_ENDS)
    lead = _LEAD.match(stripped.text)
    words = stripped.part(lead.end() if lead else 0, len(stripped.text))
    tail = _TAIL.search(top_level(words.text))
    return words.part(0, tail.start() if tail else len(words.text)).strip(_ENDS)


def _only_describes(text: str) -> bool:
    return _kind(text) is None and fold(text).rpartition(" ")[2] in words_of(_TABLE, "modifier")


def _kind(text: str) -> str | None:
    """The kind of the last word or phrase that has one, outside brackets if there is one."""
    outside = top_level(text)
    for words in (_words(outside), _words(text) if outside != text else []):
        for end in range(len(words), 0, -1):
            for start in range(max(0, end - _LONGEST_PHRASE), end):
                kind = _kind_of_phrase(" ".join(words[start:end]))
                if kind:
                    return kind
    return None


def _words(text: str) -> list[str]:
    return [fold(word[0]) for word in _WORD.finditer(tidy(text))]


def _kind_of_phrase(phrase: str) -> str | None:
    """The kind of a spelling, of its singular, or of a single word's beginning or end."""
    rows = by_spelling("class_words")
    row = rows.get(phrase) or rows.get(phrase.removesuffix("s"))
    if row:
        return row["kind"]
    affixes = _affixes() if " " not in phrase else ()
    return next((kind for begins, ends, kind in affixes if phrase.startswith(begins) and phrase.endswith(ends)), None)


@cache
def _affixes() -> tuple[tuple[str, str, str], ...]:
    """Beginning, end and kind of the rows with a `*`."""
    split = ((text.partition("*"), row["kind"]) for text, row in by_spelling("class_words").items() if "*" in text)
    return tuple((begins, ends, kind) for (begins, _, ends), kind in split)
