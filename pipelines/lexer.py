"""Text to tokens, once: every reader of the program looks at the same tokens.

    token  = number | word | mark | break
    number = [ "." ] digits { joint digits }                  5  1,000  0·5  .25   (joints: . , · ∙ ' and the like)
           | digits "⁄" digits                                1⁄2
    word   = letter { letter | digit | "_" | "'" letter }     tablet  B12  Crohn's  (`useInitial` is two)
           | letter { "." letter } [ "." ]                    i.v.  U.S.  (its key has no full stops: `iv`)
    break  = the end of a line
    mark   = any other character that is not white space; `x` between two digits is the mark `×`

`Tokens` are parallel lists, not objects. `keys` holds the folded word, the number as printed, the mark, or a line feed.
A mark at the beginning of a line that opens an item of a list is a bullet. Whoever joins wrapped lines (`parse` does)
turns the break between them into a soft one, which phrases of several words may run over.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, compress

from pipelines.records import Passage
from schemas.codes.folding import Plain, plain

Span = tuple[int, int]  # of tokens: the first, and the one after the last

NUMBER, WORD, MARK, BULLET, BREAK, SOFT_BREAK = range(6)
_SPACE = 6

_JOINTS = ".,·∙⋅‧・'٫٬"
# What is most frequent is tried first: a plain word, a space, a mark at the end of a sentence or clause.
_PIECE = re.compile(
    rf"""[A-Za-z]{{2,}} (?![\w.'])
      | [ ] (?=\S)
      | [,.] (?=\s)
      | (?<=\d) [xX] (?= [ ]?\d )
      | \d+⁄\d+
      | (?: (?<![\w.,]) \. )? \d+ (?: [{_JOINTS}] \d+ )*
      | [^\W\d_] (?: \.[^\W\d_] )+ \b \.?
      | [^\W\d_] (?: \w | '(?=[^\W\d_]) )*
      | \r\n? | [\n\v\f]
      | [^\S\r\n\v\f]+
      | .""",
    re.VERBOSE | re.DOTALL,
)
_GLUE = re.compile("(?<=[a-z]{3})(?=[A-Z][a-z]{2})")
_BULLETS = frozenset("-*+•·‣▪◦●○■□➢➤►▸✓✔❖◆◇⁃∙")
_MOST_KNOWN = 65_536


class _Pieces(dict[str, tuple[int, str]]):
    """The kind and key of each piece of text that was seen; forgotten when there are very many."""

    def __missing__(self, piece: str) -> tuple[int, str]:
        if len(self) > _MOST_KNOWN:
            self.clear()
        made = self[piece] = _kind_and_key(piece)
        return made


class _IsToken(dict[str, bool]):
    """Whether each piece of text that was seen is a token and not mere space; forgotten when there are very many."""

    def __missing__(self, piece: str) -> bool:
        if len(self) > _MOST_KNOWN:
            self.clear()
        made = self[piece] = not piece.isspace() or piece[0] in "\r\n\v\f"
        return made


def _kind_and_key(piece: str) -> tuple[int, str]:
    first = piece[0]
    if first in "\r\n\v\f":
        return BREAK, "\n"
    if first.isspace():
        return _SPACE, " "
    if first.isdigit() or (first == "." and len(piece) > 1):
        return NUMBER, piece
    if first.isalpha():
        return WORD, piece.replace(".", "").casefold()
    return MARK, piece


_PIECES = _Pieces()
_IS_TOKEN = _IsToken()


@dataclass(frozen=True, slots=True)
class Replacement:
    """Printed characters, from `start` to `end`, that are read as other words."""

    start: int
    end: int
    means: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it was printed and as it is read; positions in `plain` lead back to offsets in `printed`."""

    printed: str
    plain: Plain

    def passage(self, start: int, end: int) -> Passage:
        """The printed words between two positions of the plain text."""
        if start >= end:
            return Passage("", self.plain.printed_start(start))
        first, after = self.plain.printed_start(start), self.plain.printed_end(end)
        return Passage(self.printed[first:after], first)


def read_text(printed: str, replacements: Sequence[Replacement] = ()) -> Text:
    """The text to read, with replacements, in order, in place of what is printed."""
    if not replacements:
        return Text(printed, plain(printed))
    pieces: list[str] = []
    replaced: list[tuple[int, int, int, int]] = []
    at = length = 0
    for replacement in (*replacements, Replacement(len(printed), len(printed), "")):
        between = plain(printed[at : replacement.start])
        replaced += [(a + length, b + length, c + at, d + at) for a, b, c, d in between.replaced]
        length += len(between.text)
        replaced.append((length, length + len(replacement.means), replacement.start, replacement.end))
        length += len(replacement.means)
        pieces += (between.text, replacement.means)
        at = replacement.end
    return Text(printed, Plain("".join(pieces), tuple(replaced)))


@dataclass(slots=True)
class Tokens:
    """The tokens of a text: parallel lists of where each begins and ends in the plain text, its kind and its key."""

    text: Text
    starts: list[int]
    ends: list[int]
    kinds: list[int]
    keys: list[str]
    _printed_starts: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        """How many tokens there are."""
        return len(self.starts)

    def plain(self, first: int, after: int) -> str:
        """The plain text from one token up to another, which is left out."""
        return self.text.plain.text[self.starts[first] : self.ends[after - 1]] if first < after else ""

    def passage(self, first: int, after: int) -> Passage:
        """The printed words from one token up to another, which is left out."""
        if first < after:
            return self.text.passage(self.starts[first], self.ends[after - 1])
        return self.text.passage(self.starts[first], self.starts[first]) if first < len(self) else Passage("")

    def span(self, place: Passage) -> tuple[int, int]:
        """The first token of a printed passage, and the one after its last."""
        position = self.text.plain.plain_position
        first = bisect_left(self.starts, position(place.start))
        return first, max(first, bisect_left(self.starts, position(place.end)))

    def at_position(self, position: int) -> int:
        """The number of the token at a position of the plain text, or of the next one."""
        return bisect_right(self.ends, position)

    def is_tight(self, at: int) -> bool:
        """Whether no space stands between a token and the one before."""
        return at > 0 and self.starts[at] == self.ends[at - 1]

    def is_line_start(self, at: int) -> bool:
        """Whether a token is the first of its line."""
        return at == 0 or self.kinds[at - 1] == BREAK

    def printed_case(self, at: int) -> str:
        """A token as it stands in the plain text, with its case: `US` is not `us`."""
        return self.text.plain.text[self.starts[at] : self.ends[at]]


def cut(text: Text, unread: Sequence[tuple[int, int]] = ()) -> Tokens:
    """The tokens of a text; every character that is not white space is in one of them.

    Printed stretches of the page that are `unread` give no token but the breaks of their lines.
    """
    pieces = _PIECE.findall(text.plain.text)
    glued = {piece for piece in set(pieces) if _GLUE.search(piece)}
    if glued:
        pieces = [part for piece in pieces for part in (_GLUE.split(piece) if piece in glued else (piece,))]
    ends = list(accumulate(map(len, pieces)))
    starts = [0, *ends[:-1]] if ends else []
    kept = list(map(_IS_TOKEN.__getitem__, pieces))
    if unread:
        kept = _outside(text, unread, pieces, ends, kept)
    told = list(map(_PIECES.__getitem__, compress(pieces, kept)))
    tokens = Tokens(
        text,
        list(compress(starts, kept)),
        list(compress(ends, kept)),
        [kind for kind, _ in told],
        [key for _, key in told],
    )
    _mark_signs(tokens)
    return tokens


def _outside(
    text: Text, unread: Sequence[tuple[int, int]], pieces: Sequence[str], ends: Sequence[int], kept: Sequence[bool]
) -> list[bool]:
    """Which pieces are tokens: those outside the unread stretches, and every break."""
    position = text.plain.plain_position
    found = list(kept)
    for start, end in unread:
        first, after = bisect_right(ends, position(start)), bisect_left(ends, position(end))
        for at in range(first, min(after + 1, len(pieces))):
            if pieces[at][0] not in "\r\n\v\f":
                found[at] = False
    return found


def _mark_signs(tokens: Tokens) -> None:
    """Finds bullets at the beginning of lines, and the letter x that multiplies."""
    kinds, keys = tokens.kinds, tokens.keys
    last = len(kinds) - 1
    for at, key in enumerate(keys):
        if key in _BULLETS and kinds[at] == MARK and at < last:
            if (at == 0 or kinds[at - 1] == BREAK) and tokens.starts[at + 1] > tokens.ends[at]:
                kinds[at] = BULLET
        elif key == "x" and tokens.is_tight(at) and kinds[at - 1] == NUMBER and at < last and kinds[at + 1] == NUMBER:
            kinds[at], keys[at] = MARK, "×"


def cut_words(spelling: str) -> tuple[str, ...]:
    """The keys of a spelling of a table, without the hyphens that only join its words.

    >>> cut_words("Film-coated tablet (i.v.)")
    ('film', 'coated', 'tablet', '(', 'iv', ')')
    """
    tokens = cut(Text(spelling, plain(spelling)))
    return tuple(key for at, key in enumerate(tokens.keys) if not is_joining_hyphen(tokens, at))


def is_joining_hyphen(tokens: Tokens, at: int) -> bool:
    """Whether a token is a hyphen between two words, which says nothing: `film-coated` and `film coated` are one."""
    if tokens.keys[at] != "-" or not 0 < at < len(tokens) - 1:
        return False
    is_between = tokens.kinds[at - 1] == WORD and tokens.kinds[at + 1] == WORD
    return is_between and tokens.is_tight(at) and tokens.is_tight(at + 1)


@dataclass(slots=True)
class Cursor:
    """A place among tokens, and where to stop. Grammars move it on when they have read something, and only then."""

    tokens: Tokens
    at: int
    after: int

    @property
    def is_done(self) -> bool:
        """Whether nothing is left."""
        return self.at >= self.after

    @property
    def key(self) -> str:
        """The key of the token here; empty at the end."""
        return self.tokens.keys[self.at] if self.at < self.after else ""

    @property
    def kind(self) -> int:
        """The kind of the token here; a break at the end."""
        return self.tokens.kinds[self.at] if self.at < self.after else BREAK

    def key_at(self, distance: int) -> str:
        """The key of a token further on, or before; empty beyond the ends."""
        at = self.at + distance
        return self.tokens.keys[at] if 0 <= at < self.after else ""

    def take(self, *keys: str) -> bool:
        """Moves over the token here if it has one of the keys."""
        if self.key in keys and not self.is_done:
            self.at += 1
            return True
        return False

    def passage(self, first: int) -> Passage:
        """The printed words from a token up to here."""
        return self.tokens.passage(first, self.at)


def lines(tokens: Tokens, first: int, after: int) -> Iterable[tuple[int, int]]:
    """The lines between two tokens as ranges of tokens, without their breaks and without blank ones."""
    kinds = tokens.kinds
    begin = first
    for at in range(first, after):
        if kinds[at] == BREAK:
            if at > begin:
                yield begin, at
            begin = at + 1
    if after > begin:
        yield begin, after
