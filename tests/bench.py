"""How long the work takes, as ratios to a floor measured in the same run: `make bench`.

Machines differ and are noisy; a ratio says more than seconds. Nothing here is a test. What reading alone takes, beside
the commit BEFORE, is in `bench_reading`; BENCH=try, large or full chooses how many documents are released.
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Self, TypeVar

import psutil
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import xlsxwriter

from pipelines.engine.executors import cores
from pipelines.engine.run import Engine, Readings, read_folder
from pipelines.engine.seeds import seeds_in
from pipelines.release import release_tables, unchanged_since
from pipelines.release.describe.workbook import is_for_excel
from pipelines.tables.validate import RULES, rules_for
from schemas.tables import TABLES
from tests.bench_reading import reading
from tests.generate import monographs

T = TypeVar("T")
SIZES = {
    "try": (300,),
    "": (1_000, 5_000),
    "large": (1_000, 10_000, 100_000),
    "full": (1_000, 10_000, 100_000, 1_000_000),
}
PACKED = 500_000  # so many documents come in packed files: a disk should not be what is measured
MOST_FOR_THE_CLUSTER = 10_000
_SECONDS_A_LOOK = 0.5  # at memory: looking takes the processor, too


def seconds(work: Callable[[], object]) -> float:
    """How long one run of the work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


# --- from seeds to a release ----------------------------------------------------------------------------------------


class Peak:
    """The most memory that this process and those it started held at once, in bytes, while a block ran.

    A page that processes share is counted once (PSS). Pages of files count while they are in memory, although the
    system may take them back at any time; `own` is without them.
    """

    def __init__(self) -> None:
        """Nothing is watched yet."""
        self.whole = self.own = 0
        self._is_over = threading.Event()
        self._watch = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._watch.join()

    def _sample(self) -> None:
        while not self._is_over.wait(_SECONDS_A_LOOK):
            pages = [_pages(process.pid) for process in _family()]
            self.whole = max(self.whole, sum(page.get("Pss", 0) for page in pages))
            self.own = max(self.own, sum(page.get("Pss_Anon", 0) for page in pages))


def _family() -> list[psutil.Process]:
    this = psutil.Process()
    return [this, *this.children(recursive=True)]


def _pages(pid: int) -> dict[str, int]:
    """Memory of a process by kind, in bytes; nothing where it has just ended or the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    except (OSError, ProcessLookupError):
        return {}
    return {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines}


@dataclass
class Stage:
    """What one step took."""

    name: str
    seconds: float
    peak: Peak


def stage(name: str, work: Callable[[], T]) -> tuple[Stage, T]:
    """One step, with its time and memory."""
    with Peak() as peak:
        begun = time.perf_counter()
        made = work()
        took = time.perf_counter() - begun
    return Stage(name, took, peak), made


def build(count: int) -> float:
    """Prints every step for so many seeds; gives the seconds that a full build takes for one of them."""
    with tempfile.TemporaryDirectory() as folder:
        seeds, cache, outputs = Path(folder, "seeds"), Path(folder, "cache"), Path(folder, "outputs")
        size = write_seeds(seeds, count)
        print(f"\n{count:,} monographs, {size / 2**20:,.1f} MiB{' in packed files' if count >= PACKED else ''}")
        took: dict[str, float] = {}

        def step(name: str, work: Callable[[], T]) -> T:
            done, made = stage(name, work)
            print(_line(done, count, size), flush=True)
            took[name] = done.seconds
            return made

        step("hash the seeds", lambda: sum(seed.sha256 is not None for seed in seeds_in(seeds)))
        readings = step("read all", lambda: read_folder(seeds, Engine(cache=cache)))
        broken = step("check", lambda: problems(readings))
        step("write bare", lambda: _bare(readings.tables, Path(folder)))
        step("write a bare workbook", lambda: _bare_workbook(readings.tables, Path(folder)))
        step("publish", lambda: release_tables(readings.tables, readings.metadata_digests, outputs))
        version = step("nothing changed", lambda: unchanged_since(seeds, outputs))
        change_one(seeds)
        readings = step("read, one changed", lambda: read_folder(seeds, Engine(cache=cache)))
        broken += step("check, one changed", lambda: problems(readings))
        step("publish, one changed", lambda: release_tables(readings.tables, readings.metadata_digests, outputs))
        if count <= MOST_FOR_THE_CLUSTER:
            step("read on Dask", lambda: read_folder(seeds, Engine("dask")))
        floor, whole = took["hash the seeds"] + took["write bare"], sum(took[name] for name in _FULL)
        files = took["write bare"] + took["write a bare workbook"]
        once = sum(took[f"{name}, one changed"] for name in ("read", "check", "publish"))
        alone = took["read, one changed"] / took["read all"]
        print(f"  full build: {whole / floor:.1f} x the floor (hash the seeds, write bare)")
        print(f"  publishing: {took['publish'] / files:.1f} x writing its tables and workbook bare")
        print(f"  one changed: {once / whole:.1%} of it, and reading alone {alone:.1%} of reading")
        print(f"  nothing changed: {took['nothing changed'] / took['hash the seeds']:.1f} x hashing the seeds")
        if broken or version is None or readings.read != 1:
            raise AssertionError("what was measured is not what should have happened")
        return whole / count


_FULL = ("read all", "check", "publish")


def _line(step: Stage, count: int, size: int) -> str:
    rate, speed = count / step.seconds, size / 2**20 / step.seconds
    memory = f"{step.peak.whole / 2**20:>7,.0f} MiB at most, {step.peak.own / 2**20:,.0f} without files"
    return f"  {step.name:<22}{step.seconds:>9.2f} s {rate:>10,.0f} documents/s {speed:>8.1f} MiB/s {memory}"


def write_seeds(folder: Path, count: int) -> int:
    """Generated seeds, as files, or packed where they are many; gives their size in bytes."""
    documents = monographs(count)
    size = 0
    for number in range(0, count, PACKED // 10):
        part = list(islice(documents, PACKED // 10))
        size += sum(len(text.encode()) for _, text in part)
        folder.mkdir(exist_ok=True)
        if count >= PACKED:
            names, texts = zip(*part, strict=True)
            pq.write_table(pa.table({"name": names, "text": texts}), folder / f"{number:07}.parquet")
            continue
        for name, text in part:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    return size


def change_one(folder: Path) -> None:
    """Another document beside the others: what changes one of them costs, too."""
    (folder / "another.txt").write_text("Aspirin\nGeneric name: aspirin\n", encoding="utf-8")


def problems(readings: Readings) -> list[str]:
    """What the rules of a release have to say: nothing."""
    tables, texts = readings.tables, readings.texts
    return [str(p) for name in TABLES for rule in rules_for(name) for p in RULES[rule](name, tables, texts)]


def _bare(tables: Mapping[str, pa.Table], folder: Path) -> None:
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd", compression_level=9)
        pacsv.write_csv(table, folder / f"{name}.csv")


def _bare_workbook(tables: Mapping[str, pa.Table], folder: Path) -> None:
    """The same cells with xlsxwriter alone, where a release would have a workbook."""
    if not is_for_excel(tables):
        return
    with xlsxwriter.Workbook(folder / "bare.xlsx", {"constant_memory": True, "strings_to_formulas": False}) as workbook:
        for name, table in tables.items():
            sheet = workbook.add_worksheet(name[:31])
            for number, row in enumerate(zip(*(column.to_pylist() for column in table.columns), strict=True)):
                sheet.write_row(number, 0, row)


_TRIVIAL = """
import dagster as dg

@dg.asset
def one() -> int:
    return 1

with dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}}) as instance:
    assert dg.materialize([one], instance=instance).success
"""


def one_seed() -> None:
    """A release of one seed against the materialization of one asset that does nothing, each in a process of its own.

    Processor time of the best of three, since what else a machine does is not what is measured.
    """
    with tempfile.TemporaryDirectory() as folder:
        seeds = Path(folder, "seeds")
        write_seeds(seeds, 1)
        release = ["-m", "pipelines.cli", "release", "--seeds", str(seeds), "--cache", "none", "--outputs"]
        trivial = min(_processor_seconds(["-c", _TRIVIAL]) for _ in range(3))
        whole = min(_processor_seconds([*release, f"{folder}/{n}"]) for n in range(3))
        bare = min(_processor_seconds([*release, f"{folder}/bare{n}", "--no-site"]) for n in range(3))
    print(f"\none seed: {whole:.2f} s of processor, {whole / trivial:.1f} x a trivial Dagster materialization")
    print(f"          {bare:.2f} s without the catalogue, {bare / trivial:.1f} x")


def _processor_seconds(arguments: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Prints every figure."""
    print(f"{cores()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB, Python {platform.python_version()}")
    reading()
    one_seed()
    sizes = SIZES[os.environ.get("BENCH", "")]
    costs = {count: build(count) for count in sizes}
    print(f"\nFull build, per monograph: {', '.join(f'{c:,}: {s * 1000:.2f} ms' for c, s in costs.items())}")
    print(f"  the largest costs {costs[sizes[-1]] / costs[sizes[0]]:.2f} times what the smallest does")


if __name__ == "__main__":
    main()
