"""Strengths: printed words to comparable amounts.

`read_strengths` is the only door: text and what is known around it in, strengths and reasons out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from pipelines.normalize.plain import Plain, plain
from pipelines.normalize.strength.amount import NOT_STRENGTH, UNREAD, Amount, Dose, Refusal
from pipelines.normalize.strength.comparable import NO_BASIS, comparable, kind_of, rxnorm
from pipelines.normalize.strength.grammar import read_dose
from pipelines.normalize.strength.groups import EXCIPIENT, Grouped, group, is_of_excipient
from pipelines.normalize.strength.numbers import writes_decimal_commas
from pipelines.normalize.strength.quantities import JOINTS
from pipelines.normalize.strength.simple import simple_dose
from pipelines.normalize.strength.tokens import tokens_of
from pipelines.records import Component, Finding, FindingCode, Passage, Quantity, Strength
from schemas.codes import fold

_INCONSISTENT = FindingCode("STRENGTH_INCONSISTENT")
_ACTIVITY_RANGE = FindingCode("STRENGTH_ACTIVITY_RANGE")
_SERIES = FindingCode("STRENGTH_SERIES")
_NO_SPACE = FindingCode("STRENGTH_NO_SPACE")
_ERROR_PRONE = FindingCode("STRENGTH_ERROR_PRONE")
_TOLERANCE = Decimal("0.01")
_WEIGHED = frozenset({"semisolid", "powder"})
_GIVEN = frozenset({"dosing", "instruction", "measurement"})
_WORN = frozenset({"patch", "device"})


@dataclass(frozen=True, slots=True)
class Around:
    """What is known around a printed dose.

    `basis` is the strength basis of its form (see dose_forms.csv), `ingredients` how many the drug has (0 where that is
    not known), `decimal_comma` whether the document writes commas for decimals, and `names` the folded names of the
    drug and its ingredients: an excipient that the drug is named after is none.
    """

    basis: str | None = None
    ingredients: int = 0
    decimal_comma: bool = False
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class StrengthReading:
    """Strengths in order, and findings. A finding's `row_no` is the ordinal of its strength in this reading."""

    strengths: tuple[Strength, ...]
    findings: tuple[Finding, ...]
    is_unquantified: bool = False


def read_strengths(words: Passage, around: Around) -> StrengthReading:
    """Every strength that a printed dose states. Never raises; what is not certain is a finding and a null.

    >>> reading = read_strengths(Passage("5 mg/5 mL"), Around())
    >>> str(reading.strengths[0].components[0].normalized.value), reading.strengths[0].components[0].rxnorm
    ('1', '1 MG/ML')
    """
    reading = _read(words.text, _named_in(words.text, around) if around.names else around)
    return reading if not words.start else _moved(reading, words.start)


def speaks_of_doses(label: str) -> bool:
    """Whether a label such as `Adults` or `Maximum dose` says that what follows is to be given."""
    return any(token.kind in _GIVEN for token in tokens_of(plain(label).text, decimal_comma=False))


def expects_more(line: str) -> bool:
    """Whether a line ends where an amount goes on: `30 mg in`, `5 mg +`, `5 mg;`."""
    tokens = tokens_of(plain(line).text, decimal_comma=False)
    return bool(tokens) and (tokens[-1].kind in (*JOINTS, "in") or tokens[-1].text in (*JOINTS, "("))


def _named_in(text: str, around: Around) -> Around:
    """The same with the names alone that stand in the text: doses without a name are read once for all drugs."""
    words = fold(text)
    return replace(around, names=frozenset(name for name in around.names if name in words))


def _moved(reading: StrengthReading, by: int) -> StrengthReading:
    """The reading of the same words that stand elsewhere; built field by field, since this is the common path."""
    strengths = tuple(Strength(tuple(_moved_component(c, by) for c in s.components)) for s in reading.strengths)
    findings = tuple(
        Finding(f.code, f.message, Passage(f.place.text, f.place.start + by) if f.place else None, f.table, f.row_no)
        for f in reading.findings
    )
    return StrengthReading(strengths, findings, reading.is_unquantified)


def _moved_component(c: Component, by: int) -> Component:
    place = Passage(c.place.text, c.place.start + by)
    return Component(place, c.kind, c.numerator, c.denominator, c.normalized, c.rxnorm, c.ingredient, c.beside)


def states_amount(text: str) -> bool:
    """Whether a text holds a number with a unit of a substance."""
    return bool(read_dose(plain(text).text).amounts) if any(c.isdigit() for c in text) else False


@lru_cache(maxsize=8192)
def _read(text: str, around: Around) -> StrengthReading:
    as_plain = plain(text)
    weighed = around.basis in _WEIGHED
    dose = simple_dose(as_plain.text) or read_dose(
        as_plain.text, decimal_comma=around.decimal_comma, is_weighed=weighed
    )
    strengths: list[Strength] = []
    findings: list[Finding] = []
    for grouped in group(_active(dose, around), around.ingredients):
        for amount in grouped.amounts:
            amount.refusal = amount.refusal or _doubt(amount, around)
        if all(a.refusal is not None and a.refusal.code == NOT_STRENGTH for a in grouped.amounts):
            dose.not_strengths += [(a.start, a.end, a.refusal) for a in grouped.amounts if a.refusal]
            continue
        strength, reasons = _strength(text, as_plain, grouped, around)
        strengths.append(strength)
        findings += [replace(f, table="strengths", row_no=len(strengths)) for f in reasons]
    findings += [_finding(text, as_plain, start, end, why) for start, end, why in dose.not_strengths]
    return StrengthReading(tuple(strengths), tuple(findings), dose.is_unquantified)


def _active(dose: Dose, around: Around) -> list[Amount]:
    """The amounts without those of excipients, which are kept as no strengths."""
    kept = []
    for amount in dose.amounts:
        if is_of_excipient(amount, around.names):
            dose.not_strengths.append((amount.start, amount.end, EXCIPIENT))
        else:
            kept.append(amount)
    return kept


def _passage(text: str, as_plain: Plain, start: int, end: int) -> Passage:
    return Passage(text).part(as_plain.back(start), as_plain.back_end(end))


def _finding(text: str, as_plain: Plain, start: int, end: int, why: Refusal) -> Finding:
    return Finding(why.code, f"Not read as a strength: {why.message}.", _passage(text, as_plain, start, end))


def _strength(text: str, as_plain: Plain, grouped: Grouped, around: Around) -> tuple[Strength, list[Finding]]:
    components: list[Component] = []
    findings: list[Finding] = []
    for amount, high in zip(grouped.amounts, grouped.highs, strict=True):
        place = _passage(text, as_plain, amount.start, amount.end)
        why = amount.refusal
        if why is not None:
            components.append(Component(place, "unquantified"))
            findings.append(Finding(why.code, f"Not read as a strength: {why.message}.", place))
            continue
        component, reason = _component(place, amount, high, around)
        components.append(component)
        findings += [Finding(r.code, f"{r.message[0].upper()}{r.message[1:]}.", place) for r in reason]
    return Strength(tuple(components)), findings


def _doubt(amount: Amount, around: Around) -> Refusal | None:
    """Why an amount that the grammar allows is still not a strength of this form."""
    if amount.per is not None and amount.per[1].dimension == "time" and around.basis not in _WORN:
        return Refusal(NOT_STRENGTH, "an amount per time, and the form is not one that is worn")
    if amount.alternates and _contradicts(amount, around):
        return Refusal(_INCONSISTENT, "the amount is stated twice and the two differ")
    if amount.value == 0:
        return Refusal(UNREAD, "the amount is nought")
    return None


def _contradicts(amount: Amount, around: Around) -> bool:
    stated = comparable(amount.value, amount.unit, amount.per, around.basis)
    for other in amount.alternates:
        again = comparable(other.value, other.unit, other.per, around.basis)
        if stated and again and stated[1] == again[1] and abs(stated[0] - again[0]) > _TOLERANCE * abs(stated[0]):
            return True
    return False


def _component(place: Passage, amount: Amount, high: Amount | None, around: Around) -> tuple[Component, list[Refusal]]:
    kind = kind_of(amount.unit, amount.per)
    stated = _stated(amount, high)
    denominator = Quantity(amount.per[0], amount.per[1].code) if amount.per else None
    reasons = _remarks(amount, place)
    basis = _percent_basis(amount, around)
    compared = comparable(amount.value, amount.unit, amount.per, basis)
    if compared is None:
        reasons.append(Refusal(NO_BASIS, "the form does not tell whether the percent is of mass or of volume"))
        return Component(place, kind, stated, denominator, beside=_beside(amount)), reasons
    above = comparable(high.value, high.unit, amount.per, basis) if high is not None else None
    if above is not None and amount.unit.dimension == "radioactivity":
        reasons.append(Refusal(_ACTIVITY_RANGE, "the activity falls with time; the greatest is taken as comparable"))
        compared, above = above, None
    normalized = Quantity(compared[0], compared[1], above[0] if above else None)
    printed = rxnorm(normalized, amount.unit)
    return Component(place, kind, stated, denominator, normalized, printed, beside=_beside(amount)), reasons


def _beside(amount: Amount) -> tuple[str, ...]:
    words = (" ".join(token.text for token in tokens) for tokens in (amount.before, amount.after))
    return tuple(side for side in words if side)


def _stated(amount: Amount, high: Amount | None) -> Quantity:
    if high is None:
        return Quantity(amount.value, amount.unit.code)
    factor = high.unit.factor / amount.unit.factor
    return Quantity(amount.value, amount.unit.code, high.value * factor)


def _percent_basis(amount: Amount, around: Around) -> str | None:
    words = {token.kind for token in (*amount.before, *amount.after)}
    return None if "by volume" in words else around.basis


def _remarks(amount: Amount, place: Passage) -> list[Refusal]:
    """What is read and still worth saying, such as what ISMP calls error-prone."""
    found: list[Refusal] = []
    if amount.own_unit and amount.digits and place.text[len(amount.digits) : len(amount.digits) + 1].isalpha():
        found.append(Refusal(_NO_SPACE, "no space stands between number and unit"))
    if amount.digits.startswith("."):
        found.append(Refusal(_ERROR_PRONE, "the decimal point has no zero before it"))
    if "." in amount.digits and amount.digits.endswith("0"):
        found.append(Refusal(_ERROR_PRONE, "the number ends with a zero after the decimal point"))
    if amount.is_series:
        found.append(Refusal(_SERIES, "the text gives the first and the last of a series of strengths"))
    return found


__all__ = [
    "Around",
    "StrengthReading",
    "expects_more",
    "read_strengths",
    "speaks_of_doses",
    "states_amount",
    "writes_decimal_commas",
]
