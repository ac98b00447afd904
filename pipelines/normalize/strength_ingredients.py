"""The ingredients of strengths: which substance of the name each amount is of.

    name = ingredient { ( "+" | "/" | ";" | "," | "and" | "with" | "&" ) ingredient }

A drug of one ingredient gives its name to every strength of one component. In a combination the name must stand beside
the amount; amounts that are each of one ingredient, and that nothing tells together, are no strengths of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from pipelines.lexer import cut, cut_words, read_text
from pipelines.normalize.distinct_strengths import (
    is_quantified,
)
from pipelines.normalize.name_words import name_words_with_role
from pipelines.normalize.quantities import (
    unit_coded,
)
from pipelines.records import (
    Component,
    Name,
    Passage,
    Strength,
)
from schemas.codes import fold
from schemas.codes.folding import tidy

SHORTEST_WORD = 4  # letters of a word of a name


def words_beside(part: Component) -> frozenset[str]:
    """The folded words that stand beside an amount and may name a substance."""
    words = {word for words in part.beside for word in cut_words(fold(words)) if len(word) >= SHORTEST_WORD}
    return frozenset(words - name_words_with_role("no name"))  # `either 25 mg or 50 mg`


def ingredients_of(name: Name) -> tuple[str, ...]:
    """The ingredients of a generic name, in its order.

    name = ingredient { ( "+" | "/" | ";" | "," | "and" | "with" | "&" ) ingredient }; brackets say something else.
    """
    tokens = cut(read_text(name.generic_name))
    found: list[str] = []
    begun = depth = 0
    for at in range(len(tokens) + 1):
        key = tokens.keys[at] if at < len(tokens) else ";"
        opens, closes = key in ("(", "["), key in (")", "]")
        if (not depth and _is_between(key)) or (opens and not depth) or (closes and depth == 1):
            words = tokens.plain(begun, at).strip(" -") if not closes else ""
            found += [words] if words else []
            begun = at + 1
        depth = max(0, depth + opens - closes)
    if len(name.parts) > len(found) == 1:
        return tuple(tidy(part.text) for part in name.parts)  # `sulfamethoxazole-trimethoprim`
    return tuple(found)


def _is_between(key: str) -> bool:
    return key in ("+", ";", ",", "/", "and", "with", "&")


def with_ingredients(
    strengths: Iterable[Strength], name: Name, of_others: Collection[Passage] = ()
) -> tuple[Strength, ...]:
    """Strengths whose components carry their ingredient if it is stated.

    A drug of one ingredient gives its name to every strength of one component, but for those `of_others`. In a
    combination the name must stand beside the amount; the order of the ingredients in the name says nothing.
    """
    names = ingredients_of(name)
    return tuple(
        Strength(tuple(_named(c, len(strength.components), names) for c in strength.components), strength.form)
        if not of_others or not any(part.place in of_others for part in strength.components)
        else strength
        for strength in strengths
    )


def halves_of_combinations(strengths: Sequence[Strength], name: Name) -> Iterator[int]:
    """The ordinals of amounts that are each of one ingredient of a combination, if no strength tells them together.

    Amounts of different forms may be of products that are sold side by side.
    """
    if len(ingredients_of(name)) < 2:  # noqa: PLR2004
        return
    read = [(no, strength) for no, strength in enumerate(strengths, start=1) if is_quantified(strength)]
    named = [each for _, each in read if each.components[0].ingredient]
    is_parted = len({each.components[0].ingredient for each in named}) > 1
    is_parted = is_parted or len({words_beside(each.components[0]) for _, each in read} - {frozenset()}) > 1
    is_parted = is_parted or (0 < len(named) < len(read) and not any(_is_potency(each) for _, each in read))
    forms = {each.form.code for _, each in read if each.form and each.form.code}
    if is_parted and len(forms) < 2 and all(len(each.components) == 1 for _, each in read):  # noqa: PLR2004
        yield from (no for no, _ in read)


def _is_potency(strength: Strength) -> bool:
    numerator = strength.components[0].numerator
    return numerator is not None and unit_coded(numerator.unit).dimension == "potency"


def without_amounts(strength: Strength) -> Strength:
    """A strength whose amounts were not read."""
    return replace(strength, components=tuple(Component(part.place, "unquantified") for part in strength.components))


def without_ingredients(strengths: Iterable[Strength], called: Name | None = None) -> tuple[Strength, ...]:
    """Strengths of a product whose only name is one of a trade: it tells no ingredient. With a name, without that."""
    trade = {fold(name) for name in (called.generic_name, *ingredients_of(called))} if called is not None else set()
    return tuple(
        replace(
            strength, components=tuple(_without(part, trade, is_all=called is None) for part in strength.components)
        )
        for strength in strengths
    )


def _without(component: Component, trade: set[str], *, is_all: bool) -> Component:
    is_told = component.ingredient is not None and not is_all and fold(component.ingredient) not in trade
    return component if is_told else replace(component, ingredient=None)


def _is_name_of(words: str, name: str) -> bool:
    """Whether words hold a name, or are the base of the salt that it is: `exemplum` of `exemplum hydrochloride`."""
    return name in words or (len(words) >= SHORTEST_WORD and name.startswith(f"{words} "))


def _named(component: Component, components: int, names: tuple[str, ...]) -> Component:
    if len(names) == 1 and components == 1:
        return replace(component, ingredient=names[0])
    beside = {name for words in component.beside for name in names if _is_name_of(fold(words), fold(name))}
    return replace(component, ingredient=beside.pop()) if len(beside) == 1 else component
