"""Known phrases in running words: at each place the longest one, of whole words only.

    text  = { word | mark }
    word  = letters and digits | initials with stops (`i.v.` is `iv`) | "/" | "&" | "+"
    mark  = "," | ";" and other signs of a list | a new line with its bullet | an opening or closing bracket

Hyphens, full stops and all other signs say nothing, so that `film-coated` and `film coated` are one phrase. A phrase
runs over a mark only where its own spelling has that mark: `AURICULAR (OTIC)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from schemas.codes import fold

Meaning = TypeVar("Meaning")
Key = tuple[str, ...]

_TOKEN = re.compile(
    r"""(?P<line>   (?: \A | [\r\n] ) \s* (?: [-–—*] [ \t] | \d{1,2} [.)] [ \t] )? )
      | (?P<comma>  [,;:|•·‣▪◦●] )
      | (?P<open>   [(\[{] )
      | (?P<close>  [)\]}] )
      | (?P<word>   [^\W\d_] (?: \. [ ]? [^\W\d_] ){1,3} \b \.? | [^\W_]+ | [/&+] )""",
    re.VERBOSE,
)
_MARKS = {"line": "\n", "open": "(", "close": ")"}


@dataclass(frozen=True, slots=True)
class Piece(Generic[Meaning]):
    """A stretch of the text: a known phrase with its meaning, a mark, or an unknown word, which has neither.

    `words` is its key. `depth` counts the brackets around it; a bracket itself is as deep as what it holds.
    """

    start: int
    end: int
    words: Key
    meaning: Meaning | None = None
    mark: str = ""
    depth: int = 0

    @property
    def is_unknown(self) -> bool:
        """Whether the piece is a word of no known phrase."""
        return self.meaning is None and not self.mark


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    key: str  # the folded word, or the mark
    mark: str
    depth: int


def key(text: str) -> Key:
    """The words and marks of a phrase, as two spellings of it share them.

    >>> key("Film-Coated tablet, I.V.")
    ('film', 'coated', 'tablet', ',', 'iv')
    """
    return tuple(token.key for token in _tokens(text))


class PhraseBook(Generic[Meaning]):
    """Phrases and what each means."""

    def __init__(self, entries: Iterable[tuple[str, Meaning]]) -> None:
        """Of two entries with one key, the later counts."""
        self._meanings = {key(text): meaning for text, meaning in entries}
        self._longest: dict[Key, int] = {}  # how many words the phrases with this first word have at most
        for words in self._meanings:
            self._longest[words[:1]] = max(len(words), self._longest.get(words[:1], 0))

    def read(self, text: str) -> tuple[Piece[Meaning], ...]:
        """The text as phrases, marks and unknown words, in order."""
        tokens = _tokens(text)
        pieces: list[Piece[Meaning]] = []
        at = 0
        while at < len(tokens):
            words, meaning = self._longest_at(tokens, at)
            first, last = tokens[at], tokens[at + len(words) - 1]
            pieces.append(Piece(first.start, last.end, words, meaning, first.mark, first.depth))
            at += len(words)
        return tuple(pieces)

    def _longest_at(self, tokens: Sequence[_Token], at: int) -> tuple[Key, Meaning | None]:
        first = (tokens[at].key,)
        words = tuple([token.key for token in tokens[at : at + self._longest.get(first, 0)]])
        while words:
            meaning = self._meanings.get(words)
            if meaning is not None:
                return words, meaning
            words = words[:-1]
        return first, None


@lru_cache(maxsize=1024)  # several books read the same words
def _tokens(text: str) -> tuple[_Token, ...]:
    tokens: list[_Token] = []
    depth = 0
    for found in _TOKEN.finditer(text):
        kind = str(found.lastgroup)
        depth += kind == "open"
        mark = _MARKS.get(kind, found[0] if kind == "comma" else "")
        word = mark or fold(found[0]).replace(".", "").replace(" ", "")
        if found[0]:
            tokens.append(_Token(found.start(), found.end(), word, mark, depth))
        depth = max(0, depth - (kind == "close"))
    return tuple(tokens)
