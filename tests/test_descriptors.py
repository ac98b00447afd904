"""The descriptors of a release: each says what the files say, and the tools that read them agree."""

import csv
import hashlib
import json
import logging
import shutil
from pathlib import Path
from typing import Any

import mlcroissant  # type: ignore[import-untyped]
import pyarrow.parquet as pq
import pytest

from pipelines.release.publish import publish
from pipelines.release.publish.cleanup import rebuild_index
from pipelines.release.publish.events import yank
from pipelines.release.released import read_release
from pipelines.release.shapes import published_shapes
from tests.release_frames import BUILD, ROWS, edited, small_tables

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the libraries below mlcroissant
SHAPES = published_shapes()
WHOLE = {"row_no": 3}  # a whole number in a column that may be null
Json = dict[str, Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a first release of the small tables."""
    rows = {"findings": [*ROWS["findings"], ROWS["findings"][0] | WHOLE | {"finding_no": 2}]}
    return publish(small_tables(**rows), BUILD, tmp_path_factory.mktemp("described")).folder


def _json(path: Path) -> Json:
    found: Json = json.loads(path.read_text(encoding="utf-8"))
    return found


def _columns_of_models() -> list[tuple[str, str, str]]:
    return [(name, column.name, column.description) for name, shape in SHAPES.items() for column in shape.columns]


def _of_parquet(folder: Path) -> list[tuple[str, str, str]]:
    schemas = {name: pq.read_schema(folder / f"data/{name}.parquet") for name in SHAPES}
    return [(name, f.name, f.metadata[b"description"].decode()) for name, schema in schemas.items() for f in schema]


def _of_data_package(folder: Path) -> list[tuple[str, str, str]]:
    resources = [r for r in _json(folder / "datapackage.json")["resources"] if r["format"] == "csv"]
    return [(r["name"], f["name"], f["description"]) for r in resources for f in r["schema"]["fields"]]


def _of_croissant(folder: Path) -> list[tuple[str, str, str]]:
    sets = _json(folder / "croissant.json")["recordSet"]
    return [(s["name"], f["name"], f["description"]) for s in sets for f in s["field"]]


def _of_dictionary(folder: Path) -> list[tuple[str, str, str]]:
    with (folder / "data-dictionary.csv").open(encoding="utf-8", newline="") as file:
        return [(row["table"], row["column"], row["description"]) for row in csv.DictReader(file)]


def _of_dataset_page(folder: Path) -> list[tuple[str, str, str]]:
    variables = _json(folder.parent.parent / "dataset.jsonld")["variableMeasured"]
    return [(*variable["name"].split("."), variable["description"]) for variable in variables]


@pytest.mark.parametrize("told", [_of_parquet, _of_data_package, _of_croissant, _of_dictionary, _of_dataset_page])
def test_every_descriptor_has_the_columns_and_words_of_the_models(folder: Path, told: Any) -> None:  # noqa: ANN401
    """The same tables, columns and descriptions, in the same order."""
    assert told(folder) == _columns_of_models()


# --- Croissant -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def loaded(folder: Path) -> mlcroissant.Dataset:
    """The release as the reference implementation of Croissant sees it."""
    logging.getLogger("absl").setLevel(logging.ERROR)
    return mlcroissant.Dataset(folder / "croissant.json")


def test_croissant_is_valid(loaded: mlcroissant.Dataset) -> None:
    """There is no error; a release knows no clock, so that it has no date, and that is the only thing missing."""
    metadata = loaded.metadata
    assert metadata.ctx.conforms_to.value == "http://mlcommons.org/croissant/1.1"
    assert not metadata.ctx.issues.errors
    assert all("datePublished" in warning for warning in metadata.ctx.issues.warnings)


@pytest.mark.parametrize("name", SHAPES)
def test_croissant_gives_the_rows_of_the_table(loaded: mlcroissant.Dataset, folder: Path, name: str) -> None:
    """Every cell, null or not; only that words come as bytes."""
    found = [
        {
            column.removeprefix(f"{name}/"): cell.decode() if isinstance(cell, bytes) else cell
            for column, cell in row.items()
        }
        for row in loaded.records(name)
    ]
    assert found == pq.read_table(folder / f"data/{name}.parquet").to_pylist()


def test_croissant_says_which_columns_are_the_key(folder: Path) -> None:
    """In the order of the key."""
    keys = {s["name"]: [part["@id"] for part in s["key"]] for s in _json(folder / "croissant.json")["recordSet"]}
    assert keys == {name: [f"{name}/{column}" for column in shape.key] for name, shape in SHAPES.items()}


def test_croissant_says_the_types_of_the_columns(folder: Path) -> None:
    """Of each column the one that stands for its Arrow type."""
    types = {"string": "sc:Text", "int64": "cr:Int64", "double": "cr:Float64", "bool": "sc:Boolean"}
    sets = _json(folder / "croissant.json")["recordSet"]
    for record_set in sets:
        told = [field["dataType"] for field in record_set["field"]]
        assert told == [types[column.type] for column in SHAPES[record_set["name"]].columns]


def test_croissant_names_both_files_of_each_table(folder: Path) -> None:
    """With the size and SHA-256 that they have."""
    files = _json(folder / "croissant.json")["distribution"]
    assert [file["contentUrl"] for file in files] == [f"data/{n}.{k}" for n in SHAPES for k in ("csv", "parquet")]
    for file in files:
        data = (folder / file["contentUrl"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(data).hexdigest()
        assert file["contentSize"] == f"{len(data)} B"


def test_a_loader_refuses_a_file_that_was_edited(folder: Path, tmp_path: Path) -> None:
    """The hash of the descriptor is the one that mlcroissant checks."""
    copy = shutil.copytree(folder, tmp_path / "copy")
    table = pq.read_table(copy / "data/strengths.parquet")
    pq.write_table(table.slice(1), copy / "data/strengths.parquet")
    with pytest.raises(Exception, match=r"Download\(data/strengths\.parquet\)"):
        list(mlcroissant.Dataset(copy / "croissant.json").records("strengths"))


# --- schema.org ------------------------------------------------------------------------------------------------------


def _page(outputs: Path) -> Json:
    return _json(outputs / "dataset.jsonld")


def test_the_page_describes_the_release_and_its_files(folder: Path) -> None:
    """Version, date, digest; each file of tables with its size, SHA-256 and rows."""
    outputs = folder.parent.parent
    page, record = _page(outputs), read_release(outputs)
    assert (page["@type"], page["version"], page["datePublished"]) == ("Dataset", "1.0.0", BUILD.built_at)
    assert page["identifier"] == f"sha256:{record['content_sha256']}"
    files = {file["contentUrl"].removeprefix("releases/1.0.0/"): file for file in page["distribution"]}
    assert set(files) == {name for name in record["files"] if name.startswith("data/") or name.endswith(".xlsx")}
    for name, file in files.items():
        data = (folder / name).read_bytes()
        assert (file["sha256"], file["contentSize"]) == (hashlib.sha256(data).hexdigest(), f"{len(data)} B")
    assert files["data/strengths.csv"]["description"] == "3 rows"


def test_the_page_has_the_units_of_the_columns(folder: Path) -> None:
    """Where a column has one, or another column that holds it."""
    units = {v["name"]: v.get("unitText") for v in _page(folder.parent.parent)["variableMeasured"]}
    assert units["strengths.numerator_value"] == "see numerator_unit_code"
    assert units["strengths.strength_text"] is None


def test_the_page_never_describes_what_is_not_offered(tmp_path: Path) -> None:
    """After a yank it describes the release before; where none is left, the dataset alone."""
    publish(small_tables(), BUILD, tmp_path)
    publish(small_tables(**edited("strengths", "5 mg", numerator_value=10.0)), BUILD, tmp_path)
    assert _page(tmp_path)["version"] == "1.0.1"
    yank(tmp_path, "1.0.1", "Wrong.")
    assert _page(tmp_path)["version"] == "1.0.0"
    yank(tmp_path, "1.0.0", "Wrong too.")
    assert not {"version", "distribution", "datePublished"} & _page(tmp_path).keys()


def test_the_page_believes_no_descriptor_but_the_published_one(tmp_path: Path) -> None:
    """An edited one tells no columns, and is no reason not to tell the rest."""
    descriptor = publish(small_tables(), BUILD, tmp_path).folder / "datapackage.json"
    descriptor.write_bytes(b"{}")
    assert rebuild_index(tmp_path) == ["dataset.jsonld"]
    assert (_page(tmp_path)["version"], _page(tmp_path)["variableMeasured"]) == ("1.0.0", [])


def test_the_provenance_is_bound_to_the_files_and_names_what_they_were_made_from(published: Path) -> None:
    """Every file that it names has the digest that it says; seeds, the release before and the version are there."""
    folder = published / "releases/1.0.1"
    (line,) = (folder / "provenance.intoto.jsonl").read_text(encoding="utf-8").splitlines()
    statement = json.loads(line)
    subjects = {entry["name"]: entry["digest"]["sha256"] for entry in statement["subject"]}
    assert {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in subjects} == subjects
    left_out = {"release.json", "build.json", "SHA256SUMS", "provenance.intoto.jsonl"}
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there - left_out == subjects.keys()
    definition = statement["predicate"]["buildDefinition"]
    assert [entry["name"] for entry in definition["resolvedDependencies"]] == ["a.txt", "b.txt", "release 1.0.0"]
    assert definition["externalParameters"]["version"] == "1.0.1"
