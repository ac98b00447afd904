"""Numbers as they are printed, and only those whose value is certain.

    number   = mixed | grouped | decimal | whole
    mixed    = [ whole " " ] whole "⁄" whole              2½ as 2 1⁄2; also 2 1/2, where the fraction is a proper one
    grouped  = 1-3 digits, then groups of 3 after one kind of "," " " "'" "."        1,000   10 000   1'000   1.000.000
    decimal  = [ digits ] ( "." | "," ) digits            .5   0.50   2,5
    power    = number [ "x" ] "10^" digits                2 x 10^13

What could be wrong by a factor of ten or a thousand is refused: `1.000` (1 or 1000), `2,500` where the document writes
decimal commas, `5,10` (5.1, or 5 and 10), `100,200 mg` (one number or two). The rules follow ISMP's and EMA's advice on
writing doses; a comma before three digits is taken for a thousands mark in an English text.
"""

from __future__ import annotations

import re
from decimal import Decimal

NUMBER = r"""
    (?: \d{1,3} (?: ,\d{3} )+ (?: \.\d+ )? (?! [\d,]*\d )
      | \d{1,3} (?: \.\d{3} )+ ,\d+ | \d{1,3} (?: \.\d{3} ){2,} (?! \d )
      | \d{1,3} (?: [ ]\d{3} )+ (?: [.,]\d+ )? (?! \d )
      | \d{1,3} (?: '\d{3} )+ (?: [.,]\d+ )? (?! \d )
      | (?: \d{1,4}[ ] )? \d{1,2} [⁄] \d{1,2}
      | \d{1,4}[ ] \d/\d{1,2} (?! [\d/.,] )
      | \d+ \. \d+ | (?<! \d, ) \d+ , \d+ (?! ,?\d ) | \d+ | \. \d+
    )
    (?: [ ]? [xX*] [ ]? 10 [ ]? \^ [ ]? \d{1,2} | [eE] \d{1,2} (?! \w ) | (?<= 10) \^ \d{1,2} )?
"""
_POWER = re.compile(r"^(?P<number>.*?)\s?(?:[xX*]\s?)?(?:10\s?\^\s?|[eE])(?P<power>\d{1,2})$", re.DOTALL)
_FRACTION = re.compile(r"^(?:(?P<whole>\d+) )?(?P<top>\d+)[⁄/](?P<bottom>\d+)$")
_GROUPED = re.compile(r"^\d{1,3}(?:(?P<mark>[, '.])\d{3})(?:(?P=mark)\d{3})*(?P<rest>[.,]\d+)?$")

_THOUSANDS = 3  # digits of a thousands group
AMBIGUOUS_ZEROS = "the point may mark thousands or decimals"
AMBIGUOUS_COMMA = "the comma may mark thousands, decimals or the next item of a list"
NOT_A_NUMBER = "the digits form no number"


def read_number(printed: str, *, decimal_comma: bool = False) -> Decimal | str:
    """The value, or the reason why it is not certain. `decimal_comma`: the document writes commas for decimals.

    >>> read_number("1,000"), read_number(".5"), read_number("2 x 10^13")
    (Decimal('1000'), Decimal('0.5'), Decimal('2E+13'))
    >>> read_number("1.000")
    'the point may mark thousands or decimals'
    """
    if printed.isdigit():
        return Decimal(printed)
    if (power := _POWER.match(printed)) is not None:
        base = read_number(power["number"], decimal_comma=decimal_comma) if power["number"] else Decimal(1)
        return base if isinstance(base, str) else base.scaleb(int(power["power"]))
    if (fraction := _FRACTION.match(printed)) is not None:
        return _mixed(fraction)
    if (grouped := _GROUPED.match(printed)) is not None:
        return _grouped(printed, grouped, decimal_comma=decimal_comma)
    return _decimal(printed, decimal_comma=decimal_comma)


def _mixed(fraction: re.Match[str]) -> Decimal | str:
    top, bottom = Decimal(fraction["top"]), Decimal(fraction["bottom"])
    if not 0 < top < bottom:
        return NOT_A_NUMBER
    return Decimal(fraction["whole"] or 0) + top / bottom


def _grouped(printed: str, grouped: re.Match[str], *, decimal_comma: bool) -> Decimal | str:
    mark, rest = grouped["mark"], grouped["rest"] or ""
    first, *groups = printed.removesuffix(rest).split(mark)
    single = len(groups) == 1 and not rest
    if first == "0" or (first.startswith("0") and single):
        return Decimal(f"{first}.{groups[0]}") if single and mark in ".," else NOT_A_NUMBER
    if single and mark == "." and (decimal_comma or groups[0] == "000"):
        return AMBIGUOUS_ZEROS
    if single and mark == ".":
        return Decimal(printed)
    if single and mark == "," and decimal_comma:
        return AMBIGUOUS_COMMA
    return Decimal(first + "".join(groups) + rest.replace(",", "."))


def _decimal(printed: str, *, decimal_comma: bool) -> Decimal | str:
    whole, mark, digits = printed.partition("." if "." in printed else ",")
    if mark == "," and not _is_decimal_comma(whole, digits, decimal_comma=decimal_comma):
        return AMBIGUOUS_COMMA
    try:
        return Decimal(f"{whole or 0}.{digits}")
    except ArithmeticError:
        return NOT_A_NUMBER


def _is_decimal_comma(whole: str, digits: str, *, decimal_comma: bool) -> bool:
    return decimal_comma or whole == "0" or (whole != "" and len(digits) < _THOUSANDS and not digits.endswith("0"))


_CERTAIN_COMMA = re.compile(r"(?<![\d,.])(?:0,\d{1,4}|\d{1,3},\d)(?![\d,])")


def writes_decimal_commas(text: str) -> bool:
    """True where the text holds a comma that can only mark decimals, such as `0,5` or `2,5`."""
    return _CERTAIN_COMMA.search(text) is not None
