"""What a release says of its differences: rows, cells, deltas, pages, the change log and the feed."""

import dataclasses
import json
import re
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.engine.run import read_folder
from pipelines.release import log
from pipelines.release.compare import changes_in
from pipelines.release.compare.changes_page import changes_page
from pipelines.release.compare.delta import apply_delta, broken_deltas
from pipelines.release.compare.matching import Comparison
from pipelines.release.compare.record import difference_of, write_changes
from pipelines.release.compare.version import Bump
from pipelines.release.describe.derived import derived_files
from pipelines.release.digest import content_digest
from pipelines.release.failures import NoSuchReleaseError, ReleaseRefusedError, WithdrawnError
from pipelines.release.publish import publish
from pipelines.release.publish.events import withdraw, yank
from pipelines.release.released import Edition, read_index, read_release, read_tables
from pipelines.release.shapes import ColumnShape, TableShape, published_shapes
from pipelines.release.store import Folder
from pipelines.release.verify import verify
from tests.release_frames import BUILD, ROWS, Row, edited, small_tables
from tests.test_command import monographs

SHAPES = published_shapes()
SEEDS = Path(__file__).parent.parent / "seeds"
RUN = CliRunner()
CORRECTED = edited("strengths", "5 mg", numerator_value=10.0, ingredient="base|salt\x1b")
ASPIRIN = [name for name in ROWS if "monograph_id" in SHAPES[name].arrow_schema.names]
EMPTIED = edited("seeds", "a.txt", sha256="empty", bytes=0)
WITHOUT_ASPIRIN = EMPTIED | {
    name: [row for row in ROWS[name] if row.get("monograph_id") != "aspirin"] for name in ASPIRIN
}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1.0.1 corrects two cells, 1.1.0 retires a monograph and takes the correction back, 1.2.0 undoes both."""
    outputs = tmp_path_factory.mktemp("four") / "outputs"
    for rows in ({}, CORRECTED, WITHOUT_ASPIRIN, CORRECTED):
        publish(small_tables(**rows), BUILD, outputs)
    return outputs


def _rows(outputs: Path, version: str, name: str) -> list[Row]:
    found: list[Row] = pq.read_table(outputs / f"releases/{version}/changes/{name}.parquet").to_pylist()
    return found


def _record(outputs: Path, version: str) -> dict[str, Any]:
    text = (outputs / f"releases/{version}/changes/changes.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


# --- rows and cells --------------------------------------------------------------------------------------------------


def test_the_versions_are_those_of_their_changes(outputs: Path) -> None:
    """A correction, a retirement, and a return."""
    assert list(log.releases(log.read_log(Folder(outputs)))) == ["1.0.0", "1.0.1", "1.1.0", "1.2.0"]
    assert not (outputs / "releases/1.0.0/changes").exists()


def test_a_corrected_row_is_named_with_its_cells(outputs: Path) -> None:
    """Key and values are text, a null stays null, columns are in published order."""
    key = '["baclofen",1,1]'
    assert _rows(outputs, "1.0.1", "rows") == [{"table": "strengths", "key": key, "op": "modify", "old_key": None}]
    common = {"table": "strengths", "key": key, "change_code": "VALUES_CHANGED"}
    assert _rows(outputs, "1.0.1", "cells") == [
        common | {"column": "ingredient", "old": None, "new": "base|salt\x1b"},
        common | {"column": "numerator_value", "old": "5.0", "new": "10.0"},
    ]


def test_a_monograph_that_goes_is_retired_and_one_that_comes_back_is_restored(outputs: Path) -> None:
    """All its rows with it; its tombstone is added and taken away."""
    gone = {(row["table"], row["op"]) for row in _rows(outputs, "1.1.0", "rows")}
    back = {(row["table"], row["op"]) for row in _rows(outputs, "1.2.0", "rows")}
    assert {("monographs", "retire"), ("sections", "retire"), ("retired", "add")} <= gone
    assert {("monographs", "restore"), ("sections", "restore"), ("retired", "remove")} <= back


def test_a_row_that_goes_without_its_monograph_is_removed(tmp_path: Path) -> None:
    """It is not retired, and another one is added."""
    publish(small_tables(), BUILD, tmp_path)
    publish(small_tables(**edited("strengths", "a few", strength_text="many")), BUILD, tmp_path)
    found = [(row["key"], row["op"]) for row in _rows(tmp_path, "1.1.0", "rows")]
    assert found == [('["baclofen",2,1]', "remove"), ('["baclofen",2,1]', "add")]


def test_a_row_that_only_moved_is_no_news(tmp_path: Path) -> None:
    """It is counted for its table, and has no row of its own; the delta moves it."""
    publish(small_tables(), BUILD, tmp_path)
    publish(small_tables(**edited("strengths", "a few", strength_no=3)), BUILD, tmp_path)
    assert _rows(tmp_path, "1.0.1", "rows") == []
    (table,) = (t for t in _record(tmp_path, "1.0.1")["tables"] if t["table"] != "monograph_history")
    assert (table["move"], table["delta"]["upserts"], table["delta"]["deletes"]) == (1, 1, 1)
    assert verify(tmp_path, deep=True) == []


def test_cells_carry_the_reason_for_which_they_count(tmp_path: Path) -> None:
    """A first null and a change of rules are told apart from a correction."""
    publish(small_tables(), BUILD, tmp_path)
    rows = edited("monographs", "aspirin", pronunciation=None) | CORRECTED
    folder = publish(small_tables(**rows), dataclasses.replace(BUILD, rules="new"), tmp_path).folder
    codes = {(c["column"], c["change_code"]) for c in _rows(tmp_path, folder.name, "cells")}
    assert codes == {
        ("pronunciation", "FIRST_NULL"),
        ("ingredient", "RULE_CHANGED_COLUMN"),
        ("numerator_value", "RULE_CHANGED_COLUMN"),
    }


# --- the record ------------------------------------------------------------------------------------------------------


def test_the_record_counts_with_examples(outputs: Path) -> None:
    """Counts are those of the manifest; each change has examples; the changed table has its delta."""
    record = _record(outputs, "1.0.1")
    assert (record["from"], record["to"], record["bump"], record["computed"]) == ("1.0.0", "1.0.1", "patch", "patch")
    assert record["counts"] == read_release(outputs, "1.0.1")["changes"]["counts"] == {"VALUES_CHANGED": 2}
    examples = {reason["column"]: reason["examples"] for reason in record["reasons"]}
    assert examples["numerator_value"] == [{"key": '["baclofen",1,1]', "old": "5.0", "new": "10.0", "count": 1}]
    (table,) = (table for table in record["tables"] if table["table"] != "monograph_history")
    assert (table["table"], table["rows_before"], table["rows_after"], table["modify"]) == ("strengths", 3, 3, 1)
    assert table["delta"] == {
        "path": "changes/delta/strengths.parquet", "mode": "apply", "upserts": 1, "deletes": 0
    }  # fmt: skip


def test_examples_are_the_commonest_first_and_long_ones_are_cut(tmp_path: Path) -> None:
    """Equal pairs are one example with their number."""
    publish(small_tables(), BUILD, tmp_path)
    sections = [row | {"body_text": "x" * 999} for row in ROWS["sections"]]
    strengths = [row | {"ingredient": "new"} for row in ROWS["strengths"]]
    publish(small_tables(sections=sections, strengths=strengths), BUILD, tmp_path)
    examples = {reason["column"]: reason["examples"] for reason in _record(tmp_path, "1.0.1")["reasons"]}
    assert [(e["count"], e["new"]) for e in examples["ingredient"]] == [(3, "new")]
    assert {len(example["new"]) for example in examples["body_text"]} == {200}


def test_findings_are_counted_by_code_and_not_by_number(tmp_path: Path) -> None:
    """They are numbered anew in each release, so that their rows are not told apart; the delta has them."""
    publish(small_tables(), BUILD, tmp_path)
    publish(small_tables(findings=[]), BUILD, tmp_path)
    record = _record(tmp_path, "1.0.1")
    assert record["findings"] == [{"finding_code": "UNREAD", "before": 1, "after": 0}]
    assert (record["tables"][0]["modify"], record["tables"][0]["delta"]["deletes"]) == (None, 1)
    assert _rows(tmp_path, "1.0.1", "rows") == []


def test_changes_are_files_of_the_release(outputs: Path) -> None:
    """The manifest and the checksums name them as they name the others."""
    folder = outputs / "releases/1.0.1"
    there = {path.relative_to(folder).as_posix() for path in (folder / "changes").rglob("*") if path.is_file()}
    assert there == {
        "changes/changes.json", "changes/changes.md", "changes/rows.parquet", "changes/cells.parquet",
        "changes/delta/strengths.parquet", "changes/delta/monograph_history.parquet",
    }  # fmt: skip
    sums = (folder / "SHA256SUMS").read_text(encoding="utf-8")
    assert all(name in sums and name in read_release(outputs, "1.0.1")["files"] for name in there)


def test_the_same_two_releases_make_the_same_bytes(outputs: Path, tmp_path: Path) -> None:
    """Elsewhere and later, nothing of `changes/` is different."""
    for rows in ({}, CORRECTED):
        later = dataclasses.replace(BUILD, host="elsewhere", built_at="2031-05-06T07:08:09+00:00")
        again = publish(small_tables(**rows), later, tmp_path).folder
    files = sorted(path.relative_to(again) for path in (again / "changes").rglob("*.*"))
    assert all((again / name).read_bytes() == (outputs / "releases/1.0.1" / name).read_bytes() for name in files)


# --- deltas ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("older", "newer"), [("1.0.0", "1.0.1"), ("1.0.1", "1.1.0"), ("1.1.0", "1.2.0")])
def test_the_release_before_and_the_delta_are_the_release(outputs: Path, older: str, newer: str) -> None:
    """For every table: the one without a delta is equal, the one with a delta is equal after it."""
    before, after = read_tables(outputs, older), read_tables(outputs, newer)
    for name, shape in SHAPES.items():
        path = outputs / f"releases/{newer}/changes/delta/{name}.parquet"
        found = apply_delta(before[name], pq.read_table(path), shape) if path.exists() else before[name]
        assert content_digest(found, shape.key) == content_digest(after[name], shape.key), name


_PIECES = TableShape(
    "pieces",
    "One row for each piece.",
    (
        ColumnShape("name", "string", nullable=False, is_key=True, description="Name."),
        ColumnShape("no", "int64", nullable=False, is_key=True, description="Ordinal."),
        ColumnShape("words", "string", nullable=True, is_key=False, description="Words."),
        ColumnShape("amount", "double", nullable=True, is_key=False, description="Amount."),
    ),
    (),
)
_KEYS = st.tuples(st.sampled_from(["", "a", 'b"c', "ü|"]), st.integers(0, 2))
_VALUES = st.tuples(st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=3),
                    st.none() | st.floats(allow_nan=False, allow_infinity=False))  # fmt: skip
_CONTENT = st.dictionaries(_KEYS, _VALUES, max_size=8)


def _edition(shape: TableShape, rows: list[Row]) -> Edition:
    table = pa.Table.from_pylist(rows, shape.arrow_schema)
    return Edition({shape.name: shape}, {shape.name: content_digest(table, shape.key)}, lambda _: table)


def _pieces(content: dict[tuple[str, int], tuple[str | None, float | None]]) -> Edition:
    names = _PIECES.arrow_schema.names
    return _edition(_PIECES, [dict(zip(names, (*key, *cells), strict=True)) for key, cells in content.items()])


def _written(old: Edition, new: Edition, folder: Path) -> dict[str, Any]:
    """Writes `changes/`; gives a record that names its files, as a manifest does."""
    folder.mkdir()
    comparison = Comparison(old, new)
    write_changes(comparison, new, changes_in(comparison), {"from": "1.0.0", "to": "1.1.0"}, folder)
    return {"files": {path.relative_to(folder).as_posix(): {} for path in folder.rglob("*.*")}}


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_CONTENT, _CONTENT)
def test_any_step_can_be_taken_again(
    tmp_path_factory: pytest.TempPathFactory,
    before: dict[tuple[str, int], tuple[str | None, float | None]],
    after: dict[tuple[str, int], tuple[str | None, float | None]],
) -> None:
    """Whatever the rows, the delta leads from one table to the other, and rows and cells tell the same story."""
    folder = tmp_path_factory.mktemp("step") / "release"
    record = _written(_pieces(before), _pieces(after), folder)
    assert list(broken_deltas(_pieces(before), _pieces(after), folder, record)) == []
    ops = [row["op"] for row in pq.read_table(folder / "changes/rows.parquet").to_pylist()]
    assert ops.count("add") == len(after.keys() - before.keys())
    assert ops.count("remove") == len(before.keys() - after.keys())
    both = before.keys() & after.keys()
    assert ops.count("modify") == sum(before[key] != after[key] for key in both)
    cells = pq.read_table(folder / "changes/cells.parquet").num_rows
    assert cells == sum(a != b for key in both for a, b in zip(before[key], after[key], strict=True))


def _with_columns(*columns: ColumnShape) -> TableShape:
    return dataclasses.replace(_PIECES, columns=columns)


_NAME, _NO, _WORDS, _AMOUNT = _PIECES.columns
_NEW = ColumnShape("note", "string", nullable=True, is_key=False, description="Note.")
_ROW = {"name": "a", "no": 1, "words": "1", "amount": 2.0}


@pytest.mark.parametrize(
    ("shape", "row", "mode"),
    [
        (_with_columns(_NAME, _NO, _WORDS, _AMOUNT, _NEW), _ROW | {"note": "x"}, "apply"),
        (_with_columns(_NAME, _NO, _WORDS), {"name": "a", "no": 1, "words": "1"}, "apply"),
        (_with_columns(_NAME, _NO, _AMOUNT, _WORDS), _ROW | {"amount": 3.0}, "apply"),
        (_with_columns(_NAME, _NO, dataclasses.replace(_WORDS, name="terms"), _AMOUNT),
         {"name": "a", "no": 1, "terms": "1", "amount": 2.0}, "apply"),
        (_with_columns(_NAME, _NO, dataclasses.replace(_WORDS, type="int64"), _AMOUNT), _ROW | {"words": 1}, "replace"),
        (_with_columns(_NAME, dataclasses.replace(_NO, is_key=False), _WORDS, _AMOUNT), _ROW, "replace"),
    ],
)  # fmt: skip
def test_a_delta_survives_a_change_of_columns(tmp_path: Path, shape: TableShape, row: Row, mode: str) -> None:
    """A column more, fewer, moved or renamed, another type, another key: the step still leads to the table."""
    old, new = _edition(_PIECES, [_ROW]), _edition(shape, [row])
    record = _written(old, new, tmp_path / "release")
    assert list(broken_deltas(old, new, tmp_path / "release", record)) == []
    path = tmp_path / "release/changes/delta/pieces.parquet"
    if path.exists():
        assert pq.read_schema(path).metadata[b"mode"].decode() == mode
    else:
        assert old.digests == new.digests


def test_verify_takes_the_step(outputs: Path) -> None:
    """Deep verification of whole releases finds nothing, with a step in each after the first."""
    assert verify(outputs, deep=True) == []


@pytest.mark.parametrize(
    ("op", "why"), [("delete", "does not lead"), (None, "does not have the columns"), ("", "is missing")]
)
def test_a_delta_that_leads_elsewhere_is_found(tmp_path: Path, op: str | None, why: str) -> None:
    """A row too few, a column too few, and a file too few."""
    old, new = _edition(_PIECES, [_ROW]), _edition(_PIECES, [_ROW | {"words": "2"}])
    record = _written(old, new, tmp_path / "release")
    path = tmp_path / "release/changes/delta/pieces.parquet"
    table = pq.read_table(path)
    edited_table = table.set_column(0, table.schema.field("_op"), pa.array([op or "upsert"]))
    pq.write_table(edited_table if op else table.drop_columns("_op"), path)
    if op == "":
        del record["files"]["changes/delta/pieces.parquet"]
    ((name, found),) = broken_deltas(old, new, tmp_path / "release", record)
    assert name == "changes/delta/pieces.parquet"
    assert why in found


def test_the_lines_of_the_readme_take_the_step(outputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader without this project makes the newer table from the older one."""
    folder = outputs / "releases/1.0.1"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    (code,) = [found for found in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if "import duckdb" in found]
    monkeypatch.chdir(folder)
    found: dict[str, Any] = {}
    exec(code.replace("<version before>", "1.0.0"), found)  # noqa: S102  (that the lines run is what is tested)
    expected = read_tables(outputs, "1.0.1")["strengths"]
    assert sorted(found["strengths"].fetchall()) == sorted(tuple(row.values()) for row in expected.to_pylist())


# --- diff ------------------------------------------------------------------------------------------------------------


def _diff(outputs: Path, *words: str) -> tuple[int, str]:
    result = RUN.invoke(app, ["diff", *words, "--outputs", str(outputs)])
    return result.exit_code, result.output


def test_diff_prints_the_page_of_the_release(outputs: Path) -> None:
    """For neighbours it is the page that was published."""
    exit_code, text = _diff(outputs, "1.0.0", "1.0.1", "--full")
    assert exit_code == 0
    assert text == (outputs / "releases/1.0.1/changes/changes.md").read_text(encoding="utf-8")
    assert "| patch | VALUES_CHANGED | strengths.numerator_value | 1     | Values are corrected. |" in text


def test_no_cell_breaks_the_page_or_reaches_the_terminal(outputs: Path) -> None:
    """A bar is escaped and a control character is spelled out."""
    _, text = _diff(outputs, "1.0.0", "1.0.1", "--full")
    assert "`base\\|salt\\x1b`" in text
    assert "\x1b" not in text


def test_diff_tells_each_document_in_one_line(outputs: Path) -> None:
    """What a person edited, first what became of the documents, and nothing of sizes and places."""
    assert _diff(outputs, "1.0.0", "1.0.1")[1].splitlines() == [
        "1.0.0 → 1.0.1 (patch): 1 monograph changed.",
        "baclofen (same document): strength 5 mg: ingredient none → base|salt\\x1b and 1 more",
    ]
    assert _diff(outputs, "1.0.1", "1.1.0")[1].splitlines() == [
        "1.0.1 → 1.1.0 (minor): 2 monographs changed, 1 document edited.",
        "aspirin (document rewritten): monograph gone, with 4 rows",
        "baclofen (same document): strength 5 mg: ingredient base|salt\\x1b → none and 1 more",
    ]


def test_three_edits_are_three_phrases(tmp_path: Path) -> None:
    """A strength out, a brand out and a reaction in, in a real document: whatever moved with them is one number."""
    seeds = shutil.copytree(SEEDS, tmp_path / "seeds")
    (seed,) = seeds.glob("000_*.txt")
    outputs, text = tmp_path / "outputs", seed.read_text(encoding="utf-8")
    publish(read_folder(seeds).tables, BUILD, outputs)
    text = (
        text.replace("5mg, 10 mg, 20 mg", "5mg, 10 mg").replace(" Ozobax,", "").replace("fatigue,", "fatigue, fever,")
    )
    seed.write_text(text, encoding="utf-8")
    publish(read_folder(seeds).tables, BUILD, outputs)
    (version,) = set(read_index_versions(outputs)) - {"1.0.0"}
    lines = _diff(outputs, "1.0.0", version)[1].splitlines()
    assert len(lines) <= 5
    assert lines[1].partition(": ")[2] == "brand Ozobax gone, strength 20 mg gone, reaction fever new"
    assert verify(outputs, deep=True) == []


def read_index_versions(outputs: Path) -> list[str]:
    """Every version, in order."""
    return [str(entry["version"]) for entry in read_index(outputs)["releases"]]


def test_a_document_that_is_the_same_and_reads_otherwise_is_refused(tmp_path: Path) -> None:
    """Our own code did that, so a person says why, however large the catalogue; an edited document is not refused."""
    words = ("nausea", "rash", "fever", "cough")
    reactions: list[Row] = [
        {"monograph_id": "baclofen", "reaction_no": n, "reaction": w, "reaction_text": w} for n, w in enumerate(words)
    ]
    publish(small_tables(adverse_reactions=reactions), BUILD, tmp_path)
    others = [row | {"reaction": row["reaction"][:3], "reaction_text": row["reaction"][:3]} for row in reactions]
    with pytest.raises(ReleaseRefusedError, match=r"baclofen: its document b\.txt is the same, and 4 of"):
        publish(small_tables(adverse_reactions=others), BUILD, tmp_path)
    rewritten = small_tables(adverse_reactions=others, **edited("seeds", "b.txt", sha256="other"))
    assert publish(rewritten, BUILD, tmp_path).is_new
    told = _diff(tmp_path, "1.0.0", "1.1.0")[1].splitlines()[1]
    assert told == "baclofen: reaction nausea, rash, fever and 1 more gone, reaction nau, ras, fev and 1 more new"


def test_a_document_that_was_removed_is_told_first(tmp_path: Path) -> None:
    """And not refused: whoever took it away meant it."""
    publish(small_tables(), BUILD, tmp_path)
    publish(small_tables(**WITHOUT_ASPIRIN | {"seeds": ROWS["seeds"][1:]} | CORRECTED), BUILD, tmp_path)
    lines = _diff(tmp_path, "1.0.0", "1.1.0")[1].splitlines()
    assert [line.partition(":")[0] for line in lines[1:]] == ["aspirin (document removed)", "baclofen (same document)"]


def test_diff_compares_any_two_versions_either_way(outputs: Path) -> None:
    """A correction that came back with the monograph is no difference of the two."""
    assert "Nothing has changed." in _diff(outputs, "1.0.1", "1.2.0")[1]
    back = difference_of(outputs, "1.1.0", "1.0.0")
    assert {row["table"]: row["restore"] for row in back["tables"]}["monographs"] == 1


def test_diff_of_one_table(outputs: Path) -> None:
    """Only what is said of that table stays; a table that neither has is named."""
    exit_code, text = _diff(outputs, "1.0.0", "1.1.0", "--table", "sections", "--json")
    record = json.loads(text)
    assert (exit_code, record["counts"], record["computed"]) == (0, {"ROWS_RETIRED": 1}, "minor")
    assert [table["table"] for table in record["tables"]] == ["sections"]
    assert _diff(outputs, "1.0.0", "1.1.0", "--table", "verses")[0] == 1


def test_diff_needs_two_releases_that_are_there(outputs: Path, tmp_path: Path) -> None:
    """An unknown version and a withdrawn one are refused by name."""
    with pytest.raises(NoSuchReleaseError, match=r"9\.9\.9"):
        difference_of(outputs, "1.0.0", "9.9.9")
    publish(small_tables(), BUILD, tmp_path)
    publish(small_tables(**CORRECTED), BUILD, tmp_path)
    withdraw(tmp_path, "1.0.0", "No licence.")
    with pytest.raises(WithdrawnError, match="No licence"):
        difference_of(tmp_path, "1.0.0", "1.0.1")
    assert verify(tmp_path, deep=True) == []


def test_a_change_of_a_column_shows_what_it_was(tmp_path: Path) -> None:
    """Old and new type stand beside the code."""
    amount = dataclasses.replace(_AMOUNT, description="How much.")
    wide = _with_columns(_NAME, _NO, dataclasses.replace(_WORDS, type="int64"), amount)
    _written(_edition(_PIECES, [_ROW]), _edition(wide, [_ROW | {"words": 1, "amount": 3.0}]), tmp_path / "release")
    record = json.loads((tmp_path / "release/changes/changes.json").read_text(encoding="utf-8"))
    reason = next(reason for reason in record["reasons"] if reason["code"] == "TYPE_NARROWED")
    assert (reason["old"], reason["new"]) == ("string", "int64")
    assert "| `string` | `int64` |" in changes_page(record)
    assert {reason["code"]: len(reason["examples"]) for reason in record["reasons"]} == {
        "TYPE_NARROWED": 0, "DESCRIPTION_CHANGED": 0, "VALUES_CHANGED": 1,
    }  # fmt: skip


# --- what a person decides -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at_least", "version", "raised"),
    [(Bump.MINOR, "1.1.0", "minor"), (Bump.MAJOR, "2.0.0", "major"), (Bump.PATCH, "1.0.1", None)],
)
def test_a_person_may_raise_the_bump(tmp_path: Path, at_least: Bump, version: str, raised: str | None) -> None:
    """What the changes alone make is recorded beside it."""
    publish(small_tables(), BUILD, tmp_path)
    publish(small_tables(**CORRECTED), BUILD, tmp_path, at_least=at_least)
    changes = read_release(tmp_path)["changes"]
    assert (read_release(tmp_path)["version"], changes["computed"], changes["raised"]) == (version, "patch", raised)
    assert _record(tmp_path, version)["raised"] == raised
    assert ("raised by a person" in (tmp_path / "CHANGELOG.md").read_text(encoding="utf-8")) == bool(raised)


def test_nobody_lowers_the_bump_or_releases_nothing(tmp_path: Path) -> None:
    """A smaller bump than that of the changes has no effect; equal content is still no release."""
    publish(small_tables(), BUILD, tmp_path)
    rows = edited("monographs", "aspirin", pronunciation=None)
    assert publish(small_tables(**rows), BUILD, tmp_path, at_least=Bump.MINOR).version == "2.0.0"
    assert not publish(small_tables(**rows), BUILD, tmp_path, at_least=Bump.MAJOR).is_new


def _of(inputs: str) -> Any:  # noqa: ANN401
    return dataclasses.replace(BUILD, inputs=(("a.txt", inputs),))


def test_inputs_that_were_replaced_are_refused(tmp_path: Path) -> None:
    """Who publishes an older copy of the seeds would undo what came after; a person may say that it is meant."""
    publish(small_tables(), _of("old"), tmp_path)
    publish(small_tables(**CORRECTED), _of("new"), tmp_path)
    with pytest.raises(ReleaseRefusedError, match=r"made 1\.0\.0 already, and 1\.0\.1 came after"):
        publish(small_tables(), _of("old"), tmp_path)
    assert publish(small_tables(), _of("old"), tmp_path, accept_large_change="It was right.").version == "1.0.2"


def test_a_yanked_release_may_be_replaced_by_the_inputs_before_it(tmp_path: Path) -> None:
    """It was said already why it is not wanted."""
    publish(small_tables(), _of("old"), tmp_path)
    publish(small_tables(**CORRECTED), _of("new"), tmp_path)
    yank(tmp_path, "1.0.1", "Wrong.")
    assert publish(small_tables(), _of("old"), tmp_path).version == "1.0.2"


# --- the change log and the feed -------------------------------------------------------------------------------------


def test_the_change_log_tells_every_release_the_newest_first(outputs: Path) -> None:
    """With the day of its build, its codes, and where."""
    text = (outputs / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
        "1.2.0, 2026-01-01", "1.1.0, 2026-01-01", "1.0.1, 2026-01-01", "1.0.0, 2026-01-01",
    ]  # fmt: skip
    assert "- patch: VALUES_CHANGED: strengths.ingredient (1), strengths.numerator_value (1)" in text


def test_a_yank_stands_in_the_change_log_and_in_the_feed(tmp_path: Path) -> None:
    """With its reason, whatever characters it holds, and what to take instead."""
    publish(small_tables(), BUILD, tmp_path)
    publish(small_tables(**CORRECTED), BUILD, tmp_path)
    yank(tmp_path, "1.0.1", "Doses <doubled>\x1b & worse", "1.0.0")
    assert "**Yanked: Doses <doubled>" in (tmp_path / "CHANGELOG.md").read_text(encoding="utf-8")
    entry = _feed(tmp_path).findall("{*}entry")[0]
    assert entry.findtext("{*}title") == "1.0.1 (yanked)"
    assert (entry.findtext("{*}summary") or "").startswith("Yanked: Doses <doubled>\ufffd & worse. Take 1.0.0 instead.")


def _feed(outputs: Path) -> ET.Element:
    return ET.fromstring((outputs / "feed.atom").read_bytes())  # noqa: S314  (our own file)


def test_the_feed_has_what_atom_demands(outputs: Path) -> None:
    """Id, title and time of the feed and of each entry, an author, and a link that leads somewhere."""
    feed = _feed(outputs)
    entries = feed.findall("{*}entry")
    assert feed.findtext("{*}author/{*}name")
    assert all(part.findtext(f"{{*}}{name}") for part in (feed, *entries) for name in ("id", "title", "updated"))
    digests = {entry["version"]: entry["content_sha256"] for entry in read_index(outputs)["releases"]}
    ids = [entry.findtext("{*}id") for entry in entries]
    assert ids == [f"urn:drug-monographs:{version}:{digests[version]}" for version in reversed(digests)]
    assert {entry.findtext("{*}updated") for entry in entries} == {BUILD.built_at}
    assert all((outputs / entry.find("{*}link").attrib["href"]).is_dir() for entry in entries)  # type: ignore[union-attr]


def test_a_release_without_a_time_is_not_in_the_feed(tmp_path: Path) -> None:
    """Atom knows no entry without a time, and none is made up."""
    publish(small_tables(), dataclasses.replace(BUILD, built_at=None), tmp_path)
    store = Folder(tmp_path)
    assert "feed.atom" not in derived_files(store, log.read_log(store))
    assert not (tmp_path / "feed.atom").exists()


@pytest.mark.slow
def test_the_command_raises_the_bump(tmp_path: Path) -> None:
    """`--raise` reaches the release through the whole run, and another word is misuse."""
    seeds = tmp_path / "seeds"
    shutil.copytree("seeds", seeds)
    run: list[str | Path] = ["release", "--seeds", seeds, "--outputs", tmp_path / "outputs"]
    assert monographs(*run).returncode == 0
    (seed,) = list(seeds.glob("*.txt"))[:1]
    seed.write_text(seed.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert monographs(*run, "--raise", "patch").returncode == 2
    assert monographs(*run, "--raise", "major").returncode == 0
    assert read_release(tmp_path / "outputs")["changes"]["raised"] == "major"
