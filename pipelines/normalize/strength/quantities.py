"""Quantities: numbers with their unit, and what they turn out to be.

amount      = numbers unit
numbers     = number { joint number }                      a unit given once: 5, 10 and 20 mg    400/57 mg
            | "1" ( ":" | "in" ) number                    a ratio: 1:1000 is 1 g in 1000 mL
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from pipelines.normalize.strength.amount import AMBIGUOUS, NOT_STRENGTH, UNREAD, Amount, Dose, Refusal
from pipelines.normalize.strength.tokens import Token, unit_at
from pipelines.normalize.strength.units import Unit, Unmapped, unit_coded

JOINTS = {",": ",", ";": ";", "-": "-", "per": "/", "plus": "+", "and": "and", "or": "or", "to": "to"}
_SIZES = frozenset({"volume", "time", "presentation", "area"})
_MOST_BETWEEN = 2  # words between an amount and the excipient it is of: 20 mg of anhydrous lactose
_LEAST_RATIO = 100  # 1:10 and 1:50 are titres, mixtures or dilutions to be made


class QuantityReader:
    """Walks the tokens once. Each method reads one rule and leaves `at` after it."""

    def __init__(self, text: str, tokens: list[Token], depth: int = 0, *, is_weighed: bool = False) -> None:
        """Begins at the first token. `depth` counts the brackets around it."""
        self.text = text
        self.tokens = tokens
        self.depth = depth
        self.is_weighed = is_weighed
        self.at = 0
        self.dose = Dose()
        self.joint = ""
        self.words: list[Token] = []
        self.context = ""
        self.last: list[Amount] = []
        self.sized: list[Amount] = []
        self.is_in = False
        self.whole: tuple[Decimal, Unit] | None = None
        self.contained_in: tuple[Decimal, Unit] | None = None

    def quantity(self) -> None:
        """Numbers and their unit."""
        first = self.at
        numbers, joints = self.numbers()
        if self.ratio(numbers):
            return
        self.at += self.at_mark("-", tight=True) and unit_at(self.text, self.tokens, self.at + 1)[1] > 0
        unit, count = unit_at(self.text, self.tokens, self.at) if self.at < len(self.tokens) else (None, 0)
        self.at += count
        end = self.tokens[self.at - 1].end
        if isinstance(unit, Unit) and unit.dimension != "potency":
            self.amounts(numbers, joints, unit, end)
        elif isinstance(unit, Unit):
            self.potency(numbers, unit, end)
        else:
            self.bare(self.tokens[first].start, end, unit)

    def numbers(self) -> tuple[list[Token], list[str]]:
        """Numbers that may share the unit after the last of them."""
        numbers, joints = [self.tokens[self.at]], [self.joint]
        self.at += 1
        while (step := self.next_number()) is not None:
            joint, number_at = step
            numbers.append(self.tokens[number_at])
            joints.append(joint)
            self.at = number_at + 1
        return numbers, joints

    def next_number(self) -> tuple[str, int] | None:
        """The joint and the place of a number that follows without a unit between."""
        at, joint = self.at, ""
        while at < len(self.tokens) and at < self.at + 2:
            token = self.tokens[at]
            if token.kind == "number":
                return joint, at
            joint = JOINTS.get(token.kind) or JOINTS.get(token.text) or ("x" if token.kind == "times" else "")
            if not joint:
                return None
            at += 1
        return None

    def at_mark(self, mark: str, *, tight: bool = False) -> bool:
        """Whether the next token is a mark, without a space before it where `tight`."""
        if self.at >= len(self.tokens) or self.tokens[self.at].text != mark:
            return False
        return not tight or self.tokens[self.at].start == self.tokens[self.at - 1].end

    def amounts(self, numbers: list[Token], joints: list[str], unit: Unit, end: int) -> None:
        """One amount for each number that shares the unit."""
        counted = joints.index("x") if "x" in joints else 0  # 2 x 5 mg: two of 5 mg
        if counted:
            joints = [joints[0], *joints[counted + 1 :]]
        lost = counted and numbers[counted].text.startswith("10") and len(numbers[counted].text) > 2  # noqa: PLR2004
        numbers = numbers[counted:]
        made = [self.amount(number, joint, unit, end) for number, joint in zip(numbers, joints, strict=True)]
        for amount in made[:-1]:
            amount.own_unit = False
        if lost:
            self.refuse(made, Refusal(AMBIGUOUS, "the power of ten has lost its superscript"))
        if "" in joints[1:]:
            made = made[:1]
            self.refuse(made, Refusal(AMBIGUOUS, "two numbers stand side by side without a mark between them"))
        self.place(made)
        self.pack_count()

    def amount(self, number: Token, joint: str, unit: Unit, end: int) -> Amount:
        """One amount; refused where its number is not certain."""
        value = number.value
        if isinstance(value, Decimal):
            refusal = None
            if unit.dimension == "mass" and _is_two_numbers(number.text, value):
                refusal = Refusal(AMBIGUOUS, "the mark may part thousands or two strengths")
            return Amount(value * unit.scale, unit, number.start, end, joint, refusal=refusal, digits=number.text)
        return Amount(Decimal(0), unit, number.start, end, joint, refusal=Refusal(AMBIGUOUS, str(value)))

    def place(self, made: list[Amount]) -> None:
        """Decides what the amounts are: strengths, sizes of containers, or remarks."""
        made[0].before = self.words
        if not self.joint:
            self.keep_words()
        self.words = []
        if made[-1].unit.dimension == "volume" and self.sized and self.joint != "/":
            self.another_size(made[-1].end)
        elif made[-1].unit.dimension in _SIZES:
            if made[-1].unit.dimension == "volume" and not self.dose.amounts:
                self.whole = made[-1].value, made[-1].unit
            self.leave_out(made, "the size of a container or a time")
        elif made[-1].unit.dimension == "fraction" and self.is_in:
            self.leave_out(made, "the percent of the liquid that it is in")
        elif self.context in ("equivalent", "content", "remark", "other"):
            self.leave_out(made, "a remark on the strength or on another product")
        else:
            self.accept(made)

    def accept(self, made: list[Amount]) -> None:
        """Keeps the amounts as strengths, in what they are said to be contained in."""
        if self.context == "inexact":
            self.refuse(made, Refusal(UNREAD, "the words before the amount make it a bound or an estimate"))
        self.dose.amounts += made
        self.last, self.sized, self.is_in = made, [], False
        self.joint = ""
        if made[-1].unit.basis == "per 100 mL":
            made[-1].per = (Decimal(100), unit_coded("mL"))
        elif self.contained_in and made[-1].unit.dimension != "fraction":
            for amount in made:
                amount.per = amount.per or self.contained_in

    def leave_out(self, made: list[Amount], what: str) -> None:
        """Keeps the quantity as one that is no strength."""
        self.dose.not_strengths.append((made[0].start, made[-1].end, Refusal(NOT_STRENGTH, what)))

    def pack_count(self) -> None:
        """`5 mg x 30`: the number after the sign counts."""
        if (
            self.at + 1 < len(self.tokens)
            and self.tokens[self.at].kind == "times"
            and self.tokens[self.at + 1].kind == "number"
        ):
            self.at += 2

    def refuse(self, made: list[Amount], refusal: Refusal) -> None:
        """Gives the amounts a reason not to be read; the first reason stays."""
        for amount in made:
            amount.refusal = amount.refusal or refusal

    def ratio(self, numbers: list[Token]) -> bool:
        """`1:1000`, `1 in 1000`: one gram in so many millilitres (USP General Chapter 7)."""
        if len(numbers) != 1 or self.at + 1 >= len(self.tokens):
            return False
        whole = self.tokens[self.at + 1]
        is_ratio = self.at_mark(":") or (self.at_mark("in") and unit_at(self.text, self.tokens, self.at + 2)[0] is None)
        if numbers[0].text != "1" or whole.kind != "number" or not is_ratio:
            return False
        self.at += 2
        made = Amount(Decimal(1), unit_coded("g"), numbers[0].start, whole.end, self.joint)
        if isinstance(whole.value, Decimal) and whole.value >= _LEAST_RATIO:
            made.per = (whole.value, unit_coded("mL"))
        else:
            made.refusal = Refusal(UNREAD, "the ratio is no ratio strength")
        self.place([made])
        return True

    def potency(self, numbers: list[Token], unit: Unit, end: int) -> None:
        """`30C` written together is a homeopathic potency; anything else with such a letter is not read."""
        tight = numbers[-1].end == self.tokens[self.at - 1].start
        value = numbers[-1].value
        if len(numbers) == 1 and tight and isinstance(value, Decimal):
            self.place([Amount(value, unit, numbers[0].start, end, self.joint)])
        else:
            self.bare(numbers[0].start, end, None)

    def bare(self, start: int, end: int, unit: Unmapped | None) -> None:
        """A number without a unit that we read: it spoils the amounts it is joined to, and no others."""
        if unit is not None:
            refusal = Refusal(AMBIGUOUS, unit.reason)
        else:
            refusal = Refusal(NOT_STRENGTH, "a number without a unit")
            if self.joint in ("/", "-", "to") and self.last:
                self.refuse(self.last, Refusal(UNREAD, "a number without a unit is joined to the amount"))
        self.dose.not_strengths.append((start, end, refusal))

    def another_size(self, end: int) -> None:
        """`100 mg/ml in 4-ml and 10-ml ampoules`: a strength for each container, as RxNorm's quantity factor has it."""
        again = [replace(amount, end=end) for amount in self.sized]
        again[0].joint = ";"
        self.dose.amounts += again
        self.last = again
        self.joint = ""

    def keep_words(self) -> None:
        """The words since the last amount belong to it; an excipient only where it follows the amount at once."""
        is_apart = bool(self.joint or self.is_in or self.context)
        kept = [
            word
            for at, word in enumerate(self.words)
            if word.kind != "excipient" or not (is_apart or at > _MOST_BETWEEN)
        ]
        for amount in self.last:
            amount.after += kept
        if self.last:
            self.words = []


def _is_two_numbers(digits: str, value: Decimal) -> bool:
    """`100,200 mg` and `20 500 mg` may be two strengths: no product weighs so much."""
    return value >= 10_000 and ("," in digits or " " in digits)  # noqa: PLR2004
