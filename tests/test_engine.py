"""Folders of seeds: what is read, and what a bad seed costs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelines.corrections import CorrectionError
from pipelines.engine import SeedsError, load_seeds, read_seeds
from pipelines.records import Passage, SeedReading
from pipelines.tabulate import tabulate
from pipelines.validate import RULES, rules_for
from schemas.tables import TABLES

GOOD = (
    "Aspirin\nGeneric name: aspirin\nDosage form: Tablet\nRoute of administration: Oral\n"
    "Available Dose:\n- Tablets: 75 mg\n"
)


def read(folder: Path) -> dict[str, SeedReading]:
    """The readings of a folder, by seed_id."""
    return {reading.parsed.seed.seed_id: reading for reading in read_seeds(folder, load_seeds(folder))}


def codes_of(reading: SeedReading) -> list[str]:
    """The codes of what was found in a seed as a whole."""
    return [finding.code for finding in reading.parsed.findings]


def test_no_folder_says_what_to_name(tmp_path: Path) -> None:
    """A folder that is not there is named, with the option that names another."""
    with pytest.raises(SeedsError, match=r"nowhere: no such folder\. Name the folder .* --seeds"):
        load_seeds(tmp_path / "nowhere")


def test_an_empty_folder_says_what_to_put_there(tmp_path: Path) -> None:
    """A folder without a seed is refused with the kind of file that is wanted."""
    with pytest.raises(SeedsError, match=r"no seed in it\. Put at least one document there"):
        load_seeds(tmp_path)


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
    assert code in codes_of(readings["bad.txt"])
    assert readings["bad.txt"].monographs == ()
    assert [m.monograph.monograph_id for m in readings["good.txt"].monographs] == ["aspirin"]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    """A link that leads out is an error finding; a link within the folder is a seed."""
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (tmp_path / "secret.txt").write_text(GOOD, encoding="utf-8")
    (seeds / "out.txt").symlink_to(tmp_path / "secret.txt")
    (seeds / "good.txt").write_text(GOOD, encoding="utf-8")
    readings = read(seeds)
    assert codes_of(readings["out.txt"]) == ["SEED_OUTSIDE"]
    assert len(readings["good.txt"].monographs) == 1


def test_a_dangling_link_is_a_finding(tmp_path: Path) -> None:
    """A link that leads to nothing cannot be opened, and says so."""
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nothing.txt")
    assert codes_of(read(tmp_path)["gone.txt"]) == ["SEED_UNREADABLE"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_an_unreadable_file_is_a_finding(tmp_path: Path) -> None:
    """A file without permission to read is an error finding that names the remedy."""
    seed = tmp_path / "closed.txt"
    seed.write_text(GOOD, encoding="utf-8")
    seed.chmod(0)
    finding = read(tmp_path)["closed.txt"].parsed.findings[0]
    assert finding.code == "SEED_UNREADABLE"
    assert "make it readable" in finding.message


def test_two_seeds_with_one_title_name_both_places(tmp_path: Path) -> None:
    """The later of two monographs with one identifier is left out, and the finding names the earlier."""
    (tmp_path / "a.txt").write_text(GOOD, encoding="utf-8")
    (tmp_path / "b.txt").write_text(GOOD, encoding="utf-8")
    readings = read(tmp_path)
    assert len(readings["a.txt"].monographs) == 1
    assert readings["b.txt"].monographs == ()
    clash = readings["b.txt"].parsed.findings[-1]
    assert (clash.code, "a.txt" in clash.message) == ("MONOGRAPH_CLASH", True)
    assert clash.place == Passage(GOOD.strip(), 0)


def with_correction(folder: Path, row: str, text: str = GOOD) -> None:
    """A folder with one seed and one correction."""
    (folder / "a.txt").write_text(text, encoding="utf-8")
    (folder / "corrections.csv").write_text(f"seed,line,printed,means,reason\n{row}\n", encoding="utf-8")


def test_a_correction_is_read_and_the_printed_words_are_published(tmp_path: Path) -> None:
    """The value is what is meant; the text and its place are what is printed; a finding says so."""
    with_correction(tmp_path, "a.txt,6,7S mg,75 mg,S for 5", GOOD.replace("75", "7S") + "Side effects: Nausea.\n")
    reading = read(tmp_path)["a.txt"]
    component = reading.monographs[0].strengths[0].components[0]
    assert component.normalized is not None
    assert (str(component.normalized.value), component.place.text) == ("75", "7S mg")
    assert "CORRECTION_APPLIED" in codes_of(reading)
    assert problems(tmp_path) == []


def test_a_longer_correction_moves_nothing_after_it(tmp_path: Path) -> None:
    """Places behind a correction of another length are still exact."""
    with_correction(tmp_path, "a.txt,6,75,75 mg and 300,a lost item", GOOD + "Side effects: Nausea and headache.\n")
    assert problems(tmp_path) == []


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


def problems(folder: Path) -> list[str]:
    """Every problem that the rules of a release find in the tables of a folder."""
    readings = read_seeds(folder, load_seeds(folder))
    tables = tabulate(readings)
    texts = {reading.parsed.seed.seed_id: reading.parsed.seed.text for reading in readings}
    return [str(p) for name in TABLES for rule in rules_for(name) for p in RULES[rule](name, tables, texts)]


def test_bad_seeds_still_give_tables_that_hold_every_rule(tmp_path: Path) -> None:
    """Whatever is in the folder, the tables keep their types, keys, references and spans."""
    for code, data in BAD_SEEDS.items():
        (tmp_path / f"{code}.txt").write_bytes(data[:1000])
    (tmp_path / "formula.txt").write_text(GOOD.replace("aspirin", "=1+1"), encoding="utf-8")
    (tmp_path / "z.txt").write_text(GOOD, encoding="utf-8")
    (tmp_path / "zz.txt").write_text(GOOD, encoding="utf-8")
    assert problems(tmp_path) == []
