"""The only folding of the program: how words of tables and of documents become comparable.

`plain` gives a text as every reader sees it, with the way back to the printed characters. `fold` is the same for one
spelling: no case, one kind of space.

* HTML entities are resolved; soft hyphens, zero-width characters and marks of direction are left out.
* Every space but tab and line end is a space; every dash is `-`, every single quotation mark `'`, every double one `"`.
* Superscripts are powers or signs, no digits or letters of what they stand at: `10⁶` is `10^6`, `rashᵃ` is `rash^a`.
  A fraction stays one: `2½` is `2 1⁄2`.
* Trade marks stay marks: `™` is not `TM`. All else is NFKC, a letter together with its combining marks.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_IGNORED = "\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_ONE_FOR_ONE = {
    printed: read_as
    for read_as, printed_alike in ((" ", _SPACES), ("-", "‐‑‒–—―−﹘﹣－"), ("'", "’‘‚‛´′ʼ＇"), ('"', "“”„‟″＂"))
    for printed in printed_alike
}
_EVEN_MARKS = frozenset(mark for mark in _ONE_FOR_ONE if not mark.isalpha())
_SUPERSCRIPT = "⁰¹²³⁴-⁹⁺⁻ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"
# One set of characters comes first, since such a place is found fast: `&`, and what is not ASCII but for a few marks.
_SPECIAL = re.compile(
    rf"""[^\x00-\x25\x27-\x7f™℠®©×·…•]
      (?: (?<=&) \#?\w{{1,31}};                                     # an entity
        | (?<=[{_SUPERSCRIPT}]) [{_SUPERSCRIPT}]*
        | (?<=[{_IGNORED}]) [{_IGNORED}]*
        | (?<!&) )""",
    re.VERBOSE,
)
_IGNORED_RUN = re.compile(f"[{_IGNORED}]+")
_RAISED_RUN = re.compile(f"[{_SUPERSCRIPT}]+")
_MARKED = re.compile("[\u0300-\u036f]")
_SPECIAL_OR_MARKED = re.compile(rf"[^\W\d_][\u0300-\u036f]+ | {_SPECIAL.pattern}", re.VERBOSE)
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", "0123456789+-abcdefghijklmnoprstuvwxyz")
_SLASHES = frozenset("⁄∕")  # between two digits the first is a fraction
_LINE_ENDS = frozenset("\x85\u2028\u2029")

Replaced = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Plain:
    """A text to read. `replaced` are the stretches whose length changed: plain start and end, printed start and end."""

    text: str
    replaced: tuple[Replaced, ...] = ()

    def printed_start(self, position: int) -> int:
        """The offset in the printed text of a position at which something begins."""
        if not self.replaced:
            return position
        at = bisect_right(self.replaced, position, key=_plain_start) - 1
        if at < 0:
            return position
        _, plain_end, printed_start, printed_end = self.replaced[at]
        return printed_start if position < plain_end else printed_end + position - plain_end

    def printed_end(self, position: int) -> int:
        """The offset in the printed text of a position at which something ends: what was replaced is taken whole."""
        if not self.replaced or position == 0:
            return position
        at = bisect_right(self.replaced, position - 1, key=_plain_start) - 1
        if at < 0:
            return position
        _, plain_end, _, printed_end = self.replaced[at]
        return printed_end if position <= plain_end else printed_end + position - plain_end

    def plain_position(self, offset: int) -> int:
        """The position in the plain text of an offset in the printed one; where a replaced stretch begins if inside."""
        if not self.replaced:
            return offset
        at = bisect_right(self.replaced, offset, key=_printed_start) - 1
        if at < 0:
            return offset
        plain_start, plain_end, _, printed_end = self.replaced[at]
        return plain_start if offset < printed_end else plain_end + offset - printed_end


def _plain_start(replaced: Replaced) -> int:
    return replaced[0]


def _printed_start(replaced: Replaced) -> int:
    return replaced[2]


def plain(printed: str) -> Plain:
    """The text as readers see it.

    >>> plain("2½ mg of 10⁶ film‑coated&nbsp;tablets").text
    '2 1⁄2 mg of 10^6 film-coated tablets'
    """
    if not printed.isascii():
        for mark in _EVEN_MARKS.intersection(printed):
            printed = printed.replace(mark, _ONE_FOR_ONE[mark])
    if printed.isascii() and "&" not in printed:
        return Plain(printed)
    pieces: list[str] = []
    replaced: list[Replaced] = []
    at = length = 0
    for special in _specials(printed):
        start, end = special.span()
        even = _ONE_FOR_ONE.get(special[0])
        replacement = _replacement(special, printed[start - 1 : start]) if even is None else even
        pieces += (printed[at:start], replacement)
        length += start - at
        if len(replacement) != end - start:
            replaced.append((length, length + len(replacement), start, end))
        length += len(replacement)
        at = end
    pieces.append(printed[at:])
    return Plain("".join(pieces), tuple(replaced))


def _specials(printed: str) -> Iterable[re.Match[str]]:
    """The stretches to replace, in order; combining marks are rare, so they are looked for only if there are any."""
    if not _MARKED.search(printed):
        return _SPECIAL.finditer(printed)
    return _SPECIAL_OR_MARKED.finditer(printed)


def _replacement(special: re.Match[str], before: str) -> str:
    words = special[0]
    if _IGNORED_RUN.fullmatch(words):
        return ""
    if _RAISED_RUN.fullmatch(words):
        return _power(words.translate(_RAISED), before)
    if words[0] == "&":
        resolved = html.unescape(words)
        return words if resolved == words else plain(resolved.replace("&", "+") if len(resolved) > 1 else resolved).text
    if words in _LINE_ENDS:
        return "\n"
    if words in _SLASHES:
        words = "⁄" if words == "⁄" and before.isdigit() and _behind(special).isdigit() else "/"
    folded = unicodedata.normalize("NFKC", words)
    if len(folded) > 1 and "⁄" in folded and before.isdigit():
        return f" {folded}"
    # Spaces that only NFKC knows, and letters that it takes apart into a space and a mark.
    return folded if not folded[:1].isspace() else " "


def _behind(special: re.Match[str]) -> str:
    return special.string[special.end() : special.end() + 1]


def _power(digits: str, before: str) -> str:
    """Raised digits after a letter, a digit or a bracket are a power (or the sign of a footnote: readers decide)."""
    return f"^{digits}" if before.isalnum() or before in ")]" or not before else digits


@lru_cache(maxsize=32_768)
def fold(text: str) -> str:
    """The key under which a spelling is kept: no case, no width, one kind of dash, quote and space.

    >>> fold("  Film‑Coated\u00a0TABLET ")
    'film-coated tablet'
    >>> fold("µg") == fold("μg")
    True
    """
    return " ".join(plain(text).text.casefold().split())


def tidy(printed: str) -> str:
    r"""Words as a cell holds them: entities resolved, one kind of space, nothing that does not show, NFC.

    >>> tidy("Stevens&ndash;Johnson \n syndrome")
    'Stevens–Johnson syndrome'
    """
    shown = _IGNORED_RUN.sub("", html.unescape(printed))
    return " ".join(unicodedata.normalize("NFC", shown).split())
