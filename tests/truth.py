"""Documents whose strengths are known by construction, and what becomes of them: `make truth`.

How people print strengths stands in `cases/printed_strengths.csv`, each with what it says, not how our readers read.
Here the templates get their numbers, spellings, forms and places in documents of several sites. All documents go
through the production road. A line of a document is

* right, if everything that it states is published, with its form and ingredient where these are published at all,
* refused, if something is missing, but a finding or a row without a number stands at its place,
* wrong, if anything is published that it does not state, or if something is missing without a word.

`text` of the CSV: `{a}` to `{c}` are small amounts in rising order, `{h}` and `{k}` larger ones, `{n}` a digit, `{p}`
to `{r}` percents, `{v}` and `{w}` volumes, `{x}` a power; `{mg}` and other units come in one of their spellings, with
or without a space. `truth`: strengths parted by ` | `, alternatives by ` or `, components by ` + `, each an expression
and its comparable unit, with `form@` before and `:ingredient` behind where these are stated; `-` is none.
`place`: `any` place of a document, in a `list` or table behind its form, or a line of its `own`.
"""

from __future__ import annotations

import argparse
import csv
import math
import random
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import count as count_from
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.engine.run import read_folder
from schemas import codes

TEMPLATES = Path(__file__).parent / "cases" / "printed_strengths.csv"
IN_ONE_RUN = 20_000  # documents
EXAMPLES = 5


# --- what a line states ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Amount:
    """One component: a comparable amount or range, of one ingredient where that is stated."""

    value: Fraction
    high: Fraction | None
    unit: str
    ingredient: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One strength; `forms` are the FDA names that its form may have, None if any will do."""

    amounts: tuple[Amount, ...]
    forms: frozenset[str] | None = None


Slot = tuple[Reading | None, ...]  # the alternatives of one stated strength; None: it may be refused for good


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch of a document, and the strengths that it states: none, or some."""

    kind: str
    start: int
    end: int
    slots: tuple[Slot, ...]
    needs_finding: bool = True


@dataclass(slots=True)
class Page:
    """A document under construction."""

    drugs: tuple[str, ...]
    parts: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    length: int = 0

    def write(self, text: str) -> None:
        """Adds words that state no strength."""
        self.parts.append(text)
        self.length += len(text)

    def say(self, drawn: Drawn, text: str) -> None:
        """Adds words that state what was drawn."""
        start = self.length
        self.write(text)
        self.lines.append(Line(drawn.kind, start, self.length, drawn.slots, drawn.needs_finding))

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.parts)


# --- forms, units, numbers -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it is printed, and the names of the FDA's list that it may be published under; None if any will do."""

    one: str
    many: str
    names: frozenset[str] | None


def _form(one: str, many: str, names: str | None) -> Form:
    return Form(one, many, frozenset(names.split(";")) if names else None)


FORMS = {
    "solid": [
        _form("tablet", "tablets", "TABLET"),
        _form("film-coated tablet", "film-coated tablets", "TABLET, FILM COATED"),
        _form("chewable tablet", "chewable tablets", "TABLET, CHEWABLE"),
        _form("extended-release tablet", "extended-release tablets", "TABLET, EXTENDED RELEASE"),
    ],
    "tablet": [_form("tablet", "tablets", "TABLET")],
    "capsule": [_form("capsule", "capsules", "CAPSULE"), _form("hard capsule", "hard capsules", "CAPSULE")],
    "suppository": [_form("suppository", "suppositories", "SUPPOSITORY")],
    "liquid": [
        _form("oral solution", "oral solution", "SOLUTION"),
        _form("oral suspension", "oral suspension", "SUSPENSION"),
        _form("syrup", "syrup", "SYRUP"),
        _form("elixir", "elixir", "ELIXIR"),
    ],
    "injection": [
        _form("injection", "injection", "INJECTION;INJECTION, SOLUTION"),
        _form("solution for injection", "solution for injection", "INJECTION;INJECTION, SOLUTION"),
        _form("injectable solution", "injectable solution", "INJECTION;INJECTION, SOLUTION"),
    ],
    "drops": [_form("eye drops", "eye drops", "SOLUTION/DROPS;SOLUTION/ DROPS;LIQUID;SOLUTION")],
    "semisolid": [_form("cream", "cream", "CREAM"), _form("ointment", "ointment", "OINTMENT")],
    "gel": [_form("gel", "gel", "GEL"), _form("jelly", "jelly", "JELLY;GEL")],
    "inhaler": [_form("metered-dose inhaler", "metered-dose inhaler", None)],
    "spray": [_form("nasal spray", "nasal spray", None)],
    "patch": [_form("transdermal patch", "transdermal patches", None)],
    "powder": [_form("powder for injection", "powder for injection", None)],
    "pellets": [_form("pellet", "pellets", None)],
    "forms": [_form("", "", None)],
}
UNITS = {
    "mg": ["mg"] * 6 + ["MG", "milligrams", "mgs", "mg."],
    "mcg": ["mcg"] * 4 + ["µg", "μg", "ug", "micrograms", "MCG"],
    "g": ["g"] * 3 + ["gm", "grams", "G"],
    "mL": ["mL"] * 4 + ["ml", "ML", "millilitres", "milliliters"],
    "units": ["units"] * 3 + ["U", "Units"],
}
BEFORE_UNIT = [" "] * 8 + ["", "", "\u00a0", "-", "\u202f"]
_NICE = ["0.1", "0.25", "0.5", "0.75", "1", "1.25", "1.5", "2", "2.5", "4", "5", "6", "7.5", "8", "10", "12.5", "15"]
_NICE += ["16", "20", "25", "30", "37.5", "40", "45", "50", "60", "62.5", "75", "80", "90"]
_DRAWN: dict[str, list[str]] = {
    "h": ["25", "44", "50", "75", "88", "100", "112", "125", "137", "175", "220", "300"],
    "k": ["100", "120", "125", "150", "160", "200", "240", "250", "300", "325", "400", "500", "600", "750", "875"],
    "n": ["2", "3", "4", "5", "6", "7", "8"],
    "v": ["2", "2.5", "5", "10", "15", "20"],
    "w": ["3", "4", "6", "30", "50", "100"],
    "x": ["5", "6", "7", "8", "9", "10"],
}
_PERCENTS = ["0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "1.5", "2", "2.5", "3", "4", "5", "10"]


def _numbers(chance: random.Random) -> dict[str, Decimal]:
    """A number for each name of a template."""
    drawn = {name: chance.choice(choices) for name, choices in _DRAWN.items()}
    for names, choices in (("abc", _NICE), ("pqr", _PERCENTS)):
        some = sorted(chance.sample(choices, 3), key=Decimal)
        drawn |= dict(zip(names, some, strict=True))
    return {name: Decimal(text) for name, text in drawn.items()}


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


Spelled = tuple[str, Decimal | None] | None  # the text and what it means, None if that cannot be known
Spelling = Callable[[Decimal, random.Random], Spelled]
_FRACTIONS = {"0.5": ("½", "1/2"), "0.25": ("¼", "1/4"), "0.75": ("¾", "3/4")}


def _point(mark: str) -> Spelling:
    def spell(value: Decimal, _: random.Random) -> Spelled:
        text = _plain(value)
        return (text.replace(".", mark), value) if "." in text else None

    return spell


def _grouped(mark: str, of: int = 3) -> Spelling:
    """Digits in groups: of three, or after the first three of two, as in India."""

    def spell(value: Decimal, chance: random.Random) -> Spelled:
        digits = str(int(value) * 1000 * (1 if of == 3 else chance.choice((100, 1000))) or 1)
        head, groups = digits[:-3], [digits[-3:]]
        while head:
            head, group = head[:-of], head[-of:]
            groups.insert(0, group)
        return (mark.join(groups), Decimal(digits)) if value == int(value) else None

    return spell


def _around(before: str, behind: str, *, is_known: bool = True) -> Spelling:
    return lambda value, _: (f"{before}{_plain(value)}{behind}", value if is_known else None)


def _digits(zero: str) -> Spelling:
    """The digits of another script."""
    table = {ord("0") + n: chr(ord(zero) + n) for n in range(10)}
    return lambda value, _: (_plain(value).translate(table), value)


def _fraction(number: int, between: str) -> Spelling:
    def spell(value: Decimal, chance: random.Random) -> Spelled:
        share = chance.choice([*_FRACTIONS])
        whole = chance.choice(("", "1", "2"))
        text = f"{whole}{between if whole else ''}{_FRACTIONS[share][number]}"
        return (text, Decimal(share) + Decimal(whole or 0)) if value < 100 else None

    return spell


def _power(pattern: str) -> Spelling:
    def spell(_: Decimal, chance: random.Random) -> Spelled:
        first, power = chance.choice(("1", "2.5", "3", "6")), chance.randint(3, 9)
        raised = "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(power))
        return pattern.format(first, power, raised), Decimal(first).scaleb(power)

    return spell


def _pattern(pattern: str) -> Spelling:
    """Something that no reader can know."""
    return lambda value, _: (pattern.format(*2 * [_plain(value)]), None) if value == int(value) else None


def _naked(value: Decimal, _: random.Random) -> Spelled:
    return (_plain(value)[1:], value) if value < 1 else None


def _with_zero(value: Decimal, _: random.Random) -> Spelled:
    text = _plain(value)
    return f"{text}0" if "." in text else f"{text}.0", value


NUMBERS: dict[str, list[Spelling]] = {
    "naked point": [_naked],
    "trailing zero": [_with_zero],
    "raised point": [_point(mark) for mark in "·∙⋅‧•"],
    "decimal comma": [_point(",")],
    "other points": [_point(mark) for mark in ("٫", "．", "。", "､", "'", "’", "_")],
    "spaced point": [_point(". "), _point(" ."), _point(" . "), _point(".\u00a0"), _point(", ")],
    "broken at the point": [_point(".\n  "), _point("\n."), _point(".\n")],
    "invisible in the number": [_point(".\u200b"), _point("\u00ad."), _point(".\u2060"), _point("\ufeff.")],
    "thousands": [_grouped(mark) for mark in (",", "\u00a0", "\u202f", "\u2009", " ", "'", "’")],
    "Indian groups": [_grouped(",", of=2)],
    "fraction": [_fraction(0, ""), _fraction(0, " ")],
    "fraction in ASCII": [_fraction(1, between) for between in (" ", " and ", "-")],
    "power": [_power("{0} x 10^{1}"), _power("{0} × 10{2}"), _power("{0}x10^{1}"), _power("{0} × 10^{1}")],
    "power in other marks": [
        _power(pattern)
        for pattern in (
            "{0}E{1}",
            "{0}e{1}",
            "{0} x 10E{1}",
            "{0} × 10**{1}",
            "{0} x 10’{1}",
            "{0}·10{2}",
            "{0}*10^{1}",
        )
    ],
    "power that lost its sign": [lambda value, chance: ((_power("{0} x 10{1}")(value, chance) or ("", None))[0], None)],
    "footnote sign": [_around("", sign) for sign in ("²", "¹", "³", "*", "†", "[1]", "‡", "⁽¹⁾", " *")],
    "about": [_around(word, "") for word in ("about ", "approx. ", "approximately ", "~", "≈", "ca. ")],
    "at most": [
        _around(word, "", is_known=False)
        for word in ("up to ", "<", "> ", "≤ ", "≥", "at least ", "less than ", "max. ")
    ],
    "plus or minus": [_around("", " ± 1"), _around("", "±10%")],
    "other digits": [_digits("٠"), _digits("۰"), _digits("０"), _digits("०")],
    "one or two numbers": [_pattern(text) for text in ("{}.000", "{} 5", "1{}5,{}5", "1 {}000 00")],
    "torn number": [
        _pattern(text) for text in ("{}_5", "{}/", "{}//5", "{}:5", "{}..5", "{}^", "{}^2", "{}#5", "{}=5")
    ],
    "letters for digits": [
        _pattern(text) for text in ("l{}", "{}O", "|{}", "{}l", "O.{}", "o·{}", "Ø·{}", "S{}", "{}B")
    ],
}


# --- templates -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Template:
    """One way to print strengths."""

    kind: str
    form: str
    drugs: int
    text: str
    truth: str
    place: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A template with its numbers."""

    kind: str
    form: Form
    text: str
    slots: tuple[Slot, ...]
    place: str
    needs_finding: bool
    is_simple: bool  # one amount of a dose unit, which may stand in any sentence


def templates() -> list[Template]:
    """Every row of the CSV, once for each kind of form."""
    with TEMPLATES.open(encoding="utf-8", newline="") as file:
        return [
            Template(row["kind"], form, int(row["names"]), row["text"], row["truth"], row["place"])
            for row in csv.DictReader(file)
            for form in row["forms"].split()
        ]


def _value(expression: str, numbers: dict[str, Decimal]) -> Fraction:
    """Products and quotients, from left to right; `10^x` is a power, `a.9` has a digit behind its point."""
    value = Fraction(1)
    for sign, term in re.findall(r"([*/]?)([^*/]+)", expression):
        base, _, power = term.partition("^")
        known = re.sub(r"[a-z]", lambda name: _plain(numbers[name[0]]), base)
        factor = Fraction(known) ** int(numbers.get(power, power or 1))
        value = value / factor if sign == "/" else value * factor
    return value


def _amount(said: str, numbers: dict[str, Decimal], drugs: tuple[str, ...]) -> Amount:
    said, _, named = said.partition(":")
    expression, unit = said.split()
    low, _, high = expression.partition("..")
    ingredient = {"examplol": drugs[0], "secondipine": drugs[1]}[named] if named else None
    return Amount(_value(low, numbers), _value(high, numbers) if high else None, unit, ingredient)


def _reading(said: str, numbers: dict[str, Decimal], drugs: tuple[str, ...], form: Form) -> Reading | None:
    if said == "-":
        return None
    names, _, rest = said.rpartition("@")
    forms = frozenset(names.split(";")) if names else form.names
    return Reading(tuple(_amount(part, numbers, drugs) for part in rest.split(" + ")), forms)


def _slots(truth: str, numbers: dict[str, Decimal], drugs: tuple[str, ...], form: Form) -> tuple[Slot, ...]:
    if truth == "-":
        return ()
    return tuple(
        tuple(_reading(said, numbers, drugs, form) for said in slot.split(" or ")) for slot in truth.split(" | ")
    )


def _quotient(numbers: dict[str, Decimal], names: str) -> str | None:
    value = numbers[names[0]] / numbers[names[2]]
    return _plain(value) if len(_plain(value)) < 8 else None


def draw(
    template: Template, drugs: tuple[str, ...], chance: random.Random, spelling: str | None = None
) -> Drawn | None:
    """The template with numbers; None if these numbers do not fit it. `spelling` is that of its first number."""
    numbers = _numbers(chance)
    form = chance.choice(FORMS[template.form])
    kind, truth, printed = template.kind, template.truth, {name: _plain(value) for name, value in numbers.items()}
    if spelling:
        kind = f"number: {spelling}"
        name = re.findall(r"\{([a-z])\}", template.text)[0]
        spelled = chance.choice(NUMBERS[spelling])(numbers[name], chance)
        if spelled is None:
            return None
        printed[name] = spelled[0]
        truth = "-" if spelled[1] is None else truth
        numbers[name] = numbers[name] if spelled[1] is None else spelled[1]
    if "{k/v}" in template.text:
        printed["k/v"] = _quotient(numbers, "k/v") or ""
        if not printed["k/v"]:
            return None
    printed["p10"] = _plain(numbers["p"] * 10)
    for unit, ways in UNITS.items():
        behind_number = re.search(r"\}\{" + unit + r"\}", template.text)
        printed[unit] = (chance.choice(BEFORE_UNIT) if behind_number else "") + chance.choice(ways)
    text = re.sub(r"\{([^}]+)\}", lambda found: printed.get(found[1], found[0]), template.text)
    text = text.replace("{actuation}", "actuation").replace("examplol", drugs[0]).replace("secondipine", drugs[1])
    text = text.replace("Examplol", drugs[0].capitalize())
    return Drawn(
        kind,
        form,
        text,
        _slots(truth, numbers, drugs, form),
        template.place,
        template.place != "own-silent",
        truth in ("a mg", "h/1000 mg") and template.form in ("solid", "capsule", "suppository"),
    )


# --- documents -------------------------------------------------------------------------------------------------------

_SYLLABLES = [first + second for first in "bdfgklmnprstvz" for second in ("a", "e", "i", "o", "u")]


def drug_name(number: int, end: str = "zol") -> str:
    """A name of its own for each number."""
    name = ""
    for _ in range(4):
        number, which = divmod(number, len(_SYLLABLES))
        name += _SYLLABLES[which]
    return name + end


Layout = Callable[[Page, list[Drawn], random.Random], None]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _list(heading: str, item: str, own: str) -> Layout:
    """A heading, then an item for each; `item` has a place for the form and one for the strength."""

    def layout(page: Page, drawn: list[Drawn], _: random.Random) -> None:
        page.write(heading)
        for one in drawn:
            text = (
                own.format(one.text) if one.place.startswith("own") else item.format(_capital(one.form.many), one.text)
            )
            page.say(one, text)
            page.write("\n")

    return layout


def _under_form(page: Page, drawn: list[Drawn], _: random.Random) -> None:
    """The form on a line, its strength on the next."""
    page.write("Dosage Forms & Strengths\n")
    for one in drawn:
        page.say(one, one.text if one.place.startswith("own") else f"{one.form.one}\n{one.text}")
        page.write("\n")


def _pipes(page: Page, drawn: list[Drawn], chance: random.Random) -> None:
    """A table of two columns."""
    if any("|" in one.text or "\n" in one.text or one.place.startswith("own") for one in drawn):
        _list("Available Dose:\n", "- {}: {}", "- {}")(page, drawn, chance)
        return
    page.write("Available forms\n| Form | Strength |\n| --- | --- |\n")
    for one in drawn:
        page.say(one, f"| {_capital(one.form.one)} | {one.text} |")
        page.write("\n")


def _fields(page: Page, drawn: list[Drawn], _: random.Random) -> None:
    """One strength as a field beside its form."""
    page.write(f"Dosage form: {_capital(drawn[0].form.one)}\n")
    page.say(drawn[0], f"Strength: {drawn[0].text}")
    page.write("\n")


def _each_contains(page: Page, drawn: list[Drawn], _: random.Random) -> None:
    """A European summary, or the composition of a leaflet."""
    page.write("2. QUALITATIVE AND QUANTITATIVE COMPOSITION\n\n")
    for one in drawn:
        page.say(one, f"Each {one.form.one} contains {one.text} of {page.drugs[0]}.")
        page.write("\n")


def _drug_facts(page: Page, drawn: list[Drawn], _: random.Random) -> None:
    """The label of a medicine sold without a prescription."""
    page.write(f"Drug Facts\n\nActive ingredient (in each {drawn[0].form.one})\n")
    page.say(drawn[0], f"{page.drugs[0].capitalize()} {drawn[0].text}")
    page.write("\n\nPurpose\nPain reliever\n")


def _looks(page: Page, drawn: list[Drawn], chance: random.Random) -> None:
    """An American label that tells how the tablets look."""
    page.write("3 DOSAGE FORMS AND STRENGTHS\n")
    for one in drawn:
        marks = f'"{chance.choice("EGX")}" on one side and "{chance.randint(10, 99)}" on the other side'
        look = f"white, round, debossed with {marks}"
        page.say(one, f"{page.drugs[0].capitalize()} {one.form.many}, {one.text}, are {look}.")
        page.write("\n")


def _behind(page: Page, drawn: list[Drawn], _: random.Random) -> None:
    """The form behind its strength."""
    page.write("Available Dose:\n")
    for one in drawn:
        page.say(one, f"- {one.text} {one.form.many}")
        page.write("\n")


LISTS: list[Layout] = [
    _list("Available Dose:\n", "- {}: {}", "- {}"),
    _list("Available Dose:\n", "* {}: {}", "* {}"),
    _list("Available strengths\n", "{}: {}", "{}"),
    _list("**Available forms:**\n", "• {}: {}", "• {}"),
    _list("3 DOSAGE FORMS AND STRENGTHS\n", "{}: {}", "{}"),
    _list("Dosage Forms and Strengths:\n", "- {} - {}", "- {}"),
    _list("HOW SUPPLIED\n", "{}, {}", "{}"),
    _list("Preparations\n", "{}: {}.", "{}"),
    _under_form,
    _pipes,
]
ALONE: list[Layout] = [_fields]
SIMPLE: list[Layout] = [_each_contains, _looks, _behind]
SIMPLE_ALONE: list[Layout] = [_drug_facts]
_BEFORE = [
    "{drug}\nGeneric name: {name}\nBrand names: Fevrex\nDrug class: Beta blocker\n",
    "{drug}\n\nGeneric name: {name}\n\n",
    "## {drug}\n\n**Class:** Beta blocker\n",
    "{drug} (Rx)\nBrand and Other Names: Fevrex\n\n",
]
_BEHIND = [
    "Mechanism of action: It binds to a receptor.\nSide effects: Nausea in 5% of patients given 20 mg.\n",
    "\nContraindications\nAllergy to {name}.\n\nDosage and administration\nAdults: 10 mg twice daily; at most 40 mg.\n",
    "\nOverdose\nAn adult survived 400 mg.\n\nStorage\nStore at 20 to 25 °C.\n",
    "Use during pregnancy: FDA pregnancy category C.\n",
    "",
]


def _page(count: int, drugs: tuple[str, ...], drawn: list[Drawn], chance: random.Random) -> Page:
    """One document of so many drugs that states what was drawn."""
    page = Page(drugs)
    name = " and ".join(drugs[:count]) if count < 3 else f"{drugs[0]}, {drugs[1]} and {drugs[2]}"
    page.write(chance.choice(_BEFORE).format(drug=name.capitalize(), name=name))
    is_simple = all(one.is_simple for one in drawn) and count == 1
    is_alone = len(drawn) == 1 and not drawn[0].place.startswith("own")
    layouts = LISTS + (ALONE if is_alone else []) + (SIMPLE * 2 if is_simple else [])
    layouts += SIMPLE_ALONE * 3 if is_simple and is_alone else []
    chance.choice(layouts)(page, drawn, chance)
    page.write(chance.choice(_BEHIND).format(name=name))
    return page


def pages(seed: int = 1) -> Iterator[tuple[str, Page]]:
    """Documents without end as (name, document), the same for the same seed of chance; half of them of one kind."""
    chance = random.Random(seed)
    by_kind: dict[int, dict[str, list[Template]]] = {1: {}, 2: {}, 3: {}}
    for template in templates():
        by_kind[template.drugs].setdefault(template.kind, []).append(template)
    plain = [template for template in by_kind[1]["one amount"] if re.search(r"\{[ahkpn]\}", template.text)]
    for number in count_from(0):
        count = chance.choices((1, 2, 3), (6, 3, 1))[0]
        drugs = tuple(drug_name(number, end) for end in ("zol", "dipine", "mab"))
        lines = chance.choice((1, 1, 2, 3, 4, 5))
        if count == 1 and chance.random() < 0.4:
            spelling = chance.choice([*NUMBERS])
            drawn = [draw(chance.choice(plain), drugs, chance, spelling) for _ in range(lines)]
        else:
            weights = [len(some) for some in by_kind[count].values()]
            kinds = chance.choices([*by_kind[count]], weights, k=lines)
            kinds = kinds if chance.random() < 0.5 else kinds[:1] * lines
            drawn = [draw(chance.choice(by_kind[count][kind]), drugs, chance) for kind in kinds]
        those = [one for one in drawn if one]
        if those:
            yield f"{number:07}.txt", _page(count, drugs, those, chance)


# --- what was published ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Published:
    """One strength of the tables: a null amount for a component without a number."""

    start: int
    end: int
    form: str | None
    amounts: tuple[Amount | None, ...]
    stated: tuple[Amount | None, ...]  # the columns as printed, made comparable by the arithmetic of this file
    texts: tuple[str, ...]


_UNITS = codes.by_code("units")
_TO_MG = {
    "mg": Fraction(1),
    "ug": Fraction(1, 1000),
    "g": Fraction(1000),
    "ng": Fraction(1, 10**6),
    "kg": Fraction(10**6),
}
_TO_ML = {"mL": Fraction(1), "L": Fraction(1000), "dL": Fraction(100), "uL": Fraction(1, 1000), "cL": Fraction(10)}
_TO_BQ = {
    "kBq": Fraction(1, 1000),
    "GBq": Fraction(1000),
    "mCi": Fraction(37),
    "uCi": Fraction(37, 1000),
    "Ci": Fraction(37000),
}
_TO_H = {"h": Fraction(1), "d": Fraction(24), "min": Fraction(1, 60), "wk": Fraction(168)}


def _number(value: float | None) -> Fraction | None:
    """The number of a cell; -1, which nothing states, for one that is no number."""
    if value is None:
        return None
    return Fraction(repr(value)) if math.isfinite(value) else Fraction(-1)


def _comparable(value: Fraction, unit: str) -> tuple[Fraction, str]:
    """An amount in the unit of its kind; other units stay as they are."""
    for table, to in ((_TO_MG, "mg"), (_TO_BQ, "MBq"), (_TO_ML, "mL")):
        if unit in table:
            return value * table[unit], to
    return value, unit


def _stated(row: dict[str, Any]) -> Amount | None:
    """What the columns as printed say, in comparable units."""
    value, unit = _number(row["numerator_value"]), row["numerator_unit_code"]
    if value is None:
        return None
    high = _number(row["numerator_high"])
    amount, to = _comparable(value, unit)
    times = amount / value if value else Fraction(1)
    below, under = _number(row["denominator_value"]), row["denominator_unit_code"]
    if under is None:
        return Amount(amount, high and high * times, to)
    below = below or Fraction(1)
    for table, name in ((_TO_ML, "mL"), (_TO_H, "h"), ({k: v / 1000 for k, v in _TO_MG.items()}, "g")):
        if under in table:
            below, under = below * table[under], name
    return Amount(amount / below, high and high * times / below, f"{to}/{under}")


def _normalized(row: dict[str, Any]) -> Amount | None:
    value = _number(row["normalized_value"])
    if value is None:
        return None
    return Amount(value, _number(row["normalized_high"]), row["normalized_unit_code"], row["ingredient"])


def published(strengths: pa.Table, monographs: pa.Table) -> dict[str, list[Published]]:
    """Every strength by its seed."""
    seeds = dict(zip(monographs["monograph_id"].to_pylist(), monographs["seed_id"].to_pylist(), strict=True))
    rows: dict[tuple[str, str, int], list[dict[str, Any]]] = defaultdict(list)
    for row in strengths.to_pylist():
        rows[seeds[row["monograph_id"]], row["monograph_id"], row["strength_no"]].append(row)
    found: dict[str, list[Published]] = defaultdict(list)
    for (seed, _, _), some in rows.items():
        start, end = min(row["text_start"] for row in some), max(row["text_end"] for row in some)
        amounts = tuple(_normalized(row) or _stated(row) for row in some)
        texts = tuple(row["strength_text"] for row in some)
        form = some[0]["dose_form_name"]
        found[seed].append(Published(start, end, form, amounts, tuple(map(_stated, some)), texts))
    return found


def _places(findings: pa.Table) -> dict[str, list[tuple[int, int]]]:
    """The place of every finding by its seed."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    columns = (findings[name].to_pylist() for name in ("seed_id", "text_start", "text_end"))
    for seed, start, end in zip(*columns, strict=True):
        if start is not None:
            found[seed].append((start, end))
    return found


# --- judging ---------------------------------------------------------------------------------------------------------


def _close(one: Fraction | None, other: Fraction | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= abs(one) * Fraction(1, 10**9)


def _same_amount(truth: Amount, found: Amount | None, *, units_too: bool = True) -> bool:
    if found is None or not (_close(truth.value, found.value) and _close(truth.high, found.high)):
        return False
    named = found.ingredient is None or truth.ingredient is None or found.ingredient.casefold() == truth.ingredient
    return named and (found.unit == truth.unit or not units_too)


def _says(found: Published, reading: Reading | None) -> bool:
    """True if the published strength is this reading, in both of its columns; a form may be left out."""
    if reading is None or len(found.amounts) != len(reading.amounts):
        return False
    if found.form is not None and reading.forms is not None and found.form not in reading.forms:
        return False
    pairs = zip(reading.amounts, found.amounts, found.stated, strict=True)
    return all(_same_amount(truth, one) and _agrees(one, stated) for truth, one, stated in pairs)


def _agrees(normalized: Amount | None, stated: Amount | None) -> bool:
    """True if the printed columns give the comparable ones; a percent or a ratio says too little to tell."""
    if normalized is None or stated is None:
        return normalized is stated
    unit = stated.unit.split("/")[0]
    if (
        unit in ("%", "1", "mL", "mol", "umol")
        or stated.unit.endswith("}")
        or normalized.unit == stated.unit.split("/")[0]
    ):
        return True
    return _close(normalized.value, stated.value) and normalized.unit == stated.unit


@dataclass(slots=True)
class Tally:
    """What became of the lines of one kind, with examples of the wrong ones as (line, published, why)."""

    lines: int = 0
    right: int = 0
    refused: int = 0
    wrong: list[tuple[str, str, str]] = field(default_factory=list)


def judge(page: Page, found: list[Published], places: list[tuple[int, int]]) -> Iterator[tuple[str, str, str]]:
    """The outcome of each line as (kind, `right`, `refused` or why it is wrong, what was published)."""
    allowed = [slot for line in page.lines for slot in line.slots]
    for line in page.lines:
        here = [one for one in found if one.start < line.end and one.end > line.start]
        yield line.kind, _outcome(line, here, found, places), _shown(here)
    outside = [one for one in found if not any(one.start < line.end and one.end > line.start for line in page.lines)]
    bad = [one for one in outside if _has_number(one) and not any(_says(one, r) for slot in allowed for r in slot)]
    if bad:
        yield "elsewhere in the document", "published from words that state no strength", _shown(bad)


def _has_number(one: Published) -> bool:
    return any(amount is not None for amount in one.amounts)


def _outcome(line: Line, here: list[Published], found: list[Published], places: list[tuple[int, int]]) -> str:
    numbers = [one for one in here if _has_number(one)]
    if any(None in one.amounts for one in numbers):
        return "half of a combination"
    for one in numbers:
        if not any(_says(one, reading) for slot in line.slots for reading in slot):
            return _why(one, line.slots)
    twice = [slot for slot in line.slots if sum(any(_says(one, r) for one in numbers) for r in slot) > 1]
    if twice:
        return "one strength twice"
    missing = [slot for slot in line.slots if not any(_says(one, reading) for one in found for reading in slot)]
    if line.slots and not missing:
        return "right"
    is_told = any(start < line.end and end > line.start for start, end in places) or len(here) > len(numbers)
    return "refused" if is_told or not line.needs_finding else "missing without a word"


def _why(one: Published, slots: tuple[Slot, ...]) -> str:
    readings = [reading for slot in slots for reading in slot if reading]
    if not readings:
        return "not to be published"
    same = [r for r in readings if len(r.amounts) == len(one.amounts)]
    if any(all(map(_same_amount, r.amounts, one.amounts)) for r in same):
        return "wrong form" if any(one.form not in (r.forms or [one.form]) for r in same) else "columns disagree"
    if any(all(_same_amount(t, o, units_too=False) for t, o in zip(r.amounts, one.amounts, strict=True)) for r in same):
        return "wrong unit"
    return "wrong amount" if same else "wrong number of components"


def _shown(some: Iterable[Published]) -> str:
    return "; ".join(
        f"[{one.form or '?'}] {' + '.join(map(_amount_shown, one.amounts))} from {' / '.join(one.texts)!r}"
        for one in some
    )


def _amount_shown(amount: Amount | None) -> str:
    if amount is None:
        return "null"
    high = f"-{float(amount.high):g}" if amount.high is not None else ""
    named = f" of {amount.ingredient}" if amount.ingredient else ""
    return f"{float(amount.value):g}{high} {amount.unit}{named}"


def measure(lines: int, seed: int = 1) -> dict[str, Tally]:
    """What becomes of at least so many lines, by kind."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    source, count = pages(seed), 0
    while count < lines:
        batch: dict[str, Page] = {}
        for name, page in islice(source, IN_ONE_RUN):
            batch[name] = page
            count += len(page.lines)
            if count >= lines:
                break
        for kind, outcome, shown, line in _judged(batch):
            tally = tallies[kind]
            tally.lines += 1
            tally.right += outcome == "right"
            tally.refused += outcome == "refused"
            if outcome not in ("right", "refused"):
                tally.wrong.append((line, shown, outcome))
    return dict(sorted(tallies.items()))


def _judged(batch: dict[str, Page]) -> Iterator[tuple[str, str, str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        texts = {name: page.text for name, page in batch.items()}
        pq.write_table(pa.table({"name": [*texts], "text": [*texts.values()]}), Path(folder, "seeds.parquet"))
        tables = read_folder(Path(folder)).tables
    found = published(tables["strengths"], tables["monographs"])
    places = _places(tables["findings"])
    names = {seed.rpartition("/")[2]: seed for seed in tables["seeds"]["seed_id"].to_pylist()}
    for name, page in batch.items():
        seed = names[name]
        outcomes = judge(page, found.get(seed, []), places.get(seed, []))
        for number, (kind, outcome, shown) in enumerate(outcomes):
            text = (
                page.text[page.lines[number].start : page.lines[number].end] if number < len(page.lines) else page.text
            )
            yield kind, outcome, shown, text


# --- the command -----------------------------------------------------------------------------------------------------


def show(tallies: dict[str, Tally], examples: int) -> None:
    """A row for each kind, then examples of what is wrong."""
    print(f"{'kind':<36}{'lines':>8}{'right':>8}{'refused':>9}{'wrong':>7}")
    rows = [*tallies.items(), ("all", _sum(tallies.values()))]
    for kind, tally in rows:
        print(f"{kind:<36}{tally.lines:>8,}{tally.right:>8,}{tally.refused:>9,}{len(tally.wrong):>7,}")
    for kind, tally in tallies.items():
        reasons = Counter(why for _, _, why in tally.wrong)
        if reasons:
            print(f"\n{kind}: " + ", ".join(f"{why} {count:,}" for why, count in reasons.most_common()))
        for why in reasons:
            shown = list(dict.fromkeys((line, found) for line, found, reason in tally.wrong if reason == why))
            for line, found in shown[:examples]:
                print(f"  {why}: {line!r}\n      {found or 'nothing'}")


def _sum(tallies: Iterable[Tally]) -> Tally:
    whole = Tally()
    for tally in tallies:
        whole.lines += tally.lines
        whole.right += tally.right
        whole.refused += tally.refused
        whole.wrong += tally.wrong
    return whole


def main() -> None:
    """Prints what becomes of the lines; ends with 1 if any is wrong."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    asked.add_argument("--lines", type=int, default=200_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--examples", type=int, default=EXAMPLES, help="how many wrong lines are shown of each kind")
    given = asked.parse_args()
    from tests.truth_categories import measure_categories  # noqa: PLC0415  (which is made of parts of this file)

    tallies = measure(given.lines, given.seed) | measure_categories(given.lines // 20, given.seed)
    show(tallies, given.examples)
    sys.exit(any(tally.wrong for tally in tallies.values()))


if __name__ == "__main__":
    main()
