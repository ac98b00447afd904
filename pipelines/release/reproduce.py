"""Whether seeds and the present code still make what was published, table by table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipelines.engine.run import read_folder
from pipelines.release.digest import content_digest
from pipelines.release.failures import WithdrawnError
from pipelines.release.layout import BUILD
from pipelines.release.log import Record, read_json
from pipelines.release.publish.inputs import build_info, inputs_in
from pipelines.release.publish.prepare import with_tombstones
from pipelines.release.released import read_release, read_tables
from pipelines.release.shapes import published_shapes
from pipelines.release.store import Place, store_at


@dataclass(frozen=True, slots=True)
class Reproduction:
    """What came out: `tables` says `same`, `differs`, `missing`, `new` or `unknown` for each table.

    A table is `unknown` where it follows from a release that was withdrawn since. `inputs` are seeds and lists that are
    not those of the release, `tools` what else it was made with; `commit` is the code that made it.
    """

    version: str
    tables: Mapping[str, str]
    inputs: tuple[str, ...]
    tools: tuple[str, ...]
    is_same_code: bool
    commit: str | None

    @property
    def is_same(self) -> bool:
        """True where every table is what was published."""
        return set(self.tables.values()) <= {"same"}


def reproduce(outputs: Place, seeds: Path, version: str | None = None) -> Reproduction:
    """Builds a version, or the latest, from seeds anew and compares; writes nothing.

    Raises NoSuchReleaseError where there is no such release, SeedsError where there are no seeds.
    """
    record = read_release(outputs, version)
    built = read_json(store_at(outputs).read(f"releases/{record['version']}/{BUILD}") or b"{}")
    now = build_info(inputs_in(seeds))
    return Reproduction(
        record["version"],
        _outcomes(record, _digests_now(outputs, seeds, record)),
        tuple(_differing(built.get("inputs", {}), dict(now.inputs))),
        tuple(_differing(built.get("tools", {}), dict(now.tools))),
        record["rules_sha256"] == now.rules,
        built.get("commit"),
    )


def _digests_now(outputs: Place, seeds: Path, record: Record) -> dict[str, str | None]:
    """The digest of each table; None for `retired` where the release that it follows from is withdrawn."""
    tables: dict[str, pa.Table] = dict(read_folder(seeds).tables)
    shapes = published_shapes()
    since = record["changes"]["since"]
    try:
        if since:
            tables = with_tombstones(tables, read_tables(outputs, since), record["version"])
    except WithdrawnError:
        shapes = {name: shape for name, shape in shapes.items() if name != "retired"}
        return {"retired": None} | {name: content_digest(tables[name], shape.key) for name, shape in shapes.items()}
    return {name: content_digest(tables[name], shape.key) for name, shape in shapes.items()}


def _outcomes(record: Record, now: Mapping[str, str | None]) -> dict[str, str]:
    then = {name: table["content_sha256"] for name, table in record["tables"].items()}
    return {name: _outcome(then.get(name), now.get(name, "")) for name in dict.fromkeys((*then, *now))}


def _outcome(then: str | None, now: str | None) -> str:
    if now is None:
        return "unknown"
    if not now:
        return "missing"
    if then is None:
        return "new"
    return "same" if then == now else "differs"


def _differing(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return [name for name in sorted({*then, *now}) if then.get(name) != now.get(name)]
