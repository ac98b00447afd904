"""What Dagster shows of each asset, so that its page answers what a reader of the data asks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.release import Published
from pipelines.release.compare.changes_page import changes_told
from pipelines.release.describe.quality import agreement_of
from pipelines.release.layout import CHANGES
from pipelines.release.store import store_at
from pipelines.tables.validate import MOST_SHOWN
from schemas.tables import CODE_LISTS, TABLES
from schemas.tables.base import TableModel, arrow_schema, columns, describe, key_columns

if TYPE_CHECKING:
    from pipelines.site import Built

OWNERS = ["team:drug-monographs"]
_PREVIEW_ROWS = 10
_PREVIEW_WIDTH = 60  # characters of a cell: a whole section would hide the table


def table_page(name: str, table: TableModel) -> dg.AssetSpec:
    """The page of a published table: what a row is, and what each column means."""
    is_list = table in CODE_LISTS
    return dg.AssetSpec(
        name,
        description=describe(table),
        group_name="code_lists" if is_list else "tables",
        kinds={"table", "csv" if is_list else "pandera"},
        owners=OWNERS,
        tags={"published": "true"},
        metadata={"dagster/column_schema": _column_schema(table)},
    )


def _column_schema(table: TableModel) -> dg.TableSchema:
    keys, types = key_columns(table), arrow_schema(table)
    listed = [
        dg.TableColumn(
            name,
            str(types.field(name).type),
            described.description,
            constraints=dg.TableColumnConstraints(
                nullable=described.nullable, unique=keys == [name], other=_rules(described.metadata)
            ),
            tags={"key": ""} if name in keys else None,
        )
        for name, described in columns(table).items()
    ]
    return dg.TableSchema(columns=listed)


def _rules(said: dict[str, Any]) -> list[str]:
    """What else the model says of a column, in words."""
    refers = [f"refers to {said['references']}"] if said["references"] else []
    return refers + ([f"one of {', '.join(said['values'])}"] if said["values"] else [])


def table_facts(name: str, table: pa.Table, outputs: str, address: str) -> dict[str, Any]:
    """What a run made of a table: its rows, a look at the first, its page, and numbers that plot over time."""
    from pipelines.site import places  # noqa: PLC0415  (its templates are slow to load)

    shown: dict[str, Any] = {"dagster/row_count": table.num_rows, "preview": dg.MetadataValue.md(_preview(table))}
    shown |= _page_in_catalogue(outputs, address, places.table(name))
    if name == "findings":
        shown |= _counts(table, "severity") | _counts(table, "finding_code")
    return shown


def _preview(table: pa.Table) -> str:
    """The first rows as a Markdown table."""
    rows = [[_cell(value) for value in row.values()] for row in table.slice(0, _PREVIEW_ROWS).to_pylist()]
    lines = [table.column_names, ["---"] * table.num_columns, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    """A cell in one line that cannot end its column; null is an empty cell."""
    words = "" if value is None else " ".join(str(value).split())
    short = words if len(words) <= _PREVIEW_WIDTH else f"{words[:_PREVIEW_WIDTH]} …"
    return short.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "\\`")


def _counts(table: pa.Table, column: str) -> dict[str, int]:
    return {str(found["values"]): found["counts"] for found in pc.value_counts(table[column]).to_pylist()}


def problem_facts(problems: Sequence[object]) -> dict[str, Any]:
    """What a check found: how many, and the first of them as sentences."""
    facts: dict[str, Any] = {"problems": len(problems)}
    if problems:
        facts["the first"] = str(problems[0])  # in sight at once; the rows want a click
        facts["rows"] = rows_of_rule(problems)
    return facts


def rows_of_rule(problems: Sequence[object]) -> dg.MarkdownMetadataValue:
    """The first rows that break a rule, as a list of sentences."""
    return dg.MetadataValue.md("\n".join(f"- {problem}" for problem in problems[:MOST_SHOWN]))


def release_facts(published: Published, tables: Mapping[str, pa.Table], outputs: str, address: str) -> dict[str, Any]:
    """Which version stands, where it is, and what it changed."""
    from pipelines.site.places import VERSIONS  # noqa: PLC0415  (its templates are slow to load)

    place = f"{VERSIONS}#{published.version}"
    return {
        "version": published.version,
        "is_new": published.is_new,
        "folder": dg.MetadataValue.path(published.where),
        **_page_in_catalogue(outputs, address, place),
        "changes": rows_of_rule(_changes(published, outputs)),
        "left out": _left_out(tables["findings"]),
        "rows": sum(tables[name].num_rows for name, model in TABLES.items() if model not in CODE_LISTS),
        **_agreement(tables),
    }


def _changes(published: Published, outputs: str) -> list[str]:
    """What the release changed, a line for each document; none for the first one, or if nothing has changed."""
    if not published.is_new:
        return ["none: the content is that of this version already"]
    told = store_at(outputs).read(f"releases/{published.version}/{CHANGES}")
    return list(changes_told(json.loads(told))) if told else ["this is the first release"]


def _agreement(tables: Mapping[str, pa.Table]) -> dict[str, float]:
    """The share of what labels list as data that was read from their words, by kind; it plots over time."""
    found = agreement_of(tables["listed_products"], tables["findings"])
    return {f"agreement on {kind['kind']}": kind["share"] for kind in found if kind["share"] is not None}


def _left_out(findings: pa.Table) -> dg.MarkdownMetadataValue:
    """The seeds that a release is made without, and why."""
    errors = findings.filter(pc.equal(findings["severity"], "error")).select(["seed_id", "message"]).to_pylist()
    return rows_of_rule([f"{error['seed_id']}: {error['message']}" for error in errors] or ["no seed"])


def catalogue_facts(built: Built, home: dg.MetadataValue[Any], seconds: float) -> dict[str, Any]:
    """Where the catalogue begins and what was done to it; if nothing has changed since, nobody has counted it."""
    shown: dict[str, Any] = {"first page": home, "files written": built.written}
    if built.files is not None:
        unchanged = built.files - built.written
        shown |= {"files unchanged": unchanged, "files removed": built.removed, "bytes": built.size}
    return shown | {"seconds": round(seconds, 2)}


def _page_in_catalogue(outputs: str, address: str, place: str) -> dict[str, Any]:
    """Nothing if the outputs are in object storage, in which no pages are made."""
    return {} if "://" in outputs else {"page in the catalogue": page_of(outputs, address, place)}


def page_of(outputs: str, address: str, place: str) -> dg.MetadataValue[Any]:
    """A link to a page if the outputs have an address; else its file, as a browser opens none from a page."""
    if address:
        return dg.MetadataValue.url(f"{address.rstrip('/')}/{place}")
    return dg.MetadataValue.path(str(Path(outputs) / place.partition("#")[0]))
