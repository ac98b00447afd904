"""Batches over processes and machines: the same tables, and a document that breaks its process costs itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipelines.engine.batch import ReadBatch, ReadTask, rows_in, rows_of
from pipelines.engine.executors import ClusterError, pool_of_processes
from pipelines.engine.limits import Limits
from pipelines.engine.progress import Meter, Progress
from pipelines.engine.run import Engine, read_folder
from pipelines.engine.seed_file import SeedFile
from pipelines.engine.spread import here, spread
from pipelines.release.digest import content_digest
from pipelines.release.shapes import published_shapes
from tests.generate import monographs
from tests.poison import BREAKS, read_or_break

LIMITS = Limits(seconds=5, memory=2**30)
WAITS = {b"HANG", b"SEARCH", b"FILL"}  # until a limit of time or memory is reached


def seeds_of(folder: Path, count: int) -> Path:
    """A folder of generated seeds, two of which state the same monograph."""
    texts = dict(monographs(count))
    texts["zz/twice.txt"] = next(iter(texts.values()))
    texts["seeds.csv"] = f"file,source,licence,retrieved,monograph_id\nzz/twice.txt,,,,{next(iter(texts))}\n"
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def digests(seeds: Path, engine: Engine) -> dict[str, str]:
    """The digest of every table that a folder is read to."""
    tables = read_folder(seeds, engine).tables
    return {name: content_digest(tables[name], shape.key) for name, shape in published_shapes().items()}


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More seeds than are read without a pool."""
    return seeds_of(tmp_path_factory.mktemp("seeds"), 300)


@pytest.fixture(scope="module")
def expected(seeds: Path) -> dict[str, str]:
    """The digests of one process that reads one batch after the other."""
    return digests(seeds, Engine(processes=1))


def test_all_cores_read_what_one_reads(seeds: Path, expected: dict[str, str]) -> None:
    """Batches that are done in any order make the same tables."""
    assert digests(seeds, Engine(processes=3)) == expected


@pytest.mark.slow
def test_two_workers_of_a_cluster_read_what_one_process_reads(seeds: Path, expected: dict[str, str]) -> None:
    """A Dask cluster makes the same tables."""
    assert digests(seeds, Engine("dask", processes=2)) == expected


@pytest.mark.slow
def test_a_cluster_that_does_not_answer_is_named(seeds: Path) -> None:
    """A wrong address is one sentence."""
    with pytest.raises(ClusterError, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        digests(seeds, Engine("tcp://127.0.0.1:9"))


def document(seed_id: str, text: bytes) -> ReadTask:
    """A document of some words."""
    return ReadTask(SeedFile(seed_id, b"Aspirin\nGeneric name: aspirin\nRoute: Oral\n" + text))


def found(reads: Sequence[ReadBatch]) -> dict[str, list[str]]:
    """The codes that were found, by seed."""
    codes: dict[str, list[str]] = {}
    for read in reads:
        batch = rows_in(read.data)
        codes |= {str(seed_id): [] for seed_id in rows_of(batch, "seeds")["seed_id"].to_pylist()}
        for row in rows_of(batch, "findings").to_pylist():
            codes[row["seed_id"]].append(row["finding_code"])
    return codes


@pytest.mark.parametrize(
    "word", [pytest.param(word, marks=pytest.mark.slow if word in WAITS else ()) for word in BREAKS]
)
def test_a_document_that_breaks_its_process_costs_itself(word: bytes) -> None:
    """Whether it never ends, ends its process, fills the memory or fails: all others are read."""
    batches = [[document(f"{n}{m}.txt", b"") for m in range(3)] for n in range(4)]
    batches[1][1] = document("bad.txt", word)
    outcomes = list(spread(read_or_break, batches, pool_of_processes(LIMITS), 2, LIMITS))
    codes = found([outcome.read for outcome in outcomes])
    assert len(codes) == 12
    assert [seed_id for seed_id, of_seed in codes.items() if "SEED_NOT_READ" in of_seed] == ["bad.txt"]
    assert [o.documents[0].seed.seed_id for o in outcomes if not o.is_lasting] == ["bad.txt"]


ASKS_A_READER = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
from pipelines.engine.executors import pool_of_processes
from pipelines.engine.limits import Limits
with pool_of_processes(Limits())(1) as pool:
    print(pool.submit(signal.getsignal, signal.SIGTERM).result().name)
"""


def test_a_process_that_reads_can_be_ended() -> None:
    """Also below a program that ignores the signal for it; a broken pool would wait for ever for one that writes."""
    done = subprocess.run([sys.executable, "-c", ASKS_A_READER], check=True, capture_output=True, text=True)
    assert done.stdout == "SIG_DFL\n"


@pytest.mark.parametrize(
    "word", [b"FAIL", *(pytest.param(word, marks=pytest.mark.slow) for word in (b"HANG", b"SEARCH"))]
)
def test_a_failure_in_this_process_costs_the_document_only(word: bytes) -> None:
    """Few documents are read without a pool; one that fails or never ends is tried elsewhere, and left out."""
    batch = [document("bad.txt", word), document("good.txt", b"")]
    codes = found([outcome.read for outcome in here(read_or_break, [batch], pool_of_processes(LIMITS), LIMITS)])
    assert {seed_id: "SEED_NOT_READ" in of_seed for seed_id, of_seed in codes.items()} == {
        "bad.txt": True,
        "good.txt": False,
    }


def test_few_seeds_in_a_thread_are_read_elsewhere(tmp_path: Path) -> None:
    """A thread that cannot be stopped reads nothing itself, and gives the same."""
    seeds = seeds_of(tmp_path, 3)
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(digests, seeds, Engine()).result() == digests(seeds, Engine())


def test_a_process_that_reads_loads_nothing_else() -> None:
    """A process of the pool knows neither Dagster nor pandas."""
    script = (
        "from pipelines.engine.executors import pool_of_processes\nfrom pipelines.engine.limits import Limits\n"
        "import pandas, dagster, builtins\n"
        "if __name__ == '__main__':\n"
        '    code = \'[m for m in ("dagster", "pandas", "pandera") if m in __import__("sys").modules]\'\n'
        "    print(pool_of_processes(Limits())(1).submit(eval, code).result())\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_rate_is_that_of_late() -> None:
    """What the cache had goes by at once, and says nothing of how long the rest takes."""
    told: list[Progress] = []
    now = 0.0
    meter = Meter(told.append, 2_000, lambda: now)
    meter.done([SeedFile(f"known{n}", size=1) for n in range(1_000)])
    for number in range(100):
        now += 1.0
        meter.done([SeedFile(f"{number}.txt", size=1)], {"UNIT_UNKNOWN": 2})
    assert (told[-1].documents, told[-1].read, told[-1].rate, told[-1].remaining) == (1_100, 100, 1.0, 900.0)
    assert str(told[-1]) == (
        "1,100 documents (55%), 1 a second, 0:15:00 to go; 100 read anew, with 200 findings (UNIT_UNKNOWN 200)"
    )


def test_progress_tells_how_far_it_is(seeds: Path) -> None:
    """The last report is of everything, with rate and findings."""
    told: list[Progress] = []
    read_folder(seeds, report=told.append)
    last = told[-1]
    assert (last.documents, last.read, last.share, last.remaining) == (301, 301, 1.0, 0.0)
    assert last.findings["MONOGRAPH_CLASH"] == 1
    assert "301 documents (100%)" in str(last)
