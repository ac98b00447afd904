"""A record of changes as text: a few lines for a person, and the whole as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipelines.release.compare.matching import OPS
from pipelines.release.log import Record

_LONGEST_CELL = 60  # characters


_MOST_DOCUMENTS = 50  # on the page; changes.json has more
# Told by other lines, or accounts of the others.
_TOLD_ELSEWHERE = {"seeds", "retired", "findings", "monograph_history"}
_OF_ROWS = {
    "ROWS_ADDED", "ROWS_RETIRED", "ROWS_REMOVED", "ROWS_MOVED", "CODE_REMOVED", "MONOGRAPH_LOST", "VALUES_CHANGED",
    "RULE_CHANGED_COLUMN", "SEEDS_EDITED", "FINDINGS_CHANGED",
}  # fmt: skip


def changes_told(record: Record) -> Iterator[str]:
    """What changed in a few lines: one for each document, and one for each thing that is of no document."""
    if not record["reasons"]:
        yield f"{record['from']} → {record['to']}: Nothing has changed."
        return
    yield f"{record['from']} → {record['to']} ({record['computed']}): {_sizes(record)}."
    yield from (_document(document) for document in record["documents"][:_MOST_DOCUMENTS])
    more = record["changed"]["monographs"] - _MOST_DOCUMENTS
    if more > 0:
        yield f"and {more} more; all rows are in changes/rows.parquet"
    for reason in record["reasons"]:
        if reason["code"] not in _OF_ROWS:
            yield f"{reason['code']} {_where(reason)}: {reason['meaning']}"
    for table in record["tables"]:
        if not table["is_of_monographs"] and table["table"] not in _TOLD_ELSEWHERE:
            ops = [f"{table[op]} {_DONE[op]}" for op in OPS if table[op]]
            yield f"{table['table']}: {', '.join(ops) or 'another table'}"


_DONE = {"add": "new", "modify": "changed", "move": "moved", "retire": "retired", "remove": "gone", "restore": "back"}


def _sizes(record: Record) -> str:
    changed, seeds = record["changed"]["monographs"], record["changed"]["seeds"]
    found = [f"{changed} {'monograph' if changed == 1 else 'monographs'} changed"]
    found += [f"{count} {'document' if count == 1 else 'documents'} {state}" for state, count in seeds.items()]
    moved = sum(table["move"] or 0 for table in record["tables"] if table["is_of_monographs"])
    return ", ".join(found) + (f"; {moved} {'row' if moved == 1 else 'rows'} only moved" if moved else "")


def _document(document: Record) -> str:
    """The monograph with what changed; and why, if its document was not just edited."""
    why = {"removed": " (document removed)", "rewritten": " (document rewritten)", "same": " (same document)"}
    return f"{document['monograph_id']}{why.get(document['seed'], '')}: {', '.join(document['changes'])}"


def changes_page(record: Record) -> list[str]:
    """The lines of the page: what has changed in each document, by code and by table, findings, and examples."""
    lines = [f"# Changes from {record['from']} to {record['to']}", ""]
    if not record["reasons"]:
        return [*lines, "Nothing has changed."]
    lines += [f"- {_plain(line)}" for line in changes_told(record)]
    lines += ["", *_summary(record), "", "## What changed and why", "", *_reasons(record["reasons"])]
    if record["tables"]:
        lines += ["", "## Rows", "", *_tables(record["tables"])]
    if record["findings"]:
        lines += ["", "## Findings", "", *_findings(record["findings"])]
    for reason in record["reasons"]:
        lines += _examples(reason)
    return lines


def _plain(text: str) -> str:
    """Words that Markdown takes as they are."""
    return re.sub(r"([\\`*_<>\[\]|])", r"\\\1", text)


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
    heads = ("table", "before", "after", *OPS)
    return _grid(
        heads, [(t["table"], *(_number(t[name]) for name in ("rows_before", "rows_after", *OPS))) for t in tables]
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
