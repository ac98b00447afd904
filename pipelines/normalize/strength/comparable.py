"""Amounts made comparable, and printed as RxNorm prints them.

Mass becomes mg, volume mL, radioactivity MBq; a volume below becomes 1 mL, a mass 1 g, a time 1 h, an area 1 cm2, an
actuation stays, any other unit of presentation is the dose unit. Arbitrary units, milliequivalents and counts are never
converted. One percent is 10 mg/mL of a liquid and 10 mg/g of anything weighed (SNOMED CT editorial guide, patterns 3a
and 3b).
"""

from __future__ import annotations

from decimal import Context, Decimal

from pipelines.normalize.strength.units import Unit
from pipelines.records import FindingCode, Quantity, UnitCode

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
_RXNORM_FACTOR = {"g": Decimal("0.001")}
_EXACT_DIGITS = 4  # RxNorm keeps 11.75 and 36.25 whole
_ROUNDED = Context(prec=3)

NO_BASIS = FindingCode("STRENGTH_NO_BASIS")


def kind_of(unit: Unit, per: tuple[Decimal, Unit] | None) -> str:
    """`presentation`, `concentration`, `rate` or `potency`."""
    if unit.dimension == "potency":
        return "potency"
    if unit.dimension == "fraction":
        return "concentration"
    return "presentation" if per is None else _KIND.get(per[1].dimension, "presentation")


def comparable(
    value: Decimal, unit: Unit, per: tuple[Decimal, Unit] | None, basis: str | None
) -> tuple[Decimal, UnitCode] | None:
    """The comparable value and its UCUM unit; None where a percent has no basis. `basis` is that of the dose form."""
    if unit.dimension == "fraction":
        factor, code = _PERCENT_OF.get(unit.basis or basis or "", (None, ""))
        return None if factor is None else (value * unit.factor * factor, UnitCode(code))
    if per is None:
        return value * unit.factor, unit.base
    size, whole = per
    below = _BELOW.get(whole.dimension, whole.base if whole.base != "1" else "")
    divisor = size * whole.factor / (1000 if whole.dimension == "mass" else 1)
    return value * unit.factor / divisor, UnitCode(f"{unit.base}/{below}" if below else unit.base)


def rxnorm(normalized: Quantity, unit: Unit) -> str | None:
    """The strength as RxNorm prints it: `1 MG/ML`, `0.167 MG/HR`. None for a range, and where RxNorm has no unit."""
    top, _, below = normalized.unit.partition("/")
    name = "MG" if top == "mg" else unit.rxnorm
    if normalized.high is not None or not name or below not in _RXNORM_BELOW:
        return None
    value = normalized.value
    if top == "MBq":
        value, name = value / 37, "MCI"
    printed = _printed(value * _RXNORM_FACTOR.get(below, Decimal(1)))
    return f"{printed} {name}/{_RXNORM_BELOW[below]}" if below else f"{printed} {name}"


def _printed(value: Decimal) -> str:
    exact = value.normalize()
    if len(exact.as_tuple().digits) > _EXACT_DIGITS and exact.adjusted() < _EXACT_DIGITS:
        exact = _ROUNDED.create_decimal(value).normalize()
    return f"{exact:f}"
