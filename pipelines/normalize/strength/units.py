"""Units as they are printed, by `units.csv` and `unit_synonyms.csv`. User text never reaches a UCUM parser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from pipelines.records import UnitCode
from schemas import codes


@dataclass(frozen=True, slots=True)
class Unit:
    """A UCUM unit: `factor` of it make one `base`. `scale` is what the printed word adds (million units: 10^6).

    `basis` is set where the word itself tells what a percent is of.
    """

    code: UnitCode
    dimension: str
    base: UnitCode
    factor: Decimal
    rxnorm: str
    scale: Decimal = Decimal(1)
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A word that is known and deliberately not a unit we read."""

    reason: str


def _unit(row: codes.Row) -> Unit | Unmapped:
    if not row["code"]:
        return Unmapped(row["note"])
    listed = codes.by_code("units")[row["code"]]
    return Unit(
        UnitCode(listed["code"]),
        listed["dimension"],
        UnitCode(listed["base_code"]),
        Decimal(listed["factor"]),
        listed["rxnorm_unit"],
        Decimal(row["factor"]),
        row["basis"],
    )


_ROWS = codes.rows("unit_synonyms")
_EXACT = {row["text"]: _unit(row) for row in _ROWS if row["case"]}
_FOLDED = {codes.fold(row["text"]): _unit(row) for row in _ROWS if not row["case"]}
_PIECE = re.compile(r"[^\W\d_]\w*|\S")


def _longest() -> dict[str, int]:
    """How many tokens the longest unit takes that begins with a word."""
    longest: dict[str, int] = {}
    for text in (*_FOLDED, *map(codes.fold, _EXACT)):
        pieces = _PIECE.findall(text)
        longest[pieces[0]] = max(longest.get(pieces[0], 0), len(pieces))
    return longest


_LONGEST = _longest()


def most_tokens(first: str) -> int:
    """How many tokens a unit may take that begins with a word; 0 where no unit does."""
    folded = codes.fold(first)
    return _LONGEST.get(folded, 1 if folded in _FOLDED else 0)


def unit_named(text: str) -> Unit | Unmapped | None:
    """The unit of a printed word or words, or None where they are no unit."""
    found = _EXACT.get(text)
    return found if found is not None else _FOLDED.get(text) or _FOLDED.get(codes.fold(text))


def unit_coded(code: str) -> Unit:
    """The unit of a UCUM code of `units.csv`; raises KeyError where the list has none."""
    unit = _unit({"code": code, "factor": "1", "basis": "", "note": ""})
    if isinstance(unit, Unmapped):
        raise KeyError(code)
    return unit
