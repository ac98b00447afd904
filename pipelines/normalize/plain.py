"""Text as a reader of quantities wants it, with the way back to the text as printed.

`½` becomes `1⁄2`, `10¹³` becomes `10^13`, `cm²` becomes `cm2`, every dash is `-`, every space is a space, HTML entities
are resolved, and the rest is NFKC. One character may become several, so each one remembers where it stood.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

_SPECIAL = re.compile(r"&\#?\w{1,10};|[⁰¹²³⁴-⁹]+|[^\x00-\x7f]")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_ONE_FOR_ONE = str.maketrans("‐‑‒–—―−’‘´′×⁄", "-------''''x⁄")


@dataclass(frozen=True, slots=True)
class Plain:
    """`text` to read; `offsets[i]` is where its i-th character stood, or None where nothing moved."""

    text: str
    offsets: tuple[int, ...] | None

    def back(self, position: int) -> int:
        """The offset in the printed text of a position in `text`."""
        return position if self.offsets is None else self.offsets[position]

    def back_end(self, position: int) -> int:
        """The offset in the printed text of an end position: a replaced character is taken whole."""
        if self.offsets is None:
            return position
        after = bisect_right(self.offsets, self.offsets[position - 1])
        return self.offsets[min(after, len(self.offsets) - 1)]


def plain(printed: str) -> Plain:
    """The text to read.

    >>> plain("2½ mg").text
    '2 1⁄2 mg'
    """
    if printed.isascii() and "&" not in printed:
        return Plain(printed, None)
    pieces: list[str] = []
    offsets: list[int] = []
    at = 0
    for special in _SPECIAL.finditer(printed):
        replacement = _replacement(special[0], printed[special.start() - 1 : special.start()])
        pieces += (printed[at : special.start()], replacement)
        offsets += range(at, special.start())
        offsets += [special.start()] * len(replacement)
        at = special.end()
    pieces.append(printed[at:])
    offsets += range(at, len(printed) + 1)
    return Plain("".join(pieces), tuple(offsets))


def _replacement(special: str, before: str) -> str:
    if special[0] == "&":
        resolved = html.unescape(special)
        return special if resolved == special else plain(resolved.replace("&", " ")).text
    if special[0] in "⁰¹²³⁴⁵⁶⁷⁸⁹":
        return ("^" if before.isdigit() else "") + special.translate(_SUPERSCRIPTS)
    if unicodedata.category(special) == "No" and "⁄" in unicodedata.normalize("NFKC", special):
        return (" " if before.isdigit() else "") + unicodedata.normalize("NFKC", special)
    if special.isspace():
        return " "
    return unicodedata.normalize("NFKC", special.translate(_ONE_FOR_ONE))
