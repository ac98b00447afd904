"""Denominators: what an amount is contained in.

denominator = ( "/" | "per" | "in" ) [ number ] unit       unit of volume, time, area, presentation, or mass
"""

from __future__ import annotations

from decimal import Decimal

from pipelines.normalize.strength.amount import AMBIGUOUS, NOT_STRENGTH, UNREAD, Amount, Refusal
from pipelines.normalize.strength.quantities import QuantityReader
from pipelines.normalize.strength.tokens import Token, unit_at
from pipelines.normalize.strength.units import Unit

_DENOMINATORS = frozenset({"volume", "time", "presentation", "area", "mass"})


class DenominatorReader(QuantityReader):
    """Quantities, and the denominators after them."""

    def denominator(self) -> bool:
        """What the last amounts are contained in. False where the mark is a joint instead."""
        word = self.tokens[self.at]
        number, unit, after = self.denominator_unit(self.at + 1)
        if not self.last or unit is None or not self.may_divide(word, number, unit):
            return False
        self.at = after
        end = self.tokens[after - 1].end
        self.is_in = word.kind == "in"
        if word.kind == "in" and self.is_complete():
            self.sized = self.joined() if unit.dimension == "volume" else []
            return True
        value = number.value if number is not None else Decimal(1)
        if not isinstance(value, Decimal) or value == 0:
            self.refuse(self.last, Refusal(AMBIGUOUS, str(value)))
            return True
        self.divide(value * unit.scale, unit, end, is_bare=number is None)
        return True

    def each(self) -> None:
        """`Each 5 mL`, `each gram of`: the denominator of what it is then said to contain."""
        number, unit, after = self.denominator_unit(self.at + 1)
        self.at += 1
        if unit is None or self.dose.amounts or not (unit.dimension == "volume" or self.is_weight(unit, after)):
            return
        value = number.value if number is not None else Decimal(1)
        if isinstance(value, Decimal) and value:
            self.at = after
            self.whole = value * unit.scale, unit

    def is_weight(self, unit: Unit, after: int) -> bool:
        """`gram of ointment`, `gram contains`, and not `1 g tablet`."""
        return unit.code == "g" and after < len(self.tokens) and self.tokens[after].kind in ("of", "content")

    def denominator_unit(self, at: int) -> tuple[Token | None, Unit | None, int]:
        """`[ number ] [ "-" ] unit`, and the place after it."""
        number = self.tokens[at] if at < len(self.tokens) and self.tokens[at].kind == "number" else None
        at += number is not None
        at += number is not None and at < len(self.tokens) and self.tokens[at].text == "-"
        if at >= len(self.tokens):
            return None, None, at
        unit, count = unit_at(self.text, self.tokens, at)
        return (number, unit, at + count) if isinstance(unit, Unit) else (None, None, at)

    def may_divide(self, word: Token, number: Token | None, unit: Unit) -> bool:
        """A mass after a slash is a component (5 mg/325 mg), unless bare (2 mg/g), one gram, or of a weighed form."""
        if unit.dimension not in _DENOMINATORS:
            return False
        if unit.dimension != "mass" or word.text != "/":
            return unit.dimension != "mass" or word.kind == "per"
        if self.last[-1].per is not None:
            return False
        if number is None:
            return True
        return unit.code == "g" and self.last[-1].unit.code != "g" and (self.is_weighed or number.text == "1")

    def is_complete(self) -> bool:
        """Whether the last amount needs no volume to be a concentration."""
        return self.last[-1].per is not None or self.last[-1].unit.dimension == "fraction"

    def joined(self) -> list[Amount]:
        """The last amounts with those before them that make one strength with them."""
        first = len(self.dose.amounts) - len(self.last)
        while first > 0 and self.dose.amounts[first].joint in ("+", "/", "to", "-"):
            first -= 1
        return self.dose.amounts[first:]

    def divide(self, value: Decimal, unit: Unit, end: int, *, is_bare: bool) -> None:
        """Gives the denominator to the last amounts, and to those before them that are joined and have none."""
        if unit.code == "kg" and is_bare:
            self.refuse(self.last, Refusal(NOT_STRENGTH, "a dose by body weight"))
        for amount in self.last:
            self.divide_one(amount, value, unit, end)
        if self.last == self.dose.amounts[-len(self.last) :]:
            self.share(value, unit, end)

    def divide_one(self, amount: Amount, value: Decimal, unit: Unit, end: int) -> None:
        """Gives one amount its denominator, and refuses it where it has another."""
        if amount.per is not None and amount.per != (value, unit):
            amount.refusal = amount.refusal or Refusal(UNREAD, "the amount has two denominators")
        amount.per, amount.end = (value, unit), end

    def share(self, value: Decimal, unit: Unit, end: int) -> None:
        """`400 mg and 57 mg in 5 mL`: the denominator is that of the joined amounts before it too."""
        later = self.last[0]
        for amount in reversed(self.dose.amounts[: -len(self.last)]):
            if amount.per is not None or later.joint not in ("+", "/", "and", "to", "-"):
                return
            self.divide_one(amount, value, unit, end)
            later = amount
