"""Strengths: the words of one printed dose to comparable amounts.

    dose       = statement { ( ";" | end of sentence | line end ) statement }
    statement  = [ whole "contains" ] { amounts [ denominator ] | bracket | joint | words }
    whole      = [ "each" ] [ number ] unit                 Each 5 mL contains 25 mg    1 g of cream contains 20 mg
    bracket    = "(" … ")"                                  a remark, the same strength again, or the strength itself
    joint      = "," | "/" | "+" | "-" | "to" | "and" | "or"
    denominator: see `quantities`; it follows "/", "per", "in", "each"

Every token of a statement that holds a number is accounted for: as part of an amount, as a word with a role (see
`strength_words.csv`), as a word for a form, route or unit, or as the name of a substance. What is left over beside a
number refuses the whole statement, and the finding names it. `read_strengths` is the only door.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Context, Decimal
from functools import cache
from itertools import pairwise, takewhile

from pipelines.lexer import BREAK, BULLET, NUMBER, SOFT_BREAK, WORD, Cursor, Tokens, cut, cut_words, read_text
from pipelines.lexicon import Vocabulary
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
    denominator,
    joints,
    quantities,
    unit_at,
    unit_coded,
)
from pipelines.records import Component, DoseFormCode, Finding, FindingCode, Passage, Quantity, Strength, UnitCode
from schemas import codes
from schemas.codes import fold

_INCONSISTENT = FindingCode("STRENGTH_INCONSISTENT")
_IMPLAUSIBLE = FindingCode("STRENGTH_IMPLAUSIBLE")
_ACTIVITY_RANGE = FindingCode("STRENGTH_ACTIVITY_RANGE")
_SERIES = FindingCode("STRENGTH_SERIES")
_NO_SPACE = FindingCode("STRENGTH_NO_SPACE")
_ERROR_PRONE = FindingCode("STRENGTH_ERROR_PRONE")
_NO_BASIS = FindingCode("STRENGTH_NO_BASIS")

_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")
_BEFORE_A_NUMBER = frozenset("([{,;:/-+=<>≤≥~±\"'&×%")
_SILENT = frozenset(":.\"'®™*†‡§|!?")
_TOLERANCE = Decimal("0.01")
_WEIGHED = frozenset({"semisolid", "powder"})
_WORN = frozenset({"patch", "device"})
_GIVEN = frozenset({"dosing", "instruction", "measurement"})
_REMARKS = frozenset({"content", "instruction", "dosing", "remark", "other"})
_BASIS_WORDS = frozenset({"salt", "basis", "element"})
_OF_SUBSTANCE = _BASIS_WORDS | {"equivalent", "of", "name"}
_CONTEXTS = frozenset({"equivalent", "content", "remark", "other", "inexact", "imprint"})
_SIZES = frozenset({"volume", "time", "presentation", "area", "measure"})
_DENOMINATORS = frozenset({"volume", "time", "presentation", "area", "mass"})
_LEAST_RATIO = 100  # 1:10 and 1:50 are titres, mixtures or dilutions to be made
_MOST_BETWEEN = 2  # words between an amount and the excipient it is of: 20 mg of anhydrous lactose
_MOST_NAME_WORDS = 8
_MOST_MASS = 10_000
_NEEDED_BY = {
    "volume": frozenset({"liquid", "powder"}),
    "mass": frozenset({"semisolid", "powder"}),
    "time": _WORN,
    "presentation": frozenset({None, "solid", "powder", "metered", "liquid", "semisolid"}),
}
_OF_NUMBERS = frozenset({"mass", "volume", "arbitrary", "equivalents", "amount of substance", "radioactivity"})
_MOST_PARTS = 8  # a tablet is cut into no more
_MOST_SPOONFUL = 20  # mL; a larger volume may be that of a bottle
_SIZE = Refusal(NOT_STRENGTH, "the size of a container or a time")
_REMARK = Refusal(NOT_STRENGTH, "a remark on the strength or on another product")
_EXCIPIENT = Refusal(NOT_STRENGTH, "the amount of an excipient")
_SHARE = Refusal(NOT_STRENGTH, "a share of a mix")
_DOSE = Refusal(NOT_STRENGTH, "a dose to be given")

Word = tuple[str, int, int]
Per = tuple[Decimal, Unit]


@dataclass(frozen=True, slots=True)
class Around:
    """What is known around a printed dose.

    `basis` is the strength basis of its form (see dose_forms.csv) and `form` the form's code, `ingredients` how many
    the drug has (0 if not known), `decimal_comma` whether the document writes commas for decimals. `names` are the
    folded names of the drug and its ingredients: an excipient that the drug is named after is none. `per` is the
    denominator that a heading states for every amount below it (`in each 5 mL`).
    """

    basis: str | None = None
    ingredients: int = 0
    decimal_comma: bool = False
    names: frozenset[str] = frozenset()
    form: DoseFormCode | None = None
    per: Quantity | None = None


@dataclass(frozen=True, slots=True)
class StrengthReading:
    """Strengths in order, and findings. A finding's `row_no` is the ordinal of its strength in this reading."""

    strengths: tuple[Strength, ...]
    findings: tuple[Finding, ...]
    is_unquantified: bool = False


@dataclass(slots=True)
class _Dose:
    """What has been read of a dose so far. `begun` is the number of amounts when the statement at hand began."""

    tokens: Tokens
    around: Around
    depth: int = 0
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
    leftover: Refusal | None = None


# --- the door --------------------------------


def read_strengths(tokens: Tokens, first: int, after: int, around: Around) -> StrengthReading:
    """Every strength that a printed dose states. Never raises; what is not certain is a finding and a null.

    >>> tokens = cut(read_text("5 mg/5 mL"))
    >>> reading = read_strengths(tokens, 0, len(tokens), Around())
    >>> str(reading.strengths[0].components[0].normalized.value), reading.strengths[0].components[0].rxnorm
    ('1', '1 MG/ML')
    """
    dose = _read_dose(Cursor(tokens, first, after), around)
    strengths: list[Strength] = []
    findings: list[Finding] = []
    for grouped in _group(_active(dose), dose):
        _refuse_by_form(grouped, around)
        if all(a.refusal is not None and a.refusal.code == NOT_STRENGTH for a in grouped.amounts):
            dose.asides += [(a.first, a.after, a.refusal) for a in grouped.amounts if a.refusal]
            continue
        strength, reasons = _strength(tokens, grouped, around)
        strengths.append(strength)
        findings += [replace(f, table="strengths", row_no=len(strengths)) for f in reasons]
    findings += [_finding(tokens.passage(begins, ends), why) for begins, ends, why in dose.asides]
    return StrengthReading(tuple(strengths), tuple(findings), dose.is_unquantified)


def tokens_of(text: str) -> tuple[Tokens, int, int]:
    """A text that no tokens are at hand for, as the tokens to read: all of them."""
    tokens = cut(read_text(text))
    return tokens, 0, len(tokens)


def read_strengths_of(words: Passage, around: Around) -> StrengthReading:
    """The same for a passage that no tokens are at hand for."""
    return _moved(read_strengths(*tokens_of(words.text), around), words.start)


def _moved(reading: StrengthReading, by: int) -> StrengthReading:
    strengths = tuple(
        Strength(tuple(replace(c, place=Passage(c.place.text, c.place.start + by)) for c in s.components))
        for s in reading.strengths
    )
    findings = tuple(
        replace(f, place=Passage(f.place.text, f.place.start + by) if f.place else None) for f in reading.findings
    )
    return StrengthReading(strengths, findings, reading.is_unquantified)


def speaks_of_doses(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a label such as `Adults` or `Maximum dose` says that what follows is to be given."""
    return any(role in _GIVEN for _, _, role in _roles().find(tokens, first, after))


def expects_more(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a line ends where an amount goes on: `30 mg in`, `5 mg +`, `5 mg;`."""
    if first >= after:
        return False
    key = tokens.keys[after - 1]
    return key in joints() or key in _OPEN or _role_of(tokens, after - 1, after)[0] in ("in", "per")


def states_amount(tokens: Tokens, first: int, after: int) -> bool:
    """Whether some words hold a number with a unit of a substance."""
    if not any(tokens.kinds[at] == NUMBER for at in range(first, after)):
        return False
    return bool(_read_dose(Cursor(tokens, first, after), Around()).amounts)


def _finding(place: Passage, why: Refusal) -> Finding:
    return Finding(why.code, f"Not read as a strength: {why.message}.", place)


# --- words -----------------------------------


@cache
def _roles() -> Vocabulary[str]:
    """What each word is to a dose: its role in `strength_words.csv`, or `form` if it names a form or a route."""
    told: dict[tuple[str, ...], tuple[str, str]] = {}
    for table in ("dose_form_words", "dose_form_synonyms", "route_synonyms"):
        for row in codes.rows(table):
            words = cut_words(row["text"])
            if words[0][0].isalpha():
                told[words] = (row["text"], "form")
    told |= {cut_words(row["text"]): (row["text"], row["role"]) for row in codes.rows("strength_words")}
    return Vocabulary("strength_words", ((text, role, False) for text, role in told.values()))


def _role_of(tokens: Tokens, at: int, after: int) -> tuple[str, int]:
    """The role of the longest known phrase at a token and the token after it; `name` for an unknown word."""
    if at >= after:
        return "", at
    found = _roles().longest(tokens, at, after)
    if found is not None:
        return found
    return ("name" if tokens.kinds[at] == WORD else "mark"), at + 1


def _read_dose(cursor: Cursor, around: Around, depth: int = 0) -> _Dose:
    """Every amount of a printed dose. Linear in the number of tokens."""
    dose = _Dose(cursor.tokens, around, depth)
    if around.per is not None:
        dose.contained = around.per.value, unit_coded(around.per.unit)
    while not cursor.is_done:
        if cursor.kind == NUMBER:
            _quantity(dose, cursor)
        elif cursor.key in _OPEN:
            _bracket(dose, cursor)
        elif cursor.kind in (BREAK, SOFT_BREAK, BULLET):
            _line_end(dose, cursor)
        else:
            _word(dose, cursor)
    _end_statement(dose)
    return dose


def _line_end(dose: _Dose, cursor: Cursor) -> None:
    """A line that is complete is a statement of its own."""
    is_soft = cursor.kind == SOFT_BREAK
    before = cursor.key_at(-1)
    cursor.at += 1
    if not (is_soft or dose.joint or before in joints() or dose.is_in):
        _end_statement(dose)


def _end_statement(dose: _Dose) -> None:
    """Gives what was left over to the amounts of the statement, and forgets what held for it alone."""
    _keep_words(dose)
    for amount in dose.amounts[dose.begun :]:
        if dose.leftover is not None:
            amount.refuse(dose.leftover)
        if dose.is_capacity and amount.per is not None and amount.per is dose.contained:
            amount.refuse(Refusal(AMBIGUOUS, "the volume may hold the amount or be that of the container"))
    dose.begun, dose.leftover = len(dose.amounts), None
    dose.said |= dose.roles
    dose.roles.clear()
    dose.context, dose.is_in, dose.whole, dose.is_capacity = "", False, None, False
    if dose.around.per is None:
        dose.contained = None
    dose.joint = ";"


def _word(dose: _Dose, cursor: Cursor) -> None:
    """A word or mark that is no number: a joint, a denominator, or what tells what the amounts are."""
    tokens, first = cursor.tokens, cursor.at
    if _is_numbered_name(cursor):
        dose.words.append(("name", first, cursor.at))
        return
    role, after = _interval(tokens, first, cursor.after) or _role_of(tokens, first, cursor.after)
    if role in ("per", "in") and _denominator(dose, cursor, role, after):
        return
    joint = joints().get(cursor.key) if after == first + 1 else {"plus": "+"}.get(role)
    cursor.at = after
    if joint is not None:
        _join(dose, cursor, joint)
    elif _ends_statement(dose, cursor, first):
        _end_statement(dose)
    elif role == "each":
        dose.roles.add(role)
        _each(dose, cursor)
    elif role == "mark":
        _mark(dose, cursor, first)
    else:
        _word_with_role(dose, cursor, (role, first, after))


def _is_numbered_name(cursor: Cursor) -> bool:
    """`omega-3`, `alfa-2b`: moves over a name with a number, unless a unit stands before or after the number."""
    tokens, at = cursor.tokens, cursor.at
    if cursor.kind != WORD or at + 2 >= cursor.after or tokens.kinds[at + 2] != NUMBER or cursor.key_at(1) != "-":
        return False
    if not (tokens.is_tight(at + 1) and tokens.is_tight(at + 2)) or unit_at(tokens, at, at + 1):
        return False
    after = at + 3
    after += after < cursor.after and tokens.is_tight(after) and tokens.kinds[after] == WORD
    if unit_at(tokens, at + 3, cursor.after) is not None:
        return False
    cursor.at = after
    return True


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


def _ends_statement(dose: _Dose, cursor: Cursor, at: int) -> bool:
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


def _mark(dose: _Dose, cursor: Cursor, at: int) -> None:
    """A mark without a role: one that touches a number on either side is not understood."""
    tokens, key = cursor.tokens, cursor.tokens.keys[at]
    is_before = not cursor.is_done and cursor.kind == NUMBER and tokens.is_tight(cursor.at)
    is_behind = tokens.is_tight(at) and bool(dose.last) and dose.last[-1].after == at
    if (is_before and key not in _BEFORE_A_NUMBER) or (is_behind and key not in _SILENT):
        _leave(dose, at, at + 1, Refusal(UNREAD, f"{key!r} beside the number is not understood"))
    elif key not in _SILENT and key not in _CLOSE:
        dose.words.append(("mark", at, at + 1))


def _leave(dose: _Dose, first: int, after: int, why: Refusal) -> None:
    """Keeps what is not understood: it refuses the statement that it stands in."""
    dose.asides.append((first, after, why))
    dose.leftover = dose.leftover or why


def _word_with_role(dose: _Dose, cursor: Cursor, word: Word) -> None:
    """Sets what the quantities of the statement are, or is kept beside the amount."""
    role, first, after = word
    dose.roles.add(role)
    dose.is_in = dose.is_in or (role == "in" and not dose.joint)
    if role in ("numbered", "code", "excipient"):
        _skip_code(cursor, is_long=role == "code")
    if role == "unquantified":
        dose.is_unquantified = True
    elif role == "past":
        _leave(dose, first, after, Refusal(NOT_STRENGTH, "the product is said not to be sold any more"))
    elif role == "name" and _is_inverse(dose, cursor, first):
        return
    elif role == "name" and _is_unit_alone(dose, first):
        _leave(dose, first, after, Refusal(UNREAD, f"{cursor.tokens.plain(first, after)!r} is a unit without a number"))
    elif role in _CONTEXTS:
        _begin_context(dose, word)
    else:
        dose.words.append(word)


def _begin_context(dose: _Dose, word: Word) -> None:
    """`equivalent to`, `contains`, `in combination with` …: what the amounts after the word are."""
    role, first, _ = word
    is_beside = bool(dose.last) and dose.last[-1].after == first
    if _begins_content(dose, role) or _says_nothing_yet(dose, role):
        pass
    elif role == "content" and is_beside:
        _refuse(dose.last, Refusal(AMBIGUOUS, "what it contains is stated too, and either may be the strength"))
        dose.context = "remark"
    else:
        dose.context = dose.context or role
    if role == "equivalent":
        dose.words.append(word)


def _is_inverse(dose: _Dose, cursor: Cursor, at: int) -> bool:
    """`60 mg mL⁻¹`: a denominator as a negative power."""
    found = unit_at(cursor.tokens, at, at + 1)
    keys = [cursor.key_at(distance) for distance in range(3)]
    after = 3 if keys == ["^", "-", "1"] else 2 if keys[:2] == ["-", "1"] and cursor.tokens.is_tight(cursor.at) else 0
    if found is None or not after or isinstance(found[0], Unmapped) or not dose.last or dose.last[-1].after < at - 1:
        return False
    if found[0].dimension not in ("volume", "mass", "time") or dose.last[-1].per is not None:
        return False
    cursor.at += after
    _divide(dose, (Decimal(1), found[0]), (at, cursor.at))
    return True


def _is_unit_alone(dose: _Dose, at: int) -> bool:
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


def _says_nothing_yet(dose: _Dose, role: str) -> bool:
    """`EQ 4 mg base` and `Each tablet contains 5 mg` state a strength: nothing before it is remarked on."""
    if role == "equivalent":
        return bool(dose.joint and dose.joint != ";") or len(dose.amounts) == dose.begun
    return role in ("content", "remark") and len(dose.amounts) == dose.begun


def _begins_content(dose: _Dose, role: str) -> bool:
    """`5 mL of syrup contains …`: what was measured off is the denominator of what follows."""
    if role not in ("content", "equivalent"):
        return False
    if _is_measured_off(dose):
        only = dose.amounts.pop()
        dose.whole, dose.last = (only.value, only.unit), []
    if len(dose.amounts) > dose.begun or dose.whole is None:
        return False
    dose.contained, dose.words = dose.whole, []
    dose.is_capacity = "container" in dose.roles and "each" not in dose.roles
    return True


def _is_measured_off(dose: _Dose) -> bool:
    """`1 g of cream`: a weight of a form, if nothing else was stated."""
    if len(dose.amounts) != dose.begun + 1 or dose.amounts[-1].unit.code != "g" or dose.joint not in ("", ";"):
        return False
    return bool(dose.words) and dose.words[0][0] == "of"


# --- joints, wholes and denominators ---------


def _join(dose: _Dose, cursor: Cursor, joint: str) -> None:
    """A joint ends an equivalence; `to` and `-` join numbers alone."""
    if joint in ("to", "-") and cursor.kind != NUMBER and cursor.key not in _OPEN:
        return
    _keep_words(dose)
    if dose.context in ("equivalent", "inexact") or (joint == ";" and dose.context == "other"):
        dose.context = ""
    if joint == ";":
        _end_statement(dose)
        return
    dose.is_in = dose.is_in and joint != ","
    dose.joint = joint if dose.joint in ("", "-", joint) else dose.joint


def _keep_words(dose: _Dose) -> None:
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


def _each(dose: _Dose, cursor: Cursor) -> None:
    """`Each 5 mL`, `each gram of`: the denominator of what it is then said to contain; `75 mcg each puff`."""
    found = denominator(cursor.tokens, cursor.at, cursor.after, decimal_comma=dose.around.decimal_comma)
    if found is None:
        return
    size, unit, after = found
    if isinstance(unit, Unmapped) or not isinstance(size, Decimal) or not size:
        return
    if dose.last and len(dose.amounts) > dose.begun and unit.dimension == "presentation":
        cursor.at = after
        _divide(dose, (size, unit), (after - 1, after))
        return
    is_weight = unit.code == "g" and _role_of(cursor.tokens, after, cursor.after)[0] in ("of", "content")
    if len(dose.amounts) == dose.begun and (unit.dimension == "volume" or is_weight):
        cursor.at = after
        dose.whole = size * unit.scale, unit


def _denominator(dose: _Dose, cursor: Cursor, role: str, at: int) -> bool:
    """What the last amounts are contained in. False if the word is a joint or begins something else."""
    if not dose.last or len(dose.amounts) == dose.begun:
        return role == "per" and cursor.key != "/" and _begins_with_whole(dose, cursor, at)
    first = cursor.at
    found = denominator(cursor.tokens, at, cursor.after, decimal_comma=dose.around.decimal_comma)
    if found is None:
        return _is_unknown_denominator(dose, cursor, role, at)
    size, unit, after = found
    has_number = cursor.tokens.kinds[at] == NUMBER
    if isinstance(unit, Unmapped):
        if role == "in":
            return False
        told = NOT_STRENGTH if unit.role == "dosing" else UNIT_UNKNOWN
        _refuse_joined(dose, Refusal(told, unit.reason.rstrip(".")))
    elif unit.dimension == "measure" and role == "per":
        words = cursor.tokens.plain(at, after)
        _refuse_joined(dose, Refusal(UNIT_UNKNOWN, f"{words!r} is a measure whose size is not told"))
    elif not _may_divide(dose, role, unit, size, has_number=has_number):
        return False
    elif role == "in" and _is_complete(dose):
        dose.sized = _joined(dose) if unit.dimension == "volume" else []
    elif not isinstance(size, Decimal) or size == 0:
        _refuse_joined(dose, Refusal(AMBIGUOUS, size if isinstance(size, str) else "the denominator is nought"))
    else:
        if unit.code == "kg" and not has_number:
            _refuse_joined(dose, Refusal(NOT_STRENGTH, "a dose by body weight"))
        _divide(dose, (size * unit.scale, unit), (first, after))
    cursor.at = after
    dose.is_in = role == "in"
    return True


def _begins_with_whole(dose: _Dose, cursor: Cursor, at: int) -> bool:
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


def _is_unknown_denominator(dose: _Dose, cursor: Cursor, role: str, at: int) -> bool:
    """`10 mg/foo`, `20 mg per foo`; not `875 mg / clavulanic acid 125 mg`, and not a vehicle (`in dextrose`)."""
    if role == "in" or at >= cursor.after:
        return False
    tokens = cursor.tokens
    end = at
    while end < min(cursor.after, at + _MOST_NAME_WORDS) and tokens.kinds[end] == WORD:
        end += 1
    if end < cursor.after and tokens.kinds[end] == NUMBER and cursor.key == "/":
        return False
    if cursor.key == "/" and end < cursor.after and tokens.keys[end] in _OPEN and (end == at or end > at + 1):
        return False
    if end == at and tokens.kinds[at] != NUMBER:
        return False
    after = max(end, at + 1)
    words = tokens.plain(at, min(after, at + 2))
    _leave(dose, at, min(after, at + 2), Refusal(UNIT_UNKNOWN, f"{words!r} is no known denominator"))
    cursor.at = min(after, at + 1)
    return True


def _may_divide(dose: _Dose, role: str, unit: Unit, size: Decimal | str, *, has_number: bool) -> bool:
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


def _is_complete(dose: _Dose) -> bool:
    """Whether the last amount needs no volume to be a concentration."""
    return dose.last[-1].per is not None or dose.last[-1].unit.dimension == "fraction"


def _joined(dose: _Dose) -> list[Amount]:
    """The last amounts with those before them that make one strength with them."""
    first = len(dose.amounts) - len(dose.last)
    while first > dose.begun and dose.amounts[first].joint in ("+", "/", "to", "-"):
        first -= 1
    return dose.amounts[first:]


def _refuse_joined(dose: _Dose, why: Refusal) -> None:
    _refuse([*_joined(dose), *dose.last], why)


def _refuse(amounts: list[Amount], why: Refusal) -> None:
    for amount in amounts:
        amount.refuse(why)


def _divide(dose: _Dose, per: Per, span: tuple[int, int]) -> None:
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


def _may_share(dose: _Dose, amount: Amount, later: Amount, per: Per) -> bool:
    """Whether a denominator holds for a list: components that are each named, or a form that needs it."""
    if dose.around.ingredients > 1 or amount.unit_span is not None or (amount.before and later.before):
        return True
    is_needed = dose.around.basis in _NEEDED_BY.get(per[1].dimension, ())
    return is_needed and amount.unit.dimension == later.unit.dimension


def _divide_one(dose: _Dose, amount: Amount, per: Per, span: tuple[int, int]) -> None:
    """Gives one amount its denominator, and refuses it if it has another."""
    if amount.per is not None and amount.per != per and amount.per is not dose.contained:
        amount.refuse(Refusal(UNREAD, "the amount has two denominators"))
    amount.per = per
    if amount is dose.last[-1]:
        amount.after = max(amount.after, span[1])
    else:
        amount.per_span = span


# --- quantities ------------------------------


def _quantity(dose: _Dose, cursor: Cursor) -> None:
    """Numbers and their unit, and what they turn out to be."""
    if _ratio(dose, cursor) or _mix(dose, cursor):
        return
    first = cursor.at
    read = quantities(cursor, dose.joint, decimal_comma=dose.around.decimal_comma)
    if read is None:
        return
    if isinstance(read.unit, Unit) and read.unit.dimension != "potency":
        _amounts(dose, cursor, read, read.unit)
    elif isinstance(read.unit, Unit):
        _potency(dose, cursor, read, read.unit)
    else:
        _bare(dose, cursor, first, read)


def _amounts(dose: _Dose, cursor: Cursor, read: Quantities, unit: Unit) -> None:
    """One amount for each number that shares the unit; a number that is not certain refuses them all."""
    numbers = read.numbers
    why = _doubt_of_numbers(numbers, dose.around.ingredients)
    if any(joint == "×" for joint, _ in numbers[1:]):  # 2 x 5 mg: two of 5 mg
        is_plain = len(numbers) == 2  # noqa: PLR2004
        why = why or (None if is_plain else Refusal(AMBIGUOUS, "it is not certain what is counted"))
        numbers = ((numbers[0][0], numbers[-1][1]),)
    why = why or next((Refusal(AMBIGUOUS, number.why) for _, number in numbers if number.why), None)
    made = [amount for joint, number in numbers for amount in _amounts_of(number, joint, unit, read)]
    made[-1].after, made[-1].unit_span = read.after, None
    for amount in made:
        why = why or _doubt_of_mass(amount, dose.tokens)
    if why is not None:
        _refuse(made, why)
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
    span = range(amount.first, amount.after)
    digits = list(takewhile(lambda key: key[-1:].isdecimal(), (tokens.keys[at] for at in span)))
    is_parted = (len(digits) > 1 or "," in digits[0]) and not digits[-1].endswith("000")
    if amount.unit.dimension == "mass" and amount.value >= _MOST_MASS and is_parted:
        return Refusal(AMBIGUOUS, "the mark may part thousands or two strengths")
    return None


def _doubt_of_numbers(numbers: tuple[tuple[str, Number], ...], ingredients: int) -> Refusal | None:
    """Why numbers that share a unit may not be read as they stand: mixed joints, or a list that does not ascend."""
    between = {joint for joint, _ in numbers[1:]}
    values = [number.values[-1] for _, number in numbers if number.values]
    if not between or between == {"×"}:
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
    is_pair = len(values) == 2 and ingredients != 2  # noqa: PLR2004
    if between == {"/"} and is_pair and values[0] < values[1] <= _MOST_PARTS and values[0] <= 3:  # noqa: PLR2004
        return Refusal(AMBIGUOUS, "it may be a fraction or two amounts")
    if between <= {"-", "to"} and count > 2 and count != ingredients:  # noqa: PLR2004
        return Refusal(AMBIGUOUS, "more than two numbers are joined as a range is")
    return None


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


def _place(dose: _Dose, made: list[Amount]) -> None:
    """Decides what the amounts are: strengths, sizes of containers, or remarks."""
    unit = made[-1].unit
    made[0].before = dose.words
    if not dose.joint:
        _keep_words(dose)
    dose.words = []
    if dose.joint == "," and len(dose.amounts) == dose.begun:
        _contain(dose, made)
    if unit.dimension == "volume" and dose.sized and dose.joint != "/":
        _another_size(dose, made[-1].after)
    elif unit.dimension in _SIZES:
        if unit.dimension == "volume":
            dose.whole = dose.whole if len(dose.amounts) > dose.begun else (made[-1].value, unit)
            dose.sizes += made
        _leave_out(dose, made, _SIZE)
    elif unit.dimension == "fraction" and dose.is_in:
        _leave_out(dose, made, Refusal(NOT_STRENGTH, "the percent of the liquid that it is in"))
    elif dose.context == "equivalent" and len(made) == len(dose.last):
        _say_again(dose, made, {role for role, _, _ in made[0].before})
    elif dose.context in ("equivalent", "content", "remark", "other"):
        _leave_out(dose, made, _REMARK)
    elif dose.context == "imprint" and dose.joint not in (",", ";"):
        _leave_out(dose, made, Refusal(NOT_STRENGTH, "what is printed on the product"))
    else:
        _accept(dose, made)


def _contain(dose: _Dose, made: list[Amount]) -> None:
    """`5 mL, 80 mg` of a liquid: a spoonful that holds the amount; a larger volume may be that of the bottle."""
    is_held = dose.whole is not None and dose.around.basis in ("liquid", "powder")
    if dose.whole is None or not is_held or made[-1].unit.dimension in (*_SIZES, "fraction"):
        return
    if dose.whole[0] * dose.whole[1].factor <= _MOST_SPOONFUL:
        dose.contained = dose.whole
    else:
        _refuse(made, Refusal(AMBIGUOUS, "the volume before it may hold the amount or be that of a pack"))


def _accept(dose: _Dose, made: list[Amount]) -> None:
    """Keeps the amounts as strengths, in what they are said to be contained in."""
    if dose.context == "inexact":
        for amount in made:
            amount.refuse(Refusal(UNREAD, "the words before the amount make it a bound or an estimate"))
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


def _leave_out(dose: _Dose, made: list[Amount], why: Refusal) -> None:
    """Keeps the quantity as one that is no strength."""
    dose.asides.append((made[0].first, made[-1].after, why))
    dose.joint = "" if dose.joint == ";" else dose.joint


def _pack_count(cursor: Cursor) -> None:
    """`5 mg x 30`: the number after the sign counts."""
    if cursor.key in ("x", "×") and cursor.at + 1 < cursor.after and cursor.tokens.kinds[cursor.at + 1] == NUMBER:
        cursor.at += 2


def _ratio(dose: _Dose, cursor: Cursor) -> bool:
    """`1:1000`, `1 in 1000`: one gram in so many millilitres (USP General Chapter 7)."""
    tokens, at = cursor.tokens, cursor.at
    if cursor.key != "1" or at + 2 >= cursor.after or tokens.kinds[at + 2] != NUMBER:
        return False
    if cursor.key_at(1) != ":" and _role_of(tokens, at + 1, at + 2)[0] != "in":
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


def _mix(dose: _Dose, cursor: Cursor) -> bool:
    """`70/30 100 units/mL`: the parts of a mix, which name it, before its strength."""
    parts = [cursor.key_at(distance) for distance in range(3)]
    if dose.around.basis != "liquid" or parts[1] != "/" or not (_is_short(parts[0]) and _is_short(parts[2])):
        return False
    at = cursor.at + 3
    at += at < cursor.after and cursor.tokens.keys[at] == "-"
    is_whole = int(parts[0]) + int(parts[2]) == 100  # noqa: PLR2004
    if not is_whole or at >= cursor.after or cursor.tokens.kinds[at] != NUMBER:
        return False
    dose.asides.append((cursor.at, cursor.at + 3, _SHARE))
    cursor.at = at
    return True


def _is_short(key: str) -> bool:
    return key.isdecimal() and len(key) == 2  # noqa: PLR2004


def _potency(dose: _Dose, cursor: Cursor, read: Quantities, unit: Unit) -> None:
    """`30C` is a homeopathic potency if nothing but potencies is stated."""
    value = read.numbers[0][1].values
    if len(read.numbers) == 1 and len(value) == 1 and value[0] == value[0].to_integral_value():
        _place(dose, [Amount(value[0], unit, read.numbers[0][1].first, read.after, dose.joint)])
    else:
        _bare(dose, cursor, read.numbers[0][1].first, replace(read, unit=None))


def _bare(dose: _Dose, cursor: Cursor, first: int, read: Quantities) -> None:
    """A number without a unit that we read: explained by the words around, or left over."""
    tokens = cursor.tokens
    if isinstance(read.unit, Unmapped):
        _leave(dose, first, read.after, Refusal(AMBIGUOUS, read.unit.reason))
        return
    counted = not cursor.is_done and _role_of(tokens, cursor.at, cursor.after)[0] == "counted"
    is_alone = dose.depth > 0 and not dose.amounts and not dose.words and cursor.is_done
    if counted or is_alone or dose.context in ("imprint", "content", "remark", "other") or "pack" in dose.roles:
        dose.asides.append((first, read.after, Refusal(NOT_STRENGTH, "a number without a unit")))
        return
    if not cursor.is_done and cursor.kind == WORD:
        word = tokens.plain(cursor.at, cursor.at + 1)
        _leave(dose, first, cursor.at + 1, Refusal(UNIT_UNKNOWN, f"{word!r} is no known unit"))
        return
    why = next((number.why for _, number in read.numbers if number.why), "")
    code = AMBIGUOUS if why else UNREAD
    _leave(dose, first, read.after, Refusal(code, why or "a number without a unit stands beside it"))


def _another_size(dose: _Dose, after: int) -> None:
    """`100 mg/ml in 4-ml and 10-ml ampoules`: a strength for each container, as RxNorm's quantity factor has it."""
    again = [replace(amount, after=after, behind=list(amount.behind)) for amount in dose.sized]
    again[0].joint = ";"
    dose.amounts += again
    dose.last = again
    dose.joint = ""


# --- brackets, and what is said twice --------


def _bracket(dose: _Dose, cursor: Cursor) -> None:
    """A remark, the same strength in other words, or the strength itself if nothing stands before it."""
    first, end = cursor.at, _closing(cursor)
    cursor.at = min(end + 1, cursor.after)
    if dose.depth > 1 or end <= first + 1:
        return
    inner = _read_dose(Cursor(cursor.tokens, first + 1, end), replace(dose.around, per=None), dose.depth + 1)
    dose.is_unquantified |= inner.is_unquantified
    dose.asides += inner.asides
    roles = {role for amount in inner.amounts for role, _, _ in (*amount.before, *amount.behind)}
    if not inner.amounts:
        _bracket_without_amount(dose, inner, cursor.at)
    elif dose.context in ("content", "remark", "other") or (roles | inner.said) & _REMARKS:
        dose.asides += [(amount.first, amount.after, _REMARK) for amount in inner.amounts]
    elif dose.joint or len(dose.amounts) == dose.begun:
        _take_bracket(dose, inner)
    else:
        _say_again(dose, inner.amounts, roles)


def _take_bracket(dose: _Dose, inner: _Dose) -> None:
    """`Tablets (5 mg, 10 mg)`, `+ (200 mg)`: the bracket holds the strength itself."""
    inner.amounts[0].before = [*dose.words, *inner.amounts[0].before]
    inner.amounts[0].joint = dose.joint
    dose.words, dose.joint, dose.last = [], "", inner.amounts
    dose.amounts += inner.amounts


def _closing(cursor: Cursor) -> int:
    """The place of the bracket's end, or the end of the dose if it is never closed."""
    depth = 0
    keys = cursor.tokens.keys
    for at in range(cursor.at, cursor.after):
        depth += keys[at] in _OPEN
        depth -= keys[at] in _CLOSE
        if depth == 0:
            return at
    return cursor.after


def _bracket_without_amount(dose: _Dose, inner: _Dose, after: int) -> None:
    """`(as sulfate)`, `(0.8 mL)`, `(discontinued)`: words on the amount, or the volume that holds it."""
    if inner.sizes and dose.last and len(dose.amounts) > dose.begun:
        _divide_by_bracket(dose, inner, after)
    for _, _, why in inner.asides:
        if why.code != NOT_STRENGTH or "not to be sold" in why.message:
            dose.leftover = dose.leftover or why
    if inner.words and inner.words[0][0] == "purpose":
        return
    dose.words += inner.words
    dose.roles |= inner.said


def _divide_by_bracket(dose: _Dose, inner: _Dose, after: int) -> None:
    """`40 mg (0.8 mL)` of a syringe, `60 mg (in 5 mL)`: the volume in the bracket holds the amount."""
    size = inner.sizes[0]
    is_contained = "container" in dose.roles or "in" in inner.said
    if len(inner.sizes) != 1 or any(amount.per is not None and amount.per != dose.contained for amount in dose.last):
        return
    if dose.last[-1].unit.dimension == "fraction":
        return
    if not is_contained:
        _refuse_joined(dose, Refusal(AMBIGUOUS, "the volume in the bracket may hold the amount or be that of a pack"))
        return
    for amount in dose.last:
        amount.per = None
    _divide(dose, (size.value, size.unit), (size.first, after))
    dose.asides = [aside for aside in dose.asides if aside[0] != size.first]


def _say_again(dose: _Dose, again: list[Amount], roles: set[str]) -> None:
    """The same strength in other words: in another unit, as salt or base, as an element, or as a concentration."""
    stated = dose.amounts[-len(again) :] if len(again) in (len(dose.last), len(dose.amounts) - dose.begun) else []
    if len(again) > 1 and len(again) == len(dose.amounts):
        stated = dose.amounts
    if len(stated) != len(again) and "equivalent" in roles:
        dose.asides += [(amount.first, amount.after, _REMARK) for amount in again]
        return
    if dose.last[-1].unit.dimension == "fraction" and all(a.unit.code == "g" and a.per is None for a in again):
        dose.asides += [(amount.first, amount.after, _SIZE) for amount in again]
        return
    if len(stated) != len(again) and all(amount.unit.code == "%" for amount in again):
        dose.asides += [(amount.first, amount.after, _SHARE) for amount in again]
        return
    if len(stated) != len(again):
        _refuse_joined(dose, Refusal(AMBIGUOUS, "other amounts stand in the bracket"))
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


# --- amounts to strengths --------------------


@dataclass(slots=True)
class _Grouped:
    """A strength: its amounts, each with the high end of a range or None."""

    amounts: list[Amount]
    highs: list[Amount | None]


def _active(dose: _Dose) -> list[Amount]:
    """The amounts without those of excipients, which are kept as no strengths."""
    kept = []
    for amount in dose.amounts:
        if _is_of_excipient(dose, amount):
            dose.asides.append((amount.first, amount.after, _EXCIPIENT))
        else:
            kept.append(amount)
    return kept


def _is_of_excipient(dose: _Dose, amount: Amount) -> bool:
    """Whether an excipient stands with the amount, and the drug is not named after it."""
    words = {_words(dose.tokens, word) for word in (*amount.before, *amount.behind) if word[0] == "excipient"}
    return bool(words) and not any(word in name for word in words for name in dose.around.names)


def _words(tokens: Tokens, word: Word) -> str:
    return fold(tokens.plain(word[1], word[2]))


def _group(amounts: list[Amount], dose: _Dose) -> list[_Grouped]:
    """Strengths in order.

    "+"                     a combination, always
    "/"  with units         a combination: 5 mg/325 mg
    "/"  one unit for all   a combination or a list (50/100/150/200 mg): the number of ingredients decides
    "-" "to"                a range (5-10 mg), or a combination (800 mg-160 mg) if the drug has two ingredients
    "," ";" "and"           a list, or a combination if there are as many amounts as the drug has ingredients; not read
                            if each has a name of its own (ferrous salt 60 mg and folic acid 400 mcg) and the drug
                            is not known to have more than one
    "or"                    a list, always
    nothing                 the amount printed twice (250 mg 250 mg); two different amounts side by side are not read
    """
    ingredients = dose.around.ingredients
    _refuse_by_words(amounts)
    _refuse_pack_sizes(amounts)
    _refuse_mixes(amounts, dose)
    amounts = _without_bases(amounts, ingredients)
    strengths = _combinations(_ranges(_without_repeats(amounts), ingredients), ingredients, dose.tokens)
    _refuse_named_apart(strengths, dose)
    for strength in strengths:
        doubt = next((amount.refusal for amount in strength.amounts if amount.refusal), None)
        for amount in strength.amounts:
            if doubt is not None:
                amount.refuse(doubt)
    return strengths


def _refuse_by_words(amounts: list[Amount]) -> None:
    """A dosing word makes every amount of the text a dose."""
    roles = {role for amount in amounts for role, _, _ in (*amount.before, *amount.behind)}
    is_told_before = any(role == "instruction" for amount in amounts for role, _, _ in amount.before)
    for amount in amounts:
        if "dosing" in roles or is_told_before:
            amount.refuse(_DOSE)
        elif "measurement" in roles:
            amount.refuse(Refusal(NOT_STRENGTH, "a measured value"))
        elif amount.unit.dimension == "potency" and any(other.unit.dimension != "potency" for other in amounts):
            amount.refuse(Refusal(UNREAD, "the letter after the number may mark a potency or something else"))


def _refuse_pack_sizes(amounts: list[Amount]) -> None:
    """`1 %, 15 g and 30 g tubes`: grams after a share of the whole say how much is sold."""
    has_share = any(amount.unit.dimension == "fraction" for amount in amounts)
    for amount in amounts:
        if has_share and amount.unit.code == "g" and amount.per is None:
            amount.refuse(_SIZE)


def _refuse_mixes(amounts: list[Amount], dose: _Dose) -> None:
    """`25% insulin lispro and 75% insulin lispro protamine`: shares of a mix, which make the whole."""
    shares = [amount for amount in amounts if amount.unit.code == "%" and amount.per is None]
    if len(shares) > 1 and sum(share.value for share in shares) == 100 and dose.around.basis not in ("gas", "volume"):  # noqa: PLR2004
        for share in shares:
            share.refuse(_SHARE)


def _without_bases(amounts: list[Amount], ingredients: int) -> list[Amount]:
    """`60 mg/50 mg base` of a drug of one ingredient: the same strength as salt and as base."""
    kept: list[Amount] = []
    for amount in amounts:
        is_base = any(role == "basis" for role, _, _ in amount.behind)
        if kept and ingredients == 1 and amount.joint == "/" and is_base and kept[-1].unit_span is None:
            kept[-1].alternates.append(("base", amount))
        else:
            kept.append(amount)
    return kept


def _without_repeats(amounts: list[Amount]) -> list[Amount]:
    kept: list[Amount] = []
    for amount in amounts:
        beside = kept and amount.joint == "" and not amount.before and not kept[-1].behind
        if beside and (amount.value, amount.unit, amount.per) == (kept[-1].value, kept[-1].unit, kept[-1].per):
            continue
        if beside:
            refusal = Refusal(AMBIGUOUS, "two amounts stand side by side without a mark between them")
            kept[-1].refuse(refusal)
            amount.refuse(refusal)
        kept.append(amount)
    return kept


def _ranges(amounts: list[Amount], ingredients: int) -> list[tuple[Amount, Amount | None]]:
    found: list[tuple[Amount, Amount | None]] = []
    chained = _chained(amounts, ingredients)
    for at, amount in enumerate(amounts):
        low = found[-1][0] if found and found[-1][1] is None and amount.joint in ("-", "to") else None
        if at in chained:
            low = None
        elif low is not None and _is_series(low, amount):
            low.is_series = amount.is_series = True
            amount.joint = ","
        elif low is not None and not _is_combination(low, amount, ingredients):
            found[-1] = _range(low, amount)
            continue
        found.append((amount, None))
    return found


def _chained(amounts: list[Amount], ingredients: int) -> set[int]:
    """The amounts that follow a dash in a chain of three or more: a combination of so many ingredients, or not read."""
    chained: set[int] = set()
    begins = 0
    for at in range(1, len(amounts) + 1):
        if at < len(amounts) and amounts[at].joint in ("-", "to"):
            continue
        if at - begins > 2:  # noqa: PLR2004
            chained |= set(range(begins + 1, at))
            if at - begins != ingredients:
                for amount in amounts[begins:at]:
                    amount.refuse(Refusal(AMBIGUOUS, "more than two amounts are joined as a range is"))
        begins = at
    return chained


def _is_series(low: Amount, high: Amount) -> bool:
    """`100 mg to 400 mg`, with its unit each time and in nothing else: two strengths, and perhaps others between."""
    return high.joint == "to" and low.unit_span is None and high.per is None


def _is_combination(low: Amount, high: Amount, ingredients: int) -> bool:
    if high.joint == "to" or low.unit.dimension != high.unit.dimension:
        return high.joint == "-" and low.unit.dimension != high.unit.dimension
    descends = high.value * high.unit.factor <= low.value * low.unit.factor
    return ingredients == 2 or (descends and low.unit_span is None and ingredients != 1)  # noqa: PLR2004


def _range(low: Amount, high: Amount) -> tuple[Amount, Amount | None]:
    if high.value * high.unit.factor <= low.value * low.unit.factor or low.unit.base != high.unit.base:
        low.refuse(Refusal(UNREAD, "the range does not ascend"))
    if high.refusal is not None:
        low.refuse(high.refusal)
    low.after, low.per, low.per_span, low.unit_span = high.after, high.per, high.per_span, None
    low.behind = [*low.behind, *high.behind]
    return low, high


def _combinations(ranged: list[tuple[Amount, Amount | None]], ingredients: int, tokens: Tokens) -> list[_Grouped]:
    joints_between = {amount.joint for amount, _ in ranged[1:]}
    is_one = len(ranged) == ingredients > 1 and len(joints_between) == 1 and joints_between <= {",", ";", "and", ""}
    is_one = is_one and (joints_between != {""} or all(_name_before(tokens, amount) for amount, _ in ranged))
    strengths: list[_Grouped] = []
    for amount, high in ranged:
        if strengths and (is_one or _joins(strengths[-1].amounts[-1], amount, ingredients, tokens)):
            strengths[-1].amounts.append(amount)
            strengths[-1].highs.append(high)
        else:
            strengths.append(_Grouped([amount], [high]))
    return strengths


def _joins(before: Amount, amount: Amount, ingredients: int, tokens: Tokens) -> bool:
    if amount.joint in ("-", "to"):
        return True
    if amount.joint == "/" and before.unit_span is not None:
        return ingredients != 1
    if amount.joint == "and" and ingredients > 1:
        return _are_named_apart(tokens, before, amount)
    return amount.joint in ("+", "/")


def _refuse_named_apart(strengths: list[_Grouped], dose: _Dose) -> None:
    """Amounts that are each beside a name of their own may be strengths of two drugs or one combination."""
    why = Refusal(AMBIGUOUS, "it may be of a combination, of a list or of another drug")
    for former, latter in pairwise(strengths):
        is_apart = _are_named_apart(dose.tokens, former.amounts[0], latter.amounts[0])
        if latter.amounts[0].joint in ("and", ",", "") and (is_apart or _names_another(dose, former, latter)):
            for amount in (*former.amounts, *latter.amounts):
                amount.refuse(why)


def _names_another(dose: _Dose, former: _Grouped, latter: _Grouped) -> bool:
    """`500 mg, 850 mg and sitagliptin tablets 100 mg`: a name that is not the drug's stands before the later amount."""
    names = dose.around.names
    if not names or len(former.amounts) > 1 or _name_before(dose.tokens, former.amounts[0]):
        return False
    name = _name_before(dose.tokens, latter.amounts[0])
    return bool(name) and not any(name in known for known in names)


def _are_named_apart(tokens: Tokens, *pair: Amount) -> bool:
    before = [_name_before(tokens, amount) for amount in pair]
    behind = [_name_behind(tokens, amount) for amount in pair]
    return any(bool(one and other) and one != other for one, other in (before, behind))


def _name_behind(tokens: Tokens, amount: Amount) -> str:
    """The name that follows `of`, or follows at once; empty if none does."""
    words = [word for word in amount.behind if word[0] != "of"]
    run = list(takewhile(lambda word: word[0] in ("name", "salt"), words))
    return " ".join(_words(tokens, word) for word in run) if run and words[0][0] == "name" else ""


def _name_before(tokens: Tokens, amount: Amount) -> str:
    """The last word before an amount; empty if it is no name of a substance as far as we can tell."""
    words = [word for word in amount.before if word[0] not in ("form", "filler", "mark", "container", "of")]
    return _words(tokens, words[-1]) if words and words[-1][0] in ("name", "basis", "salt") else ""


# --- strengths to components -----------------


def _strength(tokens: Tokens, grouped: _Grouped, around: Around) -> tuple[Strength, list[Finding]]:
    components: list[Component] = []
    findings: list[Finding] = []
    for amount, high in zip(grouped.amounts, grouped.highs, strict=True):
        place = tokens.passage(amount.first, amount.after)
        if amount.refusal is not None:
            components.append(Component(place, "unquantified"))
            findings.append(_finding(place, amount.refusal))
            continue
        component, reasons = _component(tokens, amount, high, around)
        components.append(component)
        findings += [Finding(r.code, f"{r.message[0].upper()}{r.message[1:]}.", place) for r in reasons]
    return Strength(tuple(components)), findings


def _refuse_by_form(grouped: _Grouped, around: Around) -> None:
    """A component that is no strength of the form refuses the whole combination."""
    for amount, high in zip(grouped.amounts, grouped.highs, strict=True):
        doubt = _doubt(amount, high, around)
        if doubt is not None:
            for other in grouped.amounts:
                other.refuse(doubt)


def _doubt(amount: Amount, high: Amount | None, around: Around) -> Refusal | None:
    """Why an amount that the grammar allows is still not a strength of this form."""
    if amount.per is not None and amount.per[1].dimension == "time" and around.basis not in _WORN:
        return Refusal(NOT_STRENGTH, "an amount per time, and the form is not one that is worn")
    if _contradicts(amount, around):
        return Refusal(_INCONSISTENT, "the amount is stated twice and the two differ")
    if amount.value == 0:
        return Refusal(UNREAD, "the amount is nought")
    return _bounds_broken(amount, high, around)


def _contradicts(amount: Amount, around: Around) -> bool:
    stated = comparable(amount.value, amount.unit, amount.per, around.basis)
    for kind, other in amount.alternates:
        again = comparable(other.value, other.unit, other.per, around.basis)
        if stated is None or again is None:
            continue
        if stated[1] == again[1] and kind in ("other_unit", "concentration") and _differ(stated[0], again[0]):
            return True
        if amount.unit.dimension == "fraction" and _differ_by_percent(stated, again):
            return True
    return False


def _differ(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) > _TOLERANCE * abs(one)


def _differ_by_percent(stated: tuple[Decimal, str], again: tuple[Decimal, str]) -> bool:
    """`2 % (20 mg/mL)`: ten milligrams to the percent, of whatever the percent is."""
    both = {stated[1], again[1]}
    return both <= {"mg/mL", "mg/g"} and _differ(stated[0], again[0])


@cache
def _bounds() -> dict[tuple[str, str], tuple[Decimal, Decimal, str]]:
    rows = codes.rows("strength_bounds")
    return {(row["code"], row["unit"]): (Decimal(row["least"]), Decimal(row["most"]), row["name"]) for row in rows}


def _bounds_broken(amount: Amount, high: Amount | None, around: Around) -> Refusal | None:
    """More or less than a product of the form can hold, by `strength_bounds.csv`."""
    if amount.unit.dimension == "fraction" and (high or amount).value * amount.unit.factor > _most_percent(around):
        return Refusal(_IMPLAUSIBLE, "it is more than the whole")
    compared = comparable(amount.value, amount.unit, amount.per, around.basis)
    above = comparable(high.value, high.unit, amount.per, around.basis) if high is not None else compared
    if compared is None or above is None:
        return None
    bounds = _bounds().get((around.basis or "", compared[1])) or _bounds().get(("", compared[1]))
    if bounds is None or (bounds[0] <= compared[0] and above[0] <= bounds[1]):
        return None
    return Refusal(_IMPLAUSIBLE, f"it is {'less' if compared[0] < bounds[0] else 'more'} than {bounds[2]} holds")


def _most_percent(around: Around) -> Decimal:
    return Decimal(250) if around.basis == "liquid" else Decimal(100)


def _component(tokens: Tokens, amount: Amount, high: Amount | None, around: Around) -> tuple[Component, list[Refusal]]:
    reasons = _remarks(tokens, amount)
    compared = _compared(amount, around)
    above = comparable(high.value, high.unit, amount.per, around.basis) if high is not None else None
    if compared is None:
        reasons.append(Refusal(_NO_BASIS, "the form does not tell whether the percent is of mass or of volume"))
    elif above is not None and amount.unit.dimension == "radioactivity":
        reasons.append(Refusal(_ACTIVITY_RANGE, "the activity falls with time; the greatest is taken as comparable"))
        compared, above = above, None
    normalized = Quantity(compared[0], compared[1], above[0] if above else None) if compared is not None else None
    alternate, alternate_kind = _alternate(amount, around)
    component = Component(
        tokens.passage(amount.first, amount.after),
        kind_of(amount.unit, amount.per),
        _stated(amount, high),
        Quantity(amount.per[0], amount.per[1].code) if amount.per else None,
        normalized,
        rxnorm(normalized, amount.unit, around) if normalized is not None else None,
        beside=_beside(tokens, amount),
        unit=_unit_apart(tokens, amount),
        basis=_basis(tokens, amount, around.names),
        alternate=alternate,
        alternate_kind=alternate_kind,
    )
    return component, reasons


def _alternate(amount: Amount, around: Around) -> tuple[Quantity | None, str | None]:
    """The same strength said again; it shares the denominator if it is in other units or of another substance."""
    for kind, other in amount.alternates:
        is_shared = kind != "other_unit" or other.unit.dimension != amount.unit.dimension
        per = other.per or (amount.per if is_shared and other.unit.dimension != "fraction" else None)
        again = comparable(other.value, other.unit, per, around.basis)
        if again is not None and (is_shared or (amount.per is None) == (per is None)):
            return Quantity(*again), kind
    return None, None


def _unit_apart(tokens: Tokens, amount: Amount) -> str | None:
    """The words of the unit, and of the denominator, that stand apart from the number."""
    spans = [span for span in (amount.unit_span, amount.per_span) if span is not None]
    return tokens.passage(spans[0][0], spans[-1][1]).text if spans else None


def _basis(tokens: Tokens, amount: Amount, names: frozenset[str]) -> str | None:
    """The words beside an amount that say what it is of; the name of the drug itself does not."""
    end = min((other.first for _, other in amount.alternates), default=len(tokens))
    for words in (amount.behind, amount.before):
        for run in _runs([word for word in words if word[1] < end]):
            kept = run[1:] if run[0][0] == "of" and len(run) > 1 and run[1][0] == "name" else run
            text = tokens.passage(kept[0][1], kept[-1][2]).text
            if run[0][0] == "name" and amount.per is not None and run[0][1] >= amount.after:
                continue  # what the whole is: in 10 mL phosphate buffer
            if not any(fold(text) in name for name in names):
                return text
    return None


def _runs(words: list[Word]) -> Iterator[list[Word]]:
    """Words that stand together and of which one names a salt, a base or an element."""
    run: list[Word] = []
    for word in (*words, ("", -1, -1)):
        if word[0] in _OF_SUBSTANCE and (not run or word[1] == run[-1][2]):
            run.append(word)
            continue
        if any(role in _BASIS_WORDS for role, _, _ in run):
            yield run
        run = [word] if word[0] in _OF_SUBSTANCE else []


def _compared(amount: Amount, around: Around) -> tuple[Decimal, UnitCode] | None:
    """The comparable amount; a concentration that is stated beside a percent beats the rule of the percent."""
    if amount.unit.dimension == "fraction":
        for kind, other in amount.alternates:
            if kind == "concentration" and other.per is not None and other.per[1].dimension in ("volume", "mass"):
                return comparable(other.value, other.unit, other.per, around.basis)
    words = {role for role, _, _ in (*amount.before, *amount.behind)}
    basis = None if "by volume" in words else around.basis
    return comparable(amount.value, amount.unit, amount.per, basis)


def _beside(tokens: Tokens, amount: Amount) -> tuple[str, ...]:
    words = (
        " ".join(tokens.plain(first, after) for _, first, after in side) for side in (amount.before, amount.behind)
    )
    return tuple(side for side in words if side)


def _stated(amount: Amount, high: Amount | None) -> Quantity:
    if high is None:
        return Quantity(amount.value, amount.unit.code)
    factor = high.unit.factor / amount.unit.factor
    return Quantity(amount.value, amount.unit.code, high.value * factor)


def _remarks(tokens: Tokens, amount: Amount) -> list[Refusal]:
    """What is read and still worth saying, such as what ISMP calls error-prone."""
    found: list[Refusal] = []
    digits = tokens.keys[amount.first]
    after = amount.first + 1
    is_tight = (
        amount.unit_span is None and after < amount.after and tokens.is_tight(after) and tokens.kinds[after] == WORD
    )
    if is_tight:
        found.append(Refusal(_NO_SPACE, "no space stands between number and unit"))
    if digits.startswith("."):
        found.append(Refusal(_ERROR_PRONE, "the decimal point has no zero before it"))
    if "." in digits and digits.endswith("0"):
        found.append(Refusal(_ERROR_PRONE, "the number ends with a zero after the decimal point"))
    if amount.is_series:
        found.append(Refusal(_SERIES, "the text gives the first and the last of a series of strengths"))
    return found


# --- comparable amounts ----------------------

_PERCENT_OF = {
    "liquid": (Decimal(10), "mg/mL"),
    "semisolid": (Decimal(10), "mg/g"),
    "powder": (Decimal(10), "mg/g"),
    "volume": (Decimal("0.01"), "mL/mL"),
    "gas": (Decimal("0.01"), "mL/mL"),
}
_BELOW = {"volume": "mL", "mass": "g", "time": "h", "area": "cm2"}
_KIND = {"volume": "concentration", "mass": "concentration", "area": "concentration", "time": "rate"}
_RXNORM_BELOW = {"mL": "ML", "g": "MG", "h": "HR", "{actuation}": "ACTUAT", "cm2": "SQCM", "": ""}
_EXACT_DIGITS = 4  # RxNorm keeps 11.75 and 36.25 whole
_ROUNDED = Context(prec=3)


def kind_of(unit: Unit, per: Per | None) -> str:
    """`presentation`, `concentration`, `rate` or `potency`."""
    if unit.dimension == "potency":
        return "potency"
    if unit.dimension == "fraction":
        return "concentration"
    return "presentation" if per is None else _KIND.get(per[1].dimension, "presentation")


def comparable(value: Decimal, unit: Unit, per: Per | None, basis: str | None) -> tuple[Decimal, UnitCode] | None:
    """The comparable value and its UCUM unit; None if a percent has no basis. `basis` is that of the dose form.

    Mass becomes mg, volume mL, radioactivity MBq; a volume below becomes 1 mL, a mass 1 g, a time 1 h, an area 1 cm2,
    an actuation stays, any other unit of presentation is the dose unit. Arbitrary units, milliequivalents and counts
    are never converted. One percent is 10 mg/mL of a liquid and 10 mg/g of anything weighed (SNOMED CT editorial guide,
    patterns 3a and 3b).
    """
    if unit.dimension == "fraction":
        factor, code = _PERCENT_OF.get(unit.basis or basis or "", (None, ""))
        return None if factor is None else (value * unit.factor * factor, UnitCode(code))
    if per is None:
        return value * unit.factor, unit.base
    size, whole = per
    below = _BELOW.get(whole.dimension, whole.base if whole.base != "1" else "")
    divisor = size * whole.factor / (1000 if whole.dimension == "mass" else 1)
    return value * unit.factor / divisor, UnitCode(f"{unit.base}/{below}" if below else unit.base)


def rxnorm(normalized: Quantity, unit: Unit, around: Around) -> str | None:
    """The strength as RxNorm prints it: `1 MG/ML`, `0.167 MG/HR`. None for a range, and if RxNorm has no unit.

    What is weighed is printed `MG/MG`, but creams and lotions `MG/ML`, by the column `rxnorm_per` of dose_forms.csv.
    """
    top, _, below = normalized.unit.partition("/")
    name = "MG" if top == "mg" else unit.rxnorm
    if normalized.high is not None or not name or below not in _RXNORM_BELOW:
        return None
    value = normalized.value
    if top == "MBq":
        value, name = value / 37, "MCI"
    bottom = _RXNORM_BELOW[below]
    if below == "g" and around.form and codes.by_code("dose_forms")[around.form].get("rxnorm_per") == "ML":
        bottom = "ML"
    elif below == "g":
        value /= 1000
    return f"{_printed(value)} {name}/{bottom}" if bottom else f"{_printed(value)} {name}"


def _printed(value: Decimal) -> str:
    """Exact if it has four digits at most, else cut to three, as RxNorm does."""
    exact = value.normalize()
    if len(exact.as_tuple().digits) > _EXACT_DIGITS:
        exact = _ROUNDED.create_decimal(value).normalize()
    return f"{exact:f}"


# --- strengths printed in one way ------------


def print_strength(strength: Strength) -> str:
    """The strength as stated, so that it is read back the same: `400 mg/5 mL + 57 mg/5 mL`, `5-10 mg`.

    A component without a number prints its words.
    """
    return " + ".join(_print_component(component) for component in strength.components)


def _print_component(component: Component) -> str:
    if component.numerator is None:
        return component.place.text
    below = component.denominator
    stated = print_quantity(component.numerator)
    if below is None:
        return stated
    size = "" if below.value == 1 else f"{below.value.normalize():f} "
    return f"{stated}/{size}{_print_unit(below.unit)}"


def print_quantity(quantity: Quantity) -> str:
    """A quantity with its unit: `5 mg`, `5-10 mg`."""
    high = "" if quantity.high is None else f"-{quantity.high.normalize():f}"
    return f"{quantity.value.normalize():f}{high} {_print_unit(quantity.unit)}"


def _print_unit(code: str) -> str:
    """The UCUM code if it is a plain word, and else the unit's name."""
    return code if code.isalnum() or code == "%" else codes.by_code("units")[code]["name"]
