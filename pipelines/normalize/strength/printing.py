"""Strengths printed in one way, so that what is printed is read back the same.

5 mg/5 mL        400 mg/5 mL + 57 mg/5 mL        5-10 mg        1000 international unit/mL        90 ug/actuation
"""

from __future__ import annotations

from decimal import Decimal

from pipelines.records import Component, Quantity, Strength
from schemas import codes


def print_strength(strength: Strength) -> str:
    """The strength as stated: components joined by +. A component without a number prints its words."""
    return " + ".join(_component(component) for component in strength.components)


def _component(component: Component) -> str:
    if component.numerator is None:
        return component.place.text
    stated = print_quantity(component.numerator)
    below = component.denominator
    if below is None:
        return stated
    size = "" if below.value == 1 else f"{_number(below.value)} "
    return f"{stated}/{size}{_unit(below.unit)}"


def print_quantity(quantity: Quantity) -> str:
    """A quantity with its unit: `5 mg`, `5-10 mg`."""
    high = "" if quantity.high is None else f"-{_number(quantity.high)}"
    return f"{_number(quantity.value)}{high} {_unit(quantity.unit)}"


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _unit(code: str) -> str:
    """The UCUM code where it is a plain word, and else the unit's name."""
    return code if code.isalnum() or code == "%" else codes.by_code("units")[code]["name"]
