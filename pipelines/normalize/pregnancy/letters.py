"""Letters: where a token is a letter of a category system and not a word, an article or part of a legend."""

from __future__ import annotations

from pipelines.normalize.pregnancy.found import (
    CATEGORY,
    EXPLAINS,
    LEGEND,
    Found,
    Sentence,
    Unread,
)
from pipelines.normalize.pregnancy.words import Token

_CLOSES_LETTER = frozenset({"end", "break", "separator", "opener", "depends", "mark", "stop"})


class LetterReader:
    """Walks tokens. Methods that read a rule take the token to begin at and give the token after it."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        """Begins at the first token."""
        self.text = text
        self.tokens = tokens
        self.found = Found()
        self.sentence = Sentence()
        self.lists = 0
        self.is_about_pregnancy = any("pregnancy" in token.roles for token in tokens)
        self.legend = self.legend_letters()

    def peek(self, at: int) -> Token | None:
        """The token, or None beyond the ends."""
        return self.tokens[at] if 0 <= at < len(self.tokens) else None

    def is_any(self, at: int, roles: frozenset[str]) -> bool:
        """Whether the token has one of the roles."""
        return 0 <= at < len(self.tokens) and not roles.isdisjoint(self.tokens[at].roles)

    def is_a(self, at: int, role: str) -> bool:
        """Whether the token has the role."""
        return 0 <= at < len(self.tokens) and role in self.tokens[at].roles

    def says(self, at: int) -> str:
        """The words of the token; empty beyond the ends."""
        return self.tokens[at].text if 0 <= at < len(self.tokens) else ""

    def skip(self, at: int, roles: frozenset[str], most: int) -> int:
        """Past up to `most` tokens that have one of the roles."""
        end = at
        while end < at + most and self.is_any(end, roles):
            end += 1
        return end

    def span(self, first: int, after: int) -> str:
        """The text from one token to the one before another."""
        return self.text[self.tokens[first].start : self.tokens[after - 1].end]

    def to_letter(self, at: int, roles: frozenset[str], most: int) -> int:
        """Past up to `most` tokens that have one of the roles, and up to a value."""
        end = at
        while end < at + most and self.is_any(end, roles):
            if self.is_value(end, is_led=self.is_any(end - 1, CATEGORY)):
                break
            end += 1
        return end

    def refuse(self, first: int, after: int, message: str) -> None:
        """Keeps words that speak of a category and state none for certain."""
        self.found.unread.append(Unread(self.tokens[first].start, self.tokens[after - 1].end, message))

    def legend_letters(self) -> frozenset[int]:
        """Letters that a legend explains: three or more, each followed by `:`, `=`, `-` or a word like `means`."""
        explained = [at for at in range(len(self.tokens)) if self.is_a(at, "code") and self.explains(at)]
        return frozenset(explained if len({self.tokens[at].value for at in explained}) >= LEGEND else ())

    def explains(self, at: int) -> bool:
        """Whether the letter is followed by what it means."""
        if self.tokens[at].text.islower():
            return False
        return self.says(at + 1) in EXPLAINS or self.is_any(at + 1, frozenset({"define", "verb"}))

    def is_letter(self, at: int, *, is_led: bool) -> bool:
        """Whether a letter stands here and not an article or the beginning of a word group.

        `is_led`: the word `category` stands right before it; then only `a` and `A` depend on what follows.
        """
        if not self.is_a(at, "code") or at in self.legend:
            return False
        printed = self.tokens[at].text
        if is_led and printed[0].isupper() and printed != "A":
            return True
        if at + 1 == len(self.tokens) or self.is_any(at + 1, _CLOSES_LETTER):
            return True
        return (
            is_led and printed == "A" and self.is_any(at + 1, frozenset({"define", "modal", "plural", "join", "verb"}))
        )

    def is_value(self, at: int, *, is_led: bool) -> bool:
        """Whether a letter stands here, or words that none was assigned."""
        return self.is_letter(at, is_led=is_led) or self.is_a(at, "unassigned")
