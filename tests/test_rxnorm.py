"""Links to RxNorm are made by exact names, for those who bring its file, and no release depends on it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq

CARD = """Metformin
Generic name: metformin hydrochloride
Dosage form: Tablet, film coated
Route: Oral
Available dose:
- Film-coated tablets: 500 mg, 850 mg
"""


def _row(rxcui: str, kind: str, name: str, source: str = "RXNORM") -> str:
    """A row of RXNCONSO.RRF with invented identifiers."""
    return f"{rxcui}|ENG||||||A{rxcui}||M||{source}|{kind}|{rxcui}|{name}||N||"


ROWS = [
    _row("1", "IN", "metformin hydrochloride"),
    _row("2", "SCDC", "metformin hydrochloride 500 MG"),
    _row("3", "SCD", "metformin hydrochloride 500 MG Oral Tablet"),
    _row("4", "SCDC", "metformin hydrochloride 1000 MG"),
    _row("5", "SCDC", "metformin hydrochloride 850 MG", "OTHER"),
]


def _monographs(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "monographs"), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_links_stand_beside_a_release(tmp_path: Path) -> None:
    """Ingredient, strength and product are linked if RxNorm has exactly that name, and else have no RxCUI."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "card.txt").write_text(CARD, encoding="utf-8")
    (tmp_path / "RXNCONSO.RRF").write_text("\n".join(ROWS) + "\n", encoding="utf-8")
    outputs = tmp_path / "outputs"
    assert _monographs("release", "--no-site", "--seeds", tmp_path / "seeds", "--outputs", outputs).returncode == 0
    before = sorted(path for path in (outputs / "releases").rglob("*"))
    ran = _monographs("link", "--rxnorm", tmp_path / "RXNCONSO.RRF", "--outputs", outputs)
    assert (ran.returncode, ran.stderr) == (0, "")
    rows = pq.read_table(outputs / "rxnorm" / "1.0.0" / "links.parquet").to_pylist()
    assert [(row["level"], row["name"], row["rxcui"]) for row in rows] == [
        ("ingredient", "METFORMIN HYDROCHLORIDE", "1"),
        ("strength", "metformin hydrochloride 500 MG", "2"),
        ("product", "metformin hydrochloride 500 MG Oral Tablet", "3"),
        ("strength", "metformin hydrochloride 850 MG", None),
        ("product", "metformin hydrochloride 850 MG Oral Tablet", None),
    ]
    assert sorted(path for path in (outputs / "releases").rglob("*")) == before
    assert _monographs("verify", "--outputs", outputs).returncode == 0


def test_another_file_is_refused(tmp_path: Path) -> None:
    """A file that is not RxNorm's is named with its line, and what to give instead."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "card.txt").write_text(CARD, encoding="utf-8")
    (tmp_path / "x.txt").write_text("a|b\n", encoding="utf-8")
    _monographs("release", "--no-site", "--seeds", tmp_path / "seeds", "--outputs", tmp_path / "outputs")
    ran = _monographs("link", "--rxnorm", tmp_path / "x.txt", "--outputs", tmp_path / "outputs")
    assert ran.returncode == 1
    assert "x.txt:1: 2 cells, not 18; give RXNCONSO.RRF of an RxNorm release" in ran.stderr
