"""Once for real: Dagster runs, a document is put into the seeds folder, and its release appears."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pipelines.release import read_index, verify
from tests.dagster_server import dagster_dev

SEED = "Aspirin\nGeneric name: aspirin\nAvailable Dose:\n- Tablets: 75 mg\n"
PATIENCE = 120  # seconds; a busy machine may be slow, and a good run takes a fraction


def _versions(outputs: Path) -> list[str]:
    return [release["version"] for release in read_index(outputs)["releases"]] if outputs.exists() else []


def _wait_for(count: int, outputs: Path, log: Path) -> None:
    """Waits until so many releases are there; shows what Dagster said where they never come."""
    ends = time.monotonic() + PATIENCE
    while len(_versions(outputs)) < count:
        if time.monotonic() > ends:
            pytest.fail(log.read_text(encoding="utf-8", errors="replace")[-5000:])
        time.sleep(0.2)


def test_a_document_that_is_put_into_the_folder_is_released(tmp_path: Path) -> None:
    """Nobody calls a command: what stands there is released, and a new document makes a second release."""
    seeds, outputs = tmp_path / "seeds", tmp_path / "outputs"
    seeds.mkdir()
    (seeds / "a.txt").write_text(SEED, encoding="utf-8")
    with dagster_dev(tmp_path) as server:
        _wait_for(1, outputs, server.log)
        (seeds / "b.txt").write_text(SEED.replace("Aspirin", "Other"), encoding="utf-8")
        _wait_for(2, outputs, server.log)
    assert sorted(_versions(outputs)) == ["1.0.0", "1.1.0"]
    assert list(verify(outputs)) == []
