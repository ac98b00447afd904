"""Once for real: Dagster runs, a document is put into the seeds folder, and its release appears."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.release import read_index, verify
from tests.dagster_server import dagster_dev

SEED = "Aspirin\nGeneric name: aspirin\nAvailable Dose:\n- Tablets: 75 mg\n"
PATIENCE = 600  # seconds; a busy machine may be slow, and a good run takes a fraction


def _versions(outputs: Path) -> list[str]:
    return [release["version"] for release in read_index(outputs)["releases"]] if outputs.exists() else []


def _wait_until(is_there: Callable[[], bool], log: Path) -> None:
    """Waits for what must come; shows what Dagster said where it never does."""
    ends = time.monotonic() + PATIENCE
    while not is_there():
        if time.monotonic() > ends:
            pytest.fail(log.read_text(encoding="utf-8", errors="replace")[-5000:])
        time.sleep(0.2)


def _says(page: Path, words: str) -> bool:
    return page.exists() and words in page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_document_that_is_put_into_the_folder_is_released(tmp_path: Path) -> None:
    """Nobody calls a command: what stands there is released with its pages, and a new document makes a second one."""
    seeds, outputs = tmp_path / "seeds", tmp_path / "outputs"
    seeds.mkdir()
    (seeds / "a.txt").write_text(SEED, encoding="utf-8")
    with dagster_dev(tmp_path) as server:
        _wait_until(lambda: len(_versions(outputs)) == 1, server.log)
        (seeds / "b.txt").write_text(SEED.replace("Aspirin", "Other"), encoding="utf-8")
        _wait_until(lambda: len(_versions(outputs)) == 2, server.log)
        _wait_until(lambda: _says(outputs / "index.html", "1.1.0"), server.log)
    assert sorted(_versions(outputs)) == ["1.0.0", "1.1.0"]
    assert list(verify(outputs)) == []
    assert (outputs / "site" / "monographs" / "other.html").exists()
