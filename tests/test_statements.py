"""Names and statements: cases that a pharmacist can extend, and properties that hold for every text."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.engine.reading import read_seed
from pipelines.engine.run import read_folder
from pipelines.engine.seed_file import SeedFile
from pipelines.lexer import Tokens, cut, read_text
from pipelines.normalize.adverse_reactions import read_adverse_reactions
from pipelines.normalize.brand_names import read_brands
from pipelines.normalize.drug_classes import read_drug_classes
from pipelines.normalize.generic_names import read_name
from pipelines.normalize.names import read_names
from pipelines.normalize.statements import read_statements
from pipelines.normalize.uses_and_cautions import read_uses_and_cautions
from pipelines.records import (
    AdverseReaction,
    Block,
    Contraindication,
    Finding,
    Indication,
    Monograph,
    Passage,
    Section,
    SectionCode,
)
from schemas import codes

CASES = Path(__file__).parent / "cases"
TABLES = (
    "brand_words", "caution_words", "class_list_words", "class_words", "grammar_words", "name_words", "reaction_words",
    "severity_words", "use_words",
)  # fmt: skip

SEED_REACTIONS = """
    common: drowsiness | common: dizziness | common: weakness | common: fatigue | common: headache | common: insomnia |
    common: nausea | common: constipation | serious: confusion | serious: hallucinations |
    serious: respiratory depression
"""


def document(words: str, code: str) -> tuple[Monograph, Tokens]:
    """A monograph of one section."""
    section = Section(SectionCode(code), None, Passage(words).strip())
    return Monograph("a", Passage(""), (section,)), cut(read_text(words))


def indications(words: str, code: str = "indications") -> tuple[Indication, ...]:
    """The uses that a section states."""
    return read_uses_and_cautions(*document(words, code))[0]


def contraindications(words: str, code: str = "contraindications") -> tuple[Contraindication, ...]:
    """The contraindications and cautions that a section states."""
    return read_uses_and_cautions(*document(words, code))[1]


def adverse_reactions(words: str, code: str = "adverse_reactions") -> tuple[AdverseReaction, ...]:
    """The reactions that a section names."""
    return read_adverse_reactions(*document(words, code))[0]


def shown_sentences(text: Passage) -> list[str]:
    """Sentences and list items."""
    tokens = cut(read_text(text.text))
    found = read_statements(tokens, 0, len(tokens))
    return [tokens.passage(statement.first, statement.after).text for statement in found]


def shown_names(text: Passage) -> list[str]:
    """The name and the pronunciation, or the code of the finding."""
    tokens = cut(read_text(text.text))
    name = read_name(tokens, 0, len(tokens))
    if isinstance(name, Finding):
        return [f"!{name.code}"]
    return [name.generic_name, *([name.pronunciation] if name.pronunciation else [])]


def shown_title_names(text: Passage) -> list[str]:
    """The generic name, the pronunciation and the brands that a title gives."""
    tokens = cut(read_text(text.text))
    read = read_names(Monograph("a", text, ()), tokens)
    name, brands = read.name if read.name.generic_name else read.called, read.brands
    said = [f"said {name.pronunciation}"] if name.pronunciation else []
    return [name.generic_name, *said, *(f"brand {brand.text}" for brand in brands)]


def shown_brands(text: Passage) -> list[str]:
    """The brand names."""
    tokens = cut(read_text(text.text))
    return [brand.text for brand in read_brands(tokens, 0, len(tokens))]


def shown_drug_classes(text: Passage) -> list[str]:
    """Each class with its kind in brackets."""
    tokens = cut(read_text(text.text))
    return [f"{each.place.text} ({each.kind or '?'})" for each in read_drug_classes(tokens, 0, len(tokens))[0]]


def shown_indications(text: Passage) -> list[str]:
    """Each statement, marked where it is off-label."""
    return [("off-label: " if each.is_off_label else "") + each.place.text for each in indications(text.text)]


def shown_contraindications(words: str, section: str) -> list[str]:
    """Each statement after its kind."""
    return [f"{each.kind}: {each.place.text}" for each in contraindications(words, section)]


def shown_adverse_reactions(words: str, section: str) -> list[str]:
    """Each name after its frequency, and else after its severity."""
    return [f"{each.frequency or each.severity}: {each.name}" for each in adverse_reactions(words, section)]


SHOWN: dict[str, Callable[[Passage], list[str]]] = {
    "sentences": shown_sentences,
    "names": shown_names,
    "title_names": shown_title_names,
    "brands": shown_brands,
    "drug_classes": shown_drug_classes,
    "indications": shown_indications,
    "contraindications": lambda text: shown_contraindications(text.text, "contraindications"),
    "adverse_reactions": lambda text: shown_adverse_reactions(text.text, "adverse_reactions"),
}


def cases() -> list[tuple[str, dict[str, str]]]:
    """The rows of every table of cases that this module reads, with the table's name."""
    found = []
    for name in SHOWN:
        with (CASES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            found += [(name, row) for row in csv.DictReader(file)]
    return found


@pytest.mark.parametrize(("table", "case"), cases(), ids=lambda part: part["why"] if isinstance(part, dict) else part)
def test_reads_as(table: str, case: dict[str, str]) -> None:
    r"""Each case is read as its row says; `\n` in a row is a new line, and `-` is nothing."""
    expected = case["reads_as"].replace("\\n", "\n")
    text = case["text"].replace("\\n", "\n")
    of_section = {"contraindications": shown_contraindications, "adverse_reactions": shown_adverse_reactions}
    shown = of_section[table](text, case["section"]) if table in of_section else SHOWN[table](Passage(text))
    assert " | ".join(shown) == ("" if expected == "-" else expected)


def test_the_heading_speaks_where_the_text_does_not() -> None:
    """The section gives the kind, the severity or the label status of what says nothing of it itself."""
    assert [each.kind for each in contraindications("Epilepsy", "cautions")] == ["caution"]
    assert [each.severity for each in adverse_reactions("Coma", "serious_adverse_reactions")] == ["serious"]
    assert [each.is_off_label for each in indications("Hiccups", "off_label_uses")] == [True]


def test_the_text_speaks_louder_than_the_heading() -> None:
    """What a sentence says of itself goes before its section."""
    ruled_out = contraindications("Contraindicated in asthma.", "cautions")
    assert [each.kind for each in ruled_out] == ["contraindicated"]
    mild = adverse_reactions("Less serious: nausea", "serious_adverse_reactions")
    assert [each.severity for each in mild] == ["unspecified"]


def test_what_gives_no_row_gives_a_finding() -> None:
    """A part of a section without a row is named by a finding; leads and words that say nothing are not."""
    words = "Common side effects:\nnausea; liver damage following overdose\nNone known.\nRare\nIt was well tolerated."
    findings = read_adverse_reactions(*document(words, "adverse_reactions"))[1]
    assert [finding.place.text for finding in findings if finding.place] == ["It was well tolerated."]


def test_a_reaction_says_why_it_is_one() -> None:
    """A known name in a list has both evidences, in a sentence it is a term; an unknown item has the list alone."""
    found = adverse_reactions("Common side effects include nausea, a wobbly walk. Zepharol may lead to hepatitis.")
    assert {each.name: each.evidence for each in found} == {
        "nausea": "both",
        "wobbly walk": "list",
        "hepatitis": "term",
    }


with (CASES / "monograph_names.csv").open(encoding="utf-8", newline="") as _file:
    NAMED = list(csv.DictReader(_file))


@pytest.mark.parametrize("case", NAMED, ids=lambda case: case["why"])
def test_a_document_names_its_drug(case: dict[str, str]) -> None:
    """The generic name alone and every brand name, wherever a document states them."""
    words = case["document"].replace("\\n", "\n")
    (monograph,) = read_seed(SeedFile("case.txt", words.encode())).monographs
    assert (monograph.name.generic_name or "-") == case["generic_name"]
    assert (" | ".join(brand.text for brand in monograph.brands) or "-") == case["brands"]


def test_a_leaflet_in_one_line_names_its_substance() -> None:
    """The words of a kind of document are no name, whatever follows them in one long line."""
    words = f"PACKAGE LEAFLET: INFORMATION FOR THE USER Exemplan 20mg Tablets {'Read it. ' * 150}"
    seed = SeedFile("case.txt", f"{words}This medicine contains the active substance exemplum. Uses: Pain.".encode())
    (monograph,) = read_seed(seed).monographs
    assert (monograph.name.generic_name, monograph.brands) == ("exemplum", ())


def test_an_unknown_class_is_a_finding_on_its_row() -> None:
    """A class without a kind is published, and the finding names its ordinal."""
    tokens = cut(read_text("Analgesic, wonder thing"))
    classes, findings = read_drug_classes(tokens, 0, len(tokens))
    assert [each.kind for each in classes] == ["therapeutic", None]
    assert [(each.code, each.table, each.row_no) for each in findings] == [("CLASS_UNKNOWN", "drug_classes", 2)]


def test_the_seed_is_read_as_a_pharmacist_reads_it() -> None:
    """The side effects and contraindications of the first seed are all found, where they are printed."""
    seed = (Path(__file__).parent.parent / "seeds" / "000_b8639b6b96b8c4e3.txt").read_text(encoding="utf-8")
    bodies = {m[1]: Passage(m[2], m.start(2)) for m in re.finditer(r"^([A-Z][\w ]+): (.+)$", seed, re.MULTILINE)}
    reactions = shown_adverse_reactions(bodies["Side effects"].text, "adverse_reactions")
    assert " | ".join(reactions).split() == SEED_REACTIONS.split()
    assert [each.kind for each in contraindications(bodies["Drug contra indications"].text)] == [
        "contraindicated",
        "caution",
    ]
    assert [each.is_off_label for each in indications(bodies["Drug usage cases"].text)] == [False, True]


@pytest.mark.parametrize("table", TABLES)
def test_every_row_of_a_vocabulary_is_whole(table: str) -> None:
    """Each row has a spelling, a role and a note that says what the role does, and no spelling stands twice."""
    assert len(codes.by_spelling(table)) == len(codes.rows(table))
    assert all(row["text"] and row["note"] for row in codes.rows(table))
    assert all(any(row[column] for column in row if column not in ("text", "note")) for row in codes.rows(table))


def test_a_table_says_how_often_in_its_columns_or_rows() -> None:
    """The cells of a table are read by themselves, with the frequency of their column, or of a cell of their row."""
    words = "Rare\nnausea\nheadache 12"
    blocks = (
        Block("row", 0, 11),
        Block("cell", 0, 4),
        Block("cell", 5, 11),
        Block("row", 12, 23),
        Block("cell", 12, 20, column="Very common"),
        Block("cell", 21, 23),
    )
    monograph, tokens = document(words, "adverse_reactions")
    found = read_adverse_reactions(monograph, tokens, blocks)[0]
    assert [(each.name, each.frequency) for each in found] == [("nausea", "rare"), ("headache", "very common")]


@pytest.mark.parametrize(
    ("chapter", "names"),
    [
        ("Nervous: Tremor.\nProcedural complications: Contusion.\nInfections: Sepsis.", "tremor contusion sepsis"),
        (
            "Laboratory Tests\nAnaemia was seen.\n\n6.2 Postmarketing Experience\nRash has been reported.",
            "anaemia rash",
        ),
        ("Event       N\n\nTOTAL       23 (100)\nRash        2 (9)\nCough       3 (13)", "rash cough"),
        ("Serious skin changes\nPruritus/rash and abdominal pain/discomfort occurred.", "pruritus rash"),
        ("Injection site pain, redness, nausea and rash were reported.", "injection site pain nausea rash"),
        ("Nervous system: TremorTremor, anxiety.", "anxiety"),
    ],
    ids=["organs", "a heading between two numbers", "a row in capitals", "a stroke", "at the site", "a glued cell"],
)
def test_a_chapter_of_a_label_holds_its_subheadings(chapter: str, names: str, tmp_path: Path) -> None:
    """A chapter with a number ends at the next one, whatever stands between."""
    title, after = "6 ADVERSE REACTIONS\n\n6.1 Clinical Trials Experience", "7 DRUG INTERACTIONS\n\nFever."
    text = f"Zepharol\n\n{title}\n\n{chapter}\n\n{after}"
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    found = read_folder(tmp_path).tables["adverse_reactions"].column("reaction").to_pylist()
    assert " ".join(found) == names


@pytest.mark.parametrize(
    ("label", "names"),
    [("Withdrawal: nausea, headache", "rash nausea headache"), ("Storage place: dry, nausea", "rash")],
    ids=["names alone", "other words"],
)
def test_a_label_before_names_goes_on_with_side_effects(label: str, names: str, tmp_path: Path) -> None:
    """A label that is not known, on the line of the names of reactions, ends no list of them."""
    (tmp_path / "a.txt").write_text(f"Zepharol\n\nSide Effects\nCNS: rash\n{label}\n\nStorage\nCool.", encoding="utf-8")
    assert " ".join(read_folder(tmp_path).tables["adverse_reactions"].column("reaction").to_pylist()) == names


def test_lines_of_a_text_of_paragraphs_are_not_wrapped() -> None:
    """Where paragraphs are lines of their own, a line in small letters is an item however long the one above it is."""
    paragraph = (
        "This medicine helps the body to do what it otherwise could not do, for many hours after each dose of it. " * 2
    )
    items = "have severe kidney damage which has stopped your kidneys working\nare dehydrated\nare elderly"
    words = f"{paragraph}\nDo not take it if you:\n{items}"
    assert [each.place.text for each in contraindications(words)] == items.split("\n")


def test_every_word_of_a_name_has_a_known_role() -> None:
    """A role of the lexicon that no reader asks for would be a slip of the pen."""
    known = {
        "cause", "change", "change noun", "class", "generic", "head", "level", "local", "local site", "measure",
        "measured in", "part", "quality", "site", "skip", "standing", "term",
    }  # fmt: skip
    said = {role for row in codes.rows("reaction_terms") for role in row["roles"].split("; ")}
    assert said == known


WORDS = st.sampled_from([row["text"] for table in TABLES for row in codes.rows(table)] + ["baclofen", "rash", "10%"])
MARKS = st.sampled_from(
    [" ", " ", ", ", "; ", ". ", ": ", "\n", "\n\n", "\n- ", " • ", " (", ") ", "[", "]", "&nbsp;", "½"]
)
TEXTS = st.lists(st.one_of(WORDS, MARKS, st.text(max_size=3)), max_size=40).map("".join)


def places_in_document(words: str) -> list[list[Passage]]:
    """The places that each reader of tokens gives."""
    tokens = cut(read_text(words))
    uses, _, findings = read_uses_and_cautions(*document(words, "indications"))
    return [
        list(read_brands(tokens, 0, len(tokens))),
        [each.place for each in read_drug_classes(tokens, 0, len(tokens))[0]],
        [tokens.passage(each.first, each.after) for each in read_statements(tokens, 0, len(tokens))],
        [finding.place for finding in findings if finding.place],
        [each.place for each in uses],
        [each.place for each in contraindications(words)],
        [each.place for each in contraindications(words, "cautions")],
        [each.place for each in adverse_reactions(words)],
        [each.place for each in adverse_reactions(words, "cautions")],
    ]


@given(TEXTS)
def test_every_place_is_where_it_is_printed(text: str) -> None:
    """Whatever the text, no reader raises, and what it gives stands in the text, in order, and is not empty."""
    for found in places_in_document(text):
        assert all(place.text and text[place.start : place.end] == place.text for place in found)
        assert all(before.end <= after.start for before, after in pairwise(found))


@given(TEXTS)
def test_nothing_is_said_twice(text: str) -> None:
    """No brand and no class stands twice in a field, and no reaction twice in a severity."""
    reactions = [(each.severity, each.name) for each in adverse_reactions(text)]
    assert len(set(reactions)) == len(reactions)
    tokens = cut(read_text(text))
    classes, _ = read_drug_classes(tokens, 0, len(tokens))
    for found in (read_brands(tokens, 0, len(tokens)), [each.place for each in classes]):
        assert len({codes.fold(place.text) for place in found}) == len(found)


@given(TEXTS)
def test_a_reaction_has_a_bare_name(text: str) -> None:
    """A reaction is a tidy lower-case name with a letter in it."""
    for reaction in adverse_reactions(text):
        assert reaction.name == reaction.name.lower() == " ".join(reaction.name.split())
        assert any(map(str.isalpha, reaction.name))


@given(TEXTS)
def test_a_name_has_a_letter_or_a_reason(text: str) -> None:
    """A generic name holds a letter; without one there is a finding."""
    tokens = cut(read_text(text))
    name = read_name(tokens, 0, len(tokens))
    assert isinstance(name, Finding) or any(map(str.isalpha, name.generic_name))
