"""The `monographs` command: what it prints, and the exit codes that a script can rely on."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.command import INTERRUPTED, INTERRUPTION, phases
from pipelines.tables.validate import MOST_SHOWN

SEED = "Aspirin\nGeneric name: aspirin\nDosage form: Tablet\nAvailable Dose:\n- Tablets: 75 mg, 12 5 mg\n"


def monographs(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """One real run of the command."""
    command = [sys.executable, "-m", "pipelines.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _said(ran: subprocess.CompletedProcess[str]) -> str:
    """What a command says on standard error, without the lines that tell one who waits long how far it is."""
    return "\n".join(line for line in ran.stderr.splitlines() if not re.search(r" \(\d+ s\)$", line))


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one seed and its first release."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "seeds").mkdir()
    (folder / "seeds" / "a.txt").write_text(SEED, encoding="utf-8")
    ran = monographs("release", "--seeds", folder / "seeds", "--outputs", folder / "outputs")
    assert ran.returncode == 0, ran.stderr
    assert "Released 1.0.0" in ran.stdout
    return folder


def test_a_second_release_of_the_same_seeds_is_none(released: Path) -> None:
    """Without a change nothing is published, and the answer says which version stands."""
    ran = monographs("release", "--seeds", released / "seeds", "--outputs", released / "outputs", "--json")
    assert json.loads(ran.stdout) == {"version": "1.0.0", "is_new": False, "left_out": 0}
    assert len(list((released / "outputs" / "log").iterdir())) == 1


def test_a_touched_seed_is_no_change(released: Path) -> None:
    """A seed with another time and the same bytes is the same seed."""
    (released / "seeds" / "a.txt").touch()
    ran = monographs("release", "--seeds", released / "seeds", "--outputs", released / "outputs")
    assert "no release was made" in ran.stdout


def test_list_show_and_verify_speak_of_the_release(released: Path) -> None:
    """What was released can be listed, looked into and checked, also by machines."""
    outputs = released / "outputs"
    assert "1.0.0" in monographs("list", "--outputs", outputs).stdout
    shown = json.loads(monographs("show", "--outputs", outputs, "--json").stdout)
    assert shown["tables"]["monographs"]["rows"] == 1
    assert monographs("verify", "--outputs", outputs, "--deep").returncode == 0


def test_verify_finds_an_edited_file(released: Path, tmp_path: Path) -> None:
    """A release that is not whole is named with the file, and the exit code is 1."""
    copy = tmp_path / "outputs"
    subprocess.run(["cp", "-r", released / "outputs", copy], check=True)
    edited = copy / "releases" / "1.0.0" / "data" / "strengths.csv"
    edited.chmod(0o644)
    edited.write_text("nothing", encoding="utf-8")
    ran = monographs("verify", "--outputs", copy)
    assert ran.returncode == 1
    assert "strengths.csv" in ran.stderr


def test_check_prints_like_a_compiler(released: Path) -> None:
    """Each finding has file, line, column, severity and code, the line itself and a caret under the words."""
    seed = released / "seeds" / "a.txt"
    ran = monographs("check", seed)
    lines = ran.stdout.splitlines()
    at = next(i for i, line in enumerate(lines) if "STRENGTH_AMBIGUOUS" in line)
    assert lines[at].startswith(f"{seed}:5:19 warning STRENGTH_AMBIGUOUS ")
    assert lines[at + 1].strip() == "- Tablets: 75 mg, 12 5 mg"
    assert lines[at + 2].index("^") == lines[at + 1].index("12 5 mg")
    assert ran.returncode == 0


def test_check_refuses_a_seed_that_cannot_be_read(tmp_path: Path) -> None:
    """An error finding makes the exit code 1."""
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe")
    ran = monographs("check", tmp_path / "bad.txt")
    assert ran.returncode == 1
    assert "SEED_" in ran.stdout


@pytest.mark.slow
def test_the_first_of_many_seeds_that_are_left_out_are_named(tmp_path: Path) -> None:
    """However many files are empty, the answer stays short, and the good seed is released."""
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "good.txt").write_text(SEED, encoding="utf-8")
    for number in range(MOST_SHOWN + 2):
        (seeds / f"{number:02}.txt").touch()
    ran = monographs("release", "--seeds", seeds, "--outputs", tmp_path / "outputs", "--no-site")
    assert ran.returncode == 0
    assert ran.stdout.count("left out: ") == MOST_SHOWN + 1
    assert "left out: 2 more" in ran.stdout


def test_a_misused_command_exits_with_2() -> None:
    """An unknown option is a usage error."""
    assert monographs("release", "--nonsense").returncode == 2
    assert monographs("check").returncode == 2


def test_missing_seeds_are_one_sentence(tmp_path: Path) -> None:
    """An expected error is one sentence on standard error, and no traceback."""
    ran = monographs("release", "--seeds", tmp_path / "none", "--outputs", tmp_path / "outputs")
    assert ran.returncode == 1
    assert re.fullmatch(r"monographs: .* no such folder.*", _said(ran))


def test_a_correction_that_no_longer_fits_is_one_sentence(tmp_path: Path) -> None:
    """An error inside the run reaches the reader as its own sentence."""
    (tmp_path / "a.txt").write_text(SEED, encoding="utf-8")
    rows = "seed,line,printed,means,reason\na.txt,1,Asprin,Aspirin,misprint\n"
    (tmp_path / "corrections.csv").write_text(rows, encoding="utf-8")
    ran = monographs("release", "--seeds", tmp_path, "--outputs", tmp_path / "outputs")
    assert ran.returncode == 1
    assert _said(ran).startswith("monographs: corrections.csv: line 1 of a.txt")


def test_outputs_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    """Where the outputs are a file, the answer names it and the remedy."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.txt").write_text(SEED, encoding="utf-8")
    (tmp_path / "outputs").write_text("a file", encoding="utf-8")
    ran = monographs("release", "--seeds", tmp_path / "seeds", "--outputs", tmp_path / "outputs")
    assert ran.returncode == 1
    assert "outputs" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("command", ["release", "check", "list", "show", "verify"])
def test_help_teaches(command: str) -> None:
    """Every command says what it does and what each option is for."""
    ran = monographs(command, "--help")
    assert ran.returncode == 0
    assert "--json" in ran.stdout


@pytest.mark.slow
def test_left_out_seeds_are_said_every_time(tmp_path: Path) -> None:
    """Also if nothing has changed since; with --strict the exit code is 1 and the release stands."""
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "good.txt").write_text(SEED, encoding="utf-8")
    (seeds / "bad.txt").touch()
    asked: list[str | Path] = ["release", "--seeds", seeds, "--outputs", tmp_path / "outputs", "--no-site"]
    for strict, code in (("--strict", 1), ("--strict", 1), ("--json", 0)):
        ran = monographs(*asked, strict)
        assert ran.returncode == code
        assert "left out: bad.txt: " in ran.stdout or json.loads(ran.stdout)["left_out"] == 1
    assert monographs("verify", "1.0.0", "--outputs", tmp_path / "outputs").returncode == 0


def test_the_program_says_its_version() -> None:
    """That of the project, in one line."""
    assert re.fullmatch(r"monographs \d+\.\d+\.\d+\n", monographs("--version").stdout)


def test_an_engine_that_is_none_is_misuse() -> None:
    """The answer names what may be said."""
    ran = monographs("release", "--engine", "cluster")
    assert (ran.returncode, "tcp://scheduler:8786" in " ".join(ran.stderr.split())) == (2, True)


def test_open_names_the_catalogue_or_how_to_make_it(released: Path, tmp_path: Path) -> None:
    """An address that a browser takes, or one sentence."""
    none = monographs("open", "--outputs", tmp_path)
    assert (none.returncode, "`monographs site` makes it" in none.stderr) == (1, True)
    opened = monographs("open", "--outputs", released / "outputs")
    assert opened.stdout.startswith((released / "outputs" / "index.html").as_uri())


def test_one_who_waits_without_a_terminal_gets_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each says the phase, how far it is and how long it has taken."""
    monkeypatch.setattr(phases, "SECONDS_A_LINE", 0.01)
    with phases.Phases() as shown:
        shown.begin("Reading the seeds")
        shown.tell("5 documents", 0.5)
        time.sleep(0.2)
    assert "Reading the seeds: 5 documents (0 s)\n" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_an_answer_that_cannot_be_written_is_one_sentence(released: Path) -> None:
    """As it is for every other disk that is full; who closes a pipe early gets no complaint."""
    command = [sys.executable, "-m", "pipelines.cli", "show", "--json", "--outputs", str(released / "outputs")]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (ran.returncode, ran.stderr.splitlines()) == (
        1, ["monographs: The answer cannot be written (No space left on device); all else is done."]
    )  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as pipe:
        assert pipe.stdout is not None
        assert pipe.stderr is not None
        pipe.stdout.close()
        assert (pipe.wait(), pipe.stderr.read()) == (0, "")


def test_a_dry_run_tells_rows_and_cells_and_publishes_nothing(tmp_path: Path) -> None:
    """What a changed document would make of a cell, and of a row that is gone."""
    seeds, outputs = tmp_path / "seeds", tmp_path / "outputs"
    seeds.mkdir()
    (seeds / "a.txt").write_text(SEED.replace(", 12 5 mg", ", 300 mg"), encoding="utf-8")
    asked: list[str | Path] = ["release", "--seeds", seeds, "--outputs", outputs, "--no-site"]
    first = monographs(*asked, "--dry-run")
    assert (first.returncode, first.stdout.splitlines()[0]) == (
        0, "This would be 1.0.0, with no release before it to compare with."
    )  # fmt: skip
    assert not (outputs / "log").exists()
    assert monographs(*asked).returncode == 0
    assert "Nothing has changed" in monographs(*asked, "--dry-run").stdout
    (seeds / "a.txt").write_text(SEED.replace("75 mg, 12 5 mg", "80 mg"), encoding="utf-8")
    changed = monographs(*asked, "--dry-run")
    assert re.search(r"  (remove|cell) +strengths ", changed.stdout)
    assert changed.stdout.endswith("Nothing was published.\n")
    assert [path.name for path in (outputs / "releases").iterdir()] == ["1.0.0"]
    assert json.loads(monographs(*asked, "--dry-run", "--json").stdout)["from"] == "1.0.0"


def test_who_interrupts_the_loading_gets_a_sentence(tmp_path: Path) -> None:
    """Ctrl-C before the first word is read is no traceback."""
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt", encoding="utf-8")
    words = [
        sys.executable,
        "-c",
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import pipelines.__main__ as m; m.main()",
    ]
    found = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (INTERRUPTED, f"{INTERRUPTION}\n")
