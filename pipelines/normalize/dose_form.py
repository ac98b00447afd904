"""Dose forms, as the dosage-form field lists them, as a label names one, and as they stand among other words.

    field  = name { separator name }     Tablet, Injectable solution (Intrathecal)
    name   = item { "," item }           TABLET, FILM COATED, EXTENDED RELEASE     Capsule, hard     Eye drops, solution

A comma stands inside a name and between names. Of the readings, the longest name that stands in a table is taken
first; then an item that is no form by itself (`hard`) belongs to the form before it, and any other item is a new form.
What the words of a name mean together: see dose_form_words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

from pipelines.normalize.dose_form_words import (
    UNKNOWN,
    UNMAPPED,
    FormPiece,
    NameReading,
    basis_of,
    kind,
    listed,
    pieces_of,
    read_name,
    words_of,
)
from pipelines.records import DoseForm, Finding, Passage

_MOST_ITEMS = 8  # no name of the tables has more commas; a longer list is read in parts, so that time stays linear


@dataclass(slots=True)
class _Item:
    """The pieces between two separators, and the separator before them; None at the beginning."""

    before: FormPiece | None
    pieces: list[FormPiece]

    @property
    def mark(self) -> str:
        """The mark before the item; empty where a word such as `and` stands there."""
        return self.before.mark if self.before else ","

    def has(self, *kinds: str) -> bool:
        return any(kind(piece) in kinds for piece in self.pieces)

    @property
    def has_unknown(self) -> bool:
        return any(piece.is_unknown for piece in self.pieces)

    @property
    def is_form(self) -> bool:
        """Whether the item names a form by itself."""
        return any(kind(piece) == "form" or (kind(piece) == "use" and words_of([piece])) for piece in self.pieces)

    @property
    def is_unfinished(self) -> bool:
        """Whether it ends in `for …`, as `solution for intravenous` does before `or intramuscular injection`."""
        kinds = [kind(piece) for piece in self.pieces if kind(piece) in ("form", "use", "link")]
        return kinds[-1:] == ["link"]


def read_dose_form(words: Passage) -> DoseForm | Finding:
    """The one form that `words` name; a Finding where they name none (FORM_UNKNOWN), or several (FORM_UNMAPPED).

    A form without a code is a Finding, too.
    """
    readings = _read_field(words.text)
    if len(readings) > 1:
        return Finding(UNMAPPED, f"{words.text!r} names {len(readings)} forms.", words, "dosage_forms")
    if readings[0].code is None:
        return _finding(words, readings[0])
    return _form(words, readings[0])


def read_dose_forms(field: Passage) -> tuple[tuple[DoseForm, ...], tuple[Finding, ...]]:
    """Every form of a dosage-form field, in order. One without a code is kept, and has a Finding of the same place."""
    readings = _read_field(field.text)
    forms = tuple(_form(field, reading) for reading in readings)
    return forms, tuple(_finding(field, reading) for reading in readings if reading.code is None)


def find_dose_form(words: Passage) -> DoseForm | None:
    """The longest form with a code among other words; None where there is none.

    >>> find_dose_form(Passage("5 mg film-coated tablets")).place.text
    'film-coated tablets'
    """
    found = _find(words.text)
    return _form(words, found) if found else None


def find_uncoded_form(words: Passage) -> Passage | None:
    """The last name among other words that has no code: a container, or a form such as `inhaler`.

    >>> find_uncoded_form(Passage("it comes as a premixed bag of")).text
    'premixed bag'
    """
    found = None
    for run in _unbroken_runs(pieces_of(words.text)):
        if any(kind(piece) in ("container", "unclear", "form") for piece in run):
            found = words.part(run[0].start, run[-1].end)
    return found


def separators(text: str) -> tuple[FormPiece, ...]:
    """The words that stand between two forms, as `and` does, outside of brackets."""
    return tuple(piece for piece in pieces_of(text) if kind(piece) == "separator" and not piece.depth)


def strength_basis(form: DoseForm) -> str | None:
    """What a strength of the form is measured by: a value of `strength_basis` in dose_forms.csv; None where unknown.

    A form without a code has the basis that its spelling states, or the one that all the forms it names share.
    """
    return basis_of(form.place.text, form.code)


def _form(words: Passage, reading: NameReading) -> DoseForm:
    return DoseForm(words.part(reading.start, reading.end), reading.code)


def _finding(words: Passage, reading: NameReading) -> Finding:
    return Finding(reading.reason, reading.message, words.part(reading.start, reading.end), "dosage_forms")


@lru_cache(maxsize=8192)
def _read_field(text: str) -> tuple[NameReading, ...]:
    readings = tuple(read_name(text, name) for name in _names(pieces_of(text)))
    place = Passage(text).strip() or Passage(text)
    return readings or (NameReading(place.start, place.end, None, UNKNOWN, f"{place.text!r} names no form."),)


@lru_cache(maxsize=8192)
def _find(text: str) -> NameReading | None:
    runs = (list(_names(tuple(run))) for run in _known_runs(pieces_of(text)))
    readings = [read_name(text, names[0]) for names in runs if len(names) == 1]
    coded = [reading for reading in readings if reading.code]
    return max(coded, key=lambda reading: reading.end - reading.start, default=None)


def _known_runs(pieces: tuple[FormPiece, ...]) -> Iterator[list[FormPiece]]:
    """Stretches without an unknown word or a line break, without what adds nothing at their ends."""
    run: list[FormPiece] = []
    for piece in pieces:
        if piece.is_unknown or piece.mark == "\n":
            yield _trimmed(run)
            run = []
        else:
            run.append(piece)
    yield _trimmed(run)


def _unbroken_runs(pieces: tuple[FormPiece, ...]) -> Iterator[list[FormPiece]]:
    """Stretches of words that may make one name."""
    for is_name, run in groupby(pieces, lambda piece: kind(piece) not in ("", "filler", "separator")):
        if is_name:
            yield list(run)


def _trimmed(pieces: list[FormPiece]) -> list[FormPiece]:
    ends = ("", "filler", "separator", "container")
    start, end = 0, len(pieces)
    while start < end and kind(pieces[start]) in ends:
        start += 1
    is_opened = any(piece.mark == "(" for piece in pieces[start:])
    while start < end and kind(pieces[end - 1]) in (*ends, "link"):
        if is_opened and pieces[end - 1].mark == ")":
            break
        end -= 1
    return pieces[start:end]


# --- which items make one name -------------------------------------------------------------------------------------


def _names(pieces: tuple[FormPiece, ...]) -> Iterator[list[FormPiece]]:
    """The pieces of each name of a list."""
    items = list(_items(pieces))
    at = 0
    while at < len(items):
        count, name = _longest_listed(items[at : at + _MOST_ITEMS])
        last = min(at + _MOST_ITEMS, len(items))
        at += count
        while at < last and _belongs(name, items[at]):
            name.pieces += items[at].pieces
            at += 1
        yield name.pieces


def _items(pieces: tuple[FormPiece, ...]) -> Iterator[_Item]:
    item = _Item(None, [])
    for piece in pieces:
        is_separator = piece.mark not in ("", "(", ")") or kind(piece) == "separator"
        if not is_separator or piece.depth:
            item.pieces.append(piece)
            continue
        if not all(part.mark for part in item.pieces):
            yield item
            item = _Item(piece, [])
        elif item.mark != "\n" and piece.mark != ",":  # of several separators a comma says least, a new line most
            item.before = piece
    if not all(part.mark for part in item.pieces):
        yield item


def _longest_listed(items: list[_Item]) -> tuple[int, _Item]:
    """How many items make the longest name of the tables that begins here, and that name; else the first item."""
    for count in range(len(items), 0, -1):
        pieces = list(_with_separators(items[:count]))
        meaning = listed(pieces) or listed(_core(pieces))
        if meaning is not None:
            whole = replace(pieces[0], end=pieces[-1].end, meaning=meaning, mark="")
            return count, _Item(items[0].before, [whole])
    return 1, _Item(items[0].before, list(items[0].pieces))


def _with_separators(items: list[_Item]) -> Iterator[FormPiece]:
    yield from items[0].pieces
    for item in items[1:]:
        if item.before:
            yield item.before
        yield from item.pieces


def _core(pieces: list[FormPiece]) -> list[FormPiece]:
    """The pieces without a site before them (`eye drops, solution`), and without brackets and containers behind."""
    start = next((i for i, piece in enumerate(pieces) if kind(piece) not in ("site", "neutral", "filler")), len(pieces))
    end = len(pieces)
    while end > start and (pieces[end - 1].depth or kind(pieces[end - 1]) in ("neutral", "filler", "container")):
        end -= 1
    return pieces[start:end]


def _belongs(name: _Item, item: _Item) -> bool:
    """Whether an item goes on with the name before it, and is no new one."""
    if item.mark == "\n" or name.has_unknown or item.has_unknown:
        return False
    if not name.is_form:
        return not name.has("container") and (bool(item.mark) or not name.has("quality", "unclear"))
    if item.has("form"):
        return False
    if item.is_form:
        return name.is_unfinished or words_of(item.pieces) <= words_of(name.pieces)
    if item.has("container"):
        return False
    return bool(item.mark) or not item.has("quality", "unclear")
