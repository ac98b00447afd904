"""The grammar of a printed dose, from tokens to amounts.

    dose        = { amount | bracket | joint | words }
    amount      = numbers unit { words | bracket } [ denominator ]
    numbers     = number { joint number }                      a unit given once: 5, 10 and 20 mg    400/57 mg
                | "1" ":" number                               a ratio: 1:1000 is 1 g in 1000 mL
    denominator = ( "/" | "per" | "in" ) [ number ] unit       unit of volume, time, area, presentation, or mass
    bracket     = "(" … ")"                                    a remark, or the same strength in another unit
    joint       = "," | ";" | "/" | "+" | "-" | "to" | "and" | "or"

Words say what a quantity is not: after `equivalent to`, `contains` or `in combination with` it is a remark; beside
`daily`, `kg` or `serum` it is a dose or a measurement; beside `lactose` it is an excipient; after `up to` a bound.
Volumes, times and counts without a substance are sizes of containers. None of these becomes a strength.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from pipelines.normalize.strength.amount import AMBIGUOUS, NOT_STRENGTH, UNREAD, Amount, Dose, Refusal
from pipelines.normalize.strength.tokens import Token, tokens_of, unit_at
from pipelines.normalize.strength.units import Unit, Unmapped, unit_coded

JOINTS = {",": ",", ";": ";", "-": "-", "per": "/", "plus": "+", "and": "and", "or": "or", "to": "to"}
_OPEN, _CLOSE = "([{", ")]}"
_SIZES = frozenset({"volume", "time", "presentation", "area"})
_DENOMINATORS = frozenset({"volume", "time", "presentation", "area", "mass"})
_LEAST_RATIO = 100  # 1:10 and 1:50 are titres, mixtures or dilutions to be made


def read_dose(text: str, *, decimal_comma: bool = False, is_weighed: bool = False) -> Dose:
    """Every amount of a printed dose. Linear in the length of the text; never raises.

    `is_weighed`: the form is sold by weight, so that `0.5 mg/3 g` is a concentration and not a combination.
    """
    reader = _Reader(text, tokens_of(text, decimal_comma=decimal_comma), is_weighed=is_weighed)
    reader.read()
    return reader.dose


class _Reader:
    """Walks the tokens once. Each method reads one rule of the grammar and leaves `at` after it."""

    def __init__(self, text: str, tokens: list[Token], depth: int = 0, *, is_weighed: bool = False) -> None:
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

    def read(self) -> None:
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if self.begins_line(token):
                self.join(";", skip=0)
            if token.kind == "number":
                self.quantity()
            elif token.text in _OPEN:
                self.bracket()
            elif token.kind in ("per", "in") and self.denominator():
                continue
            elif token.kind in JOINTS or token.text in JOINTS:
                self.join(JOINTS.get(token.kind) or JOINTS[token.text])
            else:
                self.word(token)
        self.keep_words()

    def begins_line(self, token: Token) -> bool:
        """Whether a token begins a line after one that is complete, which is then a statement of its own."""
        if self.at == 0 or self.joint or "\n" not in self.text[self.tokens[self.at - 1].end : token.start]:
            return False
        return self.tokens[self.at - 1].kind not in ("per", "in", "plus", "and", "or", "to")

    # --- words ---------------------------------------------------------------------------------------------------

    def word(self, token: Token) -> None:
        """A word with a role sets what the quantities after it are; a full stop ends that."""
        self.at += 1
        self.is_in = token.kind == "in"
        if token.text == "." and self.ends_sentence(token):
            self.join(";", skip=0)
        elif self.says_nothing_yet(token):
            return
        elif token.kind == "content" and self.is_beside_amount(token):
            self.refuse(self.last, Refusal(AMBIGUOUS, "what it contains is stated too, and either may be the strength"))
            self.context = "remark"
        elif token.kind in ("equivalent", "content", "remark", "other", "inexact"):
            self.context = self.context or token.kind
        elif token.kind == "unquantified":
            self.dose.is_unquantified = True
        elif token.kind != "basis":
            self.words.append(token)

    def says_nothing_yet(self, token: Token) -> bool:
        """`EQ 4 mg base` and `Each tablet contains 5 mg` state a strength: nothing before it is remarked on."""
        if token.kind == "equivalent":
            return bool(self.joint) or not self.dose.amounts
        return token.kind in ("content", "remark") and not self.dose.amounts

    def is_beside_amount(self, token: Token) -> bool:
        """`1 g contains 900 mg of …`: the word follows the amount at once."""
        return bool(self.last) and not self.text[self.last[-1].end : token.start].strip()

    def ends_sentence(self, token: Token) -> bool:
        following = self.tokens[self.at] if self.at < len(self.tokens) else None
        between = self.text[token.end : following.start] if following else "\n"
        return "\n" in between or (between != "" and following is not None and following.text[0].isupper())

    def join(self, joint: str, skip: int = 1) -> None:
        """A joint ends an equivalence; only a new statement ends a remark."""
        self.at += skip
        self.keep_words()
        if self.context in ("equivalent", "inexact") or (joint == ";" and self.context == "other"):
            self.context = ""
        self.joint = joint if joint == ";" or self.joint in ("", "-", joint) else self.joint

    def keep_words(self) -> None:
        """The words since the last amount belong to it."""
        for amount in self.last:
            amount.after += self.words
        if self.last:
            self.words = []

    # --- quantities ----------------------------------------------------------------------------------------------

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
        self.keep_words()
        self.words = []
        if made[-1].unit.dimension == "volume" and self.sized and self.joint != "/":
            self.another_size(made[-1].end)
        elif made[-1].unit.dimension in _SIZES:
            self.leave_out(made, "the size of a container or a time")
        elif made[-1].unit.dimension == "fraction" and self.is_in:
            self.leave_out(made, "the percent of the liquid that it is in")
        elif self.context in ("equivalent", "content", "remark", "other"):
            self.leave_out(made, "a remark on the strength or on another product")
        else:
            if self.context == "inexact":
                self.refuse(made, Refusal(UNREAD, "the words before the amount make it a bound or an estimate"))
            self.dose.amounts += made
            self.last, self.sized, self.is_in = made, [], False
            self.joint = ""
            if made[-1].unit.basis == "per 100 mL":
                made[-1].per = (Decimal(100), unit_coded("mL"))

    def leave_out(self, made: list[Amount], what: str) -> None:
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
        for amount in made:
            amount.refusal = amount.refusal or refusal

    def ratio(self, numbers: list[Token]) -> bool:
        """`1:1000`: one gram in so many millilitres (USP General Chapter 7)."""
        if len(numbers) != 1 or not self.at_mark(":") or self.at + 1 >= len(self.tokens):
            return False
        whole = self.tokens[self.at + 1]
        if numbers[0].text != "1" or whole.kind != "number":
            return False
        self.at += 2
        made = Amount(Decimal(1), unit_coded("g"), numbers[0].start, whole.end, self.joint)
        if isinstance(whole.value, Decimal) and whole.value >= _LEAST_RATIO:
            made.per = (whole.value, unit_coded("mL"))
            made.digits = "1:N"
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

    # --- denominators --------------------------------------------------------------------------------------------

    def denominator(self) -> bool:
        """What the last amounts are contained in. False where the mark is a joint instead."""
        word = self.tokens[self.at]
        number, unit, after = self.denominator_unit(self.at + 1)
        if not self.last or unit is None or not self.may_divide(word, number, unit):
            return False
        self.at = after
        end = self.tokens[after - 1].end
        if word.kind == "in" and self.is_complete():
            self.sized = self.joined() if unit.dimension == "volume" else []
            return True
        value = number.value if number is not None else Decimal(1)
        if not isinstance(value, Decimal) or value == 0:
            self.refuse(self.last, Refusal(AMBIGUOUS, str(value)))
            return True
        self.divide(value * unit.scale, unit, end, is_bare=number is None)
        return True

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

    def another_size(self, end: int) -> None:
        """`100 mg/ml in 4-ml and 10-ml ampoules`: a strength for each container, as RxNorm's quantity factor has it."""
        again = [replace(amount, end=end) for amount in self.sized]
        again[0].joint = ";"
        self.dose.amounts += again
        self.last = again
        self.joint = ""

    def divide(self, value: Decimal, unit: Unit, end: int, *, is_bare: bool) -> None:
        """Gives the denominator to the last amounts, and to those before them that are joined and have none."""
        if unit.code == "kg" and is_bare:
            self.refuse(self.last, Refusal(NOT_STRENGTH, "a dose by body weight"))
        for amount in self.last:
            self.divide_one(amount, value, unit, end)
        if self.last == self.dose.amounts[-len(self.last) :]:
            self.share(value, unit, end)

    def divide_one(self, amount: Amount, value: Decimal, unit: Unit, end: int) -> None:
        if amount.per is not None and amount.per != (value, unit):
            amount.refusal = amount.refusal or Refusal(UNREAD, "the amount has two denominators")
        amount.per, amount.end = (value, unit), end

    def share(self, value: Decimal, unit: Unit, end: int) -> None:
        later = self.last[0]
        for amount in reversed(self.dose.amounts[: -len(self.last)]):
            if amount.per is not None or later.joint not in ("+", "/", "and", "to", "-"):
                return
            self.divide_one(amount, value, unit, end)
            later = amount

    # --- brackets ------------------------------------------------------------------------------------------------

    def bracket(self) -> None:
        """A remark, the same strength in other words, or the strength itself where nothing stands before it."""
        end = self.closing()
        inner = _Reader(self.text, self.tokens[self.at + 1 : end], self.depth + 1, is_weighed=self.is_weighed)
        self.at = end + 1
        if self.depth > 1 or not inner.tokens:
            return
        inner.words = []
        inner.read()
        self.dose.is_unquantified |= inner.dose.is_unquantified
        self.dose.not_strengths += inner.dose.not_strengths
        if self.context in ("content", "remark", "other") or not inner.dose.amounts:
            self.dose.not_strengths += _left_out(inner.dose.amounts)
        elif self.joint or not self.dose.amounts:
            inner.dose.amounts[0].before, inner.dose.amounts[0].joint = self.words, self.joint
            self.words, self.joint, self.last = [], "", inner.dose.amounts
            self.dose.amounts += inner.dose.amounts
        else:
            self.alternate(inner)

    def closing(self) -> int:
        """The place of the bracket's end, or of the last token where it is never closed."""
        depth = 0
        for at in range(self.at, len(self.tokens)):
            depth += self.tokens[at].text in _OPEN
            depth -= self.tokens[at].text in _CLOSE
            if depth == 0:
                return at
        return len(self.tokens)

    def alternate(self, inner: _Reader) -> None:
        """The same strength in another unit; one after `equivalent to` is left out unread."""
        if inner.tokens[0].kind == "equivalent" or any(t.kind == "equivalent" for t in inner.tokens):
            self.dose.not_strengths += _left_out(inner.dose.amounts)
            return
        stated = self.dose.amounts[-len(inner.dose.amounts) :]
        if len(stated) == len(inner.dose.amounts):
            for amount, alternate in zip(stated, inner.dose.amounts, strict=True):
                amount.alternates.append(alternate)


def _left_out(amounts: list[Amount]) -> list[tuple[int, int, Refusal]]:
    remark = Refusal(NOT_STRENGTH, "a remark on the strength or on another product")
    return [(amount.start, amount.end, remark) for amount in amounts]


def _is_two_numbers(digits: str, value: Decimal) -> bool:
    """`100,200 mg` and `20 500 mg` may be two strengths: no product weighs so much."""
    return value >= 10_000 and ("," in digits or " " in digits)  # noqa: PLR2004
