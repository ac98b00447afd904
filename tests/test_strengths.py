"""Strengths: cases that a pharmacist can extend, and properties that hold for every text."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipelines.lexer import cut, read_text
from pipelines.normalize.quantities import read_number
from pipelines.normalize.strength_ingredients import with_ingredients
from pipelines.normalize.strengths import Around, StrengthReading, print_strength, read_strengths
from pipelines.records import Component, DoseFormCode, Name, Passage, Quantity, Strength, UnitCode
from schemas import codes

with (Path(__file__).parent / "cases" / "strengths.csv").open(encoding="utf-8", newline="") as _file:
    CASES = list(csv.DictReader(_file))


def read(text: str, around: Around, before: str = "") -> StrengthReading:
    """The reading of a text, which stands in a document behind other words."""
    tokens = cut(read_text(before + text))
    first = tokens.at_position(len(before))
    return read_strengths(tokens, first, len(tokens), around)


def shown(reading: StrengthReading) -> str:
    """The reading as the column `reads_as` of the cases writes it."""
    reasons = {f.row_no: f.code for f in reading.findings if not f.code.startswith(("STRENGTH_NO_S", "STRENGTH_ERR"))}
    printed = [
        print_strength(strength) if all(c.numerator for c in strength.components) else f"!{reasons[number]}"
        for number, strength in enumerate(reading.strengths, start=1)
    ]
    return " | ".join(printed) or "-"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_reads_as(case: dict[str, str]) -> None:
    """Each case is read as its row says."""
    around = Around(case["basis"] or None, int(case["ingredients"]))
    assert shown(read(case["text"], around)) == case["reads_as"]


SAID_TWICE = [
    # what is printed, of what form; the comparable amount, what it is of, and the amount that is said again
    ("325 mg (65 mg elemental iron)", "solid", "325 mg", None, "65 mg element"),
    ("2,000 IU (20 mg)/0.2 mL", "liquid", "10000 [iU]/mL", None, "100 mg/mL other_unit"),
    ("2% (20 mg/mL)", "semisolid", "20 mg/mL", None, "20 mg/mL concentration"),
    ("1 g/10 mL (100 mg/mL)", "liquid", "100 mg/mL", None, "100 mg/mL concentration"),
    ("6.9 mg amlopine besylate (5 mg amlopine)", "solid", "6.9 mg", "amlopine besylate", "5 mg base"),
    ("60 mg eq. to 50 mg base", "solid", "60 mg", None, "50 mg base"),
    ("5 mg (as 6.5 mg of hydrochloride)", "solid", "5 mg", None, "6.5 mg salt"),
    ("20 mEq (1.5 g)", "solid", "20 meq", None, "1500 mg other_unit"),
    ("50 mg/mL (500 mg)", "liquid", "50 mg/mL", None, None),
    ("50 mg PE/mL", "liquid", "50 mg/mL", "PE", None),
    ("500 mg (as hydrochloride)", "solid", "500 mg", "as hydrochloride", None),
    ("EQ 4MG BASE/5ML", "liquid", "0.8 mg/mL", "BASE", None),
    ("500 mg (contains 427 mg sodium)", "powder", "500 mg", None, None),
]


@pytest.mark.parametrize(("text", "form", "amount", "basis", "again"), SAID_TWICE)
def test_what_is_said_of_an_amount(text: str, form: str, amount: str, basis: str | None, again: str | None) -> None:
    """Salts, bases, elements and other units beside an amount are never a second product."""
    (strength,) = read(text, Around(form, 1)).strengths
    (component,) = strength.components
    said = component.alternate
    assert component.normalized == Quantity(Decimal(amount.split(maxsplit=1)[0]), UnitCode(amount.split()[1]))
    assert component.basis == basis
    assert (f"{said.value.normalize():f} {said.unit} {component.alternate_kind}" if said else None) == again


@pytest.mark.parametrize(
    ("text", "ingredients", "expected"),
    [
        ("3, 6, 9 and 12 mg", 1, [("3", "mg"), ("6", "mg"), ("9", "mg"), ("12 mg", None)]),
        ("400/57 mg per 5 mL", 2, [("400", "mg per 5 mL"), ("57 mg per 5 mL", None)]),
        ("400 mg and 57 mg in 5 mL", 2, [("400 mg", "in 5 mL"), ("57 mg in 5 mL", None)]),
        ("Each 5 mL contains 25 mg", 1, [("25 mg", None)]),
    ],
)
def test_the_smallest_stretch(text: str, ingredients: int, expected: list[tuple[str, str | None]]) -> None:
    """A strength is the smallest stretch that says it, with the unit that is printed apart beside it."""
    reading = read(text, Around("liquid", ingredients))
    parts = [component for strength in reading.strengths for component in strength.components]
    assert [(part.place.text, part.unit) for part in parts] == expected


@pytest.mark.parametrize(("form", "expected"), [("C28944", "10 MG/ML"), ("C42966", "0.01 MG/MG"), (None, "0.01 MG/MG")])
def test_creams_are_printed_per_millilitre(form: str | None, expected: str) -> None:
    """RxNorm prints creams per millilitre and ointments per milligram."""
    around = Around("semisolid", 1, form=DoseFormCode(form) if form else None)
    assert read("1%", around).strengths[0].components[0].rxnorm == expected


@pytest.mark.parametrize(
    ("text", "printed"),
    [("25,000 units/0.7 mL", "35700 UNT/ML"), ("11.75 mg", "11.75 MG"), ("12,345 units", "12300 UNT")],
)
def test_rounded_as_rxnorm_rounds(text: str, printed: str) -> None:
    """Four digits are kept; more are cut to three, however large the number is."""
    assert read(text, Around("liquid", 1)).strengths[0].components[0].rxnorm == printed


def test_the_finding_names_the_word_that_is_not_understood() -> None:
    """A leftover beside a number refuses the phrase and is named."""
    reading = read("5 mg, 10 mg/foo", Around("solid", 1))
    assert not any(component.numerator for strength in reading.strengths for component in strength.components)
    assert all("'foo' is no known denominator" in finding.message for finding in reading.findings)


def test_a_heading_gives_the_denominator() -> None:
    """`in each 5 mL` above a list holds for every amount of it."""
    reading = read("rivazol 6.25 mg", Around("liquid", 1, per=Quantity(Decimal(5), UnitCode("mL"))))
    assert reading.strengths[0].components[0].normalized == Quantity(Decimal("1.25"), UnitCode("mg/mL"))


@pytest.mark.parametrize(("names", "expected"), [((), "-"), (("glucose",), "5 %")])
def test_excipients_that_are_the_drug(names: tuple[str, ...], expected: str) -> None:
    """Glucose is an excipient, unless the drug is glucose."""
    assert shown(read("glucose 5%", Around("liquid", 1, names=frozenset(names)))) == expected


@pytest.mark.parametrize(
    ("text", "basis", "value", "unit", "rxnorm"),
    [
        ("5 mg/5 mL", "liquid", "1", "mg/mL", "1 MG/ML"),
        ("250 mcg", "solid", "0.25", "mg", "0.25 MG"),
        ("100 units/mL", "liquid", "100", "{unit}/mL", "100 UNT/ML"),
        ("25 mcg/h", "patch", "0.025", "mg/h", "0.025 MG/HR"),
        ("1 %", "liquid", "10", "mg/mL", "10 MG/ML"),
        ("1 %", "semisolid", "10", "mg/g", "0.01 MG/MG"),
        ("90 mcg/actuation", "metered", "0.09", "mg/{actuation}", "0.09 MG/ACTUAT"),
        ("370 MBq/mL", "liquid", "370", "MBq/mL", None),
        ("10 mCi/mL", "liquid", "370", "MBq/mL", "10 MCI/ML"),
        ("20 mEq/15 mL", "liquid", "1.333333333333333333333333333", "meq/mL", "1.33 MEQ/ML"),
        ("1:1000", None, "1", "mg/mL", "1 MG/ML"),
        ("500 mg/vial", "powder", "500", "mg", "500 MG"),
    ],
)
def test_comparable(text: str, basis: str | None, value: str, unit: str, rxnorm: str | None) -> None:
    """An amount is made comparable, and printed as RxNorm prints it."""
    component = read(text, Around(basis, 1)).strengths[0].components[0]
    assert component.normalized == Quantity(Decimal(value), UnitCode(unit))
    assert component.rxnorm == rxnorm


def test_ingredients_stand_beside_their_amounts() -> None:
    """In a combination a component takes the name beside it; the order of the generic name says nothing."""
    name = Name("clavulanic acid and amoxicillin")
    text = "amoxicillin 875 mg / clavulanic acid 125 mg; 500 mg/125 mg"
    strengths = with_ingredients(read(text, Around("solid", 2)).strengths, name)
    named = [[component.ingredient for component in strength.components] for strength in strengths]
    assert named == [["amoxicillin", "clavulanic acid"], [None, None]]


def test_percent_without_basis() -> None:
    """A percent of an unknown form keeps what is stated, and a finding says why it is not compared."""
    reading = read("5%", Around(None, 1))
    assert reading.strengths[0].components[0].normalized is None
    assert [finding.code for finding in reading.findings] == ["STRENGTH_NO_BASIS"]


def test_decimal_commas_elsewhere_make_a_thousands_comma_uncertain() -> None:
    """In a document with decimal commas, 2,500 may be 2.5."""
    reading = read("2,500 mg", Around("solid", 1, decimal_comma=True))
    assert reading.findings[0].code == "STRENGTH_AMBIGUOUS"


@given(st.text(max_size=200))
def test_nothing_raises_and_places_are_exact(text: str) -> None:
    """Any text is read without an error, and every place holds exactly the words it names."""
    reading = read(text, Around("liquid", 2), before="Dose:\n ")
    places = [component.place for strength in reading.strengths for component in strength.components]
    places += [finding.place for finding in reading.findings if finding.place is not None]
    assert all(text[place.start - 7 : place.end - 7] == place.text for place in places)


PIECES = [
    "q", "3-", "U-100", "mg/", "^2", "5-", "[1]", "5's", "5", "10", "1,000", "0.5", "mg", "g", "mL", "%", "/",
    "-", "+", ";", ",", "(", ")", "per", "in", "and", "to", "units", "x", ":", "tablet", "as", "daily", "\n",
    "kg", "h", "½", "×10⁶",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join))
def test_any_mixture_of_pieces_is_read_or_explained(text: str) -> None:
    """Each strength without a comparable amount has a finding on its ordinal."""
    reading = read(text, Around("liquid", 1))
    explained = {finding.row_no for finding in reading.findings}
    for number, strength in enumerate(reading.strengths, start=1):
        assert all(component.normalized for component in strength.components) or number in explained


numbers = st.decimals(min_value="0.01", max_value="9999", places=2).map(Decimal.normalize).filter(bool)
masses = st.sampled_from([UnitCode(code) for code in ("mg", "g", "ug", "[iU]", "meq", "mmol", "MBq", "{cells}")])
volumes = st.builds(Quantity, numbers, st.just(UnitCode("mL")))


@st.composite
def components(draw: st.DrawFn, below: st.SearchStrategy[Quantity | None]) -> Component:
    """A component as the canonical print can state it."""
    value = draw(numbers)
    high = draw(st.none() | numbers.map(lambda more: value + more))
    return Component(Passage(""), "presentation", Quantity(value, draw(masses), high), draw(below))


@given(
    st.lists(components(st.none()), min_size=1, max_size=3) | st.lists(components(volumes), min_size=1, max_size=3),
)
def test_what_is_printed_is_read_back(parts: list[Component]) -> None:
    """Reading the canonical print of a strength gives the strength."""
    printed = print_strength(Strength(tuple(parts)))
    reading = read(printed, Around("liquid"))
    assume(not any(finding.code == "STRENGTH_IMPLAUSIBLE" for finding in reading.findings))
    assert [print_strength(strength) for strength in reading.strengths] == [printed]


@given(numbers)
def test_numbers_keep_their_value(value: Decimal) -> None:
    """A plain decimal number is read as itself, unless its zeros make it uncertain."""
    assert read_number(f"{value:f}") == value


def test_long_adversarial_text_is_read_in_one_pass() -> None:
    """Text made to backtrack costs no more than its length: each is 50 000 characters."""
    for piece in (
        "1,",
        "(",
        "5 mg/",
        "5 ",
        "1 000 ",
        "5 mg (",
        "million ",
        "in each ",
        "½",
        "&amp",
        "x10^",
        "1/",
        "1,000,",
        "5 mg, ",
        "5 mg (5 mL) ",
        "1 mg x ",
        "5 per ",
    ):
        read(piece * (50_000 // len(piece)), Around("liquid", 1))


def test_every_unit_has_a_comparable_base() -> None:
    """Each unit names a base unit of the list, of its own dimension."""
    units = codes.by_code("units")
    for unit in units.values():
        assert units[unit["base_code"]]["dimension"] in (unit["dimension"], "presentation")
