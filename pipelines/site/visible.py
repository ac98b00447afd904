"""Characters that a reader cannot see, or that turn the text around, shown as their code points: `⟨U+202E⟩`."""

from __future__ import annotations

import re

# Controls but TAB, LF and CR; soft hyphen; what has no width; marks, overrides and isolates of direction; separators.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)


def visible(text: str) -> str:
    """The text with every hidden character named."""
    return text if text.isprintable() else _HIDDEN.sub(_named, text)


def _named(match: re.Match[str]) -> str:
    return f"⟨U+{ord(match[0]):04X}⟩"
