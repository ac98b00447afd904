"""Notebooks: each runs from its first cell to its last on a release made a moment ago."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest

from notebooks.render import render_notebook
from tests.test_command import monographs

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SEED = min((ROOT / "seeds").glob("*.txt")).name
SECOND = "Aspirin\nGeneric name: aspirin\nDosage form: Tablet\nAvailable Dose:\n- Tablets: 75 mg, 12 5 mg\n"


@pytest.fixture(scope="module")
def two_releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The outputs after the project's own seeds, and after a changed seed and a second one."""
    folder = tmp_path_factory.mktemp("notebooks")
    seeds, outputs = folder / "seeds", folder / "outputs"
    shutil.copytree(ROOT / "seeds", seeds)
    assert monographs("release", "--seeds", seeds, "--outputs", outputs).returncode == 0
    first = seeds / SEED
    first.write_bytes(first.read_bytes().replace(b"20 mg", b"25 mg"))
    (seeds / "second.txt").write_text(SECOND, encoding="utf-8")
    assert monographs("release", "--seeds", seeds, "--outputs", outputs).returncode == 0
    return outputs


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # what Jupyter's own libraries warn of is not ours
@pytest.mark.parametrize(("name", "expected"), [
    ("quick_start", "Release 1.1.0"),
    # the list in `sections`, four cells of each of the two strengths, and two of each of their products
    ("pharmacist_audit", f"13 cells of {SEED} changed with 1.1.0."),
])  # fmt: skip
def test_runs(name: str, expected: str, two_releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell runs, and the page made of it shows what it printed of the newest release, and no style of its own."""
    monkeypatch.setenv("MONOGRAPHS_OUTPUTS", str(two_releases))
    monkeypatch.setenv("MONOGRAPHS_AUDIT", SEED)
    page = render_notebook(ROOT / "notebooks" / f"{name}.ipynb", two_releases).read_text(encoding="utf-8")
    assert expected in page
    assert "style=" not in page
    assert "<style" not in page


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_holds_no_results(path: Path) -> None:
    """What is committed is the text and the code; a result would grow old."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert cells
    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells)


def test_every_notebook_is_run() -> None:
    """No notebook is left out above."""
    assert {path.stem for path in NOTEBOOKS} == {"quick_start", "pharmacist_audit"}
