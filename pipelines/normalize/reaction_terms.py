"""Names of adverse reactions: the longest one at a token, put together from the words of `reaction_terms.csv`.

    reaction = { modifier } ( term | head ) [ place ] [ turned ]      hepatic failure     edema peripheral
             | change { measured } measure [ level ]                  increased blood creatinine
             | { measured } measure [ level ] change                  alanine aminotransferase increased
             | change noun ( "of" | "in" ) [ article ] { measured } measure [ level ]
                                                                      elevations in serum transaminases
    modifier = site | quality | cause | term | measure                of the body, of the reaction, what causes it
    place    = ( "of" | "in" | "to" | … ) [ article ] { site } part   pain in extremity     swelling of the face
    turned   = { site | quality | cause }                             only at the end of an item: infections fungal

A `head` (`disorder`, `failure`) is no reaction alone. How severe a reaction was (`skip`) is no part of its name.

Other roles are asked for by `adverse_reactions`: a `class` of organs is no reaction; a `generic` name (`infection`) is
one only in a list; a `local` one (`redness`) may be the end of `injection site pain, redness`, behind a `local site`;
a `standing` word (`diabetes`, `impairment`) in a warning is as a rule what the patient has.
"""

from __future__ import annotations

from functools import cache

from pipelines.lexer import SOFT_BREAK, Tokens, is_joining_hyphen
from pipelines.lexicon import Vocabulary, with_role
from schemas import codes

_MOST_PHRASES = 8
_MODIFIERS = frozenset({"site", "quality", "cause", "term", "measure", "measured in", "head"})
_TURNED = frozenset({"site", "quality", "cause"})
_TO_PLACE = with_role("reaction_words", "to place")
_ARTICLE = with_role("reaction_words", "article")
WIDEST_WORD_SPACE = 2  # characters; wider ones part columns, and so do several of this width


@cache
def terms() -> Vocabulary[frozenset[str]]:
    """The words that names are made of, with their roles."""
    rows = codes.rows("reaction_terms")
    return Vocabulary("reaction_terms", ((row["text"], frozenset(row["roles"].split("; ")), False) for row in rows))


def name_after(tokens: Tokens, first: int, after: int) -> int | None:
    """The token after the longest name that begins at a token; None if none does."""
    found = terms().longest(tokens, first, after)
    if found is None:
        return None
    if "skip" in found[0]:
        return found[1] if "term" in found[0] else None
    return _Reader(tokens, after).read(first)


class _Reader:
    """What was read of one name: a measure, a change, modifiers; and where the name ends so far."""

    def __init__(self, tokens: Tokens, after: int) -> None:
        self.tokens = tokens
        self.after = after
        self.has_modifier = self.has_measure = self.has_change = self.has_core = False
        self.end: int | None = None
        self.turned: int | None = None

    def read(self, first: int) -> int | None:
        at: int | None = first
        for _ in range(_MOST_PHRASES):
            if at is None:
                break
            found = terms().longest(self.tokens, at, self.after)
            if found is None:
                break
            roles, after = found
            if self.turned is not None and roles.isdisjoint(_TURNED | {"head", "term"}):
                break
            if not self.take(roles, after):
                break
            at = self.next(after)
        is_label = self.turned is not None and self.turned < self.after and self.tokens.keys[self.turned] == ":"
        if self.turned is not None and not is_label and (self.end is None or self.turned > self.end):
            return self.turned
        return self.end

    def take(self, roles: frozenset[str], after: int) -> bool:
        """Takes in a phrase; False if it cannot stand here."""
        if self.has_core and "term" in roles and "head" not in roles:
            return False
        if self.is_core(roles):
            self.end = self.place_after(after)
            self.has_core, self.turned = True, None
            self.note(roles)
            return self.end == after
        if "change noun" in roles and not self.has_measure:
            end = self.measured_after(after)
            if end is not None:
                self.end = end
                return False
        if self.has_core and not roles.isdisjoint(_TURNED):
            self.turned = after
            self.note(roles)
            return True
        if roles.isdisjoint(_MODIFIERS | {"change"}):
            return False
        self.note(roles)
        return True

    def is_core(self, roles: frozenset[str]) -> bool:
        """Whether the name is complete with these words."""
        if "term" in roles or ("head" in roles and self.has_modifier):
            return True
        if "measure" in roles and self.has_change:
            return True
        if "level" in roles and self.has_measure and self.has_change:
            return True
        return "change" in roles and self.has_measure

    def note(self, roles: frozenset[str]) -> None:
        self.has_modifier = self.has_modifier or not roles.isdisjoint(_MODIFIERS - {"head"})
        self.has_measure = self.has_measure or "measure" in roles
        self.has_change = self.has_change or "change" in roles

    def next(self, at: int) -> int | None:
        """Past a hyphen that joins words, and over a soft break; None if a column begins, or a glued cell."""
        tokens = self.tokens
        if at < self.after and (is_joining_hyphen(tokens, at) or tokens.kinds[at] == SOFT_BREAK):
            at += 1
        elif at < self.after and tokens.is_tight(at):
            return None  # `TremorTremor`
        if at >= self.after or tokens.starts[at] - tokens.ends[at - 1] > WIDEST_WORD_SPACE:
            return None
        return at

    def place_after(self, at: int) -> int:
        """Past `of the face`, `in extremity`; `at` if no place follows."""
        found = _TO_PLACE.longest(self.tokens, at, self.after)
        if found is None:
            return at
        begin = _past_article(self.tokens, found[1], self.after)
        for _ in range(3):
            part = terms().longest(self.tokens, begin, self.after)
            if part is None:
                return at
            if "part" in part[0]:
                longer = terms().longest(self.tokens, part[1], self.after)
                return part[1] if longer is None or "head" not in longer[0] else at
            if part[0].isdisjoint({"site", "quality"}):
                return at
            begin = part[1]
        return at

    def measured_after(self, at: int) -> int | None:
        """Past `in serum transaminases`, behind a word for a change; None if nothing that is measured follows."""
        found = _TO_PLACE.longest(self.tokens, at, self.after)
        if found is None:
            return None
        begin = _past_article(self.tokens, found[1], self.after)
        for _ in range(4):
            part = terms().longest(self.tokens, begin, self.after)
            if part is None:
                return None
            if "measure" in part[0]:
                longer = terms().longest(self.tokens, part[1], self.after)
                return longer[1] if longer is not None and "level" in longer[0] else part[1]
            if part[0].isdisjoint({"site", "measured in", "quality", "level"}):
                return None
            begin = part[1]
        return None


def _past_article(tokens: Tokens, at: int, after: int) -> int:
    found = _ARTICLE.longest(tokens, at, after)
    return found[1] if found is not None else at
