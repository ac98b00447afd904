"""The parts of one entry of a dose list that names several forms.

    entry = part { ( ";" | "," | "." | separator ) part }      Inhaler: 100 mcg/dose; Syrup: 2 mg/5 mL

A part begins where another form does: before it, where forms stand before their strengths, or after it, where they
stand behind (`5 mg tablets, 10 mg capsules`). A container that cannot hold the form before it begins a part, too
(`Tablets 5 mg; ampoules 2 mg/mL`), and so does a label. A separator is a word such as `and`; it parts where both sides
name their form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from pipelines.normalize.dose_form import find_dose_form, find_uncoded_form, read_dose_forms, separators, strength_basis
from pipelines.normalize.strengths import states_amount, tokens_of
from pipelines.records import DoseForm, Passage

_LABEL = re.compile(r"[^:;]{1,120}?(?=\s*:(?!\d))")
_CUT = re.compile(r"[;,](?!\d)|\.(?=\s+[A-Z])|[()]")
_DIGIT = re.compile(r"\d")
_MOST_SEPARATORS = 20  # a longer enumeration is read as one, so that time stays linear
_IN_ANY_CONTAINER = frozenset({None, "liquid", "powder"})


def has_number(words: Passage) -> bool:
    """Whether a digit stands in the words."""
    return _DIGIT.search(words.text) is not None


def has_label(words: str) -> bool:
    """Whether the words begin with a label such as `Syrup:`; an amount before a colon is none."""
    label = _LABEL.match(words)
    return label is not None and not states_amount(*tokens_of(label[0]))


def label_and_dose(item: Passage) -> tuple[Passage | None, Passage]:
    """The label and the dose of an item. A form alone is a label too."""
    found = _LABEL.match(item.text)
    if found is not None and not states_amount(*tokens_of(found[0])):
        colon = item.text.index(":", found.end())
        return item.part(0, found.end()).strip(), item.part(colon + 1, len(item.text)).strip()
    if not has_number(item) and _is_form(item):
        return item, Passage("", item.end)
    return None, item


def _is_form(words: Passage) -> bool:
    forms, findings = read_dose_forms(words)
    return bool(forms) and not findings


def parts_of(entry: Passage) -> list[Passage]:
    """An entry parted where another form begins or ends."""
    pieces = [part for piece in _pieces(entry) for part in _parted_by_words(piece)]
    if len(pieces) < 2:  # noqa: PLR2004
        return pieces
    label = label_and_dose(pieces[0])[0]
    spoken = find_dose_form(label) or find_uncoded_form(label) if label is not None else None
    if spoken is not None:
        code = spoken.code if isinstance(spoken, DoseForm) else None
        begins = [number for number, piece in enumerate(pieces) if number and _begins_item(piece, code)]
    else:
        begins = _begins_of_forms(pieces)
    edges = [0, *begins, len(pieces)]
    return [entry.part(pieces[a].start - entry.start, pieces[b - 1].end - entry.start) for a, b in pairwise(edges)]


def _pieces(entry: Passage) -> list[Passage]:
    """The words between marks that stand in no bracket and not in the label (`TABLET, FILM COATED: 5 mg`)."""
    pieces: list[Passage] = []
    label = _LABEL.match(entry.text)
    depth = begun = 0
    for mark in _CUT.finditer(entry.text, label.end() if label else 0):
        depth = max(0, depth + {"(": 1, ")": -1}.get(mark[0], 0))
        if depth == 0 and mark[0] not in "()":
            pieces.append(entry.part(begun, mark.start()).strip())
            begun = mark.end()
    pieces.append(entry.part(begun, len(entry.text)).strip())
    return [piece for piece in pieces if piece]


def _parted_by_words(piece: Passage) -> Iterator[Passage]:
    """`40 mg tablets and as a 1 mg/mL solution`: two pieces where each side names its own form and number."""
    begun = 0
    for word in separators(piece.text)[:_MOST_SEPARATORS]:
        left, right = piece.part(begun, word.start).strip(), piece.part(word.end, len(piece.text)).strip()
        if _DIGIT.search(left.text) and _names_another(left, right):
            yield left
            begun = word.end
    yield piece.part(begun, len(piece.text)).strip()


def _names_another(left: Passage, right: Passage) -> bool:
    form = find_dose_form(right) if _DIGIT.search(right.text) else None
    return form is not None and (_comes_first(right, form.place) or find_dose_form(left) is not None)


def _begins_item(piece: Passage, spoken: str | None) -> bool:
    """`Syrup: 2 mg/5 mL`, `syrup 2 mg/5 mL`: a label of its own, a form that comes first, or another form."""
    if has_label(piece.text):
        return True
    form = find_dose_form(piece) if _DIGIT.search(piece.text) else None
    return form is not None and (
        form.place.start == piece.start or (form.code != spoken and states_amount(*tokens_of(piece.text)))
    )


def _begins_of_forms(pieces: list[Passage]) -> list[int]:
    """Where items begin that name their forms without a label; none where there is one form in all."""
    named = _named(pieces)
    if len({form.code or form.place.text for form in named.values()}) < 2:  # noqa: PLR2004
        return []
    first = min(named)
    if _comes_first(pieces[first], named[first].place):
        return [number for number in named if number]
    return [number + 1 for number in list(named)[:-1]]


def _named(pieces: list[Passage]) -> dict[int, DoseForm]:
    """The pieces with a number that name a form, or a container that does not hold the form before it."""
    named: dict[int, DoseForm] = {}
    latest: DoseForm | None = None
    for number, piece in enumerate(pieces):
        form = find_dose_form(piece) if _DIGIT.search(piece.text) else None
        form = form or _uncoded(piece, latest)
        if form is not None:
            named[number] = latest = form
    return named


def _uncoded(piece: Passage, latest: DoseForm | None) -> DoseForm | None:
    words = before_number(piece)
    place = find_uncoded_form(words) if states_amount(*tokens_of(piece.text)) else None
    form = DoseForm(place) if place else None
    is_held = form is not None and latest is not None and latest.code is not None and holds(form, latest)
    return None if is_held else form


def before_number(words: Passage) -> Passage:
    """The words before the first number; all where there is none."""
    digit = _DIGIT.search(words.text)
    return words.part(0, digit.start()) if digit else words


def holds(form: DoseForm, other: DoseForm) -> bool:
    """Whether a form without a code may be the container of another: an ampoule of an injection, not of tablets."""
    own, others = strength_basis(form), strength_basis(other)
    return own == others if own is not None else others in _IN_ANY_CONTAINER


def _comes_first(piece: Passage, form: Passage) -> bool:
    digit = _DIGIT.search(piece.text)
    return digit is not None and form.start - piece.start < digit.start()
