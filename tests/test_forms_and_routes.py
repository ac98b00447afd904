"""Dose forms and routes: cases that a pharmacist can extend, and properties that hold for every text."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.normalize.dose_form import find_dose_form, read_dose_form, read_dose_forms, strength_basis
from pipelines.normalize.phrases import key
from pipelines.normalize.route import find_routes, read_route, read_routes
from pipelines.normalize.route_statements import routes_in_sentences, routes_of_title
from pipelines.records import DoseForm, DoseFormCode, Finding, Passage, Route, RouteCode
from schemas import codes

CASES = Path(__file__).parent / "cases"
SPELLINGS = [
    row["text"] for name in ("route_synonyms", "dose_form_synonyms", "dose_form_words") for row in codes.rows(name)
]
WORDS = st.lists(st.sampled_from([*SPELLINGS, ", ", "; ", " or ", "\n- ", "(", ")", "é", "5 mg", "Zorb"]), max_size=12)
TEXTS = st.one_of(st.text(), WORDS.map(" ".join), WORDS.map("".join))


def cases(name: str) -> list[dict[str, str]]:
    """The rows of a file of cases."""
    with (CASES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shown(table: str, read: tuple[tuple[DoseForm | Route, ...], tuple[Finding, ...]]) -> str:
    """The reading as the column `reads_as` of the cases writes it."""
    reasons = {finding.place: f"!{finding.code}" for finding in read[1]}
    names = codes.by_code(table)
    return " | ".join(names[item.code]["name"] if item.code else reasons[item.place] for item in read[0])


@pytest.mark.parametrize("case", cases("dose_forms"), ids=lambda case: case["text"])
def test_dose_form_reads_as(case: dict[str, str]) -> None:
    """Each dosage-form field is read as its row says."""
    assert shown("dose_forms", read_dose_forms(Passage(case["text"]))) == case["reads_as"]


@pytest.mark.parametrize("case", cases("routes"), ids=lambda case: case["text"])
def test_route_reads_as(case: dict[str, str]) -> None:
    """Each route field is read as its row says."""
    assert shown("routes", read_routes(Passage(case["text"]))) == case["reads_as"]


@pytest.mark.parametrize("row", codes.rows("dose_forms"), ids=lambda row: row["name"])
def test_fda_form_names_itself(row: codes.Row) -> None:
    """Every FDA dose form is read from its own name, except the one that is a route by meaning."""
    expected = None if row["name"] == "INTRACAMERAL" else row["code"]
    assert [form.code for form in read_dose_forms(Passage(row["name"]))[0]] == [expected]


@pytest.mark.parametrize("row", codes.rows("routes"), ids=lambda row: row["name"])
def test_fda_route_names_itself(row: codes.Row) -> None:
    """Every FDA route is read from its own name."""
    assert read_route(Passage(row["name"])) == (Route(Passage(row["name"]), RouteCode(row["code"])),)


@pytest.mark.parametrize("row", codes.rows("dose_form_synonyms"), ids=lambda row: row["text"])
def test_form_synonym_leads_to_its_code(row: codes.Row) -> None:
    """Every row of dose_form_synonyms.csv is reached, and reads as the row says."""
    assert [form.code for form in read_dose_forms(Passage(row["text"]))[0]] == [row["code"] or None]


@pytest.mark.parametrize(
    "row",
    [row for row in codes.rows("route_synonyms") if row["role"] in ("route", "field", "alone")],
    ids=lambda row: row["text"],
)
def test_route_synonym_leads_to_its_code(row: codes.Row) -> None:
    """Every route of route_synonyms.csv is reached, and reads as the row says."""
    assert [route.code for route in read_routes(Passage(row["text"]))[0]] == [row["code"] or None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Injectable solution (Intrathecal)", ["INTRATHECAL"]),
        ("Solution for intramuscular injection", ["INTRAMUSCULAR"]),
        ("Eye and ear drops", ["OPHTHALMIC", "AURICULAR (OTIC)"]),
        ("Vaginal tablet", ["VAGINAL"]),
        ("Solution for injection", []),
        ("Injection for spinal anaesthesia", []),
        ("Solution for injection, not for intrathecal use", []),
        ("Rectally absorbed, buccally placed: Rectal suppository", ["RECTAL", "BUCCAL"]),
    ],
)
def test_routes_inside_other_words(text: str, expected: list[str]) -> None:
    """A route inside a form is found once, unless the words deny it or do not name the place."""
    names = codes.by_code("routes")
    assert [names[route.code]["name"] for route in find_routes(Passage(text)) if route.code] == expected


@pytest.mark.parametrize(
    ("text", "place", "name"),
    [
        ("5 mg tablets", "tablets", "TABLET"),
        ("20 film-coated tablets in a blister", "film-coated tablets", "TABLET, FILM COATED"),
        ("Tablet equivalent to", "Tablet", "TABLET"),
        ("Cream (as mupirocin calcium)", "Cream", "CREAM"),
        ("Zorb powder for oral suspension (5 mg)", "powder for oral suspension", "POWDER, FOR SUSPENSION"),
        ("100 mg (tablet)", "tablet", "TABLET"),
    ],
)
def test_form_among_other_words(text: str, place: str, name: str) -> None:
    """The longest known form is found among words that are not known."""
    found = find_dose_form(Passage(text))
    assert found is not None
    assert found.code is not None
    assert (found.place.text, codes.by_code("dose_forms")[found.code]["name"]) == (place, name)


@pytest.mark.parametrize(
    "text", ["Ventolin inhaler", "Zorb modified-release tablets", "5 mg cream or ointment", "5 mg", ""]
)
def test_no_form_among_other_words(text: str) -> None:
    """Words that name several forms, or none with a code, give none: a part of a name is never taken for the whole."""
    assert find_dose_form(Passage(text)) is None


@pytest.mark.parametrize(
    ("text", "code", "basis"),
    [
        ("Tablets", "C42998", "solid"),
        ("Cream", "C28944", "semisolid"),
        ("Inhalation powder", "C42972", "metered"),
        ("Inhalation powder, hard capsule", "C25158", "solid"),
        ("Dental cartridge", None, "liquid"),
        ("Solid oral dosage form", None, "solid"),
        ("Modified-release tablets", None, "solid"),
        ("Powder for injection", None, "powder"),
        ("Ventolin inhaler", None, "metered"),
        ("Cream or ointment", None, "semisolid"),
        ("Cream or lotion", None, None),
        ("Prefilled pen", None, "liquid"),
        ("Vial", None, None),
        ("Zorb", None, None),
    ],
)
def test_strength_basis(text: str, code: str | None, basis: str | None) -> None:
    """What a strength is measured by comes from the spelling, the code, or the words that all agree."""
    assert strength_basis(DoseForm(Passage(text), DoseFormCode(code) if code else None)) == basis


def test_read_dose_form_refuses_a_list() -> None:
    """Two forms are not one form."""
    finding = read_dose_form(Passage("Cream or ointment", 7))
    assert isinstance(finding, Finding)
    assert (finding.code, finding.place) == ("FORM_UNMAPPED", Passage("Cream or ointment", 7))


@given(TEXTS, st.integers(0, 9))
def test_places_are_what_is_printed(text: str, start: int) -> None:
    """Whatever the text, each place is a stretch of it, and what has no code has one finding of the same place."""
    field = Passage(text, start)
    forms, form_findings = read_dose_forms(field)
    routes, route_findings = read_routes(field)
    found = find_dose_form(field)
    read: list[DoseForm | Route] = [*forms, *routes, *find_routes(field), *([found] if found else [])]
    for item in read:
        assert text[item.place.start - start : item.place.end - start] == item.place.text
    assert [form.place for form in forms if form.code is None] == [finding.place for finding in form_findings]
    assert [route.place for route in routes if route.code is None] == [finding.place for finding in route_findings]


@given(TEXTS)
def test_no_word_of_a_form_field_is_lost(text: str) -> None:
    """Every word of a dosage-form field stands in a form or is a separator between two."""
    forms, _ = read_dose_forms(Passage(text))
    rows = [row for row in codes.rows("dose_form_words") if row["kind"] == "separator"]
    separators = {word for row in rows for word in key(row["text"])}
    left = text
    for form in reversed(forms):
        left = left[: form.place.start] + "," + left[form.place.end :]
    assert all(word in separators or not word.isalnum() for word in key(left))


@given(TEXTS)
def test_readers_agree(text: str) -> None:
    """A field that names one form is read alike by both readers, and the form is also found among words."""
    words = Passage(text)
    one = read_dose_form(words)
    if isinstance(one, DoseForm):
        assert read_dose_forms(words) == ((one,), ())
        assert strength_basis(one) is not None
    else:
        assert one.message


@given(st.sampled_from(SPELLINGS))
def test_case_and_hyphens_say_nothing(text: str) -> None:
    """Capital letters and hyphens between words do not change a reading."""
    as_printed = [form.code for form in read_dose_forms(Passage(text))[0]]
    assert [form.code for form in read_dose_forms(Passage(text.upper().replace("-", "‑")))[0]] == as_printed


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        (
            "For subcutaneous or intravenous use. Must not be given intramuscularly.",
            ["For subcutaneous", "intravenous use"],
        ),
        ("Start low. Oral use.", ["Oral use"]),
        ("IV infusion or IM injection. Add 10 units to 500 mL.", ["IV infusion", "IM injection"]),
        ("4,000 IU once daily by subcutaneous injection.", []),
        ("Not for intravenous use.", []),
    ],
)
def test_a_sentence_of_routes_alone_states_them(text: str, printed: list[str]) -> None:
    """A sentence names routes where it says nothing else, and nothing is read from one that denies a route."""
    assert [route.place.text for route in routes_in_sentences(Passage(text))] == printed


@pytest.mark.parametrize(
    ("title", "printed"),
    [
        ("EXEMPLAR (exemplum) tablets, for oral use", ["for oral use"]),
        ("EXEMPLAR (exemplum) injection, for intravenous or subcutaneous use", ["for intravenous", "subcutaneous use"]),
        ("Exemplum tablets, for children", []),
        ("Exemplum (oral)", ["oral"]),
        ("Exemplum (ex-EM-plum)", []),
    ],
)
def test_a_title_may_end_with_its_routes(title: str, printed: list[str]) -> None:
    """A US label prints its routes at the end of the title; other titles have them in brackets."""
    assert [route.place.text for route in routes_of_title(Passage(title))] == printed
