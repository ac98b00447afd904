"""Makes the picture of the asset graph that the README shows: `python -m tests.screenshot`.

Starts Dagster over the seeds, waits for the release that it makes by itself, and looks at the page with Chromium.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from pipelines.release import read_index
from tests.dagster_server import ROOT, dagster_dev

PICTURE = ROOT / "docs" / "asset-graph.png"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 400  # seconds
QUIET = 10_000  # milliseconds: the graph and its counts come one after the other


def main() -> None:
    """The picture, made in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "seeds", folder / "seeds")
        with dagster_dev(folder) as server, sync_playwright() as playwright:
            _wait_for_release(folder / "outputs")
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": 1440, "height": 560})
            page.set_default_timeout(PATIENCE * 1000)
            _show_graph(page, server.url)
            page.screenshot(path=PICTURE)
            browser.close()


def _wait_for_release(outputs: Path) -> None:
    ends = time.monotonic() + PATIENCE
    while not (outputs.exists() and read_index(outputs)["releases"]):
        if time.monotonic() > ends:
            raise TimeoutError(f"{outputs}: no release was made in {PATIENCE} s.")
        time.sleep(0.5)


def _show_graph(page: Page, url: str) -> None:
    """The whole graph in its groups, with little beside it; the second look fits it to the room that it then has."""
    page.goto(f"{url}/asset-groups")
    page.get_by_text("Hide navigation").click()
    page.goto(f"{url}/asset-groups")
    page.get_by_text("Materialize all").wait_for()
    page.wait_for_timeout(QUIET)


if __name__ == "__main__":
    main()
