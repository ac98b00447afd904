"""The documents themselves: seeds, the monographs in them, and the sections of each."""

from schemas.tables.base import Table, TextColumn, TruthColumn, WholeColumn, column, text_end, text_start


class Seeds(Table):
    """One row for each seed file or member of an archive, read or not."""

    seed_id: TextColumn = column(
        "Path of the file in the seeds folder, parts joined by /; for a packed document, / and its name there follow, "
        "or # and its JSON pointer. Bytes of a name that are no UTF-8 are escaped with a percent sign.",
        key=True,
    )
    sha256: TextColumn = column(
        "SHA-256 of the file's bytes, in hexadecimal.", null="the file could not be read; a finding says why."
    )
    bytes: WholeColumn = column(
        "Size of the file, in bytes.", null="the file could not be read; a finding says why.", low=0
    )
    format: TextColumn = column(
        "What the file is, by its content.", values=("text", "html", "spl", "openfda", "pdf", "docx", "unknown")
    )
    encoding: TextColumn = column(
        "How the bytes were read as text: a name of the Encoding Standard, utf-8-sig for UTF-8 with a byte order mark.",
        null="the bytes gave no text, and a finding says why; or the format has no encoding.",
    )
    renderer: TextColumn = column(
        "Program, and its version, that made the text which text_start and text_end point into; that of a plain text "
        "gives the text of the file itself. `monographs render` prints the text.",
        null="the bytes gave no text; a finding says why.",
    )
    text_sha256: TextColumn = column(
        "SHA-256 of that text in UTF-8, in hexadecimal.", null="the bytes gave no text; a finding says why."
    )
    monograph_count: WholeColumn = column("Number of monographs found in the file.", low=0)
    source: TextColumn = column("Where the document came from.", null="not listed in seeds.csv.")
    licence: TextColumn = column("Under which licence the document was given.", null="not listed in seeds.csv.")
    retrieved: TextColumn = column("Day on which the document was retrieved, as YYYY-MM-DD.", null="not known.")

    class Config:
        """Names the table."""

        name = "seeds"


class Drugs(Table):
    """One row for each drug that the monographs speak of: all documents of one drug are found by it."""

    drug_id: TextColumn = column(
        "Latin words and numbers of the generic name, joined by hyphens; ingredients in alphabetical order.", key=True
    )
    generic_name: TextColumn = column("Generic name as most of its monographs print it; of equals the first in order.")
    monograph_count: WholeColumn = column("Number of monographs of the drug.", low=1)

    class Config:
        """Names the table."""

        name = "drugs"


class Monographs(Table):
    """One row for each monograph; a seed may hold several."""

    monograph_id: TextColumn = column(
        "Stable identifier: setid: and the set of the label if the format states one, else the path of the seed, with "
        "#2, #3 and so on for further monographs in it; or the name that seeds.csv gives.",
        key=True,
    )
    drug_id: TextColumn = column(
        "The drug that the monograph speaks of.", null="its name has no Latin letters.", references="drugs.drug_id"
    )
    seed_id: TextColumn = column("The seed that holds the monograph.", references="seeds.seed_id")
    title: TextColumn = column("Title as printed.")
    generic_name: TextColumn = column(
        "Generic name alone, without pronunciation or bracketed route.",
        null="no section states it and the title is no name, as a finding says.",
    )
    pronunciation: TextColumn = column("How the name is said, as printed.", null="the text does not tell.")
    fda_pregnancy_category: TextColumn = column(
        "Most restrictive US FDA pregnancy letter that the text states; N where it says that none was assigned.",
        null="the text states no FDA letter.",
        values=("A", "B", "C", "D", "X", "N"),
    )
    has_lactation_statement: TruthColumn = column(
        "True where the text says anything about breast milk or breastfeeding."
    )
    overview_text: TextColumn = column("Paragraph that stands under no heading, as printed.", null="there is none.")
    document_version: TextColumn = column(
        "Version of the document, as its format states it.", null="the format states none."
    )
    effective_date: TextColumn = column(
        "Day from which this version of the document holds, as YYYY-MM-DD.", null="the format states none."
    )
    title_start: WholeColumn = text_start("the title")
    title_end: WholeColumn = text_end("the title")
    overview_start: WholeColumn = column(
        "Where the overview begins in the seed, in code points from 0.", null="there is no overview.", low=0
    )
    overview_end: WholeColumn = column(
        "Where the overview ends in the seed, in code points, exclusive.", null="there is no overview.", low=0
    )

    class Config:
        """Names the table."""

        name = "monographs"


class Sections(Table):
    """One row for each section, headed or not, in reading order: together they hold the monograph's whole text."""

    monograph_id: TextColumn = column("The monograph.", key=True, references="monographs.monograph_id")
    section_no: WholeColumn = column("Ordinal of the section in the monograph, from 1.", key=True, low=1)
    section_code: TextColumn = column("What the section is about.", references="section_codes.code")
    loinc_code: TextColumn = column("LOINC code of the section.", null="LOINC has no code for it.")
    heading_text: TextColumn = column("Heading as printed.", null="the paragraph stands under no heading.")
    body_text: TextColumn = column("Text under the heading, as printed; empty where the section is empty.")
    text_start: WholeColumn = text_start("the body")
    text_end: WholeColumn = text_end("the body")
    heading_start: WholeColumn = column(
        "Where the heading begins in the seed, in code points from 0.", null="there is no heading.", low=0
    )
    heading_end: WholeColumn = column(
        "Where the heading ends in the seed, in code points, exclusive.", null="there is no heading.", low=0
    )

    class Config:
        """Names the table."""

        name = "sections"
