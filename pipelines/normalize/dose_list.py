"""A list of doses: the strengths of its items, and the form that each belongs to.

The form is the one that an item's label names, or else the one that stands among the words of the dose (`5 mg
tablets`), or else the only one that the monograph declares. A label that names two forms (`Cream or ointment: 5 %`)
gives the strength to each of them. An item whose label speaks of doses to be given (`Adults: 5 mg`) states no strength.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipelines.normalize.dose_form import find_dose_form, find_uncoded_form, read_dose_forms, strength_basis
from pipelines.normalize.dose_items import Item, items
from pipelines.normalize.dose_parts import before_number, holds
from pipelines.normalize.route import find_routes
from pipelines.normalize.strengths import Around, StrengthReading, read_strengths_of, speaks_of_doses, tokens_of
from pipelines.records import Component, DoseForm, Finding, FindingCode, Passage, Strength
from schemas import codes
from schemas.codes import fold

_SECTION_TITLES = frozenset(codes.by_spelling("section_titles"))

_UNQUANTIFIED = FindingCode("STRENGTH_UNQUANTIFIED")
_NOT_STRENGTH = FindingCode("DOSE_NOT_STRENGTH")


@dataclass(frozen=True, slots=True)
class DoseListReading:
    """Strengths and forms in order of print. The `row_no` of a finding is the ordinal of its strength."""

    strengths: tuple[Strength, ...] = ()
    forms: tuple[DoseForm, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_dose_list(body: Passage, declared: tuple[DoseForm, ...], around: Around) -> DoseListReading:
    """Every strength of a dose list.

    `declared` are the forms of the dosage-form field, for items that name none. The names of the drug, which `around`
    holds, may stand as labels.
    """
    strengths: list[Strength] = []
    forms: list[DoseForm] = []
    findings: list[Finding] = []
    for item in items(body):
        reading = _read_item(item, declared, around)
        forms += reading.forms
        findings += [_renumbered(finding, len(strengths)) for finding in reading.findings]
        strengths += reading.strengths
    return DoseListReading(tuple(strengths), tuple(forms), tuple(findings))


def _renumbered(finding: Finding, before: int) -> Finding:
    return finding if finding.row_no is None else replace(finding, row_no=finding.row_no + before)


def _read_item(item: Item, declared: tuple[DoseForm, ...], around: Around) -> DoseListReading:
    if item.is_note:
        return _no_strengths(item, around, "it stands in a note to the list")
    if item.label is not None and speaks_of_doses(*tokens_of(item.label.text)):
        return _no_strengths(item, around, "its label speaks of doses to be given")
    forms, findings = _forms_of(item, declared, around.names)
    spoken: tuple[DoseForm | None, ...] = forms or (declared if len(declared) == 1 else (None,))
    strengths: list[Strength] = []
    for form in spoken:
        reading = _read_dose(item, form, replace(around, basis=_basis((form,) if form else declared)))
        findings += [_renumbered(finding, len(strengths)) for finding in reading.findings]
        strengths += [Strength(strength.components, form) for strength in reading.strengths]
    kept = forms if strengths or item.label else ()
    return DoseListReading(tuple(strengths), _with_strength(kept, bool(strengths)), tuple(findings))


def _read_dose(item: Item, form: DoseForm | None, around: Around) -> StrengthReading:
    """The strengths of one form; a form without any is kept as one strength without a number."""
    reading = read_strengths_of(item.dose, around)
    if reading.strengths or _only_doses(reading) or not (form or reading.is_unquantified):
        return reading
    place = item.dose or item.label or item.dose
    why = "No strength that can be read with certainty stands with the form."
    unquantified = Finding(_UNQUANTIFIED, why, place, "strengths", 1)
    return StrengthReading((Strength((Component(place, "unquantified"),)),), (unquantified, *reading.findings))


def _with_strength(forms: tuple[DoseForm, ...], has_strength: bool) -> tuple[DoseForm, ...]:  # noqa: FBT001
    return tuple(replace(form, has_strength=has_strength) for form in forms)


def _only_doses(reading: StrengthReading) -> bool:
    """Whether all that was found is said to be no strength, as in `5 mg three times daily`."""
    return bool(reading.findings) and all(finding.code == _NOT_STRENGTH for finding in reading.findings)


def _no_strengths(item: Item, around: Around, why: str) -> DoseListReading:
    """Every amount of the item, as a finding."""
    amounts = read_strengths_of(item.dose, around).strengths
    places = [component.place for strength in amounts for component in strength.components]
    message = f"Not read as a strength: {why}."
    return DoseListReading(findings=tuple(Finding(_NOT_STRENGTH, message, place) for place in places))


def _forms_of(
    item: Item, declared: tuple[DoseForm, ...], names: frozenset[str]
) -> tuple[tuple[DoseForm, ...], list[Finding]]:
    """The forms that the label names, or else the one that stands among the words of the dose.

    A label that names no known form is kept as a form without a code, unless it is known to name something else.
    """
    among = find_dose_form(item.dose)
    if item.label is None:
        return ((among,), []) if among is not None else _uncoded(item.dose, declared)
    forms, findings = read_dose_forms(item.label)
    if forms and all(form.code is not None for form in forms):
        return forms, []
    inside = find_dose_form(item.label) or among
    if inside is not None:
        return (inside,), []
    return ((), []) if _names_no_form(item.label, names) else (forms, list(findings))


def _uncoded(dose: Passage, declared: tuple[DoseForm, ...]) -> tuple[tuple[DoseForm, ...], list[Finding]]:
    """A form without a code before the number, as in `inhaler 100 mcg`; none where it may hold the declared form."""
    words = find_uncoded_form(before_number(dose))
    if words is None or (len(declared) == 1 and holds(DoseForm(words), declared[0])):
        return (), []
    forms, findings = read_dose_forms(words)
    return forms, list(findings)


def _names_no_form(label: Passage, names: frozenset[str]) -> bool:
    """`Strengths:`, `Intramuscular use:` and `Amoxicillin:` are labels that leave the form open."""
    words = fold(label.text)
    is_route = bool(find_routes(label)) and find_uncoded_form(label) is None
    return words in _SECTION_TITLES or words in names or is_route


def _basis(forms: tuple[DoseForm, ...]) -> str | None:
    """The basis that all the forms share; None where they differ or one has none."""
    bases = {strength_basis(form) for form in forms}
    return bases.pop() if len(bases) == 1 else None
