"""Once for real: Dagster runs, a document is put into the seeds folder, and its release appears."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from pipelines.release import read_index, verify

ROOT = Path(__file__).parent.parent
SEED = "Aspirin\nGeneric name: aspirin\nAvailable Dose:\n- Tablets: 75 mg\n"
PATIENCE = 120  # seconds; a busy machine may be slow, and a good run takes a fraction


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def dagster_dev(folder: Path) -> Iterator[Path]:
    """`dagster dev` over a folder's `seeds` and `outputs`, with the settings of `make dev`; gives its log."""
    home = folder / "home"
    home.mkdir()
    shutil.copy(ROOT / ".dagster" / "dagster.yaml", home)
    places = {"seeds": folder / "seeds", "outputs": folder / "outputs", "look_every": 1}
    settings = {f"MONOGRAPHS_{name.upper()}": str(value) for name, value in places.items()}
    command = [sys.executable, "-m", "dagster", "dev", "--workspace", "workspace.yaml", "--host", "127.0.0.1"]
    command += ["--port", str(_free_port())]
    environment = os.environ | settings | {"DAGSTER_HOME": str(home), "PYTHONWARNINGS": "ignore"}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            yield folder / "log"
        finally:
            server.send_signal(signal.SIGINT)
            _end(server)


def _end(server: subprocess.Popen[bytes]) -> None:
    """Waits for an orderly end; what is left of the server's own group of processes is killed."""
    with suppress(subprocess.TimeoutExpired):
        server.wait(timeout=30)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)


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
    with dagster_dev(tmp_path) as log:
        _wait_for(1, outputs, log)
        (seeds / "b.txt").write_text(SEED.replace("Aspirin", "Other"), encoding="utf-8")
        _wait_for(2, outputs, log)
    assert sorted(_versions(outputs)) == ["1.0.0", "1.1.0"]
    assert list(verify(outputs)) == []
