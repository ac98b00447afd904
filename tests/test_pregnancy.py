"""Pregnancy categories and lactation statements: what is read, from where, and what is left alone."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.lexer import BREAK, SOFT_BREAK, Tokens, cut, read_text
from pipelines.normalize.pregnancy_categories import (
    has_lactation_statement,
    most_restrictive,
    read_pregnancy_categories,
)
from pipelines.records import Finding, Monograph, Passage, PregnancyCategory, Section, SectionCode
from schemas import codes
from schemas.tables.safety import PregnancyCategories

CASES = Path(__file__).parent / "cases" / "pregnancy.csv"
CATEGORIES = codes.rows("pregnancy_categories")
SYSTEMS = {row["system_code"] for row in CATEGORIES}
TABLES = ("pregnancy_words", "pregnancy_systems", "pregnancy_synonyms", "pregnancy_condition_words", "lactation_words")

_WORDS = [row["text"] for name in TABLES for row in codes.rows(name)]
_PRINTED = [
    *_WORDS,
    "A",
    "B",
    "C",
    "D",
    "X",
    "B3",
    "(",
    ")",
    ":",
    ";",
    ",",
    ".",
    "\n",
    "–",
    "\u00a0",
    "½",
    "baclofen",
    "0.5%",
]
statements = st.lists(st.sampled_from(_PRINTED), max_size=25).map(" ".join) | st.text(max_size=80)
headings = (
    st.none()
    | st.sampled_from(["Pregnancy", "US FDA pregnancy category", "Graviditet", "Lactation"])
    | st.text(max_size=20)
)


def document(words: str, heading: str | None = None, title: str = "") -> tuple[Monograph, Tokens]:
    """A monograph that is a title, a heading and a section of pregnancy."""
    above = f"{title}\n{heading or ''}\n"
    place = Passage(heading, len(title) + 1) if heading else None
    section = Section(SectionCode("pregnancy"), place, Passage(words, len(above)).strip())
    tokens = cut(read_text(above + words))
    for at in range(1, len(tokens) - 1):  # `parse` finds the lines that are wrapped
        if tokens.kinds[at] == BREAK and tokens.printed_case(at + 1)[0].islower():
            tokens.kinds[at] = SOFT_BREAK
    return Monograph("a", Passage(title), (section,)), tokens


def read(
    words: str, heading: str | None = None, names: frozenset[str] = frozenset(), title: str = ""
) -> tuple[tuple[PregnancyCategory, ...], tuple[Finding, ...]]:
    """What a section of pregnancy states."""
    return read_pregnancy_categories(*document(words, heading, title), names)


def cases() -> list[dict[str, str]]:
    """The cases that a pharmacist keeps."""
    with CASES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def spoken(category: PregnancyCategory) -> str:
    """A category as the cases write it."""
    condition = f" ({category.condition_kind}: {category.condition.text})" if category.condition else ""
    return f"{category.system} {category.code or 'not assigned'}{condition}"


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["text"][:60])
def test_reads_as_a_pharmacist_would(case: dict[str, str]) -> None:
    """Every case reads as its row says, values and findings in order."""
    categories, findings = read(case["text"], case["heading"] or None)
    stated = [*(spoken(category) for category in categories), *(finding.code for finding in findings)]
    assert " | ".join(stated) == case["reads_as"], case["why"]


@given(statements, headings)
def test_every_place_is_printed(words: str, heading: str | None) -> None:
    """Whatever the text, nothing is raised, and statements, conditions and findings stand where they say."""
    categories, findings = read(words, heading)
    places = [category.place for category in categories] + [finding.place for finding in findings if finding.place]
    places += [category.condition for category in categories if category.condition]
    for place in places:
        assert place.text
        assert document(words, heading)[1].text.printed[place.start : place.end] == place.text


@given(statements, headings)
def test_every_code_is_in_the_table(words: str, heading: str | None) -> None:
    """A code is one of its own system's, and a condition kind one that the published table allows."""
    kinds = set(PregnancyCategories.to_schema().columns["condition_kind"].metadata["values"])
    known = {(row["system_code"], row["code"]) for row in CATEGORIES}
    for category in read(words, heading)[0]:
        assert category.system in SYSTEMS
        assert category.code is None or (category.system, category.code) in known
        assert (category.condition_kind is None) == (category.condition is None)
        assert category.condition_kind is None or category.condition_kind in kinds


@given(statements, headings)
def test_a_condition_lies_within_its_statement(words: str, heading: str | None) -> None:
    """The printed statement holds the condition that it is stated under."""
    for category in read(words, heading)[0]:
        if category.condition is not None:
            assert category.place.start <= category.condition.start <= category.condition.end <= category.place.end


@pytest.mark.parametrize(("label", "system"), [("US FDA", "US_FDA"), ("AU TGA", "AU_TGA"), ("FASS", "SE_FASS")])
def test_a_printed_category_reads_back(label: str, system: str) -> None:
    """`US FDA pregnancy category: C`, in one line or as heading and body, is C of FDA, for every code of the system."""
    for code in [row["code"] for row in CATEGORIES if row["system_code"] == system]:
        for text, heading in ((f"{label} pregnancy category: {code}", None), (code, f"{label} pregnancy category")):
            categories, findings = read(text, heading)
            assert [(category.system, category.code) for category in categories] == [(system, code)]
            assert not findings


def test_a_finding_names_the_words_that_were_not_read() -> None:
    """Who looks up a finding finds the letter that has no system."""
    _, findings = read("It is category B2.", "Pregnancy")
    assert findings == (
        Finding(findings[0].code, findings[0].message, Passage("category B2", 17), "pregnancy_categories"),
    )


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("FDA category C; TGA category X", "C"),
        ("FDA category: B (oral), D (intravenous), C (topical)", "D"),
        ("FDA category: not assigned (foam); A (tablets)", "A"),
        ("FDA category: not assigned", "N"),
        ("TGA category D", None),
        ("TGA category: not assigned", None),
    ],
)
def test_most_restrictive_compares_fda_letters_alone(text: str, letter: str | None) -> None:
    """The monograph's letter is FDA's highest; N only where FDA gave none; other systems' letters do not count."""
    assert most_restrictive(read(text, "Pregnancy")[0]) == letter


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ("Baclofen is excreted in human milk.", True),
        ("Caution is advised for breast\u2010feeding women.", True),
        ("Small amounts pass\ninto milk.", True),
        ("Tell your doctor if you are pregnant or nursing.", True),
        ("Nursing mothers should not take it.", True),
        ("Not for residents of nursing homes; the nursing staff was told.", False),
        ("For use in hospitals or nursing homes.", False),
        ("Tablets hold lactose. Take with milk. Breast cancer.", False),
        ("Galactorrhea and lactation disorder were reported.", False),
        ("Detectable in milk.", True),
        ("Lactose is present in milk products.", False),
        ("", False),
    ],
)
def test_lactation_is_breast_milk_and_no_other_nursing(text: str, *, speaks: bool) -> None:
    """Words of breast milk and breastfeeding count; nursing as a profession and milk as a food do not."""
    assert has_lactation_statement(*document(text)) is speaks


@pytest.mark.parametrize("name", TABLES)
def test_no_spelling_stands_twice(name: str) -> None:
    """Two rows that fold to one key would leave the meaning to the order of rows."""
    assert codes.by_spelling(name)


def test_every_spelling_leads_to_a_known_code() -> None:
    """Codes of spellings and system names are in the table of categories, or empty on purpose, with a note."""
    known = {row["code"] for row in CATEGORIES}
    assert all(row["code"] in known or row["note"] for row in codes.rows("pregnancy_synonyms"))
    assert all(row["system_code"] in SYSTEMS or row["note"] for row in codes.rows("pregnancy_systems"))


@pytest.mark.parametrize(
    ("words", "stated"),
    [
        ("Tobramycin is category D; amikacin D. Gentamicin is category C.", "US_FDA C"),
        ("Tobramycin: category D.", ""),
        ("Enalapril, by contrast, is category D in the second trimester.", ""),
        ("It crosses the placenta, and is category D.", "US_FDA D"),
        ("The related drug enalapril is in category D.", ""),
        ("The FDA pregnancy category for warfarin is X.", ""),
        ("Warfarin has no FDA pregnancy category.", ""),
        ("ACE inhibitors are pregnancy category D.", ""),
        ("In women taking phenytoin, a category D drug, switch early.", ""),
        ("The injection is category C.", "US_FDA C"),
        ("Gentamicin is a category D drug.", "US_FDA D"),
        ("The manufacturer has assigned pregnancy category C.", "US_FDA C"),
        ("Studies in rats have placed it in pregnancy category C.", "US_FDA C"),
        ("This aminoglycoside is category D.", "US_FDA D"),
    ],
)
def test_the_letter_of_another_drug_is_not_its_own(words: str, stated: str) -> None:
    """Where the drug's names are known, a letter with another subject is left alone."""
    categories, _ = read(words, "Pregnancy", frozenset({"gentamicin", "garamycin"}))
    assert " | ".join(map(spoken, categories)) == stated


def test_the_title_may_name_the_system() -> None:
    """A letter of an Australian product information is Australia's, where nothing nearer names a system."""
    title = "AUSTRALIAN PRODUCT INFORMATION - EXEMPLAN"
    for words, stated in (("Pregnancy Category C.", "AU_TGA C"), ("FDA pregnancy category C.", "US_FDA C")):
        categories, _ = read(words, "Use in pregnancy", title=title)
        assert [*map(spoken, categories)] == [stated]
