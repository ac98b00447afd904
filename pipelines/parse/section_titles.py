"""The titles of sections: which words are one, with the drug's name in it or without, as a statement or a question.

    title    = row of section_titles.csv                `Side Effects`   `What is {drug} used for`
             | title ( "and" | "or" ) title             two of one section: `Adverse Reactions/Side Effects`
             | name title | title before name           `Exemplan Side Effects`   `Uses of Exemplan`
             | asks title [ before name ] "?"           `What are the contraindications of Exemplan?`

A title is compared by its key: its words folded, without marks and articles.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

from pipelines.lexer import WORD, Tokens, cut_words
from pipelines.parse.lines import Line
from pipelines.records import SectionCode
from schemas import codes

_TABLE = "section_titles"
_ALONE = "alone"
SECTION_WORD = "section"  # `Indications & Usage Section`
_WITHOUT_PRESCRIPTION = "otc "  # `OTC - Purpose Section`
_DRUG = "{drug}"
_DRUG_WORD = "drugdrugdrug"
LONGEST_TITLE = 120  # characters
MOST_TOKENS_OF_A_TITLE = 9
_MOST_WORDS_OF_A_DRUG = 6
MOST_TOKENS_BEFORE_A_TITLE = 6
_DROPPED = frozenset(",-®™©℠*#_'\"")
_JOINED = {"&": "and", "/": "and"}
JOINED_WORDS = _DROPPED | frozenset(_JOINED)
_MOST_WORDS_OF_AN_OPENING = 3
_MOST_WORDS_THAT_ASK = 5  # `What are some of the`


@dataclass(frozen=True, slots=True)
class SectionTitle:
    """What a title means: `code` is None for words that are known and open no section.

    `role` is `label` (a label in sections that hold a list), `value` (its value may follow without punctuation),
    `furniture` (of the page or the kind of document), `alone` (with a name before it, it means something else:
    `pulmonary toxicity`), `lead` (a list follows and ends the section: `Do not take it if you:`) or empty.
    """

    code: SectionCode | None
    role: str


def title_key(tokens: Tokens, first: int, after: int) -> str:
    """The key under which a title is kept: its words, whatever joins them."""
    return _key(tokens.keys[first:after])


def may_open_key(word: str, openings: Container[str]) -> bool:
    """Whether the key of a title that begins with a token may begin with one of some words: a quick look."""
    return word in openings or word in JOINED_WORDS


def key_of(words: str) -> str:
    """The key of a title given as words.

    >>> key_of("Warnings &amp; Contra-indications")
    'warnings and contra indications'
    """
    return _key(cut_words(words))


def _key(words: Sequence[str]) -> str:
    if JOINED_WORDS.isdisjoint(words):
        return " ".join(words)
    return " ".join([_JOINED.get(word, word) for word in words if word not in _DROPPED])


@dataclass(frozen=True, slots=True)
class _Pattern:
    before: str
    after: str
    title: SectionTitle

    def drug_in(self, key: str) -> str | None:
        """The words that stand for the drug, if `key` has this pattern."""
        if not (key.startswith(self.before) and key.endswith(self.after)):
            return None
        drug = key[len(self.before) : len(key) - len(self.after)]
        return drug if drug and drug.count(" ") < _MOST_WORDS_OF_A_DRUG else None


@dataclass(frozen=True, slots=True)
class _Titles:
    """Titles by key; those with a name by their first word, or their last; and words that begin or end titles."""

    exact: dict[str, SectionTitle]
    by_first_word: dict[str, list[_Pattern]]
    by_last_word: dict[str, list[_Pattern]]
    first_words: set[str]
    last_words: set[str]
    before_value: set[str]


@cache
def known_titles() -> _Titles:
    """All titles of the vocabulary.

    Raises CodeTableError for one that leads to two sections.
    """
    found = _Titles({}, {}, {}, set(), set(), set())
    patterns: dict[str, SectionTitle] = {}
    for row in codes.rows(_TABLE):
        key = key_of(row["text"].replace(_DRUG, f" {_DRUG_WORD} "))
        title = SectionTitle(SectionCode(row["code"]) if row["code"] else None, row["role"])
        kept = patterns if _DRUG_WORD in key else found.exact
        if kept.setdefault(key, title) != title:
            message = f"schemas/codes/{_TABLE}.csv: {row['text']!r} leads to two codes; keep one row"
            raise codes.CodeTableError(message)
    for row in codes.rows("openfda_fields"):
        if "_" in row["text"] and row["code"]:  # the keys of a record that is pasted as text
            found.exact.setdefault(key_of(row["text"]), SectionTitle(SectionCode(row["code"]), ""))
    for key, title in found.exact.items():
        found.first_words.add(key.split(" ", 1)[0])
        found.last_words.add(key.rsplit(" ", 1)[-1])
        if title.role == "value":
            found.before_value.add(key.split(" ", 1)[0])
    for key, title in patterns.items():
        before, _, after = key.partition(_DRUG_WORD)
        words, index = (before.split()[:1], found.by_first_word) if before else (after.split()[-1:], found.by_last_word)
        index.setdefault(words[0], []).append(_Pattern(before, after, title))
    for each in (*found.by_first_word.values(), *found.by_last_word.values()):
        each.sort(key=lambda pattern: -len(pattern.before + pattern.after))
    return found


def find_title(key: str, names: Container[str], *, is_question: bool = False) -> SectionTitle | None:
    """The row that a title's key means. `names` holds the keys of the names that the document gives its drugs."""
    titles = known_titles()
    if key.endswith(f" {SECTION_WORD}") and key not in titles.exact:
        key = key.removesuffix(f" {SECTION_WORD}").removeprefix(_WITHOUT_PRESCRIPTION)
    if not key or key in titles.exact:
        return titles.exact.get(key)
    first, last = key.split(" ", 1)[0], key.rsplit(" ", 1)[-1]
    if first in titles.first_words and last in titles.last_words:
        twofold = _twofold(key)
        if twofold is not None:
            return twofold
    for pattern in chain(titles.by_first_word.get(first, ()), titles.by_last_word.get(last, ())):
        drug = pattern.drug_in(key)
        if drug and (is_question or drug in names or drug in words_with_role("name_words", "drug")):
            return pattern.title
    if is_question:
        return _asked_after(key)
    if names == () or (first not in titles.first_words and last not in titles.last_words):
        return None
    return _beside_name(key, names)


def _asked_after(key: str) -> SectionTitle | None:
    """The title that a question asks after, with the drug or without: `What are the contraindications of Exemplan?`."""
    words = key.split(" ")
    asking = words_with_role("title_words", "asks")
    begin = next((at for at in range(_MOST_WORDS_THAT_ASK, 0, -1) if " ".join(words[:at]) in asking), 0)
    before_drug = words_with_role("title_words", "before drug")
    joints = (at for at in range(begin + 1, len(words)) if words[at] in before_drug)
    end = next((at for at in joints if 0 < len(words) - at - 1 <= _MOST_WORDS_OF_A_DRUG), len(words))
    title = known_titles().exact.get(" ".join(words[begin:end])) if begin else None
    return title if title is not None and title.code else None


def _twofold(key: str) -> SectionTitle | None:
    """Two titles of one section joined by `and` or `or`: `Adverse Reactions/Side Effects`."""
    exact = known_titles().exact
    for joint in (" and ", " or "):
        first, _, second = key.partition(joint)
        title = exact.get(first) if second else None
        if title is not None and title.code and title == exact.get(second):
            return title
    return None


def drug_in_line(line: Line) -> str | None:
    """The words that stand for the drug in a short line with the shape of a known title."""
    tokens, first, after = line.tokens, line.first, line.after
    while first < after and tokens.kinds[first] != WORD:
        first += 1
    after -= tokens.keys[line.after - 1] == "?"
    if first >= after or not may_be_title(tokens.keys[first], tokens.keys[after - 1]):
        return None
    return drug_in_title(title_key(tokens, first, after))


def drug_in_title(key: str) -> str | None:
    """The words that stand for the drug in a title that has the shape of a known one; None if it has none."""
    titles = known_titles()
    first, last = key.split(" ", 1)[0], key.rsplit(" ", 1)[-1]
    for pattern in chain(titles.by_first_word.get(first, ()), titles.by_last_word.get(last, ())):
        drug = pattern.drug_in(key)
        if drug and drug not in words_with_role("name_words", "drug"):
            return drug
    if last not in titles.last_words:
        return None
    words = key.split(" ")
    for at in range(1, min(len(words), _MOST_WORDS_OF_A_DRUG)):
        title = titles.exact.get(" ".join(words[at:]))
        if title is not None and title.code:
            return " ".join(words[:at])
    return None


def _beside_name(key: str, names: Container[str]) -> SectionTitle | None:
    """A title with a name of the document before it, or behind it after `of`, `for` or the like."""
    titles = known_titles()
    words = key.split(" ")
    before_name = words_with_role("title_words", "before drug")
    may_end = words[-1] in titles.last_words and not titles.first_words.isdisjoint(words[1 : _MOST_WORDS_OF_A_DRUG + 1])
    may_begin = words[0] in titles.first_words and not before_name.isdisjoint(words)
    if not may_begin and not may_end:
        return None
    for at in range(1, len(words)):
        if words[at - 1][0].isdigit():
            return None  # `Cost 7.00 generic`
        if may_end and at <= _MOST_WORDS_OF_A_DRUG and words[at] in titles.first_words:
            title = titles.exact.get(" ".join(words[at:]))
            if title is not None and title.code and title.role != _ALONE and " ".join(words[:at]) in names:
                return title
        if may_begin and words[at] in before_name and at + 1 < len(words):
            title = titles.exact.get(" ".join(words[:at]))
            if title is not None and title.code and " ".join(words[at + 1 :]) in names:
                return title
    return None


@cache
def _first_words_of_names() -> frozenset[str]:
    named = {row["code"] for row in codes.rows("sections") if row["title_rank"]}
    return frozenset(key.split(" ", 1)[0] for key, title in known_titles().exact.items() if title.code in named)


def begins_with_name_title(line: Line) -> bool:
    """Whether one of the first words of a line begins a title of a section that names the drug: a quick look."""
    return not _first_words_of_names().isdisjoint(
        line.tokens.keys[line.first : line.first + MOST_TOKENS_BEFORE_A_TITLE]
    )


@cache
def words_with_role(table: str, role: str) -> frozenset[str]:
    """The title keys of the rows of a table that have a role."""
    return frozenset(key_of(row["text"]) for row in codes.rows(table) if role in row["roles"].split("; "))


def begins_as_question(key: str) -> bool:
    """Whether the words begin as a question or an answer to one does: `What it treats`, `How it comes`."""
    words = key.split(" ", _MOST_WORDS_OF_AN_OPENING + 1)
    openings = words_with_role("sentence_words", "question")
    return any(
        " ".join(words[:count]) in openings for count in range(1, min(len(words), _MOST_WORDS_OF_AN_OPENING + 1))
    )


@cache
def _grouping_words() -> frozenset[str]:
    frequencies = {key_of(row["text"]) for row in codes.rows("severity_words")}
    return words_with_role("reaction_words", "system") | frequencies


def groups_reactions(key: str) -> bool:
    """Whether reactions are listed under the words: a part of the body (`CNS`, `Skin`) or how often they occur."""
    return key in _grouping_words()


def may_be_title(first: str, last: str) -> bool:
    """Whether a title may begin and end with these words: a quick look that most lines fail."""
    titles = known_titles()
    if first in titles.first_words or first in titles.by_first_word or first in JOINED_WORDS:
        return True
    return last in titles.last_words or last in titles.by_last_word or last in JOINED_WORDS or last == SECTION_WORD


@cache
def sentence_words() -> frozenset[str]:
    """The words that make a line a sentence."""
    return words_with_role("sentence_words", "sentence")
