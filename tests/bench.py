"""How long the work takes, as ratios to a floor measured in the same run: `make bench`.

Machines differ and are noisy; a ratio says more than seconds. Nothing here is a test.
"""

from __future__ import annotations

import csv
import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from pipelines.engine import load_seeds, read_seeds
from pipelines.normalize.strength import Around, read_strengths
from pipelines.records import Passage
from pipelines.release import release_tables
from pipelines.tabulate import tabulate
from tests.generate import monographs

SIZES = {"": (1_000, 5_000), "full": (1_000, 10_000, 50_000)}


def seconds(work: Callable[[], object]) -> float:
    """How long one run of the work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def strengths() -> None:
    """Strings read per second: each distinct string once, and a stream that repeats them as documents do."""
    with (Path(__file__).parent / "cases" / "strengths.csv").open(encoding="utf-8", newline="") as file:
        cases = [row["text"] for row in csv.DictReader(file)]
    distinct = [text.replace("5", str(n)) for n in range(1, 60) for text in cases]
    distinct = list(dict.fromkeys(distinct))
    around = Around("liquid", 1)
    cold = len(distinct) / seconds(lambda: [read_strengths(Passage(text), around) for text in distinct])
    stream = distinct[:2000] * 20
    warm = len(stream) / seconds(lambda: [read_strengths(Passage(text, 9), around) for text in stream])
    print(
        f"strengths: {cold:,.0f} strings/s where none was seen before, {warm:,.0f} strings/s in a stream that repeats"
    )
    for name, reader in _others():
        sample = distinct[:1000]
        rate = len(sample) / seconds(partial(_each, reader, sample))
        print(f"           {name}: {rate:,.0f} strings/s; ours reads {warm / rate:.1f} times as many")


def _others() -> list[tuple[str, Callable[[str], object]]]:
    """Other readers of quantities, where they are installed."""
    found: list[tuple[str, Callable[[str], object]]] = []
    if find_spec("pint"):
        found.append(("pint", import_module("pint").UnitRegistry().parse_expression))
    if find_spec("quantulum3"):
        found.append(("quantulum3", import_module("quantulum3.parser").parse))
    missing = {"pint", "quantulum3"} - {name for name, _ in found}
    if missing:
        print(f"           not compared, since not installed: {', '.join(sorted(missing))}")
    return found


def _each(read: Callable[[str], object], texts: list[str]) -> None:
    for text in texts:
        _swallowed(read, text)


def _swallowed(read: Callable[[str], object], text: str) -> object:
    try:
        return read(text)
    except Exception:  # noqa: BLE001  (another library's reader may raise anything)
        return None


def build(count: int) -> None:
    """Seeds to tables to a release, against reading and hashing the bytes and writing the tables bare."""
    with tempfile.TemporaryDirectory() as folder:
        seeds, outputs = Path(folder, "seeds"), Path(folder, "outputs")
        for name, text in monographs(count):
            (seeds / name).parent.mkdir(parents=True, exist_ok=True)
            (seeds / name).write_text(text, encoding="utf-8")
        hashing = seconds(lambda: [hashlib.sha256(path.read_bytes()) for path in sorted(seeds.rglob("*.txt"))])
        begun = time.perf_counter()
        readings = read_seeds(seeds, load_seeds(seeds))
        reading = time.perf_counter() - begun
        begun = time.perf_counter()
        tables = tabulate(readings)
        tabulating = time.perf_counter() - begun
        writing = seconds(lambda: _bare(tables, Path(folder)))
        publishing = seconds(lambda: release_tables(tables, seeds, outputs))
        floor, whole = hashing + writing, reading + tabulating + publishing
        print(
            f"{count:>7,} monographs: read {count / reading:,.0f}/s, tabulate {count / tabulating:,.0f}/s, "
            f"publish {publishing / writing:.1f} x bare writing, whole build {whole / floor:.1f} x the floor"
        )


def _bare(tables: dict[str, pa.Table], folder: Path) -> None:
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd", compression_level=9)
        pacsv.write_csv(table, folder / f"{name}.csv")


def main() -> None:
    """Prints every figure."""
    strengths()
    for count in SIZES[os.environ.get("BENCH", "")]:
        build(count)


if __name__ == "__main__":
    main()
