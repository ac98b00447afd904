"""Strengths: the words of one printed dose to comparable amounts. `read_strengths` is the only door.

`dose_amounts` reads the amounts; here they are put together to ranges, combinations and lists, checked against what a
product of the form can hold, made comparable, and printed as RxNorm prints them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from functools import cache
from itertools import pairwise, takewhile

from pipelines.lexer import NUMBER, WORD, Cursor, Tokens
from pipelines.normalize.dose_amounts import SHARE, read_amounts
from pipelines.normalize.dose_words import OPEN, SIZE, WORN, Around, Dose, Per, Word, role_of, word_roles
from pipelines.normalize.quantities import ACTUATION, AMBIGUOUS, NOT_STRENGTH, UNREAD, Amount, Refusal, Unit, joints
from pipelines.records import Component, Finding, FindingCode, Passage, Quantity, Strength, UnitCode
from schemas import codes
from schemas.codes import fold

_INCONSISTENT = FindingCode("STRENGTH_INCONSISTENT")
_IMPLAUSIBLE = FindingCode("STRENGTH_IMPLAUSIBLE")
_ACTIVITY_RANGE = FindingCode("STRENGTH_ACTIVITY_RANGE")
_SERIES = FindingCode("STRENGTH_SERIES")
_NO_SPACE = FindingCode("STRENGTH_NO_SPACE")
_ERROR_PRONE = FindingCode("STRENGTH_ERROR_PRONE")
_NO_BASIS = FindingCode("STRENGTH_NO_BASIS")

_LISTED = frozenset({",", ";", "and", "or"})
_WIDEST_STEP = 4  # times: from one strength of a drug to the next
_WIDEST = 20  # times: no range of strengths is wider
_TOLERANCE = Decimal("0.01")
_GIVEN = frozenset({"dosing", "instruction", "measurement"})
_BASIS_WORDS = frozenset({"salt", "basis", "element"})
_OF_SUBSTANCE = _BASIS_WORDS | {"equivalent", "of", "name"}
_EXCIPIENT = Refusal(NOT_STRENGTH, "the amount of an excipient")
EXCIPIENT_AMOUNT = f"Not read as a strength: {_EXCIPIENT.message}."
_DOSE = Refusal(NOT_STRENGTH, "a dose to be given")


@dataclass(frozen=True, slots=True)
class StrengthReading:
    """Strengths in order, and findings. A finding's `row_no` is the ordinal of its strength in this reading."""

    strengths: tuple[Strength, ...]
    findings: tuple[Finding, ...]
    is_unquantified: bool = False


# --- the door --------------------------------


def read_strengths(tokens: Tokens, first: int, after: int, around: Around) -> StrengthReading:
    """Every strength that a printed dose states. Never raises; what is not certain is a finding and a null.

    >>> tokens = cut(read_text("5 mg/5 mL"))
    >>> reading = read_strengths(tokens, 0, len(tokens), Around())
    >>> str(reading.strengths[0].components[0].normalized.value), reading.strengths[0].components[0].rxnorm
    ('1', '1 MG/ML')
    """
    dose = read_amounts(Cursor(tokens, first, after), around)
    strengths: list[Strength] = []
    findings: list[Finding] = []
    for grouped in _group(_active(dose), dose):
        _refuse_by_form(grouped, around)
        if all(a.refusal is not None and a.refusal.code == NOT_STRENGTH for a in grouped.amounts):
            dose.asides += [(a.first, a.after, a.refusal) for a in grouped.amounts if a.refusal]
            continue
        strength, reasons = _strength(tokens, grouped, around, len(strengths) + 1)
        strengths.append(strength)
        findings += reasons
    findings += [_finding(tokens.passage(begins, ends), why) for begins, ends, why in dose.asides]
    return StrengthReading(tuple(strengths), tuple(findings), dose.is_unquantified)


def speaks_of_doses(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a label such as `Adults` or `Maximum dose` says that what follows is to be given."""
    return any(role in _GIVEN for _, _, role in word_roles().find(tokens, first, after))


def expects_more(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a line ends where an amount goes on: `30 mg in`, `5 mg +`, `5 mg;`."""
    if first >= after:
        return False
    key = tokens.keys[after - 1]
    return key in joints() or key in OPEN or role_of(tokens, after - 1, after)[0] in ("in", "per")


def states_amount(tokens: Tokens, first: int, after: int) -> bool:
    """Whether some words hold a number with a unit of a substance."""
    if not any(tokens.kinds[at] == NUMBER for at in range(first, after)):
        return False
    return bool(read_amounts(Cursor(tokens, first, after), Around()).amounts)


def _finding(place: Passage, why: Refusal, row_no: int | None = None) -> Finding:
    table = "strengths" if row_no is not None else None
    return Finding(why.code, f"Not read as a strength: {why.message}.", place, table, row_no)


# --- amounts to strengths --------------------


@dataclass(slots=True)
class _Grouped:
    """A strength: its amounts, each with the high end of a range or None."""

    amounts: list[Amount]
    highs: list[Amount | None]


def _active(dose: Dose) -> list[Amount]:
    """The amounts without those of excipients, which are kept as no strengths."""
    kept = []
    is_parted = any(amount.per is not None or amount.unit.dimension == "fraction" for amount in dose.amounts)
    is_sprayed = any(amount.per is not None and amount.per[1].code == ACTUATION for amount in dose.amounts)
    for amount in dose.amounts:
        is_pack = amount.unit.code == "g" and (amount.per is None or amount.per[1].code == ACTUATION)
        is_weighed = dose.around.basis == "semisolid" or (is_parted and dose.around.basis == "metered")
        if is_pack and (is_weighed or is_sprayed):
            dose.asides.append((amount.first, amount.after, SIZE))
        elif _is_of_excipient(dose, amount):
            dose.asides.append((amount.first, amount.after, _EXCIPIENT))
        else:
            kept.append(amount)
    return kept


def _is_of_excipient(dose: Dose, amount: Amount) -> bool:
    """Whether an excipient stands with the amount, and it is none of the active ingredients."""
    beside = amount.behind if dose.around.is_active else (*amount.before, *amount.behind)
    roles = {"excipient", "by volume"} if len(dose.amounts) > 1 else {"excipient"}  # the alcohol that a drug is in
    words = {_words(dose.tokens, word) for word in beside if word[0] in roles} if beside else set()
    return bool(words) and not any(word in name for word in words for name in dose.around.names)


def _words(tokens: Tokens, word: Word) -> str:
    return fold(tokens.plain(word[1], word[2]))


def _group(amounts: list[Amount], dose: Dose) -> list[_Grouped]:
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
    if len(amounts) < 2:  # noqa: PLR2004  nothing to put together
        return [_Grouped(amounts, [None]) for _ in amounts]
    _refuse_pack_sizes(amounts)
    _refuse_mixes(amounts, dose)
    amounts = _without_bases(amounts, ingredients)
    for before, amount in pairwise(amounts):
        if dose.around.is_one_drug and amount.joint == "/" and _may_be_next(before, amount):
            amount.refuse(Refusal(AMBIGUOUS, "it may be a combination or the next strength of one drug"))
    strengths = _combinations(_ranges(_without_repeats(amounts), ingredients), ingredients, dose.tokens)
    if ingredients == 2:  # noqa: PLR2004
        _share_partner(strengths, dose.tokens)
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
            amount.refuse(SIZE)


def _refuse_mixes(amounts: list[Amount], dose: Dose) -> None:
    """`25% insulin lispro and 75% insulin lispro protamine`: shares of a mix, which make the whole."""
    shares = [amount for amount in amounts if amount.unit.code == "%" and amount.per is None]
    if len(shares) > 1 and sum(share.value for share in shares) == 100 and dose.around.basis not in ("gas", "volume"):  # noqa: PLR2004
        for share in shares:
            share.refuse(SHARE)


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
        between = {role for role, _, _ in amount.before}
        beside = kept and amount.joint == "" and between <= _BASIS_WORDS | {"equivalent", "of"}
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
            if low.refusal is not None:
                amount.refuse(low.refusal)  # `ranges from 100 mg to 400 mg`
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
    if ingredients == 0 and high.joint == "-" and low.unit_span is None:
        low.refuse(Refusal(AMBIGUOUS, "it may be a range or a combination"))
    if high.joint == "to" or low.unit.dimension != high.unit.dimension:
        return high.joint == "-" and low.unit.dimension != high.unit.dimension
    descends = high.value * high.unit.factor <= low.value * low.unit.factor
    return ingredients == 2 or (descends and low.unit_span is None and ingredients != 1)  # noqa: PLR2004


def _range(low: Amount, high: Amount) -> tuple[Amount, Amount | None]:
    if high.value * high.unit.factor <= low.value * low.unit.factor or low.unit.base != high.unit.base:
        low.refuse(Refusal(UNREAD, "the range does not ascend"))
    if low.per is None and high.value * high.unit.factor > _WIDEST * low.value * low.unit.factor:
        low.refuse(Refusal(AMBIGUOUS, "it is too wide for a range and may be a combination"))
    if low.per is not None and low.per != high.per:
        low.refuse(Refusal(UNREAD, "the ends of the range are in different amounts or times"))
    if high.refusal is not None:
        low.refuse(high.refusal)
    low.after, low.per, low.per_span, low.unit_span = high.after, high.per, high.per_span, None
    low.behind = [*low.behind, *high.behind]
    return low, high


def _combinations(ranged: list[tuple[Amount, Amount | None]], ingredients: int, tokens: Tokens) -> list[_Grouped]:
    joints_between = {amount.joint for amount, _ in ranged[1:]}
    is_list = joints_between == {",", "and"} and all(_has_name(amount) for amount, _ in ranged)  # `…, … and …`
    is_one = len(ranged) == ingredients > 1 and (len(joints_between) == 1 or is_list)
    is_one = is_one and joints_between <= {",", ";", "and", ""}
    is_one = is_one and (joints_between != {""} or all(_name_before(tokens, amount) for amount, _ in ranged))
    strengths: list[_Grouped] = []
    for amount, high in ranged:
        if strengths and (is_one or _joins(strengths[-1].amounts[-1], amount, ingredients, tokens)):
            strengths[-1].amounts.append(amount)
            strengths[-1].highs.append(high)
        else:
            strengths.append(_Grouped([amount], [high]))
    return strengths


def _has_name(amount: Amount) -> bool:
    """Whether the name of a substance stands beside an amount."""
    return any(role in ("name", "salt", "element") for role, _, _ in (*amount.before, *amount.behind))


def _may_be_next(low: Amount, high: Amount) -> bool:
    """`250 mg/500 mg` of one drug: amounts of one unit, close to each other, that ascend."""
    is_alike = low.unit == high.unit and low.per == high.per and low.unit_span is None
    return is_alike and low.value < high.value <= _WIDEST_STEP * low.value


def _share_partner(strengths: list[_Grouped], tokens: Tokens) -> None:
    """`1%; 2% + epinephrine 1:200 000` of a drug of two ingredients: the partner at the end of the list is that of all.

    A strength of one ingredient beside pairs is else a part of one, and not read.
    """
    pair: _Grouped | None = None
    for strength in reversed(strengths):
        if len(strength.amounts) == 2:  # noqa: PLR2004
            pair = strength
        elif pair is not None and len(strength.amounts) == 1:
            first, partner = pair.amounts
            is_listed = partner.joint == "+" and first.joint in _LISTED and first.unit == strength.amounts[0].unit
            if is_listed and (_name_before(tokens, partner) or _name_behind(tokens, partner)):
                strength.amounts.append(replace(partner, before=list(partner.before), behind=list(partner.behind)))
                strength.highs.append(pair.highs[1])
            else:
                strength.amounts[0].refuse(Refusal(AMBIGUOUS, "it may be a part of a combination"))


def _joins(before: Amount, amount: Amount, ingredients: int, tokens: Tokens) -> bool:
    if amount.joint in ("-", "to"):
        return True
    if amount.joint == "/" and before.unit_span is not None:
        return ingredients != 1
    if amount.joint == "and" and ingredients > 1:
        return _are_named_apart(tokens, before, amount)
    return amount.joint in ("+", "/")


def _refuse_named_apart(strengths: list[_Grouped], dose: Dose) -> None:
    """Amounts that are each beside a name of their own may be strengths of two drugs or one combination.

    So may all that are listed with them: in `Xyl 6X, 12X, 30X, Yzl 6X, 12X` each number is of one of two substances.
    """
    why = Refusal(AMBIGUOUS, "it may be of a combination, of a list or of another drug")
    if any(_is_of_another(dose, former, latter) for former, latter in pairwise(strengths)):
        for amount in (amount for strength in strengths for amount in strength.amounts):
            amount.refuse(why)


def _is_of_another(dose: Dose, former: _Grouped, latter: _Grouped) -> bool:
    is_listed = latter.amounts[0].joint in ("and", ",", "")
    is_apart = _are_named_apart(dose.tokens, former.amounts[0], latter.amounts[0])
    return is_listed and (is_apart or _names_another(dose, former, latter))


def _names_another(dose: Dose, former: _Grouped, latter: _Grouped) -> bool:
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
    return _words(tokens, words[-1]) if words and words[-1][0] in ("name", "basis", "salt", "excipient") else ""


# --- strengths to components -----------------


def _strength(tokens: Tokens, grouped: _Grouped, around: Around, row_no: int) -> tuple[Strength, list[Finding]]:
    components: list[Component] = []
    findings: list[Finding] = []
    for amount, high in zip(grouped.amounts, grouped.highs, strict=True):
        place = tokens.passage(amount.first, amount.after)
        if amount.refusal is not None:
            components.append(Component(place, "unquantified"))
            findings.append(_finding(place, amount.refusal, row_no))
            continue
        component, reasons = _component(tokens, place, amount, high, around)
        components.append(component)
        for why in reasons:
            message = f"{why.message[0].upper()}{why.message[1:]}."
            findings.append(Finding(why.code, message, place, "strengths", row_no))
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
    if amount.per is not None and amount.per[1].dimension == "time" and around.basis not in WORN:
        return Refusal(NOT_STRENGTH, "an amount per time, and the form is not one that is worn")
    if _contradicts(amount, around):
        return Refusal(_INCONSISTENT, "the amount is stated twice and the two differ")
    if amount.value == 0:
        return Refusal(UNREAD, "the amount is nought")
    return _bounds_broken(amount, high, around)


def _contradicts(amount: Amount, around: Around) -> bool:
    stated = comparable(amount.value, amount.unit, amount.per, around.basis) if amount.alternates else None
    for kind, other in amount.alternates:
        again = comparable(other.value, other.unit, other.per, around.basis)
        if stated is None or again is None:
            continue
        if stated[1] == again[1] and kind in ("other_unit", "concentration") and _differ(stated[0], again[0]):
            return True
        is_of_other = other.unit.dimension == "fraction" and kind in ("salt", "base", "element")
        if amount.unit.dimension == "fraction" and not is_of_other and _differ_by_percent(stated, again):
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


def _component(
    tokens: Tokens, place: Passage, amount: Amount, high: Amount | None, around: Around
) -> tuple[Component, list[Refusal]]:
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
        place,
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
    """The words beside an amount that say what it is of; the name of the drug itself does not.

    Of `a salt equivalent to 5 mg of its base` the amount is of the base, whatever the drug is called.
    """
    end = min((other.first for _, other in amount.alternates), default=len(tokens))
    equal = next((word for word in reversed(amount.before) if word[0] == "equivalent"), None)
    if equal is not None:
        behind = [word for word in amount.before if word[1] >= equal[2]] or [w for w in amount.behind if w[1] < end]
        named = list(takewhile(lambda word: word[0] in _OF_SUBSTANCE, (w for w in behind if w[0] != "of")))
        return tokens.passage(named[0][1], named[-1][2]).text if named else None
    for words in (side for side in (amount.behind, amount.before) if side):
        for run in _runs([word for word in words if word[1] < end]):
            kept = run[1:] if run[0][0] == "of" and len(run) > 1 and run[1][0] == "name" else run
            kept = kept[:-1] if len(kept) > 1 and kept[-1][0] == "equivalent" else kept
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
    sides = (side for side in (amount.before, amount.behind) if side)
    words = (" ".join(tokens.plain(first, after) for _, first, after in side) for side in sides)
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


__all__ = [
    "Around",
    "StrengthReading",
    "comparable",
    "expects_more",
    "print_quantity",
    "print_strength",
    "read_strengths",
    "rxnorm",
    "speaks_of_doses",
    "states_amount",
]
