"""What a structured format lists beside what was read from the words: where the two differ, a finding says so.

Nothing is merged. A label may say more than it lists (all strengths of a drug, where one package is listed), so only
what is listed and was not read is a difference. Amounts are compared as `strengths` compares them; a potency, a count
of organisms or an amount in a unit that is in no table is not compared with anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from pipelines.records import Finding, FindingCode, ListedProduct, MonographReading
from schemas import codes

_CLOSE = Decimal("0.005")  # of a value: labels round
_POTENCY = "[hp_"
_PER_DOSE = ("", "/{actuation}")


def differences(read: MonographReading, listed: Sequence[ListedProduct]) -> Iterator[Finding]:
    """A finding for each listed strength, form and route that was not read; `row_no` counts what is listed, from 1."""
    found = {
        "dose_forms": {str(form.code) for form in read.forms if form.code},
        "routes": {str(route.code) for route in read.routes if route.code},
    }
    for row_no, row in enumerate(listed, start=1):
        yield from _strength(read, row, row_no)
        for table, code in (("dose_forms", row.dose_form_code), *(("routes", code) for code in row.route_codes)):
            if code and code not in found[table]:
                found[table].add(code)  # each is told once
                yield _missed(table, code, row_no)


def _missed(table: str, code: str, row_no: int) -> Finding:
    known = codes.by_code(table).get(code)
    message = f"the label lists {known['name'] if known else code}, which was not read from its text"
    finding_code = FindingCode("FORM_DIFFERS" if table == "dose_forms" else "ROUTE_DIFFERS")
    return Finding(finding_code, message, None, "listed_products", row_no)


def _strength(read: MonographReading, row: ListedProduct, row_no: int) -> Iterator[Finding]:
    if row.numerator_value is None:
        return
    said = f"{row.numerator_value.normalize():f} {row.numerator_unit}"
    if row.denominator_value is not None and (row.denominator_value != 1 or row.denominator_unit != "1"):
        said += f"/{row.denominator_value.normalize():f} {row.denominator_unit}"
    amount = listed_comparable(row)
    if amount is None:
        message = f"the listed strength {said} has no amount that could be compared with the text"
        yield Finding(FindingCode("LISTED_NOT_COMPARABLE"), message, None, "listed_products", row_no)
    elif not any(_is_same(amount, each) for each in _read_amounts(read)):
        message = f"the label lists {said}, which was not read from its text"
        yield Finding(FindingCode("STRENGTH_DIFFERS"), message, None, "listed_products", row_no)


def listed_comparable(row: ListedProduct) -> tuple[Decimal, str] | None:
    """The listed strength in milligrams, millilitres and so on, per 1 mL, 1 g or 1 h if it is not per dose unit.

    None for units of no table, for what is listed per unit of itself, and for a potency per amount: nobody divides it.
    """
    numerator = _in_base(row.numerator_value, row.numerator_unit)
    denominator = _in_base(row.denominator_value or Decimal(1), row.denominator_unit or "1")
    if numerator is None or denominator is None or not denominator[0]:
        return None
    value, unit = numerator
    if denominator[1] == "1":
        return value / denominator[0], unit
    if row.numerator_unit == row.denominator_unit or unit.startswith(_POTENCY):
        return None
    per = Decimal(1000) if denominator[1] == "mg" else Decimal(1)
    per_unit = "g" if denominator[1] == "mg" else denominator[1]
    return value / denominator[0] * per, f"{unit}/{per_unit}"


def _in_base(value: Decimal | None, unit: str | None) -> tuple[Decimal, str] | None:
    row = codes.by_code("units").get(unit or "")
    if value is None or row is None:
        return None
    return value * Decimal(row["factor"]), row["base_code"]


def _read_amounts(read: MonographReading) -> Iterator[tuple[Decimal, str]]:
    for strength in read.strengths:
        for component in strength.components:
            stated = component.numerator
            if stated is not None and stated.unit.startswith(_POTENCY):
                yield stated.value, stated.unit
            amount = component.normalized
            if amount is not None:
                yield amount.value, amount.unit
                if amount.high is not None:
                    yield amount.high, amount.unit


def _is_same(listed: tuple[Decimal, str], read: tuple[Decimal, str]) -> bool:
    value, unit = listed
    units = (unit,) if "/" in unit else tuple(f"{unit}{per}" for per in _PER_DOSE)
    return read[1] in units and abs(read[0] - value) <= _CLOSE * abs(value)
