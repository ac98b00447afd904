"""Tables that go through a file: the same rows, in less memory."""

import time
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.tables import mapped
from pipelines.tables.mapped import Pile, resident_of_files

SCHEMA = pa.schema({"number": pa.int64(), "word": pa.string()})
ROWS = 2**17


def _batches() -> list[pa.RecordBatch]:
    return [
        pa.record_batch([pa.array(range(n, n + ROWS)), pa.repeat(pa.scalar("a word of some length"), ROWS)], SCHEMA)
        for n in range(0, 8 * ROWS, ROWS)
    ]


def _piled(folder: Path | None) -> pa.Table:
    pile = Pile(SCHEMA, folder)
    for batch in _batches():
        pile.add(batch)
    return pile.table()


def test_the_same_rows_in_a_file_that_nobody_sees(tmp_path: Path) -> None:
    """A table is equal wherever its pages lie, and its file has no name any more."""
    assert _piled(tmp_path).equals(_piled(None))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", [None, "files"])
def test_an_empty_pile_is_an_empty_table(tmp_path: Path, folder: str | None) -> None:
    """Columns are there without a row."""
    place = tmp_path / folder if folder else None
    if place:
        place.mkdir()
    assert Pile(SCHEMA, place).table().equals(SCHEMA.empty_table())


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system does not tell what is in memory")
def test_pages_are_handed_back_and_come_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was looked at leaves the memory by itself, and is there when it is looked at again."""
    monkeypatch.setattr(mapped, "_MOST_RESIDENT", 2**62)  # not before we look
    table = _piled(tmp_path)
    whole = _piled(None)
    assert table.equals(whole)
    most = resident_of_files()
    monkeypatch.setattr(mapped, "_MOST_RESIDENT", 0)
    for _ in range(100):
        if most - resident_of_files() > table.nbytes // 2:
            break
        time.sleep(0.1)
    assert most - resident_of_files() > table.nbytes // 2
    assert table.equals(whole)
