"""Seed bytes become monographs and headed sections; every line is accounted for."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.documents.plain import LONGEST_LINE
from pipelines.engine.reading import read_seed
from pipelines.engine.seed_file import SeedFile
from pipelines.lexer import cut, read_text
from pipelines.parse.monographs import monograph_id, slug
from schemas import codes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.records import ParsedSeed, Passage

CASES = Path(__file__).parent / "cases"
DOCUMENTS = sorted((CASES / "documents").glob("*.txt"))
with (CASES / "headings.csv").open(encoding="utf-8", newline="") as _file:
    HEADINGS = list(csv.DictReader(_file))
TITLES = [row["text"].replace("{drug}", "Exemplan") for row in codes.rows("section_titles")]


def parse_seed(seed_id: str, data: bytes) -> ParsedSeed:
    """What the engine parses from the bytes of a seed."""
    return read_seed(SeedFile(seed_id, data)).parsed


def parse(text: str) -> ParsedSeed:
    """Parse a text given as words."""
    return parse_seed("case.txt", text.encode())


def finding_codes(parsed: ParsedSeed) -> list[str]:
    """The codes of the findings, in order."""
    return [finding.code for finding in parsed.findings]


@pytest.mark.parametrize("case", HEADINGS, ids=lambda case: case["line"])
def test_line_opens_the_right_section(case: dict[str, str]) -> None:
    """A line in its setting ends in the section, and under the heading, that a reader would give it."""
    before, line, body = (case[cell].replace("\\n", "\n") for cell in ("before", "line", "body_text"))
    parsed = parse(f"Exemplan\nGeneric name: exemplum\n{before}\n{line}\n")
    section = parsed.monographs[0].sections[-1]
    heading = section.heading.text if section.heading else ""
    assert (section.code, heading, section.body.text) == (case["section_code"], case["heading_text"], body)


def outline_rows(parsed: ParsedSeed) -> Iterator[list[str]]:
    """One row for each section and finding, as the golden files hold them."""
    for monograph in parsed.monographs:
        for no, section in enumerate(monograph.sections, start=1):
            heading = section.heading.text if section.heading else ""
            yield [monograph.monograph_id, str(no), section.code, heading, section.body.text]
    for finding in parsed.findings:
        yield ["", "", finding.code, "", finding.place.text if finding.place else ""]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_document_is_read_as_its_golden_file_says(path: Path) -> None:
    """A document of each kind that we meet comes out as its reviewed outline, section by section."""
    with path.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        _, *expected = csv.reader(file)
    assert list(outline_rows(parse_seed(path.name, path.read_bytes()))) == expected


def test_given_seed_leaves_links_and_dates_to_the_page() -> None:
    """The neighbours' titles and dates are no part of the monograph, and the title loses the date glued to it."""
    parsed = parse("\nBaclofen 10 mg\n23 June, 2023\nPregnancy\n23 June, 2023Baclofen\nGeneric name: baclofen\n")
    assert [monograph.title.text for monograph in parsed.monographs] == ["Baclofen"]
    assert finding_codes(parsed) == ["PAGE_CHROME", "PAGE_CHROME", "PAGE_CHROME", "TITLE_GLUED"]
    glued = parsed.findings[-1].place
    assert glued is not None
    assert glued.text == "23 June, 2023"


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "SEED_EMPTY", "no text"),
        (b"\xef\xbb\xbf \r\n", "SEED_EMPTY", "no text"),
        (b"Uses: x\n\xe9", "SEED_NOT_UTF8", "byte 8 (0xE9, line 2)"),
        (b"\xef\xbb\xbf\n\xff", "SEED_NOT_UTF8", "byte 4 (0xFF, line 2)"),
        ("Uses: x".encode("utf-16")[:-1], "SEED_NOT_UTF8", "not UTF-16"),
        (b"Uses: x\n\x00", "SEED_BINARY", "U+0000 at offset 8 (line 2)"),
        ("Uses: 5\x9610 mg".encode(), "SEED_BINARY", "U+0096"),
        (b"Uses: x\n" + b"a" * (LONGEST_LINE + 1), "SEED_TOO_LONG", "line 2"),
    ],
)
def test_bytes_that_are_no_document_are_refused(data: bytes, code: str, words: str) -> None:
    """Bytes that cannot be a document give one error finding with the place, and no text."""
    parsed = parse_seed("case.txt", data)
    assert (finding_codes(parsed), parsed.monographs, parsed.seed.text) == ([code], (), "")
    assert words in parsed.findings[0].message
    assert parsed.seed.encoding is None


def test_byte_order_mark_and_line_ends_are_kept_out_of_the_words() -> None:
    """A byte order mark is no part of the text, and CRLF stays in it without entering a passage's ends."""
    parsed = parse_seed("case.txt", b"\xef\xbb\xbfExemplan\r\nUses: Pain.\r\n")
    assert (parsed.seed.encoding, parsed.seed.text) == ("utf-8-sig", "Exemplan\r\nUses: Pain.\r\n")
    assert parsed.monographs[0].sections[0].body.text == "Pain."


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("To do: buy milk.\n", "SEED_WITHOUT_HEADING"),
        ("巴氯芬\nUses: Pain.\n", "TITLE_UNREAD"),
    ],
)
def test_document_that_is_none_on_a_drug_gives_no_monograph(text: str, code: str) -> None:
    """Nothing is invented if a document has no known heading and no medicine, or no title in Latin letters."""
    parsed = parse(text)
    assert (finding_codes(parsed), parsed.monographs) == ([code], ())


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Exemplan is a medicine.\n", "Exemplan"),
        ("Exemplan (exemplum) is a long-acting insulin.\nUses: Pain.\n", "Exemplan (exemplum)"),
        ("Exemplan/exemplum, sold under the name X, is used to treat pain.\nDosage: 5 mg.\n", "Exemplan/exemplum"),
        ("What is Exemplan used for?\nPain.\nHow does Exemplan work?\nWell.\n", "Exemplan"),
        ("Medicine information: Exemplan\nUses: Pain.\n", "Exemplan"),
        ("DRUG: EXEMPLUM\nUses: Pain.\n", "EXEMPLUM"),
        ("Exemplan Side Effects\nUses: Pain.\n", "Exemplan"),
        ("EXEMPLAN 5 MG TABLETS - summary of product characteristics\nUses: Pain.\n", "EXEMPLAN 5 MG TABLETS"),
        ("example.org\n- Home\nSkip to main content\nExemplan\nUses: Pain.\n", "Exemplan"),
        ("Exemplan\n← Back to home\nUses: Pain.\n", "Exemplan"),
        ("1\nANNEX I\n2\n1. NAME OF THE MEDICINAL PRODUCT\nExemplan 5 mg\n", "Exemplan 5 mg"),
        ("04512K\nExemplan\nUses: Pain.\n", "Exemplan"),
        ("Exemplum (Brand name: Exemplan)\nUses: Pain.\n", "Exemplum (Brand name: Exemplan)"),
        ("Product Name: Exemplan 5 mg (10's)\nUses: Pain.\n", "Exemplan 5 mg (10's)"),
        ("Uses: Pain.\n", "Uses: Pain."),
    ],
)
def test_title_of_a_page(text: str, title: str) -> None:
    """The title is the drug's, wherever a page prints it; the first line stands in if there is none, and it is said."""
    parsed = parse(text)
    assert [monograph.title.text for monograph in parsed.monographs] == [title]
    assert ("TITLE_MISSING" in finding_codes(parsed)) == (title == "Uses: Pain.")


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("Generic name: exemplum [ ex-EM-plum ]\nUses: Pain.", ["exemplum"]),
        ("1. NAME OF THE MEDICINAL PRODUCT\nExemplan 5 mg\n2. USES\nPain.", ["Exemplan 5 mg"]),
        ("A\nGeneric name: a\nUses: x.\nB\nGeneric name: b\nUses: y.", ["A", "B"]),
        ("A\nUses: x.\nWarnings: x.\n\nB\nUses: y.\nWarnings: y.", ["A", "B"]),
        ("A\nGeneric name: a\nUses: x.\n---\nGeneric name: b\nUses: y.", ["A", "b"]),
        ("A\nUses: x.\nWarnings: x.\nUses: y.", ["A"]),
        ("A\nGeneric name: a\nUses: x.\nGeneric name: a", ["A"]),
        ("B\n1 May 2020A\nUses: x.\nC\n1 May 2020B\n====\nUses: y.", ["A"]),
        ("A\nGeneric name: a\nUses: x.\nC\n1 May 2020B\nGeneric name: b", ["A", "B"]),
    ],
)
def test_each_monograph_of_a_file_has_its_own_title(text: str, titles: list[str]) -> None:
    """A file is split where another drug begins, and nowhere else."""
    assert [monograph.title.text for monograph in parse(text).monographs] == titles


@pytest.mark.parametrize(
    ("title", "identifier"),
    [
        ("Case 00001", "case-00001"),
        ("Lioresal® Intrathecal", "lioresal-intrathecal"),
        ("Café&reg;", "cafe"),
        ("酸", ""),
    ],
)
def test_a_name_gives_a_slug(title: str, identifier: str) -> None:
    """A slug holds the Latin words and numbers of a name, without trademark signs."""
    assert slug(title) == identifier


_paths = st.text("ab/.#%:2sei", min_size=1, max_size=9)


@given(st.lists(st.tuples(_paths, st.integers(1, 22)), unique=True, max_size=30))
def test_identifiers_of_paths_are_injective(places: list[tuple[str, int]]) -> None:
    """No two monographs of seeds without a set or a name have one identifier, and none looks like a set's."""
    identifiers = [monograph_id(path, number) for path, number in places]
    assert len(set(identifiers)) == len(places)
    assert not any(identifier.startswith("setid:") for identifier in identifiers)


def test_every_title_leads_to_one_known_section() -> None:
    """Each code of the titles is a section, and each title, printed as a heading, opens that section."""
    for row in codes.rows("section_titles"):
        text = row["text"].replace("{drug}", "Exemplan")
        parsed = parse(f"Exemplan\nWarnings: Stop slowly.\n{text}:\nWords.\n")
        found = parsed.monographs[0].sections[-1].code
        assert row["code"] in ("", *codes.by_code("sections")), row
        assert not row["code"] or found == row["code"], row


pieces = st.one_of(
    st.sampled_from(TITLES),
    st.sampled_from(["Exemplan", "23 June, 2023", "23 June, 2023Other", "---", "", "- Tablets: 5 mg", "  indented"]),
    st.sampled_from(["Generic name: exemplum", "Generic name: other", "Odd label: x.", "**Bold**", "## Mark", "A B."]),
    st.text(max_size=30),
)
marks = st.sampled_from(["", ":", ": words", " - words", "?", " —", "**", "\n", "\r\n\r\n", "\u2028"])
documents = st.lists(st.tuples(pieces, marks), max_size=25).map(lambda parts: "\n".join(a + b for a, b in parts))


def places(parsed: ParsedSeed) -> Iterator[Passage]:
    """Every passage that the parse gives."""
    for monograph in parsed.monographs:
        yield monograph.title
        for section in monograph.sections:
            yield from filter(None, (section.heading,))
            yield section.body
    yield from (finding.place for finding in parsed.findings if finding.place)


@given(documents | st.text())
def test_every_line_is_accounted_for(text: str) -> None:
    """Every line that is not blank is in a title, a section or a finding, at its exact place, whatever the text."""
    parsed = parse(text)
    covered = bytearray(len(parsed.seed.text))
    for place in places(parsed):
        assert parsed.seed.text[place.start : place.end] == place.text
        covered[place.start : place.end] = b"\x01" * len(place.text)
    offset = 0
    for line in parsed.seed.text.splitlines(keepends=True):
        assert (
            not len(cut(read_text(line.strip()))) or any(covered[offset : offset + len(line)]) or not parsed.monographs
        ), line
        offset += len(line)
    severities = {codes.by_code("finding_codes")[code]["severity"] for code in finding_codes(parsed)}
    assert parsed.monographs or "error" in severities


@given(documents)
def test_sections_stand_in_order_and_apart(text: str) -> None:
    """The sections of a monograph follow each other without overlap, bodies without white space at their ends."""
    for monograph in parse(text).monographs:
        end = 0
        for section in monograph.sections:
            start = section.heading.start if section.heading else section.body.start
            assert end <= start <= section.body.end
            assert section.heading is None or section.heading.end <= section.body.start
            assert section.body == section.body.strip()
            end = section.body.end


@pytest.mark.parametrize(
    "unit", ["Uses:\n", "- ", "Foo: x\n", "What is x used for?\n", "1 May 2020", "**", "---\n", ": "]
)
def test_a_large_hostile_document_is_read(unit: str) -> None:
    """A third of a megabyte of one repeated piece is read to the end: no step takes more than linear time."""
    half = unit * (110_000 // len(unit))
    parsed = parse(f"Exemplan\n{half}\nUses: Pain.\n{half}\nWarnings: Stop slowly.\n{half}\n")
    assert parsed.monographs


def test_headings_in_capitals_inside_one_long_line_open_sections() -> None:
    """Text taken out of a PDF file in one line has its sections, and a reference to one opens none."""
    words = "Exemplan is used for pain of many kinds, see POSOLOGY AND METHOD OF ADMINISTRATION (4.2), in adults. " * 10
    text = f"1 SUMMARY 1. NAME OF THE MEDICINAL PRODUCT Exemplan 5 mg. 4.1 THERAPEUTIC INDICATIONS {words}"
    (monograph,) = parse(text).monographs
    assert [section.code for section in monograph.sections][-2:] == ["product_name", "indications"]
    assert monograph.sections[-1].body.text == words.strip()


def test_numbered_headings_inside_one_long_line_open_sections() -> None:
    """A number of two parts sets a heading apart amid a long line; a section that is referred to opens none."""
    words = (
        "Exemplan is used for pain of many kinds, see section 4.2 Posology and method of administration, in adults. "
        * 10
    )
    name = "1. NAME OF THE MEDICINAL PRODUCT Exemplan 5 mg."
    (monograph,) = parse(f"{name} 4.1 Therapeutic indications {words}4.3 Contraindications Gout.").monographs
    assert [section.code for section in monograph.sections] == ["product_name", "indications", "contraindications"]
    assert [section.body.text for section in monograph.sections][1:] == [words.strip(), "Gout."]


def test_doses_for_a_use_end_a_list_of_strengths() -> None:
    """Under the forms and strengths of a reference, a use with its dose below begins the doses."""
    forms = "Adult dosage forms and strengths\ntablet\n- 10mg\noral solution\n- 5mg/mL\n"
    text = f"exemplum\n{forms}Spasticity\n5 mg PO q8hr\n"
    (monograph,) = parse(text).monographs
    assert [(s.code, s.body.text) for s in monograph.sections] == [
        ("dosage_forms_strengths", "tablet\n- 10mg\noral solution\n- 5mg/mL"),
        ("dosage_administration", "5 mg PO q8hr"),
    ]


def test_captions_and_organ_classes_stay_in_a_chapter_on_reactions() -> None:
    """A caption closes no section, and an organ class after another heading goes on with the chapter."""
    table = "Table 2: Reactions in adults\nNausea\n"
    text = f"Exemplan\n6 ADVERSE REACTIONS\n{table}Odd label: words.\nNervous System: headache\n"
    (monograph,) = parse(text).monographs
    assert [(s.code, s.body.text.split("\n")[0]) for s in monograph.sections] == [
        ("adverse_reactions", "Table 2: Reactions in adults"),
        ("other", "words."),
        ("adverse_reactions", "headache"),
    ]
