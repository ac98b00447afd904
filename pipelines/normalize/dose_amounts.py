"""The amounts of a printed dose, from tokens: what each number with its unit is, and what it is contained in.

    dose       = statement { ( ";" | end of sentence | line end ) statement }
    statement  = [ whole "contains" ] { amounts [ denominator ] | bracket | joint | words }
    whole      = [ "each" ] [ number ] unit                 Each 5 mL contains 25 mg    1 g of cream contains 20 mg
    bracket    = "(" … ")"                                  a remark, the same strength again, or the strength itself
    joint      = "," | "/" | "+" | "-" | "to" | "and" | "or"
    denominator: see `quantities`; it follows "/", "per", "in", "each"

Every token of a statement that holds a number is accounted for: as part of an amount, as a word with a role (see
`strength_words.csv`), as a word for a form, route or unit, or as the name of a substance. What is left over beside a
number refuses the whole statement, and the finding names it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import pairwise, takewhile

from pipelines.lexer import BREAK, BULLET, NUMBER, SOFT_BREAK, WORD, Cursor, Tokens
from pipelines.normalize.dose_denominators import divide, read_denominator, read_each
from pipelines.normalize.dose_words import (
    CLOSE,
    ESTIMATE,
    MOST_WORDS_OF_A_NAME,
    OPEN,
    SIZE,
    Around,
    Dose,
    Word,
    leave_over,
    refuse,
    refuse_joined,
    role_of,
)
from pipelines.normalize.quantities import (
    AMBIGUOUS,
    NOT_STRENGTH,
    UNIT_UNKNOWN,
    UNREAD,
    Amount,
    Number,
    Quantities,
    Refusal,
    Unit,
    Unmapped,
    joints,
    quantities,
    unit_at,
    unit_coded,
)
from schemas import codes

_BEFORE_A_NUMBER = frozenset("([{,;:/-+=<>≤≥~±\"'&×%")
_SILENT = frozenset(":.\"'®™*†‡§|!?")
_REMARKS = frozenset({"content", "instruction", "dosing", "remark", "other"})
_INEXACT = frozenset({"inexact", "estimate"})
_CONTEXTS = frozenset({"equivalent", "content", "remark", "other", "imprint", *_INEXACT})
_SIZES = frozenset({"volume", "time", "presentation", "area", "measure"})
_LEAST_RATIO = 100  # 1:10 and 1:50 are titres, mixtures or dilutions to be made
_WIDEST_SPACE = 3  # characters; so many part two cells
_FEWEST_LOCANTS = 3  # numbers with a hyphen in a chemical name
_MOST_BETWEEN = 2  # words between an amount and the excipient it is of: 20 mg of anhydrous lactose
_LONGEST_STRAIN = 14  # tokens of the name of a strain of a virus
_WHY_NOT = {
    "past": Refusal(NOT_STRENGTH, "the product is said not to be sold any more"),
    "denied": Refusal(UNREAD, "the words beside it deny something"),
}
_MOST_MASS = 10_000
_OF_NAMES = frozenset({"name", "salt", "element", "of", "basis", "excipient"})
_MOST_ALTERNATES = 4
_OF_NUMBERS = frozenset({"mass", "volume", "arbitrary", "equivalents", "amount of substance", "radioactivity"})
_WIDEST_STEP = 4  # times: from one strength of a list to the next
_MOST_PARTS = 8  # a tablet is cut into no more
_MOST_SPOONFUL = 20  # mL; a larger volume may be that of a bottle
_REMARK = Refusal(NOT_STRENGTH, "a remark on the strength or on another product")
SHARE = Refusal(NOT_STRENGTH, "a share of a mix")
_BOUND = Refusal(UNREAD, "the words before the amount make it a bound or an estimate")


def read_amounts(cursor: Cursor, around: Around, depth: int = 0) -> Dose:
    """Every amount of a printed dose. Linear in the number of tokens."""
    dose = Dose(cursor.tokens, around, depth, cursor.at)
    if around.per is not None:
        dose.contained = around.per.value, unit_coded(around.per.unit)
    while not cursor.is_done:
        if cursor.kind == NUMBER:
            _quantity(dose, cursor)
        elif cursor.key in OPEN:
            _bracket(dose, cursor)
        elif cursor.kind in (BREAK, SOFT_BREAK, BULLET):
            _line_end(dose, cursor)
        else:
            _word(dose, cursor)
    _end_statement(dose)
    if dose.doubt is not None and len(dose.amounts) % max(around.ingredients, 1):
        refuse(dose.amounts, dose.doubt)  # a component of a combination was not understood
    return dose


def _line_end(dose: Dose, cursor: Cursor) -> None:
    """A line that is complete is a statement of its own."""
    is_soft = cursor.kind == SOFT_BREAK
    before = cursor.key_at(-1)
    cursor.at += 1
    if not (is_soft or dose.joint or before in joints() or dose.is_in):
        _end_statement(dose)


def _end_statement(dose: Dose, *, is_sentence: bool = False) -> None:
    """Gives what was left over to the amounts of the statement, and forgets what held for it alone."""
    _keep_words(dose)
    if dose.joint == "/" and dose.last:
        refuse(dose.last, Refusal(UNREAD, "nothing follows the stroke"))
    for amount in dose.amounts[dose.begun :]:
        if dose.leftover is not None:
            amount.refuse(dose.leftover)
        if dose.is_capacity and amount.per is not None and amount.per is dose.contained:
            amount.refuse(Refusal(AMBIGUOUS, "the volume may hold the amount or be that of the container"))
    if (
        len(dose.sizes) > dose.sizes_begun
        and dose.around.basis == "liquid"
        and not {"container", "pack", "counted"} & dose.roles
    ):
        _refuse_beside_volume(dose)
    dose.doubt = dose.doubt or dose.leftover
    dose.begun, dose.sizes_begun, dose.leftover = len(dose.amounts), len(dose.sizes), None
    dose.said |= dose.roles
    dose.roles.clear()
    dose.context, dose.is_in, dose.whole, dose.is_capacity = "", False, None, False
    if is_sentence and dose.around.per is None:
        dose.contained = None
    dose.joint = ";"


def _refuse_beside_volume(dose: Dose) -> None:
    """`5 mL: 100 mg`, `100 mg 5 mL` of a liquid: the volume holds the amount, or is that of the bottle."""
    for amount in dose.amounts[dose.begun :]:
        if amount.per is None and amount.unit.dimension not in ("fraction", "potency"):
            amount.refuse(Refusal(AMBIGUOUS, "the volume beside it may hold the amount or be that of a pack"))


def _word(dose: Dose, cursor: Cursor) -> None:
    """A word or mark that is no number: a joint, a denominator, or what tells what the amounts are."""
    tokens, first = cursor.tokens, cursor.at
    if _is_numbered_name(cursor) or _is_strain(cursor):
        dose.words.append(("name", first, cursor.at))
        return
    role, after = _interval(tokens, first, cursor.after) or role_of(tokens, first, cursor.after)
    if role in ("per", "in") and read_denominator(dose, cursor, role, after):
        return
    joint = joints().get(cursor.key) if after == first + 1 else {"plus": "+"}.get(role)
    cursor.at = after
    if joint is not None:
        _join(dose, cursor, joint)
    elif _ends_statement(dose, cursor, first):
        _end_statement(dose, is_sentence=cursor.tokens.keys[first] == ".")
    elif role == "times" and dose.last and cursor.kind == NUMBER:
        _skip_code(cursor, is_long=False)
    elif role == "each":
        dose.roles.add(role)
        read_each(dose, cursor)
    elif role == "mark":
        _mark(dose, cursor, first)
    else:
        _word_with_role(dose, cursor, (role, first, after))


def _is_numbered_name(cursor: Cursor) -> bool:
    """`omega-3`, `alfa-2b`: moves over a name with a number, unless a unit stands before or after the number."""
    tokens, at = cursor.tokens, cursor.at
    if cursor.kind != WORD or at + 2 >= cursor.after or tokens.kinds[at + 2] != NUMBER or cursor.key_at(1) != "-":
        return False
    is_tight = tokens.is_tight(at + 1) and tokens.is_tight(at + 2)
    if not is_tight or (unit_at(tokens, at, at + 1) and cursor.key != "u"):
        return False
    after = at + 3
    after += after < cursor.after and tokens.is_tight(after) and tokens.kinds[after] == WORD
    if unit_at(tokens, at + 3, cursor.after) is not None:
        return False
    cursor.at = after
    return True


_YEAR = re.compile(r"(19|20)\d\d")


def _is_strain(cursor: Cursor) -> bool:
    """`A/Town/12/2021`: moves over the name of a strain, parted by strokes from one letter to the year."""
    tokens, first = cursor.tokens, cursor.at
    last = min(cursor.after, first + _LONGEST_STRAIN)
    if cursor.kind != WORD or len(cursor.key) > 1 or first + 1 >= last or tokens.keys[first + 1] != "/":
        return False
    for at in range(first + 1, last):
        if tokens.keys[at] == "/" and at + 1 < last and _YEAR.fullmatch(tokens.keys[at + 1]) and at > first + 1:
            cursor.at = at + 2
            return True
        if tokens.kinds[at] not in (WORD, NUMBER) and tokens.keys[at] not in ("/", "-"):
            return False
    return False


_INTERVAL = re.compile(r"q(\d{0,2})([a-z]*)")


def _interval(tokens: Tokens, at: int, after: int) -> tuple[str, int] | None:
    """`q6h`, `q 12 hours`, `q3-4hr`: as often as a dose is given; not the `Q10` of a name."""
    key = tokens.keys[at]
    printed = _INTERVAL.fullmatch(key) if key[0] == "q" else None
    if printed is None or (not printed[1] and printed[2]):
        return None
    end = at + 1
    while not printed[2] and end < after and (tokens.kinds[end] == NUMBER or tokens.keys[end] == "-") and end < at + 4:
        end += 1
    unit = unit_at(tokens, end, after) if not printed[2] and (printed[1] or end > at + 1) else None
    is_time = unit is not None and isinstance(unit[0], Unit) and unit[0].dimension == "time"
    if printed[2] in _times() or is_time:
        return "dosing", unit[1] if unit is not None else end
    return None


@cache
def _times() -> frozenset[str]:
    """What `q6h` may end with: the short words for units of time."""
    units = codes.by_code("units")
    rows = codes.rows("unit_synonyms")
    return frozenset(row["text"] for row in rows if row["code"] and units[row["code"]]["dimension"] == "time")


def _ends_statement(dose: Dose, cursor: Cursor, at: int) -> bool:
    """A full stop at the end of a sentence, or the mark between two cells of a table."""
    key = cursor.tokens.keys[at]
    if key == "|":
        return not cursor.tokens.is_tight(at) and (cursor.is_done or not cursor.tokens.is_tight(cursor.at))
    is_after_amount = bool(dose.last) and dose.last[-1].after == at
    return key == "." and _ends_sentence(cursor, is_after_amount=is_after_amount)


def _ends_sentence(cursor: Cursor, *, is_after_amount: bool) -> bool:
    """Whether the full stop before the cursor ends a sentence: a line end, the end or a capital follows."""
    if cursor.is_done or cursor.kind in (BREAK, SOFT_BREAK):
        return True
    if is_after_amount and cursor.kind == NUMBER:
        return not cursor.tokens.is_tight(cursor.at)
    return not cursor.tokens.is_tight(cursor.at) and cursor.tokens.printed_case(cursor.at)[0].isupper()


def _mark(dose: Dose, cursor: Cursor, at: int) -> None:
    """A mark without a role: one that touches a number on either side is not understood."""
    tokens, key = cursor.tokens, cursor.tokens.keys[at]
    if key == "^" and _is_footnote(dose, cursor, at):
        cursor.at += 1
        return
    is_before = not cursor.is_done and cursor.kind == NUMBER and tokens.is_tight(cursor.at)
    is_behind = tokens.is_tight(at) and bool(dose.last) and dose.last[-1].after == at
    if key == "." and tokens.keys[max(0, at - 2) : at] == [".", "."]:
        return  # the last of the dots that lead from a name to its amount
    if (is_before and key not in _BEFORE_A_NUMBER) or (is_behind and key not in _SILENT):
        leave_over(dose, at, at + 1, Refusal(UNREAD, f"{key!r} beside the number is not understood"))
    elif key not in _SILENT and key not in CLOSE:
        dose.words.append(("mark", at, at + 1))


def _is_footnote(dose: Dose, cursor: Cursor, at: int) -> bool:
    """`10 mg¹`: the raised sign of a footnote behind a unit that has no powers."""
    is_behind = bool(dose.last) and dose.last[-1].after == at and dose.last[-1].unit.dimension in _OF_NUMBERS
    return is_behind and dose.last[-1].per is None and len(cursor.key) == 1 and cursor.kind == NUMBER


def _word_with_role(dose: Dose, cursor: Cursor, word: Word) -> None:
    """Sets what the quantities of the statement are, or is kept beside the amount."""
    role, first, after = word
    dose.roles.add(role)
    dose.is_in = dose.is_in or (role == "in" and not dose.joint)
    if role in ("numbered", "code", "excipient"):
        _skip_code(cursor, is_long=role == "code")
    if role == "unquantified":
        dose.is_unquantified = True
    elif role in _WHY_NOT:
        leave_over(dose, first, after, _WHY_NOT[role])
    elif role == "name" and _is_inverse(dose, cursor, first):
        return
    elif role == "name" and _is_unit_alone(dose, first):
        leave_over(
            dose, first, after, Refusal(UNREAD, f"{cursor.tokens.plain(first, after)!r} is a unit without a number")
        )
    elif role in _CONTEXTS:
        _begin_context(dose, word)
    else:
        dose.words.append(word)


def _begin_context(dose: Dose, word: Word) -> None:
    """`equivalent to`, `contains`, `in combination with` …: what the amounts after the word are."""
    role, first, _ = word
    is_beside = bool(dose.last) and dose.last[-1].after == first
    if not (dose.joint or dose.context or dose.is_in) and any(told[0] == "excipient" for told in dose.words):
        _keep_words(dose)  # 0.1 mg benzalkonium chloride as a preservative
    if _begins_content(dose, role) or _says_nothing_yet(dose, role):
        pass
    elif role in _INEXACT and is_beside and dose.last[-1].unit.dimension == "potency":
        pass  # `2X and higher`: the lowest of the potencies that are sold
    elif role in _INEXACT and is_beside:
        refuse(dose.last, Refusal(UNREAD, "the words after the amount make it a bound"))
    elif role == "content" and is_beside:
        refuse(dose.last, Refusal(AMBIGUOUS, "what it contains is stated too, and either may be the strength"))
        dose.context = "remark"
    else:
        dose.context = dose.context or role
    if role == "equivalent":
        dose.words.append(word)


def _is_inverse(dose: Dose, cursor: Cursor, at: int) -> bool:
    """`60 mg mL⁻¹`: a denominator as a negative power."""
    found = unit_at(cursor.tokens, at, at + 1)
    keys = [cursor.key_at(distance) for distance in range(3)]
    after = 3 if keys == ["^", "-", "1"] else 2 if keys[:2] == ["-", "1"] and cursor.tokens.is_tight(cursor.at) else 0
    if found is None or not after or isinstance(found[0], Unmapped) or not dose.last or dose.last[-1].after < at - 1:
        return False
    if found[0].dimension not in ("volume", "mass", "time") or dose.last[-1].per is not None:
        return False
    cursor.at += after
    divide(dose, (Decimal(1), found[0]), (at, cursor.at))
    return True


def _is_unit_alone(dose: Dose, at: int) -> bool:
    """`mg` after what is no number, as in `l0 mg`."""
    found = unit_at(dose.tokens, at, at + 1)
    return found is not None and isinstance(found[0], Unit) and found[0].dimension in _OF_NUMBERS


def _skip_code(cursor: Cursor, *, is_long: bool) -> None:
    """The number of a name (`PEG 3350`, `Mix 70/30`) or of a package (`NDC 11111-667-05`), which counts nothing."""
    tokens, at = cursor.tokens, cursor.at
    at += is_long and at < cursor.after and tokens.keys[at] in (":", "#", ".")
    if at >= cursor.after or tokens.kinds[at] != NUMBER:
        return
    at += 1
    while at < cursor.after and tokens.is_tight(at) and (tokens.kinds[at] == NUMBER or tokens.keys[at] in "-/."):
        at += 1
    if is_long or unit_at(tokens, at, cursor.after) is None:
        cursor.at = at


def _says_nothing_yet(dose: Dose, role: str) -> bool:
    """`EQ 4 mg base` and `Each tablet contains 5 mg` state a strength: nothing before it is remarked on.

    Behind a comma (`2 mg tartrate, equivalent to 1.3 mg base`) it is the amount before, if that is no such one itself.
    """
    if role == "equivalent":
        is_series = any(told == role for amount in dose.last for told, _, _ in amount.before)
        is_apart = dose.joint not in ("", ";") and (dose.joint != "," or is_series)
        return is_apart or len(dose.amounts) == dose.begun
    return role in ("content", "remark") and len(dose.amounts) == dose.begun


def _begins_content(dose: Dose, role: str) -> bool:
    """`5 mL of syrup contains …`: what was measured off is the denominator of what follows."""
    if role not in ("content", "equivalent"):
        return False
    if _is_measured_off(dose):
        only = dose.amounts.pop()
        dose.whole, dose.last = (only.value, only.unit), []
    elif role == "content" and _is_size_of_container(dose):
        only = dose.amounts.pop()
        dose.asides.append((only.first, only.after, SIZE))
        dose.last, dose.words = [], []
        return True
    if len(dose.amounts) > dose.begun or dose.whole is None:
        return False
    is_in_container = "container" in dose.roles
    is_dry = is_in_container and dose.around.basis == "powder"  # each 20 mL vial contains 1 g
    dose.contained, dose.words = (None if is_dry else dose.whole), []
    dose.is_capacity = is_in_container and "each" not in dose.roles
    if not is_in_container:  # `1 ml contains`: said, and no size of a pack
        measured = {(size.first, size.after) for size in dose.sizes[dose.sizes_begun :]}
        dose.asides = [aside for aside in dose.asides if aside[:2] not in measured]
    return True


def _is_measured_off(dose: Dose) -> bool:
    """`1 g of cream`: a weight of a form, if nothing else was stated."""
    if len(dose.amounts) != dose.begun + 1 or dose.amounts[-1].unit.code != "g" or dose.joint not in ("", ";"):
        return False
    return bool(dose.words) and dose.words[0][0] == "of"


def _is_size_of_container(dose: Dose) -> bool:
    """`Each 2.25 g vial contains …`: the weight of all that is in it."""
    is_only = len(dose.amounts) == dose.begun + 1 and dose.amounts[-1].unit.dimension == "mass"
    return is_only and {"each", "container"} <= dose.roles


# --- joints ---------------------------------


def _join(dose: Dose, cursor: Cursor, joint: str) -> None:
    """A joint ends an equivalence; `to` and `-` join numbers alone."""
    if joint in ("to", "-") and cursor.kind != NUMBER and cursor.key not in OPEN:
        return
    if joint == "," and cursor.kind == WORD and role_of(cursor.tokens, cursor.at, cursor.after)[0] == "of":
        return  # `sodium chloride, USP 600 mg`
    if joint == "," and _parts_name_and_amount(dose, cursor):
        return  # `sodium chloride, 1.5 mg; disodium edetate, 1.1 mg`
    if joint == "+" and cursor.tokens.kinds[cursor.at - 1] == WORD and not _joins_amounts(dose, cursor):
        return
    _keep_words(dose)
    if dose.context in ("equivalent", *_INEXACT) or (joint == ";" and dose.context == "other"):
        dose.context = ""
    if joint == ";":
        _end_statement(dose)
        return
    dose.is_in = dose.is_in and joint != ","
    dose.joint = joint if dose.joint in ("", "-", joint) or joint == "or" else dose.joint


def _parts_name_and_amount(dose: Dose, cursor: Cursor) -> bool:
    """Whether a comma stands between a name and its amount, in a list whose items a semicolon parts."""
    if cursor.kind != NUMBER or not dose.words or dose.words[-1][0] not in _OF_NAMES or dose.joint not in ("", ";"):
        return False
    unit = unit_at(cursor.tokens, cursor.at + 1, cursor.after)
    if unit is None:
        return False
    if unit[1] >= cursor.after or cursor.tokens.keys[unit[1]] == ".":
        return dose.begun > 0  # the last item of several
    return cursor.tokens.keys[unit[1]] == ";"


def _joins_amounts(dose: Dose, cursor: Cursor) -> bool:
    """Whether `with` stands before another component and not before words (`with a score line, 10 mg`)."""
    tokens, at = cursor.tokens, cursor.at
    while (
        at < min(cursor.after, cursor.at + MOST_WORDS_OF_A_NAME) and role_of(tokens, at, cursor.after)[0] in _OF_NAMES
    ):
        at += 1
    is_joint = at < cursor.after and (tokens.kinds[at] == NUMBER or tokens.keys[at] in OPEN)
    if is_joint and dose.joint == "," and dose.last:
        why = Refusal(AMBIGUOUS, "what it is given with may be of the last amount or of all")
        leave_over(dose, cursor.at - 1, cursor.at, why)
    return is_joint


def _keep_words(dose: Dose) -> None:
    """The words since the last amount belong to it; an excipient only if it follows the amount at once."""
    if not dose.last:
        return
    is_apart = bool(dose.joint not in ("", ";") or dose.is_in or dose.context)
    kept = [
        word for at, word in enumerate(dose.words) if word[0] != "excipient" or not (is_apart or at > _MOST_BETWEEN)
    ]
    for amount in dose.last:
        amount.behind += kept
    dose.words = []


# --- quantities ------------------------------


def _quantity(dose: Dose, cursor: Cursor) -> None:
    """Numbers and their unit, and what they turn out to be."""
    if _ratio(dose, cursor) or _mix(dose, cursor) or _numbered_name(dose, cursor):
        return
    first = cursor.at
    if _begins_cell(dose, cursor):
        dose.joint = ","
    read = quantities(cursor, dose.joint, decimal_comma=dose.around.decimal_comma)
    if read is None:
        return
    if isinstance(read.unit, Unit) and read.unit.dimension != "potency":
        _amounts(dose, cursor, read, read.unit)
    elif isinstance(read.unit, Unit):
        _potency(dose, cursor, read, read.unit)
    elif read.unit is None and _has_unit_above(dose, read):
        return
    else:
        _bare(dose, cursor, first, read)


def _begins_cell(dose: Dose, cursor: Cursor) -> bool:
    """Whether nothing but the wide space between two cells parts a number from the amount before: `15 mg   30 mg`.

    Amounts of a combination may stand so, too.
    """
    is_beside = bool(dose.last) and dose.last[-1].after == cursor.at and not dose.joint and not dose.words
    if not is_beside or dose.around.ingredients > 1:
        return False
    return cursor.tokens.starts[cursor.at] - cursor.tokens.ends[cursor.at - 1] >= _WIDEST_SPACE


def _has_unit_above(dose: Dose, read: Quantities) -> bool:
    """A number whose unit stands in the heading of its column, if it is one alone."""
    span = dose.around.unit
    found = unit_at(dose.tokens, *span) if span is not None else None
    number = read.numbers[0][1]
    is_one = len(read.numbers) == 1 and len(number.values) == 1 and not number.why and not dose.amounts
    if found is None or span is None or not is_one or not isinstance(found[0], Unit):
        return False
    unit = found[0]
    _place(dose, [Amount(number.values[0] * unit.scale, unit, number.first, number.after, dose.joint, span)])
    return True


def _amounts(dose: Dose, cursor: Cursor, read: Quantities, unit: Unit) -> None:
    """One amount for each number that shares the unit; a number that is not certain refuses them all."""
    numbers = read.numbers
    between = {joint for joint, _ in numbers[1:]}
    why = _doubt_of_numbers(numbers, between, dose.around.ingredients) if between else None
    if "×" in between:  # 2 x 5 mg: two of 5 mg
        is_plain = len(numbers) == 2  # noqa: PLR2004
        why = why or (None if is_plain else Refusal(AMBIGUOUS, "it is not certain what is counted"))
        numbers = ((numbers[0][0], numbers[-1][1]),)
    why = why or next((Refusal(AMBIGUOUS, number.why) for _, number in numbers if number.why), None)
    if between == {"/"} and _is_combined([n.values[-1] for _, n in numbers if n.values]):
        numbers = (numbers[0], *(("+", number) for _, number in numbers[1:]))
    made = [amount for joint, number in numbers for amount in _amounts_of(number, joint, unit, read)]
    made[-1].after, made[-1].unit_span = read.after, None
    for amount in made:
        why = why or _doubt_of_mass(amount, dose.tokens)
    if why is not None:
        refuse(made, why)
    _place(dose, made)
    _pack_count(cursor)


def _amounts_of(number: Number, joint: str, unit: Unit, read: Quantities) -> list[Amount]:
    """The amounts of one printed number: several if it is a list without spaces."""
    span = read.unit_first, read.after
    values = number.values or (Decimal(0),)
    return [
        Amount(value * unit.scale, unit, number.first, number.after, "," if at else joint, span)
        for at, value in enumerate(values)
    ]


def _doubt_of_mass(amount: Amount, tokens: Tokens) -> Refusal | None:
    """`100,200 mg` and `20 500 mg` may be two strengths: no product weighs so much."""
    if amount.unit.dimension != "mass" or amount.value < _MOST_MASS:
        return None
    digits = list(takewhile(lambda key: key[-1:].isdecimal(), tokens.keys[amount.first : amount.after]))
    is_parted = (len(digits) > 1 or "," in digits[0]) and not digits[-1].endswith("000")
    return Refusal(AMBIGUOUS, "the mark may part thousands or two strengths") if is_parted else None


def _doubt_of_numbers(numbers: tuple[tuple[str, Number], ...], between: set[str], ingredients: int) -> Refusal | None:
    """Why numbers that share a unit may not be read as they stand: mixed joints, or a list that does not ascend."""
    values = [number.values[-1] for _, number in numbers if number.values]
    if between == {"×"}:
        return None
    if any(value == 0 for value in values):
        return Refusal(AMBIGUOUS, "a nought stands among the numbers")
    if between <= _LIST_JOINTS:
        is_certain = _is_list(values, between) or len(numbers) == ingredients
        return None if is_certain else Refusal(AMBIGUOUS, "the numbers may be a list, or one number torn apart")
    if len(between) > 1:
        return _doubt_of_mixed(numbers, between, ingredients)
    return _doubt_of_joined(values, between, len(numbers), ingredients)


def _doubt_of_joined(values: list[Decimal], between: set[str], count: int, ingredients: int) -> Refusal | None:
    if between == {"/"} and ingredients == 1 and _falls(values) and not _is_combined(values):
        return Refusal(AMBIGUOUS, "it may be a combination or a list")
    is_pair = len(values) == 2 and ingredients != 2  # noqa: PLR2004
    is_glued = values[-1:] in ([2], [4]) and values[0] % 10 in (1, 3)  # 2½ as 21/2
    if between == {"/"} and is_pair and (is_glued or (values[0] < values[1] <= _MOST_PARTS and values[0] <= 3)):  # noqa: PLR2004
        return Refusal(AMBIGUOUS, "it may be a fraction or two amounts")
    if between <= {"-", "to"} and count > 2 and count != ingredients:  # noqa: PLR2004
        return Refusal(AMBIGUOUS, "more than two numbers are joined as a range is")
    return None


def _falls(values: list[Decimal]) -> bool:
    return not all(low < high for low, high in pairwise(values))


def _is_combined(values: list[Decimal]) -> bool:
    """`400/57 mg`, `40/5/12.5 mg`: numbers that no list has in this order, or so far apart."""
    steps = [former / latter for former, latter in pairwise(values) if latter]
    return _falls(values) and (any(step < 1 for step in steps) or any(step > _WIDEST_STEP for step in steps))


_LIST_JOINTS = frozenset({",", "and", "or", ";"})


def _doubt_of_mixed(numbers: tuple[tuple[str, Number], ...], between: set[str], ingredients: int) -> Refusal | None:
    """`0.25/750, 1/750 mg` of a drug of two ingredients is a list of pairs; any other mixture is not read."""
    joints_ = [joint for joint, _ in numbers[1:]]
    is_paired = between <= _LIST_JOINTS | {"/"} and ingredients > 1
    if is_paired and all((joint == "/") == (at % ingredients != ingredients - 1) for at, joint in enumerate(joints_)):
        return None
    return Refusal(AMBIGUOUS, "the marks between the numbers differ")


def _is_list(values: list[Decimal], between: set[str]) -> bool:
    """Whether numbers grow, or three of them fall, and `2, 5` is not one number that a space has torn."""
    if "," in between and len(values) == 2 and _may_be_one(*values):  # noqa: PLR2004
        return False
    grows = all(low < high for low, high in pairwise(values))
    falls = len(values) > 2 and all(low > high for low, high in pairwise(values))  # noqa: PLR2004
    return grows or falls or "or" in between


def _may_be_one(whole: Decimal, digits: Decimal) -> bool:
    """`2, 5 mg`: one number that a space has torn, or two."""
    if whole != whole.to_integral_value() or digits != digits.to_integral_value():
        return False
    return digits < 10 or (whole < 10 and digits < 100 and digits % 10 != 0)  # noqa: PLR2004


def _place(dose: Dose, made: list[Amount]) -> None:
    """Decides what the amounts are: strengths, sizes of containers, or remarks."""
    unit = made[-1].unit
    _take_words(dose, made)
    if dose.joint == "," and len(dose.amounts) == dose.begun:
        _contain(dose, made)
    if unit.dimension == "volume" and dose.sized and dose.joint != "/":
        _another_size(dose, made[-1])
    elif unit.dimension in _SIZES:
        if unit.dimension == "volume":
            is_one = len(made) == 1 and dose.joint not in ("-", "to")  # not `1 to 10 mL of solution`
            whole = (made[-1].value, unit) if is_one else None
            dose.whole = dose.whole if len(dose.amounts) > dose.begun else whole
            dose.sizes += made
        _leave_out(dose, made, SIZE)
    elif unit.dimension == "fraction" and dose.is_in:
        _leave_out(dose, made, Refusal(NOT_STRENGTH, "the percent of the liquid that it is in"))
    elif unit.code == "g" and dose.is_in and len(dose.amounts) > dose.begun and not dose.joint:
        _leave_out(dose, made, SIZE)  # 20 mg in 1.25 g of gel
    elif dose.context == "equivalent" and len(made) == len(dose.last):
        _say_again(dose, made, {role for role, _, _ in made[0].before})
    elif dose.context in ("equivalent", "content", "remark", "other"):
        _leave_out(dose, made, _REMARK)
    elif dose.context == "imprint" and dose.joint not in (",", ";"):
        _leave_out(dose, made, Refusal(NOT_STRENGTH, "what is printed on the product"))
    else:
        _accept(dose, made)


def _take_words(dose: Dose, made: list[Amount]) -> None:
    """The words before amounts are theirs, and those of the amount before them if nothing joins the two."""
    at = made[0].first - 1
    if len(dose.amounts) == dose.begun and at >= dose.first and dose.tokens.keys[at] == "/":
        refuse(made, Refusal(UNREAD, "nothing that is understood stands before the stroke"))
    made[0].before = dose.words
    if not dose.joint:
        _keep_words(dose)
    dose.words = []


def _contain(dose: Dose, made: list[Amount]) -> None:
    """`5 mL, 80 mg` of a liquid: a spoonful that holds the amount; a larger volume may be that of the bottle."""
    is_held = dose.whole is not None and dose.around.basis in ("liquid", "powder")
    if dose.whole is None or not is_held or made[-1].unit.dimension in (*_SIZES, "fraction"):
        return
    if dose.whole[0] * dose.whole[1].factor <= _MOST_SPOONFUL:
        dose.contained = dose.whole
    else:
        refuse(made, Refusal(AMBIGUOUS, "the volume before it may hold the amount or be that of a pack"))


def _accept(dose: Dose, made: list[Amount]) -> None:
    """Keeps the amounts as strengths, in what they are said to be contained in."""
    if dose.context in _INEXACT:
        for amount in made:
            amount.refuse(ESTIMATE if dose.context == "estimate" else _BOUND)
    if dose.context == "imprint":
        dose.context = ""
    dose.amounts += made
    dose.last, dose.sized, dose.is_in = made, [], False
    dose.joint = ""
    if made[-1].unit.basis == "per 100 mL":
        made[-1].per = (Decimal(100), unit_coded("mL"))
    elif dose.contained and made[-1].unit.dimension != "fraction":
        for amount in made:
            amount.per = amount.per or dose.contained


def _leave_out(dose: Dose, made: list[Amount], why: Refusal) -> None:
    """Keeps the quantity as one that is no strength."""
    dose.asides.append((made[0].first, made[-1].after, why))
    if dose.joint == "/" and len(dose.amounts) > dose.begun and not dose.is_in:
        refuse_joined(dose, Refusal(UNREAD, "what follows the stroke is not understood"))
    dose.joint = "" if dose.joint in (";", "/") else dose.joint


def _pack_count(cursor: Cursor) -> None:
    """`5 mg x 30`: the number after the sign counts."""
    if cursor.key in ("x", "×") and cursor.at + 1 < cursor.after and cursor.tokens.kinds[cursor.at + 1] == NUMBER:
        cursor.at += 2


def _ratio(dose: Dose, cursor: Cursor) -> bool:
    """`1:1000`, `1 in 1000`: one gram in so many millilitres (USP General Chapter 7)."""
    tokens, at = cursor.tokens, cursor.at
    if cursor.key != "1" or at + 2 >= cursor.after or tokens.kinds[at + 2] != NUMBER:
        return False
    if cursor.key_at(1) != ":" and role_of(tokens, at + 1, at + 2)[0] != "in":
        return False
    ahead = Cursor(tokens, at + 2, cursor.after)
    read = quantities(ahead, decimal_comma=dose.around.decimal_comma)
    if read is None or (cursor.key_at(1) != ":" and read.unit is not None):
        return False
    whole = read.numbers[0][1]
    made = Amount(Decimal(1), unit_coded("g"), at, whole.after, dose.joint)
    if len(read.numbers) == 1 and len(whole.values) == 1 and whole.values[0] >= _LEAST_RATIO:
        made.per = (whole.values[0], unit_coded("mL"))
    else:
        made.refuse(Refusal(UNREAD, "the ratio is no ratio strength"))
    cursor.at = whole.after
    _place(dose, [made])
    return True


def _numbered_name(dose: Dose, cursor: Cursor) -> bool:
    """`5-fluorouracil`, `17-beta`: a number that begins a name."""
    tokens, at = cursor.tokens, cursor.at
    if cursor.key_at(1) != "-" or at + 2 >= cursor.after or tokens.kinds[at + 2] != WORD:
        return False
    is_tight = tokens.is_tight(at + 1) and tokens.is_tight(at + 2)
    if not is_tight or unit_at(tokens, at + 2, cursor.after) or tokens.keys[at + 2] in joints():
        return False
    role, after = role_of(tokens, at + 2, cursor.after)
    if role != "name":
        return False
    cursor.at = after
    dose.words.append(("name", at, after))
    return True


def _mix(dose: Dose, cursor: Cursor) -> bool:
    """`70/30 100 units/mL`: the parts of a mix, which name it, before its strength."""
    if dose.around.basis != "liquid" or cursor.key_at(1) != "/":
        return False
    parts = [cursor.key_at(distance) for distance in range(3)]
    if not (_is_short(parts[0]) and _is_short(parts[2])):
        return False
    at = cursor.at + 3
    at += at < cursor.after and cursor.tokens.keys[at] == "-"
    is_whole = int(parts[0]) + int(parts[2]) == 100  # noqa: PLR2004
    if not is_whole or at >= cursor.after or cursor.tokens.kinds[at] != NUMBER:
        return False
    dose.asides.append((cursor.at, cursor.at + 3, SHARE))
    cursor.at = at
    return True


def _is_short(key: str) -> bool:
    return key.isdecimal() and len(key) == 2  # noqa: PLR2004


def _potency(dose: Dose, cursor: Cursor, read: Quantities, unit: Unit) -> None:
    """`30C` is a homeopathic potency if nothing but potencies is stated."""
    value = read.numbers[0][1].values
    if len(read.numbers) == 1 and len(value) == 1 and value[0] == value[0].to_integral_value():
        _place(dose, [Amount(value[0], unit, read.numbers[0][1].first, read.after, dose.joint)])
    else:
        _bare(dose, cursor, read.numbers[0][1].first, read._replace(unit=None))


def _bare(dose: Dose, cursor: Cursor, first: int, read: Quantities) -> None:
    """A number without a unit that we read: explained by the words around, or left over."""
    tokens = cursor.tokens
    if isinstance(read.unit, Unmapped):
        leave_over(dose, first, read.after, Refusal(AMBIGUOUS, read.unit.reason))
        return
    counted = not cursor.is_done and role_of(tokens, cursor.at, cursor.after)[0] == "counted"
    counted = counted or _counts_pieces(cursor)
    is_alone = dose.depth > 0 and not dose.amounts and not dose.words and cursor.is_done
    if counted or is_alone or dose.context in ("imprint", "content", "remark", "other") or "pack" in dose.roles:
        dose.asides.append((first, read.after, Refusal(NOT_STRENGTH, "a number without a unit")))
        return
    if not cursor.is_done and cursor.kind == WORD:
        word = tokens.plain(cursor.at, cursor.at + 1)
        leave_over(dose, first, cursor.at + 1, Refusal(UNIT_UNKNOWN, f"{word!r} is no known unit"))
        return
    why = next((number.why for _, number in read.numbers if number.why), "")
    code = AMBIGUOUS if why else UNREAD
    leave_over(dose, first, read.after, Refusal(code, why or "a number without a unit stands beside it"))


def _counts_pieces(cursor: Cursor) -> bool:
    """`100s`, `28's`: moves over the letter."""
    at = cursor.at + (cursor.key == "'")
    tokens = cursor.tokens
    is_letter = at < cursor.after and tokens.keys[at] == "s" and tokens.is_tight(at) and tokens.is_tight(cursor.at)
    cursor.at = at + 1 if is_letter else cursor.at
    return is_letter


def _another_size(dose: Dose, size: Amount) -> None:
    """`100 mg/ml in 4-ml and 10-ml ampoules`: a strength for each container, as RxNorm's quantity factor has it."""
    told: Word = ("size", size.first, size.after)
    again = [replace(amount, after=size.after, behind=[*amount.behind, told]) for amount in dose.sized]
    again[0].joint = ";"
    dose.amounts += again
    dose.last = again
    dose.joint = ""


# --- brackets, and what is said twice --------


def _bracket(dose: Dose, cursor: Cursor) -> None:
    """A remark, the same strength in other words, or the strength itself if nothing stands before it."""
    first, end = cursor.at, _closing(cursor)
    cursor.at = min(end + 1, cursor.after)
    if dose.depth > 1 or end <= first + 1 or _is_formula(cursor.tokens, first, end):
        return
    inner = read_amounts(Cursor(cursor.tokens, first + 1, end), replace(dose.around, per=None), dose.depth + 1)
    dose.is_unquantified |= inner.is_unquantified
    dose.asides += inner.asides
    roles = {role for amount in inner.amounts for role, _, _ in (*amount.before, *amount.behind)}
    if not inner.amounts:
        _bracket_without_amount(dose, inner, cursor.at)
    elif dose.context in ("content", "remark", "other") or (roles | inner.said) & _REMARKS:
        dose.asides += [(amount.first, amount.after, _REMARK) for amount in inner.amounts]
    elif dose.joint == "," and len(dose.amounts) > dose.begun and "equivalent" in roles:
        _say_again(dose, inner.amounts, roles)  # 108 mcg of a salt, from the mouthpiece (equivalent to 90 mcg of base)
    elif dose.joint or len(dose.amounts) == dose.begun:
        _take_bracket(dose, inner)
    else:
        _say_again(dose, inner.amounts, roles)


def _is_formula(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a bracket holds the chemical name of a substance: `(19-Norpregn-4-en-20-yn-3-one, 17-(acetyloxy)-)`."""
    keys, kinds = tokens.keys, tokens.kinds
    hyphens = [at for at in range(first + 1, after - 1) if keys[at] == "-" and tokens.is_tight(at)]
    locants = sum(kinds[at - 1] == NUMBER and tokens.is_tight(at + 1) and kinds[at + 1] != NUMBER for at in hyphens)
    return locants >= _FEWEST_LOCANTS


def _take_bracket(dose: Dose, inner: Dose) -> None:
    """`Tablets (5 mg, 10 mg)`, `+ (200 mg)`: the bracket holds the strength itself."""
    inner.amounts[0].before = [*dose.words, *inner.amounts[0].before]
    inner.amounts[0].joint = dose.joint
    for amount in inner.amounts:
        if dose.contained and amount.unit.dimension != "fraction":
            amount.per = amount.per or dose.contained  # each mL contains a salt (equivalent to 3 mg of base)
    dose.words, dose.joint, dose.last = [], "", inner.amounts
    dose.amounts += inner.amounts


def _closing(cursor: Cursor) -> int:
    """The place of the bracket's end, or the end of the dose if it is never closed."""
    depth = 0
    keys = cursor.tokens.keys
    for at in range(cursor.at, cursor.after):
        depth += keys[at] in OPEN
        depth -= keys[at] in CLOSE
        if depth == 0:
            return at
    return cursor.after


def _bracket_without_amount(dose: Dose, inner: Dose, after: int) -> None:
    """`(as sulfate)`, `(0.8 mL)`, `(discontinued)`: words on the amount, or the volume that holds it."""
    if inner.sizes and dose.last and len(dose.amounts) > dose.begun:
        _divide_by_bracket(dose, inner, after)
    for _, _, why in inner.asides:
        if why.code != NOT_STRENGTH or why == _WHY_NOT["past"]:
            dose.leftover = dose.leftover or why
    if inner.words and inner.words[0][0] == "purpose":
        return
    dose.words += inner.words
    dose.roles |= inner.said


def _divide_by_bracket(dose: Dose, inner: Dose, after: int) -> None:
    """`40 mg (0.8 mL)` of a syringe, `60 mg (in 5 mL)`: the volume in the bracket holds the amount."""
    size = inner.sizes[0]
    is_contained = "container" in dose.roles or "in" in inner.said or dose.joint == "/"
    dose.joint = "" if dose.joint == "/" else dose.joint
    if len(inner.sizes) != 1 or any(amount.per is not None and amount.per != dose.contained for amount in dose.last):
        return
    if dose.last[-1].unit.dimension == "fraction":
        return
    if not is_contained:
        refuse_joined(dose, Refusal(AMBIGUOUS, "the volume in the bracket may hold the amount or be that of a pack"))
        return
    for amount in dose.last:
        amount.per = None
    divide(dose, (size.value, size.unit), (size.first, after))
    dose.asides = [aside for aside in dose.asides if aside[0] != size.first]


def _say_again(dose: Dose, again: list[Amount], roles: set[str]) -> None:
    """The same strength in other words: in another unit, as salt or base, as an element, or as a concentration."""
    stated = dose.amounts[-len(again) :] if len(again) in (len(dose.last), len(dose.amounts) - dose.begun) else []
    if len(again) > 1 and len(again) == len(dose.amounts):
        stated = dose.amounts
    if len(stated) != len(again) and "equivalent" in roles:
        dose.asides += [(amount.first, amount.after, _REMARK) for amount in again]
        return
    if dose.last[-1].unit.dimension == "fraction" and all(a.unit.code == "g" and a.per is None for a in again):
        dose.asides += [(amount.first, amount.after, SIZE) for amount in again]
        return
    if len(stated) != len(again) and all(amount.unit.code == "%" for amount in again):
        dose.asides += [(amount.first, amount.after, SHARE) for amount in again]
        return
    if len(stated) != len(again):
        refuse_joined(dose, Refusal(AMBIGUOUS, "other amounts stand in the bracket"))
        return
    if any(len(amount.alternates) >= _MOST_ALTERNATES for amount in stated):
        _leave_out(dose, again, _REMARK)
        return
    for amount, other in zip(stated, again, strict=True):
        own = {role for role, _, _ in (*amount.before, *amount.behind, *dose.words)}
        kind = _kind_of_alternate(amount, other, own, roles | {role for role, _, _ in other.behind})
        amount.alternates.append((kind, other))
        amount.behind += dose.words
    dose.words = []
    if dose.context == "equivalent":
        dose.context = ""
    dose.joint = ""


def _kind_of_alternate(amount: Amount, other: Amount, own: set[str], roles: set[str]) -> str:
    if "element" in roles:
        return "element"
    if "salt" in roles and "salt" not in own:
        return "salt"
    if "basis" in roles or "salt" in own or "equivalent" in roles or "salt" in roles:
        return "base"
    if other.per is not None and (amount.per is None or amount.unit.dimension == "fraction" or amount.per != other.per):
        return "concentration"
    return "other_unit"
