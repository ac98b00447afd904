"""Quantities as they are printed: numbers, units, amounts and denominators, and only those whose value is certain.

    amounts     = numbers [ "-" ] unit                          5, 10 and 20 mg    10-mg    400/57 mg
    numbers     = number { joint number }                       a unit that is printed once
    number      = mixed | spaced | power | printed
    denominator = [ number [ "-" ] ] unit                       5 mL    24 h    1-ml ampoule

What could be wrong by a factor of ten or a thousand is refused: `1.000` (1 or 1000), `5,10` (5.1, or 5 and 10),
`100,200 mg`, `0. 5 mg`, `10^4.3`, `12 5 mg`. A number is the longest run of digits and of marks that can join digits:
it is read whole or not at all. The rules follow the advice of ISMP and EMA on how doses are written; a comma before
three digits marks thousands in an English text. User text never reaches a UCUM parser.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from pipelines.lexer import BREAK, MARK, NUMBER, SOFT_BREAK, WORD, Cursor, Tokens, cut_words
from pipelines.lexicon import Vocabulary
from pipelines.records import FindingCode, UnitCode
from schemas import codes

AMBIGUOUS = FindingCode("STRENGTH_AMBIGUOUS")
UNREAD = FindingCode("STRENGTH_UNREAD")
UNIT_UNKNOWN = FindingCode("STRENGTH_UNIT_UNKNOWN")
ACTUATION = UnitCode("{actuation}")
NOT_STRENGTH = FindingCode("DOSE_NOT_STRENGTH")

_TOO_LONG = "the number has more digits than any strength"
_ZEROS = "the point may mark thousands or decimals"
_COMMA = "the comma may mark thousands, decimals or the next item of a list"
_NO_NUMBER = "the digits form no number"
_NOUGHT = "the nought before the number may have lost its point"
_BESIDE = "two numbers stand side by side without a mark between them"
_MOST_DIGITS = 18
_MOST_POWER = 18
_LEAST_BARE_POWER = 4  # 10³ and below may be 10 and the sign of a footnote


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a quantity is not read as a strength."""

    code: FindingCode
    message: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A UCUM unit: `factor` of it make one `base`. `scale` is what the printed word adds (million units: 10^6).

    `basis` is set if the word itself tells what a percent is of.
    """

    code: UnitCode
    dimension: str
    base: UnitCode
    factor: Decimal
    rxnorm: str
    scale: Decimal = Decimal(1)
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A word that is known and deliberately not a unit that we read; `role` is what it makes of an amount."""

    reason: str
    role: str = ""


class Number(NamedTuple):
    """A number from one token up to another: one value, several of a list without spaces, or none and the reason."""

    first: int
    after: int
    values: tuple[Decimal, ...]
    why: str = ""


@dataclass(slots=True)
class Amount:
    """One number with its unit, from token `first` up to `after`. `joint` is what stands before it.

    `unit_span` are the tokens of the unit if it is printed apart (`6` of `3, 6 and 9 mg`), `per` the denominator and
    `per_span` its tokens if it is printed apart. `before` and `after_words` are the words around, as (role, first,
    after); `alternates` the same amount said again, each with its kind.
    """

    value: Decimal
    unit: Unit
    first: int
    after: int
    joint: str = ""
    unit_span: tuple[int, int] | None = None
    per: tuple[Decimal, Unit] | None = None
    per_span: tuple[int, int] | None = None
    before: list[tuple[str, int, int]] = field(default_factory=list)
    behind: list[tuple[str, int, int]] = field(default_factory=list)
    alternates: list[tuple[str, Amount]] = field(default_factory=list)
    refusal: Refusal | None = None
    is_series: bool = False

    def refuse(self, refusal: Refusal) -> None:
        """Gives a reason not to be read; the first reason stays."""
        self.refusal = self.refusal or refusal


# --- units -----------------------------------


def _unit(row: codes.Row) -> Unit | Unmapped:
    if not row["code"]:
        return Unmapped(row["note"], row["basis"])
    return replace(unit_coded(row["code"]), scale=Decimal(row["factor"]), basis=row["basis"])


@cache
def unit_coded(code: str) -> Unit:
    """The unit of a UCUM code of `units.csv`; raises KeyError if the list has none."""
    row = codes.by_code("units")[code]
    return Unit(
        UnitCode(code), row["dimension"], UnitCode(row["base_code"]), Decimal(row["factor"]), row["rxnorm_unit"]
    )


@cache
def _units() -> Vocabulary[Unit | Unmapped]:
    rows = codes.rows("unit_synonyms")
    return Vocabulary("unit_synonyms", ((row["text"], _unit(row), bool(row["case"])) for row in rows))


@cache
def _number_words() -> dict[str, Decimal]:
    return {word: Decimal(row["value"]) for row in codes.rows("number_words") for word in cut_words(row["text"])[:1]}


@cache
def joints() -> dict[str, str]:
    """What joins two amounts, by key: the words of `strength_words.csv` and the marks."""
    marks = {",": ",", ";": ";", "-": "-"}
    told = {"per": "/", "plus": "+", "and": "and", "or": "or", "to": "to"}
    rows = ((cut_words(row["text"]), row["role"]) for row in codes.rows("strength_words"))
    return marks | {words[0]: told[role] for words, role in rows if role in told and len(words) == 1}


def unit_at(tokens: Tokens, at: int, after: int) -> tuple[Unit | Unmapped, int] | None:
    """The longest unit that begins at a token, and the token after it; a number word may stand before it."""
    if at >= after:
        return None
    scale = _number_words().get(tokens.keys[at]) if tokens.kinds[at] == WORD else None
    if scale is None:
        return _units().longest(tokens, at, after)
    begins = at + 1
    begins += begins < after and tokens.keys[begins] == "."
    found = _units().longest(tokens, begins, after)
    if found is None:
        return _units().longest(tokens, at, after)
    unit, end = found
    return (unit if isinstance(unit, Unmapped) else replace(unit, scale=unit.scale * scale)), end


# --- numbers ---------------------------------

_SPACED = re.compile(r"\d{1,3}(?: \d{3})+(?:[.,]\d{1,6})?")
_MIXED = re.compile(r"(?P<whole>\d{1,4}) (?P<top>\d{1,3})[⁄/](?P<bottom>\d{1,3})")
_POWER = re.compile(
    r"(?:(?P<times>[\d.,'·⁄/ ]{1,24}?) ?[×*·] ?)?10 ?\^ ?\+?(?P<power>\d{1,3})"
    r"|(?P<whole>[\d.,]{1,12})e\+?(?P<e>\d{1,3})"
)
_LOST = re.compile(r"10(?!0+$)\d{1,2}$")
_ONE_FRACTION = re.compile(r"\d{1,3}⁄\d{1,3}")
_JOINT = re.compile("[·∙⋅‧・٫٬]")
_ONE_JOINT = {"∙": "·", "⋅": "·", "‧": "·", "・": "·", "٫": "·", "٬": ","}
_NOT_OF_A_NUMBER = frozenset("-/,;+&()[]{}%:\"'=<>≤≥~±®™†‡§|")


def read_number(printed: str, *, decimal_comma: bool = False) -> Decimal | str:
    """The value of printed digits and marks, or the reason why it is not certain.

    `decimal_comma`: the document writes commas for decimals.

    >>> read_number("1,000"), read_number(".5"), read_number("0·05"), read_number("5,00,000")
    (Decimal('1000'), Decimal('0.5'), Decimal('0.05'), Decimal('500000'))
    >>> read_number("1.000")
    'the point may mark thousands or decimals'
    """
    value = _value(printed, decimal_comma=decimal_comma)
    return value if not isinstance(value, tuple) else _COMMA


def _value(printed: str, *, decimal_comma: bool) -> Decimal | str | tuple[Decimal, ...]:
    if len(printed) > _MOST_DIGITS + 6:
        return _TOO_LONG
    if not printed.isascii():
        printed = _western(printed)
    if printed.isdigit():
        return Decimal(printed) if printed[0] != "0" or printed == "0" else _NOUGHT
    if "⁄" in printed:
        return _fraction("0", *printed.split("⁄")) if _ONE_FRACTION.fullmatch(printed) else _NO_NUMBER
    marks = [mark for mark in printed if not mark.isdigit()]
    parts = re.split("[.,·']", printed)
    if not all(part.isdecimal() for part in parts[1:]) or not (parts[0].isdecimal() or printed[0] == "."):
        return _NO_NUMBER
    if len(marks) == 1:
        return _two_parts(parts, marks[0], decimal_comma=decimal_comma)
    return _many_parts(parts, marks, decimal_comma=decimal_comma)


def _western(printed: str) -> str:
    """The digits 0 to 9 for those of other scripts, and one sign for each kind of joint."""
    digits = "".join(str(unicodedata.digit(one, one)) for one in printed)
    return _JOINT.sub(lambda found: _ONE_JOINT.get(found[0], found[0]), digits)


def _fraction(whole: str, top: str, bottom: str) -> Decimal | str:
    if not 0 < int(top) < int(bottom):
        return _NO_NUMBER
    return Decimal(whole) + Decimal(top) / Decimal(bottom)


def _two_parts(parts: list[str], mark: str, *, decimal_comma: bool) -> Decimal | str:
    """One mark: a decimal point or comma, or a mark of thousands."""
    whole, digits = parts
    if len(whole) > 1 and whole[0] == "0":
        return _NO_NUMBER
    has_three = len(digits) == 3  # noqa: PLR2004 thousands
    if mark == "'":
        return Decimal(whole + digits) if has_three and whole not in ("", "0") else _NO_NUMBER
    if whole in ("", "0"):
        return Decimal(f"0.{digits}")
    if mark in ".·":
        is_certain = len(digits) < 3 or (len(whole) == 1 and digits[-1] != "0" and not decimal_comma)  # noqa: PLR2004
        return Decimal(f"{whole}.{digits}") if is_certain else _ZEROS
    if has_three:
        return _COMMA if decimal_comma or digits[0] == "0" != digits[-1] else Decimal(whole + digits)
    is_decimal = decimal_comma or digits[0] == "0" or (len(digits) == 1 and digits != "0")
    return Decimal(f"{whole}.{digits}") if is_decimal else _COMMA


def _many_parts(parts: list[str], marks: list[str], *, decimal_comma: bool) -> Decimal | str | tuple[Decimal, ...]:
    """Groups of thousands, of lakhs and crores (5,00,000), or a list without spaces (5,10,20)."""
    first, *groups = parts
    *same, last = marks
    decimals = "" if last == marks[0] else groups.pop()
    if len(set(same)) != 1 or same[0] == last == "·" or (decimals and last not in ".,·"):
        return _NO_NUMBER
    in_threes = all(len(group) == 3 for group in groups)  # noqa: PLR2004 thousands
    in_lakhs = same[0] == "," and [len(group) for group in groups] == [2] * (len(groups) - 1) + [3]
    is_grouped = in_threes and 1 <= len(first) <= 3  # noqa: PLR2004 thousands
    is_grouped = is_grouped or (in_lakhs and 1 <= len(first) <= 2)  # noqa: PLR2004 thousands
    if is_grouped and in_threes and _ascend((first, *groups)):
        return _COMMA
    if is_grouped and first[0] != "0":
        return Decimal(f"{first}{''.join(groups)}.{decimals or 0}")
    is_list = not decimals and same[0] == "," and not decimal_comma and _ascend((first, *groups))
    return tuple(map(Decimal, (first, *groups))) if is_list else _COMMA


def _ascend(parts: tuple[str, ...]) -> bool:
    """Whether numbers grow: then they may be a list; none begins with nought."""
    return all(part[:1] not in ("", "0") for part in parts) and all(
        int(low) < int(high) for low, high in pairwise(parts)
    )


def number(cursor: Cursor, *, decimal_comma: bool = False) -> Number | None:
    """The number at the cursor, read whole.

    number = whole fraction | 1-3 digits { 3 digits } | [ number ( "×" | "*" ) ] "10" "^" digits | printed

    Whatever else stands between digits, with a space or without, makes a number of none.
    """
    tokens, first = cursor.tokens, cursor.at
    if first >= cursor.after or tokens.kinds[first] != NUMBER:
        return None
    cursor.at = after = _end_of_run(tokens, first, cursor.after)
    if after == first + 1:
        value = _value(tokens.keys[first], decimal_comma=decimal_comma)
    elif after > first + 12:
        value = _TOO_LONG
    else:
        run = _run_text(tokens, first, after)
        value = _run_value(run, decimal_comma=decimal_comma)
        if run.count(" ") > 1 and _SPACED.fullmatch(run) and not _has_fixed_spaces(tokens, first, after):
            value = _BESIDE
    if isinstance(value, str):
        return Number(first, after, (), value)
    return Number(first, after, value if isinstance(value, tuple) else (value,))


def _has_fixed_spaces(tokens: Tokens, first: int, after: int) -> bool:
    """Whether digits are parted by spaces that keep them on one line: `1 200 000` is then one number for certain."""
    printed = tokens.passage(first, after).text
    return " " not in printed or " 000 " in printed


def _end_of_run(tokens: Tokens, at: int, after: int) -> int:
    """The token after the last one that may belong to the number at a token."""
    at += 1
    while at < after:
        step = _step_of_run(tokens, at, after)
        if not step:
            return at
        at += step
    return at


def _step_of_run(tokens: Tokens, at: int, after: int) -> int:
    """How many more tokens, up to the next digits, belong to a number; 0 if it ends here."""
    kind, key = tokens.kinds[at], tokens.keys[at]
    if kind == NUMBER:
        return 1
    if kind in (BREAK, SOFT_BREAK):
        return 2 if _goes_on(tokens, at, after) else 0
    if kind == WORD and key != "x":
        return _exponent(tokens, at, after) if key[0] == "e" else 0
    if kind not in (MARK, WORD) or at + 1 >= after or key in _NOT_OF_A_NUMBER - {"/"}:
        return 0
    next_at = at + 1
    if key in ".^*":
        next_at += tokens.kinds[next_at] in (BREAK, SOFT_BREAK) or tokens.keys[next_at] in "+-*^"
    if next_at >= after or tokens.kinds[next_at] != NUMBER:
        return 0
    return next_at - at + 1 if _joins_digits(tokens, at, next_at, after) else 0


def _goes_on(tokens: Tokens, at: int, after: int) -> bool:
    """Whether digits after a line break belong to the number before it: `2` / `.5 mg`."""
    if at + 1 >= after or tokens.kinds[at + 1] != NUMBER:
        return False
    return tokens.kinds[at] == SOFT_BREAK or tokens.keys[at + 1][0] == "."


def _joins_digits(tokens: Tokens, at: int, next_at: int, after: int) -> bool:
    """Whether a mark before digits makes them part of the number before it."""
    key = tokens.keys[at]
    if key == "/":
        return _is_fraction(tokens, at)
    if key in ("×", "x"):
        return _is_power(tokens, next_at, after)
    return key in ".^*" or (tokens.is_tight(at) and tokens.is_tight(next_at))


def _exponent(tokens: Tokens, at: int, after: int) -> int:
    """`e5`, `E+5`, `E-2` after digits."""
    key = tokens.keys[at]
    if key[0] != "e" or not tokens.is_tight(at):
        return 0
    if key == "e":
        is_signed = at + 2 < after and tokens.keys[at + 1] in "+-" and tokens.kinds[at + 2] == NUMBER
        return 3 if is_signed and tokens.is_tight(at + 1) and tokens.is_tight(at + 2) else 0
    return int(key[1:].isdigit())


def _is_fraction(tokens: Tokens, slash: int) -> bool:
    """`2 1/2`: a fraction after a whole number."""
    is_tight = tokens.is_tight(slash) and tokens.is_tight(slash + 1) and tokens.kinds[slash - 2] == NUMBER
    return slash > 1 and is_tight and len(tokens.keys[slash - 1]) == 1 and not tokens.is_tight(slash - 1)


def _is_power(tokens: Tokens, at: int, after: int) -> bool:
    """Whether the number after a sign of multiplication is a power of ten, or was one."""
    key = tokens.keys[at]
    if key == "10":
        return at + 1 < after and (tokens.keys[at + 1] in ("^", "*") or _exponent(tokens, at + 1, after) > 0)
    return bool(_LOST.match(key)) or key.startswith("10'")


def _run_text(tokens: Tokens, first: int, after: int) -> str:
    keys = (("" if tokens.is_tight(at) else " ") + tokens.keys[at] for at in range(first, after))
    return "".join(keys).strip().replace("x", "×")


def _run_value(run: str, *, decimal_comma: bool) -> Decimal | str:
    if (mixed := _MIXED.fullmatch(run)) is not None:
        return _fraction(*mixed.groups())
    if (power := _POWER.fullmatch(run)) is not None:
        return _power(power, decimal_comma=decimal_comma)
    if _SPACED.fullmatch(run):
        return _spaced(run)
    if "×" in run:
        return "the power of ten has lost its superscript"
    return _BESIDE if " " in run else _NO_NUMBER


def _spaced(run: str) -> Decimal | str:
    """`10 000`: thousands parted by spaces; `30 100` and `20 500` may be two numbers."""
    first, *groups = run.split(" ")
    if first[0] == "0" or (groups[-1] != "000" and (len(first) > 1 or len(groups) > 1)):
        return _BESIDE
    return Decimal(run.replace(" ", "").replace(",", "."))


def _power(power: re.Match[str], *, decimal_comma: bool) -> Decimal | str:
    exponent = int(power["power"] or power["e"])
    printed = power["times"] or power["whole"]
    if exponent > _MOST_POWER:
        return _TOO_LONG
    if printed is None:
        return Decimal(10) ** exponent if exponent >= _LEAST_BARE_POWER else "the power may be the sign of a footnote"
    base = (
        _run_value(printed, decimal_comma=decimal_comma)
        if " " in printed
        else read_number(printed, decimal_comma=decimal_comma)
    )
    return base if isinstance(base, str) else base.scaleb(exponent)


_CERTAIN_COMMA = re.compile(r"0,\d{1,4}|\d{1,3},[1-9]")


def writes_decimal_commas(tokens: Tokens, first: int, after: int) -> bool:
    """Whether some number has a comma that can only mark decimals, such as `0,5` or `2,5`."""
    kinds, keys = tokens.kinds, tokens.keys
    at = kinds.find(NUMBER, first, after)
    while at >= 0:
        if "," in keys[at] and _CERTAIN_COMMA.fullmatch(keys[at]):
            return True
        at = kinds.find(NUMBER, at + 1, after)
    return False


# --- amounts and denominators ----------------


class Quantities(NamedTuple):
    """Numbers that share a unit, each with the joint before it; `unit` is None if no known unit follows."""

    numbers: tuple[tuple[str, Number], ...]
    unit: Unit | Unmapped | None
    unit_first: int
    after: int


def quantities(cursor: Cursor, joint: str = "", *, decimal_comma: bool = False) -> Quantities | None:
    """The numbers at the cursor and their unit. `joint` is what stands before the first.

    quantities = number { joint number } [ "-" ] [ unit ]
    """
    numbers: list[tuple[str, Number]] = []  # those that may share the unit after the last of them
    while (found := number(cursor, decimal_comma=decimal_comma)) is not None:
        numbers.append((joint, found))
        step = _next_number(cursor)
        if step is None:
            break
        joint, cursor.at = step
    if not numbers:
        return None
    tokens, at = cursor.tokens, cursor.at
    is_joined = cursor.key == "-" and at + 1 < cursor.after and tokens.is_tight(at) and tokens.is_tight(at + 1)
    is_joined = is_joined or is_unit_torn(tokens, at, cursor.after)
    unit = unit_at(tokens, at + is_joined, cursor.after)
    if unit is None:
        return Quantities(tuple(numbers), None, at, at)
    cursor.at = unit[1]
    return Quantities(tuple(numbers), unit[0], at + is_joined, unit[1])


def is_unit_torn(tokens: Tokens, at: int, after: int) -> bool:
    """Whether the unit of the number before a line end stands on the next line: `125, 250 and 500` / `mg tablets`."""
    if not 0 < at < after - 1 or tokens.kinds[at] not in (BREAK, SOFT_BREAK) or tokens.kinds[at - 1] != NUMBER:
        return False
    found = unit_at(tokens, at + 1, after) if tokens.printed_case(at + 1)[0].islower() else None
    return found is not None and isinstance(found[0], Unit) and found[0].dimension in ("mass", "equivalents")


def _next_number(cursor: Cursor) -> tuple[str, int] | None:
    """The joint before a number that follows without a unit between, and the place of that number."""
    joint, known = "", joints()
    keys, kinds = cursor.tokens.keys, cursor.tokens.kinds
    for at in range(cursor.at, min(cursor.after, cursor.at + 3)):
        if kinds[at] == NUMBER:
            return joint, at
        told = "×" if keys[at] in ("x", "×") else known.get(keys[at])
        is_second = bool(joint) and not (joint in (",", ";") and told in ("and", "or"))
        if (told is None or is_second) and not (kinds[at] in (BREAK, SOFT_BREAK) and joint):
            return None
        joint = told or joint
    return None


def denominator(
    tokens: Tokens, at: int, after: int, *, decimal_comma: bool
) -> tuple[Decimal | str, Unit | Unmapped, int] | None:
    """What stands after `/`, `per`, `in`: its size (1 if it has none, or why it is not certain), unit, the token after.

    denominator = [ "each" ] [ number ] [ "-" ] unit [ "(" unit ")" ]
    """
    cursor = Cursor(tokens, at, after)
    cursor.take("each", "every", "a", "one")
    size: Decimal | str = Decimal(1)
    half = _half(cursor)
    printed = None if half else number(cursor, decimal_comma=decimal_comma)
    if half is not None:
        size = half
    elif printed is not None:
        size = printed.values[0] if len(printed.values) == 1 else printed.why or _COMMA
    cursor.at += cursor.key == "-" and printed is not None
    found = unit_at(tokens, cursor.at, after)
    return (size, found[0], _past_unit_again(tokens, found, after)) if found is not None else None


def _past_unit_again(tokens: Tokens, found: tuple[Unit | Unmapped, int], after: int) -> int:
    """The token behind a bracket that says the unit again: `each milliliter (mL)`."""
    end = found[1]
    if end + 2 >= after or tokens.keys[end] != "(":
        return end
    again = unit_at(tokens, end + 1, after)
    is_same = again is not None and again[0] == found[0] and again[1] < after and tokens.keys[again[1]] == ")"
    return again[1] + 1 if again is not None and is_same else end


def _half(cursor: Cursor) -> Decimal | None:
    """`per 1/2 mL`: a fraction can be nothing else there."""
    keys = [cursor.key_at(distance) for distance in range(3)]
    if keys[1] != "/" or not (keys[0].isdecimal() and keys[2].isdecimal() and len(keys[0]) == len(keys[2]) == 1):
        return None
    value = _fraction("0", keys[0], keys[2])
    cursor.at += 3 if isinstance(value, Decimal) else 0
    return value if isinstance(value, Decimal) else None
