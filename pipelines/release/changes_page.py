"""A record of changes as a page: Markdown that reads well in a terminal, too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipelines.release.log import Record

_LONGEST_CELL = 60  # characters
_OPS = ("add", "modify", "retire", "remove", "restore")


def page_of(record: Record) -> list[str]:
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


def clipped(text: str, most: int) -> str:
    """A text of at most so many characters, with a mark where some are left out."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _summary(record: Record) -> Iterator[str]:
    yield f"These changes make a **{record['computed']}** release."
    if record.get("raised"):
        yield f"A person raised that to **{record['raised']}**."
    if record.get("accepted"):
        yield f"A large change was accepted: {_words(record['accepted'])}"


def _reasons(reasons: Sequence[Record]) -> Iterator[str]:
    rows = [(r["bump"], r["code"], place_of(r), f"{r['count']}", r["meaning"]) for r in reasons]
    return _grid(("bump", "code", "where", "count", "meaning"), rows)


def place_of(reason: Record) -> str:
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
        yield from ("", f"### {reason['code']} {place_of(reason)}", "")
        yield from _grid(("old", "new"), [(_words(reason["old"]), _words(reason["new"]))])
    if not examples:
        return
    yield from ("", f"### {reason['code']} {place_of(reason)}", "")
    if "op" in examples[0]:
        yield from _grid(("op", "key"), [(example["op"], _words(example["key"])) for example in examples])
    else:
        rows = [(f"{e['count']}", _words(e["old"]), _words(e["new"]), _words(e["key"])) for e in examples]
        yield from _grid(("cells", "old", "new", "first at"), rows)


def _words(value: object) -> str:
    """A value in a cell: nothing in it can break the page or speak to a terminal."""
    if value is None:
        return "null"
    text = clipped(str(value), _LONGEST_CELL)
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
