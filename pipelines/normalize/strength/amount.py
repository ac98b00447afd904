"""What the grammar finds: amounts, and the reasons why other quantities are no strengths."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from pipelines.normalize.strength.tokens import Token
from pipelines.normalize.strength.units import Unit
from pipelines.records import FindingCode

AMBIGUOUS = FindingCode("STRENGTH_AMBIGUOUS")
UNREAD = FindingCode("STRENGTH_UNREAD")
NOT_STRENGTH = FindingCode("DOSE_NOT_STRENGTH")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a quantity is not read as a strength."""

    code: FindingCode
    message: str


@dataclass(slots=True)
class Amount:
    """One number with its unit. `joint` is what stands between it and the amount before.

    `start` and `end` are offsets in the plain text, from the number to the end of unit or denominator. `own_unit` is
    False where the unit is printed only after a later number.
    """

    value: Decimal
    unit: Unit
    start: int
    end: int
    joint: str = ""
    own_unit: bool = True
    per: tuple[Decimal, Unit] | None = None
    before: list[Token] = field(default_factory=list)
    after: list[Token] = field(default_factory=list)
    alternates: list[Amount] = field(default_factory=list)
    refusal: Refusal | None = None
    is_series: bool = False
    digits: str = ""


@dataclass(slots=True)
class Dose:
    """What was found in one printed dose: amounts in order, quantities that are no strength, and the words around."""

    amounts: list[Amount] = field(default_factory=list)
    not_strengths: list[tuple[int, int, Refusal]] = field(default_factory=list)
    is_unquantified: bool = False
