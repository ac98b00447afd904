"""Dose lists: which form each strength belongs to, and that no word of a list is lost."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.lexer import BREAK, Tokens, cut, read_text
from pipelines.normalize.dose_lists import DoseListReading, read_dose_list
from pipelines.normalize.product_marks import entries_of
from pipelines.normalize.strengths import Around, print_strength
from pipelines.records import Passage, Strength
from schemas import codes

with (Path(__file__).parent / "cases" / "dose_lists.csv").open(encoding="utf-8", newline="") as _file:
    CASES = list(csv.DictReader(_file))


def shown(strength: Strength) -> str:
    """Form and strength as the column `reads_as` of the cases writes them."""
    code = strength.form.code if strength.form else None
    form = codes.by_code("dose_forms")[code]["name"] if code else "?"
    return f"{form} {print_strength(strength) if strength.components[0].numerator else '-'}"


def read(text: str, start: int = 0) -> DoseListReading:
    """The reading of a list, each line an entry, that stands somewhere in a document."""
    tokens, first, after = within(text, start)
    return read_dose_list(tokens, entries_of(tokens, first, after), (), Around(ingredients=1))


def within(text: str, start: int) -> tuple[Tokens, int, int]:
    """The tokens of a text with a line before it."""
    before = "x" * (start - 1) + "\n" if start else ""
    tokens = cut(read_text(before + text))
    return tokens, *tokens.span(Passage(text, len(before)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["list"])
def test_reads_as(case: dict[str, str]) -> None:
    """Each list is read as its row says."""
    assert " | ".join(map(shown, read(case["list"].replace("\\n", "\n")).strengths)) == case["reads_as"]


LINES = ["Tablets: 5 mg", "- 10 mg; 20 mg", "* note", "  wrapped in", "Syrup 2 mg/5 mL, cream 1%", "", "Adults: 5 mg",
         "Oral solution", "5 mg tablets, 10 mg capsules (20 mg; 30 mg)", "x:", "1. 3 mg", "\t", ":"]  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=8).map("\n".join) | st.text(max_size=80))
def test_every_word_is_in_an_entry(text: str) -> None:
    """The entries of a list hold every token of it but the ends of lines, in order."""
    tokens, first, after = within(text, 3)
    inside = [at for start, end in entries_of(tokens, first, after) for at in range(start, end)]
    assert inside == sorted(set(inside))
    assert all(tokens.kinds[at] == BREAK for at in range(first, after) if at not in inside)


@given(st.lists(st.sampled_from(LINES), max_size=8).map("\n".join) | st.text(max_size=80))
def test_every_unread_strength_is_explained(text: str) -> None:
    """Each strength without a comparable amount has a finding on its ordinal, and places are exact."""
    reading = read(text, 3)
    explained = {finding.row_no for finding in reading.findings if finding.table == "strengths"}
    for number, strength in enumerate(reading.strengths, start=1):
        places = [component.place for component in strength.components]
        assert all(text[place.start - 3 : place.end - 3] == place.text for place in places)
        assert all(component.normalized for component in strength.components) or number in explained
