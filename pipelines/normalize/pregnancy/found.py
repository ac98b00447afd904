"""What the grammar of pregnancy statements finds, and what it keeps in mind while it reads."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipelines.normalize.pregnancy.words import Token

LONGEST_LABEL = 16
LONGEST_NAME = 4
LONGEST_CONDITION = 60
LEGEND = 3
CATEGORY = frozenset({"category", "category abroad"})
BEFORE_LETTER = frozenset({"pregnancy", "category", "category abroad"})
LABEL = frozenset({"system", "pregnancy", "category", "category abroad", "assign"})
RUN = LABEL | {"join"}
STOPS = frozenset({"end", "break"})
EXPLAINS = frozenset({":", "=", "-"})
BRACKETS = {"(": ")", "[": "]"}


@dataclass(frozen=True, slots=True)
class Condition:
    """What a letter depends on, and where that is printed."""

    kind: str
    start: int
    end: int
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """One stated letter. `code` is None where none was assigned; `systems` are those named with it.

    `list_no` is shared by the letters of one list. `says_category` is False where only `pregnancy` leads to the letter,
    `is_bare` True where only `category` does.
    """

    start: int
    end: int
    code: str | None
    systems: tuple[str, ...]
    list_no: int
    condition: Condition | None = None
    is_definition: bool = False
    says_category: bool = True
    is_english: bool = True
    is_bare: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """Words that speak of a category without stating one for certain."""

    start: int
    end: int
    message: str


@dataclass(frozen=True, slots=True)
class Label:
    """What leads to a letter: from token `first` up to token `next`."""

    first: int
    next: int
    systems: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    is_punctuated: bool = False
    is_heading: bool = False

    @property
    def says_category(self) -> bool:
        """Whether it speaks of a category."""
        return not self.roles.isdisjoint(CATEGORY | {"assign"})


@dataclass(slots=True)
class Sentence:
    """What was said before, in the same sentence."""

    first: int = 0
    systems: tuple[str, ...] = ()
    topic: str = ""
    depth: int = 0
    other: int | None = None

    def note(self, token: Token, after: Token | None, before: Token | None) -> None:
        """Takes in one token: systems, whether milk is spoken of, and whether another drug is."""
        if "system" in token.roles:
            self.systems = (token.value,)
        for topic in token.roles & {"pregnancy", "lactation"}:
            self.topic = topic
        if "other" in token.roles:
            self.other = self.depth
        self.depth += (token.text in BRACKETS) - (token.text in BRACKETS.values())
        if self.other is not None and self.ends_aside(token, after, before):
            self.other = None

    def ends_aside(self, token: Token, after: Token | None, before: Token | None) -> bool:
        """`unlike isotretinoin, which is X,`: the comma before `which` does not end what is said of the other drug."""
        if self.depth < (self.other or 0):
            return True
        goes_on = (after is not None and "stop" in after.roles) or (before is not None and "other" in before.roles)
        return token.text in (",", ";") and self.depth == self.other and not goes_on


@dataclass(slots=True)
class Found:
    """All statements in order, and the words that state nothing for certain."""

    statements: list[Statement] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)


def heading_label(tokens: list[Token]) -> Label:
    """A heading as the label of what stands under it."""
    systems = tuple(token.value for token in tokens if "system" in token.roles)
    roles: frozenset[str] = frozenset().union(*(token.roles for token in tokens))
    return Label(0, 0, systems, roles, is_punctuated=True, is_heading=True)
