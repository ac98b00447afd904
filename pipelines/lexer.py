"""Text to tokens, once: every reader of the program looks at the same tokens.

    token  = number | word | mark | break
    number = [ "." ] digits { joint digits }                  5  1,000  0·5  .25   (joints: . , · ∙ ' and the like)
           | digits "⁄" digits                                1⁄2
    word   = letter { letter | digit | "_" | "'" letter }     tablet  B12  Crohn's  (`useInitial` is two; `acid1.0mg` is
                                                              a word, a number and a unit)
           | letter { "." letter } [ "." ]                    i.v.  U.S.  (its key has no full stops: `iv`)
    break  = the end of a line
    mark   = any other character that is not white space; `x` between two digits is the mark `×`

`Tokens` are parallel arrays, not objects. `keys` holds the folded word, the number as printed, the mark, or a line
feed. A mark at the beginning of a line that opens an item of a list is a bullet. Whoever joins wrapped lines (`parse`
does) turns the break between them into a soft one, which phrases of several words may run over.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, compress
from operator import add, itemgetter

from pipelines.records import Passage
from schemas.codes.folding import Plain, plain

Span = tuple[int, int]  # of tokens: the first, and the one after the last

NUMBER, WORD, MARK, BULLET, BREAK, SOFT_BREAK = range(6)
# Text is wrapped by hand or by a mailer at 50 to 120 columns; longer or only shorter lines show that a file is not.
NARROWEST_WRAP, WIDEST_WRAP = 50, 120
_SPACE, _GLUED, _SIGN = 6, 7, 8  # no tokens: white space, two words to part, and what its neighbours make of a sign

_JOINTS = ".,·∙⋅‧・'٫٬"
# A token and the spaces behind it, or other white space. What is most frequent is tried first: a plain word, a mark
# at the end of a sentence or clause.
_PIECE = re.compile(
    rf"""(?:
        [A-Za-z]{{2,}}+ (?![\w.'])
      | [,.] (?=\s)
      | (?<=\d) [xX] (?= [ ]?\d )
      | \d+⁄\d+
      | (?: (?<![\w.,]) (?<!\.[ ]) \. )? \d+ (?: [{_JOINTS}] \d+ )*
      | [^\W\d_] (?: \.[^\W\d_] )+ \b \.?
      | [^\W\d_] (?: (?! (?<=[^\W\d_]{{4}}) (?: \d{{2,}} | \d+\.\d+ ) [^\W\d_]{{2,3}} \b ) (?: \w | '(?=[^\W\d_]) ) )*
      | \r\n? | [\n\v\f]
      | \S
      ) [ \t]*+
      | [^\S\r\n\v\f]+""",
    re.VERBOSE,
)
# Marks of Markdown inside a line that only say how it is printed: `*not*`, `[asthma](https://…)`.
_EMPHASIS = re.compile(
    r"""(?<=[\ (\[]) (\*) (?=[^\W_]) [^*\n]{1,60}? (?<=[^\W_]) (\*) (?=[\s.,;:)\]]|$)
      | (\[) (?=[^\W_]) [^\[\]\n]{1,80} (\]\( (?:https?:|[/\#.]) [^()\s]* \))""",
    re.VERBOSE,
)
_GLUE = re.compile("(?<=[a-z]{3})(?=[A-Z][a-z]{2})")
# Signs, and what stands for the bullets of symbol fonts in text out of word processors; a hollow one is the letter o.
_BULLETS = frozenset("-*+•·‣▪◦●○■□➢➤►▸✓✔❖◆◇⁃∙▶♦★⚫→⇒➔").union(map(chr, range(0xF020, 0xF100)))
_MOST_KNOWN = 65_536


class _Pieces(dict[str, tuple[int, str, int]]):
    """The kind, the key and the length of each piece of text that was seen; forgotten when there are very many."""

    def __missing__(self, piece: str) -> tuple[int, str, int]:
        if len(self) > _MOST_KNOWN:
            self.clear()
        made = self[piece] = _kind_key_length(piece)
        return made


def _kind_key_length(piece: str) -> tuple[int, str, int]:
    first = piece[0]
    if first in "\r\n\v\f":
        return BREAK, "\n", 1 + piece.startswith("\r\n")
    if first.isspace():
        return _SPACE, " ", 0
    printed = piece.rstrip()
    if first.isdigit() or (first == "." and len(printed) > 1):
        return NUMBER, printed, len(printed)
    if first.isalpha():
        kind = _GLUED if _GLUE.search(printed) else _SIGN if printed in ("x", "X", "o") else WORD
        return kind, printed.replace(".", "").casefold(), len(printed)
    return _SIGN if printed in _BULLETS else MARK, printed, len(printed)


_PIECES = _Pieces()


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


def _knows_none(_words: str) -> bool:
    return False


@dataclass(slots=True)
class Tokens:
    """The tokens of a text: parallel arrays of where each begins and ends in the plain text, its kind and its key.

    `is_substance` tells whether words are the name of a substance, by a list that whoever cuts the text has.
    """

    text: Text
    starts: list[int]
    ends: list[int]
    kinds: bytearray
    keys: list[str]
    is_substance: Callable[[str], bool] = _knows_none

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


def cut(
    text: Text, unread: Sequence[tuple[int, int]] = (), is_substance: Callable[[str], bool] = _knows_none
) -> Tokens:
    """The tokens of a text; every character that is not white space is in one of them.

    Printed stretches of the page that are `unread` give no token but the breaks of their lines.
    """
    pieces = _PIECE.findall(text.plain.text)
    told = list(map(_PIECES.__getitem__, pieces))
    kinds = bytearray(map(_KIND, told))
    if _GLUED in kinds:  # `useInitial` is two words
        parts = (_GLUE.split(piece) if kind == _GLUED else (piece,) for piece, kind in zip(pieces, kinds, strict=True))
        pieces = list(chain.from_iterable(parts))
        told = list(map(_PIECES.__getitem__, pieces))
        kinds = bytearray(map(_KIND, told))
    starts = list(accumulate(map(len, pieces), initial=0))
    starts.pop()
    ends = list(map(add, starts, map(_LENGTH, told)))
    tokens = Tokens(text, starts, ends, kinds, list(map(_KEY, told)))
    if unread or _SPACE in kinds:
        tokens = _only(tokens, _are_read(tokens, unread))
    if "*" in tokens.keys or "](" in text.plain.text:
        tokens = _only(tokens, _without_emphasis(tokens))
    _read_signs(tokens)
    tokens.is_substance = is_substance
    return tokens


_KIND, _KEY, _LENGTH = itemgetter(0), itemgetter(1), itemgetter(2)


def _are_read(tokens: Tokens, unread: Sequence[tuple[int, int]]) -> list[bool]:
    """Which tokens are those of the text: no mere space, and outside the unread stretches; every break is."""
    position = tokens.text.plain.plain_position
    kinds = tokens.kinds
    found = list(map(_SPACE.__ne__, kinds))
    for start, end in unread:
        for at in range(bisect_right(tokens.ends, position(start)), bisect_left(tokens.starts, position(end))):
            found[at] = kinds[at] == BREAK
    return found


def _without_emphasis(tokens: Tokens) -> list[bool]:
    """Which tokens are no marks of print inside a line."""
    found = [True] * len(tokens)
    for match in _EMPHASIS.finditer(tokens.text.plain.text):
        for group in range(1, len(match.groups()) + 1):
            begin, end = match.span(group)
            for at in range(bisect_right(tokens.ends, begin), bisect_left(tokens.starts, end)):
                found[at] = False
    return found


def _only(tokens: Tokens, kept: Sequence[bool]) -> Tokens:
    starts, ends, keys = compress(tokens.starts, kept), compress(tokens.ends, kept), compress(tokens.keys, kept)
    return Tokens(tokens.text, list(starts), list(ends), bytearray(compress(tokens.kinds, kept)), list(keys))


def _read_signs(tokens: Tokens) -> None:
    """Finds bullets at the beginning of lines, and the letter x that multiplies."""
    kinds, keys = tokens.kinds, tokens.keys
    last = len(kinds) - 1
    at = kinds.find(_SIGN)
    while at >= 0:
        if keys[at] == "x":
            is_between = tokens.is_tight(at) and kinds[at - 1] == NUMBER and at < last and kinds[at + 1] == NUMBER
            kinds[at], keys[at] = (MARK, "×") if is_between else (WORD, "x")
        else:
            opens = at < last and tokens.is_line_start(at) and tokens.starts[at + 1] > tokens.ends[at]
            kinds[at] = BULLET if opens else WORD if keys[at] == "o" else MARK
        at = kinds.find(_SIGN, at + 1)


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
