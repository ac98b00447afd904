"""Ways in for people with other tools: each line that the README of a release tells, and files to carry away."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from pipelines.release.publish import publish
from pipelines.release.publish.cleanup import rebuild_index
from pipelines.release.publish.events import withdraw, yank
from pipelines.release.verify import verify
from tests.release_frames import BUILD, edited, small_tables

NAME = "drug-monographs-1.0.1"
TEXTS = [("0.1 mg",), ("5 mg",), ("a few",)]


def _names(outputs: Path) -> list[str]:
    return sorted(path.name for path in (outputs / "downloads").iterdir())


def _attach_lines(folder: Path, version: str, where: Path) -> list[str]:
    """The lines of the README, for a file in the folder `where`."""
    readme = (folder / "README.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"```\n(SET file_search_path.*?)```", readme, re.DOTALL)
    assert f"drug-monographs-{version}.duckdb" in found
    return str(found).replace("<folder of the file>", str(where)).strip().splitlines()


def test_only_the_latest_release_is_carried_away_as_one_file(outputs: Path) -> None:
    """A yank or a withdrawal brings the one before it, and lost downloads are made again."""
    assert _names(outputs) == [f"{NAME}.duckdb", f"{NAME}.zip"]
    yank(outputs, "1.0.1", "Wrong.")
    assert _names(outputs) == ["drug-monographs-1.0.0.duckdb", "drug-monographs-1.0.0.zip"]
    (outputs / "downloads/drug-monographs-1.0.0.zip").unlink()
    rebuild_index(outputs)
    assert _names(outputs) == ["drug-monographs-1.0.0.duckdb", "drug-monographs-1.0.0.zip"]
    withdraw(outputs, "1.0.0", "No licence.")
    assert not (outputs / "downloads").exists()
    assert verify(outputs, deep=True) == []


def test_the_views_are_attached_as_the_readme_says(outputs: Path) -> None:
    """From anywhere, with the folder named; and without that from its own folder."""
    *before, query = _attach_lines(outputs / "releases/1.0.1", "1.0.1", outputs / "downloads")
    with duckdb.connect() as database:
        for line in before:
            database.execute(line)
        assert database.sql(query).project("strength_text").fetchall() == TEXTS
    words = f"import duckdb; print(duckdb.connect('{NAME}.duckdb', read_only=True).sql('FROM strengths').shape)"
    found = subprocess.run([sys.executable, "-c", words], cwd=outputs / "downloads", capture_output=True, check=True)
    assert found.stdout.startswith(b"(3, ")


def test_every_view_has_the_rows_of_its_table_and_says_what_they_are(outputs: Path) -> None:
    """An empty table has a view like any other."""
    tables = {
        path.stem: pq.read_metadata(path).num_rows for path in (outputs / "releases/1.0.1/data").glob("*.parquet")
    }
    with duckdb.connect(str(outputs / f"downloads/{NAME}.duckdb"), read_only=True) as database:
        database.execute(f"SET file_search_path = '{outputs / 'downloads'}'")
        views = dict(database.execute("SELECT view_name, comment FROM duckdb_views() WHERE NOT internal").fetchall())
        rows = {name: len(database.sql(f"FROM {name}").fetchall()) for name in views}
    assert rows == tables
    assert all(comment.endswith(".") for comment in views.values())


def test_the_zip_is_the_release_and_can_be_used_where_it_is_unpacked(outputs: Path, tmp_path: Path) -> None:
    """Every file with its bytes, one more for DuckDB, and all in one folder."""
    folder = outputs / "releases/1.0.1"
    with zipfile.ZipFile(outputs / f"downloads/{NAME}.zip") as packed:
        packed.extractall(tmp_path)
    unpacked = tmp_path / NAME
    there = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    released = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == {*released, f"{NAME}.duckdb"}
    assert all((unpacked / name).read_bytes() == (folder / name).read_bytes() for name in released)
    *before, query = _attach_lines(unpacked, "1.0.1", unpacked)
    with duckdb.connect() as database:
        for line in before:
            database.execute(line)
        assert database.sql(query).project("strength_text").fetchall() == TEXTS


def test_the_same_release_makes_the_same_zip(tmp_path: Path) -> None:
    """But for the file of DuckDB and the time of the build: names, order and times follow from the release."""
    for name in ("one", "two"):
        publish(small_tables(**edited("strengths", "5 mg", ingredient="x")), BUILD, tmp_path / name)
    entries = []
    for name in ("one", "two"):
        with zipfile.ZipFile(tmp_path / name / "downloads/drug-monographs-1.0.0.zip") as packed:
            infos = [info for info in packed.infolist() if not info.filename.endswith(".duckdb")]
            entries.append([(info.filename, info.date_time, info.CRC) for info in infos])
    assert entries[0] == entries[1]


def test_the_lines_for_datasets_run(outputs: Path, tmp_path: Path) -> None:
    """The folder is a data set with a configuration for each table; an empty one is streamed."""
    pytest.importorskip("datasets")
    folder = outputs / "releases/1.0.1"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    (code,) = [code for code in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if "import datasets" in code]
    names = "print(strengths['strength_text'][:], sorted(datasets.get_dataset_config_names(str(Path.cwd()))))"
    empty = "print(list(datasets.load_dataset(str(Path.cwd()), 'routes', split='train', streaming=True)))"
    quiet = {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    found = subprocess.run(
        [sys.executable, "-c", f"{code}\n{names}\n{empty}"],
        cwd=folder, env={**os.environ, **quiet}, capture_output=True, check=True, text=True,
    )  # fmt: skip
    tables = sorted(path.stem for path in (folder / "data").glob("*.parquet"))
    assert found.stdout.splitlines() == [f"['0.1 mg', '5 mg', 'a few'] {tables}", "[]"]
