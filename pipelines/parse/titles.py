"""The vocabulary of headings: which printed title means which section.

A title of `section_titles.csv` matches whatever its case, hyphens, commas and `&` or `/` for `and`. `{drug}` in a title
stands for one to five words: any in a question, and elsewhere a name that the document itself gives, or a word such as
`it` (`name_words.csv`).
"""

from __future__ import annotations

import html
from collections.abc import Container
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain

from pipelines.records import SectionCode
from schemas import codes

_DRUG = "{drug}"
_LONGEST_DRUG = 5
_LONGEST_OPENING = 20  # characters
_TRADEMARKS = str.maketrans("", "", "®™©℠")
_JOINERS = str.maketrans({"-": " ", ",": " ", "&": " and ", "/": " and "})
_TABLE = "section_titles"


@dataclass(frozen=True, slots=True)
class SectionTitle:
    """What a title means: `code` is None for words that are known and open no section.

    `role` is `label` (a label in sections that hold a list), `value` (its value may follow without punctuation),
    `furniture` (of the page or the kind of document) or empty.
    """

    code: SectionCode | None
    role: str


@dataclass(frozen=True, slots=True)
class _Pattern:
    before: str
    after: str
    title: SectionTitle

    def drug_in(self, key: str) -> str | None:
        """The words that stand for the drug, where `key` has this pattern."""
        if not (key.startswith(self.before) and key.endswith(self.after)):
            return None
        drug = key[len(self.before) : len(key) - len(self.after)]
        return drug if drug and drug.count(" ") < _LONGEST_DRUG else None


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    exact: dict[str, SectionTitle]
    by_first_word: dict[str, list[_Pattern]]
    by_last_word: dict[str, list[_Pattern]]


@lru_cache(maxsize=8192)  # documents of one site share their headings
def title_key(words: str) -> str:
    """The key under which a title is kept.

    >>> title_key("Warnings &amp; Contra-indications")
    'warnings and contra indications'
    """
    return " ".join(codes.fold(html.unescape(words).translate(_TRADEMARKS)).translate(_JOINERS).split())


def find_title(words: str, names: Container[str]) -> SectionTitle | None:
    """The row that `words` mean. `names` holds the keys of the names that the document gives its drugs."""
    key = title_key(words.rstrip("?"))
    vocabulary = _vocabulary()
    if not key or key in vocabulary.exact:
        return vocabulary.exact.get(key)
    is_question = words.endswith("?")
    first, last = key.split(" ", 1)[0], key.rsplit(" ", 1)[-1]
    for pattern in chain(vocabulary.by_first_word.get(first, ()), vocabulary.by_last_word.get(last, ())):
        drug = pattern.drug_in(key)
        if drug and (is_question or drug in names or drug in _with_role("name_words", "drug")):
            return pattern.title
    return None


@lru_cache(maxsize=8192)
def is_sentence_word(word: str) -> bool:
    """Whether the word shows that it stands in a sentence and not in a label."""
    return codes.fold(word) in _with_role("sentence_words", "sentence")


def begins_as_question(words: str) -> bool:
    """Whether the words begin as a question or an answer to one does: `What it treats`, `How it comes`."""
    key = title_key(words[:_LONGEST_OPENING])
    return any(key.startswith(f"{opening} ") for opening in _with_role("sentence_words", "question"))


def groups_reactions(words: str) -> bool:
    """Whether reactions are listed under the words: a part of the body (`CNS`, `Skin`) or how often they occur."""
    return title_key(words) in _with_role("reaction_words", "system") or codes.fold(words) in codes.by_spelling(
        "severity_words"
    )


@cache
def system_sections() -> frozenset[str]:
    """Codes of the sections that list reactions by part of the body."""
    return frozenset(row["code"] for row in codes.rows("sections") if row["holds_systems"])


@cache
def _with_role(table: str, role: str) -> frozenset[str]:
    return frozenset(title_key(row["text"]) for row in codes.rows(table) if role in row["roles"].split("; "))


@cache
def list_sections() -> frozenset[str]:
    """Codes of the sections that hold lists of labelled lines, such as strengths by form."""
    return frozenset(row["code"] for row in codes.rows("sections") if row["holds_list"])


@cache
def naming_sections() -> tuple[str, ...]:
    """Codes of the sections that name the drug, the surest first."""
    named = [row for row in codes.rows("sections") if row["title_rank"]]
    return tuple(row["code"] for row in sorted(named, key=lambda row: int(row["title_rank"])))


@cache
def opening_sections() -> frozenset[str]:
    """Codes of the sections that a monograph has once, and that begin the next one where they come again."""
    return frozenset(row["code"] for row in codes.rows("sections") if row["opens_monograph"])


@cache
def _vocabulary() -> _Vocabulary:
    found = _Vocabulary({}, {}, {})
    for row in codes.rows(_TABLE):
        key = title_key(row["text"])
        title = SectionTitle(SectionCode(row["code"]) if row["code"] else None, row["role"])
        if found.exact.setdefault(key, title) != title:
            message = f"schemas/codes/{_TABLE}.csv: {row['text']!r} leads to two codes; keep one row"
            raise codes.CodeTableError(message)
    for key in [key for key in found.exact if _DRUG in key]:
        before, _, after = key.partition(_DRUG)
        pattern = _Pattern(before, after, found.exact.pop(key))
        words, index = (before.split()[:1], found.by_first_word) if before else (after.split()[-1:], found.by_last_word)
        index.setdefault(words[0], []).append(pattern)
    for patterns in (*found.by_first_word.values(), *found.by_last_word.values()):
        patterns.sort(key=lambda pattern: -len(pattern.before + pattern.after))
    return found
