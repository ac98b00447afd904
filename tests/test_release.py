"""What a release holds: its files, their bytes, their descriptions, and the version that its changes make."""

import csv
import dataclasses
import hashlib
import json
import re
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import jsonschema  # type: ignore[import-untyped]
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.release.compare import changes_in, compare_shapes
from pipelines.release.compare.matching import Comparison
from pipelines.release.compare.version import CHANGE_CODES, Bump, Change, bump_of, next_version
from pipelines.release.describe.data_package import shapes_in
from pipelines.release.describe.quality import Check
from pipelines.release.digest import content_digest, fingerprint
from pipelines.release.failures import ReleaseRefusedError
from pipelines.release.files import read_csv, read_parquet, write_csvs, write_parquet
from pipelines.release.publish import publish
from pipelines.release.publish.prepare import large_changes, prepare_release, with_tombstones
from pipelines.release.released import Edition, read_release, read_tables
from pipelines.release.shapes import ColumnShape, TableShape, published_shapes
from pipelines.release.verify import verify
from pipelines.tables.validate import apply_rules
from schemas.tables.base import Reference
from tests.release_frames import BUILD, ROWS, Row, Tables, edited, small_tables, table_of

SHAPES = published_shapes()
PROFILE = Path(__file__).parent / "profiles" / "datapackage-2.0.json"
PIECES = TableShape(
    "pieces",
    "One row for each piece.",
    (
        ColumnShape("no", "int64", nullable=False, is_key=True, description="Ordinal."),
        ColumnShape("words", "string", nullable=True, is_key=False, description="Words."),
        ColumnShape("amount", "double", nullable=True, is_key=False, description="Amount.", unit="mg"),
        ColumnShape("is_sure", "bool", nullable=True, is_key=False, description="Sure."),
    ),
    (),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a first release of the small tables."""
    outputs = tmp_path_factory.mktemp("first")
    return publish(small_tables(), BUILD, outputs).folder


def _without(monograph_id: str) -> dict[str, list[Row]]:
    """The rows of every table that has this monograph, without it."""
    named = [name for name, shape in SHAPES.items() if "monograph_id" in shape.arrow_schema.names and name in ROWS]
    return {name: [row for row in ROWS[name] if row.get("monograph_id") != monograph_id] for name in named}


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_release_holds_exactly_these_files(folder: Path) -> None:
    """Nothing is missing and nothing was left behind."""
    data = {f"data/{name}.{kind}" for name in SHAPES for kind in ("parquet", "csv")}
    about = {"README.md", "LICENSE.txt", "CITATION.cff", "data-dictionary.csv", "datapackage.json"}
    about |= {"croissant.json", "drug-monographs-1.0.0.xlsx"}
    account = {"release.json", "quality.json", "build.json", "provenance.intoto.jsonl", "SHA256SUMS"}
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == data | about | account


@pytest.mark.parametrize("name", sorted(SHAPES.keys() - {"monograph_history"}))  # which a release makes itself
def test_parquet_and_csv_hold_the_rows_that_were_given(folder: Path, name: str) -> None:
    """Read back to the schema of the model, both files are the table."""
    expected = small_tables()[name]
    assert read_parquet(folder / f"data/{name}.parquet", SHAPES[name]).equals(expected)
    assert read_csv(folder / f"data/{name}.csv", SHAPES[name]).equals(expected)


def test_an_empty_string_is_not_a_null_in_csv(folder: Path) -> None:
    """An empty section is `""`, a missing heading is nothing at all; lines end with CR and LF, and no mark begins."""
    first, *_, last = (folder / "data/sections.csv").read_bytes().removesuffix(b"\r\n").split(b"\r\n")
    assert first.startswith(b"monograph_id,section_no,")
    assert last == b'baclofen,1,uses,,,"",1,1,,'


def test_doubles_of_csv_look_like_doubles(folder: Path) -> None:
    """A column of doubles is not taken for one of integers because its numbers are whole."""
    strengths = (folder / "data/strengths.csv").read_text(encoding="utf-8")
    assert "presentation,5.0,,mg" in strengths


def test_parquet_says_what_each_column_is(folder: Path) -> None:
    """Descriptions and units are in the file itself; no clock and no version of a release is."""
    schema = pq.read_schema(folder / "data/strengths.parquet")
    told = schema.field("numerator_value").metadata
    assert told[b"description"].decode() == next(
        c.description for c in SHAPES["strengths"].columns if c.name == "numerator_value"
    )
    assert told[b"unit"] == b"see numerator_unit_code"
    assert {name for name in schema.metadata if name != b"ARROW:schema"} == {
        b"dataset", b"table", b"schema_version", b"content_sha256",
    }  # fmt: skip


def _bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_tables_make_the_same_bytes_elsewhere_and_later(folder: Path, tmp_path: Path) -> None:
    """Another folder, host and clock change `build.json`, its line in the checksums, and nothing else."""
    later = dataclasses.replace(BUILD, host="elsewhere", built_at="2031-05-06T07:08:09+00:00", commit="c0ffee")
    again = _bytes_of(publish(small_tables(), later, tmp_path / "an other").folder)
    first = _bytes_of(folder)
    assert {name for name in first if first[name] != again[name]} == {"build.json", "SHA256SUMS"}
    lines = set(first["SHA256SUMS"].splitlines()) ^ set(again["SHA256SUMS"].splitlines())
    assert {line.split()[1] for line in lines} == {b"build.json"}


def test_the_order_of_rows_makes_no_difference(folder: Path, tmp_path: Path) -> None:
    """Rows are published in key order, whatever order they came in."""
    mixed = {name: table.take(pa.array(range(table.num_rows), "int64")[::-1]) for name, table in small_tables().items()}
    shuffled = _bytes_of(publish(mixed, BUILD, tmp_path).folder)
    assert shuffled == _bytes_of(folder)


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
_ROWS = st.lists(
    st.tuples(
        st.none() | _TEXT, st.none() | st.floats(allow_nan=False, allow_infinity=False), st.none() | st.booleans()
    ),
    max_size=5,
)


def _pieces(rows: list[tuple[str | None, float | None, bool | None]]) -> pa.Table:
    return pa.Table.from_pylist(
        [{"no": no, "words": w, "amount": a, "is_sure": s} for no, (w, a, s) in enumerate(rows)], PIECES.arrow_schema
    )


@given(rows=_ROWS)
def test_any_text_and_number_survive_both_files(
    rows: list[tuple[str | None, float | None, bool | None]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Quotes, line ends, formulas, emoji, empty strings, nulls and the last bit of a number come back."""
    table, folder = _pieces(rows), tmp_path_factory.mktemp("pieces")
    write_parquet(table, PIECES, folder / "pieces.parquet", {})
    write_csvs({"pieces": table}, folder)
    assert read_parquet(folder / "pieces.parquet", PIECES).equals(table)
    assert read_csv(folder / "pieces.csv", PIECES).equals(table)


# --- digests ---------------------------------------------------------------------------------------------------------


def _digest_by_hand(rows: list[dict[str, Any]]) -> str:
    """What the README of a release tells a stranger to do."""
    lines = []
    for row in sorted(rows, key=lambda row: row["no"]):
        cells = [_cell(row[name]) for name in sorted(row)]
        lines.append(",".join(cells) + "\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _cell(value: object) -> str:
    if value is None:
        return "~"
    if isinstance(value, float):
        value = struct.unpack(">q", struct.pack(">d", value + 0.0))[0]
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"{len(text.encode())}:{text}"


@given(rows=_ROWS)
def test_a_stranger_can_compute_the_digest(rows: list[tuple[str | None, float | None, bool | None]]) -> None:
    """The digest is what its description says, and the order and chunks of rows make no difference."""
    table = _pieces(rows)
    digest = content_digest(table, ["no"])
    assert digest == _digest_by_hand(table.to_pylist())
    turned = pa.concat_tables([table.slice(len(rows) // 2), table.slice(0, len(rows) // 2)])
    assert content_digest(turned, ["no"]) == digest


def test_a_digest_of_this_year_is_that_of_any_year() -> None:
    """The definition is a promise: this number may never change."""
    table = _pieces([("5 mg", 0.1, True), ("", -0.0, None), (None, None, False)])
    assert content_digest(table, ["no"]) == "423623f6ac29a8150d12a6c7adfddeafa14ca287d29f4f6eba0b2d48376ea02c"


def test_a_number_that_is_none_has_no_digest() -> None:
    """NaN is neither a value nor a null."""
    with pytest.raises(ValueError, match="not finite"):
        content_digest(_pieces([(None, float("nan"), None)]), ["no"])


def test_a_fingerprint_follows_every_part() -> None:
    """Other seeds, rules or libraries are other inputs; another host, commit or time is not."""
    others = [
        dataclasses.replace(BUILD, inputs=(("a.txt", "ab"), ("b.txt", "bb"))),
        dataclasses.replace(BUILD, rules="other"),
        dataclasses.replace(BUILD, tools=(("python", "4"),)),
    ]
    assert len({BUILD.fingerprint, *(build.fingerprint for build in others)}) == 4
    elsewhere = dataclasses.replace(BUILD, host="h", commit="c", built_at="t", lock_file="l", inputs=BUILD.inputs[::-1])
    assert elsewhere.fingerprint == BUILD.fingerprint
    assert fingerprint({"a": "1", "b": "2"}) == fingerprint({"b": "2", "a": "1"})


# --- descriptions ----------------------------------------------------------------------------------------------------


def _descriptor(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return found


def test_the_descriptor_keeps_to_the_official_profile(folder: Path) -> None:
    """`datapackage.json` is valid against the JSON Schema of Data Package 2.0, which does catch a wrong type."""
    validator = jsonschema.Draft7Validator(json.loads(PROFILE.read_text(encoding="utf-8")))
    descriptor = _descriptor(folder)
    assert list(validator.iter_errors(descriptor)) == []
    descriptor["resources"][0]["schema"]["fields"][0]["type"] = "verse"
    assert list(validator.iter_errors(descriptor))


def test_frictionless_finds_the_tables_as_described(folder: Path) -> None:
    """Types, limits, keys and references hold in CSV and Parquet; of CSV, sizes and hashes too."""
    report = frictionless.Package(str(folder / "datapackage.json")).validate()
    assert report.valid, report.flatten(["name", "title", "message"])
    assert len(report.tasks) == 2 * len(SHAPES)


def test_the_descriptor_tells_all_about_the_tables(folder: Path) -> None:
    """The shapes read back from it are those of the models, so any later version can compare itself with this one."""
    assert shapes_in(_descriptor(folder)) == SHAPES


def test_every_resource_names_the_file_beside_it(folder: Path) -> None:
    """Path and hash of each resource are those of a file; Parquet has no size (a validator would misread it)."""
    resources = _descriptor(folder)["resources"]
    assert len(resources) == 2 * len(SHAPES)
    for resource in resources:
        data = (folder / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert resource.get("bytes") == (len(data) if resource["format"] == "csv" else None)


def test_the_dictionary_has_every_column_once(folder: Path) -> None:
    """One line for each column, with the words of its model."""
    with (folder / "data-dictionary.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    described = [(row["table"], row["column"], row["description"]) for row in rows]
    assert described == [(name, c.name, c.description) for name, shape in SHAPES.items() for c in shape.columns]
    unit = next(row for row in rows if row["column"] == "numerator_unit_code")
    assert unit["references"] == "unit_codes.code"


def test_the_manifest_names_every_other_file(folder: Path) -> None:
    """Sizes and hashes are those of the files; only itself, `build.json` and `SHA256SUMS` are not in it."""
    named = read_release(folder.parent.parent)["files"]
    there = _bytes_of(folder)
    assert set(named) == set(there) - {"release.json", "build.json", "SHA256SUMS"}
    for name, fact in named.items():
        assert fact == {"bytes": len(there[name]), "sha256": hashlib.sha256(there[name]).hexdigest()}


def test_only_the_build_knows_a_clock_or_a_host(folder: Path) -> None:
    """No other file has the time of the build in it."""
    assert BUILD.built_at
    day = BUILD.built_at[:10].encode()
    assert [name for name, data in _bytes_of(folder).items() if day in data] == ["build.json"]


def test_quality_counts_findings_and_what_could_be_read(tmp_path: Path) -> None:
    """Checks are told as they were passed in, coverage is counted, findings are by code."""
    check = Check("strengths", "has_unique_key", 0, "No two rows have one key.")
    folder = publish(small_tables(), BUILD, tmp_path, [check]).folder
    quality = json.loads((folder / "quality.json").read_text(encoding="utf-8"))
    assert quality["checks"] == [dataclasses.asdict(check)]
    coverage = {(c["table"], c["column"]): (c["rows"], c["read"]) for c in quality["coverage"]}
    assert coverage["strengths", "numerator_value"] == (3, 2)
    assert quality["findings"] == [{"finding_code": "UNREAD", "severity": "error", "count": 1}]


def _lines(folder: Path, language: str) -> str:
    readme = (folder / "README.md").read_text(encoding="utf-8")
    (found,) = re.findall(rf"```{language}\n(.*?)```", readme, re.DOTALL)
    return str(found)


def _python_lines(folder: Path, library: str) -> list[str]:
    readme = (folder / "README.md").read_text(encoding="utf-8")
    (found,) = [code for code in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if f"import {library} " in code]
    return [line for line in found.splitlines() if line.startswith("strengths")]


def test_the_pandas_lines_of_the_readme_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each gives the table, with the words that pandas would otherwise take for missing."""
    monkeypatch.chdir(folder)
    for line in _python_lines(folder, "pandas"):
        found: dict[str, pd.DataFrame] = {}
        exec(f"import pandas as pd\n{line}", found)  # noqa: S102  (that the lines run is what is tested)
        assert found["strengths"]["strength_text"].tolist() == ["0.1 mg", "5 mg", "a few"]
        assert found["strengths"]["numerator_value"].isna().tolist() == [False, False, True]


def test_the_polars_lines_of_the_readme_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each gives the table."""
    pytest.importorskip("polars")
    monkeypatch.chdir(folder)
    for line in _python_lines(folder, "polars"):
        found: dict[str, Any] = {}
        exec(f"import polars as pl\n{line}", found)  # noqa: S102  (that the lines run is what is tested)
        assert found["strengths"]["numerator_value"].to_list() == [0.1, 5.0, None]


def test_the_duckdb_lines_of_the_readme_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both give the same rows."""
    monkeypatch.chdir(folder)
    parquet, text = (duckdb.execute(line).fetchall() for line in _lines(folder, "sql").strip().splitlines())
    assert [row[:3] for row in parquet] == [("aspirin", 1, 1), ("baclofen", 1, 1), ("baclofen", 2, 1)]
    assert text == parquet


def test_the_lines_for_csv_keep_an_empty_string(folder: Path) -> None:
    """DuckDB, told as the README tells, knows an empty section from a missing heading."""
    path = folder / "data/sections.csv"
    options = "header = true, allow_quoted_nulls = false, sample_size = -1"
    rows = duckdb.execute(f"SELECT heading_text, body_text FROM read_csv('{path}', {options})").fetchall()  # noqa: S608
    assert rows == [(None, 'For pain,\r\n"as needed".'), (None, "")]


# --- what changes make of a version ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "bump", "expected"),
    [
        (None, Bump.NONE, "1.0.0"),
        ("1.2.3", Bump.MAJOR, "2.0.0"),
        ("1.2.3", Bump.MINOR, "1.3.0"),
        ("1.9.9", Bump.PATCH, "1.9.10"),
        ("1.2.3", Bump.NONE, "1.2.3"),
    ],
)
def test_the_next_version(version: str | None, bump: Bump, expected: str) -> None:
    """Greater parts move and lesser parts start again."""
    assert next_version(version, bump) == expected


def _column(name: str, **told: Any) -> ColumnShape:  # noqa: ANN401  (fields of any type)
    plain: dict[str, Any] = {"type": "int64", "nullable": False, "is_key": False, "description": "Words."}
    return ColumnShape(name, **(plain | told))


def _shape(*columns: ColumnShape, references: tuple[Reference, ...] = ()) -> TableShape:
    return TableShape("t", "One row.", (_column("k", is_key=True), *columns), references)


_A, _B, _C = _column("a"), _column("b"), _column("c")
_TO_U = Reference(("a",), "u", ("code",))


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        (_shape(_A), _shape(_A), []),
        (_shape(_A, _B), _shape(_A), ["COLUMN_REMOVED"]),
        (_shape(_A), _shape(_A, _B), ["COLUMN_APPENDED"]),
        (_shape(_A, _B), _shape(_B, _A), ["COLUMN_MOVED", "COLUMN_MOVED"]),
        (_shape(_A, _B), _shape(_A, _C, _B), ["COLUMN_APPENDED", "COLUMN_MOVED"]),
        (_shape(_A), _shape(_column("a2")), ["COLUMN_REMOVED", "COLUMN_APPENDED"]),
        (_shape(_A), _shape(_column("a", is_key=True)), ["KEY_CHANGED"]),
        (_shape(_A), _shape(_column("a", type="string")), ["TYPE_NARROWED"]),
        (_shape(_A), _shape(_column("a", type="int32")), ["TYPE_NARROWED"]),
        (_shape(_A), _shape(_column("a", type="double")), ["TYPE_NARROWED"]),
        (_shape(_column("a", type="int32")), _shape(_A), ["TYPE_WIDENED"]),
        (_shape(_column("a", unit="mg")), _shape(_column("a", unit="g")), ["UNIT_CHANGED"]),
        (_shape(_A), _shape(_column("a", nullable=True)), ["NULLS_ALLOWED"]),
        (_shape(_column("a", nullable=True)), _shape(_A), ["DESCRIPTION_CHANGED"]),
        (_shape(_column("a", values=("x",))), _shape(_column("a", values=("x", "y"))), ["VALUE_ALLOWED"]),
        (_shape(_column("a", values=("x", "y"))), _shape(_column("a", values=("x",))), ["VALUE_DISALLOWED"]),
        (_shape(_column("a", values=("x",))), _shape(_A), ["VALUE_ALLOWED"]),
        (_shape(_A), _shape(_column("a", values=("x",))), ["DESCRIPTION_CHANGED"]),
        (_shape(_A), _shape(_column("a", description="Other words.")), ["DESCRIPTION_CHANGED"]),
        (_shape(_A), _shape(_column("a", low=1)), ["DESCRIPTION_CHANGED"]),
        (_shape(_A, references=(_TO_U,)), _shape(_A), ["REFERENCE_REMOVED"]),
        (_shape(_A), _shape(_A, references=(_TO_U,)), ["REFERENCE_ADDED"]),
    ],
)
def test_what_is_said_about_columns_has_codes(old: TableShape, new: TableShape, codes: list[str]) -> None:
    """Each way in which the description of a table may change has its code."""
    assert [change.code for change in compare_shapes(old, new)] == codes


def _edition(tables: Mapping[str, pa.Table], rules: str = "rules") -> Edition:
    shapes = {name: SHAPES[name] for name in tables}
    digests = {name: content_digest(table, shapes[name].key) for name, table in tables.items()}
    return Edition(shapes, digests, tables.__getitem__, rules)


def _changes(old: Edition, new: Edition) -> list[Change]:
    return changes_in(Comparison(old, new))


def _more(name: str, **cells: object) -> dict[str, list[Row]]:
    return {name: [*ROWS[name], {**ROWS[name][-1], **cells}]}


_RETIRED = {"retired": [{"monograph_id": "aspirin", "retired_in": "1.1.0", "reason": "Gone."}]}
_CASES: list[tuple[dict[str, list[Row]], dict[str, int], Bump]] = [
    ({}, {}, Bump.NONE),
    (edited("strengths", "5 mg", numerator_value=10.0), {"VALUES_CHANGED": 1}, Bump.PATCH),
    (edited("findings", "baclofen", message="Other words."), {"FINDINGS_CHANGED": 0}, Bump.PATCH),
    ({"findings": []}, {"FINDINGS_CHANGED": 1}, Bump.PATCH),
    (_more("strengths", strength_no=3), {"ROWS_ADDED": 1}, Bump.MINOR),
    ({"strengths": ROWS["strengths"][:2]}, {"ROWS_REMOVED": 1}, Bump.MINOR),
    (_more("monographs", monograph_id="zinc"), {"ROWS_ADDED": 1}, Bump.MINOR),
    (_without("aspirin") | _RETIRED, {"ROWS_RETIRED": 4, "ROWS_ADDED": 1}, Bump.MINOR),
    (_without("aspirin"), {"MONOGRAPH_LOST": 1, "ROWS_REMOVED": 3}, Bump.MAJOR),
    ({"dose_form_codes": ROWS["dose_form_codes"][:1]}, {"CODE_REMOVED": 1}, Bump.MAJOR),
    (edited("dose_form_codes", "C42998", code="C1"), {"CODE_REMOVED": 1, "ROWS_ADDED": 1}, Bump.MAJOR),
    (edited("monographs", "aspirin", pronunciation=None), {"VALUES_CHANGED": 1, "FIRST_NULL": 1}, Bump.MAJOR),
    (edited("strengths", "5 mg", numerator_value=None), {"VALUES_CHANGED": 1}, Bump.PATCH),
    (edited("strengths", "a few", strength_no=3), {"ROWS_MOVED": 1}, Bump.PATCH),
    (edited("strengths", "5 mg", text_start=7, text_end=11), {"ROWS_MOVED": 1}, Bump.PATCH),
    (edited("seeds", "a.txt", sha256="ab", bytes=11), {"SEEDS_EDITED": 1}, Bump.PATCH),
]


@pytest.mark.parametrize(("rows", "counts", "bump"), _CASES)
def test_what_happens_to_rows_has_codes_and_a_bump(
    rows: dict[str, list[Row]], counts: dict[str, int], bump: Bump
) -> None:
    """Rows added, removed, retired and corrected are told apart and counted."""
    changes = _changes(_edition(small_tables()), _edition(small_tables(**rows)))
    found: dict[str, int] = {}
    for change in changes:
        found[change.code] = found.get(change.code, 0) + change.count
    assert found == counts
    assert bump_of(changes) is bump


def test_a_table_removed_breaks_and_a_table_added_adds() -> None:
    """Tables come and go by name."""
    whole, part = _edition(small_tables()), _edition({n: t for n, t in small_tables().items() if n != "routes"})
    assert [(c.code, c.table) for c in _changes(whole, part)] == [("TABLE_REMOVED", "routes")]
    assert [(c.code, c.table) for c in _changes(part, whole)] == [("TABLE_ADDED", "routes")]


def test_a_new_rule_that_moves_a_column_is_more_than_a_correction() -> None:
    """The same edit of values is MINOR where code or code tables have changed, PATCH where only a seed has."""
    old = _edition(small_tables())
    values = small_tables(**edited("strengths", "5 mg", numerator_value=10.0))
    assert bump_of(_changes(old, _edition(values))) is Bump.PATCH
    assert {c.code for c in _changes(old, _edition(values, "new rules"))} == {"VALUES_CHANGED", "RULE_CHANGED_COLUMN"}


def test_every_code_is_described() -> None:
    """A reader of `release.json` finds a sentence for each code."""
    assert all(sentence.endswith(".") for _, sentence in CHANGE_CODES.values())


# --- tombstones ------------------------------------------------------------------------------------------------------


def test_a_monograph_that_goes_leaves_a_tombstone() -> None:
    """It says since when, why, and stays in later releases; a monograph that comes back has none."""
    one = small_tables(**_without("aspirin"), seeds=ROWS["seeds"][1:])
    second = with_tombstones(one, small_tables(), "1.1.0")
    why = {"retired_in": "1.1.0", "reason": "Its seed a.txt was taken away.", "replaced_by": None}
    assert second["retired"].to_pylist() == [{"monograph_id": "aspirin", **why}]
    assert with_tombstones(one, second, "1.2.0")["retired"].equals(second["retired"])
    assert with_tombstones(small_tables(), second, "1.2.0")["retired"].num_rows == 0


def test_a_document_of_another_name_has_a_successor() -> None:
    """A monograph that is known by another name, or whose seed has another place, is found by its document."""
    renamed = small_tables(**edited("monographs", "aspirin", monograph_id="a.txt"))
    first = with_tombstones(renamed, small_tables(), "2.0.0")
    (row,) = first["retired"].to_pylist()
    assert (row["monograph_id"], row["replaced_by"]) == ("aspirin", "a.txt")
    assert row["reason"] == "Its seed a.txt gives it another name."
    seeds = [{**ROWS["seeds"][0], "seed_id": "moved.txt"}, ROWS["seeds"][1]]
    monographs = [{**ROWS["monographs"][0], "monograph_id": "moved.txt", "seed_id": "moved.txt"}, ROWS["monographs"][1]]
    again = with_tombstones(small_tables(seeds=seeds, monographs=monographs), first, "2.1.0")
    assert [(each["monograph_id"], each["replaced_by"]) for each in again["retired"].to_pylist()] == [
        ("a.txt", "moved.txt"),
        ("aspirin", "moved.txt"),
    ]


def test_what_a_person_says_of_a_retired_monograph_is_kept() -> None:
    """A row given by the caller is not replaced; a successor that is gone too is no successor."""
    said = [
        {"monograph_id": "old", "retired_in": "1.0.0", "reason": "Renamed.", "replaced_by": "baclofen"},
        {"monograph_id": "older", "retired_in": "1.0.0", "reason": "Renamed.", "replaced_by": "aspirin"},
    ]
    tables = small_tables(**_without("aspirin"), retired=said)
    found = with_tombstones(tables, small_tables(), "1.1.0")["retired"].to_pylist()
    assert [(row["monograph_id"], row["replaced_by"]) for row in found] == [
        ("aspirin", None), ("old", "baclofen"), ("older", None),
    ]  # fmt: skip


def test_a_tombstone_is_part_of_the_release(tmp_path: Path) -> None:
    """It names the version that was computed with it, and the third release still has it."""
    publish(small_tables(), BUILD, tmp_path)
    fewer = small_tables(**_without("aspirin"), **edited("seeds", "a.txt", sha256="emptied"))
    assert publish(fewer, BUILD, tmp_path).version == "1.1.0"
    assert read_tables(tmp_path)["retired"]["retired_in"].to_pylist() == ["1.1.0"]
    assert not publish(fewer, BUILD, tmp_path).is_new


def _history(outputs: Path) -> list[tuple[object, ...]]:
    rows = read_tables(outputs)["monograph_history"].to_pylist()
    names = ("monograph_id", "first_version", "last_version", "changed_version")
    return [tuple(row[name] for name in names) for row in rows]


def test_the_history_says_since_when_until_when_and_when_it_changed(tmp_path: Path) -> None:
    """Of every monograph that any release held; one whose rows only moved has not changed."""
    publish(small_tables(), BUILD, tmp_path)
    assert _history(tmp_path) == [("aspirin", "1.0.0", None, "1.0.0"), ("baclofen", "1.0.0", None, "1.0.0")]
    moved = edited("strengths", "0.1 mg", text_start=9)["strengths"]
    changed = {"strengths": [*moved[:1], moved[1] | {"numerator_value": 10.0}, *moved[2:]]}
    publish(small_tables(**changed), BUILD, tmp_path)
    assert _history(tmp_path) == [("aspirin", "1.0.0", None, "1.0.0"), ("baclofen", "1.0.0", None, "1.0.1")]
    publish(small_tables(**_without("aspirin"), seeds=ROWS["seeds"][1:]), BUILD, tmp_path)
    assert _history(tmp_path) == [("aspirin", "1.0.0", "1.0.1", "1.0.0"), ("baclofen", "1.0.0", None, "1.1.0")]
    publish(small_tables(), BUILD, tmp_path)
    assert _history(tmp_path) == [("aspirin", "1.0.0", None, "1.2.0"), ("baclofen", "1.0.0", None, "1.1.0")]
    assert not publish(small_tables(), BUILD, tmp_path).is_new
    assert verify(tmp_path, deep=True) == []


# --- refusals --------------------------------------------------------------------------------------------------------


def _tables_without(name: str) -> Tables:
    return {other: table for other, table in small_tables().items() if other != name}


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        (_tables_without("routes"), "The table routes is missing"),
        (small_tables() | {"notes": small_tables()["routes"]}, "The table notes is not described"),
        (small_tables() | {"routes": small_tables()["routes"].drop_columns("route_no")}, "other columns or types"),
        (small_tables(**edited("strengths", "5 mg", strength_text=None)), "a null where"),
    ],
)
def test_tables_of_another_schema_are_refused(tables: Tables, words: str) -> None:
    """The message names the table and what is wrong with it."""
    with pytest.raises(ReleaseRefusedError, match=words):
        prepare_release(tables, None, BUILD)


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        (
            small_tables(**edited("strengths", "a few", strength_no=1)),
            "strengths: 1 rows break the rule has_u",
        ),
        (
            small_tables(**edited("strengths", "5 mg", numerator_unit_code="kg")),
            "strengths: 1 rows break the rule ref",
        ),
        (
            small_tables(**edited("sections", "aspirin", monograph_id="zinc")),
            "sections: 1 rows break the rule ref",
        ),
    ],
)
def test_broken_rules_are_refused(tables: Tables, words: str) -> None:
    """Keys that stand twice and references that lead nowhere, found by the rules themselves."""
    rules = [result for result in apply_rules(tables, {}) if result.rule in {"has_unique_key", "refers_to_rows"}]
    checks = [Check(result.table, result.rule, len(result.problems), "") for result in rules]
    with pytest.raises(ReleaseRefusedError, match=words):
        prepare_release(tables, None, BUILD, checks)


def test_a_failed_check_refuses_the_release() -> None:
    """What a caller found wrong is not published."""
    check = Check("strengths", "quotes_the_seed", 2, "Words are those of the seed.")
    with pytest.raises(ReleaseRefusedError, match="2 rows break the rule quotes_the_seed"):
        prepare_release(small_tables(), None, BUILD, [check])


def _many(count: int, **cells: object) -> list[Row]:
    name = {"monograph_id": "baclofen", "component_no": 1, "strength_text": "5 mg"}
    return [{**name, "strength_no": number, **cells} for number in range(1, count + 1)]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (_many(96), None),
        (_many(94), "6 of 100 rows are gone, more than 5%"),
        (_many(20, ingredient="x") + _many(100)[20:], None),
        (_many(21, ingredient="x") + _many(100)[21:], "21 of 100 rows have changed, more than 20%"),
        ([], "all 100 rows are gone"),
    ],
)
def test_a_large_change_must_be_meant(rows: list[Row], words: str | None) -> None:
    """More than 5 % gone, more than 20 % changed or an emptied table is refused; a person may say why it is meant."""
    old, new = _edition(small_tables(strengths=_many(100))), _edition(small_tables(strengths=rows))
    found = large_changes(Comparison(old, new))
    assert any(words in reason for reason in found) if words else found == []


def test_an_accepted_change_is_recorded(tmp_path: Path) -> None:
    """The reason of the person stands in the manifest, and nothing is published without it."""
    publish(small_tables(strengths=_many(100)), BUILD, tmp_path)
    with pytest.raises(ReleaseRefusedError, match="--accept-large-change"):
        publish(small_tables(strengths=_many(50)), BUILD, tmp_path)
    assert read_release(tmp_path)["version"] == "1.0.0"
    publish(small_tables(strengths=_many(50)), BUILD, tmp_path, accept_large_change="The source was halved.")
    assert read_release(tmp_path)["changes"]["accepted"] == "The source was halved."


def test_a_table_of_the_fixture_has_the_shape_of_its_model() -> None:
    """The small tables themselves are what a release expects."""
    assert small_tables()["strengths"].equals(table_of(SHAPES["strengths"], ROWS["strengths"]))
    assert all(small_tables()[name].schema.equals(shape.arrow_schema) for name, shape in SHAPES.items())
