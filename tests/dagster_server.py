"""Dagster as `make dev` starts it, on a free port and for a folder of its own."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.processes import running

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Server:
    """Where a running Dagster is reached, and the file that holds what it says."""

    url: str
    log: Path


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def dagster_dev(folder: Path) -> Iterator[Server]:
    """`dg dev` over a folder's `seeds` and `outputs`, with the settings of `make dev`."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    shutil.copy(ROOT / ".dagster" / "dagster.yaml", home)
    places = {"seeds": folder / "seeds", "outputs": folder / "outputs", "look_every": 1}
    settings = {f"MONOGRAPHS_{name.upper()}": str(value) for name, value in places.items()}
    command = [str(Path(sys.executable).with_name("dg")), "dev", "--host", "127.0.0.1"]
    port = str(_free_port())
    command += ["--port", port]
    environment = os.environ | settings | {"DAGSTER_HOME": str(home), "PYTHONWARNINGS": "ignore"}
    with (folder / "log").open("ab") as log, running(command, cwd=ROOT, env=environment, stdout=log, stderr=log):
        yield Server(f"http://127.0.0.1:{port}", folder / "log")
