"""Text about pregnancy cut into tokens, each with the roles that its words may play.

    token = word | number | mark | end (of a sentence) | break (of a line)

What a word may be is a row: a letter of a system (`pregnancy_categories.csv`, `pregnancy_synonyms.csv`), the name of a
system (`pregnancy_systems.csv`) or a word with roles (`pregnancy_words.csv`); the longest entry that begins at a word
wins. A line that goes on in lower case is a wrapped line and no break.

Roles lead to a letter (`pregnancy`, `category`, `category abroad`, `assign`, `join`), deny it (`negation`, `adverb`,
`absent`, `unassigned`), follow it (`separator`, `opener` and `depends` of a condition, `stop`, `verb`, `define`), or
show that it is not the drug's (`other`, `plural`, `foreign`, `modal`, `lactation`). `general` and `abbreviation` keep
their words from being read as something else.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from schemas import codes

KINDS = (
    "trimester", "gestation", "brand", "manufacturer", "indication", "population", "duration", "dose", "strength",
    "form", "route", "ingredient",
)  # fmt: skip
_REMARK = "remark"
_LONGEST_NAMELESS = 6  # words of a condition of no known kind; more is an explanation
_STEM = "-"

_TOKEN = re.compile(
    r"""
    (?P<gap>    &nbsp; | &\#160; )
  | (?P<end>    [.!?]{1,8} (?= \s{1,8} [^a-z\s] | \s{0,8} \Z ) )
  | (?P<break>  \n (?! [ ]{0,80} [a-z] ) )
  | (?P<word>   (?: [^\W\d_] \. ){2,6} | [^\W_] \w* (?: [-'] \w+ ){0,8} )
  | (?P<mark>   [^\s] )
    """,
    re.VERBOSE,
)
_AMOUNT = re.compile(r"\d \s? (?: % | m?c?g\b | mL\b | units?\b | IU\b )", re.VERBOSE | re.IGNORECASE)


class _OneForOne(dict[int, int]):
    """Folds width, dashes and spaces of single characters, and keeps the length of the text."""

    def __missing__(self, point: int) -> int:
        folded = (
            codes.fold(chr(point))
            if unicodedata.category(chr(point)) == "Pd"
            else unicodedata.normalize("NFKC", chr(point))
        )
        self[point] = ord(folded) if len(folded) == 1 else point
        return self[point]


_ONE_FOR_ONE = _OneForOne({ord("’"): ord("'"), ord("‘"): ord("'"), ord("\r"): ord(" ")})


class Token(NamedTuple):
    """A token: what it may be, how it is printed, where it stands, and the code of a letter or system."""

    roles: frozenset[str]
    text: str
    start: int
    end: int
    value: str = ""


class Entry(NamedTuple):
    """What a spelling may be; `as_printed` is set where case matters (`US`)."""

    roles: frozenset[str]
    value: str
    as_printed: str = ""


def _vocabulary() -> dict[str, Entry]:
    found = {}
    for text, row in codes.by_spelling("pregnancy_words").items():
        found[text] = Entry(frozenset(row["roles"].split("; ")), "")
    for text, code in _letters().items():
        found[text] = Entry(frozenset({"code"}) | (found[text].roles if text in found else frozenset()), code)
    for text, row in codes.by_spelling("pregnancy_systems").items():
        roles = {"system", "names alone"} if row["names_alone"] == "true" else {"system"}
        found[text] = Entry(frozenset(roles), row["system_code"], row["text"] if row["as_printed"] == "true" else "")
    return found


def _letters() -> dict[str, str]:
    """The code of every spelling of a letter, whatever its system."""
    letters = {codes.fold(row["code"]): row["code"] for row in codes.rows("pregnancy_categories")}
    return letters | {text: row["code"] for text, row in codes.by_spelling("pregnancy_synonyms").items()}


_VOCABULARY = _vocabulary()


def _pieces(text: str) -> list[tuple[str, str, int, int]]:
    return [(found.lastgroup or "", found[0], found.start(), found.end()) for found in _TOKEN.finditer(text)]


_MOST_PIECES = max(len(_pieces(text)) for text in _VOCABULARY)
_STARTS = {_pieces(text)[0][1] for text in _VOCABULARY}


def plain(text: str) -> str:
    """The text with one kind of dash, quote, space and width; every character keeps its place."""
    return text if text.isascii() else text.translate(_ONE_FOR_ONE)


def tokens_of(text: str) -> list[Token]:
    """The tokens in order, every one with its roles."""
    pieces = [piece for piece in _pieces(text) if piece[0] != "gap"]
    tokens: list[Token] = []
    at = 0
    while at < len(pieces):
        entry, count = _entry_at(text, pieces, at)
        kind, _, start, _ = pieces[at]
        end = pieces[at + count - 1][3]
        tokens.append(Token(frozenset({kind}) | entry.roles, text[start:end], start, end, entry.value))
        at += count
    return tokens


_NOTHING = Entry(frozenset(), "")


def _entry_at(text: str, pieces: list[tuple[str, str, int, int]], at: int) -> tuple[Entry, int]:
    """The longest entry that begins at a piece, and how many pieces it takes."""
    if codes.fold(pieces[at][1]) not in _STARTS:
        return _NOTHING, 1
    for count in range(min(_MOST_PIECES, len(pieces) - at), 0, -1):
        if pieces[at + count - 1][0] == "break":
            continue
        printed = text[pieces[at][2] : pieces[at + count - 1][3]]
        entry = _VOCABULARY.get(codes.fold(printed))
        if entry is not None and entry.as_printed in ("", printed):
            return entry, count
    return _NOTHING, 1


_CONDITIONS = {text: row["kind"] for text, row in codes.by_spelling("pregnancy_condition_words").items()}
_STEMS = tuple(text[1:] for text in _CONDITIONS if text.startswith(_STEM))
_MOST_WORDS = max(len(text.split()) for text in _CONDITIONS)
_WORD = re.compile(r"[^\W_][\w/-]*")


def condition_kind(words: str, *, is_bracketed: bool) -> str | None:
    """What a condition is about; None where the words are no condition but an explanation.

    Of several kinds the first of KINDS counts: `0.5% ophthalmic solution` is a strength. In brackets, a few words of no
    known kind are a condition too: of an `ingredient` where a word ends in a stem of WHO's list of names, else `other`.
    """
    spoken = [codes.fold(word) for word in _WORD.findall(words)]
    kinds = list(_kinds(spoken))
    if not kinds or kinds[0] == _REMARK:
        return None
    known = {kind for kind in kinds if kind in KINDS} | ({"strength"} if _AMOUNT.search(words) else set())
    for kind in KINDS:
        if kind in known:
            return kind
    if not is_bracketed or _REMARK in kinds or len(spoken) > _LONGEST_NAMELESS or set(kinds) == {""}:
        return None
    return "ingredient" if any(word.endswith(_STEMS) for word in spoken) else "other"


def has_stem(word: str) -> bool:
    """Whether a word ends in a stem of WHO's list of names of substances."""
    return codes.fold(word).endswith(_STEMS)


def _kinds(spoken: list[str]) -> list[str | None]:
    """The kind of each word or known run of words: "" for words that are no condition, None for unknown ones."""
    found: list[str | None] = []
    at = 0
    while at < len(spoken):
        kind, count = _kind_at(spoken, at)
        found.append(kind)
        at += count
    return found


def _kind_at(spoken: list[str], at: int) -> tuple[str | None, int]:
    for count in range(min(_MOST_WORDS, len(spoken) - at), 0, -1):
        kind = _CONDITIONS.get(" ".join(spoken[at : at + count]))
        if kind is not None:
            return kind, count
    return None, 1
