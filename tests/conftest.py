"""Settings for every test, and the releases that several look at."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from pipelines.release.publish import publish
from tests.kills import TRIED, table
from tests.release_frames import BUILD, edited, small_tables

# CI tries the same examples each time, so that a red build is about the change; at home each run tries new ones.
settings.register_profile("ci", derandomize=True, database=None, deadline=None, print_blob=True)
settings.register_profile("home", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "home")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The file that waits longest comes first, so that the others run beside it and nothing waits for it at the end."""
    items.sort(key=lambda item: item.path.stem != "test_unattended")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the tests of killed processes have tried; whatever they lost or mixed would have failed them."""
    if TRIED:
        terminalreporter.section("killed and raced")
        for line in table():
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def first_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the release 1.0.0 of the small tables; not to be changed."""
    outputs = tmp_path_factory.mktemp("first") / "outputs"
    publish(small_tables(), BUILD, outputs)
    return outputs


@pytest.fixture(scope="session")
def published(first_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the releases 1.0.0 and 1.0.1; not to be changed."""
    outputs = shutil.copytree(first_release, tmp_path_factory.mktemp("published") / "outputs")
    publish(small_tables(**edited("strengths", "5 mg", numerator_value=10.0)), BUILD, outputs)
    return outputs


@pytest.fixture
def outputs(published: Path, tmp_path: Path) -> Path:
    """A copy that may be changed."""
    return shutil.copytree(published, tmp_path / "outputs")
