"""What a run is configured with: folders, where seeds are read, and where tables are kept between its steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pyarrow as pa

from pipelines.defs.lost_runs import run_marked
from pipelines.engine.progress import Progress
from pipelines.engine.run import Engine
from pipelines.release import Published
from pipelines.tables.mapped import read_mapped, write_mapped
from pipelines.tables.validate import RuleResult

RUN = b"run"  # in the metadata of a stored table: the run that made it


class Folders(dg.ConfigurableResource[object]):
    """Where seeds are read from and releases are written to; the `address` is where others see the outputs, if any.

    `work` is a local folder for what is kept between runs and may be lost: what was read, the tables of the last run,
    what the sensor knows of files. It is `.cache` in the outputs if no other is named.
    """

    seeds: str = "seeds"
    outputs: str = "outputs"
    address: str = ""
    work: str = ""

    @property
    def kept(self) -> Path:
        """The folder `work`."""
        return _kept(self.outputs, self.work)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[object]:
        """The folders; a run of an instance that outlives it shows in `work` that it lives."""
        if context.run and context.instance and not context.instance.is_ephemeral:
            with run_marked(self.kept, context.run.run_id):
                yield self
        else:
            yield self


def _kept(outputs: str, work: str) -> Path:
    """`.cache` in the current folder if the outputs are in object storage and no folder is named."""
    return Path(work) if work else Path("" if "://" in outputs else outputs) / ".cache"


class ReadingEngine(dg.ConfigurableResource[None]):
    """Where seeds are read: `local`, `dask`, or the address of a Dask scheduler; and whether what was read is kept."""

    place: str = "local"
    keeps: bool = True

    def as_engine(self, kept: Path) -> Engine:
        """The same for those who know nothing of Dagster."""
        return Engine(self.place, kept if self.keeps else None)


class ArrowTables(dg.ConfigurableIOManager):
    """Tables as Arrow files, one for each asset, replaced by each run, mapped into memory when they are read.

    They stand in the folder `work` of the same `Folders`; a resource within another makes Dagster warn of itself.
    """

    outputs: str = "outputs"
    work: str = ""

    def handle_output(self, context: dg.OutputContext, obj: pa.Table) -> None:
        """Writes the table, and tells where."""
        path = self._path(context.asset_key)
        write_mapped(obj.replace_schema_metadata({RUN: context.run_id}), path)
        context.add_output_metadata({"stored in": dg.MetadataValue.path(path), "bytes": path.stat().st_size})

    def load_input(self, context: dg.InputContext) -> pa.Table:
        """The table of the last run that made it."""
        return read_mapped(self._path(context.asset_key))

    def _path(self, key: dg.AssetKey) -> Path:
        return _kept(self.outputs, self.work) / "tables" / f"{key.path[-1]}.arrow"


class Listener:
    """What a run tells the one who waits for it; this one does not listen."""

    def progress(self, progress: Progress) -> None:
        """How far the reading is, about twice a second."""

    def reading_ended(self) -> None:
        """Every seed has been read."""

    def checked(self, results: Sequence[RuleResult]) -> None:
        """What the rules found."""

    def published(self, published: Published) -> None:
        """What was published, or stands already."""
