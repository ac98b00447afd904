"""The words of a text that may state a pregnancy category, each with what it may be.

What a word may be is a row: a letter of a system (`pregnancy_categories.csv`, `pregnancy_synonyms.csv`), the name of a
system (`pregnancy_systems.csv`), or a word with roles (`pregnancy_words.csv`). Roles lead to a letter (`pregnancy`,
`category`, `category abroad`, `assign`, `join`), deny it (`negation`, `adverb`, `absent`, `unassigned`), follow it
(`separator`, `opener` and `depends` of a condition, `stop`, `verb`, `define`), or show that it is not the drug's
(`other`, `plural`, `foreign`, `modal`, `lactation`, `general`). `own` words mean the drug itself. The terms of a text
are walked once, and every look ahead is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pipelines.lexer import BREAK, NUMBER, SOFT_BREAK, WORD, Tokens, cut_words
from pipelines.lexicon import Vocabulary
from pipelines.records import Passage
from schemas import codes

LONGEST_NAME_OF_SYSTEM = 4  # terms
FEWEST_OF_LEGEND = 3  # explained letters
SAYS_CATEGORY = frozenset({"category", "category abroad"})
BEFORE_LETTER = frozenset({"pregnancy", "category", "category abroad"})
NAMES_SYSTEM = frozenset({"system", "pregnancy", "category", "category abroad"})
LEADS_TO_LETTER = NAMES_SYSTEM | {"assign"}
LEADS_OR_JOINS = LEADS_TO_LETTER | {"join"}
STOPS = frozenset({"end", "break"})
_CLOSES_LETTER = frozenset({"end", "break", "separator", "opener", "depends", "mark", "stop"})
EXPLAINS = frozenset({":", "=", "-"})
CLOSING_BRACKETS = {"(": ")", "[": "]"}


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a spelling may be, and the code of a letter or system."""

    roles: frozenset[str]
    value: str = ""


@dataclass(frozen=True, slots=True)
class _Term:
    """A word, a known phrase, a mark, the end of a sentence or of a line, with the tokens that it takes."""

    roles: frozenset[str]
    first: int
    after: int
    value: str = ""


@cache
def _known() -> Vocabulary[_Entry]:
    entries: dict[tuple[tuple[str, ...], str], tuple[str, _Entry, bool]] = {}
    for row in codes.rows("pregnancy_words"):
        entries[cut_words(row["text"]), ""] = (row["text"], _Entry(frozenset(row["roles"].split("; "))), False)
    spellings = {row["code"]: row["code"] for row in codes.rows("pregnancy_categories")}
    for text, code in [*spellings.items(), *((row["text"], row["code"]) for row in codes.rows("pregnancy_synonyms"))]:
        before = entries.get((cut_words(text), ""))
        roles = frozenset({"code"}) | (before[1].roles if before else frozenset())
        entries[cut_words(text), ""] = (text, _Entry(roles, code), False)
    for row in codes.rows("pregnancy_systems"):
        roles = frozenset({"system", "names alone"} if row["names_alone"] == "true" else {"system"})
        exact = row["text"] if row["as_printed"] == "true" else ""
        entries[cut_words(row["text"]), exact] = (row["text"], _Entry(roles, row["system_code"]), bool(exact))
    return Vocabulary("pregnancy_words", entries.values())


class Terms:
    """The terms of a stretch of text, and what stands where. Positions are numbers of terms."""

    def __init__(self, tokens: Tokens, first: int, after: int) -> None:
        """Looks up each token, the longest phrase first."""
        self.tokens = tokens
        self.terms = list(_terms(tokens, first, after))
        self.legend: frozenset[int] = frozenset()
        explained = [at for at in range(len(self)) if self.is_a(at, "code") and self.explains(at)]
        if len({self.terms[at].value for at in explained}) >= FEWEST_OF_LEGEND:
            self.legend = frozenset(explained)

    def __len__(self) -> int:
        return len(self.terms)

    def is_any(self, at: int, roles: frozenset[str]) -> bool:
        """Whether the term has one of the roles."""
        return 0 <= at < len(self.terms) and not roles.isdisjoint(self.terms[at].roles)

    def is_a(self, at: int, role: str) -> bool:
        """Whether the term has the role."""
        return 0 <= at < len(self.terms) and role in self.terms[at].roles

    def says(self, at: int) -> str:
        """The words of the term; empty beyond the ends."""
        return self.text(at, at + 1) if 0 <= at < len(self.terms) else ""

    def text(self, first: int, after: int) -> str:
        """The words of some terms."""
        return self.tokens.plain(self.terms[first].first, self.terms[after - 1].after)

    def passage(self, first: int, after: int) -> Passage:
        """The printed words of some terms."""
        return self.tokens.passage(self.terms[first].first, self.terms[after - 1].after)

    def skip(self, at: int, roles: frozenset[str], most: int) -> int:
        """Past up to `most` terms that have one of the roles."""
        end = at
        while end < at + most and self.is_any(end, roles):
            end += 1
        return end

    def to_letter(self, at: int, roles: frozenset[str], most: int) -> int:
        """Past up to `most` terms that have one of the roles, and up to a value."""
        end = at
        while end < at + most and self.is_any(end, roles):
            if self.is_value(end, is_led=self.is_any(end - 1, SAYS_CATEGORY)):
                break
            end += 1
        return end

    def explains(self, at: int) -> bool:
        """Whether the letter is followed by what it means."""
        if self.says(at).islower():
            return False
        return self.says(at + 1) in EXPLAINS or self.is_any(at + 1, frozenset({"define", "verb"}))

    def is_letter(self, at: int, *, is_led: bool) -> bool:
        """Whether a letter stands here and not an article or the beginning of a word group.

        `is_led`: the word `category` stands right before it; then only `a` and `A` depend on what follows.
        """
        if not self.is_a(at, "code") or at in self.legend:
            return False
        printed = self.says(at)
        if is_led and printed[0].isupper() and printed != "A":
            return True
        if at + 1 == len(self.terms) or self.is_any(at + 1, _CLOSES_LETTER) or self.labels_next(at + 1):
            return True
        follows = frozenset({"define", "modal", "plural", "join", "verb"})
        return is_led and printed == "A" and self.is_any(at + 1, follows)

    def labels_next(self, at: int) -> bool:
        """Whether a system stands here that leads to the next letter: `US: C AU: B3`."""
        return self.is_a(at, "system") and (self.says(at + 1) in EXPLAINS or self.is_any(at + 1, BEFORE_LETTER))

    def is_value(self, at: int, *, is_led: bool) -> bool:
        """Whether a letter stands here, or words that none was assigned."""
        return self.is_letter(at, is_led=is_led) or self.unassigned_end(at) is not None

    def unassigned_end(self, at: int) -> int | None:
        """The term after `not assigned`, `has not yet been assigned` from its negation on; None if that is not said."""
        if self.is_a(at, "unassigned"):
            return at + 1
        if not self.is_a(at, "negation"):
            return None
        end = self.skip(at + 1, frozenset({"adverb"}), LONGEST_NAME_OF_SYSTEM)
        return end + 1 if self.is_a(end, "assign") and not self.is_a(end, "unassigned") else None


def _terms(tokens: Tokens, first: int, after: int) -> Iterator[_Term]:
    at = first
    while at < after:
        kind = tokens.kinds[at]
        if kind == SOFT_BREAK or (kind == BREAK and not _ends_line(tokens, at, after)):
            at += 1
            continue
        found = _known().longest(tokens, at, after) if kind != BREAK else None
        if found is not None and "code" in found[0].roles and _is_hyphenated(tokens, at, found[1], after):
            found = None
        role = _role(tokens, at, after)
        if found is not None:
            yield _Term(frozenset({role}) | found[0].roles, at, found[1], found[0].value)
            at = found[1]
        else:
            end = end_of_word(tokens, at, after)
            yield _Term(frozenset({role}), at, end)
            at = end


def _role(tokens: Tokens, at: int, after: int) -> str:
    """What a token is in itself: a word or number, a mark, or the end of a sentence or line."""
    kind = tokens.kinds[at]
    if kind == BREAK:
        return "break"
    if kind in (WORD, NUMBER):
        return "word"
    if tokens.keys[at] not in (".", "!", "?"):
        return "mark"
    end = at + 1
    while end < after and tokens.kinds[end] in (BREAK, SOFT_BREAK):
        end += 1
    is_apart = end > at + 1 or not (end < len(tokens) and tokens.is_tight(end))
    return "end" if end >= after or (is_apart and not tokens.printed_case(end)[0].islower()) else "mark"


def _ends_line(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a line ends here: one that goes on in lower case is a wrapped line."""
    return at + 1 >= after or not tokens.printed_case(at + 1)[0].islower()


def end_of_word(tokens: Tokens, at: int, after: int) -> int:
    """The token after a word with what hyphens join to it: `B-cell`, `U-100`."""
    end = at + 1
    while tokens.kinds[at] in (WORD, NUMBER) and _is_hyphenated(tokens, at, end, after, only_after=True):
        end += 2
    return end


def _is_hyphenated(tokens: Tokens, at: int, end: int, after: int, *, only_after: bool = False) -> bool:
    """Whether a hyphen joins the tokens to a word behind them, or to a word before them that is no label."""
    is_tight = end + 1 < after and tokens.keys[end] == "-" and tokens.is_tight(end) and tokens.is_tight(end + 1)
    if is_tight and tokens.kinds[end + 1] in (WORD, NUMBER):
        return True
    if only_after or at <= 1 or tokens.keys[at - 1] != "-" or not (tokens.is_tight(at) and tokens.is_tight(at - 1)):
        return False
    before = _known().longest(tokens, at - 2, at - 1)
    return before is None or before[0].roles.isdisjoint(SAYS_CATEGORY)
