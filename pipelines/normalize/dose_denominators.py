"""What amounts are contained in: the denominator behind them, or the whole that stands before them.

    denominator = ( "/" | "per" | "in" | "each" ) …     see `quantities`     5 mg/mL   5 mg per 5 mL   5 mg in 5 mL
    whole       = "each" [ number ] unit                Each 5 mL contains 25 mg    each gram of cream contains 20 mg

A denominator is that of the last amount, and of those before it that are joined to it and have none. What follows a
stroke and is no known unit refuses them all.
"""

from __future__ import annotations

from decimal import Decimal

from pipelines.lexer import NUMBER, WORD, Cursor, Tokens
from pipelines.normalize.dose_words import (
    CLOSE,
    ESTIMATE,
    MOST_WORDS_OF_A_NAME,
    OPEN,
    SIZE,
    WORN,
    Dose,
    Per,
    joined_amounts,
    leave_over,
    refuse_joined,
    role_of,
)
from pipelines.normalize.quantities import (
    ACTUATION,
    AMBIGUOUS,
    NOT_STRENGTH,
    UNIT_UNKNOWN,
    UNREAD,
    Amount,
    Refusal,
    Unit,
    Unmapped,
    denominator,
    unit_at,
)

_WEIGHED = frozenset({"semisolid", "powder"})
_DENOMINATORS = frozenset({"volume", "time", "presentation", "area", "mass"})
_MOST_WORDS_OF_A_WHOLE = 3  # `each gram topical cream contains`
_NEEDED_BY = {
    "volume": frozenset({"liquid", "powder"}),
    "mass": frozenset({"semisolid", "powder"}),
    "time": WORN,
    "presentation": frozenset({None, "solid", "powder", "metered", "liquid", "semisolid"}),
}


def read_each(dose: Dose, cursor: Cursor) -> None:
    """`Each 5 mL`, `each gram of`: the denominator of what it is then said to contain; `75 mcg each puff`."""
    is_dose = cursor.key == "dose" and cursor.key_at(1) == "("  # one dose (0.5 mL) contains
    begin = cursor.at + 2 * is_dose
    found = denominator(cursor.tokens, begin, cursor.after, decimal_comma=dose.around.decimal_comma)
    if found is None:
        return
    size, unit, after = found
    if isinstance(unit, Unmapped) or not isinstance(size, Decimal) or not size:
        return
    if is_dose and (unit.dimension != "volume" or after >= cursor.after or cursor.tokens.keys[after] != ")"):
        return
    after += is_dose
    if unit.dimension == "measure":
        words = cursor.tokens.plain(cursor.at, after)
        leave_over(dose, cursor.at, after, Refusal(UNIT_UNKNOWN, f"{words!r} is a measure whose size is not told"))
        cursor.at = after
        return
    if dose.last and len(dose.amounts) > dose.begun and unit.dimension == "presentation":
        cursor.at = after
        divide(dose, (size, unit), (after - 1, after))
        return
    is_weight = unit.code == "g" and _begins_whole(cursor.tokens, after, cursor.after)
    is_given = unit.code == ACTUATION and size == 1
    if len(dose.amounts) == dose.begun and (unit.dimension == "volume" or is_weight or is_given):
        cursor.at = after
        dose.whole = size * unit.scale, unit
        _skip_weight_of_whole(dose, cursor)


def _begins_whole(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a weight is of what holds something: `each gram of`, `each gram contains`, `each gram cream contains`."""
    role, end = role_of(tokens, at, after)
    for _ in range(_MOST_WORDS_OF_A_WHOLE):
        if role not in ("form", "filler", "name"):
            break
        role, end = role_of(tokens, end, after)
        if role == "of":
            return False
    return role in ("of", "content")


def _skip_weight_of_whole(dose: Dose, cursor: Cursor) -> None:
    """`each spray (100 mg) contains`: what the whole weighs."""
    tokens, first = cursor.tokens, cursor.at + 1
    if cursor.key not in OPEN or first >= cursor.after or tokens.kinds[first] != NUMBER:
        return
    unit = unit_at(tokens, first + 1, cursor.after)
    is_weight = unit is not None and isinstance(unit[0], Unit) and unit[0].dimension == "mass"
    if unit is not None and is_weight and unit[1] < cursor.after and tokens.keys[unit[1]] in CLOSE:
        dose.asides.append((first, unit[1], SIZE))
        cursor.at = unit[1] + 1


def read_denominator(dose: Dose, cursor: Cursor, role: str, at: int) -> bool:
    """What the last amounts are contained in. False if the word is a joint or begins something else."""
    if not dose.last or len(dose.amounts) == dose.begun:
        return role == "per" and cursor.key != "/" and _begins_with_whole(dose, cursor, at)
    first = cursor.at
    found = denominator(cursor.tokens, at, cursor.after, decimal_comma=dose.around.decimal_comma)
    if found is None:
        return _is_unknown_denominator(dose, cursor, role, at)
    size, unit, after = found
    has_number = cursor.tokens.kinds[at] == NUMBER
    why_not = _no_denominator(cursor.tokens.plain(at, after), unit) if role == "per" else None
    if why_not is not None:
        refuse_joined(dose, why_not)
    elif isinstance(unit, Unmapped):
        return False
    elif not _may_divide(dose, role, unit, size, has_number=has_number):
        if role == "per" and cursor.key != "/":
            refuse_joined(dose, Refusal(UNREAD, "what it is contained in is not understood"))
        return False
    elif role == "in" and _is_complete(dose):
        dose.sized = joined_amounts(dose) if unit.dimension == "volume" else []
    elif not isinstance(size, Decimal) or size == 0:
        refuse_joined(dose, Refusal(AMBIGUOUS, size if isinstance(size, str) else "the denominator is nought"))
    else:
        if unit.code == "kg" and not has_number:
            refuse_joined(dose, Refusal(NOT_STRENGTH, "a dose by body weight"))
        divide(dose, (size * unit.scale, unit), (first, after))
    cursor.at = after
    dose.is_in = role == "in"
    return True


def _no_denominator(words: str, unit: Unit | Unmapped) -> Refusal | None:
    """Why what follows a stroke is no denominator: it makes the amount a dose, or its size is not told."""
    if isinstance(unit, Unmapped):
        return Refusal(NOT_STRENGTH if unit.role == "dosing" else UNIT_UNKNOWN, unit.reason.rstrip("."))
    if unit.dimension == "measure":
        return Refusal(UNIT_UNKNOWN, f"{words!r} is a measure whose size is not told")
    return None


def _begins_with_whole(dose: Dose, cursor: Cursor, at: int) -> bool:
    """`per 5 mL: 25 mg`: the denominator stands before the amounts."""
    found = denominator(cursor.tokens, at, cursor.after, decimal_comma=dose.around.decimal_comma)
    if found is None:
        return False
    size, unit, after = found
    if isinstance(unit, Unmapped) or unit.dimension != "volume" or not isinstance(size, Decimal) or not size:
        return False
    dose.contained = size * unit.scale, unit
    cursor.at = after
    return True


def _is_unknown_denominator(dose: Dose, cursor: Cursor, role: str, at: int) -> bool:
    """`10 mg/foo`, `20 mg per foo`; not `875 mg / clavulanic acid 125 mg`, and not a vehicle (`in dextrose`)."""
    if role == "in" or at >= cursor.after:
        return False
    tokens = cursor.tokens
    end = at
    while end < min(cursor.after, at + MOST_WORDS_OF_A_NAME) and tokens.kinds[end] == WORD:
        end += 1
    if end < cursor.after and tokens.kinds[end] == NUMBER and cursor.key == "/":
        return False
    if cursor.key == "/" and end < cursor.after and tokens.keys[end] in OPEN and (end == at or end > at + 1):
        return False
    if end == at and tokens.kinds[at] != NUMBER:
        return False
    after = max(end, at + 1)
    words = tokens.plain(at, min(after, at + 2))
    leave_over(dose, at, min(after, at + 2), Refusal(UNIT_UNKNOWN, f"{words!r} is no known denominator"))
    cursor.at = min(after, at + 1)
    return True


def _may_divide(dose: Dose, role: str, unit: Unit, size: Decimal | str, *, has_number: bool) -> bool:
    """A mass after a slash is a component (5 mg/325 mg), unless bare (2 mg/g), 1 g or 100 g, or of a weighed form."""
    if unit.dimension not in _DENOMINATORS:
        return False
    if unit.dimension != "mass":
        return True
    if role != "per" or dose.last[-1].per is not None:
        return False
    if not has_number:
        return True
    is_weighed = dose.around.basis in _WEIGHED or size in (1, 100)
    return unit.code == "g" and (dose.last[-1].unit.code != "g" or size == 100) and is_weighed  # noqa: PLR2004


def _is_complete(dose: Dose) -> bool:
    """Whether the last amount needs no volume to be a concentration."""
    return dose.last[-1].per is not None or dose.last[-1].unit.dimension == "fraction"


def divide(dose: Dose, per: Per, span: tuple[int, int]) -> None:
    """Gives the denominator to the last amounts, and to those before them that are joined and have none."""
    for amount in dose.last:
        _divide_one(dose, amount, per, span)
    if dose.last != dose.amounts[-len(dose.last) :]:
        return
    later = dose.last[0]
    for amount in reversed(dose.amounts[dose.begun : -len(dose.last)]):
        is_apart = any(role in ("form", "container") for role, _, _ in amount.behind)
        if amount.per is not None or later.joint == "" or is_apart:
            return
        if later.joint in (",", "or", "and") and not _may_share(dose, amount, later, per):
            amount.refuse(Refusal(AMBIGUOUS, "the denominator after the list may be that of the last amount alone"))
        _divide_one(dose, amount, per, span)
        later = amount


def _may_share(dose: Dose, amount: Amount, later: Amount, per: Per) -> bool:
    """Whether a denominator holds for a list: components that are each named, or a form that needs it."""
    if dose.around.ingredients > 1 or amount.unit_span is not None or (amount.before and later.before):
        return True
    is_needed = dose.around.basis in _NEEDED_BY.get(per[1].dimension, ())
    return is_needed and amount.unit.dimension == later.unit.dimension


def _divide_one(dose: Dose, amount: Amount, per: Per, span: tuple[int, int]) -> None:
    """Gives one amount its denominator, and refuses it if it has another. A share of the whole has none."""
    if amount.unit.dimension == "fraction" and amount not in dose.last:
        return
    if amount.per is not None and amount.per != per and amount.per is not dose.contained:
        amount.refuse(Refusal(UNREAD, "the amount has two denominators"))
    if amount.refusal == ESTIMATE and per[1].dimension == "time" and dose.around.basis in WORN:
        amount.refusal = None  # what a patch gives in a time is seldom said otherwise
    amount.per = per
    if amount is dose.last[-1]:
        amount.after = max(amount.after, span[1])
    else:
        amount.per_span = span
