"""The items of a list of doses: which words belong together, and under which label they stand.

    list  = entry { newline entry }
    entry = [ bullet ] item { ( ";" | "," | "." ) item }      Inhaler: 100 mcg/dose; Syrup: 2 mg/5 mL
    item  = [ label ":" ] dose                                Liquid: 5 mg/5 mL
          | label [ ":" ] newline { dose newline }            a form alone speaks for the lines below it

A line continues the entry above it where it is indented more, or where the line above ends in the middle of an amount
(`30 mg in` / `1-ml ampoule`). An entry is parted where another form begins: before it, where forms stand before their
strengths, or after it, where they stand behind (`5 mg tablets, 10 mg capsules`). A line that begins with a foot-note
mark while the list has other bullets, or none, is a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pipelines.normalize.dose_form import find_dose_form, read_dose_forms
from pipelines.normalize.strength import expects_more, states_amount
from pipelines.records import DoseForm, Passage

_LINE = re.compile(
    r"""(?P<indent> [^\S\r\n]* )
        (?P<mark> (?: [-•·▪◦●–—+] | [*†‡§]{1,3} | > ) [^\S\r\n]* | \(?\d{1,2}[.)] [^\S\r\n]+ )?
        (?P<words> [^\r\n]* )""",
    re.VERBOSE,
)
_LABEL = re.compile(r"[^:;]{1,120}?(?=\s*:(?!\d))")
_NOTE_MARKS = "*†‡§>"
_TAIL = 30  # characters that hold the last word of a line
_CUT = re.compile(r"[;,](?!\d)|\.(?=\s+[A-Z])|[()]")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list: the label that names its form, where there is one, and the words of the dose."""

    label: Passage | None
    dose: Passage
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    """Lines that belong together, from `start` to `end`, and the first character of their bullet."""

    start: int
    end: int
    indent: int
    mark: str


def items(body: Passage) -> Iterator[Item]:
    """The items of a list, in order; together they hold every word of it."""
    speaking: Passage | None = None
    is_silent = False  # a label alone that nothing has followed yet
    for place, is_note in _places(body):
        label, dose = _parted(place)
        if label is not None and is_silent and speaking is not None:
            yield Item(speaking, Passage("", speaking.end))
        if label is not None:
            speaking, is_silent = (None, False) if dose else (label, True)
        if dose:
            yield Item(label or speaking, dose, is_note)
            is_silent = False
    if speaking is not None and is_silent:
        yield Item(speaking, Passage("", speaking.end))


def _places(body: Passage) -> Iterator[tuple[Passage, bool]]:
    """The parts of every entry, and whether they are a note."""
    first: str | None = None
    for entry in _entries(body):
        first = entry.mark if first is None else first
        is_note = entry.mark != "" and entry.mark in _NOTE_MARKS and entry.mark != first
        for place in _parts(body.part(entry.start, entry.end).strip()):
            yield place, is_note


def _entries(body: Passage) -> Iterator[_Entry]:
    lines = [line for line in _LINE.finditer(body.text) if line["words"].strip()]
    begun: _Entry | None = None
    for line in lines:
        indent, mark = len(line["indent"]), (line["mark"] or "").strip()[:1]
        if begun is not None and not mark and _continues(begun, indent, body.text):
            begun = _Entry(begun.start, line.end(), begun.indent, begun.mark)
            continue
        if begun is not None:
            yield begun
        elif not mark:
            indent = _left_edge(lines)
        begun = _Entry(line.start("words"), line.end(), indent, mark)
    if begun is not None:
        yield begun


def _continues(entry: _Entry, indent: int, text: str) -> bool:
    return indent > entry.indent or expects_more(text[max(entry.start, entry.end - _TAIL) : entry.end])


def _left_edge(lines: list[re.Match[str]]) -> int:
    """Where the lines begin; the first one has lost its indent with the heading."""
    return min((len(line["indent"]) for line in lines[1:] if not line["mark"]), default=0)


def _parted(item: Passage) -> tuple[Passage | None, Passage]:
    """The label and the dose of an item. A form alone is a label too."""
    found = _LABEL.match(item.text)
    if found is not None and not states_amount(found[0]):
        colon = item.text.index(":", found.end())
        return item.part(0, found.end()).strip(), item.part(colon + 1, len(item.text)).strip()
    if not _DIGIT.search(item.text) and _is_form(item):
        return item, Passage("", item.end)
    return None, item


def _is_form(words: Passage) -> bool:
    forms, findings = read_dose_forms(words)
    return bool(forms) and not findings


# --- several forms in one entry --------------------------------------------------------------------------------------


def _parts(entry: Passage) -> list[Passage]:
    """An entry parted where another form begins or ends."""
    pieces = _pieces(entry)
    if len(pieces) == 1:
        return pieces
    first_label, _ = _parted(pieces[0])
    if first_label is not None:
        begins = [number for number, piece in enumerate(pieces) if number and _begins_item(piece)]
    else:
        begins = _begins_of_forms(pieces)
    edges = [0, *begins, len(pieces)]
    return [entry.part(pieces[a].start - entry.start, pieces[b - 1].end - entry.start) for a, b in pairwise(edges)]


def _pieces(entry: Passage) -> list[Passage]:
    """The words between marks that stand in no bracket."""
    pieces: list[Passage] = []
    depth = begun = 0
    for mark in _CUT.finditer(entry.text):
        depth = max(0, depth + {"(": 1, ")": -1}.get(mark[0], 0))
        if depth == 0 and mark[0] not in "()":
            pieces.append(entry.part(begun, mark.start()).strip())
            begun = mark.end()
    pieces.append(entry.part(begun, len(entry.text)).strip())
    return [piece for piece in pieces if piece]


def _begins_item(piece: Passage) -> bool:
    """`Syrup: 2 mg/5 mL`, `syrup 2 mg/5 mL`: a label of its own, or a form that comes first."""
    found = _LABEL.match(piece.text)
    if found is not None and not states_amount(found[0]):
        return find_dose_form(piece.part(0, found.end())) is not None
    form = find_dose_form(piece)
    return form is not None and form.place.start == piece.start and _DIGIT.search(piece.text) is not None


def _begins_of_forms(pieces: list[Passage]) -> list[int]:
    """Where items begin that name their forms without a label; none where there is one form in all."""
    forms = [find_dose_form(piece) if _DIGIT.search(piece.text) else None for piece in pieces]
    named = [number for number, form in enumerate(forms) if form is not None]
    if len({_code(forms[number]) for number in named}) < 2:  # noqa: PLR2004
        return []
    if _comes_first(pieces[named[0]], forms[named[0]]):
        return [number for number in named if number]
    return [number + 1 for number in named[:-1]]


def _code(form: DoseForm | None) -> str | None:
    return form.code if form is not None else None


def _comes_first(piece: Passage, form: DoseForm | None) -> bool:
    digit = _DIGIT.search(piece.text)
    return form is not None and digit is not None and form.place.start - piece.start < digit.start()
