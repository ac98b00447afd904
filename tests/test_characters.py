"""The same words give the same rows and codes, whatever characters print them: `cases/characters.csv` over all readers.

Each variant of the CSV is applied to a small document for each reader, and all of them are read as a release does.
`where` of a variant: `each` place of the document, only `inside lines` (not what opens an item), `inside words` of six
letters or more, once at the `start`, or to all `letters` that a pattern finds.
"""

from __future__ import annotations

import csv
import html
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pipelines.engine.run import read_folder
from schemas import codes
from schemas.codes.folding import fold

Variant = dict[str, str]
FILE = Path(__file__).parent / "cases" / "characters.csv"
with FILE.open(encoding="utf-8", newline="") as _file:
    VARIANTS: list[Variant] = list(csv.DictReader(_file))
# A small document for each reader; {drug} differs, as two documents of one drug would meet.
DOCUMENTS = {
    "strengths": "Available Dose:\n- Film-coated tablets: 5 mg, 10 mg and 1,000 mg\n- Oral solution: 12.5 mg/5 mL\n"
    "- Capsules: 25 µg; 50 µg\n- Cream: 0.5%\n- Powder for injection: 3 x 10^6 units",
    "strengths in brackets": "Available forms\nOral capsule (100 mg; 200 mg)\nTablets: 325 mg (as base), 10-mg",
    "strengths as fields": "Dosage form: Film-coated tablet\nStrength: 40 mg",
    "strengths in a sentence": "2. QUALITATIVE AND QUANTITATIVE COMPOSITION\nEach tablet contains 10 mg of the drug.",
    "combinations": "Generic name: amoxicillin and clavulanic acid\n"
    "Available Dose:\n- Tablets: 500 mg/125 mg, 875 mg/125 mg",
    "dose forms": "Dosage form: Film-coated tablet, solution for injection (intravenous), extended-release capsule",
    "routes": "Route of administration: By mouth, intravenous use; eye & ear",
    "pregnancy": "Use during pregnancy: FDA pregnancy category C (third trimester: D). Australian category: B3.",
    "pregnancy as a field": 'Pregnancy category: "D"',
    "pregnancy not assigned": "Pregnancy category: not assigned",
    "lactation": "Use while breast-feeding: The drug passes into breast milk.",
    "names": "Generic name: acetylsalicylic acid [ a-SEET-il-sal-i-SIL-ik ]",
    "brands": "Brand names: Novélin®, Crohn's Aid, Fever-Ex (US), Coffex & Cold™",
    "classes": "Drug class: Beta-blocker; GABA receptor agonist",
    "indications": "Indications: It is used for the treatment of Crohn's disease. "
    "It is also used off-label for hiccups.",
    "contraindications": "Contraindications: Contraindicated in patients with Addison's disease. "
    "Use with caution in renal impairment.",
    "contraindications in a list": "Contraindications\n- Addison's disease\n- Severe renal impairment (GFR below 30)",
    "reactions": "Side effects: Common side effects include drowsiness, dry mouth and flu-like symptoms. "
    "More serious side effects can include Stevens-Johnson syndrome and difficulty in breathing.",
    "reactions in a list": "Side effects\nCommon (1% to 10%):\n- nausea\n- loss of appetite\n- flu-like symptoms",
    "headings": "Mechanism of action:\nIt binds to a receptor.\n\n"
    "Warnings and precautions\nDrowsiness.\n\nOverdose: Coma.",
    "a card": "**Pregnancy Category C**\n**Available forms:**\n* Tablets: 5 mg; 10 mg\n"
    "**Side effects:**\n* CNS: drowsiness",
}
FIRST = "Novélan{drug}\n"
# What depends on where a document is and how long its text, and words that are published as they are printed.
PLACES = re.compile(
    r"_id$|sha256|bytes|_start$|_end$|_no$|^line(_no)?$|^column(_no)?$|^message$|^title$|^encoding$|^format$"
)


def printed(text: str, variant: Variant) -> str:
    """The text as the variant prints it."""
    old, new = (_unescaped(variant[name]) for name in ("printed", "as"))
    match variant["where"]:
        case "each":
            return text.replace(old, new)
        case "inside lines":
            return re.sub(rf"(?m)(?<!^)(?<!^[-*]){re.escape(old)}(?!$)", lambda _: new, text)
        case "inside words":
            return re.sub(r"([^\W\d_]{3})([^\W\d_]{3})", lambda found: found[1] + new + found[2], text)
        case "start":
            return new + text
        case "letters":
            return re.sub(old, lambda found: _letter(found[0], new), text)
    raise AssertionError(variant)


def _unescaped(text: str) -> str:
    for sign, means in (("\\n", "\n"), ("\\t", "\t"), ("\\r", "\r")):
        text = text.replace(sign, means)
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)


def _letter(letter: str, kind: str) -> str:
    if len(kind) == 1:
        return kind
    if kind == "full-width":
        return chr(ord(letter) + 0xFEE0)
    return chr(ord(letter) - ord("A") + 0x1D400) if letter.isupper() else chr(ord(letter) - ord("a") + 0x1D41A)


def _even(cell: object) -> object:
    """Words as they look: characters are compared, not how they are coded."""
    if not isinstance(cell, str):
        return cell
    known = html.unescape(html.unescape(cell)).replace("™", "").replace("®", "").replace("×", "x")
    known = re.sub("[⁰¹²³⁴-⁹]+", lambda raised: f"^{unicodedata.normalize('NFKC', raised[0])}", known)
    known = unicodedata.normalize("NFKC", known)
    seen = "".join(sign for sign in known if unicodedata.category(sign) != "Cf")
    seen = re.sub(r"[‐‑‒–—―−﹣]", "-", re.sub(r"[’‘ʼ′`]", "'", re.sub(r"[“”„]", '"', seen)))
    seen = re.sub(r"novélan[bcdfghjkl]+", "DRUG", seen.replace("μ", "µ"), flags=re.IGNORECASE)
    return " ".join(re.sub(r"[∕⁄]", "/", re.sub(r"(?m)^\s*[•*‣·◦▪●-](?=\s)", "-", seen)).split())


def _drug(number: int) -> str:
    return "".join("bcdfghjkl"[int(digit, 9) % 9] for digit in _base_nine(number))


def _base_nine(number: int) -> str:
    return (_base_nine(number // 9) if number >= 9 else "") + str(number % 9)


def _pairs() -> Iterator[tuple[str, Variant]]:
    for reader, text in DOCUMENTS.items():
        for variant in VARIANTS:
            if printed(FIRST + text, variant) != FIRST + text:
                yield reader, variant


PAIRS = list(_pairs())


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What every table says of each document."""
    folder = tmp_path_factory.mktemp("seeds")
    plain = [(reader, {"variant": "plain", "printed": "", "as": "", "where": "each"}) for reader in DOCUMENTS]
    for number, (reader, variant) in enumerate([*plain, *PAIRS]):
        text = FIRST.format(drug=_drug(number)) + DOCUMENTS[reader]
        path = folder / reader / f"{variant['variant']}.txt"
        path.parent.mkdir(exist_ok=True)
        text = printed(text, variant) if variant["printed"] + variant["as"] else text
        path.write_bytes((text + "\n").encode())
    found: dict[str, dict[str, list[object]]] = {}
    tables = read_folder(folder).tables
    seeds = dict(zip(*(tables["monographs"][name].to_pylist() for name in ("monograph_id", "seed_id")), strict=True))
    for name, table in tables.items():
        for row in table.to_pylist() if not name.endswith("_codes") else ():
            seed = row.get("seed_id") or seeds.get(row.get("monograph_id"))
            cells = {column: _even(cell) for column, cell in row.items() if not PLACES.search(column)}
            found.setdefault(str(seed), {}).setdefault(name, []).append(cells)
    return found


@pytest.mark.parametrize(
    ("reader", "variant"), [pytest.param(*pair, id=f"{pair[0]}: {pair[1]['variant']}") for pair in PAIRS]
)
def test_characters_change_nothing(rows: Mapping[str, Any], reader: str, variant: Variant) -> None:
    """Every table says the same of the variant as of the plain text."""
    assert rows[f"{reader}/{variant['variant']}.txt"] == rows[f"{reader}/plain.txt"]


def test_every_reader_finds_something(rows: Mapping[str, Any]) -> None:
    """The plain documents are read: a law about rows that are not there would say nothing."""
    for reader, table in {"strengths": "strengths", "routes": "routes", "pregnancy": "pregnancy_categories"}.items():
        assert rows[f"{reader}/plain.txt"][table]


TEXTS = sorted(
    {
        row["text"]
        for path in Path(codes.__file__).parent.glob("*.csv")
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
        if "text" in row
    }
)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant["variant"])
def test_characters_change_no_entry_of_a_code_table(variant: Variant) -> None:
    """Tables fold as texts do: what a row spells is the same key, however it is printed."""
    if "\\n" not in variant["printed"]:
        assert [text for text in TEXTS if fold(printed(text, variant)) != fold(text)] == []
