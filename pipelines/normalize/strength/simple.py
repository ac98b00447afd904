"""The plainest doses in one match: `5 mg`, `5mg`, `100 units/mL`, `5 mg/5 mL`.

Most printed doses are of this kind. What is read here is what the grammar would read, only sooner; whatever is not
certain at a glance is left to the grammar.
"""

from __future__ import annotations

import re
from decimal import Decimal

from pipelines.normalize.strength.amount import Amount, Dose
from pipelines.normalize.strength.units import Unit, unit_named

_SIMPLE = re.compile(
    r"""(?P<number> \d{1,5} (?: \.\d{1,4} )? ) [ ]? (?P<unit> [A-Za-z]+ | % )
        (?: / (?P<size> \d{1,4} (?: \.\d{1,3} )? )? [ ]? (?P<whole> [A-Za-z]+ ) )?""",
    re.VERBOSE,
)
_SUBSTANCES = frozenset(
    {"mass", "amount of substance", "equivalents", "osmoles", "arbitrary", "count", "radioactivity", "fraction"}
)
_WHOLES = frozenset({"volume", "time", "presentation"})


def simple_dose(text: str) -> Dose | None:
    """The dose, or None where the text is not of the plainest kind."""
    found = _SIMPLE.fullmatch(text)
    if found is None or _has_three_decimals(found["number"]) or _has_three_decimals(found["size"] or ""):
        return None
    unit = unit_named(found["unit"])
    if not isinstance(unit, Unit) or unit.dimension not in _SUBSTANCES or unit.basis:
        return None
    amount = Amount(Decimal(found["number"]) * unit.scale, unit, 0, found.end(), digits=found["number"])
    if found["whole"] is None:
        return Dose([amount])
    whole = unit_named(found["whole"])
    size = Decimal(found["size"] or 1)
    if not isinstance(whole, Unit) or whole.dimension not in _WHOLES or not size:
        return None
    amount.per = (size * whole.scale, whole)
    return Dose([amount])


def _has_three_decimals(number: str) -> bool:
    """`1.000` and `1.250` may be thousands in some documents."""
    return number[-4:-3] == "."
