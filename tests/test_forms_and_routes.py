"""Dose forms and routes: cases that a pharmacist can extend, and properties that hold for every text."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.lexer import Tokens, cut, cut_words, read_text
from pipelines.normalize.dose_forms import find_form, find_forms, read_form, read_forms
from pipelines.normalize.routes import read_routes, routes_in, routes_of_doses, routes_of_lines, stated_routes
from pipelines.records import DoseForm, Finding, Passage, Route, RouteCode
from schemas import codes

CASES = Path(__file__).parent / "cases"
SPELLINGS = [
    row["text"] for name in ("route_synonyms", "dose_form_synonyms", "dose_form_words") for row in codes.rows(name)
]
WORDS = st.lists(st.sampled_from([*SPELLINGS, ", ", "; ", " or ", "\n- ", "(", ")", "é", "5 mg", "Zorb"]), max_size=12)
TEXTS = st.one_of(st.text(), WORDS.map(" ".join), WORDS.map("".join))


def words(text: str, start: int = 0) -> tuple[Tokens, int, int]:
    """The tokens of a text that stands somewhere in a document, and where they begin and end."""
    before = "x" * (start - 1) + " " if start else ""
    tokens = cut(read_text(before + text))
    return tokens, *tokens.span(Passage(text, len(before)))


def forms(text: str) -> tuple[tuple[DoseForm, ...], tuple[Finding, ...]]:
    """The forms of a field."""
    return read_forms(*words(text))


def routes(text: str) -> tuple[tuple[Route, ...], tuple[Finding, ...]]:
    """The routes of a field."""
    return read_routes(*words(text))


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
    assert shown("dose_forms", forms(case["text"])) == case["reads_as"]


@pytest.mark.parametrize("case", cases("routes"), ids=lambda case: case["text"])
def test_route_reads_as(case: dict[str, str]) -> None:
    """Each route field is read as its row says."""
    assert shown("routes", routes(case["text"])) == case["reads_as"]


@pytest.mark.parametrize("row", codes.rows("dose_forms"), ids=lambda row: row["name"])
def test_fda_form_names_itself(row: codes.Row) -> None:
    """Every FDA dose form is read from its own name, except the one that is a route by meaning."""
    expected = None if row["name"] == "INTRACAMERAL" else row["code"]
    assert [form.code for form in forms(row["name"])[0]] == [expected]


@pytest.mark.parametrize("row", codes.rows("routes"), ids=lambda row: row["name"])
def test_fda_route_names_itself(row: codes.Row) -> None:
    """Every FDA route is read from its own name."""
    assert routes(row["name"]) == ((Route(Passage(row["name"]), RouteCode(row["code"])),), ())


@pytest.mark.parametrize("row", codes.rows("dose_form_synonyms"), ids=lambda row: row["text"])
def test_form_synonym_leads_to_its_code(row: codes.Row) -> None:
    """Every row of dose_form_synonyms.csv is reached, and reads as the row says."""
    assert [form.code for form in forms(row["text"])[0]] == [row["code"] or None]


@pytest.mark.parametrize(
    "row",
    [row for row in codes.rows("route_synonyms") if row["role"] in ("route", "field", "alone")],
    ids=lambda row: row["text"],
)
def test_route_synonym_leads_to_its_code(row: codes.Row) -> None:
    """Every route of route_synonyms.csv is reached, and reads as the row says."""
    assert [route.code for route in routes(row["text"])[0]] == [row["code"] or None]


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
    assert [names[route.code]["name"] for route in routes_in(*words(text)) if route.code] == expected


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
    tokens, first, after = words(text)
    found = find_form(tokens, first, after)
    assert found is not None
    assert found.code is not None
    assert (found.form(tokens).place.text, codes.by_code("dose_forms")[found.code]["name"]) == (place, name)


@pytest.mark.parametrize(
    "text", ["Ventolin inhaler", "Zorb modified-release tablets", "5 mg cream or ointment", "5 mg", ""]
)
def test_no_form_among_other_words(text: str) -> None:
    """Words that name several forms, or none with a code, give none: a part of a name is never taken for the whole."""
    assert find_form(*words(text)) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("5 mg cream or 10 mg ointment", ["cream", "ointment"]),
        ("20 film-coated tablets in a blister of 10", ["film-coated tablets"]),
        ("a vial of powder for solution for injection", ["powder for solution for injection"]),
        ("white, crystalline solid", []),
        ("bottles of 100", ["bottles"]),
    ],
)
def test_all_forms_among_other_words(text: str, found: list[str]) -> None:
    """Each form is found at its place, without the container around it; a container alone is found, too."""
    tokens, first, after = words(text)
    assert [tokens.passage(name.first, name.after).text for name in find_forms(tokens, first, after)] == found


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
        ("Prefilled pen", None, "liquid"),
        ("Vial", None, None),
        ("Zorb", None, None),
    ],
)
def test_strength_basis(text: str, code: str | None, basis: str | None) -> None:
    """What a strength is measured by comes from the spelling, the code, or the words that all agree."""
    (form,), _ = forms(text)
    assert (form.code, form.basis) == (code, basis)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Eye drops, solution", "OPHTHALMIC"),
        ("Solution for intravenous infusion", "INTRAVENOUS"),
        ("Oral tablet", "ORAL"),
        ("Vaginal cream", "VAGINAL"),
        ("Injection, oral solution", None),
        ("Tablet", None),
    ],
)
def test_a_form_has_the_route_of_its_words(text: str, name: str | None) -> None:
    """The form's own route is the one that its words name."""
    code = forms(text)[0][0].route
    assert (codes.by_code("routes")[code]["name"] if code else None) == name


def test_read_form_refuses_a_list() -> None:
    """Two forms are not one form."""
    finding = read_form(*words("Cream or ointment", 7))
    assert isinstance(finding, Finding)
    assert (finding.code, finding.place) == ("FORM_UNMAPPED", Passage("Cream or ointment", 7))


@given(TEXTS, st.integers(0, 9))
def test_places_are_what_is_printed(text: str, start: int) -> None:
    """Whatever the text, each place is a stretch of it, and what has no code has one finding of the same place."""
    tokens, first, after = words(text, start)
    forms, form_findings = read_forms(tokens, first, after)
    routes, route_findings = read_routes(tokens, first, after)
    among = [name.form(tokens) for name in find_forms(tokens, first, after)]
    read: list[DoseForm | Route] = [*forms, *routes, *routes_in(tokens, first, after), *among]
    for item in read:
        assert text[item.place.start - start : item.place.end - start] == item.place.text
    assert [form.place for form in forms if form.code is None] == [finding.place for finding in form_findings]
    assert [route.place for route in routes if route.code is None] == [finding.place for finding in route_findings]


@given(TEXTS)
def test_no_word_of_a_form_field_is_lost(text: str) -> None:
    """Every word of a dosage-form field stands in a form or is a separator between two."""
    rows = [row for row in codes.rows("dose_form_words") if row["kind"] == "separator"]
    known = {word for row in rows for word in cut_words(row["text"])}
    left = text
    for form in reversed(forms(text)[0]):
        left = left[: form.place.start] + "," + left[form.place.end :]
    assert all(word in known or not word.isalpha() for word in cut_words(left))


@given(TEXTS)
def test_readers_agree(text: str) -> None:
    """A field that names one form is read alike by both readers."""
    one = read_form(*words(text))
    if isinstance(one, DoseForm):
        assert forms(text) == ((one,), ())
        assert one.basis is not None
    else:
        assert one.message


@given(st.sampled_from(SPELLINGS))
def test_case_and_hyphens_say_nothing(text: str) -> None:
    """Capital letters and hyphens between words do not change a reading."""
    as_printed = [form.code for form in forms(text)[0]]
    assert [form.code for form in forms(text.upper().replace("-", "‑"))[0]] == as_printed


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("EXEMPLAR (exemplum) tablets, for oral use", ["ORAL"]),
        ("Injection, for intravenous or subcutaneous use", ["INTRAVENOUS", "SUBCUTANEOUS"]),
        ("It is administered by intravenous or deep subcutaneous routes.", ["INTRAVENOUS", "SUBCUTANEOUS"]),
        ("May be given as an intravenous infusion or intramuscular injection.", ["INTRAVENOUS", "INTRAMUSCULAR"]),
        ("Take one tablet by mouth once daily.", ["ORAL"]),
        ("Swallow the tablets whole.", ["ORAL"]),
        ("Inject under the skin of the thigh.", ["SUBCUTANEOUS"]),
        ("For external use only.", ["TOPICAL"]),
        ("Apply to the affected area.", ["TOPICAL"]),
        ("Not for intravenous use.", []),
        ("It should not be given by the intravenous route.", []),
        ("Avoid contact with eyes.", []),
        ("Debossed on the other side.", []),
        ("Respiratory depression may occur.", []),
        ("Patients taking oral contraceptives need another method.", []),
        ("After a dose given rectally, wait 4 hours.", []),
        ("For oral suspension", []),
    ],
)
def test_a_sentence_states_a_route(text: str, stated: list[str]) -> None:
    """A route is stated by what the drug is for, how it is given and where to; a word in passing states none."""
    names = codes.by_code("routes")
    assert [names[route.code]["name"] for route in stated_routes(*words(text)) if route.code] == stated


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("IV: 5 mg every 6 hours", ["INTRAVENOUS"]),
        ("Oral use", ["ORAL"]),
        ("- Oral: 10 mg\n- IM: 5 mg", ["ORAL", "INTRAMUSCULAR"]),
        ("Eye: may water", []),
        ("N/A", []),
        ("Start low and go slow", []),
    ],
)
def test_a_line_states_a_route(text: str, stated: list[str]) -> None:
    """A line, or the label of one, states a route if it says nothing else; a part of the body is none."""
    names = codes.by_code("routes")
    assert [names[route.code]["name"] for route in routes_of_lines(*words(text)) if route.code] == stated


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("2 g IV every 12 hours", ["INTRAVENOUS"]),
        ("50 mg/kg IM once", ["INTRAMUSCULAR"]),
        ("250 mg PO, then 1 g IV", ["ORAL", "INTRAVENOUS"]),
        ("Type IV hypersensitivity", []),
        ("5 mg in the morning", []),
    ],
)
def test_a_dose_tells_its_route(text: str, stated: list[str]) -> None:
    """An abbreviation in capitals behind an amount is a route."""
    names = codes.by_code("routes")
    assert [names[route.code]["name"] for route in routes_of_doses(*words(text)) if route.code] == stated
