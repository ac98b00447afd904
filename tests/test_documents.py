"""Documents of every format become the text that a person would see, with what the format says of its own structure."""

from __future__ import annotations

import json
import zipfile
from decimal import Decimal
from io import BufferedReader, BytesIO
from pathlib import Path

import pytest

from pipelines.documents import format_of, openfda, render
from pipelines.engine.reading import read_seed
from pipelines.engine.seed_file import SeedFile
from pipelines.records import Document


def blocks(document: Document, kind: str) -> list[str]:
    """The words of all blocks of a kind."""
    return [document.text[block.start : block.end] for block in document.blocks if block.kind == kind]


def codes(document: Document) -> list[str]:
    """The codes of the findings."""
    return [finding.code for finding in document.findings]


def page(body: str, head: str = "<title>Zepharol</title>") -> Document:
    """A page with this body."""
    return render(f"<!DOCTYPE html><html lang='en'><head>{head}</head><body>{body}</body></html>".encode())


LABEL = """<?xml version="1.0" encoding="UTF-8"?>
<document xmlns="urn:hl7-org:v3">
  <code code="34391-3" displayName="HUMAN PRESCRIPTION DRUG LABEL"/>
  <title>These highlights do not include all the information needed to use ZEPHAROL.<br/>ZEPHAROL tablets, for oral use<br/>Initial U.S. Approval: 2020</title>
  <effectiveTime value="20240523"/><setId root="abc-1"/><versionNumber value="16"/>
  <component><structuredBody>
    <component><section><code code="48780-1"/><subject><manufacturedProduct><manufacturedProduct>
      <code code="0000-1111" codeSystem="2.16.840.1.113883.6.69"/><name>Zepharol<suffix>XR</suffix></name>
      <formCode code="C42998" displayName="TABLET"/>
      <asEntityWithGeneric><genericMedicine><name>zepharol maleate</name></genericMedicine></asEntityWithGeneric>
      <ingredient classCode="ACTIM"><quantity><numerator value="2.5" unit="mg"/><denominator value="1" unit="1"/></quantity>
        <ingredientSubstance><code code="3Z9Y7UWC1J" codeSystem="2.16.840.1.113883.4.9"/><name>ZEPHAROL</name></ingredientSubstance></ingredient>
      <ingredient classCode="IACT"><ingredientSubstance><name>LACTOSE</name></ingredientSubstance></ingredient>
    </manufacturedProduct><consumedIn><substanceAdministration><routeCode code="C38288" displayName="ORAL"/></substanceAdministration></consumedIn>
    <consumedIn><substanceAdministration><routeCode nullFlavor="NA"/></substanceAdministration></consumedIn></manufacturedProduct></subject></section></component>
    <component><section><code code="34067-9"/><title>1 INDICATIONS<br/>AND USAGE</title>
      <text><paragraph>Zepharol treats spasms<footnote>In adults.</footnote> in 10<sup>6</sup> people.</paragraph>
        <list><item>of the arm</item><item><caption>b)</caption>of the leg</item></list></text>
      <excerpt><highlight><text><paragraph>Zepharol is indicated for spasms (1).</paragraph></text></highlight></excerpt>
      <component><section><code code="42229-5"/><text><paragraph>Nested words.</paragraph></text></section></component>
    </section></component>
    <component><section><code code="34070-3"/><text><paragraph>Allergy to zepharol.</paragraph></text></section></component>
  </structuredBody></component>
</document>"""  # noqa: E501  (a label as labels are)


def test_a_label_is_the_text_of_its_sections() -> None:
    """Names first, breaks are lines, items have bullets, notes follow their paragraph, highlights stand last."""
    assert render(LABEL.encode()).text == (
        "Zepharol XR (zepharol maleate)\n"
        "These highlights do not include all the information needed to use ZEPHAROL.\n"
        "ZEPHAROL tablets, for oral use\n"
        "Initial U.S. Approval: 2020\n"
        "\n"
        "1 INDICATIONS AND USAGE\n"
        "Zepharol treats spasms in 10⁶ people.\n"
        "In adults.\n"
        "• of the arm\n"
        "b) of the leg\n"
        "Nested words.\n"
        "\n"
        "Allergy to zepharol.\n"
        "\n"
        "1 INDICATIONS AND USAGE\n"
        "Zepharol is indicated for spasms (1).\n"
    )


def test_a_section_of_a_label_has_its_code_even_without_a_title() -> None:
    """A section without a title begins with a heading of no words, unless its code says nothing."""
    document = render(LABEL.encode())
    headings = [(document.text[b.start : b.end], b.code) for b in document.blocks if b.kind == "heading"]
    assert headings == [
        ("Zepharol XR (zepharol maleate)", None),
        ("1 INDICATIONS AND USAGE", "34067-9"),
        ("", "34070-3"),
    ]


def test_highlights_are_furniture() -> None:
    """What the highlights say again is no second statement."""
    assert blocks(render(LABEL.encode()), "furniture") == [
        "1 INDICATIONS AND USAGE\nZepharol is indicated for spasms (1)."
    ]


def test_a_label_says_who_it_is() -> None:
    """Set, version and date come from the head of the label, the title from its product."""
    (stated,) = render(LABEL.encode()).stated
    assert (stated.set_id, stated.document_version, stated.effective_date) == ("abc-1", "16", "2024-05-23")
    assert stated.title is not None
    assert stated.title.text == "Zepharol XR (zepharol maleate)"
    assert stated.generic_name is not None
    assert stated.generic_name.text == "zepharol maleate"


def test_a_label_lists_its_active_ingredients() -> None:
    """Strength, basis, form, route and codes are as stated; an ingredient that is not active is none."""
    (listed,) = render(LABEL.encode()).listed
    assert (listed.ndc, listed.product_name, listed.dose_form_code, listed.route_codes) == (
        "0000-1111",
        "Zepharol XR",
        "C42998",
        ("C38288",),
    )
    assert (listed.ingredient, listed.unii, listed.strength_basis) == ("ZEPHAROL", "3Z9Y7UWC1J", "ACTIM")
    assert (listed.numerator_value, listed.numerator_unit, listed.denominator_unit) == (Decimal("2.5"), "mg", "1")
    assert listed.origin.endswith("/manufacturedProduct[1]/manufacturedProduct[1]/ingredient[1]")


def test_a_kit_lists_what_its_parts_hold() -> None:
    """A kit has no ingredient of its own; the rows of its parts have the part's number, form and route."""
    product = LABEL.index("<formCode"), LABEL.index("</manufacturedProduct><consumedIn>")
    inside = LABEL[product[0] : product[1]]
    part = (
        f"<part><partProduct>{inside}</partProduct><consumedIn><substanceAdministration>"
        '<routeCode code="C38299"/></substanceAdministration></consumedIn></part>'
    )
    kit = LABEL.replace(inside, f'<formCode code="C47916" displayName="KIT"/>{part}{part}')
    rows = [(r.part_no, r.dose_form_name, r.ingredient, r.route_codes) for r in render(kit.encode()).listed]
    assert rows == [
        (None, "KIT", None, ("C38288",)),
        (1, "TABLET", "ZEPHAROL", ("C38299",)),
        (2, "TABLET", "ZEPHAROL", ("C38299",)),
    ]


@pytest.mark.parametrize(
    ("printed", "instead", "finding"),
    [
        ('displayName="TABLET"', 'displayName="CAPSULE"', "LISTED_CODE_DIFFERS"),
        ('value="2.5"', 'value="two"', "LISTED_UNREAD"),
        ('value="2.5"', 'value="NaN"', "LISTED_UNREAD"),
        ('<code code="34391-3"', '<languageCode code="es"/><code code="34391-3"', "SEED_LANGUAGE"),
        ("</document>", "", "SEED_BROKEN"),
        ("<document ", '<!DOCTYPE document [<!ENTITY a "b">]><document ', None),
    ],
)
def test_what_is_wrong_with_a_label_is_said(printed: str, instead: str, finding: str | None) -> None:
    """A code with another name, an amount that is no number, another language and a cut file are findings."""
    assert codes(render(LABEL.replace(printed, instead).encode())) == ([finding] if finding else [])


@pytest.mark.parametrize(
    "entity",
    [
        f'<!ENTITY x SYSTEM "{Path("/etc/hostname").as_uri()}">',
        '<!ENTITY y "lol"><!ENTITY x "&y;&y;&y;&y;&y;&y;&y;&y;">',
    ],
)
def test_an_entity_of_its_own_is_refused(entity: str) -> None:
    """A label that reads other files or grows by entities is left out, and nothing of them is read."""
    label = LABEL.replace("<document ", f"<!DOCTYPE document [{entity}]><document ").replace("Nested", "&x;")
    document = render(label.encode())
    assert (document.text, codes(document)) == ("", ["SEED_UNSAFE"])


def test_a_label_that_is_nested_too_deeply_is_refused() -> None:
    """Depth has a limit, so that no label uses up the stack."""
    deep = "<content>" * 5_000 + "deep" + "</content>" * 5_000
    document = render(LABEL.replace("Nested words.", deep).encode())
    assert (document.text, codes(document)) == ("", ["SEED_BROKEN"])


@pytest.mark.parametrize(
    "page",
    [
        "<html><body>" + "<div>" * 100_000 + "deep",
        "<html><body><p title='" + "a" * 12_000_000 + "'>words</p>",
        "<html><body><table>" + "<tr><td colspan=999999999>a<td rowspan=1000>b" * 500,
        "<html><body>" + "<ul><li>" * 2_000 + "deep",
        "<html><body>" + "<sup>" * 5_000 + "1",
        "<html><body><p>" + "• a " * 50_000,
        "<html><body>" + "<nav><a href=x>" * 300 + "deep",
    ],
    ids=["deep", "attribute", "spans", "lists", "raised", "bullets", "furniture"],
)
def test_a_page_that_was_made_to_do_harm_costs_little(page: str) -> None:
    """Depth, width and repetition that no page has end in a text or in a finding, soon."""
    document = render(page.encode())
    assert document.text or codes(document)


def test_a_document_without_the_text_of_a_label_is_named() -> None:
    """Registrations and indexes have the format of a label and nothing to read."""
    head, _, rest = LABEL.partition("<component><structuredBody>")
    assert codes(render(f"{head}<component><structuredBody/></component></document>".encode())) == ["SEED_EMPTY"]
    assert rest


def test_a_page_is_what_its_reader_sees() -> None:
    """Blocks are lines, white space is a space, scripts and hidden words are left out."""
    document = page(
        "<script>var x;</script><h1>Zepharol\n tablets</h1><p>For   <b>spasms</b>.<br>Twice&nbsp;daily.</p>"
        "<div>Loose words<p>and a paragraph</p>and more</div><p style='display:none'>Not seen</p><pre>a\n  b</pre>"
    )
    assert document.text == (
        "Zepharol tablets\nFor spasms.\nTwice\u00a0daily.\nLoose words\nand a paragraph\nand more\na\nb\n"
    )


def test_items_of_lists_have_bullets_and_depth() -> None:
    """An item has one bullet, whether the page prints it or not, and a list in a list is deeper."""
    document = page("<ul><li>rash</li><li>• nausea<ul><li>at night</li></ul></li></ul>")
    assert document.text == "• rash\n• nausea\n  • at night\n"
    assert [block.level for block in document.blocks if block.kind == "item"] == [1, 1, 2]


def test_bullets_within_a_line_begin_items() -> None:
    """A list that is printed as one paragraph is a list; a sign between numbers is none."""
    assert page("<p>Do not use • in the eyes • on wounds</p><p>5 • 10 mg</p>").text == (
        "Do not use\n• in the eyes\n• on wounds\n5 • 10 mg\n"
    )


def test_a_table_has_a_line_for_each_row() -> None:
    """Cells are apart by tabs, know the heading of their column, and keep their column beside spans."""
    document = page(
        "<table><tr><th>Form</th><th colspan=2>Strength</th></tr><tr><th></th><th>mg</th><th>mL</th></tr>"
        "<tr><td rowspan=2>Syrup</td><td>5</td><td>10</td></tr><tr><td>7</td><td>12</td></tr></table>"
    )
    assert document.text == "Form\tStrength\n\tmg\tmL\nSyrup\t5\t10\n\t7\t12\n"
    cells = [
        (document.text[b.start : b.end], b.level, b.column) for b in document.blocks if b.kind == "cell" if b.column
    ]
    assert cells == [
        ("Syrup", 1, "Form"),
        ("5", 2, "Strength mg"),
        ("10", 3, "Strength mL"),
        ("7", 2, "Strength mg"),
        ("12", 3, "Strength mL"),
    ]
    assert [block.level for block in document.blocks if block.kind == "row"] == [1, 1, 0, 0]


def test_a_first_row_in_bold_type_holds_the_headings() -> None:
    """Many tables say by their look alone what their first row is."""
    table = (
        "<table><tr><td><b>Form</b></td><td><p><strong>Dose</strong></p></td></tr><tr><td>Syrup</td><td>5 mg</td></tr>"
    )
    assert [block.column for block in page(table).blocks if block.kind == "cell"] == [None, None, "Form", "Dose"]
    assert not any(block.column for block in page(table.replace("<b>", "a <b>")).blocks)


def test_a_break_in_a_cell_stays_a_break() -> None:
    """Two numbers in a cell never become one, and a heading of a column is one line."""
    document = page("<table><tr><th>Per<br>vial</th><th>mL</th></tr><tr><td>1<br>100 mg</td><td>5</td></tr></table>")
    assert document.text == "Per vial\tmL\n1\n100 mg\t5\n"


def test_a_table_that_lays_out_a_page_is_no_table() -> None:
    """A table with one cell in each row, or with headings in it, only puts words in place."""
    assert page("<table><tr><td><h2>Uses</h2><p>Spasms</p></td><td><p>Menu</p></td></tr></table>").text == (
        "Uses\nSpasms\nMenu\n"
    )
    assert not blocks(page("<table><tr><td>One</td></tr><tr><td>Two</td></tr></table>"), "row")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("10<sup>6</sup> units", "10⁶ units"),
        ("5<sup>1</sup> mg", "5¹ mg"),
        ("Headache<sup>a,b</sup>", "Headacheᵃ,ᵇ"),
        ("Headache<sup>*</sup>", "Headache*"),
        ("<sup>99m</sup>Tc", "⁹⁹ᵐTc"),
        ("the 1<sup>st</sup> day", "the 1st day"),
        ("Zepharol<sup>®</sup>", "Zepharol®"),
        ("C<sub>max</sub> and H<sub>2</sub>", "Cmax and H₂"),
        ("5<sub>2</sub> mg", "5 ₂ mg"),
        ("5<sup>see below</sup> mg", "5 see below mg"),
    ],
)
def test_raised_words_touch_no_number(markup: str, text: str) -> None:
    """A power stays a power, and the sign of a footnote never becomes a digit or a letter of what it stands at."""
    assert page(f"<p>{markup}</p>").text == f"{text}\n"


def test_what_belongs_to_the_site_is_furniture() -> None:
    """Menus, crumbs, cookie words, contents and links alone are furniture; the content is not."""
    document = page(
        "<a href='#main'>Skip to main content</a><nav><ul><li><a href='/'>Home</a></li></ul></nav>"
        "<div class='cookie-banner'>We use cookies.</div>"
        "<main id='main'><h1>Zepharol</h1><ul><li><a href='#u'>Uses</a></li><li><a href='#s'>Side effects</a></li></ul>"
        "<h2 id='u'>Uses</h2><p>Spasms</p><h2 id='s'>Side effects</h2><ul><li><a href='/rash'>rash</a></li></ul></main>"
        "<p><a href='/'>← Back to home</a></p><footer>© 2020</footer>"
    )
    seen = "".join(document.text[b.start : b.end] for b in document.blocks if b.kind != "furniture")
    assert seen == "ZepharolUsesSpasmsSide effects• rash"


def test_a_table_of_contents_is_furniture() -> None:
    """A list of nothing but headings of the page says nothing itself."""
    document = page("<h2>In this leaflet</h2><ol><li>Uses</li><li>Doses</li></ol><h2>1. Uses</h2><h2>2. Doses</h2>")
    assert blocks(document, "furniture") == ["• Uses\n• Doses"]


def test_the_title_of_a_page_is_a_heading_that_its_window_names() -> None:
    """A slogan that is a greater heading is no title."""
    document = page("<h1>Package leaflet</h1><h2>Zepharol 5 mg<br>Maleate</h2>", "<title>Zepharol 5 mg | Site</title>")
    assert [stated.title and stated.title.text for stated in document.stated] == ["Zepharol 5 mg"]
    assert [stated.title and stated.title.text for stated in page("<h1>Zepharol tablets</h1>").stated] == [
        "Zepharol tablets"
    ]
    assert not page("<h1>Other</h1>").stated
    assert not page("<h1>Package leaflet</h1>", "<title>Package leaflet of zepharol</title>").stated


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("<html><body><p>5 µg</p>".encode(), "utf-8"),
        ("<html><body><p>5 µg</p>".encode("utf-8-sig"), "utf-8-sig"),
        ("<html><body><p>5 µg</p>".encode("utf-16"), "utf-16"),
        ("<html><body><p>5 µg</p>".encode("cp1252"), "windows-1252"),
        ("<html><meta charset=iso-8859-1><body><p>5 µg</p>".encode("cp1252"), "windows-1252"),
        ("<html><meta charset='koi8-r'><body><p>5 µg</p>".encode()[:35] + b"<p>5 mg", "koi8-r"),
    ],
)
def test_a_page_is_read_in_its_encoding(data: bytes, encoding: str) -> None:
    """A byte order mark comes first, the markup second; a page that says nothing may be of Windows."""
    document = render(data)
    assert document.encoding == encoding
    assert document.text in ("5 µg\n", "5 mg\n")


def test_a_page_that_is_not_in_its_encoding_is_refused() -> None:
    """A page that says UTF-8 and is not would be read wrong."""
    assert codes(render(b"<html><meta charset=utf-8><body><p>5 \xb5g</p>")) == ["SEED_NOT_UTF8"]


RECORD: dict[str, object] = {
    "set_id": "abc-1",
    "version": "2",
    "effective_time": "20210902",
    "spl_product_data_elements": ["Zepharol ZEPHAROL LACTOSE"],
    "indications_and_usage": ["1 INDICATIONS AND USAGE Zepharol treats • spasms • cramps"],
    "warnings": ["For external use only."],
    "dosage_forms_and_strengths_table": ["<table><tr><td>Tablet</td><td>5 mg</td></tr></table>"],
    "openfda": {
        "brand_name": ["Zepharex"],
        "generic_name": ["ZEPHAROL"],
        "route": ["ORAL"],
        "substance_name": ["ZEPHAROL"],
        "unii": ["3Z9Y7UWC1J"],
        "product_ndc": ["0000-1111"],
    },
}


def test_a_record_of_openfda_is_its_fields() -> None:
    """A heading that is glued to a value is set apart, a field without one has its name, tables are rows."""
    document = render(json.dumps(RECORD).encode())
    assert document.text == (
        "Zepharex (ZEPHAROL)\n\nSpl product data elements\nZepharol ZEPHAROL LACTOSE\n\n"
        "1 INDICATIONS AND USAGE\nZepharol treats\n• spasms\n• cramps\n\nWarnings\nFor external use only.\n\n"
        "Dosage forms and strengths\nTablet\t5 mg\n"
    )
    headings = [(block.code, block.key) for block in document.blocks if block.kind == "heading"]
    assert headings[1:] == [
        ("34067-9", "indications_and_usage"),
        ("34071-1", "warnings"),
        ("43678-2", "dosage_forms_and_strengths"),
    ]


def test_names_of_all_ingredients_are_furniture() -> None:
    """The field that runs all names together names no drug."""
    assert blocks(render(json.dumps(RECORD).encode()), "furniture") == [
        "Spl product data elements\nZepharol ZEPHAROL LACTOSE"
    ]


def test_a_record_lists_what_openfda_joined_to_it() -> None:
    """Substance, code, route and name are listed; the block of another label is refused with a finding."""
    (listed,) = render(json.dumps(RECORD).encode()).listed
    assert (listed.ingredient, listed.unii, listed.route_codes, listed.ndc) == (
        "ZEPHAROL",
        "3Z9Y7UWC1J",
        ("C38288",),
        "0000-1111",
    )
    about = RECORD["openfda"]
    assert isinstance(about, dict)
    other = render(json.dumps(RECORD | {"openfda": about | {"spl_set_id": ["another"]}}).encode())
    assert (other.listed, codes(other), other.stated[0].title) == ((), ["LISTED_OF_ANOTHER"], None)


@pytest.mark.parametrize(
    ("file", "pointers"),
    [
        ([RECORD, RECORD], ["/0", "/1"]),
        ({"meta": {"total": 2}, "results": [RECORD]}, ["/results/0"]),
    ],
)
def test_records_of_one_file_are_documents(file: object, pointers: list[str]) -> None:
    """Each record of a list or of the bulk file is a document with its JSON pointer."""
    found = list(openfda.records(BufferedReader(BytesIO(json.dumps(file).encode()))))
    assert [pointer for pointer, _ in found] == pointers
    assert all(json.loads(data) == RECORD for _, data in found)


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (LABEL.encode(), "label.txt", "spl"),
        (LABEL.encode("utf-16"), "label", "spl"),
        (b"<html><p>Zepharol", "a.txt", "html"),
        (json.dumps(RECORD).encode(), "a.txt", "openfda"),
        (b"{}", "a.json", "openfda"),
        (b"Zepharol\n\nUses\nSpasms < 5 h1>\n", "a.html", "text"),
        (b"<?xml version='1.0'?><other/>", "a.xml", "unknown"),
        (b"{\\rtf1", "a.rtf", "unknown"),
    ],
)
def test_the_content_tells_the_format(data: bytes, name: str, expected: str) -> None:
    """What a file holds comes before what it is called."""
    assert format_of(data, name) == expected


def test_every_document_is_rendered_the_same_way_twice() -> None:
    """Spans point into the rendered text, so it must be the same each time; blocks are in order and within it."""
    for data in (LABEL.encode(), json.dumps(RECORD).encode(), b"<html><body><p>a<p>b"):
        first, second = render(data), render(data)
        assert first == second
        starts = [block.start for block in first.blocks]
        assert starts == sorted(starts)
        assert all(block.end <= len(first.text) for block in first.blocks)
        assert [at for at, _ in first.places] == sorted(at for at, _ in first.places)


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def word(body: str) -> bytes:
    """A document of Word with this body."""
    held = BytesIO()
    with zipfile.ZipFile(held, "w") as parts:
        parts.writestr("word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>")
    return held.getvalue()


def test_a_document_of_word_is_read() -> None:
    """Headings by style, items by numbering, rows of tables; deleted words are gone, powers stay powers."""
    document = render(
        word(
            '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Zepharol</w:t></w:r></w:p>'
            "<w:p><w:r><w:t>About 10</w:t></w:r>"
            '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>6</w:t></w:r>'
            "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:t> units</w:t></w:r></w:p>"
            "<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>rash</w:t></w:r></w:p>"
            "<w:tbl><w:tr><w:trPr><w:tblHeader/></w:trPr><w:tc><w:p><w:r><w:t>Form</w:t></w:r></w:p></w:tc>"
            "<w:tc><w:p><w:r><w:t>mg</w:t></w:r></w:p></w:tc></w:tr>"
            "<w:tr><w:tc><w:p><w:r><w:t>Tablet</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>5</w:t></w:r></w:p></w:tc>"
            "</w:tr></w:tbl>"
        ),
        "a.docx",
    )
    assert document.text == "Zepharol\nAbout 10⁶ units\n• rash\nForm\tmg\nTablet\t5\n"
    assert [block.kind for block in document.blocks][:3] == ["heading", "paragraph", "item"]
    assert [block.column for block in document.blocks if block.kind == "cell"] == [None, None, "Form", "mg"]
    assert codes(render(word(""))) == ["SEED_EMPTY"]


def test_a_page_saved_with_its_pictures_is_the_page() -> None:
    """A browser's archive of a page holds the page, in quoted printable as a rule."""
    saved = (
        b'From: <Saved by a browser>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        b"<html><meta charset=3Dutf-8><body><p>5 =C2=B5g</p></body></html>\r\n--b--\r\n"
    )
    assert render(saved).text == "5 µg\n"
    assert codes(render(b"MIME-Version: 1.0\r\n\r\nnothing")) == ["SEED_EMPTY"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Zepharol\nIndicaciones\nEl medicamento se usa para los espasmos y las contracturas. " * 4, ["SEED_LANGUAGE"]),
        ("Zepharol\nUses: It is for spasms of the arm and of the leg, and is given with water.\n", []),
        ("Zepharol\nUses: El Niño, de la Tour and van der Waals.\n", []),
    ],
)
def test_a_document_in_another_language_is_named(text: str, found: list[str]) -> None:
    """A person learns why nothing was read, whether or not a heading was known."""
    parsed = read_seed(SeedFile("a.txt", text.encode())).parsed
    assert [finding.code for finding in parsed.findings if finding.code == "SEED_LANGUAGE"] == found
