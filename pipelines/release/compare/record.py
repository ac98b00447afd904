"""What a release changed and why, in one record: `changes/changes.json`, and what `monographs diff` prints.

from, to       versions, and `content_sha256` of both
bump           how the version moved
counts         by change code
reasons        each change: code, meaning, table, column, count, and examples
tables         of each changed table: rows before and after, rows by what happened, and its delta
findings       how many of each code, before and after, where that differs
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.release import log
from pipelines.release.compare import FINDINGS_TABLE, compare
from pipelines.release.compare.delta import Delta, write_deltas
from pipelines.release.compare.difference import Difference, row_difference
from pipelines.release.compare.version import CHANGE_CODES, Change, bump_of
from pipelines.release.digest import total_digest
from pipelines.release.failures import using
from pipelines.release.layout import CHANGES
from pipelines.release.log import Record, to_json
from pipelines.release.released import Edition, edition_in, read_release
from pipelines.release.shapes import ColumnShape
from pipelines.release.store import Place, store_at

_MOST_EXAMPLES = 5
_LONGEST_EXAMPLE = 200  # characters: what is longer stands whole in cells.parquet
_COLUMN_FACTS = {
    "TYPE_NARROWED": "type",
    "TYPE_WIDENED": "type",
    "UNIT_CHANGED": "unit",
    "VALUE_ALLOWED": "values",
    "VALUE_DISALLOWED": "values",
    "DESCRIPTION_CHANGED": "description",
}


def counts_of(changes: Sequence[Change]) -> dict[str, int]:
    """Rows, cells or columns by code."""
    counts: Counter[str] = Counter()
    for change in changes:
        counts[change.code] += change.count
    return dict(sorted(counts.items()))


def write_changes(old: Edition, new: Edition, changes: Sequence[Change], told: Record, folder: Path) -> None:
    """Writes `changes/` into the folder of a release; `told` goes first into the record."""
    target = (folder / CHANGES).parent
    target.mkdir()
    with TemporaryDirectory(dir=folder.parent) as scratch, row_difference(old, new, changes, Path(scratch)) as found:
        found.write(target)
        deltas = dict(write_deltas(found.database, old, new, folder))
        record = told | _record(old, new, changes, found, deltas)
    (target / "changes.json").write_bytes(to_json(record))
    (target / "changes.md").write_bytes("\n".join([*changes_page(record), ""]).encode())


def changes_between(old: Edition, new: Edition, changes: Sequence[Change], told: Record) -> Record:
    """The same record for two editions that need not follow each other; without deltas."""
    with TemporaryDirectory() as scratch, row_difference(old, new, changes, Path(scratch)) as found:
        return told | _record(old, new, changes, found, {})


def _record(
    old: Edition, new: Edition, changes: Sequence[Change], found: Difference, deltas: Mapping[str, Delta]
) -> Record:
    ordered = sorted(changes, key=lambda change: -change.bump)  # stable: within a bump, tables in order
    changed = [name for name in new.shapes if name in deltas or old.digests.get(name) != new.digests[name]]
    return {
        "content_sha256_from": total_digest(old.digests),
        "content_sha256": total_digest(new.digests),
        "computed": bump_of(changes).name.lower(),
        "counts": counts_of(changes),
        "reasons": [_reason(change, old, new, found) for change in ordered],
        "tables": [_table(name, old, new, found, deltas.get(name)) for name in changed],
        "findings": _changed_findings(old, new),
    }


def _reason(change: Change, old: Edition, new: Edition, found: Difference) -> Record:
    told = {"bump": change.bump.name.lower(), **asdict(change), "meaning": CHANGE_CODES[change.code][1]}
    fact = _COLUMN_FACTS.get(change.code)
    if fact and change.column:
        sides = {side: _column(edition, change) for side, edition in (("old", old), ("new", new))}
        told |= {side: getattr(column, fact) for side, column in sides.items()}
    return told | {"examples": [_clipped(example) for example in found.examples(change, _MOST_EXAMPLES)]}


def _column(edition: Edition, change: Change) -> ColumnShape:
    return next(column for column in edition.shapes[change.table].columns if column.name == change.column)


def _clipped(example: Record) -> Record:
    return {
        name: shortened(value, _LONGEST_EXAMPLE) if isinstance(value, str) else value for name, value in example.items()
    }


def _table(name: str, old: Edition, new: Edition, found: Difference, delta: Delta | None) -> Record:
    return {
        "table": name,
        "rows_before": old.table(name).num_rows if name in old.shapes else 0,
        "rows_after": new.table(name).num_rows,
        **found.counts(name),
        "delta": asdict(delta) if delta else None,
    }


def _changed_findings(old: Edition, new: Edition) -> list[Record]:
    before, after = _findings_by_code(old), _findings_by_code(new)
    codes = sorted({*before, *after})
    return [
        {"finding_code": code, "before": before[code], "after": after[code]}
        for code in codes
        if before[code] != after[code]
    ]


def _findings_by_code(edition: Edition) -> Counter[str]:
    if FINDINGS_TABLE not in edition.shapes:
        return Counter()
    counted = edition.table(FINDINGS_TABLE)["finding_code"].value_counts()
    return Counter({entry["values"]: entry["counts"] for entry in counted.to_pylist()})


# --- A record of changes as a page: Markdown that reads well in a terminal, too


_LONGEST_CELL = 60  # characters
_OPS = ("add", "modify", "retire", "remove", "restore")


def changes_page(record: Record) -> list[str]:
    """The lines of the page: what has changed and why, rows by table, findings, and examples."""
    lines = [f"# Changes from {record['from']} to {record['to']}", ""]
    if not record["reasons"]:
        return [*lines, "Nothing has changed."]
    lines += [*_summary(record), "", "## What changed and why", "", *_reasons(record["reasons"])]
    if record["tables"]:
        lines += ["", "## Rows", "", *_tables(record["tables"])]
    if record["findings"]:
        lines += ["", "## Findings", "", *_findings(record["findings"])]
    for reason in record["reasons"]:
        lines += _examples(reason)
    return lines


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters, with a mark where some are left out."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _summary(record: Record) -> Iterator[str]:
    yield f"These changes make a **{record['computed']}** release."
    if record.get("raised"):
        yield f"A person raised that to **{record['raised']}**."
    if record.get("accepted"):
        yield f"A large change was accepted: {_words(record['accepted'])}"


def _reasons(reasons: Sequence[Record]) -> Iterator[str]:
    rows = [(r["bump"], r["code"], _where(r), f"{r['count']}", r["meaning"]) for r in reasons]
    return _grid(("bump", "code", "where", "count", "meaning"), rows)


def _where(reason: Record) -> str:
    """The table or column that a change is about."""
    return f"{reason['table']}.{reason['column']}" if reason["column"] else reason["table"]


def _tables(tables: Sequence[Record]) -> Iterator[str]:
    heads = ("table", "before", "after", *_OPS)
    return _grid(
        heads, [(t["table"], *(_number(t[name]) for name in ("rows_before", "rows_after", *_OPS))) for t in tables]
    )


def _number(count: int | None) -> str:
    return "-" if count is None else f"{count}"


def _findings(findings: Sequence[Record]) -> Iterator[str]:
    return _grid(
        ("finding", "before", "after"), [(f["finding_code"], f"{f['before']}", f"{f['after']}") for f in findings]
    )


def _examples(reason: Record) -> Iterator[str]:
    """Of one change; nothing where there are none."""
    examples = reason["examples"]
    if "old" in reason:
        yield from ("", f"### {reason['code']} {_where(reason)}", "")
        yield from _grid(("old", "new"), [(_words(reason["old"]), _words(reason["new"]))])
    if not examples:
        return
    yield from ("", f"### {reason['code']} {_where(reason)}", "")
    if "op" in examples[0]:
        yield from _grid(("op", "key"), [(example["op"], _words(example["key"])) for example in examples])
    else:
        rows = [(f"{e['count']}", _words(e["old"]), _words(e["new"]), _words(e["key"])) for e in examples]
        yield from _grid(("cells", "old", "new", "first at"), rows)


def _words(value: object) -> str:
    """A value in a cell: nothing in it can break the page or speak to a terminal."""
    if value is None:
        return "null"
    text = shortened(str(value), _LONGEST_CELL)
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text).replace("|", "\\|")
    if not shown.strip():
        return f'"{shown}"'
    return f"`{shown}`" if "`" not in shown else f"`` {shown} ``"


def _grid(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table of Markdown with columns of even width."""
    widths = [max(3, *(len(row[place]) for row in [heads, *rows])) for place in range(len(heads))]
    for row in (heads, ["-" * width for width in widths], *rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield f"| {' | '.join(cells)} |"


# --- The difference of any two released versions, whichever came first


def difference_of(outputs: Place, older: str, newer: str) -> Record:
    """The record of `changes`, from `older` to `newer`; raises as `read_release` does for each of the two."""
    old, new = _edition(outputs, older), _edition(outputs, newer)
    with using(outputs):
        return changes_between(old, new, compare(old, new), {"from": older, "to": newer})


def _edition(outputs: Place, version: str) -> Edition:
    read_release(outputs, version)
    store = store_at(outputs)
    with using(outputs):
        return edition_in(store, log.releases(log.read_log(store))[version])
