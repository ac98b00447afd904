"""A printed dose cut into tokens: numbers, units, words with a role, other words and marks.

    token    = number | interval | word | mark
    interval = "q" number [ "-" number ] unit of time          q6h    q3-4hr: as often as a dose is given
    word     = letter { letter | digit } | abbreviation ("I.U.", "el.u.")

A word's role is a row of `strength_words.csv`; the longest entry that begins at a word wins. Whether a word is a unit
is decided by the grammar, since `g`, `min` and `dose` are units in some places only.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from pipelines.normalize.strength.numbers import NUMBER, read_number
from pipelines.normalize.strength.units import Unit, Unmapped, most_tokens, unit_named
from schemas import codes

_TOKEN = re.compile(
    rf"""(?P<number> (?<![.\d]) {NUMBER} )
      | (?P<dosing> \b q [ ]? \d{{1,2}} (?: [ ]? - [ ]? \d{{1,2}} )? [ ]? (?: h | d | w | min | mo ) [a-z]{{0,6}} \b )
      | (?P<word> (?: [A-Za-z]\. ){{2,6}} | el\.u\. | [^\W\d_][\w]* )
      | (?P<mark> % | [^\w\s] | _ )
    """,
    re.VERBOSE | re.IGNORECASE,
)


class Token(NamedTuple):
    """A token of the plain text: `kind` is `number`, `word`, `mark` or the role of the word or mark."""

    kind: str
    text: str
    start: int
    end: int
    value: Decimal | str | None = None


_ROLES = {codes.fold(row["text"]): row["role"] for row in codes.rows("strength_words")}
_ROLE_STARTS = {text.split()[0] for text in _ROLES}
_NUMBER_WORDS = {codes.fold(row["text"]): Decimal(row["value"]) for row in codes.rows("number_words")}
_MOST_ROLE_WORDS = max(len(text.split()) for text in _ROLES)


def tokens_of(text: str, *, decimal_comma: bool) -> list[Token]:
    """The tokens in order; every character that is not white space is in one of them."""
    raw = [Token(found.lastgroup or "mark", found[0], found.start(), found.end()) for found in _TOKEN.finditer(text)]
    return _with_roles(text, raw, decimal_comma=decimal_comma)


def _with_roles(text: str, raw: list[Token], *, decimal_comma: bool) -> list[Token]:
    tokens: list[Token] = []
    at = 0
    while at < len(raw):
        token = raw[at]
        if token.kind == "number":
            tokens.append(token._replace(value=read_number(token.text, decimal_comma=decimal_comma)))
            at += 1
            continue
        if _is_numbered_name(raw, at):
            tokens.append(Token("word", text[token.start : raw[at + 2].end], token.start, raw[at + 2].end))
            at += 3
            continue
        role, count = _role_at(text, raw, at)
        end = raw[at + count - 1].end
        tokens.append(Token(role or token.kind, text[token.start : end], token.start, end))
        at += count
    return tokens


def _is_numbered_name(raw: list[Token], at: int) -> bool:
    """`omega-3`, `gamma-1b`: a name with a number, unless a unit stands before the dash or after the number."""
    if at + 2 >= len(raw) or [token.kind for token in raw[at : at + 3]] != ["word", "mark", "number"]:
        return False
    name, dash, number = raw[at : at + 3]
    is_tight = dash.text == "-" and name.end == dash.start and dash.end == number.start
    following = raw[at + 3].text if at + 3 < len(raw) else ""
    return is_tight and unit_named(name.text) is None and unit_named(following) is None


def _role_at(text: str, raw: list[Token], at: int) -> tuple[str | None, int]:
    if codes.fold(raw[at].text) not in _ROLE_STARTS:
        return None, 1
    for count in range(min(_MOST_ROLE_WORDS, len(raw) - at), 0, -1):
        role = _ROLES.get(codes.fold(text[raw[at].start : raw[at + count - 1].end]))
        if role is not None:
            return role, count
    return None, 1


def unit_at(text: str, tokens: list[Token], at: int) -> tuple[Unit | Unmapped | None, int]:
    """The longest unit that begins at a token, and how many tokens it takes; (None, 0) where there is none.

    A number word may stand before it: `million units`.
    """
    scale = _NUMBER_WORDS.get(codes.fold(tokens[at].text)) if at < len(tokens) else None
    first = at + (scale is not None)
    most = most_tokens(tokens[first].text) if first < len(tokens) else 0
    for end in range(min(first + most, len(tokens)), first, -1):
        if tokens[end - 1].kind == "number":
            continue
        unit = unit_named(text[tokens[first].start : tokens[end - 1].end])
        if unit is not None:
            return _scaled(unit, scale), end - at
    return None, 0


def _scaled(unit: Unit | Unmapped, scale: Decimal | None) -> Unit | Unmapped:
    if scale is None or isinstance(unit, Unmapped):
        return unit
    return replace(unit, scale=unit.scale * scale)
