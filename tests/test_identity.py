"""Who a monograph is comes from its document: what else lies in the folder changes no row of it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engine.run import read_folder
from tests.test_documents import LABEL, RECORD

TEXT = "Zepharol\nGeneric name: zepharol\nUses: Spasms.\n"
DOCUMENTS: dict[str, bytes] = {
    "a.txt": TEXT.encode(),
    "copy/a.txt": TEXT.encode(),
    "two.txt": f"{TEXT}\nExemplan\nGeneric name: exemplan\nUses: Pain.\n".encode(),
    "label.xml": LABEL.encode(),
    "page.html": b"<title>Zepharol</title><h1>Zepharol</h1><p>Generic name: zepharol</p><h2>Uses</h2><p>Spasms.</p>",
    "record.json": json.dumps(RECORD | {"set_id": "other"}).encode(),
    "noise.bin": b"\x00\x01",
}


def tables_of(documents: dict[str, bytes]) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table that a folder with these documents is read to."""
    with tempfile.TemporaryDirectory() as name:
        for path, data in documents.items():
            (Path(name) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(name) / path).write_bytes(data)
        return {table: rows.to_pylist() for table, rows in read_folder(Path(name)).tables.items()}


def rows_of(tables: dict[str, list[dict[str, Any]]], seed_id: str) -> dict[str, list[dict[str, Any]]]:
    """Everything that is said of a seed, without the numbers that count findings through the release."""
    ids = {row["monograph_id"] for row in tables["monographs"] if row["seed_id"] == seed_id}
    return {
        name: [
            {column: value for column, value in row.items() if column != "finding_no"}
            for row in rows
            if (row["seed_id"] == seed_id if "seed_id" in row else row.get("monograph_id") in ids)
        ]
        for name, rows in tables.items()
        if name != "drugs"
    }


@pytest.fixture(scope="module")
def alone() -> dict[str, dict[str, list[dict[str, Any]]]]:
    """What is said of each document if nothing else is there."""
    return {path: rows_of(tables_of({path: data}), path) for path, data in DOCUMENTS.items()}


@settings(max_examples=5)
@given(names=st.sets(st.sampled_from(sorted(DOCUMENTS)), min_size=2))
def test_documents_do_not_know_each_other(alone: dict[str, dict[str, list[dict[str, Any]]]], names: set[str]) -> None:
    """Adding or removing a document changes no row of another."""
    tables = tables_of({name: DOCUMENTS[name] for name in names})
    for name in names:
        assert rows_of(tables, name) == alone[name]


def test_documents_of_one_drug_are_found_by_it() -> None:
    """Text, page, label and record of one drug are monographs of one drug; a second drug of a file is another."""
    tables = tables_of(DOCUMENTS)
    drugs = {row["drug_id"]: row["monograph_count"] for row in tables["drugs"]}
    assert drugs == {"zepharol": 5, "zepharol-maleate": 1, "exemplan": 1}
    assert {row["monograph_id"] for row in tables["monographs"]} == {
        "a.txt",
        "copy/a.txt",
        "two.txt",
        "two.txt#2",
        "setid:abc-1",
        "setid:other",
        "page.html",
    }


@pytest.mark.parametrize(("first", "second"), [("old.xml", "new.xml"), ("new.xml", "old.xml")])
def test_the_later_version_of_a_label_is_read(first: str, second: str) -> None:
    """Of two versions of one set the later is read, whatever the files are called; the other is named."""
    tables = tables_of({first: LABEL.encode(), second: LABEL.replace('value="16"', 'value="9"').encode()})
    assert [row["seed_id"] for row in tables["monographs"]] == [first]
    named = [row for row in tables["findings"] if row["finding_code"] == "LABEL_REPLACED"]
    assert [(row["seed_id"], first in row["message"]) for row in named] == [(second, True)]


def test_a_name_in_seeds_csv_is_the_identifier() -> None:
    """A person may name a monograph; further ones in the file are numbered."""
    beside = b"file,source,licence,retrieved,monograph_id\ntwo.txt,,,,my-name\n"
    tables = tables_of({"two.txt": DOCUMENTS["two.txt"], "seeds.csv": beside})
    assert [row["monograph_id"] for row in tables["monographs"]] == ["my-name", "my-name#2"]
