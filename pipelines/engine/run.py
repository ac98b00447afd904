"""A whole folder of seeds: what is new is read, what was read before comes from the cache, and all becomes tables."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.documents import format_of
from pipelines.engine.assemble import Texts, assemble, drugs_of
from pipelines.engine.batch import ReadTask, in_batches, read_batch
from pipelines.engine.cache import Cache
from pipelines.engine.executors import cluster, cores, pool_of_processes
from pipelines.engine.fingerprint import READS_AS
from pipelines.engine.limits import Limits, Work, can_stop_itself
from pipelines.engine.progress import Meter, Report
from pipelines.engine.reading import Holder, already_taken
from pipelines.engine.seed_metadata import SeedMetadata, no_such_seed, read_seed_metadata
from pipelines.engine.seeds import seeds_in, seeds_named, size_of
from pipelines.engine.spread import Batch, NewExecutor, Outcome, here, spread
from pipelines.tables.code_lists import code_lists
from pipelines.tables.keys import rows_with_repeated_key
from schemas.tables import CODE_LISTS, TABLES
from schemas.tables.base import arrow_schema, key_columns, name_of

_MADE_BY_A_RELEASE = ("retired", "monograph_history")
_MADE_LATER = {"drugs", *_MADE_BY_A_RELEASE, *(name_of(table) for table in CODE_LISTS)}
SCHEMAS = {name: arrow_schema(TABLES[name]) for name in TABLES if name not in _MADE_LATER}
_KEYS = {name: key_columns(TABLES[name]) for name in SCHEMAS}
_BATCH = (128, 2**20)  # documents and bytes: about half a second of reading
LOCAL, DASK = "local", "dask"
_SMALL = (64, 2**18)  # what is read sooner than a pool of processes starts


@dataclass(frozen=True, slots=True)
class Engine:
    """Where documents are read, and where what was read is kept: in a `cache`, or nowhere.

    The `place` is `local` for all cores, or as many `processes`; `dask` for a cluster of this machine alone; or the
    address of a Dask scheduler, such as `tcp://scheduler:8786`.
    """

    place: str = LOCAL
    cache: Path | None = None
    processes: int | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Readings:
    """Every published table, the text of every seed, and how many documents were not in the cache.

    `retired` and `monograph_history` are empty: a release fills them from the one before. `metadata_digests` are the
    SHA-256 of the tables in the seeds folder.
    """

    tables: Mapping[str, pa.Table]
    texts: Texts
    read: int
    metadata_digests: Mapping[str, str]


def read_folder(folder: Path, engine: Engine | None = None, report: Report = lambda _: None) -> Readings:
    """Everything that the seeds of a folder state; the same tables whatever the engine, the cache or the order.

    `report` is told how far it is, about twice a second. Raises SeedsError, CorrectionError or CacheError.
    """
    engine = engine or Engine()
    metadata, meter = read_seed_metadata(folder), Meter(report, size_of(folder))
    with _cache_of(engine) as cache, _executors(engine) as (new_executor, processes):
        run = _Run(cache, engine, meter, new_executor, processes)
        run.read(_documents(folder, metadata))
        tables, texts = run.assembled()
        clashing = list(_clashing(tables, metadata))
        if clashing:
            run.read_instead(clashing)
            tables, texts = run.assembled()
        cache.tidy(run.wanted)
        meter.tell()
    made = {"drugs": drugs_of(tables["monographs"])}
    made |= {name: arrow_schema(TABLES[name]).empty_table() for name in _MADE_BY_A_RELEASE}
    everything = {**tables, **made, **code_lists()}
    return Readings({name: everything[name] for name in TABLES}, texts, meter.read, metadata.digests)


def _documents(folder: Path, metadata: SeedMetadata) -> Iterator[ReadTask]:
    """The seeds with what is said of each; raises SeedsError if a row speaks of a packed seed that is not there."""
    unseen = metadata.rows_on_packed_seeds()
    for seed in seeds_in(folder):
        unseen.pop(seed.seed_id, None)
        yield ReadTask(seed, metadata.corrections.get(seed.seed_id, ()), metadata.provenance_of(seed.seed_id))
    for seed_id, table in unseen.items():
        if not (folder / seed_id).is_symlink():
            raise no_such_seed(folder, table, seed_id)


def _clashing(tables: Mapping[str, pa.Table], metadata: SeedMetadata) -> Iterator[ReadTask]:
    """Seeds with a monograph whose identifier is that of another seed, which comes first by seed_id."""
    told = ["monograph_id", "seed_id", "title", "document_version", "effective_date"]
    monographs = tables["monographs"].select(told)
    twice = rows_with_repeated_key(monographs, ["monograph_id"])
    if not len(twice):
        return
    ids = monographs["monograph_id"].take(twice).combine_chunks()
    rows = monographs.filter(pc.is_in(monographs["monograph_id"], value_set=ids))
    taken = already_taken((row.pop("monograph_id"), Holder(**row)) for row in rows.to_pylist())
    for seed in seeds_named(metadata.folder, taken):
        corrections, provenance = metadata.corrections.get(seed.seed_id, ()), metadata.provenance_of(seed.seed_id)
        yield ReadTask(seed, corrections, provenance, tuple(taken[seed.seed_id].items()))


class _Run:
    """One reading of a folder: `wanted` are the keys of the documents that it holds."""

    def __init__(self, cache: Cache, engine: Engine, meter: Meter, new_executor: NewExecutor, processes: int) -> None:
        self.wanted: set[bytes] = set()
        self._cache, self._engine, self._meter = cache, engine, meter
        self._new_executor, self._processes = new_executor, processes

    def read(self, documents: Iterator[ReadTask]) -> None:
        """Reads what is not in the cache, and puts it there."""
        for outcome in self._outcomes(in_batches(self._new(documents), *_BATCH)):
            keys = [document.key for document in outcome.documents]
            self._cache.add(keys, outcome.read.data, is_lasting=outcome.is_lasting)
            self._meter.done([document.seed for document in outcome.documents], outcome.read.findings)

    def read_instead(self, documents: list[ReadTask]) -> None:
        """The same for documents that were read before without knowing that an identifier is taken."""
        self.wanted -= {replace(document, taken=()).key for document in documents}
        self._meter.again(len(documents))
        self.read(iter(documents))

    def _new(self, documents: Iterator[ReadTask]) -> Iterator[ReadTask]:
        for document in documents:
            key = document.key
            self.wanted.add(key)
            if key not in self._cache:
                yield document
            else:
                self._meter.done([document.seed])

    def _outcomes(self, batches: Iterator[Batch]) -> Iterator[Outcome]:
        work: Work = partial(read_batch, SCHEMAS)
        ahead = list(islice(batches, 2))
        if self._engine.place == LOCAL and can_stop_itself() and _is_quick_and_safe(ahead):
            return here(work, ahead, self._new_executor, self._engine.limits)
        batches = chain(ahead, batches)
        return spread(work, batches, self._new_executor, self._processes, self._engine.limits)

    def assembled(self) -> tuple[dict[str, pa.Table], Texts]:
        """The tables of all documents wanted."""
        return assemble(self._cache.batches(self.wanted), SCHEMAS, _KEYS, self._cache.room_for_tables())


def _is_quick_and_safe(batches: list[Batch]) -> bool:
    """True for a little text; what libraries of other languages take apart may end the process that reads it."""
    documents = [document for batch in batches for document in batch]
    most, largest = _SMALL
    if len(documents) > most or sum(len(document.seed.data or b"") for document in documents) > largest:
        return False
    return all(format_of(seed.data, seed.seed_id) == "text" for seed in (d.seed for d in documents) if seed.data)


@contextmanager
def _cache_of(engine: Engine) -> Iterator[Cache]:
    """The cache that was named, or one that is gone afterwards."""
    with tempfile.TemporaryDirectory() as nowhere, closing(Cache(engine.cache or Path(nowhere), READS_AS)) as cache:
        yield cache


@contextmanager
def _executors(engine: Engine) -> Iterator[tuple[NewExecutor, int]]:
    """Where batches are read, and how many at once."""
    if engine.place == LOCAL:
        yield pool_of_processes(engine.limits), engine.processes or cores()
        return
    with cluster(None if engine.place == DASK else engine.place, engine.processes or cores()) as found:
        yield found
