"""What a pregnancy category depends on: a trimester, a use, a form, a dose, other people.

    condition = "(" … ")" | opener …        C (oral)     D in patients with cancer     X from 30 weeks
              | condition ":" letter        First trimester: C

A condition names at least one thing of a kind that a letter can depend on, or is short; else it is an explanation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from pipelines.lexer import NUMBER, WORD, Tokens
from pipelines.lexicon import Vocabulary
from pipelines.normalize.pregnancy_terms import (
    BEFORE_LETTER,
    CLOSING_BRACKETS,
    EXPLAINS,
    LEADS_OR_JOINS,
    LEADS_TO_LETTER,
    LONGEST_NAME_OF_SYSTEM,
    SAYS_CATEGORY,
    STOPS,
    Terms,
    end_of_word,
)
from schemas import codes

LONGEST_LABEL = 16  # terms, as all that follow
LONGEST_CONDITION = 60
_LONGEST_PREFIX = 8
_LONGEST_NAMELESS = 6  # words of a condition of no known kind; more is an explanation
_MOST_TAILS = 3
_SEPARATES = frozenset({"separator", "break"})
_CUTS = frozenset({"verb", "modal"})
_TIMES = frozenset({"trimester", "gestation"})
_KINDS = (
    "trimester", "gestation", "brand", "manufacturer", "indication", "population", "duration", "dose", "strength",
    "form", "route", "ingredient",
)  # fmt: skip
_REMARK = "remark"
_STEM = "-"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a letter depends on, and the terms that say so."""

    kind: str
    first: int
    after: int
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class StatedLetter:
    """One stated letter. `code` is None if none was assigned; `systems` are those named with it.

    `list_no` is shared by the letters of one list. `says_category` is False if only `pregnancy` leads to the letter,
    `is_bare` True if only `category` does.
    """

    first: int
    after: int
    code: str | None
    systems: tuple[str, ...]
    list_no: int
    condition: Condition | None = None
    is_definition: bool = False
    says_category: bool = True
    is_english: bool = True
    is_bare: bool = False


@cache
def _condition_words() -> Vocabulary[str]:
    rows = codes.rows("pregnancy_condition_words")
    return Vocabulary(
        "pregnancy_condition_words", ((r["text"], r["kind"], False) for r in rows if not r["text"].startswith(_STEM))
    )


@cache
def stems_of_names() -> tuple[str, ...]:
    """The ends of names of drugs, by WHO's list of stems."""
    texts = (row["text"] for row in codes.rows("pregnancy_condition_words"))
    return tuple(text[1:] for text in texts if text.startswith(_STEM))


@cache
def _units() -> frozenset[str]:
    return frozenset(codes.fold(row["text"]) for row in codes.rows("unit_synonyms"))


def condition_kind(tokens: Tokens, first: int, after: int, *, is_bracketed: bool) -> str | None:
    """What the words of a condition are about; None if they are no condition but an explanation.

    Of several kinds the first of _KINDS counts: `0.5% ophthalmic solution` is a strength. In brackets, a few words of
    no known kind are a condition too: of an `ingredient` if a word ends in a stem of WHO's list of names, else `other`.
    """
    kinds = list(_kinds_of_words(tokens, first, after))
    if not kinds or kinds[0] == _REMARK:
        return None
    known = {kind for kind in kinds if kind in _KINDS} | ({"strength"} if _has_amount(tokens, first, after) else set())
    for kind in _KINDS:
        if kind in known:
            return kind
    if not is_bracketed or _REMARK in kinds or len(kinds) > _LONGEST_NAMELESS or set(kinds) == {""}:
        return None
    return "ingredient" if any(tokens.keys[at].endswith(stems_of_names()) for at in range(first, after)) else "other"


def _kinds_of_words(tokens: Tokens, first: int, after: int) -> Iterator[str | None]:
    """The kind of each word or known run of words: "" for words that are no condition, None for unknown ones."""
    at = first
    while at < after:
        if tokens.kinds[at] not in (WORD, NUMBER):
            at += 1
            continue
        found = _condition_words().longest(tokens, at, after)
        if found is not None:
            yield found[0]
            at = found[1]
        else:
            yield None
            at = end_of_word(tokens, at, after)


def _has_amount(tokens: Tokens, first: int, after: int) -> bool:
    return any(
        tokens.kinds[at] == NUMBER and at + 1 < after and tokens.keys[at + 1] in _units() for at in range(first, after)
    )


def _condition(terms: Terms, first: int, after: int, *, is_bracketed: bool = False) -> Condition | None:
    """The words of some terms as a condition."""
    if not first < after <= len(terms):
        return None
    begin, end = terms.terms[first].first, terms.terms[after - 1].after
    kind = condition_kind(terms.tokens, begin, end, is_bracketed=is_bracketed)
    is_shared = any(terms.is_a(i, "depends") for i in range(first, after))
    return None if kind is None else Condition(kind, first, after, is_shared)


def condition_before(terms: Terms, at: int) -> tuple[Condition | None, int]:
    """`First trimester:` or `injection, category` up to the value; None and `at` if one begins at once."""
    for colon in range(at, at + _LONGEST_PREFIX):
        if terms.is_a(colon, "category") and terms.is_letter(colon + 1, is_led=True):
            condition = _condition(terms, at, colon - (terms.says(colon - 1) == ","))
            return (condition, colon) if condition is not None else (None, at)
        if terms.is_any(colon, STOPS | {"code", "other"} | LEADS_TO_LETTER) or terms.says(colon) in (",", ";", "("):
            break
        if terms.says(colon) == ":":
            condition = _condition(terms, at, colon)
            return (condition, colon + 1) if condition is not None else (None, at)
    return None, at


def condition_leading(terms: Terms, first: int, at: int) -> Condition | None:
    """A time at the head of the sentence, `In the third trimester it is`, or any condition before a colon."""
    if not first < at <= first + LONGEST_LABEL:
        return None
    cut_at = next((i for i in range(first, at) if terms.says(i) in (",", ":") or terms.is_any(i, _CUTS)), at)
    while cut_at > first and terms.is_a(cut_at - 1, "join"):
        cut_at -= 1
    condition = _condition(terms, first, cut_at)
    if condition is None or (terms.says(cut_at) == ":" and cut_at == at - 1):
        return condition
    return condition if terms.is_a(first, "opener") and condition.kind in _TIMES else None


def with_tail(terms: Terms, statement: StatedLetter, at: int, last: Condition | None) -> tuple[StatedLetter, int]:
    """The statement with the condition and the system that stand after its letter.

    `last` is the condition of the value before, in a list.
    """
    for _ in range(_MOST_TAILS):
        system = system_after(terms, at)
        condition, after = (None, at) if system is not None else _condition_after(terms, at, last)
        if system is not None:
            after = system
            named = tuple(term.value for term in terms.terms[at:after] if "system" in term.roles)
            statement = replace(statement, systems=named)
        if after == at:
            break
        if condition is not None:
            statement = replace(statement, condition=condition)
        statement = replace(statement, after=after)
        at = after
    return statement, at


def system_after(terms: Terms, at: int) -> int | None:
    """The term after a system that is named behind the letter: `by the FDA`, `(Australia)`."""
    end = terms.skip(at, frozenset({"join"}), LONGEST_NAME_OF_SYSTEM)
    if not terms.is_a(end, "system") or terms.is_any(at, frozenset({"verb", "stop"})):
        return None
    if terms.says(at) not in CLOSING_BRACKETS:
        names_next = terms.is_any(end + 1, LEADS_TO_LETTER | {"code", "verb"}) or terms.says(end + 1) in EXPLAINS
        return None if names_next else end + 1
    closing = CLOSING_BRACKETS[terms.says(at)]
    close = next((i for i in range(end + 1, end + _LONGEST_PREFIX) if terms.says(i) == closing), None)
    is_all_label = close is not None and terms.skip(end + 1, LEADS_OR_JOINS | {"separator"}, close - end - 1) == close
    return close + 1 if close is not None and is_all_label else None


def _condition_after(terms: Terms, at: int, last: Condition | None) -> tuple[Condition | None, int]:
    """The condition behind a letter and the term after it; None and `at` if there is none."""
    if terms.says(at) in CLOSING_BRACKETS:
        return _bracket(terms, at)
    if terms.says(at) == ",":
        return _to_bracket_end(terms, at)
    if terms.says(at) in EXPLAINS:
        end = next((i for i in range(at + 1, at + 1 + _LONGEST_PREFIX) if _ends_condition(terms, i)), at)
        explains = any(terms.is_any(i, _CUTS) for i in range(at + 1, end))  # words with a verb explain the letter
        condition = None if explains else _condition(terms, at + 1, end)
        return (condition, end) if condition is not None else (None, at)
    if not terms.is_any(at, frozenset({"opener", "depends"})):
        return None, at
    end = next((i for i in range(at + 1, at + LONGEST_CONDITION) if _ends_condition(terms, i)), at)
    if end == at + 1 and last is not None:  # `before 30 weeks; category D after`
        return Condition(last.kind, at, at + 1), end
    end = _before_verb(terms, at, end)
    condition = _condition(terms, at, end)
    return (condition, end) if condition is not None else (None, at)


def _bracket(terms: Terms, at: int) -> tuple[Condition | None, int]:
    """A condition in brackets; a bracket that explains the letter is passed over."""
    closing = CLOSING_BRACKETS[terms.says(at)]
    close = next((i for i in range(at, at + LONGEST_CONDITION) if terms.says(i) == closing), None)
    if close is None or _is_nested(terms, at):
        return None, at
    return _condition(terms, at + 1, close, is_bracketed=True), close + 1


def _to_bracket_end(terms: Terms, at: int) -> tuple[Condition | None, int]:
    """`(category D, injection)`: the condition between a comma and the end of the bracket that the letter is in."""
    close = next((i for i in range(at, at + _LONGEST_PREFIX) if _ends_condition(terms, i)), at)
    condition = _condition(terms, at + 1, close) if terms.says(close) in CLOSING_BRACKETS.values() else None
    return (condition, close) if condition is not None else (None, at)


def _ends_condition(terms: Terms, at: int) -> bool:
    """At the end of a sentence or line, at `;`, before the next value, or if a reason begins."""
    if at >= len(terms) or terms.is_any(at, STOPS | {"stop"}) or terms.says(at) in (";", ")", "]", "("):
        return True
    if not terms.is_a(at, "separator"):
        return False
    after = terms.skip(past_separator(terms, at), BEFORE_LETTER, LONGEST_NAME_OF_SYSTEM)
    return terms.is_value(after, is_led=False) or terms.is_any(after, LEADS_TO_LETTER - {"assign"})


def _before_verb(terms: Terms, first: int, after: int) -> int:
    """`in the third trimester and should be avoided` ends before the conjunction."""
    verb = next((i for i in range(first, after) if terms.is_any(i, _CUTS)), after)
    joints = [i for i in range(first, verb) if terms.is_a(i, "separator")]
    end = joints[-1] if verb < after and joints else after
    while end > first and terms.is_a(end - 1, "separator"):
        end -= 1
    return end


def past_separator(terms: Terms, at: int) -> int:
    """Past the separator between two values; `at` if there is none."""
    if terms.says(at) in CLOSING_BRACKETS:
        return at + 1 if _is_nested(terms, at) else at
    end = terms.skip(at, _SEPARATES, LONGEST_NAME_OF_SYSTEM)
    return terms.skip(end, frozenset({"mark"}), 1) if terms.is_a(end - 1, "break") and end > at else end


def _is_nested(terms: Terms, at: int) -> bool:
    """A bracket that begins with a value: `C (D in the third trimester)`, `A (injection: category C)`."""
    begin = condition_before(terms, at + 1)[1]
    inner = terms.skip(begin, BEFORE_LETTER, LONGEST_NAME_OF_SYSTEM)
    return terms.is_letter(inner, is_led=inner > begin and terms.is_any(inner - 1, SAYS_CATEGORY))
