"""Damaged documents cost at most themselves, see `fuzz.py`; and what was once found stays mended."""

from __future__ import annotations

import shutil
from itertools import islice
from pathlib import Path

from pipelines.engine.run import read_folder
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
