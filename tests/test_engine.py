"""Folders of seeds: what is read, and what a bad seed costs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipelines.corrections import CorrectionError
from pipelines.engine.run import Readings, read_folder
from pipelines.engine.seed_file import SeedsError
from pipelines.engine.seeds import seeds_in
from pipelines.release import read_tables
from pipelines.release.digest import content_digest
from pipelines.release.shapes import published_shapes
from pipelines.tables.validate import RULES, rules_for
from schemas.tables import TABLES

GOOD = (
    "Aspirin\nGeneric name: aspirin\nDosage form: Tablet\nRoute of administration: Oral\n"
    "Available Dose:\n- Tablets: 75 mg\n"
)


def read(folder: Path) -> Readings:
    """What a release would read of a folder; its tables hold every rule."""
    readings = read_folder(folder)
    tables, texts = readings.tables, readings.texts
    assert [str(p) for name in TABLES for rule in rules_for(name) for p in RULES[rule](name, tables, texts)] == []
    return readings


def rows(readings: Readings, table: str, seed_id: str) -> list[dict[str, Any]]:
    """The rows of a table that has a seed_id."""
    return [row for row in readings.tables[table].to_pylist() if row["seed_id"] == seed_id]


def codes_of(readings: Readings, seed_id: str) -> list[str]:
    """The codes of what was found in a seed."""
    return [row["finding_code"] for row in rows(readings, "findings", seed_id)]


def monographs_of(readings: Readings, seed_id: str) -> list[str]:
    """The identifiers of what was read of a seed."""
    return [row["monograph_id"] for row in rows(readings, "monographs", seed_id)]


def test_no_folder_says_what_to_name(tmp_path: Path) -> None:
    """A folder that is not there is named, with the option that names another."""
    with pytest.raises(SeedsError, match=r"nowhere: no such folder\. Name the folder .* --seeds"):
        read_folder(tmp_path / "nowhere")


def test_an_empty_folder_says_what_to_put_there(tmp_path: Path) -> None:
    """A folder without a seed is refused with the kind of file that is wanted."""
    with pytest.raises(SeedsError, match=r"no seed in it\. Put at least one document there"):
        read_folder(tmp_path)


BAD_SEEDS = {
    "SEED_EMPTY": b"",
    "SEED_NOT_UTF8": b"Generic name: caf\xe9\n",
    "SEED_BINARY": b"Generic name: a\x00b\n",
    "SEED_WITHOUT_HEADING": b"Just some words\nand more of them\n",
    "SEED_TOO_LONG": b"Generic name: " + b"x" * 50_000_000,
}


@pytest.mark.parametrize("code", BAD_SEEDS)
def test_a_bad_seed_costs_itself_only(tmp_path: Path, code: str) -> None:
    """A seed that cannot be read is an error finding, and the good seed beside it is read."""
    (tmp_path / "bad.txt").write_bytes(BAD_SEEDS[code])
    (tmp_path / "good.txt").write_text(GOOD, encoding="utf-8")
    readings = read(tmp_path)
    assert code in codes_of(readings, "bad.txt")
    assert monographs_of(readings, "bad.txt") == []
    assert monographs_of(readings, "good.txt") == ["good.txt"]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    """A link that leads out is an error finding; a link within the folder is a seed."""
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (tmp_path / "secret.txt").write_text(GOOD, encoding="utf-8")
    (seeds / "out.txt").symlink_to(tmp_path / "secret.txt")
    (seeds / "good.txt").write_text(GOOD, encoding="utf-8")
    readings = read(seeds)
    assert codes_of(readings, "out.txt") == ["SEED_OUTSIDE"]
    assert len(monographs_of(readings, "good.txt")) == 1


def test_a_dangling_link_is_a_finding(tmp_path: Path) -> None:
    """A link that leads to nothing cannot be opened, and says so."""
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nothing.txt")
    assert codes_of(read(tmp_path), "gone.txt") == ["SEED_UNREADABLE"]


@pytest.mark.parametrize("name", ["self.txt", "self.jsonl"])
def test_a_link_to_itself_is_a_finding(tmp_path: Path, name: str) -> None:
    """A link that goes round in a circle cannot be opened, and the seeds beside it are read."""
    (tmp_path / name).symlink_to(tmp_path / name)
    (tmp_path / "good.txt").write_text(GOOD, encoding="utf-8")
    readings = read(tmp_path)
    assert monographs_of(readings, name) == []
    assert f"file {name} cannot be" in rows(readings, "findings", name)[0]["message"]
    assert len(monographs_of(readings, "good.txt")) == 1


def as_one_who_may_not() -> list[str]:
    """How to start a program that is refused what nobody may read; root gives up the right to read all the same."""
    if os.geteuid():
        return []
    if not shutil.which("setpriv"):
        pytest.skip("root reads every file")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


def test_what_may_not_be_read_is_named_and_the_rest_is_released(tmp_path: Path) -> None:
    """A file and a sub-folder without permission are left out under their names, with the remedy."""
    seeds, outputs = tmp_path / "seeds", tmp_path / "outputs"
    (seeds / "shut").mkdir(parents=True)
    for name in ("good.txt", "closed.txt", "shut/a.txt"):
        (seeds / name).write_text(GOOD, encoding="utf-8")
    command = [sys.executable, "-m", "pipelines.cli", "release", "--seeds", str(seeds), "--outputs", str(outputs)]
    shut = (seeds / "closed.txt", seeds / "shut")
    for path in shut:
        path.chmod(0)
    done = subprocess.run([*as_one_who_may_not(), *command, "--no-site"], capture_output=True, text=True, check=True)
    for path in shut:
        path.chmod(0o700)
    assert "left out: closed.txt: The file closed.txt cannot be opened" in done.stdout
    assert "left out: shut: The folder shut cannot be opened" in done.stdout
    assert read_tables(outputs, "1.0.0", ["monographs"])["monographs"]["seed_id"].to_pylist() == ["good.txt"]


@pytest.mark.parametrize("gone", ["2/b.txt", "3.jsonl", "2"])
def test_what_is_taken_away_during_a_run_stops_it(tmp_path: Path, gone: str) -> None:
    """A folder that vanishes must not look like seeds that were removed one by one."""
    (tmp_path / "2").mkdir()
    for name in ("1.txt", "2/b.txt", "3.jsonl"):
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    seeds = seeds_in(tmp_path)
    next(seeds)
    path = tmp_path / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(SeedsError, match=r"was taken away while the seeds were read; run again"):
        list(seeds)


def test_two_monographs_of_one_name_name_both_places(tmp_path: Path) -> None:
    """The later of two monographs with one identifier is left out, and the finding names the earlier."""
    (tmp_path / "a.txt").write_text(GOOD, encoding="utf-8")
    (tmp_path / "b.txt").write_text(GOOD, encoding="utf-8")
    (tmp_path / "seeds.csv").write_text(
        "file,source,licence,retrieved,monograph_id\na.txt,,,,b.txt\n", encoding="utf-8"
    )
    readings = read(tmp_path)
    assert monographs_of(readings, "a.txt") == ["b.txt"]
    assert monographs_of(readings, "b.txt") == []
    (clash,) = rows(readings, "findings", "b.txt")
    assert (clash["finding_code"], "a.txt" in clash["message"]) == ("MONOGRAPH_CLASH", True)
    assert (clash["seed_text"], clash["text_start"]) == (GOOD.strip(), 0)


def with_correction(folder: Path, row: str, text: str = GOOD) -> None:
    """A folder with one seed and one correction."""
    (folder / "a.txt").write_text(text, encoding="utf-8")
    (folder / "corrections.csv").write_text(f"seed,line,printed,means,reason\n{row}\n", encoding="utf-8")


def test_a_correction_is_read_and_the_printed_words_are_published(tmp_path: Path) -> None:
    """The value is what is meant; the text and its place are what is printed; a finding says so."""
    with_correction(tmp_path, "a.txt,6,7S mg,75 mg,S for 5", GOOD.replace("75", "7S") + "Side effects: Nausea.\n")
    readings = read(tmp_path)
    (strength,) = readings.tables["strengths"].to_pylist()
    assert (strength["normalized_value"], strength["strength_text"]) == (75, "7S mg")
    assert "CORRECTION_APPLIED" in codes_of(readings, "a.txt")


def test_a_longer_correction_moves_nothing_after_it(tmp_path: Path) -> None:
    """Places behind a correction of another length are still exact."""
    with_correction(tmp_path, "a.txt,6,75,75 mg and 300,a lost item", GOOD + "Side effects: Nausea and headache.\n")
    reactions = read(tmp_path).tables["adverse_reactions"]
    assert reactions["reaction_text"].to_pylist() == ["Nausea", "headache"]


def test_a_correction_that_no_longer_fits_stops_the_build(tmp_path: Path) -> None:
    """Where the seed does not hold the printed words any more, the correction must go."""
    with_correction(tmp_path, "a.txt,6,80 mg,75 mg,misprint")
    with pytest.raises(CorrectionError, match=r"line 6 of a\.txt holds '80 mg' 0 times"):
        read(tmp_path)


def test_a_broken_corrections_table_names_the_line(tmp_path: Path) -> None:
    """A row with a missing cell is named by file and line."""
    with_correction(tmp_path, "a.txt,6,80 mg")
    with pytest.raises(SeedsError, match=r"corrections\.csv:2: expected 5 cells"):
        read(tmp_path)


@pytest.mark.parametrize("table", ["seeds.csv", "corrections.csv"])
def test_a_row_about_a_seed_that_is_not_there_is_an_error(tmp_path: Path, table: str) -> None:
    """A seed that was renamed leaves no row behind unseen."""
    (tmp_path / "a.txt").write_text(GOOD, encoding="utf-8")
    header = {"seeds.csv": "file,source,licence,retrieved\nb.txt,x,y,\n"}
    text = header.get(table, "seed,line,printed,means,reason\nb.txt,1,x,y,z\n")
    (tmp_path / table).write_text(text, encoding="utf-8")
    with pytest.raises(SeedsError, match=rf"{table}: there is no seed 'b\.txt'"):
        read(tmp_path)


@pytest.mark.parametrize("text", ["seed,line", "\ufeffseed,line,printed,means,reason\na.txt,²,75,76,x\n", 'seed,"line'])
def test_a_broken_table_is_one_sentence(tmp_path: Path, text: str) -> None:
    """A corrections table that is no table, or has a line that is no number, is named."""
    (tmp_path / "a.txt").write_text(GOOD, encoding="utf-8")
    (tmp_path / "corrections.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SeedsError, match=r"corrections\.csv"):
        read(tmp_path)


def test_bad_seeds_still_give_tables_that_hold_every_rule(tmp_path: Path) -> None:
    """Whatever is in the folder, the tables keep their types, keys, references and spans."""
    for code, data in BAD_SEEDS.items():
        (tmp_path / f"{code}.txt").write_bytes(data[:1000])
    (tmp_path / "formula.txt").write_text(GOOD.replace("aspirin", "=1+1"), encoding="utf-8")
    (tmp_path / "z.txt").write_text(GOOD, encoding="utf-8")
    (tmp_path / "zz.txt").write_text(GOOD, encoding="utf-8")
    assert len(read(tmp_path).tables["seeds"]) == len(BAD_SEEDS) + 3


def test_a_name_that_is_no_text_stops_nobody(tmp_path: Path) -> None:
    """Bytes that are none are named `%FF`; a file that really has that name is another seed."""
    for name, title in (("good.txt", "Aspirin"), ("bad%FF.txt", "Other"), (os.fsdecode(b"bad\xff.txt"), "Third")):
        (tmp_path / name).write_text(GOOD.replace("Aspirin", title), encoding="utf-8")
    tables = read(tmp_path).tables
    assert sorted(tables["seeds"]["seed_id"].to_pylist()) == ["bad%FF.txt", "bad%FF.txt%", "good.txt"]
    assert tables["monographs"].num_rows == 3


def test_hidden_files_are_no_seeds(tmp_path: Path) -> None:
    """What editors and systems put beside a document makes no row."""
    for name in ("good.txt", "._good.txt", "good.txt~", ".git/a.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    (tmp_path / ".#good.txt").symlink_to("somebody@somewhere")
    assert read(tmp_path).tables["seeds"]["seed_id"].to_pylist() == ["good.txt"]


@pytest.mark.parametrize("number", ["10^400", "1" + "0" * 400, "1e400"])
def test_a_number_without_end_costs_its_strength(tmp_path: Path, number: str) -> None:
    """The release holds the rest of the document, and every table can be published."""
    (tmp_path / "a.txt").write_text(GOOD + f"- Injection: {number} units/mL\n", encoding="utf-8")
    tables = read(tmp_path).tables
    assert "75 mg" in tables["strengths"]["strength_text"].to_pylist()
    assert {name: content_digest(tables[name], shape.key) for name, shape in published_shapes().items()}
