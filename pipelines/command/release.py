"""`monographs release`: seeds to a release, inside Dagster; then its signature and its catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.command import Answer
from pipelines.command.phases import Phases
from pipelines.release import read_changes, read_release, read_tables, unchanged_since
from pipelines.release.compare.changes_page import changes_told
from pipelines.release.publish.signature import require_key, sign

if TYPE_CHECKING:
    from pipelines.defs.jobs import TablesRefusedError
    from pipelines.release import Published

_MOST_LINES = 20  # of what changed; `monographs diff` has the rest
_SHOWN = ("monographs", "strengths", "dosage_forms", "routes", "pregnancy_categories", "adverse_reactions", "findings")
_MOST_TOLD = 50  # rows, and cells, of a rehearsal
_LONGEST_CELL = 60  # characters
_MOST_LEFT_OUT = 20  # seeds that are named; the count is always whole


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """What a person asks for.

    `engine` is `local`, `dask` or the address of a Dask scheduler. `cache` is a folder, or None to keep nothing.
    `accept_large_change` is the reason why a large change is meant; `raised` is the least bump; `key` signs. If
    `strict`, seeds that are left out make the exit code 1; the release stands.
    """

    seeds: Path
    outputs: str
    accept_large_change: str | None = None
    raised: str | None = None
    engine: str = "local"
    cache: Path | None = None
    key: Path | None = None
    with_site: bool = True
    strict: bool = False


def released(request: ReleaseRequest) -> Answer:
    """One release, or the reason why there is none; the seeds that are left out are named every time."""
    if request.key is not None:
        require_key(request.key)
    with Phases() as phases:
        phases.begin("Looking for changes")
        head = unchanged_since(request.seeds, request.outputs)
        if head is not None:
            nothing = f"Nothing has changed since {head}: no release was made."
            answer = Answer([nothing], {"version": head, "is_new": False})
        else:
            answer = _made(request, phases)
        if answer.exit_code:
            return answer
        answer = _with_signature(_with_left_out(answer, request), request)
        if request.with_site and "://" not in request.outputs:
            from pipelines.command.site import with_catalogue

            phases.begin("Making the catalogue")
            answer = with_catalogue(answer, Path(request.outputs))
    return answer


def rehearsal(request: ReleaseRequest) -> Answer:
    """What a release would change, by document, row and cell; nothing is published, and no run is recorded."""
    from pipelines.engine.run import Engine, read_folder
    from pipelines.release.compare.version import Bump
    from pipelines.release.describe.quality import Check
    from pipelines.release.publish import rehearse
    from pipelines.release.publish.inputs import build_info, inputs_read
    from pipelines.tables.validate import RULES, apply_rules, said

    with Phases() as phases:
        phases.begin("Reading the seeds")
        engine = Engine(request.engine, request.cache)
        read = read_folder(request.seeds, engine, lambda progress: phases.tell(progress, progress.share))
        phases.begin("Checking and comparing the tables")
        checks = [
            Check(found.table, found.rule, len(found.problems), said(RULES[found.rule]))
            for found in apply_rules(read.tables, read.texts)
        ]
        build = build_info(inputs_read(read.tables["seeds"], read.metadata_digests))
        least = Bump[request.raised.upper()] if request.raised else Bump.NONE
        record = rehearse(read.tables, build, request.outputs, checks, at_least=least)
    return Answer(list(_rehearsed(record)), record, 1 if record["refused"] else 0, is_report=True)


def _rehearsed(record: dict[str, Any]) -> Iterator[str]:
    """What would change: a line for each document, then for each row and each cell."""
    from pipelines.release.compare.changes_page import changes_told, shortened

    if record["from"] is None:
        yield f"This would be {record['to']}, with no release before it to compare with."
        return
    yield from changes_told(record)
    yield from (f"  {row['op']:<8}{row['table']} {row['key']}" for row in record["rows"][:_MOST_TOLD])
    for cell in record["cells"][:_MOST_TOLD]:
        old, new = (
            repr(shortened(str(cell[side]), _LONGEST_CELL)) if cell[side] else "null" for side in ("old", "new")
        )
        yield f"  cell    {cell['table']} {cell['key']} {cell['column']}: {old} → {new}"
    if max(len(record["rows"]), len(record["cells"])) > _MOST_TOLD:
        yield f"  and more; --json gives {max(len(record['rows']), len(record['cells'])):,} of each"
    yield from (f"This would be refused: {reason}" for reason in record["refused"])
    yield "Nothing was published."


def _made(request: ReleaseRequest, phases: Phases) -> Answer:
    """One run: reads, checks and publishes; refuses tables that break a rule, and shows the rows."""
    from pipelines.defs.assets import Decisions
    from pipelines.defs.jobs import TablesRefusedError, run_release
    from pipelines.defs.resources import Folders, ReadingEngine

    folders = Folders(seeds=str(request.seeds), outputs=request.outputs, work=str(request.cache or ""))
    reading = ReadingEngine(place=request.engine, keeps=request.cache is not None)
    decisions = Decisions(accept_large_change=request.accept_large_change, raised=request.raised)
    try:
        return _published(request.outputs, run_release(folders, decisions, reading, phases))
    except TablesRefusedError as refused:
        return _refusal(refused)


def _refusal(refused: TablesRefusedError) -> Answer:
    from pipelines.tables.validate import MOST_SHOWN

    lines = [str(refused)]
    for broken in refused.broken:
        lines += [f"{broken.table}: {broken.rule}", *(f"- {row}" for row in broken.problems[:MOST_SHOWN])]
    return Answer(lines, {"broken": [[broken.table, broken.rule] for broken in refused.broken]}, 1)


def _published(outputs: str, published: Published) -> Answer:
    """What was released, in a few lines: rows of the main tables, findings by severity, what changed."""
    version = published.version
    if not published.is_new:
        same = f"The content is that of {version}: no release was made."
        return Answer([same], {"version": version, "is_new": False})
    tables = read_release(outputs, version)["tables"]
    rows = {name: tables[name]["rows"] for name in _SHOWN}
    counts = Counter(_findings(outputs, version)["severity"].to_pylist())
    lines = [f"Released {version} in {published.where}"]
    lines += [f"  {name:<22}{count:>8} {'row' if count == 1 else 'rows'}" for name, count in rows.items()]
    lines += [f"  findings: {', '.join(f'{counts[s]} {s}' for s in ('error', 'warning', 'info'))}"]
    record = read_changes(outputs, version)
    lines += [f"  {line}" for line in islice(changes_told(record), _MOST_LINES)] if record else []
    return Answer(
        lines, {"version": version, "is_new": True, "folder": published.where, "rows": rows, "findings": counts}
    )


def _findings(outputs: str, version: str) -> Any:  # noqa: ANN401  (pyarrow ships no types)
    return read_tables(outputs, version, ["findings"])["findings"]


def _with_left_out(answer: Answer, request: ReleaseRequest) -> Answer:
    """The answer, and the seeds that the release is made without."""
    findings = _findings(request.outputs, answer.data["version"]).select(["severity", "seed_id", "message"])
    left_out = [row for row in findings.to_pylist() if row["severity"] == "error"]
    lines = [f"  left out: {row['seed_id']}: {row['message']}" for row in left_out[:_MOST_LEFT_OUT]]
    if len(left_out) > _MOST_LEFT_OUT:
        lines.append(f"  left out: {len(left_out) - _MOST_LEFT_OUT:,} more; see the errors in the table findings")
    data = answer.data | {"left_out": len({row["seed_id"] for row in left_out})}
    exit_code = 1 if request.strict and left_out else 0
    return replace(answer, lines=[*answer.lines, *lines], data=data, exit_code=exit_code, is_report=True)


def _with_signature(answer: Answer, request: ReleaseRequest) -> Answer:
    """The answer, and that its version is signed now, if a key was named."""
    if request.key is None:
        return answer
    version = answer.data["version"]
    is_new = sign(request.outputs, version, request.key)
    line = f"Signed {version} with {request.key}." if is_new else f"{version} was signed before; its signature stands."
    return replace(answer, lines=[*answer.lines, line], data=answer.data | {"is_signed": True})
