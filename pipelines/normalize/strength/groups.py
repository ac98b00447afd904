"""Amounts put together to strengths: ranges, combinations, lists.

"+"                     a combination, always
"/"  with units         a combination: 5 mg/325 mg
"/"  one unit for all   a combination or a list (50/100/150/200 mg): the number of ingredients decides
"-" "to"                a range (5-10 mg), or a combination (800 mg-160 mg) where the drug has two ingredients
"," ";" "and"           a list, or a combination where there are as many amounts as the drug has ingredients; not read
                        where each has a name of its own (ferrous salt 60 mg and folic acid 400 mcg) and the drug
                        is not known to have more than one
"or"                    a list, always
nothing                 the amount printed twice (250 mg 250 mg); two different amounts side by side are not read
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from pipelines.normalize.strength.amount import AMBIGUOUS, NOT_STRENGTH, UNREAD, Amount, Refusal
from schemas.codes import fold

_TIGHT = frozenset({"+", "/"})
_LISTS = frozenset({",", ";", "and"})
_RANGES = frozenset({"-", "to"})
_NO_STRENGTH = {
    "dosing": "a dose to be given",
    "measurement": "a measured value",
}
EXCIPIENT = Refusal(NOT_STRENGTH, "the amount of an excipient")


@dataclass(slots=True)
class Grouped:
    """A strength: its amounts, each with the high end of a range or None."""

    amounts: list[Amount]
    highs: list[Amount | None]


def group(amounts: list[Amount], ingredients: int) -> list[Grouped]:
    """Strengths in order. `ingredients`: how many the drug's generic name holds, 0 where it is not known."""
    _refuse_by_words(amounts)
    _refuse_pack_sizes(amounts)
    kept = _without_repeats(amounts)
    ranged = _ranges(kept, ingredients)
    strengths = _combinations(ranged, ingredients)
    _refuse_named(strengths)
    return strengths


def _refuse_named(strengths: list[Grouped]) -> None:
    """Two amounts joined by `and`, each beside a name of its own, may be two strengths or one combination."""
    for former, latter in pairwise(strengths):
        if latter.amounts[0].joint == "and" and _are_named_apart(former.amounts[0], latter.amounts[0]):
            for amount in (*former.amounts, *latter.amounts):
                amount.refusal = amount.refusal or Refusal(AMBIGUOUS, "it may be of a combination or of a list")


def _are_named_apart(*pair: Amount) -> bool:
    return _differ(*map(_name_before, pair)) or _differ(*map(_name_after, pair))


def _differ(former: str, latter: str) -> bool:
    return bool(former and latter) and former != latter


def _name_after(amount: Amount) -> str:
    """The word that follows `of`; empty where none does."""
    kinds = [token.kind for token in amount.after[:2]]
    return fold(amount.after[1].text) if kinds == ["of", "word"] else ""


def _name_before(amount: Amount) -> str:
    """The last word before an amount; empty where it is no name of a substance as far as we can tell."""
    token = amount.before[-1] if amount.before else None
    return fold(token.text) if token is not None and token.kind in ("word", "basis") else ""


def _refuse_by_words(amounts: list[Amount]) -> None:
    """A dosing word makes every amount of the text a dose."""
    kinds = {token.kind for amount in amounts for token in (*amount.before, *amount.after)}
    for role in ("dosing", "measurement"):
        if role in kinds:
            for amount in amounts:
                amount.refusal = amount.refusal or Refusal(NOT_STRENGTH, _NO_STRENGTH[role])
    if any(token.kind == "instruction" for amount in amounts for token in amount.before):
        for amount in amounts:
            amount.refusal = amount.refusal or Refusal(NOT_STRENGTH, _NO_STRENGTH["dosing"])


def _refuse_pack_sizes(amounts: list[Amount]) -> None:
    """`1 %, 15 g and 30 g tubes`: grams after a share of the whole say how much is sold."""
    for amount in amounts[1:]:
        if amounts[0].unit.dimension == "fraction" and amount.unit.code == "g" and amount.per is None:
            amount.refusal = amount.refusal or Refusal(NOT_STRENGTH, "the size of a container or a time")


def is_of_excipient(amount: Amount, names: frozenset[str]) -> bool:
    """Whether an excipient stands with the amount, and the drug is not named after it."""
    words = {fold(token.text) for token in (*amount.before, *amount.after) if token.kind == "excipient"}
    return bool(words) and not any(word in name for word in words for name in names)


def _without_repeats(amounts: list[Amount]) -> list[Amount]:
    kept: list[Amount] = []
    for amount in amounts:
        beside = kept and amount.joint == "" and not amount.before
        if beside and (amount.value, amount.unit, amount.per) == (kept[-1].value, kept[-1].unit, kept[-1].per):
            continue
        if beside:
            refusal = Refusal(AMBIGUOUS, "two amounts stand side by side without a mark between them")
            kept[-1].refusal = kept[-1].refusal or refusal
            amount.refusal = amount.refusal or refusal
        kept.append(amount)
    return kept


def _ranges(amounts: list[Amount], ingredients: int) -> list[tuple[Amount, Amount | None]]:
    found: list[tuple[Amount, Amount | None]] = []
    for amount in amounts:
        low = found[-1][0] if found and found[-1][1] is None and amount.joint in _RANGES else None
        if low is not None and _is_series(low, amount):
            low.is_series = amount.is_series = True
            amount.joint = ","
        elif low is not None and not _is_combination(low, amount, ingredients):
            found[-1] = _range(low, amount)
            continue
        found.append((amount, None))
    return found


def _is_series(low: Amount, high: Amount) -> bool:
    """`100 mg to 400 mg`, with its unit each time and in nothing else: two strengths, and perhaps others between."""
    return high.joint == "to" and low.own_unit and high.per is None


def _is_combination(low: Amount, high: Amount, ingredients: int) -> bool:
    if high.joint == "to" or low.unit.dimension != high.unit.dimension:
        return high.joint == "-" and low.unit.dimension != high.unit.dimension
    descends = high.value * high.unit.factor <= low.value * low.unit.factor
    return ingredients == 2 or (descends and low.own_unit and ingredients != 1)  # noqa: PLR2004


def _range(low: Amount, high: Amount) -> tuple[Amount, Amount | None]:
    if high.value * high.unit.factor <= low.value * low.unit.factor or low.unit.base != high.unit.base:
        low.refusal = low.refusal or Refusal(UNREAD, "the range does not ascend")
    low.refusal = low.refusal or high.refusal
    low.end, low.per = high.end, high.per
    low.after = [*low.after, *high.after]
    return low, high


def _combinations(ranged: list[tuple[Amount, Amount | None]], ingredients: int) -> list[Grouped]:
    is_one = _is_one_combination(ranged, ingredients)
    strengths: list[Grouped] = []
    for amount, high in ranged:
        joins = strengths and (is_one or _joins(strengths[-1].amounts[-1], amount, ingredients))
        if joins:
            strengths[-1].amounts.append(amount)
            strengths[-1].highs.append(high)
        else:
            strengths.append(Grouped([amount], [high]))
    return strengths


def _is_one_combination(ranged: list[tuple[Amount, Amount | None]], ingredients: int) -> bool:
    joints = {amount.joint for amount, _ in ranged[1:]}
    return len(ranged) == ingredients > 1 and len(joints) == 1 and joints <= _LISTS


def _joins(before: Amount, amount: Amount, ingredients: int) -> bool:
    if amount.joint in _RANGES:
        return True
    if amount.joint == "/" and not before.own_unit:
        return ingredients != 1
    if amount.joint == "and" and ingredients > 1:
        return _are_named_apart(before, amount)
    return amount.joint in _TIGHT
