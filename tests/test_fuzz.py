"""Damaged documents cost at most themselves, see `fuzz.py`; and what was once found stays mended."""

from __future__ import annotations

import shutil
import sys
from itertools import islice
from pathlib import Path
from types import FrameType

import pytest

from pipelines.engine.reading import read_seed
from pipelines.engine.run import read_folder
from pipelines.engine.seed_file import SeedFile
from tests.bench_reading import HOSTILE
from tests.fuzz import CASES, Outcome, broken_rows, damaged, lost_lines, run

FILES = 300


def test_damaged_documents_cost_at_most_themselves() -> None:
    """No exception, no row that breaks a rule, no line lost."""
    outcome = Outcome()
    run(list(islice(damaged(), FILES)), outcome)
    assert dict(outcome.faults) == {}


def test_what_was_found_stays_mended(tmp_path: Path) -> None:
    """Every file that once broke something is read whole."""
    readings = read_folder(shutil.copytree(CASES / "found", tmp_path / "seeds"))
    assert "SEED_NOT_READ" not in readings.tables["findings"]["finding_code"].to_pylist()
    assert list(broken_rows(readings)) == []
    assert list(lost_lines(readings)) == []


# --- what reading costs ----------------------------------------------------------------------------------------------

ONCE, LONGER = 1_500, 6_000  # characters
MOST = 5  # times as many calls for four times as long a text; twice as long for each would be sixteen


def _calls(text: str) -> int:
    """How many functions, and steps of generators, reading a document takes: the same on any machine."""
    count = 0

    def called(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    seed = SeedFile("a.txt", text.encode())
    read_seed(seed)  # what is loaded once is loaded
    before = sys.getprofile()
    sys.setprofile(called)
    try:
        read_seed(seed)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_longer_text_takes_as_much_longer_to_read(kind: str) -> None:
    """Whatever is repeated in it: no reader looks again and again at what it has passed."""
    frame, piece = HOSTILE[kind]
    once, longer = (_calls(frame.format(piece * (size // len(piece)))) for size in (ONCE, LONGER))
    assert longer <= MOST * max(once, 2_000)
