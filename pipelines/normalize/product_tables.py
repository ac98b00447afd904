"""Tables that list products: their columns by the words of the row that heads them.

    table   = header row { row }          a header names a column of strengths, and has no amount
    row     = cell { ( tab | "|" | the page's own border ) cell }

What a column holds is told by the words in its heading (`table_columns.csv`): `strength`, `form`, `route`, and
`strength per amount`, beside which a column of what the whole container holds says nothing new. A heading may name two
things (`Dosage Form / Strength`). All other columns are passed over: packages, looks, excipients.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from pipelines.lexer import BREAK, NUMBER, WORD, Span, Tokens
from pipelines.lexicon import Vocabulary, vocabulary
from pipelines.normalize.product_marks import marks_of
from pipelines.normalize.quantities import Unit, unit_at
from pipelines.normalize.routes import all_routes
from pipelines.normalize.strengths import states_amount
from pipelines.records import Block, Passage, Section
from schemas.codes import Row

_STRENGTHS = frozenset({"strength", "strength per amount"})
_MOST_WORDS_OF_A_COLUMN = 12  # tokens of what heads one

Cells = dict[int, Span]  # by the number of the column


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A row below the header: the tokens of what it says; None for what it does not say."""

    strengths: tuple[Span, ...]
    form: Span | None = None
    route: Span | None = None


@dataclass(frozen=True, slots=True)
class ProductTable:
    """A table from token `first` up to `after`. `heads` are what stands above the columns of strengths.

    It `is_sure` to list products wherever it stands if it names routes, or forms and strengths in one column.
    """

    first: int
    after: int
    heads: tuple[Span, ...]
    rows: tuple[ProductRow, ...]
    is_sure: bool


def product_tables(tokens: Tokens, blocks: Sequence[Block], first: int, after: int) -> Iterator[ProductTable]:
    """The tables of products between two tokens, in order."""
    if not _words().starts(tokens, first, after):
        return  # nothing heads one
    for rows in _tables(tokens, blocks, first, after):
        for number, cells in enumerate(rows):
            columns = _columns(tokens, cells)
            if columns is None:
                continue
            below = rows[number + 1 :]
            read = tuple(row for each in below if (row := _row(tokens, each, columns)).strengths)
            if read:
                begin, end = min(cells.values())[0], max(below[-1].values())[1]
                heads = tuple(cells[at] for at in _strength_columns(columns))
                is_sure = any("route" in told or len(told) > 1 for told in columns.values())
                yield ProductTable(begin, end, heads, read, is_sure=is_sure)
            break


def flat_table(tokens: Tokens, sections: Sequence[Section]) -> ProductTable | None:
    """A table whose cells stand each on a line of its own: its columns are headings without a body.

    Route of administration ⏎ Dosage form / strength ⏎ Non-medicinal ingredients ⏎ Oral ⏎ Tablets, 5 mg ⏎ lactose
    """
    columns: set[str] = set()
    for section in sections:
        heading = tokens.span(section.heading) if section.heading else (0, 0)
        told = {row["role"] for _, _, row in _words().find(tokens, *heading)}
        if section.body and "route" in columns and _STRENGTHS & columns:
            return _flat(tokens, *tokens.span(section.body))
        columns = columns | told if told and not section.body else set()
    return None


def _flat(tokens: Tokens, first: int, after: int) -> ProductTable | None:
    """The rows of a flat table: lines that are a route, and lines that name a form and its strengths.

    The strengths may stand alone on the line below their form.
    """
    rows: list[ProductRow] = []
    route: Span | None = None
    form: Span | None = None
    for start, end in _lines(tokens, first, after):
        marks = [mark for mark in marks_of(tokens, start, end) if mark.kind not in ("gap", "number")]
        kinds = {mark.kind for mark in marks}
        told = {at for mark in marks for at in range(mark.first, mark.after)}
        is_whole = all(at in told or tokens.kinds[at] != WORD for at in range(start, end))
        if NUMBER not in tokens.kinds[start:end]:
            route = (start, end) if all_routes(tokens, start, end) else route
        elif kinds == {"form", "amount"}:
            row = ProductRow(((start, end),), None, route)
            rows.append(_parted(tokens, row))
        elif kinds == {"amount"} and is_whole and form is not None:
            rows.append(ProductRow(((start, end),), form, route))
        form = (start, end) if kinds == {"form"} and is_whole else None
    return ProductTable(first, after, (), tuple(rows), is_sure=True) if rows else None


def _parted(tokens: Tokens, row: ProductRow) -> ProductRow:
    """A row whose cell is a form, a stroke and its strengths, in two: `Tablets / 5 mg`."""
    first, after = row.strengths[0]
    stroke = next((at for at in range(first, after) if _divides(tokens, at, after)), None)
    return row if stroke is None else ProductRow(((stroke + 1, after),), (first, stroke), row.route)


def first_cells(tokens: Tokens, first: int, after: int) -> Tokens:
    """The tokens between two, without the cells behind the first of each line: those of a purpose or of a pack."""
    kept: list[int] = []
    for start, end in _lines(tokens, first, after):
        cells = _cells_of_line(tokens, start, end)
        begin, stop = cells[min(cells)] if cells else (start, end)
        leaders = (at for at in range(begin, stop - 1) if tokens.keys[at] == tokens.keys[at + 1] == ".")
        end_of_first = next(leaders, stop)  # 5 mg ..... Antihistamine
        kept += range(begin, stop if NUMBER in tokens.kinds[end_of_first:stop] else end_of_first)
        kept += [end] if end < after else []
    return _only(tokens, kept)


def tokens_of(tokens: Tokens, span: Span, unit: Span | None = None) -> Tokens:
    """The tokens of a cell, without what stands beside it, and behind them those of the unit of its column."""
    return _only(tokens, [*range(*span), *range(*(unit or (0, 0)))])


def unit_of_column(tokens: Tokens, heads: Sequence[Span]) -> Span | None:
    """The unit that the heading of the only column of strengths states in brackets: `Strength (mcg)`."""
    if len(heads) != 1:
        return None
    first, after = heads[0]
    is_bracket = tokens.keys[after - 1] in ")]"
    for at in range(first, after - 2):
        found = unit_at(tokens, at + 1, after - 1) if is_bracket and tokens.keys[at] in "([" else None
        if found is not None and isinstance(found[0], Unit) and found[1] == after - 1:
            return at + 1, after - 1
    return None


def _only(tokens: Tokens, kept: Sequence[int]) -> Tokens:
    return Tokens(
        tokens.text,
        [tokens.starts[at] for at in kept],
        [tokens.ends[at] for at in kept],
        bytearray(tokens.kinds[at] for at in kept),
        [tokens.keys[at] for at in kept],
    )


# --- columns ---------------------------------------------------------------------------------------------------------


def _columns(tokens: Tokens, cells: Cells) -> dict[int, frozenset[str]] | None:
    """What each column of a header holds; None if the row heads no table of products."""
    if len(cells) < 2 or any(after - first > _MOST_WORDS_OF_A_COLUMN for first, after in cells.values()):  # noqa: PLR2004
        return None
    if any(NUMBER in tokens.kinds[first:after] for first, after in cells.values()):
        return None
    roles = {
        number: frozenset(row["role"] for _, _, row in _words().find(tokens, *span)) for number, span in cells.items()
    }
    return roles if any(_STRENGTHS & told for told in roles.values()) else None


def _strength_columns(columns: dict[int, frozenset[str]]) -> list[int]:
    exact = [number for number, told in columns.items() if "strength per amount" in told]
    return exact or [number for number, told in columns.items() if "strength" in told]


def _row(tokens: Tokens, cells: Cells, columns: dict[int, frozenset[str]]) -> ProductRow:
    asked = _strength_columns(columns)
    told = {
        role: cells[number] for number in columns if number in cells for role in columns[number] if number not in asked
    }
    strengths = tuple(cells[at] for at in asked if at in cells)
    if asked == [max(columns)] and max(cells) > max(columns):  # the last heading spans the cells below it
        strengths = tuple(cell for cell in cells.values() if states_amount(tokens, *cell))
    row = ProductRow(strengths, told.get("form"), told.get("route"))
    return _parted(tokens, row) if len(row.strengths) == 1 and "form" in columns[asked[0]] else row


def _divides(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a stroke stands between a form and its strengths: `Tablets / 5 mg`."""
    is_before_number = at + 1 < after and tokens.kinds[at + 1] == NUMBER
    return tokens.keys[at] == "/" and is_before_number and tokens.kinds[at - 1] == WORD


@cache
def _words() -> Vocabulary[Row]:
    return vocabulary("table_columns")


# --- rows ------------------------------------------------------------------------------------------------------------


def _tables(tokens: Tokens, blocks: Sequence[Block], first: int, after: int) -> Iterator[list[Cells]]:
    """Rows that stand below each other: those that the page sets as a table, else lines with cells."""
    printed = tokens.passage(first, after)
    start, end = (bisect_left(blocks, place, key=lambda block: block.start) for place in (printed.start, printed.end))
    inside = [block for block in blocks[start:end] if block.end <= printed.end]
    if any(block.kind == "row" for block in inside):
        yield from _tables_of_blocks(tokens, inside)
        return
    rows: list[Cells] = []
    for start, end in _lines(tokens, first, after):
        cells = _cells_of_line(tokens, start, end)
        if cells:
            rows += [cells] if any(kind in (WORD, NUMBER) for kind in tokens.kinds[start:end]) else []
        elif rows:
            yield rows
            rows = []
    if rows:
        yield rows


def _tables_of_blocks(tokens: Tokens, blocks: Sequence[Block]) -> Iterator[list[Cells]]:
    rows: list[Cells] = []
    for block in blocks:
        if block.kind == "cell" and rows:
            rows[-1][block.level] = _span(tokens, block)
        elif block.kind == "row":
            if block.level and len(rows) > 1:  # a header begins another table
                yield [row for row in rows if row]
                rows = []
            rows.append({})
        elif rows and block.kind != "furniture":
            yield [row for row in rows if row]
            rows = []
    if rows:
        yield [row for row in rows if row]


def _span(tokens: Tokens, block: Block) -> Span:
    return tokens.span(Passage(tokens.text.printed[block.start : block.end], block.start))


def _lines(tokens: Tokens, first: int, after: int) -> Iterator[Span]:
    begun = first
    for at in range(first, after):
        if tokens.kinds[at] == BREAK:
            if at > begun:
                yield begun, at
            begun = at + 1
    if begun < after:
        yield begun, after


def _cells_of_line(tokens: Tokens, first: int, after: int) -> Cells:
    """The cells of a line by the number of their column, from 1; none if nothing divides the line.

    Tabs and pipes divide it; a cell that is left empty counts.
    """
    cells: Cells = {}
    words = tokens.plain(first, after)
    if "\t" not in words and "|" not in words:
        return cells
    column, begun = 1, first
    is_piped = False
    for at in range(first, after):
        if tokens.keys[at] == "|":
            if begun < at:
                cells[column] = begun, at
            column, begun, is_piped = column + (at > first), at + 1, True
            continue
        tabs = tokens.text.plain.text[tokens.ends[at - 1] : tokens.starts[at]].count("\t") if at > first else 0
        if tabs and not is_piped:
            cells[column] = begun, at
            column, begun = column + tabs, at
    if begun < after:
        cells[column] = begun, after
    return cells if len(cells) > 1 else {}
