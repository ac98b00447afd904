"""PDF files become the text of their pages: paragraphs, rows and columns by where characters stand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipelines.documents import render
from tests.test_documents import blocks, codes

Placed = tuple[float, float, float, str]  # left, baseline, size, words


def pdf_of(*pages: Sequence[Placed], extra: str = "") -> bytes:
    """A PDF file with these words on its pages, in Courier, whose characters are 0.6 em wide."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R " + extra + ">>",
        "",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
    ]
    kids = []
    for page in pages:
        shown = "".join(f"BT /F1 {size} Tf {left} {y} Td ({words}) Tj ET\n" for left, y, size, words in page)
        objects.append(f"<< /Length {len(shown)} >>\nstream\n{shown}endstream")
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {len(objects)} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    body, offsets = "%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{each}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    trailer = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF"
    return f"{body}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}".encode("latin-1")


def lines(*words: str, left: float = 72, top: float = 720, pitch: float = 12) -> list[Placed]:
    """Words one below the other."""
    return [(left, top - pitch * number, 10, each) for number, each in enumerate(words)]


def test_full_lines_are_one_paragraph() -> None:
    """A line in which the next word had no room goes on below; a short one ends its paragraph."""
    document = render(
        pdf_of(
            lines(
                "4.1 Indications",
                "Zepharol is given for spasms of the arms and of the legs in",
                "adults who have had them before.",
                "Children may have it.",
            )
        )
    )
    assert document.text == (
        "4.1 Indications\n"
        "Zepharol is given for spasms of the arms and of the legs in adults who have had them before.\n"
        "Children may have it.\n"
    )
    assert document.format == "pdf"
    assert document.places[0][1].startswith("page=1&viewrect=72,720,")


def test_a_word_that_was_broken_is_whole() -> None:
    """The hyphen at the end of a line goes, unless the word has it elsewhere."""
    text = render(
        pdf_of(
            lines(
                "Zepharol tablets are film-coated. They are given for spas-",
                "ticity of the arms. Spasticity is severe. These are film-",
                "coated tablets.",
            )
        )
    ).text
    assert "film-coated tablets." in text
    assert "spasticity of the arms" in text


def test_lines_that_run_through_the_pages_are_furniture() -> None:
    """Headers, footers and numbers of pages say nothing of the drug; entries of contents neither."""
    pages = [
        [(72, 760, 8, f"Zepharol Product Monograph Page {number} of 4"), *lines(f"Words number {'abcd'[number - 1]}"),
         (300, 30, 8, str(number))]
        for number in range(1, 5)
    ]  # fmt: skip
    pages[0] += [(72, 600, 10, "1 INDICATIONS ........................ 4")]
    document = render(pdf_of(*pages))
    assert blocks(document, "paragraph") == ["Words number a", "Words number b", "Words number c", "Words number d"]


def test_cells_of_a_table_are_told_by_their_place() -> None:
    """Words that stand in columns are rows, and a line that goes on in one cell belongs to its row."""
    document = render(
        pdf_of(
            [
                *lines("Form", "Tablet", "Syrup", pitch=30),
                *lines("Strength", "5 mg", "10 mg in", left=250, pitch=30),
                (250, 649, 10, "5 mL"),
            ]
        )
    )
    assert document.text == "Form\tStrength\nTablet\t5 mg\nSyrup\t10 mg in 5 mL\n"
    assert [block.level for block in document.blocks if block.kind == "cell"] == [1, 2] * 3


def test_two_columns_are_read_one_after_the_other() -> None:
    """Text in two columns is no table."""
    left = [f"left column has its own words {number:02d} a" for number in range(20)]
    right = [f"right column has other words {number:02d} b" for number in range(20)]
    text = render(pdf_of([*lines(*left, left=40), *lines(*right, left=330)])).text
    assert text.index("19 a") < text.index("00 b")
    assert "\t" not in text


def test_a_raised_digit_is_a_power() -> None:
    """A small digit above the line never becomes a digit of the number before it."""
    assert render(
        pdf_of([(72, 700, 10, "kept for 10"), (138, 704, 6, "6"), (144, 700, 10, "units and no more")])
    ).text == ("kept for 10⁶ units and no more\n")


def test_a_european_report_is_split_at_its_summaries() -> None:
    """Each summary of a product is a monograph; the annexes that repeat it are furniture, with a finding."""
    pages = [
        lines("ANNEX I", "SUMMARY OF PRODUCT CHARACTERISTICS"),
        lines("1. NAME OF THE MEDICINAL PRODUCT", "Zepharol 5 mg", "2. COMPOSITION", "zepharol"),
        lines("1. NAME OF THE MEDICINAL PRODUCT", "Zepharol 10 mg", "2. COMPOSITION", "zepharol"),
        lines("ANNEX II", "Conditions"),
        lines("1. NAME OF THE MEDICINAL PRODUCT", "Zepharol 10 mg"),
    ]
    document = render(pdf_of(*pages))
    starts = [stated.start for stated in document.stated]
    assert starts[0] == 0
    assert document.text[starts[1] :].startswith("1. NAME OF THE MEDICINAL PRODUCT\nZepharol 10 mg")
    assert len(starts) == 2
    assert codes(document) == ["ANNEX_NOT_READ"]
    assert blocks(document, "furniture")[-1].startswith("ANNEX II")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.4 nothing", "SEED_BROKEN"),
        (pdf_of([]), "SEED_WITHOUT_TEXT"),
    ],
)
def test_a_pdf_without_text_is_named(data: bytes, code: str) -> None:
    """A broken file and a scan say what they are."""
    document = render(data)
    assert (document.text, codes(document)) == ("", [code])


def test_programs_in_a_pdf_are_not_run() -> None:
    """A file that would open a page, or never end, when it is opened is read like any other."""
    script = "/OpenAction << /S /JavaScript /JS (while\\(true\\){}) >> "
    assert render(pdf_of(lines("Zepharol is for spasms."), extra=script)).text == "Zepharol is for spasms.\n"
