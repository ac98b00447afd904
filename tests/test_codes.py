"""The linter of the code tables: what every CSV file in schemas/codes keeps to."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.lexer import cut_words as key
from schemas import codes

TABLES = sorted(path.stem for path in codes.FOLDER.glob("*.csv"))
COLUMNS = {name: tuple(codes.rows(name)[0]) for name in TABLES}
LISTS = [name for name in TABLES if {"code", "name", "definition", "source"} <= set(COLUMNS[name])]
SPELLINGS = [name for name in TABLES if COLUMNS[name][0] == "text"]
LEADS_TO = {
    "dose_form_synonyms": "dose_forms",
    "openfda_fields": "sections",
    "pregnancy_synonyms": "pregnancy_categories",
    "route_statements": "routes",
    "route_synonyms": "routes",
    "section_titles": "sections",
    "unit_synonyms": "units",
}
BASES = {"liquid", "semisolid", "solid", "powder", "metered", "patch", "gas", "device", "other"}
ROLES = {"route", "field", "alone", "filler", "negation", "separator"}
KINDS = {"use", "quality", "unclear", "container", "neutral", "filler", "link", "separator"}


@pytest.mark.parametrize("name", TABLES)
def test_cells_are_trimmed(name: str) -> None:
    """Every table is read, has rows, and no cell begins or ends with a space."""
    assert codes.rows(name)
    assert [row for row in codes.rows(name) if any(cell != cell.strip() for cell in row.values())] == []


@pytest.mark.parametrize("name", TABLES)
def test_rows_are_unique(name: str) -> None:
    """No row stands twice."""
    assert [row for row, count in Counter(tuple(row.values()) for row in codes.rows(name)).items() if count > 1] == []


@pytest.mark.parametrize("name", LISTS)
def test_codes_are_explained(name: str) -> None:
    """Every code has a name, a definition that ends with a full stop, and a source."""
    unexplained = [
        row for row in codes.rows(name) if not (row["name"] and row["definition"].endswith(".") and row["source"])
    ]
    assert unexplained == []


@pytest.mark.parametrize("name", LISTS)
def test_codes_are_unique(name: str) -> None:
    """No code stands twice, within its own system where the table has several."""
    counts = Counter((row.get("system_code"), row["code"]) for row in codes.rows(name))
    assert [code for code, count in counts.items() if count > 1 or not code[1]] == []


@pytest.mark.parametrize("name", SPELLINGS)
def test_spellings_do_not_collide(name: str) -> None:
    """No two rows fold to one key; a unit whose letter case matters keeps its case."""
    folded = Counter(row["text"] if row.get("case") else codes.fold(row["text"]) for row in codes.rows(name))
    assert [text for text, count in folded.items() if count > 1 or not text] == []


def test_every_table_of_spellings_leads_somewhere() -> None:
    """A table with spellings and codes names the list that its codes are from."""
    assert {name for name in SPELLINGS if "code" in COLUMNS[name]} == set(LEADS_TO)


@pytest.mark.parametrize(("name", "target"), LEADS_TO.items())
def test_spellings_lead_to_codes(name: str, target: str) -> None:
    """The code of a spelling exists."""
    known = {row["code"] for row in codes.rows(target)} | {""}
    assert [row for row in codes.rows(name) if row["code"] not in known] == []


@pytest.mark.parametrize("name", LEADS_TO)
def test_a_missing_code_has_a_note(name: str) -> None:
    """A spelling without a code says why it has none."""
    assert [row for row in codes.rows(name) if not row["code"] and not row["note"]] == []


@pytest.mark.parametrize(("lists", "spellings"), [("routes", "route_synonyms"), ("dose_forms", "dose_form_synonyms")])
def test_no_spelling_means_two_codes(lists: str, spellings: str) -> None:
    """As the readers see them, without hyphens and stops, no two spellings are one, and none is an FDA name."""
    names = Counter(key(row["name"]) for row in codes.rows(lists))
    names.update(key(row["text"]) for row in codes.rows(spellings))
    assert [words for words, count in names.items() if count > 1] == []


def test_form_words_are_no_forms() -> None:
    """A word of dose_form_words.csv is no synonym, and an FDA name only where it is more than a form, or none."""
    words = {key(row["text"]): row for row in codes.rows("dose_form_words")}
    assert len(words) == len(codes.rows("dose_form_words"))
    assert [row["text"] for row in codes.rows("dose_form_synonyms") if key(row["text"]) in words] == []
    overruled = {row["name"] for row in codes.rows("dose_forms") if key(row["name"]) in words}
    assert overruled == {"INJECTION", "INTRACAMERAL"}


def test_fda_form_names_differ_in_words() -> None:
    """No two FDA dose forms have the same words, so that the words of a name tell which one it is."""
    names = Counter(frozenset(word for word in key(row["name"]) if word.isalnum()) for row in codes.rows("dose_forms"))
    assert max(names.values()) == 1


def test_form_words_stand_for_words_of_the_list() -> None:
    """Every FDA word that a spelling stands for is a word of an FDA name."""
    known = {word for row in codes.rows("dose_forms") for word in key(row["name"])}
    strange = [row for row in codes.rows("dose_form_words") if not set(key(row["fda_words"])) <= known]
    assert strange == []


@pytest.mark.parametrize(
    ("name", "column", "allowed"),
    [
        ("dose_forms", "strength_basis", BASES),
        ("dose_form_synonyms", "basis", BASES | {""}),
        ("dose_form_words", "basis", BASES | {""}),
        ("dose_form_words", "kind", KINDS),
        ("route_synonyms", "role", ROLES),
    ],
)
def test_values_are_allowed(name: str, column: str, allowed: set[str]) -> None:
    """A column that the readers act on holds only what they know."""
    assert {row[column] for row in codes.rows(name)} <= allowed


@pytest.mark.parametrize("name", LISTS)
def test_readme_names_the_source(name: str) -> None:
    """The README of the folder has a line for every list of codes."""
    assert f"| `{name}.csv` |" in (codes.FOLDER / "README.md").read_text(encoding="utf-8")


def test_lists_are_whole() -> None:
    """The FDA lists are shipped whole: 168 dose forms and 125 routes."""
    assert (len(codes.rows("dose_forms")), len(codes.rows("routes"))) == (168, 125)


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of all code tables, read instead of the real ones."""
    folder = Path(shutil.copytree(codes.FOLDER, tmp_path / "codes"))
    monkeypatch.setattr(codes, "FOLDER", folder)
    for read in (codes.rows, codes.by_code, codes.by_spelling):
        read.cache_clear()
    yield folder
    for read in (codes.rows, codes.by_code, codes.by_spelling):
        read.cache_clear()


BROKEN = {
    "expected 4 cells": b"oral,C38288\n",
    "is the standard name of another code": b"intrathecal,C38288,,\n",
    "has no code 'C00000'": b"somewhere,C00000,,\n",
    r"has no code 'ORAL'; did you mean C38288 \(ORAL\)\?": b"through the lips,ORAL,,\n",
    "say in the note why": b"somewhere,,,\n",
    "are one spelling": b"By  Mouth,C38288,,\n",
    "save it as a CSV file in UTF-8": b"caf\xe9,C38288,,\n",
}


@pytest.mark.parametrize("why", BROKEN)
def test_a_broken_row_is_refused_before_anything_is_read(copied: Path, why: str) -> None:
    """Each kind of broken row is one sentence that names the table."""
    table = copied / "route_synonyms.csv"
    table.write_bytes(table.read_bytes() + BROKEN[why])
    with pytest.raises(codes.CodeTableError, match=f"route_synonyms.*{why}"):
        codes.require_whole_tables()


def test_a_table_without_its_first_line_is_refused(copied: Path) -> None:
    """The names of the columns must stand in the first line."""
    (copied / "routes.csv").write_text("C38288,ORAL,By mouth.,FDA\n", encoding="utf-8")
    with pytest.raises(codes.CodeTableError, match=r"routes\.csv:1: the first line must name the columns"):
        codes.require_whole_tables()


def test_a_table_that_a_spreadsheet_saved_is_read(copied: Path) -> None:
    """A byte order mark, semicolons and carriage returns, as Excel writes them in much of Europe, change nothing."""
    before = codes.rows("routes")
    codes.rows.cache_clear()
    with (copied / "routes.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, before[0].keys(), delimiter=";")
        writer.writeheader()
        writer.writerows(before)
    assert codes.rows("routes") == before
    codes.require_whole_tables()


def test_the_tables_are_whole() -> None:
    """The real tables are refused nowhere."""
    codes.require_whole_tables()
