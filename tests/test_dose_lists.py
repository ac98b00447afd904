"""Dose lists: which form each strength belongs to, and that no word of a list is lost."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.normalize.dose_items import items
from pipelines.normalize.dose_list import read_dose_list
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


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["list"])
def test_reads_as(case: dict[str, str]) -> None:
    """Each list is read as its row says."""
    reading = read_dose_list(Passage(case["list"].replace("\\n", "\n")), (), Around(ingredients=1))
    assert " | ".join(map(shown, reading.strengths)) == case["reads_as"]


LINES = ["Tablets: 5 mg", "- 10 mg; 20 mg", "* note", "  wrapped in", "Syrup 2 mg/5 mL, cream 1%", "", "Adults: 5 mg",
         "Oral solution", "5 mg tablets, 10 mg capsules (20 mg; 30 mg)", "x:", "1. 3 mg", "\t", ":"]  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=8).map("\n".join) | st.text(max_size=80))
def test_every_word_is_in_an_item(text: str) -> None:
    """The labels and doses of a list hold every number of it, at its place and in order."""
    body = Passage(text, 3)
    found = [part for item in items(body) for part in (item.label, item.dose) if part]
    assert all(text[part.start - 3 : part.end - 3] == part.text for part in found)
    marked = {at for part in found for at in range(part.start - 3, part.end - 3)}
    lost = "".join(c for at, c in enumerate(text) if at not in marked)
    assert not any(c.isdigit() for c in lost.replace("1.", ""))


@given(st.lists(st.sampled_from(LINES), max_size=8).map("\n".join) | st.text(max_size=80))
def test_every_unread_strength_is_explained(text: str) -> None:
    """Each strength without a comparable amount has a finding on its ordinal, and places are exact."""
    reading = read_dose_list(Passage(text), (), Around())
    explained = {finding.row_no for finding in reading.findings if finding.table == "strengths"}
    for number, strength in enumerate(reading.strengths, start=1):
        places = [component.place for component in strength.components]
        assert all(text[place.start : place.end] == place.text for place in places)
        assert all(component.normalized for component in strength.components) or number in explained
