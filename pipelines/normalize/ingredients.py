"""Which ingredient a component of a strength is of, where the words tell.

    name        = ingredient { ( "+" | "/" | ";" | "," | "and" | "with" ) ingredient }

A drug of one ingredient gives its name to every strength of one component. In a combination the name must stand beside
the amount; the order of the ingredients in the name says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from pipelines.records import Component, Name, Strength
from schemas.codes import fold

_BETWEEN = re.compile(r"\s*(?:[+;,/]|\band\b|\bwith\b|&)\s*", re.IGNORECASE)
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


def ingredients_of(name: Name) -> tuple[str, ...]:
    """The ingredients of a generic name, in its order."""
    parts = _BETWEEN.split(_BRACKETS.sub(" ", name.generic_name))
    return tuple(part.strip() for part in parts if part.strip())


def with_ingredients(strengths: Iterable[Strength], name: Name) -> tuple[Strength, ...]:
    """Strengths whose components carry their ingredient where it is stated."""
    names = ingredients_of(name)
    return tuple(
        replace(strength, components=tuple(_named(c, len(strength.components), names) for c in strength.components))
        for strength in strengths
    )


def without_ingredients(strengths: Iterable[Strength]) -> tuple[Strength, ...]:
    """Strengths of a product whose only name is one of a trade: it tells no ingredient."""
    return tuple(
        replace(strength, components=tuple(replace(component, ingredient=None) for component in strength.components))
        for strength in strengths
    )


def _named(component: Component, components: int, names: tuple[str, ...]) -> Component:
    if len(names) == 1 and components == 1:
        return replace(component, ingredient=names[0])
    beside = {name for words in component.beside for name in names if fold(name) in fold(words)}
    return replace(component, ingredient=beside.pop()) if len(beside) == 1 else component
