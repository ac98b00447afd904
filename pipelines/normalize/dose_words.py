"""What a printed dose is read into, what is known around it, and what each of its words is to it.

The role of a word is a row of `strength_words.csv`; a word for a form or a route has the role `form`, an unknown word
that of a `name`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from pipelines.lexer import WORD, Tokens, cut_words
from pipelines.lexicon import Vocabulary
from pipelines.normalize.quantities import (
    NOT_STRENGTH,
    UNREAD,
    Amount,
    Refusal,
    Unit,
)
from pipelines.records import DoseFormCode, Quantity
from schemas import codes

OPEN = frozenset("([{")
CLOSE = frozenset(")]}")
WORN = frozenset({"patch", "device"})
MOST_WORDS_OF_A_NAME = 8
SIZE = Refusal(NOT_STRENGTH, "the size of a container or a time")
ESTIMATE = Refusal(UNREAD, "the words before the amount make it an estimate")
Per = tuple[Decimal, Unit]
Word = tuple[str, int, int]  # its role, its first token, and the one after its last


@dataclass(frozen=True, slots=True)
class Around:
    """What is known around a printed dose.

    `basis` is the strength basis of its form (see dose_forms.csv) and `form` the form's code, `ingredients` how
    many the drug has (0 if not known), `is_one_drug` whether its name is one substance of the list, `decimal_comma`
    whether the document writes commas for decimals. `names` are the folded names of the drug and its ingredients:
    an excipient that the drug is named after is none. `per` is the denominator that a heading states for every
    amount below it (`in each 5 mL`), `unit` the tokens of the unit that it states (`Strength (mg)`). `is_active` is
    set under a heading of active ingredients: what is named before its amount is no excipient there.
    """

    basis: str | None = None
    ingredients: int = 0
    decimal_comma: bool = False
    names: frozenset[str] = frozenset()
    form: DoseFormCode | None = None
    per: Quantity | None = None
    is_active: bool = False
    unit: tuple[int, int] | None = None
    is_one_drug: bool = False


@dataclass(slots=True)
class Dose:
    """What has been read of a dose so far.

    `begun`: the number of amounts when the statement began. `refused`: the number when the last of them was refused
    with all that it is joined to.
    """

    tokens: Tokens
    around: Around
    depth: int = 0
    first: int = 0
    amounts: list[Amount] = field(default_factory=list)
    asides: list[tuple[int, int, Refusal]] = field(default_factory=list)
    is_unquantified: bool = False
    last: list[Amount] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    roles: set[str] = field(default_factory=set)
    said: set[str] = field(default_factory=set)
    joint: str = ""
    context: str = ""
    is_in: bool = False
    whole: Per | None = None
    contained: Per | None = None
    is_capacity: bool = False
    sized: list[Amount] = field(default_factory=list)
    sizes: list[Amount] = field(default_factory=list)
    begun: int = 0
    refused: int = 0
    sizes_begun: int = 0
    leftover: Refusal | None = None
    doubt: Refusal | None = None


@cache
def word_roles() -> Vocabulary[str]:
    """What each word is to a dose: its role in `strength_words.csv`, or `form` if it names a form or a route."""
    told: dict[tuple[str, ...], tuple[str, str]] = {}
    for table in ("dose_form_words", "dose_form_synonyms", "route_synonyms"):
        for row in codes.rows(table):
            words = cut_words(row["text"])
            if words[0][0].isalpha():
                told[words] = (row["text"], "form")
    told |= {cut_words(row["text"]): (row["text"], row["role"]) for row in codes.rows("strength_words")}
    return Vocabulary("strength_words", ((text, role, False) for text, role in told.values()))


def role_of(tokens: Tokens, at: int, after: int) -> tuple[str, int]:
    """The role of the longest known phrase at a token and the token after it; `name` for an unknown word."""
    if at >= after:
        return "", at
    found = word_roles().longest(tokens, at, after)
    if found is not None:
        return found
    return ("name" if tokens.kinds[at] == WORD else "mark"), at + 1


def leave_over(dose: Dose, first: int, after: int, why: Refusal) -> None:
    """Keeps what is not understood: it refuses the statement that it stands in."""
    dose.asides.append((first, after, why))
    dose.leftover = dose.leftover or why


def joined_amounts(dose: Dose, after: int = 0) -> list[Amount]:
    """The last amounts with those before them that make one strength with them, back to the amount of that number."""
    first = len(dose.amounts) - len(dose.last)
    while first > max(dose.begun, after) and dose.amounts[first].joint in ("+", "/", "to", "-"):
        first -= 1
    return dose.amounts[first:]


def refuse_joined(dose: Dose, why: Refusal) -> None:
    """Refuses the last amounts and those that are joined to them."""
    refuse([*joined_amounts(dose, after=dose.refused - 1), *dose.last], why)
    dose.refused = len(dose.amounts)


def refuse(amounts: list[Amount], why: Refusal) -> None:
    """Refuses some amounts, unless they are refused already."""
    for amount in amounts:
        amount.refuse(why)
