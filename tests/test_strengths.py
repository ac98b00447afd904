"""Strengths: cases that a pharmacist can extend, and properties that hold for every text."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipelines.normalize.products import with_ingredients
from pipelines.normalize.quantities import read_number
from pipelines.normalize.strengths import Around, StrengthReading, print_strength, read_strengths_of
from pipelines.records import Component, Name, Passage, Quantity, Strength, UnitCode
from schemas import codes

with (Path(__file__).parent / "cases" / "strengths.csv").open(encoding="utf-8", newline="") as _file:
    CASES = list(csv.DictReader(_file))


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
    assert shown(read_strengths_of(Passage(case["text"]), around)) == case["reads_as"]


@pytest.mark.parametrize(("names", "expected"), [((), "-"), (("glucose",), "5 %")])
def test_excipients_that_are_the_drug(names: tuple[str, ...], expected: str) -> None:
    """Glucose is an excipient, unless the drug is glucose."""
    assert shown(read_strengths_of(Passage("glucose 5%"), Around("liquid", 1, names=frozenset(names)))) == expected


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
    component = read_strengths_of(Passage(text), Around(basis, 1)).strengths[0].components[0]
    assert component.normalized == Quantity(Decimal(value), UnitCode(unit))
    assert component.rxnorm == rxnorm


def test_ingredients_stand_beside_their_amounts() -> None:
    """In a combination a component takes the name beside it; the order of the generic name says nothing."""
    name = Name("clavulanic acid and amoxicillin")
    text = "amoxicillin 875 mg / clavulanic acid 125 mg; 500 mg/125 mg"
    strengths = with_ingredients(read_strengths_of(Passage(text), Around("solid", 2)).strengths, name)
    named = [[component.ingredient for component in strength.components] for strength in strengths]
    assert named == [["amoxicillin", "clavulanic acid"], [None, None]]


def test_percent_without_basis() -> None:
    """A percent of an unknown form keeps what is stated, and a finding says why it is not compared."""
    reading = read_strengths_of(Passage("5%"), Around(None, 1))
    assert reading.strengths[0].components[0].normalized is None
    assert [finding.code for finding in reading.findings] == ["STRENGTH_NO_BASIS"]


def test_decimal_commas_elsewhere_make_a_thousands_comma_uncertain() -> None:
    """In a document with decimal commas, 2,500 may be 2.5."""
    reading = read_strengths_of(Passage("2,500 mg"), Around("solid", 1, decimal_comma=True))
    assert reading.findings[0].code == "STRENGTH_AMBIGUOUS"


@given(st.text(max_size=200))
def test_nothing_raises_and_places_are_exact(text: str) -> None:
    """Any text is read without an error, and every place holds exactly the words it names."""
    reading = read_strengths_of(Passage(text, 7), Around("liquid", 2))
    places = [component.place for strength in reading.strengths for component in strength.components]
    places += [finding.place for finding in reading.findings if finding.place is not None]
    assert all(text[place.start - 7 : place.end - 7] == place.text for place in places)


PIECES = ["5", "10", "1,000", "0.5", "mg", "g", "mL", "%", "/", "-", "+", ";", ",", "(", ")", "per", "in", "and", "to",
          "units", "x", ":", "tablet", "as", "daily", "\n", "kg", "h", "½", "×10⁶"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join))
def test_any_mixture_of_pieces_is_read_or_explained(text: str) -> None:
    """Each strength without a comparable amount has a finding on its ordinal."""
    reading = read_strengths_of(Passage(text), Around("liquid", 1))
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
    reading = read_strengths_of(Passage(printed), Around("liquid"))
    assume(not any(finding.code == "STRENGTH_IMPLAUSIBLE" for finding in reading.findings))
    assert [print_strength(strength) for strength in reading.strengths] == [printed]


@given(numbers)
def test_numbers_keep_their_value(value: Decimal) -> None:
    """A plain decimal number is read as itself, unless its zeros make it uncertain."""
    assert read_number(f"{value:f}") == value


def test_long_adversarial_text_is_read_in_one_pass() -> None:
    """Text made to backtrack costs no more than its length: each is 50 000 characters."""
    for piece in ("1,", "(", "5 mg/", "5 ", "1 000 ", "5 mg (", "million ", "in each ", "½", "&amp", "x10^"):
        read_strengths_of(Passage(piece * (50_000 // len(piece))), Around("liquid", 1))


def test_every_unit_has_a_comparable_base() -> None:
    """Each unit names a base unit of the list, of its own dimension."""
    units = codes.by_code("units")
    for unit in units.values():
        assert units[unit["base_code"]]["dimension"] in (unit["dimension"], "presentation")
