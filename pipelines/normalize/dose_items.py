"""The items of a list of doses: which words belong together, and under which label they stand.

    list  = entry { newline entry }
    entry = [ bullet ] item { ( ";" | "," | "." ) item }      Inhaler: 100 mcg/dose; Syrup: 2 mg/5 mL
    item  = [ label ":" ] dose                                Liquid: 5 mg/5 mL
          | label [ ":" ] newline { dose newline }            a form alone speaks for the lines below it

A line continues the entry above it where it is indented more and has no label of its own, or where the line above ends
in the middle of an amount (`30 mg in` / `1-ml ampoule`). How an entry is parted into items: see dose_parts. A label
whose words hold no number speaks for the lines below it (`Tablet: schedule II`). A line that begins with a foot-note
mark while the list has other bullets, or none, is a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.normalize.dose_form import find_dose_form
from pipelines.normalize.dose_parts import has_label, has_number, label_and_dose, parts_of
from pipelines.normalize.strengths import expects_more, tokens_of
from pipelines.records import Passage

_LINE = re.compile(
    r"""(?P<indent> [^\S\r\n]* )
        (?P<mark> (?: [-•·▪◦●–—+] | [*†‡§]{1,3} | > ) [^\S\r\n]* | \(?\d{1,2}[.)] [^\S\r\n]+ )?
        (?P<words> [^\r\n]* )""",
    re.VERBOSE,
)
_NOTE_MARKS = "*†‡§>"
_TAIL = 30  # characters that hold the last word of a line


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
    spoken: Item | None = None  # a label without a number, which speaks for what follows
    is_silent = False  # nothing has followed it yet
    for place, is_note in _places(body):
        label, dose = label_and_dose(place)
        speaks = spoken if spoken and label is None and _speaks_for(spoken, dose) else None
        if spoken and is_silent and speaks is None:
            yield spoken
        is_silent = label is not None and not has_number(dose)
        if is_silent:
            spoken = Item(label, dose)
            continue
        spoken = speaks
        yield Item(speaks.label if speaks else label, dose, is_note)
    if spoken and is_silent:
        yield spoken


def _speaks_for(spoken: Item, dose: Passage) -> bool:
    """Not for a line that begins with a form; a label with words (`Tablet: schedule II`) for none that names one."""
    form = find_dose_form(dose)
    return form is None or (not spoken.dose and form.place.start > dose.start)


def _places(body: Passage) -> Iterator[tuple[Passage, bool]]:
    """The parts of every entry, and whether they are a note."""
    first: str | None = None
    for entry in _entries(body):
        first = entry.mark if first is None else first
        is_note = entry.mark != "" and entry.mark in _NOTE_MARKS and entry.mark != first
        for place in parts_of(body.part(entry.start, entry.end).strip()):
            yield place, is_note


def _entries(body: Passage) -> Iterator[_Entry]:
    lines = [line for line in _LINE.finditer(body.text) if line["words"].strip()]
    begun: _Entry | None = None
    for line in lines:
        indent, mark = len(line["indent"]), (line["mark"] or "").strip()[:1]
        if begun is not None and not mark and _continues(begun, indent, line["words"], body.text):
            begun = _Entry(begun.start, line.end(), begun.indent, begun.mark)
            continue
        if begun is not None:
            yield begun
        elif not mark:
            indent = _left_edge(lines)
        begun = _Entry(line.start("words"), line.end(), indent, mark)
    if begun is not None:
        yield begun


def _continues(entry: _Entry, indent: int, words: str, text: str) -> bool:
    is_deeper = indent > entry.indent and not has_label(words)
    tail = text[max(entry.start, entry.end - _TAIL) : entry.end]
    is_torn = tail.rstrip().rstrip(".")[-1:].isdigit() and words.lstrip(".")[:1].isdigit()
    return is_deeper or is_torn or expects_more(*tokens_of(tail))


def _left_edge(lines: list[re.Match[str]]) -> int:
    """Where the lines begin; the first one has lost its indent with the heading."""
    return min((len(line["indent"]) for line in lines[1:] if not line["mark"]), default=0)
