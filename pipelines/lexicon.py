"""The spellings of the code tables as phrases of tokens: at a token, the longest known phrase.

Tables and texts are cut by one lexer, so that what a row spells is found however a document prints it. Hyphens that
only join words say nothing (`film-coated tablet` is `film coated tablet`), and a phrase runs over a soft line break.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from pipelines.lexer import BREAK, BULLET, MARK, NUMBER, SOFT_BREAK, WORD, Tokens, cut_words, is_joining_hyphen
from schemas import codes
from schemas.codes.folding import plain

Meaning = TypeVar("Meaning")
_MARKS = {mark: mark for mark in ",;:|•·‣▪◦●"} | dict.fromkeys("([{", "(") | dict.fromkeys(")]}", ")")
_LONGEST_ITEM_NUMBER = 2  # digits
_FEWEST_LETTERS_BEHIND_PREFIX = 3
_OF_DOSES = {"dosing", "instruction", "dose"}  # roles of words that say how much to give, how often and how
PREFIX_OF_CANADA = "Pr"  # the sign of a prescription drug
MARKS_OF_CODE = frozenset("`{}=")  # of a program or a template of a page
_Node = dict[str | None, Any]  # a key leads on to a node; None leads to what the phrase up to here means


class Vocabulary(Generic[Meaning]):
    """Phrases and what each means, as one trie of words.

    An entry that `is_exact` counts only if the text has it in the very case of the table (`MU` is not `mU`), and then
    before one that does not care.
    """

    def __init__(self, name: str, entries: Iterable[tuple[str, Meaning, bool]]) -> None:
        """Raises CodeTableError for two entries that are one phrase and mean two things, and for one without a word."""
        self.name = name
        self._root: _Node = {}
        for spelling, meaning, is_exact in entries:
            exact = plain(spelling).text if is_exact else None
            for words in {cut_words(spelling), cut_words(spelling.casefold())}:
                self._add(words, spelling, meaning, exact)

    def _add(self, words: tuple[str, ...], spelling: str, meaning: Meaning, exact: str | None) -> None:
        node = self._root
        for word in words:
            node = node.setdefault(word, {})
        if node is self._root:
            raise codes.CodeTableError(f"schemas/codes/{self.name}.csv: {spelling!r} holds no word")
        meanings: dict[str | None, tuple[str, Meaning]] = node.setdefault(None, {})
        if exact in meanings and _says(meanings[exact][1]) != _says(meaning):
            message = f"{spelling!r} and {meanings[exact][0]!r} are one spelling; keep one row"
            raise codes.CodeTableError(f"schemas/codes/{self.name}.csv: {message}")
        meanings.setdefault(exact, (spelling, meaning))

    @property
    def first_words(self) -> Collection[str]:
        """The words that phrases begin with."""
        return self._root.keys()  # type: ignore[return-value]

    def starts_at(self, tokens: Tokens, at: int) -> bool:
        """Whether some phrase begins with the word at a token: a quick look before `longest`."""
        return tokens.keys[at] in self._root

    def starts(self, tokens: Tokens, first: int, after: int) -> list[int]:
        """The tokens between two at which `starts_at` holds: the only ones at which a phrase can be found."""
        root, keys = self._root, tokens.keys[first:after]
        if root.keys().isdisjoint(keys):
            return []  # most often, and told without a step of Python for each token
        return [at for at, key in enumerate(keys, first) if key in root]

    def longest(self, tokens: Tokens, at: int, after: int) -> tuple[Meaning, int] | None:
        """What the longest phrase at a token means, and the token after it; None if no phrase ends before `after`."""
        keys, kinds = tokens.keys, tokens.kinds
        node = self._root.get(keys[at]) if at < after else None
        if node is None:
            return None
        found: tuple[Meaning, int] | None = None
        first = at
        while node is not None:
            at += 1
            if None in node:
                meanings: dict[str | None, tuple[str, Meaning]] = node[None]
                told = meanings.get(tokens.plain(first, at)) if len(meanings) > 1 or None not in meanings else None
                told = told or meanings.get(None)
                found = found if told is None else (told[1], at)
                if len(node) == 1:
                    break
            while at < after and kinds[at] != WORD and keys[at] not in node and _says_nothing(tokens, at):
                at += 1
            node = node.get(keys[at]) if at < after else None
        return found

    def whole(self, tokens: Tokens, first: int, after: int) -> Meaning | None:
        """What the words from one token up to another mean, if they are one phrase as a whole."""
        if first >= after or tokens.keys[first] not in self._root:
            return None
        found = self.longest(tokens, first, after)
        return found[0] if found is not None and found[1] == after else None

    def is_word(self, tokens: Tokens, at: int) -> bool:
        """Whether a token alone is a phrase."""
        return self.whole(tokens, at, at + 1) is not None

    def find(self, tokens: Tokens, first: int, after: int) -> Iterator[tuple[int, int, Meaning]]:
        """The phrases between two tokens, from left to right, the longest at each place: first, after, meaning."""
        starts = self.starts(tokens, first, after)
        return self._phrases(tokens, starts, after) if starts else iter(())

    def _phrases(self, tokens: Tokens, starts: list[int], after: int) -> Iterator[tuple[int, int, Meaning]]:
        end = 0
        for at in starts:
            found = self.longest(tokens, at, after) if at >= end else None
            if found is not None:
                meaning, end = found
                yield at, end, meaning

    def is_in(self, tokens: Tokens, first: int, after: int) -> bool:
        """Whether a phrase stands between two tokens."""
        starts = self.starts(tokens, first, after)
        return any(self.longest(tokens, at, after) is not None for at in starts)


def _says_nothing(tokens: Tokens, at: int) -> bool:
    """Whether a phrase runs over a token: a soft break, or a hyphen that only joins two words."""
    return tokens.kinds[at] == SOFT_BREAK or (tokens.keys[at] == "-" and is_joining_hyphen(tokens, at))


@dataclass(slots=True)
class Piece(Generic[Meaning]):
    """A stretch of tokens: a known phrase with its meaning, a mark of a list, or an unknown word, which has neither.

    `mark` is a line feed for a new line with its bullet or number, `(` and `)` for all brackets, else a comma, a
    semicolon or the like. `depth` counts the brackets around it; a bracket is as deep as what it holds.
    """

    first: int
    after: int
    meaning: Meaning | None = None
    mark: str = ""
    depth: int = 0

    @property
    def is_unknown(self) -> bool:
        """Whether the piece is a word of no known phrase."""
        return self.meaning is None and not self.mark


def pieces(tokens: Tokens, first: int, after: int, *known: Vocabulary[Meaning]) -> list[Piece[Meaning]]:
    """The tokens from one up to another as phrases, marks and unknown words; other marks say nothing.

    At each token the longest phrase is believed; of equal ones that of the first vocabulary.
    """
    found: list[Piece[Meaning]] = []
    begins = _begins(known)
    at, depth = first, 0
    while at < after:
        phrase: tuple[Meaning, int] | None = None
        for book in known if tokens.keys[at] in begins else ():
            told = book.longest(tokens, at, after)
            if told is not None and (phrase is None or told[1] > phrase[1]):
                phrase = told
        if phrase is not None:
            found.append(Piece(at, phrase[1], phrase[0], "", depth))
            at = phrase[1]
            continue
        if tokens.kinds[at] == WORD:
            found.append(Piece(at, at + 1, None, "", depth))
            at += 1
            continue
        mark, end = _mark_at(tokens, at, after, is_first=at == first)
        depth += mark == "("
        if mark or tokens.kinds[at] not in (MARK, SOFT_BREAK):
            found.append(Piece(at, end, None, mark, depth))
        depth = max(0, depth - (mark == ")"))
        at = end
    return found


@cache
def _begins(known: tuple[Vocabulary[Any], ...]) -> frozenset[str]:
    """The words that a phrase of some vocabularies begins with: a quick look before each is asked."""
    return frozenset(word for book in known for word in book.first_words)


def _mark_at(tokens: Tokens, at: int, after: int, *, is_first: bool) -> tuple[str, int]:
    """The mark of a list at a token, and the token after it."""
    kind, key = tokens.kinds[at], tokens.keys[at]
    if kind in (BREAK, BULLET):
        return "\n", at + 1
    if kind == NUMBER and at + 1 < after and tokens.keys[at + 1] in (".", ")") and len(key) <= _LONGEST_ITEM_NUMBER:
        is_spaced = at + 2 < after and not tokens.is_tight(at + 2)
        if is_spaced and (is_first or tokens.is_line_start(at)):
            return "\n", at + 2
    if kind != MARK:
        return "", at + 1
    return _MARKS.get(key, ""), at + 1


def _says(meaning: object) -> object:
    """What a row says, whatever its spelling and note are."""
    if isinstance(meaning, dict):
        return {column: cell for column, cell in meaning.items() if column not in ("text", "note")}
    return meaning


@cache
def vocabulary(table: str) -> Vocabulary[codes.Row]:
    """The spellings of `schemas/codes/<table>.csv`; each means its row. A row whose `case` is set is exact."""
    return Vocabulary(table, ((row["text"], row, bool(row.get("case"))) for row in codes.rows(table)))


@cache
def with_role(table: str, *roles: str) -> Vocabulary[codes.Row]:
    """The spellings of a table that have one of the roles; `roles` of a row are written with `; ` between."""
    asked = set(roles)
    kept = (row for row in codes.rows(table) if asked & set(row["roles"].split("; ")))
    return Vocabulary(table, ((row["text"], row, False) for row in kept))


@cache
def _dosing_words() -> Vocabulary[bool]:
    rows = [*codes.rows("strength_words"), *codes.rows("title_words")]
    told = {cut_words(row["text"]): row["text"] for row in rows if _OF_DOSES & {row.get("role"), row.get("roles")}}
    return Vocabulary("strength_words", ((text, True, False) for text in told.values()))


def says_dose(tokens: Tokens, first: int, after: int) -> bool:
    """Whether words say how much to give: an amount with a route, an interval or a share of a day."""
    if NUMBER not in tokens.kinds[first:after]:
        return False
    has_interval = any(key[0] == "q" and key[1:2].isdigit() for key in tokens.keys[first:after])
    return has_interval or _dosing_words().is_in(tokens, first, after)


def has_prefix_of_canada(tokens: Tokens, at: int) -> bool:
    """Whether a word is a brand behind the sign of a Canadian prescription drug: `PrEXEMPLAN`."""
    printed = tokens.printed_case(at)
    is_long = len(printed) >= _FEWEST_LETTERS_BEHIND_PREFIX + len(PREFIX_OF_CANADA)
    return is_long and printed.startswith(PREFIX_OF_CANADA) and printed[len(PREFIX_OF_CANADA) :].isupper()


def is_incomplete(tokens: Tokens, first: int, after: int) -> bool:
    """Whether words say nothing without what follows them, nor that without the words: `hypersensitivity to`."""
    known = with_role("grammar_words", "incomplete")
    return any(known.whole(tokens, at, after) is not None for at in known.starts(tokens, first, after))
